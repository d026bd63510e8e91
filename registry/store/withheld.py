"""What a harvest would delete: found before it is done, and held back until all of it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from sqlalchemy import Connection, delete, func, insert, select

from registry.store import tables as t
from registry.store.taken import TakenDocument

Item = TypeVar("Item")
_SLICE = 500


def count_live(connection: Connection, source_id: int) -> int:
    """How many records a source holds that are not marked as deleted."""
    query = select(func.count(func.distinct(t.place.c.record_id)))
    found = connection.execute(
        query.where(t.place.c.source_id == source_id, t.place.c.gone == 0)
    ).scalar()
    return found or 0


def losses(
    connection: Connection, source_id: int, documents: Sequence[TakenDocument]
) -> dict[str, set[int]]:
    """The documents that take a record from its place, by path: the records' ids.

    A document does that when it no longer holds the record, or holds it marked as deleted.
    """
    found: dict[str, set[int]] = {}
    by_path = {document.path: document for document in documents}
    place, record = t.place.c, t.record.c
    for some in _slices(by_path):
        query = (
            select(place.path, place.part, place.record_id, record.key)
            .join(t.record, record.id == place.record_id)
            .where(place.source_id == source_id, place.path.in_(some), place.gone == 0)
        )
        for row in connection.execute(query):
            if _loses(by_path[row.path], row.part, row.key):
                found.setdefault(row.path, set()).add(row.record_id)
    return found


def _loses(document: TakenDocument, part: str, key: str) -> bool:
    if any(item.key == key and not item.gone for item in document.taken):
        return False
    refused = {item.part for item in document.refused}
    if part in refused or "" in refused:
        return False  # what cannot be read replaces nothing
    return document.complete or any(item.part == part for item in document.taken)


def records_at(connection: Connection, source_id: int, paths: Iterable[str]) -> dict[str, set[int]]:
    """The ids of the records that a source holds at these paths, deleted ones left out."""
    found: dict[str, set[int]] = {}
    place = t.place.c
    for some in _slices(paths):
        query = select(place.path, place.record_id).where(
            place.source_id == source_id, place.path.in_(some), place.gone == 0
        )
        for row in connection.execute(query):
            found.setdefault(row.path, set()).add(row.record_id)
    return found


def without_place(
    connection: Connection, source_id: int, record_ids: set[int], leaving: set[str]
) -> set[int]:
    """Which of these records the source holds nowhere but at the paths that are leaving."""
    left = set(record_ids)
    place = t.place.c
    for some in _slices(record_ids):
        query = select(place.path, place.record_id).where(
            place.source_id == source_id, place.record_id.in_(some), place.gone == 0
        )
        for row in connection.execute(query):
            if row.path not in leaving:
                left.discard(row.record_id)
    return left


def keys_of(connection: Connection, record_ids: Iterable[int], limit: int = 5) -> list[str]:
    """The identifiers of some of these records, for a message."""
    query = select(t.record.c.identifier).where(t.record.c.id.in_(sorted(record_ids)[:limit]))
    return sorted(connection.execute(query).scalars())


# -- between the pages of one harvest -------------------------------------------------------------


def withhold(
    connection: Connection, source_id: int, contents: Iterable[tuple[str, bytes | None]]
) -> None:
    """Notes deletions by path; a content (packed) is the record that says so itself."""
    rows = dict(contents)
    forget_withheld(connection, source_id, rows)
    if rows:
        values = [
            {"source_id": source_id, "path": path, "content": content}
            for path, content in rows.items()
        ]
        connection.execute(insert(t.withheld), values)


def withheld(connection: Connection, source_id: int) -> dict[str, bytes | None]:
    """The deletions noted, by path."""
    w = t.withheld.c
    rows = connection.execute(select(w.path, w.content).where(w.source_id == source_id))
    return {row.path: row.content for row in rows}


def forget_withheld(
    connection: Connection, source_id: int, paths: Iterable[str] | None = None
) -> None:
    """Forgets the deletions of these paths, or all of the source's."""
    w = t.withheld.c
    query = delete(t.withheld).where(w.source_id == source_id)
    if paths is None:
        connection.execute(query)
        return
    for some in _slices(paths):
        connection.execute(query.where(w.path.in_(some)))


def note_listed(connection: Connection, source_id: int, paths: Iterable[str]) -> None:
    """Notes what a full harvest has seen."""
    wanted = list(dict.fromkeys(paths))
    c = t.listed.c
    for some in _slices(wanted):
        connection.execute(delete(t.listed).where(c.source_id == source_id, c.path.in_(some)))
    if wanted:
        rows = [{"source_id": source_id, "path": path} for path in wanted]
        connection.execute(insert(t.listed), rows)


def forget_listed(connection: Connection, source_id: int) -> None:
    connection.execute(delete(t.listed).where(t.listed.c.source_id == source_id))


def unlisted(connection: Connection, source_id: int) -> list[str]:
    """The paths that a source holds and a full harvest has not seen."""
    place, seen = t.place.c, t.listed.c
    query = (
        select(place.path)
        .distinct()
        .where(
            place.source_id == source_id,
            place.gone == 0,
            place.path.not_in(select(seen.path).where(seen.source_id == source_id)),
        )
        .order_by(place.path)
    )
    return list(connection.execute(query).scalars())


def _slices(items: Iterable[Item]) -> Iterator[list[Item]]:
    every = list(items)
    return (every[start : start + _SLICE] for start in range(0, len(every), _SLICE))
