"""Steps that bring a store to the newest form, from the first day on.

`meta.schema` holds the number of the last step taken. A store from a newer Parhelion is refused
in words; an older one is brought up on opening, in one transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import Connection, insert, inspect, select, update

from registry.store import tables

LOCAL = 1


class NewerStore(Exception):
    """The store was written by a newer version of Parhelion; the message says so."""


def _first(connection: Connection, now: int) -> None:
    tables.metadata.create_all(connection)
    connection.execute(
        insert(tables.source).values(
            id=LOCAL, name="local", kind="local", added=now, precedence=100
        )
    )
    connection.execute(
        insert(tables.meta),
        [
            {"key": "schema", "value": "0"},
            {"key": "token_secret", "value": secrets.token_hex(32)},
        ],
    )


def _indices_of_lists(connection: Connection, _now: int) -> None:
    connection.exec_driver_sql("DROP INDEX IF EXISTS record_datestamp")
    for index in tables.LISTED:
        index.create(connection, checkfirst=True)


STEPS: list[Callable[[Connection, int], None]] = [_first, _indices_of_lists]


def migrate(connection: Connection, now: int) -> None:
    """Takes the steps that this store lacks. Raises NewerStore."""
    reached = 0
    if inspect(connection).has_table("meta"):
        query = select(tables.meta.c.value).where(tables.meta.c.key == "schema")
        reached = int(connection.execute(query).scalar() or 0)
    if reached > len(STEPS):
        raise NewerStore(
            f"This store has form {reached}; this version of Parhelion knows forms up to "
            f"{len(STEPS)}. Use the newer version that wrote it."
        )
    for step in STEPS[reached:]:
        step(connection, now)
    if reached < len(STEPS):
        connection.execute(
            update(tables.meta).where(tables.meta.c.key == "schema").values(value=str(len(STEPS)))
        )
