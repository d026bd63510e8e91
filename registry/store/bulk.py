"""Many rows at once, without SQLAlchemy's work for each single one.

The statement is SQLAlchemy's, compiled for the database in use; the rows go to the driver as they
are (124,000 rows of a cold ingest: 0.5 CPU s instead of 1.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection, Dialect, Table, insert


def insert_rows(
    connection: Connection,
    table: Table,
    columns: tuple[str, ...],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Inserts rows whose values stand in the order of `columns`."""
    if rows:
        connection.exec_driver_sql(_statement(table, columns, connection.dialect), list(rows))


@lru_cache(maxsize=64)
def _statement(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    compiled = insert(table).compile(dialect=dialect, column_keys=list(columns))
    order = compiled.positiontup  # type: ignore[attr-defined]
    if order != list(columns):
        raise ValueError(f"{table.name}: give the values in the order {order}")
    return str(compiled)
