"""Following while a server runs: the lock, quiet, requests of other processes.

A thread tries for the followers' lock. Who holds it starts the graph's child, keeps index and
graph in step, and does what `reindex` asks for; everybody else asks the holder's child.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from registry.followers.following import Following
from registry.graph.errors import GraphError
from registry.search.query import SearchUnavailable
from registry.store.connections import StoreError
from registry.store.store import Store, requests_waiting

QUIET_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 30.0
POLL_SECONDS = 0.5
_log = logging.getLogger(__name__)


class Quiet:
    """Whether to follow now: after 2 s without a change, and after 30 s at the latest."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen = 0
        self._changed = 0.0
        self._waiting_since: float | None = None

    def now(self, last_change: int, applied: int) -> bool:
        """Call it every while with the store's last change and the lowest number applied."""
        at = self._clock()
        if last_change != self._seen:
            self._seen, self._changed = last_change, at
        if applied >= last_change:
            self._waiting_since = None
            return False
        if self._waiting_since is None:
            self._waiting_since = at
        quiet = at - self._changed >= QUIET_SECONDS
        return quiet or at - self._waiting_since >= LONGEST_WAIT_SECONDS


class FollowersThread(threading.Thread):
    """Keeps the followers in step for as long as the process lives."""

    def __init__(
        self, store: Store, take_lock: Callable[[], bool], following: Callable[[], Following]
    ) -> None:
        """`take_lock` tries for the lock and opens the graph when it is got; says whether."""
        super().__init__(name="followers", daemon=True)
        self._store = store
        self._take_lock = take_lock
        self._following = following
        self._ended = threading.Event()
        self._quiet = Quiet()
        self._fault = ""

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                if self._take_lock():
                    self._once()
                self._say("")
            except (StoreError, GraphError, SearchUnavailable, OSError) as error:
                self._say(str(error))
            except Exception as error:  # noqa: BLE001
                # A fault of ours must not end the thread: what comes next may go well.
                if str(error) != self._fault:
                    _log.exception("A fault of Parhelion's own")
                self._say(str(error))
            self._ended.wait(POLL_SECONDS)

    def stop(self) -> None:
        """Ends the thread after what it is doing; what it had not applied waits in the log."""
        self._ended.set()
        self.join()

    def _say(self, fault: str) -> None:
        if fault and fault != self._fault:
            _log.error("Search index and graph cannot follow the store: %s", fault)
        elif self._fault and not fault:
            _log.info("Search index and graph follow the store again.")
        self._fault = fault

    def _once(self) -> None:
        following = self._following()
        with self._store.reading() as reader:
            last = reader.last_change()
            waiting = requests_waiting(reader)
        for number, what in waiting:
            self._reindex(following, number, what)
        reached = following.reached()
        places = list(reached.places.values()) or [last]
        # What is ahead of the store follows one that is gone: a backup was put in its place.
        anew = min(places) < 0 or max(places) > last
        if anew or self._quiet.now(last, min(places)):
            following.catch_up()
        elif reached.fault is not None:
            raise reached.fault

    def _reindex(self, following: Following, number: int, what: str) -> None:
        names = [name for name in what.split()[1:] if name in ("search", "graph")]

        def progress(_: str, done: int, total: int) -> None:
            with self._store.writing() as writer:
                writer.note_progress(number, f"{done:,} of {total:,} records")

        if names:
            following.rebuild(names, progress=progress)
        with self._store.writing() as writer:
            writer.note_progress(number, "done", done=True)
