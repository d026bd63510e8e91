"""What followers are told of a record: the one place where model becomes document and triples."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mappings import to_rdf as rdf
from mappings.models import reference_keys
from mappings.to_search import to_search
from registry.kept_records import models, neighbours
from registry.model import Neighbours, Record
from registry.store.kept import KeptRecord
from registry.store.reading import Reader


@dataclass(slots=True)
class Described:
    """A current record with its model and neighbours; None and {} when it is deleted."""

    kept: KeptRecord
    record: Record | None
    neighbours: Neighbours

    def document(self) -> dict[str, object]:
        """Its search document, digest included."""
        assert self.record is not None
        fields = to_search(self.record, self.neighbours, verdict=self.kept.verdict)
        return with_digest(fields)

    def triples(self, public_url: str) -> list[str]:
        """Its N-Triples lines."""
        assert self.record is not None
        return rdf.to_rdf(self.record, self.neighbours, public_url)


def described(reader: Reader, records: Sequence[KeptRecord]) -> list[Described]:
    """Records with their models and neighbours; the neighbours come in one query a batch."""
    current = models(reader, [kept for kept in records if not kept.deleted])
    wanted = {key for _, record in current for _, key in reference_keys(record)}
    labels = neighbours(reader, wanted)
    found = {kept.id: Described(kept, record, labels) for kept, record in current}
    return [found.get(kept.id) or Described(kept, None, {}) for kept in records]


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
