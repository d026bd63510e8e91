"""What followers are told of a record: the one place where model becomes document and triples."""

from __future__ import annotations

import hashlib
import marshal
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from mappings import to_rdf as rdf
from mappings.models import reference_keys
from mappings.to_search import to_search
from registry.kept_records import model, neighbours
from registry.model import Neighbours, Record
from registry.store.kept import KeptRecord
from registry.store.reading import Reader

Made = TypeVar("Made")


@dataclass(slots=True)
class Described:
    """A current record with its model and neighbours; None and {} when it is deleted.

    `fault` says why there is no model of a current record: reading it failed, through our fault.
    """

    kept: KeptRecord
    record: Record | None
    neighbours: Neighbours
    fault: str = ""
    source: str = ""
    """The name of the source that the record belongs to."""

    def document(self) -> dict[str, object]:
        """Its search document, digest included."""
        assert self.record is not None
        fields = to_search(
            self.record, self.neighbours, verdict=self.kept.verdict, source=self.source
        )
        return with_digest(fields)

    def triples(self, public_url: str) -> list[str]:
        """Its N-Triples lines."""
        assert self.record is not None
        return rdf.to_rdf(self.record, self.neighbours, public_url)

    def try_document(self, refused: list[tuple[str, str]]) -> dict[str, object] | None:
        """Its search document; None where there is none, and why in `refused` if it should be."""
        return self._tried(self.document, refused)

    def try_triples(self, public_url: str, refused: list[tuple[str, str]]) -> list[str] | None:
        """Its N-Triples lines; None where there are none, and why in `refused` if it should be."""
        return self._tried(lambda: self.triples(public_url), refused)

    def _tried(self, make: Callable[[], Made], refused: list[tuple[str, str]]) -> Made | None:
        if self.record is None:
            if self.fault:
                refused.append((self.kept.key, self.fault))
            return None
        try:
            return make()
        except Exception as error:  # noqa: BLE001
            # One record must not keep all the others from being found.
            refused.append((self.kept.key, fault_of_ours(error)))
            return None


def fault_of_ours(error: Exception) -> str:
    """What to say of a record in which a mapping failed."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"a fault of Parhelion's own in {where.name} ({type(error).__name__}: {error}); "
        "please report it, with the record"
    )


def described(reader: Reader, records: Sequence[KeptRecord]) -> list[Described]:
    """Records with their models and neighbours; the neighbours come in one query a batch."""
    faults: dict[int, str] = {}
    current = _models(reader, [kept for kept in records if not kept.deleted], faults)
    wanted = {key for _, record in current for _, key in reference_keys(record)}
    labels = neighbours(reader, wanted)
    names = reader.source_names()
    found = {
        kept.id: Described(kept, record, labels, source=names.get(kept.owner_id, ""))
        for kept, record in current
    }
    return [
        found.get(kept.id) or Described(kept, None, {}, faults.get(kept.id, "")) for kept in records
    ]


def _models(
    reader: Reader, records: Sequence[KeptRecord], faults: dict[int, str]
) -> list[tuple[KeptRecord, Record]]:
    bodies = reader.bodies([kept.revision_id for kept in records])
    made = []
    for kept in records:
        try:
            made.append((kept, model(kept, bodies[kept.revision_id])))
        except Exception as error:  # noqa: BLE001
            faults[kept.id] = fault_of_ours(error)
    return made


def every_described(reader: Reader) -> Iterator[Described]:
    """All current records, batch by batch."""
    for batch in reader.all_records():
        yield from described(reader, batch)


def with_digest(fields: dict[str, object]) -> dict[str, object]:
    """The document with the digest of its values, by which `check` compares."""
    fields.pop("digest", None)
    # Version 2 writes equal values alike, whatever is interned or shared.
    content = marshal.dumps(sorted(fields.items()), 2)
    fields["digest"] = hashlib.blake2b(content, digest_size=12).hexdigest()
    return fields
