"""What a record is found by in numbers: cadence, spectrum, energies of particles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from registry import dates
from registry.model import Parameter, Range, Record
from vocabularies import spectra

CADENCES = (
    (0.001, "under 1 ms"),
    (0.1, "1 ms to 0.1 s"),
    (1.0, "0.1 s to 1 s"),
    (10.0, "1 s to 10 s"),
    (60.0, "10 s to 1 min"),
    (600.0, "1 min to 10 min"),
    (3600.0, "10 min to 1 h"),
    (86400.0, "1 h to 1 d"),
    (2629746.0, "1 d to 1 month"),
    (float("inf"), "1 month or more"),
)
"""Upper end in seconds, itself left out, and name of the steps that cadences are counted in."""

_PICTURES = ("PNG", "GIF", "JPEG", "PDF", "Postscript", "MPEG", "AVI", "TIFF")

Ranges = list[tuple[float, float]]


def parameters(record: Record) -> Iterator[Parameter]:
    """The parameters of a record, and the columns of its tables."""
    yield from record.parameters
    for table in record.tables:
        yield from table.columns


def cadences(record: Record) -> Ranges:
    """The ranges of cadence in seconds: of the record, and of each parameter that has its own."""
    found: dict[tuple[float, float], None] = {}
    ends = [_seconds(record.cadence_min), _seconds(record.cadence_max)]
    given = sorted(end for end in ends if end)
    if given:
        found[given[0], given[-1]] = None
    for text in (record.cadence, *(one.cadence for one in parameters(record))):
        length = _seconds(text)
        if length:
            found[length, length] = None
    return list(found)


def steps(ranges: Ranges) -> list[str]:
    """The steps of CADENCES that ranges of cadence lie in."""
    found: dict[str, None] = {}
    for low, high in ranges:
        below = 0.0
        for end, name in CADENCES:
            if low < end and high >= below:
                found[name] = None
            below = end
    return list(found)


def spectrum(record: Record) -> Ranges:
    """The ranges of light and waves that a record covers, as frequencies in Hz."""
    found: dict[tuple[float, float], None] = {}
    for one in record.energies:
        _add(found, _frequencies(one.low, one.high, one.units))
    for parameter in record.parameters:
        if parameter.kind not in ("Wave", "Field"):
            continue
        for one in parameter.ranges:
            if one.kind in ("WavelengthRange", "FrequencyRange", "EnergyRange"):
                _add(found, _frequencies(one.low, one.high, one.units))
    return list(found)


def particle_energies(record: Record) -> Ranges:
    """The ranges of particle energy that a record covers, in eV, per nucleon or charge alike."""
    found: dict[tuple[float, float], None] = {}
    for parameter in record.parameters:
        if parameter.kind == "Particle":
            for one in parameter.ranges:
                if one.kind == "EnergyRange":
                    _add(found, _energies(one.low, one.high, one.units))
    return list(found)


def spectral_names(record: Record) -> list[str]:
    """The named parts of the spectrum: of the record, and of its parameters' ranges."""
    ranges: Iterable[Range] = (one for each in record.parameters for one in each.ranges)
    names = [*record.spectral_ranges, *(one.spectral_range for one in ranges)]
    return list(dict.fromkeys(filter(None, names)))


def has_preview(record: Record) -> bool:
    """Whether pictures of the data are on offer."""
    return any(
        any(url.style == "Overview" for url in access.urls)
        or any(form in _PICTURES for form in access.formats)
        for access in record.access
    )


@lru_cache(maxsize=4096)
def _seconds(text: str) -> float | None:
    return dates.seconds(text) if text else None


@lru_cache(maxsize=16384)
def _frequencies(low: str, high: str, units: str) -> tuple[float, float] | None:
    return _ends(spectra.hertz(number, units) for number in _numbers(low, high))


@lru_cache(maxsize=16384)
def _energies(low: str, high: str, units: str) -> tuple[float, float] | None:
    return _ends(spectra.electronvolts(number, units) for number in _numbers(low, high))


def _numbers(*texts: str) -> list[float]:
    found = []
    for text in filter(None, texts):
        try:
            found.append(float(text))
        except ValueError:
            return []
    return found


def _ends(numbers: Iterable[float | None]) -> tuple[float, float] | None:
    """The range between numbers, to six digits; None where there is none, or it makes no sense."""
    given = [float(f"{one:.6g}") for one in numbers if one is not None and 0 <= one < 1e30]
    return (min(given), max(given)) if given else None


def _add(found: dict[tuple[float, float], None], ends: tuple[float, float] | None) -> None:
    if ends is not None:
        found[ends] = None
