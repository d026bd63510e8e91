"""Findings on a record of the registry that are not stored: they depend on others, or on rules that
change without the record. Made when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from registry import identifiers
from registry.findings import WARNING, Finding
from registry.model import Neighbours, Record
from registry.store.kept import KeptPlace, KeptRecord
from registry.store.reading import Reader
from registry.validation.choosing import Choice
from registry.validation.lookup import Known, Lookup, Stored
from registry.validation.rules.asking import findings
from registry.web.public_places import public_place
from schemas.parts import Part

PLACES = "identifier.places"
OTHER_DOI = "doi.differs"
_NAMED = 5


def beyond(
    kept: KeptRecord,
    body: bytes,
    root: Any,
    record: Record,
    lookup: Lookup,
    severities: Mapping[str, str],
) -> list[Finding]:
    """What the rules beyond the schema find in a record as it is kept.

    `root` is the element that `body` holds, `record` what was read from it.
    """
    part = Part(kept.format, kept.version, kept.kind, kept.identifier, root, body)
    return Choice(severities=severities).told(findings(part, record, lookup))


class Beside(Stored):
    """The store, where the labels of what a record names have been asked for already."""

    def __init__(self, reader: Reader, named: Iterable[str], labels: Neighbours) -> None:
        super().__init__(reader)
        self._labels = labels
        self._named = frozenset(named)

    def known(self, key: str) -> Known | None:
        if key not in self._named:
            return super().known(key)
        label = self._labels.get(key)
        return Known(label.identifier or key, label.kind) if label else None


def all_findings(
    reader: Reader,
    kept: KeptRecord,
    body: bytes,
    root: Any,
    record: Record,
    places: Sequence[KeptPlace],
    severities: Mapping[str, str],
    lookup: Lookup | None = None,
) -> list[Finding]:
    """What is wrong with a current record: what is stored, and what is derived now; by line.

    `lookup` knows the other records; else each is asked for.
    """
    choice = Choice(severities=severities)
    stored = choice.told(reader.findings(kept.revision_id))
    derived = beyond(kept, body, root, record, lookup or Stored(reader), severities)
    if cut_out(places):
        derived = without_lines(derived)
    told = {(one.rule, one.path, one.message) for one in stored}
    derived = [one for one in derived if (one.rule, one.path, one.message) not in told]
    places_told = choice.told([*in_several_places(places), *another_doi(kept, record)])
    return [*places_told, *sorted([*stored, *derived], key=lambda one: one.line)]


def cut_out(places: Sequence[KeptPlace]) -> bool:
    """Whether the record was cut out of a larger document, whose lines its stored findings name."""
    return any(place.current and place.part for place in places)


def in_several_places(places: Sequence[KeptPlace]) -> list[Finding]:
    """The finding that names the other places of a record; [] for a record in one place."""
    others = [public_place(place) for place in places if not place.current]
    if not others:
        return []
    named = ", ".join(_named(one) for one in others[:_NAMED])
    more = f" and {len(others) - _NAMED:,} more" if len(others) > _NAMED else ""
    number = "one other document has" if len(others) == 1 else f"{len(others)} other documents have"
    return [
        Finding(
            PLACES,
            WARNING,
            f"{number} the same identifier: {named}{more}; they are kept, and this one is shown",
            remedy="give each record an identifier of its own, or remove the copies",
        )
    ]


def _named(place: KeptPlace) -> str:
    """A place, and whether what it says is something else: then somebody has to decide."""
    part = f" {place.part}" if place.part else ""
    return f"{place.path}{part} ({place.source}{', another content' if place.differs else ''})"


def another_doi(kept: KeptRecord, record: Record) -> list[Finding]:
    """The finding that a record carries another DOI than the one that was minted for it here.

    `record` is read from the source, without the DOI of ours.
    """
    carried = identifiers.doi(record.doi)
    if not kept.minted_doi or not carried or carried == identifiers.doi(kept.minted_doi):
        return []
    return [
        Finding(
            OTHER_DOI,
            WARNING,
            f"the record carries the DOI {carried}, and {kept.minted_doi} was minted for it here",
            remedy=f"write {kept.minted_doi} in the record, which leads here; what was given "
            "another DOI elsewhere has two now, and one of them should be hidden",
        )
    ]


def without_lines(found: Sequence[Finding]) -> list[Finding]:
    """The findings without lines: those of a part would be taken for its document's."""
    return [replace(one, line=0, column=0) for one in found]
