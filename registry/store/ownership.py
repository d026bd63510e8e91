"""Whom a record belongs to, and its current place (docs/decisions.md, sections 2 and 8).

A record belongs to the source that brought it first, unless a source of smaller precedence holds
it, or one whose vg:Registry manages its authority. Copies that other OAI-PMH peers pass on never
bring back what its owner deleted: else two registries that harvest each other would keep a deleted
record alive for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Select, and_, delete, exists, func, insert, or_, select, update

from registry.findings import VALID
from registry.store import tables as t

LOCAL, NOBODY = 1, 0
PASSED_ON = "oai-pmh"
"""The kind of source whose records may be copies of somebody else's."""


def best_place(connection: Connection, record: Any) -> tuple[Any, int]:
    """(the record's current place or None, the source that it belongs to).

    `record` is its row. The result depends on the order of commits only where two sources of one
    precedence bring the same record and neither manages its authority.
    """
    rows = _places(connection, record)
    owner = _owner(connection, record, rows)
    own = [row for row in rows if row.source_id == owner]
    if not own and owner != LOCAL:
        # What its owner dropped may lie in a collection of originals all the same.
        others = [row for row in rows if row.kind != PASSED_ON]
        first = min((_rank(row) for row in others), default=None)
        own = [row for row in others if _rank(row) == first]
    own.sort(key=lambda row: (row.path, row.part))
    own.sort(key=lambda row: (row.released, row.verdict == VALID), reverse=True)
    return (own[0] if own else None), owner


def _places(connection: Connection, record: Any) -> Sequence[Any]:
    query = (
        select(
            t.place.c.id, t.place.c.source_id, t.place.c.path, t.place.c.part,
            t.place.c.revision_id, t.revision.c.verdict, t.revision.c.released,
            t.source.c.precedence, t.source.c.kind, t.managed.c.authority,
        )
        .join(t.revision, t.revision.c.id == t.place.c.revision_id)
        .join(t.source, t.source.c.id == t.place.c.source_id)
        .outerjoin(
            t.managed,
            and_(
                t.managed.c.source_id == t.place.c.source_id,
                t.managed.c.authority == func.lower(record.authority),
            ),
        )
        .where(t.place.c.record_id == record.id, t.place.c.gone == 0)
        .order_by(t.place.c.id)
    )  # fmt: skip
    return connection.execute(query).all()


def _rank(row: Any) -> tuple[int, bool, int]:
    return row.precedence, row.authority is None, row.source_id


def _owner(connection: Connection, record: Any, rows: Sequence[Any]) -> int:
    """The source that the record belongs to now: another one only for a better claim."""
    s = t.source.c
    held = connection.execute(
        select(s.id, s.precedence, t.managed.c.authority)
        .outerjoin(
            t.managed,
            and_(
                t.managed.c.source_id == s.id,
                t.managed.c.authority == func.lower(record.authority),
            ),
        )
        .where(s.id == record.owner_id)
    ).one_or_none()
    owner = record.owner_id if held is not None else NOBODY
    claim = (held.precedence, held.authority is None) if held is not None else None
    for row in rows:
        its = (row.precedence, row.authority is None)
        if owner == LOCAL and claim is not None and its[0] >= claim[0]:
            continue  # what is our own is given away by configuration only
        if claim is None or its < claim:
            owner, claim = row.source_id, its
    return owner


def set_managed(
    connection: Connection, source_id: int, authorities: Iterable[str]
) -> dict[str, str]:
    """Notes which naming authorities a source's vg:Registry manages.

    Gives {authority: name of the source} of those that another source manages already: they stay
    with it, so that no peer can take records by claiming them.
    """
    wanted = {one.strip().lower() for one in authorities if one.strip()}
    m = t.managed.c
    before = set(connection.execute(select(m.authority).where(m.source_id == source_id)).scalars())
    connection.execute(
        delete(t.managed).where(m.source_id == source_id, m.authority.not_in(wanted))
    )
    held = dict(
        connection.execute(
            select(m.authority, t.source.c.name)
            .join(t.source, t.source.c.id == m.source_id)
            .where(m.source_id != source_id, m.authority.in_(wanted))
        ).all()  # type: ignore[arg-type]
    )
    new = sorted(wanted - before - set(held))
    if new:
        rows = [{"authority": one, "source_id": source_id} for one in new]
        connection.execute(insert(t.managed), rows)
    return held


def managed_by(connection: Connection, source_id: int) -> list[str]:
    """The naming authorities that a source manages, in order."""
    m = t.managed.c
    query = select(m.authority).where(m.source_id == source_id).order_by(m.authority)
    return list(connection.execute(query).scalars())


def disown(connection: Connection, source_id: int) -> None:
    """Before a source goes: its records belong to whoever else holds or brings them."""
    connection.execute(delete(t.managed).where(t.managed.c.source_id == source_id))
    connection.execute(
        update(t.record).where(t.record.c.owner_id == source_id).values(owner_id=NOBODY)
    )


def shared_records(connection: Connection, source_id: int) -> list[int]:
    """The ids of the records that a source holds and another one holds or owns too: they may belong
    to somebody else when its precedence changes."""
    return list(connection.execute(_shared().where(t.place.c.source_id == source_id)).scalars())


def shared_of(connection: Connection, authorities: Iterable[str]) -> list[int]:
    """The same, of all sources and of these naming authorities (lower case)."""
    named = func.lower(t.record.c.authority).in_(list(authorities))
    return list(connection.execute(_shared().where(named)).scalars())


def _shared() -> Select[Any]:
    place, other = t.place.c, t.place.alias().c
    beside = exists().where(other.record_id == place.record_id, other.source_id != place.source_id)
    return (
        select(place.record_id)
        .distinct()
        .join(t.record, t.record.c.id == place.record_id)
        .where(or_(t.record.c.owner_id != place.source_id, beside))
        .order_by(place.record_id)
    )


def count_beside(connection: Connection, source_id: int) -> dict[str, int]:
    """How many records this source holds that belong to others, by the owner's name."""
    owner = t.source.alias()
    query = (
        select(owner.c.name, func.count(func.distinct(t.record.c.id)))
        .join(t.record, t.record.c.owner_id == owner.c.id)
        .join(t.place, t.place.c.record_id == t.record.c.id)
        .where(t.place.c.source_id == source_id, owner.c.id != source_id)
        .group_by(owner.c.name)
        .order_by(owner.c.name)
    )
    return {row[0]: row[1] for row in connection.execute(query)}
