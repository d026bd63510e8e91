"""Identifiers in lists: of the records of a kind, and of what records name."""

from __future__ import annotations

from sqlalchemy import select

from registry.store import tables as t
from registry.store.reading import Reader


def identifiers_of(reader: Reader, format_: str, kind: str) -> list[str]:
    """Identifiers of the current records of a kind, in order."""
    r = t.record.c
    query = select(r.identifier).where(r.format == format_, r.kind == kind, r.deleted == 0)
    return list(reader.connection.execute(query.order_by(r.identifier)).scalars())


def named_by(reader: Reader, format_: str, kind: str, element: str) -> list[str]:
    """Keys that the current records of a kind name in an element, each once, in order; whether
    there is such a record or not."""
    r, other = t.record.c, t.reference.c
    query = (
        select(other.target)
        .distinct()
        .join(t.record, r.id == other.record_id)
        .where(r.format == format_, r.kind == kind, r.deleted == 0, other.element == element)
    )
    return list(reader.connection.execute(query.order_by(other.target)).scalars())
