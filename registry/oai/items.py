"""Which records a repository has as items, and under which identifiers and in which sets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol
from urllib.parse import unquote

from registry import identifiers
from registry.oai import sets
from registry.store.kept import KeptRecord
from registry.store.listing import Selection
from registry.store.reading import Reader


class Items(Protocol):
    """What tells two repositories over one store apart, formats aside."""

    def identifiers(self, reader: Reader, records: Sequence[KeptRecord]) -> list[str]:
        """The OAI identifiers of records, in their order."""

    def find(self, reader: Reader, identifier: str) -> KeptRecord | None:
        """The record that a client means; None if there is none."""

    def sets_of(self, reader: Reader, records: Sequence[KeptRecord]) -> list[list[str]]:
        """The setSpecs of the sets that each record is in."""

    def every_set(self, reader: Reader) -> Iterable[tuple[str, str]]:
        """(setSpec, setName) of every set that has a record."""

    def selections(self, set_: str) -> list[Selection]:
        """What is in a set, all for ''; [] for a setSpec that is none here."""

    def own(self) -> list[KeptRecord]:
        """Records of the repository itself, which the store does not hold."""

    def descriptions(self) -> list[str]:
        """What Identify says of the repository beyond what all say, an element each."""


class AllRecords:
    """The items of `/oai`: every record under its own identifier."""

    def identifiers(self, reader: Reader, records: Sequence[KeptRecord]) -> list[str]:
        return [identifiers.iri(one.key) for one in records]

    def find(self, reader: Reader, identifier: str) -> KeptRecord | None:
        for key, record in reader.records_by_key(keys(identifier)).items():
            if identifiers.iri(key) == identifiers.iri(identifier):
                return record
        return None

    def sets_of(self, reader: Reader, records: Sequence[KeptRecord]) -> list[list[str]]:
        return [sets.sets_of(one) for one in records]

    def every_set(self, reader: Reader) -> Iterable[tuple[str, str]]:
        return sets.every_set(reader)

    def selections(self, set_: str) -> list[Selection]:
        found = sets.selection(set_)
        return [] if found is None else [found]

    def own(self) -> list[KeptRecord]:
        return []

    def descriptions(self) -> list[str]:
        return []


def keys(identifier: str) -> list[str]:
    """The keys that an identifier may stand for: as it is, and percent-decoded."""
    if identifiers.scheme(identifier) == "ivo" and ("?" in identifier or "#" in identifier):
        return []  # a part of a record, and no record
    return [identifiers.key(identifier), identifiers.key(unquote(identifier))]
