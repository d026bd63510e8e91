"""Harvesting what is due while a server runs: some at a time, one after another per host."""

from __future__ import annotations

import logging
import threading
from urllib.parse import urlsplit

from registry.deletion_guard import HarvestFailed
from registry.processes import WorkersDied
from registry.settings import Settings
from registry.sources.harvesting import HarvestInterrupted, Stop, harvest
from registry.sources.leases import AlreadyHarvested
from registry.store import harvests as kept_harvests
from registry.store import sources as kept_sources
from registry.store.connections import StoreError
from registry.store.kept import KeptSource
from registry.store.store import Store

POLL_SECONDS = 2.0
ENDING_SECONDS = 20.0
_log = logging.getLogger(__name__)


class HarvestsThread(threading.Thread):
    """Starts harvests that are due, until it is stopped."""

    def __init__(self, store: Store, settings: Settings) -> None:
        super().__init__(name="harvests", daemon=True)
        self._store = store
        self._settings = settings
        self._ended = threading.Event()
        self._running: dict[str, tuple[threading.Thread, Stop]] = {}
        self._fault = ""

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self.start_due()
                self._say("")
            except StoreError as error:
                self._say(str(error))
            self._ended.wait(POLL_SECONDS)

    def stop(self) -> None:
        """Ends the harvests that run, each between two commits; they go on next time."""
        self._ended.set()
        if self.is_alive():
            self.join()
        for _, stop in list(self._running.values()):
            stop.ask()
        for thread, _ in list(self._running.values()):
            thread.join(ENDING_SECONDS)

    def start_due(self) -> list[str]:
        """Starts what is due and may run now; gives the names of the sources."""
        for host, (thread, _) in list(self._running.items()):
            if not thread.is_alive():
                del self._running[host]
        started = []
        for source in self._due():
            if len(self._running) >= self._settings.harvest.parallel:
                break
            host = host_of(source)
            if host not in self._running:
                self._start(host, source)
                started.append(source.name)
        return started

    def _due(self) -> list[KeptSource]:
        """What is due, without what stands on a host that is being harvested by anybody."""
        now = self._store.clock()
        with self._store.reading() as reader:
            connection = reader.connection
            waiting = kept_harvests.due(connection, now)
            if not waiting:
                return []
            by_id = {one.id: one for one in kept_sources.sources(connection)}
            busy = {host_of(by_id[one]) for one in kept_harvests.leased(connection, now)}
        return [by_id[one] for one in waiting if host_of(by_id[one]) not in busy]

    def _start(self, host: str, source: KeptSource) -> None:
        stop = Stop()
        thread = threading.Thread(
            target=self._harvest, args=(source, stop), name=f"harvest {source.name}", daemon=True
        )
        self._running[host] = (thread, stop)
        thread.start()

    def _harvest(self, source: KeptSource, stop: Stop) -> None:
        try:
            result = harvest(self._store, self._settings, source, stop=stop)
        except AlreadyHarvested:
            return
        except HarvestInterrupted as ended:
            _log.info("%s", ended)
        except (HarvestFailed, StoreError, WorkersDied) as error:
            _log.warning("Harvest: %s", error)
        except Exception:  # noqa: BLE001
            # A fault of ours in one source must not end the harvests of the others.
            _log.exception("A fault of Parhelion's own, while it harvested %s", source.name)
        else:
            counts = result.counts
            _log.info(
                "Harvested %s: %d read, %d new, %d changed, %d deleted.",
                source.name, counts.read, counts.new, counts.changed, counts.deleted,
            )  # fmt: skip

    def _say(self, fault: str) -> None:
        if fault and fault != self._fault:
            _log.error("The schedule of harvests cannot be read: %s", fault)
        self._fault = fault


def host_of(source: KeptSource) -> str:
    """What one harvest at a time goes to: a host, or the folder of a source that has none."""
    return urlsplit(source.url).hostname or source.url
