"""Writing the change log: the only link to everything derived (docs/decisions.md, section 3)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Select, bindparam, func, insert, literal, select, update

from registry.store import tables as t
from registry.store.bulk import insert_rows

OWN, NEIGHBOUR, VERDICT, OFFERED = "own", "neighbour", "verdict", "offered"
MAPPING, DOI = "mapping", "doi"


def last_change(connection: Connection) -> int:
    """The number of the newest change; 0 in an empty store."""
    return connection.execute(select(func.max(t.change.c.number))).scalar() or 0


def stamp_at(connection: Connection, number: int) -> str:
    """The stamp of the write that made the change of this number; '' for 0.

    A log that was restored from a backup and then went on has another one there.
    """
    if number <= 0:
        return ""
    return connection.execute(_STAMP_AT, {"from": number}).scalar() or ""


_STAMP_AT = (
    select(t.lineage.c.stamp)
    .where(t.lineage.c.number >= bindparam("from"))
    .order_by(t.lineage.c.number)
    .limit(1)
)


_COLUMNS = ("number", "record_id", "reason", "at")


class ChangeLog:
    """The changes of one write transaction, with the numbers they will have."""

    def __init__(self, connection: Connection, now: int) -> None:
        self.connection = connection
        self.now = now
        self.first = last_change(connection) + 1
        self._rows: dict[int, tuple[int, int, str, int]] = {}
        self._moved: list[str] = []

    def own(self, record_id: int, moved_key: str | None = None, reason: str = OWN) -> int:
        """Notes that a record changed; gives its change number.

        `moved_key` is set when what others quote of it moved: its label or its existence.
        """
        if moved_key is not None:
            self._moved.append(moved_key)
        row = self._rows.get(record_id)
        if row is None:
            row = (self.first + len(self._rows), record_id, reason, self.now)
            self._rows[record_id] = row
        return row[0]

    def finish(self) -> int:
        """Writes the rows, those of neighbours too; gives the last change number."""
        insert_rows(self.connection, t.change, _COLUMNS, list(self._rows.values()))
        for start in range(0, len(self._moved), 400):
            self._neighbours(self._moved[start : start + 400])
        last = last_change(self.connection)
        if last >= self.first:
            stamp = secrets.token_hex(8)
            self.connection.execute(insert(t.lineage).values(number=last, stamp=stamp))
        return last

    def _neighbours(self, keys: list[str]) -> None:
        first = last_change(self.connection) + 1
        for query in (_referring(keys), _beyond_instruments(keys)):
            self._append(query)
        self.connection.execute(
            update(t.record)
            .values(change_number=t.change.c.number, datestamp=self.now)
            .where(t.change.c.number >= first, t.change.c.record_id == t.record.c.id)
        )

    def _append(self, referring: Select[Any]) -> None:
        already = select(t.change.c.record_id).where(t.change.c.number >= self.first)
        wanted = referring.subquery()
        concerned = (
            select(t.record.c.id, literal(NEIGHBOUR), literal(self.now))
            .where(
                t.record.c.id.in_(select(wanted.c.record_id)),
                t.record.c.id.not_in(already),
                t.record.c.deleted == 0,
            )
            .order_by(t.record.c.id)
        )
        self.connection.execute(
            insert(t.change).from_select(["record_id", "reason", "at"], concerned)
        )


def _referring(keys: Iterable[str]) -> Select[Any]:
    return select(t.reference.c.record_id).where(t.reference.c.target.in_(list(keys))).distinct()


def _beyond_instruments(keys: Iterable[str]) -> Select[Any]:
    """Records that name an Instrument which names one of `keys` as its observatory."""
    near, instrument, far = t.reference.alias(), t.record.alias(), t.reference.alias()
    return (
        select(far.c.record_id)
        .distinct()
        .where(
            near.c.target.in_(list(keys)),
            near.c.element == "ObservatoryID",
            instrument.c.id == near.c.record_id,
            instrument.c.kind == "Instrument",
            far.c.target == instrument.c.key,
        )
    )
