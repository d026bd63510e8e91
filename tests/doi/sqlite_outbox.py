"""An outbox in a SQLite file, as small as the protocol allows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from registry.doi.minting import Intent, Taken


class SqliteOutbox:
    """Every call opens the file anew, so that nothing outlives a crash in memory."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with closing(self._open()) as store, store:
            store.execute(
                "CREATE TABLE IF NOT EXISTS intent"
                " (key TEXT PRIMARY KEY, doi TEXT UNIQUE NOT NULL, state TEXT NOT NULL)"
            )
            store.execute("CREATE TABLE IF NOT EXISTS attempt (doi TEXT, answer TEXT)")

    def intent(self, key: str) -> Intent | None:
        with closing(self._open()) as store:
            row = store.execute(
                "SELECT key, doi, state FROM intent WHERE key = ?", (key,)
            ).fetchone()
        return Intent(*row) if row else None

    def choose(self, key: str, doi: str) -> Intent:
        with closing(self._open()) as store, store:
            store.execute("BEGIN IMMEDIATE")
            row = store.execute(
                "SELECT key, doi, state FROM intent WHERE key = ?", (key,)
            ).fetchone()
            if row:
                return Intent(*row)
            try:
                store.execute("INSERT INTO intent VALUES (?, ?, 'chosen')", (key, doi))
            except sqlite3.IntegrityError as error:
                raise Taken(doi) from error
            return Intent(key, doi, "chosen")

    def record(self, doi: str, state: str, answer: str) -> None:
        with closing(self._open()) as store, store:
            store.execute("INSERT INTO attempt VALUES (?, ?)", (doi, answer))
            if state:
                store.execute("UPDATE intent SET state = ? WHERE doi = ?", (state, doi))

    def answers(self) -> list[str]:
        with closing(self._open()) as store:
            return [row[0] for row in store.execute("SELECT answer FROM attempt")]

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file)
