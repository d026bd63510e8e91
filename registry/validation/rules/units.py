"""Rules about units: whether they can be read, and what they are in the syntax of VOUnits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Fine, Written, decoded, written
from schemas.parts import Part
from vocabularies.units import AMBIGUOUS, OTHER, READ, UNKNOWN, Reading, reading

_WRITTEN = re.compile(rb"<Units>([^<]*)<")


def _all(document: Part, model: Record) -> Counter[str]:
    """Every unit of the record, and how often it stands there."""
    texts = written(document)
    found: Counter[str] = Counter()
    if texts is not None:
        for raw, count in Counter(_in_bytes(texts)).items():
            found[decoded(raw)] += count
        return found
    for one in model.parameters:
        found[one.units] += 1
        found.update(part.units for part in one.elements)
        found.update(span.units for span in one.ranges)
    for table in model.tables:
        found.update(column.units for column in table.columns)
    return found


def in_doubt(texts: Written) -> bool:
    """Whether a unit is other than exactly a VOUnit."""
    return not _fine_bytes.all(_in_bytes(texts))


_last_bytes: tuple[Written | None, list[bytes]] = (None, [])


def _in_bytes(texts: Written) -> list[bytes]:
    global _last_bytes
    if _last_bytes[0] is not texts:
        _last_bytes = texts, texts.parameters(_WRITTEN)
    return _last_bytes[1]


def has_doubtful(document: Part, model: Record, lookup: Lookup) -> bool:
    return not _fine.all(_all(document, model))


def _is_quiet(units: str) -> bool:
    return reading(units).sort not in (READ, OTHER, AMBIGUOUS, UNKNOWN)


_fine: Fine[str] = Fine(_is_quiet)
_fine_bytes: Fine[bytes] = Fine(lambda raw: _is_quiet(decoded(raw)))

_last: tuple[Part | None, dict[str, int]] = (None, {})
"""The record asked about last, and how often it has each spelling: three rules ask in turn."""


def _counts(document: Part, model: Record) -> dict[str, int]:
    global _last
    of, counts = _last
    if of is not document:
        every = _all(document, model).items()
        counts = {units: count for units, count in every if not _is_quiet(units)}
        _last = (document, counts)
    return counts


def _spellings(document: Part, model: Record, *sorts: str) -> Iterator[tuple[str, Reading, str]]:
    """Each spelling of one of these sorts once, its reading, and where else it stands."""
    for units, count in _counts(document, model).items():
        found = reading(units)
        if found.sort in sorts:
            yield units, found, f" ({count} times in this record)" if count > 1 else ""


def _element(document: Part) -> str:
    return "Units" if document.format == "spase" else "unit"


@rule("unit.unknown", WARNING, "a unit that cannot be read", first=in_doubt, when=has_doubtful)
def unknown(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    name = _element(document)
    for units, found, often in _spellings(document, model, UNKNOWN):
        why = f": {found.about!r} is no unit" if found.about[:1].isalnum() else ""
        message = f"`{name}` is {short(units)!r}, which nobody reads as a unit{why}{often}"
        remedy = "write a unit such as nT, km/s or cm**-3; what is no unit belongs in Description"
        yield said(document, name, units, message, remedy)


@rule(
    "unit.ambiguous",
    WARNING,
    "a unit that can be read in two ways",
    first=in_doubt,
    when=has_doubtful,
)
def ambiguous(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    name = _element(document)
    for units, _, often in _spellings(document, model, AMBIGUOUS):
        message = f"`{name}` is {short(units)!r}, which can be read in two ways{often}"
        remedy = "set what is divided by in parentheses, as in ct/(s.cm**2), and give each "
        remedy += "exponent one sign"
        yield said(document, name, units, message, remedy)


@rule("unit.spelling", ADVICE, "a unit that is not spelled as VOUnits spells it",
      first=in_doubt, when=has_doubtful)  # fmt: skip
def spelling(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """VOUnits 1.1, section 2: the one spelling that programs read."""
    name = _element(document)
    for units, found, often in _spellings(document, model, READ, OTHER):
        if found.sort == OTHER:
            message = f"`{name}` is {short(units)!r}, read as {found.about}, which VOUnits lacks"
            remedy = "say in UnitsConversion how many SI units it is"
            if document.format == "spase":
                yield said(document, name, units, message + often, remedy)
            continue
        message = f"`{name}` is {short(units)!r}, read as {found.unit}{often}"
        remedy = f"write {found.unit}, so that programs read it too"
        if found.counted:
            remedy += f", and name the {found.counted[0]} in Description, since no unit does"
        yield said(document, name, units, message, remedy)
