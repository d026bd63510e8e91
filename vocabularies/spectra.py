"""Wavelengths, energies and frequencies on one axis, and the ways their units are written.

Light of a wavelength, a photon energy or a frequency is one thing said in three ways; `hertz` makes
one of them. Energies of particles are another thing: `electronvolts` keeps them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Reader = Callable[[float, str], float | None]
"""A number and its unit, as a number in the one unit of the axis."""

LIGHT = 299_792_458.0
"""Speed of light in m/s (exact, SI)."""
ELECTRONVOLT = 1.602176634e-19
"""In J (exact, SI)."""
PLANCK = 6.62607015e-34
"""In J s (exact, SI)."""
_EV_HERTZ = ELECTRONVOLT / PLANCK

_PREFIX = {
    "": 1.0,
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "c": 1e-2,
    "d": 1e-1,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
}
_LENGTHS = {f"{letter}m": size for letter, size in _PREFIX.items() if letter not in ("M", "G", "T")}
_LENGTHS |= dict.fromkeys(("angstrom", "angstroms", "ångström", "ångströms", "å", "aa"), 1e-10)
_LENGTHS |= dict.fromkeys(("micron", "microns", "micrometer", "micrometers", "micrometre"), 1e-6)
_LENGTHS |= dict.fromkeys(("nanometer", "nanometers", "nanometre", "nanometres"), 1e-9)
_FREQUENCIES = {f"{letter}Hz": _PREFIX[letter] for letter in ("", "m", "k", "M", "G", "T")}
_ENERGIES = {f"{letter}eV": _PREFIX[letter] for letter in ("", "m", "k", "M", "G", "T")}
_ENERGIES |= {"J": 1 / ELECTRONVOLT, "erg": 1e-7 / ELECTRONVOLT}

_PER = re.compile(r"\s*/\s*(?:n|nuc|nucl|nucleon|ion|amu|u|e|q|charge)\.?\s*$", re.IGNORECASE)
_MICRO = str.maketrans({"µ": "u", "μ": "u"})


def _factor(known: dict[str, float], unit: str) -> float | None:
    """How much a unit is; capitals count only where two prefixes differ by nothing else."""
    unit = unit.strip().translate(_MICRO)
    if unit in known:
        return known[unit]
    near = {size for name, size in known.items() if name.lower() == unit.lower()}
    return near.pop() if len(near) == 1 else None


def hertz(number: float, unit: str) -> float | None:
    """The frequency of light of this wavelength, photon energy or frequency; None for others."""
    length = _factor(_LENGTHS, unit)
    if length is not None:
        return LIGHT / (number * length) if number > 0 else None
    energy = _factor(_ENERGIES, unit)
    if energy is not None:
        return number * energy * _EV_HERTZ
    frequency = _factor(_FREQUENCIES, unit)
    return None if frequency is None else number * frequency


def electronvolts(number: float, unit: str) -> float | None:
    """An energy in eV, of a particle, a nucleon or an elementary charge; None for others."""
    energy = _factor(_ENERGIES, _PER.sub("", unit))
    return None if energy is None else number * energy


def is_wavelength(unit: str) -> bool:
    return _factor(_LENGTHS, unit) is not None
