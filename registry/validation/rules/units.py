"""Rules about units: whether they can be read, and what they are in the syntax of VOUnits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import said, short
from registry.validation.rules.registry import rule
from schemas.parts import Part
from vocabularies.units import AMBIGUOUS, OTHER, READ, UNKNOWN, Reading, reading

_quiet: set[str] = {""}
"""Spellings of which there is nothing to say; bounded, since documents choose them."""


def has_doubtful(document: Part, model: Record, lookup: Lookup) -> bool:
    """Whether a unit is other than exactly a VOUnit. The longest walk of all: it is written so."""
    quiet = _quiet
    for parameter in model.parameters:
        if parameter.units not in quiet and not _is_quiet(parameter.units):
            return True
        for element in parameter.elements:
            if element.units not in quiet and not _is_quiet(element.units):
                return True
        for one in parameter.ranges:
            if one.units not in quiet and not _is_quiet(one.units):
                return True
    return any(
        column.units not in quiet and not _is_quiet(column.units)
        for table in model.tables
        for column in table.columns
    )


def _is_quiet(units: str) -> bool:
    if reading(units).sort in (READ, OTHER, AMBIGUOUS, UNKNOWN):
        return False
    if len(_quiet) < 4096:
        _quiet.add(units)
    return True


_last: tuple[Record | None, dict[str, int]] = (None, {})
"""The record asked about last, and how often it has each spelling: three rules ask in turn."""


def _counts(model: Record) -> dict[str, int]:
    global _last
    of, counts = _last
    if of is not model:
        found: list[str] = []
        quiet = _quiet
        for one in model.parameters:
            if one.units not in quiet:
                found.append(one.units)
            if one.elements:
                found += [part.units for part in one.elements if part.units not in quiet]
            if one.ranges:
                found += [span.units for span in one.ranges if span.units not in quiet]
        for table in model.tables:
            found += [column.units for column in table.columns if column.units not in quiet]
        counts = Counter(found)
        _last = (model, counts)
    return counts


def _spellings(model: Record, *sorts: str) -> Iterator[tuple[str, Reading, str]]:
    """Each spelling of one of these sorts once, its reading, and where else it stands."""
    for units, count in _counts(model).items():
        found = reading(units)
        if found.sort in sorts:
            yield units, found, f" ({count} times in this record)" if count > 1 else ""


def _element(model: Record) -> str:
    return "Units" if model.format == "spase" else "unit"


@rule("unit.unknown", WARNING, "a unit that cannot be read", when=has_doubtful)
def unknown(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    name = _element(model)
    for units, found, often in _spellings(model, UNKNOWN):
        why = f": {found.about!r} is no unit" if found.about[:1].isalnum() else ""
        message = f"`{name}` is {short(units)!r}, which nobody reads as a unit{why}{often}"
        remedy = "write a unit such as nT, km/s or cm**-3; what is no unit belongs in Description"
        yield said(document, name, units, message, remedy)


@rule("unit.ambiguous", WARNING, "a unit that can be read in two ways", when=has_doubtful)
def ambiguous(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    name = _element(model)
    for units, _, often in _spellings(model, AMBIGUOUS):
        message = f"`{name}` is {short(units)!r}, which can be read in two ways{often}"
        remedy = "set what is divided by in parentheses, as in ct/(s.cm**2), and give each "
        remedy += "exponent one sign"
        yield said(document, name, units, message, remedy)


@rule("unit.spelling", ADVICE, "a unit that is not spelled as VOUnits spells it",
      when=has_doubtful)  # fmt: skip
def spelling(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """VOUnits 1.1, section 2: the one spelling that programs read."""
    name = _element(model)
    for units, found, often in _spellings(model, READ, OTHER):
        if found.sort == OTHER:
            message = f"`{name}` is {short(units)!r}, read as {found.about}, which VOUnits lacks"
            remedy = "say in UnitsConversion how many SI units it is"
            if model.format == "spase":
                yield said(document, name, units, message + often, remedy)
            continue
        message = f"`{name}` is {short(units)!r}, read as {found.unit}{often}"
        remedy = f"write {found.unit}, so that programs read it too"
        if found.counted:
            remedy += f", and name the {found.counted[0]} in Description, since no unit does"
        yield said(document, name, units, message, remedy)
