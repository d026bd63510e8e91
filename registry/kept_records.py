"""Kept records as the model sees them: content parsed, mapped, with their neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mappings.models import model_of, reference_keys
from registry.model import Neighbours, Record
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from schemas.documents import element


def model(kept: KeptRecord, content: bytes, *, parameters: bool = True) -> Record:
    """The model of a kept record; a DOI of ours stands in it as the record's own would."""
    record = model_of(kept.format, element(content), parameters=parameters)
    if kept.minted_doi:
        record.doi = kept.minted_doi
    return record


def models(
    reader: Reader, records: Sequence[KeptRecord], *, parameters: bool = True
) -> list[tuple[KeptRecord, Record]]:
    """The models of current records, in order; their content is read in one query a batch."""
    bodies = reader.bodies([kept.revision_id for kept in records])
    return [
        (kept, model(kept, bodies[kept.revision_id], parameters=parameters)) for kept in records
    ]


def neighbours(reader: Reader, keys: Iterable[str]) -> Neighbours:
    """Labels of what records refer to, and of the observatories of the instruments among it."""
    found = reader.labels(keys)
    further = {o for label in found.values() for o in label.observatories if o not in found}
    return found | reader.labels(further) if further else found


def neighbours_of(reader: Reader, record: Record) -> Neighbours:
    """The neighbours of one record."""
    return neighbours(reader, [key for _, key in reference_keys(record)])
