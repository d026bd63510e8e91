"""The outbox of DOIs: what is to be done at DataCite, who asked, and what came of it so far.

One order a record: a newer one takes the place of an older one. Who works at an order holds its
lease; a lease of a process that has died is free.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from registry.store import tables as t
from registry.store.connections import process_lives
from registry.store.kept import KeptOrder

LONGEST_WAIT = 24 * 3600
"""Seconds; an order that is due later than that was written by a clock that was wrong."""
_NEXT_REQUEST = "doi_next_request"


def order_of(connection: Connection, record_id: int) -> KeptOrder | None:
    query = select(t.doi_order).where(t.doi_order.c.record_id == record_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _kept(row)


def orders(connection: Connection) -> list[KeptOrder]:
    """Every order that is not done, the oldest first."""
    query = select(t.doi_order).order_by(t.doi_order.c.number)
    return [_kept(row) for row in connection.execute(query)]


def put_order(
    connection: Connection,
    record_id: int,
    what: str,
    who: str,
    now: int,
    *,
    year: int = 0,
    forced: bool = False,
) -> KeptOrder:
    """Asks for something; whatever was asked for this record before is given up."""
    before = order_of(connection, record_id)
    number = (connection.execute(select(func.max(t.doi_order.c.number))).scalar() or 0) + 1
    connection.execute(delete(t.doi_order).where(t.doi_order.c.record_id == record_id))
    lease = before.lease if before else ""
    connection.execute(
        insert(t.doi_order).values(
            record_id=record_id, number=number, what=what, who=who, asked=now, year=year,
            forced=int(forced), lease=lease,
        )
    )  # fmt: skip
    return KeptOrder(record_id, number, what, who, now, year, forced, 0, 0.0, False, "", lease)


def take_order(
    connection: Connection, lease: str, now: float, among: Collection[int] | None = None
) -> KeptOrder | None:
    """Leases the next order that is due (`among`: of these records, due or not yet tried)."""
    o = t.doi_order.c
    query = select(t.doi_order).where(o.stuck == 0).order_by(o.due, o.number)
    query = query.where(or_(o.due <= now, o.due > now + LONGEST_WAIT))
    for row in connection.execute(query):
        if among is not None and row.record_id not in among:
            continue
        if row.lease and process_lives(row.lease.rpartition("/")[0]):
            continue
        connection.execute(
            update(t.doi_order).where(o.record_id == row.record_id).values(lease=lease)
        )
        return _kept(row)
    return None


def next_due(connection: Connection, among: Collection[int] | None = None) -> float | None:
    """When the next order that waits may be tried; None if none waits."""
    o = t.doi_order.c
    rows = connection.execute(select(o.record_id, o.due).where(o.stuck == 0)).all()
    return min((row.due for row in rows if among is None or row.record_id in among), default=None)


def end_order(connection: Connection, order: KeptOrder) -> bool:
    """Takes an order that is done out; gives whether there was no newer one in its place."""
    o = t.doi_order.c
    gone = connection.execute(
        delete(t.doi_order).where(o.record_id == order.record_id, o.number == order.number)
    )
    if gone.rowcount:
        return True
    connection.execute(update(t.doi_order).where(o.record_id == order.record_id).values(lease=""))
    return False


def put_off(
    connection: Connection, order: KeptOrder, said: str, *, due: float, stuck: bool = False
) -> None:
    """Keeps what came of a try, and when the next may be; `stuck`: not before a person acts."""
    o = t.doi_order.c
    mine = o.record_id == order.record_id
    connection.execute(update(t.doi_order).where(mine).values(lease=""))
    connection.execute(
        update(t.doi_order)
        .where(mine, o.number == order.number)
        .values(said=said, due=due, stuck=int(stuck), tries=order.tries + 1)
    )


def take_slot(connection: Connection, now: float, gap: float, most: float) -> float:
    """The time at which the next request may go out, `gap` seconds behind the one before it.

    One that is more than `most` seconds away is not taken: it is given, and stays free.
    """
    m = t.meta.c
    said = connection.execute(select(m.value).where(m.key == _NEXT_REQUEST)).scalar()
    free = float(said) if said else 0.0
    slot = now if free > now + LONGEST_WAIT else max(now, free)
    if slot - now <= most:
        _set_next(connection, slot + gap)
    return slot


def hold_requests(connection: Connection, until: float) -> None:
    """Lets no request out before a time."""
    _set_next(connection, until)


def _set_next(connection: Connection, at: float) -> None:
    connection.execute(delete(t.meta).where(t.meta.c.key == _NEXT_REQUEST))
    connection.execute(insert(t.meta).values(key=_NEXT_REQUEST, value=repr(at)))


def _kept(row: Any) -> KeptOrder:
    return KeptOrder(
        row.record_id, row.number, row.what, row.who, row.asked, row.year, bool(row.forced),
        row.tries, row.due, bool(row.stuck), row.said, row.lease,
    )  # fmt: skip
