"""Numbers with units as people type them: a cadence, a wavelength, an energy, a range of them."""

from __future__ import annotations

import math
import re
import unicodedata

from mappings.to_search import UNITS
from registry import dates
from vocabularies import spectra

EXAMPLES = {
    "spectrum": "171 Å, 10-30 nm, 0.3-10 keV and 20-1000 kHz",
    "particle_energy": "50 keV and 1-10 MeV/nuc",
}

Ends = tuple[float, float]

_NUMBER = r"\d{1,12}(?:\.\d{1,12})?(?:[eE][+-]?\d{1,3})?"
_UNIT = r"[A-Za-zÅåµμ][A-Za-zÅåµμ/]{0,15}"
_RANGE = re.compile(
    rf"\s*({_NUMBER})\s*({_UNIT})?\s*(?:(?:-|–|to|\.\.|/)\s*({_NUMBER})\s*)?({_UNIT})?\s*"
)
_LENGTH = re.compile(rf"({_NUMBER})\s*([a-z]+)", re.IGNORECASE)
_SECONDS = {name: size for size, _, names in UNITS for name in names}
_SECONDS |= {"ms": 0.001, "millisecond": 0.001, "milliseconds": 0.001, "us": 1e-6, "µs": 1e-6}

_NEAR = 0.005
"""So far, in parts of itself, a single wavelength may lie from what a record says: 171 is 171.1."""


def seconds(text: str) -> float | None:
    """A length of time, `PT16S` or `16 s`; None for what is none."""
    plain = _LENGTH.fullmatch(text.strip())
    if plain:
        size = _SECONDS.get(plain[2].lower())
        return None if size is None else float(plain[1]) * size
    return dates.seconds(text.strip())


def light(text: str) -> Ends | None:
    """The frequencies in Hz that a wavelength, photon energy or frequency means; None if none."""
    return _ends(text, spectra.hertz)


def energy(text: str) -> Ends | None:
    """The particle energies in eV; None for what is no energy."""
    return _ends(text, spectra.electronvolts)


def _ends(text: str, read: spectra.Reader) -> Ends | None:
    found = _RANGE.fullmatch(unicodedata.normalize("NFC", text))
    if found is None:
        return None
    low, own, high, unit = found.groups()
    unit = unit or own
    if unit is None or (high is None and own and found[4]):
        return None
    numbers = [read(float(low), own or unit)]
    numbers.append(read(float(high), unit) if high is not None else numbers[0])
    first, last = numbers
    if first is None or last is None or not (math.isfinite(first) and math.isfinite(last)):
        return None
    if first == last:
        return first * (1 - _NEAR), last * (1 + _NEAR)
    return min(first, last), max(first, last)
