"""What is known of other records while one is judged: nothing, a batch, the store, or several.

A rule asks a `Lookup`. `NOTHING` knows no record and says so by covering none; a `Batch` is made
from the records of the same call (`entries` finds them in a document's bytes, without parsing
it), or from the whole store; `Stored` asks the store one question at a time; `Combined` asks
several, the first that knows wins. Keys are those of `registry.identifiers.key`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from registry.validation.entries import Entry
from registry.validation.near import NearMisses

if TYPE_CHECKING:
    from registry.store.reading import Reader

_T = TypeVar("_T")


@dataclass(slots=True, frozen=True)
class Known:
    """A record as others see it: its identifier as it is written, and its kind."""

    identifier: str
    kind: str


class Lookup(Protocol):
    """The questions that a rule may ask about other records."""

    @property
    def scope(self) -> str:
        """Among what was looked, for messages: `the 37 records given`, `the registry`."""

    def known(self, key: str) -> Known | None:
        """The record with this key; None where none is known."""

    def covers(self, key: str) -> bool:
        """Whether it means anything that no record with this key is known."""

    def near(self, key: str, kinds: Collection[str] = ()) -> list[str]:
        """Identifiers that look like this one, the likeliest first, at most three."""

    def successors(self, key: str) -> list[str]:
        """Identifiers of the records that name this one as their PriorID."""

    def alike(self, key: str) -> list[str]:
        """Identifiers of other records that differ from this one in upper and lower case only."""

    def places(self, key: str) -> list[str]:
        """Where documents with this identifier lie, among those of the same call."""

    def with_doi(self, doi: str) -> list[str]:
        """Identifiers of the records that carry this DOI (bare, lower case)."""

    def targets(self, key: str, element: str) -> list[str]:
        """Keys of what the record with this key names by elements of this name."""


class _Nothing:
    scope = "nothing"

    def known(self, key: str) -> Known | None:
        return None

    def covers(self, key: str) -> bool:
        return False

    def near(self, key: str, kinds: Collection[str] = ()) -> list[str]:
        return []

    def successors(self, key: str) -> list[str]:
        return []

    def alike(self, key: str) -> list[str]:
        return []

    def places(self, key: str) -> list[str]:
        return []

    def with_doi(self, doi: str) -> list[str]:
        return []

    def targets(self, key: str, element: str) -> list[str]:
        return []


NOTHING: Lookup = _Nothing()
"""Knows no record, so that no reference can be judged."""


def folder(key: str) -> str:
    """`spase://SMWG/Person` of `spase://SMWG/Person/A.Name`: where records of one sort stand."""
    return "/".join(key.split("/", 4)[:4])


class Batch:
    """The records of one call, or of a whole store. Can be sent to another process.

    `whole`: the records are all there are, so that any other identifier leads nowhere. Else only
    identifiers beside those of at least two records given (`spase://SMWG/Person/…`) are judged.
    """

    def __init__(self, entries: Iterable[Entry], *, whole: bool = False, scope: str = "") -> None:
        self.whole = whole
        self._known: dict[str, Known] = {}
        self._places: dict[str, list[str]] = {}
        self._successors: dict[str, list[str]] = {}
        self._dois: dict[str, list[str]] = {}
        self._targets: dict[tuple[str, str], list[str]] = {}
        for entry in entries:
            self._add(entry)
        number = len(self._known)
        self.scope = scope or f"the {number:,} record{'s' if number != 1 else ''} given"

    def _add(self, entry: Entry) -> None:
        key = entry.key
        self._known.setdefault(key, Known(entry.identifier, entry.kind))
        if entry.path:
            self._places.setdefault(key, []).append(entry.path)
        if entry.doi:
            self._dois.setdefault(entry.doi, []).append(entry.identifier)
        for element, target in entry.targets:
            self._targets.setdefault((key, element), []).append(target)
            if element == "PriorID" and target != key:
                self._successors.setdefault(target, []).append(entry.identifier)

    @cached_property
    def _folders(self) -> frozenset[str]:
        once: set[str] = set()
        twice: set[str] = set()
        for key in self._known:
            name = folder(key)
            (twice if name in once else once).add(name)
        return frozenset(twice)

    @cached_property
    def _near(self) -> NearMisses:
        return NearMisses((known.identifier, known.kind) for known in self._known.values())

    @cached_property
    def _lower(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key in self._known:
            found.setdefault(key.lower(), []).append(key)
        return {lower: keys for lower, keys in found.items() if len(keys) > 1 or keys[0] != lower}

    def known(self, key: str) -> Known | None:
        return self._known.get(key)

    def covers(self, key: str) -> bool:
        return self.whole or folder(key) in self._folders

    def near(self, key: str, kinds: Collection[str] = ()) -> list[str]:
        return self._near.of(key, kinds)

    def successors(self, key: str) -> list[str]:
        return self._successors.get(key, [])

    def alike(self, key: str) -> list[str]:
        others = self._lower.get(key.lower(), ())
        return [self._known[other].identifier for other in others if other != key]

    def places(self, key: str) -> list[str]:
        return self._places.get(key, [])

    def with_doi(self, doi: str) -> list[str]:
        return list(dict.fromkeys(self._dois.get(doi, ())))

    def targets(self, key: str, element: str) -> list[str]:
        return self._targets.get((key, element), [])


class Stored:
    """The store, one question at a time, within the reader's snapshot: for single records.

    For many records `whole_store` asks once.
    """

    scope = "the registry"

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._asked: dict[str, Known | None] = {}

    def known(self, key: str) -> Known | None:
        if key not in self._asked:
            label = self._reader.labels([key]).get(key)
            self._asked[key] = Known(label.identifier or key, label.kind) if label else None
        return self._asked[key]

    def covers(self, key: str) -> bool:
        return True

    def near(self, key: str, kinds: Collection[str] = ()) -> list[str]:
        beside = self._reader.identifiers_like(folder(key) + "/", 20_000)
        return NearMisses((one, "") for one in beside).of(key)

    def successors(self, key: str) -> list[str]:
        return [kept.identifier for kept in self._reader.succeeding(key) if kept.key != key]

    def alike(self, key: str) -> list[str]:
        return self._reader.identifiers_in_other_case(folder(key) + "/", key)

    def places(self, key: str) -> list[str]:
        return []

    def with_doi(self, doi: str) -> list[str]:
        return [kept.identifier for kept in self._reader.by_doi(doi)]

    def targets(self, key: str, element: str) -> list[str]:
        kept = self._reader.record(key)
        if kept is None or kept.deleted:
            return []
        return [to for name, to in self._reader.references([kept.id])[kept.id] if name == element]


def whole_store(reader: Reader) -> Batch:
    """All current records of the store, in one go, to be sent to worker processes."""
    found: list[Entry] = []
    for records in reader.all_records():
        references = reader.references([record.id for record in records])
        found += (
            Entry(
                record.key,
                record.identifier,
                record.kind,
                doi=record.doi,
                targets=tuple(references[record.id]),
            )
            for record in records
        )
    return Batch(found, whole=bool(found), scope="the registry")


class Combined:
    """Several lookups as one: the records of a call before those of the store."""

    def __init__(self, *lookups: Lookup) -> None:
        self._lookups = lookups
        self.scope = " and ".join(lookup.scope for lookup in lookups)

    def known(self, key: str) -> Known | None:
        return self._first(lambda lookup: lookup.known(key))

    def covers(self, key: str) -> bool:
        return any(lookup.covers(key) for lookup in self._lookups)

    def near(self, key: str, kinds: Collection[str] = ()) -> list[str]:
        return self._all(lambda lookup: lookup.near(key, kinds))[:3]

    def successors(self, key: str) -> list[str]:
        return self._all(lambda lookup: lookup.successors(key))

    def alike(self, key: str) -> list[str]:
        return self._all(lambda lookup: lookup.alike(key))

    def places(self, key: str) -> list[str]:
        return self._all(lambda lookup: lookup.places(key))

    def with_doi(self, doi: str) -> list[str]:
        return self._all(lambda lookup: lookup.with_doi(doi))

    def targets(self, key: str, element: str) -> list[str]:
        # A record given replaces the stored one, with all that it names.
        for lookup in self._lookups:
            if lookup.known(key) is not None:
                return lookup.targets(key, element)
        return []

    def _first(self, ask: Callable[[Lookup], _T | None]) -> _T | None:
        for lookup in self._lookups:
            found = ask(lookup)
            if found is not None:
                return found
        return None

    def _all(self, ask: Callable[[Lookup], Sequence[str]]) -> list[str]:
        return list(dict.fromkeys(one for lookup in self._lookups for one in ask(lookup)))
