"""Pages of records that were made before, kept beside the store for as long as they are true.

`pages.sqlite` in the data folder holds nothing that cannot be made again. A page is kept with the
needs that it was made from: words for whatever of the store would change it (`know:KEY`, a record
as others see it; `refer:KEY`, who names it; and so on). The file says up to which change of the
store it is right. Before it is asked after a later change, every page is dropped whose needs are
met by what changed since; where that cannot be told, all are.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select, text

from registry.store import tables as t
from registry.store.changes import MAPPING, NEIGHBOUR, stamp_at

FILE = "pages.sqlite"
ANYTHING = "any"
"""The need of a page that any change may change."""
_MOST_CHANGED = 5_000
"""After so many changes it is cheaper to make the pages again."""
_LONGEST = 4 * 1024 * 1024
_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (
  one INTEGER PRIMARY KEY CHECK (one = 1), made_with TEXT NOT NULL, applied INTEGER NOT NULL,
  stamp TEXT NOT NULL, judged TEXT NOT NULL, held INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS page (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, places TEXT NOT NULL, until REAL NOT NULL,
  tag TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS need (
  word INTEGER NOT NULL, page INTEGER NOT NULL, PRIMARY KEY (word, page)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS need_page ON need (page);
"""
_STANDING = text(
    "SELECT (SELECT max(number) FROM change) AS number,"
    " (SELECT stamp FROM lineage ORDER BY number DESC LIMIT 1) AS stamp,"
    " (SELECT value FROM meta WHERE key = 'judged_anew') AS judged,"
    " (SELECT group_concat(p.id || ' ' || p.source_id || ' ' || p.part || ' ' || p.path, char(10))"
    "  FROM (SELECT * FROM place WHERE record_id = (SELECT id FROM record WHERE key = :key)"
    "        ORDER BY id) AS p) AS places"
)


@dataclass(slots=True, frozen=True)
class Standing:
    """How the store stands: its last change, the stamp of that write, what was judged anew last,
    and the places of one record, which move no change when they are not the current one."""

    number: int
    stamp: str
    judged: str
    places: str

    @property
    def whole(self) -> tuple[int, str, str]:
        return self.number, self.stamp, self.judged


@dataclass(slots=True, frozen=True)
class KeptPage:
    """A page: `tag` changes with its content, `body` is compressed (gzip)."""

    tag: str
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(slots=True, frozen=True)
class Keeping:
    """What a page was made from: how the store stood, the needs, and when it ends to be true by
    itself (seconds since 1970)."""

    key: str
    now: Standing
    needs: frozenset[str]
    until: float


def standing(connection: Connection, key: str) -> Standing:
    """How the store stands, in one question."""
    row = connection.execute(_STANDING, {"key": key}).one()
    return Standing(row.number or 0, row.stamp or "", row.judged or "", row.places or "")


class KeptPages:
    """The pages kept in one data folder; safe for threads and processes.

    `made_with` says what else than the store pages come from: with another, all are dropped.
    What goes wrong with the file costs the pages and nothing more.
    """

    def __init__(self, folder: Path, made_with: str, most: int) -> None:
        self.path = folder / FILE
        self.made_with = made_with
        self.most = most
        self._local = threading.local()
        self._begun = False
        self._claimed = False
        self._lock = threading.Lock()
        self._fault = ""

    # -- asking ------------------------------------------------------------------------------

    def get(self, key: str, now: Standing) -> KeptPage | None:
        """The page of a record, if it is true as the store stands."""
        query = (
            "SELECT applied, stamp, judged, tag, headers, body FROM state, page WHERE made_with = ?"
            " AND key = ? AND places = ? AND until > ?"
        )
        try:
            asked = (self.made_with, key, now.places, time.time())
            row = self._connection().execute(query, asked).fetchone()
        except sqlite3.Error as error:
            self._failed(error)
            return None
        if row is None or tuple(row[:3]) != now.whole:
            return None
        return KeptPage(row[3], [(name, value) for name, value in json.loads(row[4])], row[5])

    def keys(self) -> set[str]:
        """The keys of the records whose pages are kept and not out of date."""
        try:
            rows = self._connection().execute(
                "SELECT key FROM state, page WHERE made_with = ? AND until > ?",
                (self.made_with, time.time()),
            )
            return {row[0] for row in rows}
        except sqlite3.Error as error:
            self._failed(error)
            return set()

    # -- keeping -----------------------------------------------------------------------------

    def put(self, keeping: Keeping, page: bytes, headers: Sequence[tuple[str, str]]) -> KeptPage:
        """Keeps a page; gives it as it is kept, or would be."""
        tag = hashlib.sha256(page).hexdigest()[:32]
        made = KeptPage(tag, list(headers), gzip.compress(page, 6, mtime=0))
        if len(page) > _LONGEST:
            return made
        try:
            with self._writing() as connection:
                query = "SELECT applied, stamp, judged FROM state WHERE made_with = ?"
                if connection.execute(query, (self.made_with,)).fetchone() == keeping.now.whole:
                    self._keep(connection, keeping, made)
        except sqlite3.Error as error:
            self._failed(error)
        return made

    def _keep(self, connection: sqlite3.Connection, keeping: Keeping, made: KeptPage) -> None:
        _drop(connection, "SELECT id FROM page WHERE key = ?", keeping.key)
        cursor = connection.execute(
            "INSERT INTO page (key, places, until, tag, headers, body) VALUES (?, ?, ?, ?, ?, ?)",
            (
                keeping.key, keeping.now.places, keeping.until, made.tag,
                json.dumps(made.headers), made.body,
            ),
        )  # fmt: skip
        words = {_word(one) for one in (f"own:{keeping.key}", *keeping.needs)}
        connection.executemany(
            "INSERT INTO need VALUES (?, ?)", [(word, cursor.lastrowid) for word in words]
        )
        connection.execute("UPDATE state SET held = held + ?", (len(made.body),))
        (held,) = connection.execute("SELECT held FROM state").fetchone()
        if held > self.most:
            _drop(connection, "SELECT id FROM page ORDER BY id LIMIT 200")

    # -- in step with the store --------------------------------------------------------------

    def follow(self, store: Connection) -> bool:
        """Drops what changed since; says whether pages of this snapshot of the store may be kept.

        `store` is a snapshot. Where another process has followed further, nothing is done.
        """
        now = standing(store, "").whole
        try:
            row = self._connection().execute("SELECT * FROM state").fetchone()
            if row is not None and row[1:5] == (self.made_with, *now):
                return True
            with self._writing() as connection:
                return self._follow(connection, store, now)
        except sqlite3.Error as error:
            self._failed(error)
            return False

    def _follow(
        self, connection: sqlite3.Connection, store: Connection, now: tuple[int, str, str]
    ) -> bool:
        query = "SELECT made_with, applied, stamp, judged FROM state"
        made_with, applied, stamp, judged = connection.execute(query).fetchone() or ("", 0, "", "")
        if made_with == self.made_with and (applied, stamp, judged) == now:
            return True
        if made_with != self.made_with and self._claimed:
            # Another server of this folder, at another address, has made the file its own.
            return False
        self._claimed = True
        known = made_with == self.made_with and judged == now[2]
        if known and applied > now[0] and not self._went_back(now):
            return False
        words = None
        if known and applied <= now[0] and stamp_at(store, applied) == stamp:
            words = _moved(store, applied)
        if words is None:
            connection.execute("DELETE FROM page")
            connection.execute("DELETE FROM need")
        else:
            _drop_needing(connection, words)
        connection.execute(
            "INSERT OR REPLACE INTO state SELECT 1, ?, ?, ?, ?,"
            " coalesce((SELECT sum(length(body)) FROM page), 0)",
            (self.made_with, *now),
        )
        return True

    def _went_back(self, now: tuple[int, str, str]) -> bool:
        """Whether the store is behind the pages for good: a backup was put in its place.

        A snapshot that is only old is followed by a newer one on the same thread.
        """
        before, self._local.behind = getattr(self._local, "behind", None), now
        return before == now

    # -- the file ----------------------------------------------------------------------------

    def _connection(self) -> sqlite3.Connection:
        held = self._local
        if getattr(held, "process", 0) != os.getpid():
            held.process = os.getpid()
            held.connection = self._opened()
        connection: sqlite3.Connection = held.connection
        return connection

    def _opened(self) -> sqlite3.Connection:
        with self._lock:
            try:
                return self._open()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                # It is no database, or a damaged one: there is nothing in it to be sorry for.
                for end in ("", "-wal", "-shm"):
                    self.path.with_name(FILE + end).unlink(missing_ok=True)
                return self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=2.0, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if not self._begun:
            connection.executescript(_SCHEMA)
            self._begun = True
        return connection

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _failed(self, error: sqlite3.Error) -> None:
        if str(error) != self._fault:
            self._fault = str(error)
            _log.warning("Pages are not kept: %s says: %s.", self.path, error)
        self._local.process = 0


def _drop(connection: sqlite3.Connection, chosen: str, *values: object) -> None:
    """Drops pages; `chosen` is a query for their ids."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS gone (id INTEGER PRIMARY KEY)")
    connection.execute("INSERT INTO gone " + chosen, values)
    connection.execute("DELETE FROM need WHERE page IN (SELECT id FROM gone)")
    connection.execute(
        "UPDATE state SET held = held - coalesce("
        "(SELECT sum(length(body)) FROM page WHERE id IN (SELECT id FROM gone)), 0)"
    )
    connection.execute("DELETE FROM page WHERE id IN (SELECT id FROM gone)")
    connection.execute("DELETE FROM gone")


def _drop_needing(connection: sqlite3.Connection, words: Iterable[str]) -> None:
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS moved (word INTEGER PRIMARY KEY)")
    connection.execute("DELETE FROM moved")
    connection.executemany(
        "INSERT OR IGNORE INTO moved VALUES (?)", [(_word(one),) for one in [ANYTHING, *words]]
    )
    _drop(connection, "SELECT DISTINCT page FROM need WHERE word IN (SELECT word FROM moved)")


def _word(need: str) -> int:
    # Two needs with one word would drop a page too many, never one too few.
    return int.from_bytes(hashlib.blake2b(need.encode(), digest_size=8).digest(), signed=True)


def folder_of(key: str) -> str:
    """The beginning that keys of one sort share: `spase://SMWG/Person/`."""
    return "/".join(key.split("/", 4)[:4]) + "/"


def _moved(store: Connection, after: int) -> set[str] | None:
    """The needs that are met by the changes after this number; None where all pages may be."""
    c, r = t.change.c, t.record.c
    query = select(c.record_id, c.reason).where(c.number > after).limit(_MOST_CHANGED + 1)
    rows = store.execute(query).all()
    if len(rows) > _MOST_CHANGED or any(row.reason == MAPPING for row in rows):
        return None
    ids = {row.record_id for row in rows}
    # What others see of a record is the same when only what it names has moved.
    seen = {row.record_id for row in rows if row.reason != NEIGHBOUR}
    found: set[str] = set()
    for some in _slices(list(ids)):
        records = select(r.id, r.key, r.identifier, r.doi, t.doi.c.doi.label("minted"))
        records = records.outerjoin(t.doi, t.doi.c.record_id == r.id).where(r.id.in_(some))
        for row in store.execute(records):
            found.add(f"own:{row.key}")
            if row.id in seen:
                found |= {
                    f"know:{row.key}", f"case:{row.identifier.lower()}", f"case:{row.key.lower()}",
                    f"folder:{folder_of(row.key)}", f"doi:{row.doi}", f"doi:{row.minted or ''}",
                }  # fmt: skip
    for some in _slices(list(seen)):
        targets = select(t.reference.c.element, t.reference.c.target)
        for element, target in store.execute(targets.where(t.reference.c.record_id.in_(some))):
            found.add(f"{'prior' if element == 'PriorID' else 'refer'}:{target}")
    return found


def _slices(items: list[int]) -> Iterator[list[int]]:
    return (items[start : start + 500] for start in range(0, len(items), 500))
