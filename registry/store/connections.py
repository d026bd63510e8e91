"""Opening the store, and its two kinds of transaction.

A writing transaction starts with BEGIN IMMEDIATE (SQLAlchemy's deferred default loses increments
between processes), a reading one with BEGIN: one snapshot for a whole page.
"""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, delete, event, insert, select
from sqlalchemy.exc import DatabaseError, OperationalError

from registry.store import tables
from registry.store.migrations import migrate
from registry.store.packing import DamagedContent

BUSY_SECONDS = 30
_OPEN_WRITES = select(tables.open_write)


class StoreError(Exception):
    """The store cannot be opened, read or written; the message says why and what to do."""


_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def full_disk_in_words(folder: Path) -> Iterator[None]:
    """Turns the want of room for files of the data folder into a StoreError in words."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise StoreError(_words("disk is full", folder)) from error


@contextmanager
def said_in_words(folder: Path) -> Iterator[None]:
    """Turns what SQLite and the file system say into a StoreError in words."""
    try:
        yield
    except OperationalError as error:
        raise StoreError(_words(str(error.orig), folder)) from error
    except DatabaseError as error:
        raise StoreError(_words(str(error.orig), folder)) from error
    except DamagedContent as error:
        raise StoreError(
            f"A content in {folder}/store.sqlite is damaged ({error}): restore it from a backup."
        ) from error
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreError(_words("disk is full", folder)) from error
        raise StoreError(f"The data folder {folder} cannot be used: {error.strerror}.") from error


def _words(text: str, folder: Path) -> str:
    known = {
        "readonly": f"The data folder {folder} is read-only: make it writable, or name another "
        "one with --data.",
        "unable to open": f"The store in {folder} cannot be opened: does the folder exist, and "
        "may you write there? Name another one with --data.",
        "disk is full": f"The disk that holds {folder} is full: make room and run the same "
        "command again; it goes on where it stopped.",
        "disk I/O": f"The disk that holds {folder} gives errors: {text}.",
        "locked": f"Another process has been writing to {folder} for over {BUSY_SECONDS} s.",
        "not a database": f"{folder}/store.sqlite is no store of ours: name another folder with "
        "--data, or move that file away.",
        "malformed": f"{folder}/store.sqlite is damaged: restore it from a backup.",
    }
    for sign, words in known.items():
        if sign in text:
            return words
    return f"The store in {folder} says: {text}."


def process_lives(process: str) -> bool:
    """Whether a process (`host:number`) may be alive: of another machine nobody can tell."""
    host, _, number = process.rpartition(":")
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Connections:
    """The engine of one data folder; forks and threads get connections of their own."""

    def __init__(
        self, folder: Path, *, clock: Callable[[], float] = time.time, readonly: bool = False
    ) -> None:
        """`folder` is made if it is missing. Raises StoreError."""
        self.folder = folder
        self.clock = clock
        self._process = f"{socket.gethostname()}:{os.getpid()}"
        self._write_lock = threading.RLock()
        with said_in_words(folder):
            if not readonly:
                folder.mkdir(parents=True, exist_ok=True)
            # As many connections as there are threads: the web server's number is a setting.
            self.engine = create_engine(f"sqlite:///{folder / 'store.sqlite'}", max_overflow=-1)
            event.listen(self.engine, "connect", _prepare)
            if not readonly:
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    migrate(connection, int(clock()))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A snapshot; whatever is read inside belongs together."""
        with said_in_words(self.folder), self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """For a single question, which is a snapshot by itself."""
        with said_in_words(self.folder), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one write transaction; commits at the end, rolls back on any exception."""
        name = uuid.uuid4().hex
        with said_in_words(self.folder), self._write_lock:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                connection.execute(
                    insert(tables.open_write).values(
                        id=name, process=self._process, started=self.clock()
                    )
                )
            try:
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    self._forget_the_dead(connection)
                    connection.execute(
                        delete(tables.open_write).where(tables.open_write.c.id == name)
                    )
                    yield connection
            except BaseException:
                with self._transaction("BEGIN IMMEDIATE") as connection:
                    connection.execute(
                        delete(tables.open_write).where(tables.open_write.c.id == name)
                    )
                raise

    def response_moment(self) -> float:
        """OAI-PMH's responseDate: the start of the oldest write still open, else now.

        Ask before the snapshot is opened that the answer is made from.
        """
        now = self.clock()
        with self.reading() as connection:
            rows = connection.execute(_OPEN_WRITES).all()
        open_starts = [float(row.started) for row in rows if process_lives(row.process)]
        return min([now, *open_starts])

    def _forget_the_dead(self, connection: Connection) -> None:
        for row in connection.execute(select(tables.open_write)).all():
            if not process_lives(row.process):
                connection.execute(
                    delete(tables.open_write).where(tables.open_write.c.id == row.id)
                )

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            connection.exec_driver_sql(begin)
            try:
                yield connection
            except BaseException:
                # An interrupt in the middle of a statement has closed the connection already.
                if not connection.invalidated and raw.in_transaction:
                    connection.exec_driver_sql("ROLLBACK")
                connection.rollback()
                raise
            connection.exec_driver_sql("COMMIT")
            connection.commit()

    def close(self) -> None:
        self.engine.dispose()


def _prepare(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # BEGIN is ours to say
    raw.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    if not raw.execute("PRAGMA query_only").fetchone()[0]:
        raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("PRAGMA synchronous = FULL")
    raw.execute("PRAGMA foreign_keys = ON")
    raw.execute("PRAGMA cache_size = -32768")
