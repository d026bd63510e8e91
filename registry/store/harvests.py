"""Leases on sources, what is due, and the log of their harvests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from registry.store import tables as t
from registry.store.connections import process_lives

KEPT_HARVESTS = 100
KEPT_LINES = 1000
RUNNING, DONE, FAILED, STOPPED = "running", "done", "failed", "stopped"


@dataclass(slots=True, frozen=True)
class KeptHarvest:
    """One harvest of a source; times are seconds since 1970, `ended` None while it runs.

    `outcome` is running, done, failed (with the reason in `message`) or stopped (it goes on next
    time); `heard` is when it last gave a sign of life.
    """

    id: int
    source_id: int
    started: int
    heard: int
    ended: int | None
    outcome: str
    message: str
    counts: dict[str, int]


@dataclass(slots=True, frozen=True)
class LogLine:
    at: int
    severity: str
    message: str


# -- leases -----------------------------------------------------------------------------------


def take_lease(
    connection: Connection, source_id: int, holder: str, now: float, until: float
) -> bool:
    """Takes the lease on a source if nobody alive has it; says whether it is the holder's now.

    `holder` begins with `host:process:`. A holder that died on this machine loses it at once,
    every other when its time is up.
    """
    s = t.source.c
    row = connection.execute(select(s.lease, s.lease_until).where(s.id == source_id)).one_or_none()
    if row is None or (row.lease != holder and _held(row.lease, row.lease_until, now)):
        return False
    connection.execute(
        update(t.source).where(s.id == source_id).values(lease=holder, lease_until=until)
    )
    return True


def _held(lease: str, until: float, now: float) -> bool:
    return bool(lease) and until > now and process_lives(lease.rpartition(":")[0])


def renew_lease(connection: Connection, source_id: int, holder: str, until: float) -> bool:
    """Keeps the lease for longer; False when somebody else has it."""
    s = t.source.c
    result = connection.execute(
        update(t.source).where(s.id == source_id, s.lease == holder).values(lease_until=until)
    )
    return result.rowcount == 1


def has_lease(connection: Connection, source_id: int, holder: str) -> bool:
    """Whether the lease is the holder's."""
    s = t.source.c
    return connection.execute(select(s.lease).where(s.id == source_id)).scalar() == holder


def free_lease(connection: Connection, source_id: int, holder: str) -> None:
    s = t.source.c
    connection.execute(
        update(t.source).where(s.id == source_id, s.lease == holder).values(lease="", lease_until=0)
    )


def leased(connection: Connection, now: float) -> dict[int, str]:
    """The sources that are being harvested now: id → holder of the lease."""
    s = t.source.c
    rows = connection.execute(select(s.id, s.lease, s.lease_until).where(s.lease != ""))
    return {row.id: row.lease for row in rows if _held(row.lease, row.lease_until, now)}


def due(connection: Connection, now: float) -> list[int]:
    """The ids of the sources whose time has come, the longest overdue first."""
    s = t.source.c
    query = select(s.id).where(s.every > 0, s.next_due <= now).order_by(s.next_due, s.id)
    return list(connection.execute(query).scalars())


# -- harvests and their log -------------------------------------------------------------------


def begin_harvest(connection: Connection, source_id: int, now: int) -> int:
    """Notes that a harvest begins; gives its number. One that died without a word is closed."""
    h = t.harvest.c
    connection.execute(
        update(t.harvest)
        .where(h.source_id == source_id, h.outcome == RUNNING)
        .values(outcome=STOPPED, ended=h.heard, message="it ended without a word")
    )
    old = list(
        connection.execute(
            select(h.id).where(h.source_id == source_id).order_by(h.id.desc()).offset(KEPT_HARVESTS)
        ).scalars()
    )
    for number in old:
        connection.execute(delete(t.harvest_log).where(t.harvest_log.c.harvest_id == number))
        connection.execute(delete(t.harvest).where(h.id == number))
    result = connection.execute(
        insert(t.harvest).values(source_id=source_id, started=now, heard=now, outcome=RUNNING)
    )
    return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0


def note_heard(connection: Connection, harvest_id: int, now: int, counts: dict[str, int]) -> None:
    """Notes how far a harvest has come."""
    connection.execute(
        update(t.harvest)
        .where(t.harvest.c.id == harvest_id)
        .values(heard=now, counts=json.dumps(counts))
    )


def end_harvest(
    connection: Connection,
    harvest_id: int,
    now: int,
    outcome: str,
    counts: dict[str, int],
    message: str = "",
) -> None:
    """Notes how a harvest ended."""
    connection.execute(
        update(t.harvest)
        .where(t.harvest.c.id == harvest_id)
        .values(heard=now, ended=now, outcome=outcome, counts=json.dumps(counts), message=message)
    )


def log(
    connection: Connection, harvest_id: int, now: int, lines: Iterable[tuple[str, str]]
) -> None:
    """Adds lines (severity, message) to a harvest's log."""
    rows = [
        {"harvest_id": harvest_id, "at": now, "severity": severity, "message": message}
        for severity, message in lines
    ]
    if rows:
        connection.execute(insert(t.harvest_log), rows)


def harvests(connection: Connection, source_id: int, limit: int = 20) -> list[KeptHarvest]:
    """The harvests of a source, newest first."""
    h = t.harvest.c
    query = select(t.harvest).where(h.source_id == source_id).order_by(h.id.desc()).limit(limit)
    return [_kept(row) for row in connection.execute(query)]


def newest_harvests(connection: Connection) -> dict[int, KeptHarvest]:
    """The newest harvest of each source, by the source's id."""
    newest: dict[int, KeptHarvest] = {}
    for row in connection.execute(select(t.harvest).order_by(t.harvest.c.id)):
        newest[row.source_id] = _kept(row)
    return newest


def log_lines(
    connection: Connection, harvest_ids: Sequence[int], limit: int = KEPT_LINES
) -> dict[int, list[LogLine]]:
    """The lines of harvests' logs, by harvest, oldest first."""
    found: dict[int, list[LogLine]] = {number: [] for number in harvest_ids}
    c = t.harvest_log.c
    query = select(t.harvest_log).where(c.harvest_id.in_(list(harvest_ids))).order_by(c.id)
    for row in connection.execute(query.limit(limit)):
        found[row.harvest_id].append(LogLine(row.at, row.severity, row.message))
    return found


def forget_harvests(connection: Connection, source_id: int) -> None:
    """Before a source goes."""
    h = t.harvest.c
    own = select(h.id).where(h.source_id == source_id)
    connection.execute(delete(t.harvest_log).where(t.harvest_log.c.harvest_id.in_(own)))
    connection.execute(delete(t.harvest).where(h.source_id == source_id))


def _kept(row: Any) -> KeptHarvest:
    return KeptHarvest(
        row.id, row.source_id, row.started, row.heard, row.ended, row.outcome, row.message,
        json.loads(row.counts),
    )  # fmt: skip
