"""Taking documents in: tasks to workers, batches to the store.

Nothing slow happens inside a write; a batch ends after 500 records or half a second.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harvesters.documents import Limits, Task, named_as_archive, shown
from harvesters.files import digest, tasks
from registry.ingest.spool import Spool
from registry.ingest.workers import Done, WorkOrder, work
from registry.settings import Settings
from registry.store.held import (
    count_archive,
    count_held,
    forget_refusals,
    keep_archive,
    known_archive,
)
from registry.store.sources import LOCAL_SOURCE
from registry.store.store import Store, Writer
from registry.store.taken import Counts, TakenDocument

BATCH_RECORDS = 500
BATCH_SECONDS = 0.5

Progress = Callable[[Counts, int], None]
"""Called with the counts so far and the bytes read, after each batch."""
Seen = Callable[[list[str]], None]
Take = Callable[[Writer, Sequence[TakenDocument]], Counts]


@dataclass(slots=True)
class Archive:
    """An archive that is read in this run, to be noted when all of it was taken in."""

    path: str
    digest: bytes


class Ingest:
    """One run of taking documents in."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        source_id: int = LOCAL_SOURCE,
        spool: Spool | None = None,
        progress: Progress | None = None,
        take: Take | None = None,
        processes: int | None = None,
    ) -> None:
        """`take` puts a batch into the store in another way than `Writer.take`; `processes` is
        how many read, else as the settings say."""
        self.counts = Counts()
        self.unread: list[str] = []
        """The places of which not even the bytes could be read."""
        self._opened: set[str] = set()
        """The archives of which something came."""
        self._store = store
        self._settings = settings
        self._source_id = source_id
        self._spool = spool
        self._progress = progress
        self._take = take
        self._processes = processes or settings.ingest.workers or os.cpu_count() or 1
        self._bytes = 0

    def run(self, paths: Sequence[str], stdin: BinaryIO | None = None) -> Counts:
        """Takes in files, folders, archives and `-`. Raises StoreError, WorkersDied."""
        paths, archives = self._pass_over(paths)
        limits = Limits(document=self._settings.ingest.document_bytes)
        if paths:
            self.take_tasks(tasks(paths, stdin=stdin, limits=limits))
        self._forget_mended()
        whole = [archive for archive in archives if not self._left_out(archive)]
        if whole:
            with self._store.writing() as writer:
                for archive in whole:
                    keep_archive(
                        writer.connection, self._source_id, archive.path, archive.digest,
                        writer.now,
                    )  # fmt: skip
        return self.counts

    def _forget_mended(self) -> None:
        """Archives that could not be opened once and could be now leave the quarantine."""
        mended = self._opened - set(self.unread)
        if mended:
            with self._store.writing() as writer:
                forget_refusals(writer.connection, self._source_id, mended)

    def _left_out(self, archive: Archive) -> bool:
        """Whether something of an archive could not be read; under other limits it might be."""
        inside = f"{archive.path}!/"
        return any(path == archive.path or path.startswith(inside) for path in self.unread)

    def take_tasks(self, work_to_do: Iterable[Task], seen: Seen | None = None) -> None:
        """Reads tasks in worker processes, and commits what comes of them in batches.

        `seen` is called with the paths of each batch, unchanged ones too.
        """
        with self._store.reading() as reader:
            known = reader.last_change() > 0
        order = WorkOrder(
            self._store.folder,
            self._source_id,
            known,
            self._spool.folder if self._spool else None,
            self._settings.public_url,
        )
        for batch in _batches(work(work_to_do, order, self._processes)):
            with self._store.writing() as writer:
                if self._take:
                    self.counts.add(self._take(writer, batch.documents))
                else:
                    self.counts.add(writer.take(self._source_id, batch.documents))
                self.counts.add(count_held(writer.connection, self._source_id, batch.unchanged))
            if self._spool:
                self._spool.add(batch.spooled)
            self._bytes += batch.size
            self.unread += [document.path for document in batch.documents if not document.digest]
            paths = [*(document.path for document in batch.documents), *batch.unchanged]
            self._opened.update(path.partition("!/")[0] for path in paths if "!/" in path)
            if seen:
                seen(paths)
            if self._progress:
                self._progress(self.counts, self._bytes)

    def _pass_over(self, paths: Sequence[str]) -> tuple[list[str], list[Archive]]:
        """The paths that have to be read, and the archives among them.

        An archive whose digest was wholly taken in before is counted from the store.
        """
        wanted: list[str] = []
        archives: list[Archive] = []
        for path in paths:
            if path == "-" or not named_as_archive(path) or not os.path.isfile(path):
                wanted.append(path)
                continue
            try:
                archive = Archive(shown(str(Path(path).resolve())), bytes.fromhex(digest(path)))
            except OSError:  # reading it will say why
                wanted.append(path)
                continue
            with self._store.reading() as reader:
                connection = reader.connection
                if known_archive(connection, self._source_id, archive.path) == archive.digest:
                    self.counts.add(count_archive(connection, self._source_id, archive.path))
                    self._opened.add(archive.path)
                    continue
            wanted.append(path)
            archives.append(archive)
        return wanted, archives


def _batches(done: Iterable[Done]) -> Iterator[Done]:
    """Joins and cuts what is done into batches of BATCH_RECORDS, or of BATCH_SECONDS' work."""
    batch, number, began = Done(), 0, time.monotonic()
    for one in done:
        batch.size += one.size
        batch.unchanged += one.unchanged
        batch.spooled += one.spooled
        for document in one.documents:
            batch.documents.append(document)
            number += _weight(document)
            if number >= BATCH_RECORDS:
                yield batch
                batch, number, began = Done(), 0, time.monotonic()
        if time.monotonic() - began > BATCH_SECONDS:
            yield batch
            batch, number, began = Done(), 0, time.monotonic()
    yield batch


def _weight(document: TakenDocument) -> int:
    return len(document.taken) + len(document.refused)
