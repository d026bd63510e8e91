"""Steps that bring a store to the newest form, from the first day on.

`meta.schema` holds the number of the last step taken. A store from a newer Parhelion is refused
in words; an older one is brought up on opening, in one transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import Connection, func, insert, inspect, select, update

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


def _sources_with_a_life(connection: Connection, now: int) -> None:
    """Schedules, leases and logs of sources; whom a record belongs to; stamps of the change log."""
    added = (tables.managed, tables.harvest, tables.harvest_log, tables.withheld, tables.listed)
    for table in (*added, tables.lineage):
        table.create(connection, checkfirst=True)
    for name in ("every", "mirror", "failures", "lease_until"):
        _add_column(connection, "source", name, "INTEGER NOT NULL DEFAULT 0")
    _add_column(connection, "source", "lease", "TEXT NOT NULL DEFAULT ''")
    _add_column(connection, "source", "next_due", "INTEGER")
    if _add_column(connection, "record", "owner_id", "INTEGER NOT NULL DEFAULT 0"):
        connection.exec_driver_sql(
            "UPDATE record SET owner_id = coalesce("
            "(SELECT source_id FROM place WHERE place.id = record.place_id), 0)"
        )
    last = connection.execute(select(func.max(tables.change.c.number))).scalar()
    if last and not connection.execute(select(tables.lineage.c.number)).first():
        stamp = secrets.token_hex(8)
        connection.execute(insert(tables.lineage).values(number=last, stamp=stamp))


def _near_equal_keys(connection: Connection, _now: int) -> None:
    """ivoids compare without regard to case, ResourceIDs with it."""
    # Not in `tables`: SQLAlchemy warns of such an index whenever it looks at the others.
    connection.exec_driver_sql("CREATE INDEX IF NOT EXISTS record_key_lower ON record (lower(key))")


def _dois_with_a_life(connection: Connection, _now: int) -> None:
    """Orders, tombstones; who may do what, and who did."""
    added = (tables.doi_order, tables.tombstone, tables.token, tables.session, tables.audit)
    for table in added:
        table.create(connection, checkfirst=True)
    for name in ("year", "adopted", "compared"):
        _add_column(connection, "doi", name, "INTEGER NOT NULL DEFAULT 0")


def _datestamps_of_peers(connection: Connection, _now: int) -> None:
    """What a record's provenance says when it is passed on."""
    _add_column(connection, "place", "datestamp", "TEXT NOT NULL DEFAULT ''")


def _ways_of_records(connection: Connection, _now: int) -> None:
    """What a peer says of a record's way to it, to be given on."""
    _add_column(connection, "place", "provenance", "TEXT NOT NULL DEFAULT ''")


def _former_kinds(connection: Connection, _now: int) -> None:
    """Resource types that records had before: OAI-PMH tells who harvested them by these."""
    _add_column(connection, "record", "former_kinds", "TEXT NOT NULL DEFAULT ''")
    # As text, because SQLAlchemy warns of `record_key_lower` whenever it looks at the others.
    connection.exec_driver_sql(
        "CREATE INDEX IF NOT EXISTS record_former_kinds_change ON record (change_number) "
        "WHERE former_kinds != ''"
    )


def _add_column(connection: Connection, table: str, name: str, kind: str) -> bool:
    """Adds a column unless the table was made with it; says whether."""
    if name in {one["name"] for one in inspect(connection).get_columns(table)}:
        return False
    connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    return True


STEPS: list[Callable[[Connection, int], None]] = [
    _first,
    _indices_of_lists,
    _sources_with_a_life,
    _near_equal_keys,
    _dois_with_a_life,
    _datestamps_of_peers,
    _ways_of_records,
    _former_kinds,
]


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
