"""What the places of a source hold already, so that the same bytes are passed over."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select

from registry.store import tables as t
from registry.store.taken import Counts


def held_digests(connection: Connection, source_id: int, paths: list[str]) -> dict[str, bytes]:
    """The digest of the document last read at each path, taken or quarantined."""
    found: dict[str, bytes] = {}
    for start in range(0, len(paths), 500):
        some = paths[start : start + 500]
        for table in (t.place, t.quarantine):
            query = select(table.c.path, table.c.digest).where(
                table.c.source_id == source_id, table.c.path.in_(some)
            )
            found.update((row.path, row.digest) for row in connection.execute(query))
    return found


def count_held(connection: Connection, source_id: int, paths: Iterable[str]) -> Counts:
    """The counts of documents passed over because their bytes are known."""
    every = list(paths)
    counts = Counts()
    for start in range(0, len(every), 500):
        _count(connection, counts, source_id, t.place.c.path.in_(every[start : start + 500]),
               t.quarantine.c.path.in_(every[start : start + 500]))  # fmt: skip
    return counts


def count_archive(connection: Connection, source_id: int, path: str) -> Counts:
    """The counts of an archive that is passed over whole."""
    counts, start = Counts(), path + "!/"
    end = path + "!0"  # '0' follows '/'
    _count(
        connection, counts, source_id,
        (t.place.c.path >= start) & (t.place.c.path < end),
        (t.quarantine.c.path >= start) & (t.quarantine.c.path < end),
    )  # fmt: skip
    return counts


def _count(
    connection: Connection, counts: Counts, source_id: int, places: object, refusals: object
) -> None:
    query = (
        select(t.revision.c.verdict, func.count())
        .join(t.place, t.place.c.revision_id == t.revision.c.id)
        .where(t.place.c.source_id == source_id, places)  # type: ignore[arg-type]
        .group_by(t.revision.c.verdict)
    )
    for verdict, number in connection.execute(query):
        counts.read += number
        counts.unchanged += number
        name = verdict if verdict in ("valid", "invalid") else "no_schema"
        setattr(counts, name, getattr(counts, name) + number)
    quarantined = select(func.count()).where(t.quarantine.c.source_id == source_id, refusals)  # type: ignore[arg-type]
    number = connection.execute(quarantined.select_from(t.quarantine)).scalar() or 0
    counts.read += number
    counts.quarantined += number


def known_archive(connection: Connection, source_id: int, path: str) -> bytes | None:
    """The digest of an archive that was wholly taken in; None if none was at this path."""
    a = t.archive.c
    query = select(a.digest).where(a.source_id == source_id, a.path == path)
    return connection.execute(query).scalar()


def keep_archive(
    connection: Connection, source_id: int, path: str, digest: bytes, now: int
) -> None:
    """Notes that an archive was wholly taken in."""
    a = t.archive.c
    connection.execute(delete(t.archive).where(a.source_id == source_id, a.path == path))
    connection.execute(
        insert(t.archive).values(source_id=source_id, path=path, digest=digest, taken=now)
    )


def forget_refusals(connection: Connection, source_id: int, paths: Iterable[str]) -> None:
    """Takes what stands at these places out of the quarantine: archives that were read since."""
    every, q = list(paths), t.quarantine.c
    for start in range(0, len(every), 500):
        some = every[start : start + 500]
        connection.execute(delete(t.quarantine).where(q.source_id == source_id, q.path.in_(some)))


def forget_archives(connection: Connection) -> None:
    """After a change of rules every archive is read again."""
    connection.execute(delete(t.archive))
