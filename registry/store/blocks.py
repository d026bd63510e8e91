"""Records in blocks of their ids, which stay the same as records come and go: for sitemaps."""

from __future__ import annotations

from sqlalchemy import func, select

from registry.store import tables as t
from registry.store.reading import Reader


def blocks(reader: Reader, size: int) -> list[tuple[int, int]]:
    """(number from 1, newest datestamp of a record in it) of each block that has current records;
    a record that was deleted counts for the datestamp."""
    r = t.record.c
    number = (r.id - 1) // size
    query = select(
        number.label("block"), func.max(r.datestamp), func.count().filter(r.deleted == 0)
    )
    rows = reader.connection.execute(query.group_by("block").order_by("block"))
    return [(int(row[0]) + 1, int(row[1])) for row in rows if row[2]]


def in_block(
    reader: Reader, number: int, size: int, after: int, limit: int
) -> list[tuple[int, str, int]]:
    """(id, key, datestamp) of the first `limit` current records of a block behind an id."""
    r = t.record.c
    first = (number - 1) * size
    query = select(r.id, r.key, r.datestamp).where(
        r.id > max(after, first), r.id <= first + size, r.deleted == 0
    )
    rows = reader.connection.execute(query.order_by(r.id).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]
