"""Lists of records in the order of their changes, a page at a time, deleted ones included.

A list is cut by change numbers alone. Dates are turned into change numbers once, when it begins:
datestamps never decrease from one change to the next (docs/decisions.md, section 3). So a page
costs what it holds, however large the store is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from registry.store import tables as t
from registry.store.kept import KeptRecord
from registry.store.reading import Reader, kept_record, records_query


@dataclass(slots=True, frozen=True)
class Selection:
    """Which records a list is of; an empty value selects nothing out.

    `once_valid`: only records that are valid or have been.
    """

    format: str = ""
    kind: str = ""
    authority: str = ""
    once_valid: bool = False


def bounds(reader: Reader, start: int | None, end: int | None) -> tuple[int, int]:
    """(after, upper): the change numbers n with after < n <= upper are those with datestamps from
    `start` to `end`, both included, in seconds; None leaves that side open."""
    r = t.record.c
    after, upper = 0, reader.last_change()
    if start is not None:
        query = select(r.change_number).where(r.datestamp >= start)
        first = reader.connection.execute(
            query.order_by(r.datestamp, r.change_number).limit(1)
        ).scalar()
        after = upper if first is None else first - 1
    if end is not None:
        query = select(r.change_number).where(r.datestamp <= end)
        last = reader.connection.execute(
            query.order_by(r.datestamp.desc(), r.change_number.desc()).limit(1)
        ).scalar()
        upper = min(upper, last or 0)
    return after, upper


def page(
    reader: Reader, selection: Selection, after: int, upper: int, limit: int
) -> list[tuple[KeptRecord, int]]:
    """(record, size of its content in bytes) of the first `limit` records of a list, in order."""
    query = records_query(t.revision.c.size).join(
        t.revision, t.revision.c.id == t.record.c.revision_id
    )
    query = _selected(query, selection, after, upper)
    query = query.order_by(t.record.c.change_number).limit(limit)
    return [(kept_record(row), row.size) for row in reader.connection.execute(query)]


def count(reader: Reader, selection: Selection, after: int, upper: int) -> int:
    """How many records a list holds."""
    query = _selected(select(func.count()).select_from(t.record), selection, after, upper)
    return reader.connection.execute(query).scalar() or 0


def dropped_out(
    reader: Reader, selection: Selection, after: int, upper: int, end: int | None, limit: int
) -> list[KeptRecord]:
    """Records that had a change in a list's range and have changed again since, in order.

    What the list has brought already had its changes before `after`, so none of it is here.
    """
    within = (
        select(t.change.c.record_id)
        .where(t.change.c.number > after, t.change.c.number <= upper)
        .distinct()
    )
    query = _selected(records_query(), selection, upper, reader.last_change())
    query = query.where(t.record.c.id.in_(within))
    if end is not None:
        query = query.where(t.record.c.datestamp <= end)
    query = query.order_by(t.record.c.change_number).limit(limit)
    return [kept_record(row) for row in reader.connection.execute(query)]


def earliest_datestamp(reader: Reader) -> int:
    """The datestamp that none is before: of the oldest change, else when the store was made."""
    first = reader.connection.execute(select(func.min(t.record.c.datestamp))).scalar()
    if first is None:
        first = reader.connection.execute(select(func.min(t.source.c.added))).scalar()
    return int(first or 0)


def kinds(reader: Reader) -> list[tuple[str, str]]:
    """(format, kind) of every record, deleted ones too, in order."""
    return _distinct(reader, t.record.c.format, t.record.c.kind)


def authorities(reader: Reader) -> list[tuple[str, str]]:
    """(format, authority) of every record, deleted ones too, in order."""
    return _distinct(reader, t.record.c.format, t.record.c.authority)


def _distinct(reader: Reader, first: Any, second: Any) -> list[tuple[str, str]]:
    """The distinct pairs, by one step in the index for each: DISTINCT reads every row."""
    found: list[tuple[str, str]] = []
    query = select(first, second).order_by(first, second).limit(1)
    row = reader.connection.execute(query).first()
    while row is not None:
        found.append((row[0], row[1]))
        # Two steps: a comparison of pairs would run over all rows of the pair it stands at.
        below = query.where(first == row[0], second > row[1])
        beside = query.where(first > row[0])
        row = reader.connection.execute(below).first() or reader.connection.execute(beside).first()
    return found


def _selected(query: Select[Any], selection: Selection, after: int, upper: int) -> Select[Any]:
    r = t.record.c
    query = query.where(r.change_number > after, r.change_number <= upper)
    if selection.format:
        query = query.where(r.format == selection.format)
    if selection.kind:
        query = query.where(r.kind == selection.kind)
    if selection.authority:
        query = query.where(r.authority == selection.authority)
    if selection.once_valid:
        query = query.where(r.was_valid == 1)
    return query
