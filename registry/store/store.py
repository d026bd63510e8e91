"""The store: the truth. Everything else can be made from it again.

with store.reading() as reader: …      one snapshot
with store.writing() as writer: …      one transaction, whole or not at all
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select, update

from registry.findings import Judgement
from registry.store import ownership
from registry.store import tables as t
from registry.store.changes import DOI, MAPPING, ChangeLog
from registry.store.connections import Connections, StoreError
from registry.store.kept_pages import Standing, standing
from registry.store.migrations import NewerStore
from registry.store.reading import Reader
from registry.store.rejudged import judge_anew
from registry.store.taken import Counts, TakenDocument
from registry.store.taking import Taking


class Writer(Reader):
    """One write transaction: everything that a Reader can be asked, and the verbs.

    `now` is the transaction's time in whole seconds.
    """

    def __init__(self, connection: Connection, now: int) -> None:
        super().__init__(connection)
        self.now = now

    def take(self, source_id: int, documents: Sequence[TakenDocument]) -> Counts:
        """Takes a batch of documents in; gives what became of them."""
        taking = Taking(self.connection, self.now)
        taking.take(source_id, documents)
        taking.finish()
        return taking.counts

    def remove(self, source_id: int, paths: Sequence[str]) -> Counts:
        """Takes places away; a record that has no other is deleted."""
        taking = Taking(self.connection, self.now)
        taking.remove(source_id, paths)
        taking.finish()
        return taking.counts

    def set_managed(self, source_id: int, authorities: Iterable[str]) -> dict[str, str]:
        """`ownership.set_managed`, and what follows from it for the records of the authorities."""
        before = set(ownership.managed_by(self.connection, source_id))
        held = ownership.set_managed(self.connection, source_id, authorities)
        changed = before ^ set(ownership.managed_by(self.connection, source_id))
        if changed:
            self.choose_anew(ownership.shared_of(self.connection, changed))
        return held

    def choose_anew(self, record_ids: Sequence[int]) -> Counts:
        """Chooses again to whom records belong, and which of their places is current."""
        taking = Taking(self.connection, self.now)
        taking.choose_anew(record_ids)
        taking.finish()
        return taking.counts

    def judge_anew(self, judged: Sequence[tuple[int, Judgement]]) -> int:
        """Puts new judgements (revision id, judgement) in the place of the old ones.

        Gives how many records have another verdict; each has a change with the reason VERDICT,
        or an own one where another of its places became current.
        """
        # Findings may be others though no verdict is: what was made of them is no longer right.
        self.set_meta("judged_anew", secrets.token_hex(8))
        return judge_anew(self.connection, self.now, judged)

    def touch(self, record_ids: Sequence[int], reason: str, moved: str | None = None) -> None:
        """Writes changes for records of which something disseminated moved (their DOI …).

        `moved` is the key of one of them where what others quote of it moved too.
        """
        log = ChangeLog(self.connection, Taking(self.connection, self.now).now)
        for number in record_ids:
            self.connection.execute(
                update(t.record)
                .where(t.record.c.id == number)
                .values(change_number=log.own(number, moved, reason=reason), datestamp=log.now)
            )
        log.finish()

    def touch_doi(self, record_id: int) -> None:
        """A record began or ceased to have a DOI of ours: those who name it quote it."""
        key = self.connection.execute(select(t.record.c.key).where(t.record.c.id == record_id))
        self.touch([record_id], DOI, key.scalar())

    def map_anew(self, fingerprint: str) -> bool:
        """Moves every datestamp when the mappings are others than last time; says whether."""
        if self.meta("mapped_with") == fingerprint:
            return False
        first = not self.meta("mapped_with")
        self.set_meta("mapped_with", fingerprint)
        if not first:
            query = select(t.record.c.id).where(t.record.c.deleted == 0)
            self.touch(list(self.connection.execute(query).scalars()), MAPPING)
        return not first

    def set_meta(self, key: str, value: str) -> None:
        self.connection.execute(delete(t.meta).where(t.meta.c.key == key))
        self.connection.execute(insert(t.meta).values(key=key, value=value))

    def note_refused(self, follower: str, refused: Sequence[tuple[str, str]]) -> None:
        """Adds (key, reason) of records that an engine left out."""
        self.forget_refused(follower, [key for key, _ in refused])
        if refused:
            rows = [
                {"follower": follower, "key": key, "reason": reason, "at": self.now}
                for key, reason in refused
            ]
            self.connection.execute(insert(t.refused), rows)

    def forget_refused(self, follower: str, keys: Sequence[str] | None = None) -> None:
        """Forgets refusals of these keys, or all of a follower's when it is rebuilt."""
        r = t.refused.c
        query = delete(t.refused).where(r.follower == follower)
        if keys is None:
            self.connection.execute(query)
            return
        for start in range(0, len(keys), 500):
            self.connection.execute(query.where(r.key.in_(keys[start : start + 500])))

    # -- requests to the holder of the followers' lock ----------------------------------------

    def ask(self, what: str) -> int:
        """Leaves a request (`reindex search` …); gives its number."""
        result = self.connection.execute(insert(t.request).values(what=what, at=self.now))
        return int(result.inserted_primary_key[0]) if result.inserted_primary_key else 0

    def note_progress(self, request_id: int, progress: str, *, done: bool = False) -> None:
        self.connection.execute(
            update(t.request)
            .where(t.request.c.id == request_id)
            .values(progress=progress, done=int(done))
        )


class Store:
    """The store of one data folder. Safe to use from several threads and processes."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        """Opens the store, and makes or upgrades it. Raises StoreError in words."""
        self.folder = folder
        self.clock = clock
        try:
            self._connections = Connections(folder, clock=clock)
        except NewerStore as error:
            raise StoreError(str(error)) from error

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """A snapshot. Raises StoreError."""
        with self._connections.reading() as connection:
            yield Reader(connection)

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """A write transaction; nothing slow belongs inside. Raises StoreError."""
        with self._connections.writing() as connection:
            yield Writer(connection, int(self.clock()))

    def standing(self, key: str) -> Standing:
        """How the store stands now, and where a record lies, for pages that are kept.

        Raises StoreError.
        """
        with self._connections.asking() as connection:
            return standing(connection, key)

    def response_moment(self) -> float:
        """OAI-PMH's responseDate in seconds; ask before the snapshot is opened."""
        return self._connections.response_moment()

    def close(self) -> None:
        self._connections.close()


def requests_waiting(reader: Reader) -> list[tuple[int, str]]:
    """(number, what) of requests not done yet, oldest first."""
    r = t.request.c
    rows = reader.connection.execute(select(r.id, r.what).where(r.done == 0).order_by(r.id))
    return [(row[0], row[1]) for row in rows]


def request_progress(reader: Reader, request_id: int) -> tuple[str, bool]:
    """(progress in words, whether it is done) of a request."""
    r = t.request.c
    row = reader.connection.execute(select(r.progress, r.done).where(r.id == request_id)).one()
    return row[0], bool(row[1])
