"""Rules about references: whether they lead anywhere, and to the right kind of resource."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from registry import identifiers
from registry.findings import WARNING, Finding
from registry.model import Record
from registry.validation.followed import FOLLOWED
from registry.validation.lookup import Lookup
from registry.validation.rules.places import found, listed, said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Written, decoded
from schemas.parts import Part
from schemas.spase.tables import VERSIONS, type_of

_KINDS = {
    "PersonID": ("Person",),
    "InstrumentID": ("Instrument",),
    "ModeledInstrumentID": ("Instrument",),
    "InstrumentGroupID": ("Instrument",),
    "ObservatoryID": ("Observatory",),
    "ObservatoryGroupID": ("Observatory",),
    "RepositoryID": ("Repository",),
    "ModelID": ("Model",),
}
"""The kind of resource that an element names, where SPASE's dictionary says one."""
_MOST_SEARCHES = 20
_NO_RECORD_NEEDED = ("PriorID",)


_NAMES = tuple(
    (name, name.encode())
    for name in (
        "AssociationID", "InputResourceID", "InstrumentGroupID", "InstrumentID", "MemberID",
        "ModelID", "ModeledInstrumentID", "ObservatoryGroupID", "ObservatoryID", "ParentID",
        "PersonID", "PriorID", "RepositoryID",
    )
)  # fmt: skip


def names(record: Written | Record) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The record's identifier and its references, (element, target); None where it has none."""
    if isinstance(record, Record):
        return (record.identifier, tuple(record.references)) if record.references else None
    there = record.texts
    found = [(name, decoded(raw)) for name, tag in _NAMES if tag in there for raw in there[tag]]
    named = tuple(dict.fromkeys(one for one in found if one[1]))
    return (record.first(b"ResourceID"), named) if named else None


def any_doubtful(asked: tuple[str, Iterable[tuple[str, str]]], lookup: Lookup) -> bool:
    """Whether any reference is other than one, well formed, to a known record of the right kind."""
    own, references = asked
    known = lookup.known
    for element, target in references:
        if target == own:
            return True
        # What a retired identifier looked like is of no matter, nor that it is gone.
        retired = element == "PriorID"
        if target[:8] != "spase://" or " " in target:
            if not retired or identifiers.key(target) == identifiers.key(own):
                return True
            continue
        other = known(target)
        if other is None:
            if not retired:
                return True
        elif element in _KINDS and other.kind not in _KINDS[element]:
            return True
        if element in FOLLOWED and _way_back(own, target, element, lookup):
            return True
    return False


def doubtful(document: Part, model: Record, lookup: Lookup) -> bool:
    return any_doubtful((model.identifier, model.references), lookup)


@cache
def _told_by_schema(element: str, version: str) -> bool:
    """Whether the version's schema asks for an identifier's form itself (since 2.6.0)."""
    return version in VERSIONS and type_of(element, version) == "typeID"


def _at(
    document: Part,
    element: str,
    target: str,
    message: str,
    remedy: str,
    replacement: str | None = None,
) -> Finding:
    """A finding where the record names `target`: in the text, or in VOResource's ivo-id."""
    attribute = ""
    if document.format == "voresource":
        named = (one for one in ("ivo-id", "ivo_id")
                 if found(document, element, target, attribute=one) is not None)  # fmt: skip
        attribute = next(named, "")
        replacement = replacement if attribute else None
    return said(document, element, target, message, remedy, replacement, attribute=attribute)


@rule(
    "reference.unknown",
    WARNING,
    "a reference leads to no record",
    first=names,
    among=any_doubtful,
    when=doubtful,
)
def unknown(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    searches = 0
    for element, target in model.references:
        if element in _NO_RECORD_NEEDED:
            continue
        key = identifiers.key(target)
        if lookup.known(key) or not lookup.covers(key) or identifiers.fault(target):
            continue
        if lookup.successors(key):
            continue
        message = f"`{element}` names {short(target)}, which leads nowhere: it was looked for in "
        message += lookup.scope
        alike = lookup.alike(key)
        if len(alike) == 1:
            message += f"; {alike[0]} differs from it in upper and lower case only"
            yield _at(document, element, target, message, f"write {alike[0]}", alike[0])
            continue
        # Looking for what was meant costs more than all else.
        near = lookup.near(key, _KINDS.get(element, ())) if searches < _MOST_SEARCHES else []
        searches += 1
        remedy = (
            f"did you mean {listed(near)}?" if near else "correct it, or describe what it names"
        )
        yield _at(document, element, target, message, remedy)


@rule("reference.retired", WARNING, "a reference names an identifier that another has replaced",
      first=names, among=any_doubtful,
      when=doubtful)  # fmt: skip
def retired(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for element, target in model.references:
        key = identifiers.key(target)
        if element in _NO_RECORD_NEEDED or lookup.known(key):
            continue
        after = lookup.successors(key)
        if not after:
            continue
        message = f"`{element}` names {short(target)}, a retired identifier"
        if len(after) == 1:
            message += f"; the record is now {after[0]}"
            yield _at(document, element, target, message, f"write {after[0]}", after[0])
        else:
            message += f"; {len(after)} records name it as their PriorID"
            yield _at(document, element, target, message, f"choose one of {listed(after[:5])}")


@rule("reference.kind", WARNING, "a reference leads to the wrong kind of resource",
      formats=["spase"], first=names, among=any_doubtful,
      when=doubtful)  # fmt: skip
def kind(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for element, target in model.references:
        wanted = _KINDS.get(element)
        known = lookup.known(identifiers.key(target)) if wanted else None
        if wanted and known and known.kind and known.kind not in wanted:
            message = (
                f"`{element}` names {short(target)}, which is of kind {known.kind}; it must name "
                f"one of kind {wanted[0]}"
            )
            near = lookup.near(target, wanted)
            remedy = f"did you mean {listed(near)}?" if near else f"name the {wanted[0]} instead"
            yield _at(document, element, target, message, remedy)


@rule(
    "reference.form",
    WARNING,
    "a reference is no identifier at all",
    formats=["spase"],
    first=names,
    among=any_doubtful,
    when=doubtful,
)
def form(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for element, target in model.references:
        # What a retired identifier looked like is of no matter any more.
        if element == "PriorID" or lookup.successors(identifiers.key(target)):
            continue
        if _told_by_schema(element, model.version) and "://" not in target:
            continue
        fault = identifiers.fault(target) or ("it contains a space" if " " in target else "")
        if fault:
            message = f"`{element}` is {short(target)!r}, which is no identifier: {fault}"
            remedy = "write the identifier of the record that is meant, like spase://Authority/Path"
            yield _at(document, element, target, message, remedy)


@rule(
    "reference.circular",
    WARNING,
    "a reference leads back to the record itself",
    first=names,
    among=any_doubtful,
    when=doubtful,
)
def circular(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    own = identifiers.key(model.identifier)
    for element, target in model.references:
        key = identifiers.key(target)
        if key == own:
            message = f"`{element}` names the record itself"
            yield _at(document, element, target, message, "remove it, or name what was meant")
        elif element in FOLLOWED:
            way = _way_back(own, key, element, lookup)
            if way:
                message = f"`{element}` leads in a circle: {' → '.join([own, *way, own])}"
                yield _at(document, element, target, message, "remove one of these references")


def _way_back(own: str, start: str, element: str, lookup: Lookup) -> list[str]:
    """The records between `start` and `own` along one element; [] where it does not lead back."""
    ways = [[start]]
    seen = {start}
    while ways and len(seen) < 100:
        way = ways.pop()
        for after in lookup.targets(way[-1], element):
            if after == own:
                return way
            if after not in seen:
                seen.add(after)
                ways.append([*way, after])
    return []
