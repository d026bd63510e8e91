"""Records of which two sources say something different: only one of them is shown.

Contents are compared by canonical XML. Of a document that is kept whole that is made when it is
first needed, and then kept beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from registry.store import tables as t
from registry.store.packing import unpacked


def conflicts(connection: Connection, source_id: int) -> list[tuple[str, str]]:
    """(identifier, owner's name) of the records of which this source says something else than the
    source that they belong to; as far as `uncompared` has nothing left."""
    here, current, owner = _HERE, _CURRENT, t.source.alias()
    query = _beside(source_id, t.record.c.identifier, owner.c.name)
    query = query.join(owner, owner.c.id == t.record.c.owner_id)
    query = query.where(here.c.canonical != current.c.canonical).order_by(t.record.c.identifier)
    return [(row[0], row[1]) for row in connection.execute(query)]


def uncompared(connection: Connection, source_id: int, limit: int) -> list[tuple[int, bytes]]:
    """(revision id, content) of contents whose canonical XML is needed and not known."""
    here, current = _HERE, _CURRENT
    unknown = or_(here.c.canonical.is_(None), current.c.canonical.is_(None))
    query = _beside(source_id, here.c.id, current.c.id).where(unknown).limit(limit)
    ids = {number for row in connection.execute(query) for number in row}
    r = t.revision.c
    rows = connection.execute(
        select(r.id, r.body).where(r.id.in_(ids), r.canonical.is_(None)).order_by(r.id)
    )
    return [(row.id, unpacked(row.body)) for row in rows]


def note_canonical(connection: Connection, digests: Iterable[tuple[int, bytes]]) -> None:
    """Keeps the digest of the canonical XML of revisions."""
    r = t.revision.c
    for number, digest in digests:
        connection.execute(update(t.revision).where(r.id == number).values(canonical=digest))


_HERE, _CURRENT = t.revision.alias(), t.revision.alias()


def _beside(source_id: int, *columns: Any) -> Select[Any]:
    """Of the current records that another source owns, those that lie here with other bytes."""
    return (
        select(*columns)
        .distinct()
        .select_from(t.record)
        .join(t.place, t.place.c.record_id == t.record.c.id)
        .join(_HERE, _HERE.c.id == t.place.c.revision_id)
        .join(_CURRENT, _CURRENT.c.id == t.record.c.revision_id)
        .where(
            t.place.c.source_id == source_id,
            t.place.c.gone == 0,
            t.record.c.deleted == 0,
            t.record.c.owner_id != source_id,
            _HERE.c.digest != _CURRENT.c.digest,
        )
    )
