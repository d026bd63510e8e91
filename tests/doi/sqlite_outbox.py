"""An outbox in a SQLite file, as small as the protocol allows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from registry.doi.outbox import Intent, Taken


class SqliteOutbox:
    """Every call opens the file anew, so that nothing outlives a crash in memory."""

    def __init__(self, file: Path) -> None:
        self.file = file
        with closing(self._open()) as store, store:
            store.execute(
                "CREATE TABLE IF NOT EXISTS intent (key TEXT PRIMARY KEY, doi TEXT UNIQUE NOT NULL,"
                " state TEXT NOT NULL, digest TEXT NOT NULL DEFAULT '')"
            )
            store.execute(
                "CREATE TABLE IF NOT EXISTS attempt"
                " (id INTEGER PRIMARY KEY, doi TEXT, what TEXT, answer TEXT)"
            )

    def intent(self, key: str) -> Intent | None:
        with closing(self._open()) as store:
            row = store.execute("SELECT * FROM intent WHERE key = ?", (key,)).fetchone()
            return (
                Intent(row[0], row[1], row[2], row[3], self._open_attempts(store, row[1]))
                if row
                else None
            )

    def choose(self, key: str, doi: str) -> Intent:
        with closing(self._open()) as store, store:
            store.execute("BEGIN IMMEDIATE")
            row = store.execute("SELECT * FROM intent WHERE key = ?", (key,)).fetchone()
            if row:
                return Intent(row[0], row[1], row[2], row[3], self._open_attempts(store, row[1]))
            try:
                store.execute("INSERT INTO intent VALUES (?, ?, 'chosen', '')", (key, doi))
            except sqlite3.IntegrityError as error:
                raise Taken(doi) from error
            return Intent(key, doi, "chosen")

    def attempt(self, doi: str, what: str) -> int:
        with closing(self._open()) as store, store:
            sent = store.execute(
                "INSERT INTO attempt (doi, what, answer) VALUES (?, ?, '')", (doi, what)
            )
            return int(sent.lastrowid or 0)

    def record(self, doi: str, state: str, answer: str, *, attempt: int = 0,
               digest: str | None = None) -> None:  # fmt: skip
        with closing(self._open()) as store, store:
            if not attempt:
                store.execute(
                    "UPDATE attempt SET answer = 'settled' WHERE doi = ? AND answer = ''", (doi,)
                )
            store.execute("UPDATE attempt SET answer = ? WHERE id = ?", (answer, attempt))
            if state:
                store.execute("UPDATE intent SET state = ? WHERE doi = ?", (state, doi))
            if digest is not None:
                store.execute("UPDATE intent SET digest = ? WHERE doi = ?", (digest, doi))

    def answers(self) -> list[tuple[str, str]]:
        with closing(self._open()) as store:
            return store.execute("SELECT what, answer FROM attempt ORDER BY id").fetchall()

    @staticmethod
    def _open_attempts(store: sqlite3.Connection, doi: str) -> bool:
        waiting = store.execute("SELECT 1 FROM attempt WHERE doi = ? AND answer = ''", (doi,))
        return waiting.fetchone() is not None

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.file)
