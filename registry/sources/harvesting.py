"""One harvest of one source, whatever its kind: under its lease, past the guard, into its log."""

from __future__ import annotations

import threading
from dataclasses import asdict

from harvesters.fetching import Fetcher, FetchFailed
from harvesters.oai_pmh import HarvestStopped
from registry.deletion_guard import Guard, HarvestFailed
from registry.oai.own_records import managed_authorities
from registry.oai_harvest import Harvested, OaiHarvest, Progress
from registry.settings import Settings
from registry.sources import schedule
from registry.sources.kinds import ARCHIVE, FOLDER, OAI_PMH, fetcher
from registry.sources.leases import Lease, leased
from registry.sources.whole_states import WholeState
from registry.store import conflicts, ownership
from registry.store import harvests as kept_harvests
from registry.store import sources as kept_sources
from registry.store.kept import KeptSource
from registry.store.store import Store, Writer
from registry.store.taken import Counts
from schemas.canonical import canonical_digest
from schemas.documents import element

_A_DAY = 86400
_NAMED = 25
"""How many conflicts the log of one harvest names."""
_BATCH = 200


class HarvestInterrupted(HarvestFailed):
    """The harvest was asked to end; what was committed stays, and the next one goes on."""


class Stop:
    """Asks a harvest that runs in another thread to end."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._fetchers: list[Fetcher] = []

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    def ask(self) -> None:
        """Ends waiting and fetching now, the rest at the next page."""
        self._asked.set()
        for one in list(self._fetchers):
            one.close()

    def watch(self, one: Fetcher) -> None:
        self._fetchers.append(one)
        if self.asked:
            one.close()


def harvest(
    store: Store,
    settings: Settings,
    source: KeptSource,
    *,
    full: bool = False,
    mirror: bool = False,
    accept_deletions: bool = False,
    progress: Progress | None = None,
    stop: Stop | None = None,
) -> Harvested:
    """Harvests one source to its end. Raises HarvestFailed, StoreError.

    `full` asks for everything; `mirror` deletes what an archive no longer holds; with
    `accept_deletions` the guard lets everything pass. What came to nothing is in the source's log.
    """
    result = Harvested(source.name)
    stop = stop or Stop()
    with leased(store, source.id, result) as lease:
        with store.writing() as writer:
            ours = managed_authorities(settings)
            writer.set_managed(kept_sources.LOCAL_SOURCE, ours)
            # Under the lease: the state is now nobody else's to move.
            source = kept_sources.source(writer.connection, source.name)
            kept_sources.update_source(
                writer.connection, source.id, last_started=writer.now, last_error=""
            )
        share = 1.0 if accept_deletions else settings.harvest.deletion_guard
        run = _Run(store, settings, source, result, lease, share, progress, stop)
        run.to_its_end(full=full or _full_again(source, settings, store.clock()), mirror=mirror)
    return result


def _full_again(source: KeptSource, settings: Settings, now: float) -> bool:
    """Whether the last full harvest of a peer is too long ago (RegistryInterfaces 1.1, 2.2)."""
    if source.kind != OAI_PMH or source.state.get("token"):
        return False
    at = float(source.state.get("full_at") or now)
    keeps = source.state.get("deleted", "persistent") == "persistent"
    days = settings.harvest.full_days if keeps else settings.harvest.full_days_without_deletions
    return bool(now - at > days * _A_DAY)


class _Run:
    """A harvest under its lease."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        source: KeptSource,
        result: Harvested,
        lease: Lease,
        share: float,
        progress: Progress | None,
        stop: Stop,
    ) -> None:
        self._store = store
        self._settings = settings
        self._source = source
        self._result = result
        self._lease = lease
        floor = settings.harvest.deletion_floor
        self._guard = Guard(store, source.id, source.name, share, lease.holds, floor)
        self._shown = progress
        self._stop = stop
        self._started = store.clock()

    def to_its_end(self, *, full: bool, mirror: bool) -> None:
        """Harvests, and closes the harvest's row whatever happens. Raises HarvestFailed."""
        try:
            with fetcher(self._settings, self._source.name) as fetching:
                self._stop.watch(fetching)
                self._by_kind(fetching, full=full, mirror=mirror)
        except (HarvestStopped, FetchFailed, HarvestFailed) as error:
            if self._stop.asked:
                raise self._interrupted() from error
            failed = error if isinstance(error, HarvestFailed) else self._in_words(error)
            asked = getattr(error, "retry_after", None) or 0.0
            self._failed(str(error), asked)
            if failed is error:
                raise
            raise failed from error
        except Exception as error:
            if self._stop.asked:
                raise self._interrupted() from error
            self._failed(f"a fault of Parhelion's own ({type(error).__name__}: {error})", 0.0)
            raise
        except BaseException:
            self._interrupted()
            raise
        self._done()

    def _by_kind(self, fetching: Fetcher, *, full: bool, mirror: bool) -> None:
        source = self._source
        if source.kind == OAI_PMH:
            ours = managed_authorities(self._settings)
            if source.name in self._settings.harvest.ours_from:
                ours = []
            OaiHarvest(
                self._store, source, fetching, self._result, self._progress, self._guard, ours
            ).run(full=full)
            return
        whole = WholeState(
            self._store, self._settings, source, self._result, self._guard, self._progress,
            lambda: self._stop.asked,
        )  # fmt: skip
        if source.kind == ARCHIVE:
            whole.archive(fetching, mirror=mirror or source.mirror, full=full)
        elif source.kind == FOLDER:
            whole.folder()
        else:
            whole.git(full=full)

    def _progress(self, counts: Counts, size: int) -> None:
        if self._shown:
            self._shown(counts, size)
        if self._stop.asked:
            raise HarvestInterrupted(f"{self._source.name}: asked to end")

    def _in_words(self, error: Exception) -> HarvestFailed:
        return HarvestFailed(f"{self._source.name}: {error}")

    # -- how it ended -------------------------------------------------------------------------

    def _done(self) -> None:
        with self._store.reading() as reader:
            beside = ownership.count_beside(reader.connection, self._source.id)
        found = self._conflicts()
        notes = [
            f"{number:,} records of this source belong to {owner}; they are kept beside its own"
            for owner, number in beside.items()
        ]
        notes += [
            f"conflict: {identifier} is another content here than at {owner}, to which it belongs"
            for identifier, owner in found[:_NAMED]
        ]
        if len(found) > _NAMED:
            notes.append(f"conflict: {len(found) - _NAMED:,} more records of this kind")

        def more(writer: Writer) -> None:
            self._update(
                writer,
                last_finished=writer.now,
                last_counts=asdict(self._result.counts),
                failures=0,
                next_due=schedule.after_success(self._started, self._source.every),
            )

        self._lease.end(kept_harvests.DONE, "", more, notes)

    def _conflicts(self) -> list[tuple[str, str]]:
        """(identifier, owner) of what this source says differently than who it belongs to."""
        while True:
            with self._store.reading() as reader:
                lacking = conflicts.uncompared(reader.connection, self._source.id, _BATCH)
                if not lacking:
                    return conflicts.conflicts(reader.connection, self._source.id)
            digests = [(number, canonical_digest(element(content))) for number, content in lacking]
            with self._store.writing() as writer:
                conflicts.note_canonical(writer.connection, digests)

    def _failed(self, message: str, asked: float) -> None:
        failures = self._source.failures + 1

        def more(writer: Writer) -> None:
            due = schedule.after_failure(writer.now, self._source.every, failures, asked)
            self._update(writer, last_error=message, failures=failures, next_due=due)

        self._lease.end(kept_harvests.FAILED, message, more)

    def _interrupted(self) -> HarvestInterrupted:
        def more(writer: Writer) -> None:
            self._update(writer, next_due=writer.now if self._source.every else None)

        self._lease.end(kept_harvests.STOPPED, "it was asked to end; the next one goes on", more)
        return HarvestInterrupted(f"{self._source.name}: ended; the next harvest goes on.")

    def _update(self, writer: Writer, **values: object) -> None:
        kept_sources.update_source(writer.connection, self._source.id, **values)
