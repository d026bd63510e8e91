"""What data cover, and their columns (VODataService 1.2, sections 3.3 and 3.4).

No spatial coverage: it is a region of the sky in a frame that IVOA's list has, and heliophysics
measures where it is, in frames that the list lacks.
"""

from __future__ import annotations

from datetime import UTC, datetime

from mappings.to_voresource_xml import element, text_element
from registry import dates
from registry.model import Parameter, Record, Span
from vocabularies import ucds, units

_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)
_WAVEBANDS = {
    "RadioFrequency": "Radio",
    "Microwave": "Millimeter",
    "Infrared": "Infrared",
    "He10830": "Infrared",
    "Optical": "Optical",
    "WhiteLight": "Optical",
    "CaK": "Optical",
    "Halpha": "Optical",
    "K7699": "Optical",
    "NaD": "Optical",
    "Ni6768": "Optical",
    "Ultraviolet": "UV",
    "FarUltraviolet": "UV",
    "LBHBand": "UV",
    "ExtremeUltraviolet": "EUV",
    "He304": "EUV",
    "XRays": "X-ray",
    "SoftXRays": "X-ray",
    "HardXRays": "X-ray",
    "HardXrays": "X-ray",
    "GammaRays": "Gamma-ray",
}


def coverage(record: Record, moment: datetime) -> str:
    """The `coverage` element; '' where nothing can be said. What still runs reaches `moment`."""
    spans = dict.fromkeys(filter(None, (_interval(span, moment) for span in record.spans)))
    bands = dict.fromkeys(_WAVEBANDS[one] for one in record.spectral_ranges if one in _WAVEBANDS)
    parts = [text_element("temporal", one) for one in spans]
    parts += [text_element("waveband", one) for one in bands]
    return element("coverage", parts)


def _interval(span: Span, moment: datetime) -> str:
    """A span in MJD; '' where its beginning is unknown or its end lies before it."""
    start, stop = dates.moment(span.start), dates.moment(span.stop)
    if stop is None:
        stop = dates.shifted(moment, span.relative_stop) if span.relative_stop else moment
    if start is None or stop is None or stop < start:
        return ""
    return f"{_mjd(start)} {_mjd(stop)}"


def _mjd(moment: datetime) -> str:
    days = (moment - _MJD_ZERO).total_seconds() / 86_400
    return f"{days:.6f}".rstrip("0").rstrip(".")


def tableset(record: Record) -> str:
    """A record's parameters as the columns of one table; '' where it has none."""
    columns = list(filter(None, map(_column, record.parameters)))
    if not columns:
        return ""
    table = element("table", [text_element("name", "data"), *columns])
    return element("tableset", [element("schema", [text_element("name", "default"), table])])


def _column(parameter: Parameter) -> str:
    unit = units.reading(parameter.units) if parameter.units else None
    said = f"{parameter.name}: {parameter.description}" if parameter.description else parameter.name
    parts = [
        text_element("name", parameter.key or parameter.name),
        text_element("description", said),
        text_element("unit", unit.unit if unit else ""),
        text_element("ucd", _ucd(parameter.ucd)),
    ]
    return element("column", parts) if parts[0] else ""


def _ucd(text: str) -> str:
    """A UCD whose every word IVOA's list has; '' for any other."""
    words = [one.strip().lower() for one in text.split(";")] if text else []
    known = ucds.words()
    return ";".join(known[one][0] for one in words) if all(one in known for one in words) else ""
