"""Sources and the state of their harvests."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry.store import tables as t
from registry.store import withheld
from registry.store.harvests import forget_harvests
from registry.store.kept import KeptSource

LOCAL_SOURCE = 1


class SourceError(Exception):
    """A source of this name exists already, or does not; the message says which."""


def sources(connection: Connection) -> list[KeptSource]:
    """Every source, in the order they were added."""
    return [_kept(row) for row in connection.execute(select(t.source).order_by(t.source.c.id))]


def source(connection: Connection, name: str) -> KeptSource:
    """The source of this name. Raises SourceError."""
    row = connection.execute(select(t.source).where(t.source.c.name == name)).one_or_none()
    if row is None:
        known = ", ".join(s.name for s in sources(connection))
        raise SourceError(f"There is no source {name!r}. There are: {known}.")
    return _kept(row)


def add_source(
    connection: Connection,
    name: str,
    kind: str,
    url: str,
    *,
    now: int,
    prefix: str = "",
    set_spec: str = "",
    precedence: int = 100,
    every: int = 0,
    mirror: bool = False,
) -> KeptSource:
    """Adds a source. Raises SourceError when there is one of this name."""
    if connection.execute(select(t.source.c.id).where(t.source.c.name == name)).first():
        raise SourceError(f"There is a source {name!r} already.")
    connection.execute(
        insert(t.source).values(
            name=name, kind=kind, url=url, prefix=prefix, set_spec=set_spec,
            precedence=precedence, added=now, every=every, mirror=int(mirror),
            next_due=now if every else None,
        )
    )  # fmt: skip
    return source(connection, name)


def update_source(connection: Connection, source_id: int, **values: Any) -> None:
    """Sets columns of a source; `state` and `last_counts` are given as dictionaries."""
    for name in ("state", "last_counts"):
        if name in values:
            values[name] = json.dumps(values[name])
    connection.execute(update(t.source).where(t.source.c.id == source_id).values(**values))


def forget_source(connection: Connection, source_id: int) -> None:
    """Removes a source that holds no places any more, with its log."""
    forget_harvests(connection, source_id)
    withheld.forget_withheld(connection, source_id)
    withheld.forget_listed(connection, source_id)
    connection.execute(delete(t.quarantine).where(t.quarantine.c.source_id == source_id))
    connection.execute(delete(t.archive).where(t.archive.c.source_id == source_id))
    connection.execute(delete(t.source).where(t.source.c.id == source_id))


def paths_of(connection: Connection, source_id: int) -> list[str]:
    """The paths at which a source holds something."""
    query = select(t.place.c.path).distinct().where(t.place.c.source_id == source_id)
    return list(connection.execute(query.order_by(t.place.c.path)).scalars())


def count_records(connection: Connection) -> dict[int, int]:
    """How many places each source holds, by its id."""
    query = select(t.place.c.source_id, func.count()).group_by(t.place.c.source_id)
    return {row[0]: row[1] for row in connection.execute(query)}


def _kept(row: Any) -> KeptSource:
    return KeptSource(
        row.id, row.name, row.kind, row.url, row.prefix, row.set_spec, row.precedence,
        json.loads(row.state), row.last_started, row.last_finished, row.last_error,
        json.loads(row.last_counts), row.every, row.next_due, bool(row.mirror), row.failures,
    )  # fmt: skip
