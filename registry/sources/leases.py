"""One harvest a source at a time, its signs of life, and its log.

The lease stands in the store, so that it holds between processes and machines. It is kept alive
while the harvest runs, and expires by itself when its holder dies.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict

from registry.deletion_guard import HarvestFailed
from registry.oai_harvest import Harvested
from registry.store import harvests as kept
from registry.store.connections import StoreError
from registry.store.store import Store, Writer

LEASE_SECONDS = 120.0
HEARTBEAT_SECONDS = 3.0


class AlreadyHarvested(HarvestFailed):
    """Another process harvests this source now."""


class Lease:
    """The lease on one source and the row of its harvest; made by `leased`."""

    def __init__(self, store: Store, source_id: int, result: Harvested) -> None:
        self.store = store
        self.source_id = source_id
        self.result = result
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.harvest_id = 0
        self._logged = 0
        self._lost = False

    def take(self) -> None:
        """Raises AlreadyHarvested."""
        now = self.store.clock()
        with self.store.writing() as writer:
            connection = writer.connection
            until = now + LEASE_SECONDS
            if not kept.take_lease(connection, self.source_id, self.holder, now, until):
                other = kept.leased(connection, now).get(self.source_id, "")
                raise AlreadyHarvested(
                    f"{self.result.source} is being harvested now, by the process "
                    f"{other.rpartition(':')[0]}. `parhelion source list` shows how far it is."
                )
            self.harvest_id = kept.begin_harvest(connection, self.source_id, int(now))

    def holds(self, writer: Writer) -> None:
        """Asked in every write: raises HarvestFailed when the lease is somebody else's."""
        if not kept.has_lease(writer.connection, self.source_id, self.holder):
            self._lost = True
            raise HarvestFailed(
                f"{self.result.source}: another process has taken this harvest over; what was "
                "committed stays."
            )

    def beat(self) -> None:
        """A sign of life: the lease for longer, the counts so far, new lines of the log."""
        now = self.store.clock()
        with self.store.writing() as writer:
            connection = writer.connection
            kept.renew_lease(connection, self.source_id, self.holder, now + LEASE_SECONDS)
            kept.note_heard(connection, self.harvest_id, int(now), asdict(self.result.counts))
            self._write_log(writer)

    def end(
        self,
        outcome: str,
        message: str,
        more: Callable[[Writer], None],
        notes: Sequence[str] = (),
    ) -> None:
        """Closes the harvest and frees the lease; `more` goes into the same transaction."""
        with self.store.writing() as writer:
            connection = writer.connection
            self._write_log(writer)
            kept.log(connection, self.harvest_id, writer.now, [("note", one) for one in notes])
            counts = asdict(self.result.counts)
            kept.end_harvest(connection, self.harvest_id, writer.now, outcome, counts, message)
            if not self._lost:
                more(writer)
            kept.free_lease(connection, self.source_id, self.holder)

    def _write_log(self, writer: Writer) -> None:
        faults = self.result.faults[self._logged : kept.KEPT_LINES]
        kept.log(
            writer.connection, self.harvest_id, writer.now, [("warning", one) for one in faults]
        )
        self._logged += len(faults)


@contextmanager
def leased(store: Store, source_id: int, result: Harvested) -> Iterator[Lease]:
    """Takes the lease and keeps it alive while the block runs. Raises AlreadyHarvested.

    Whoever leaves the block has called `end`; a lease of a process that died is nobody's.
    """
    lease = Lease(store, source_id, result)
    lease.take()
    over = threading.Event()

    def keep() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            try:
                lease.beat()
            except StoreError:
                continue  # the harvest's own next write says it; the lease lives on for a while

    thread = threading.Thread(target=keep, name=f"lease {result.source}", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        over.set()
        thread.join()
