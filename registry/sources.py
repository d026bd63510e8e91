"""Harvesting sources: a page or a batch at a time into the store, with the state that follows it.

A page is committed, with the token that comes after it, before the next one is asked for. The
incremental point is the peer's own responseDate at the start of the last complete harvest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from harvesters import archives, oai_pmh
from harvesters.documents import Limits
from harvesters.fetching import Fetcher, FetchFailed, FetchLimits
from harvesters.oai_pmh import BadResumptionToken, HarvestStopped, OAIPage
from registry import dates
from registry.ingest.ingest import Ingest
from registry.ingest.reading import taken_page
from registry.settings import Settings
from registry.store import sources as kept_sources
from registry.store.held import forget_refusals
from registry.store.kept import KeptSource
from registry.store.store import Store
from registry.store.taken import Counts

OVERLAP = timedelta(days=1)
OAI_PMH, ARCHIVE = "oai-pmh", "archive"
KINDS = (OAI_PMH, ARCHIVE)

Progress = Callable[[Counts, int], None]


class HarvestFailed(Exception):
    """A harvest that did not come to its end; what was committed stays, and the next goes on."""


class TooManyDeletions(HarvestFailed):
    """A harvest would delete more of a source's records than the guard lets pass."""


@dataclass(slots=True)
class Harvested:
    """What a harvest brought. `faults` are what was wrong with the peer's pages, in words."""

    source: str
    counts: Counts = field(default_factory=Counts)
    faults: list[str] = field(default_factory=list)


def fetcher(settings: Settings) -> Fetcher:
    """A fetcher with the limits and the contact that the settings give."""
    harvest = settings.harvest
    return Fetcher(
        contact=harvest.contact or settings.public_url,
        allow_private=harvest.allow_private,
        limits=FetchLimits(
            connect=harvest.connect_seconds,
            first_byte=harvest.read_seconds,
            total=harvest.total_seconds,
            size=harvest.max_bytes,
        ),
    )


def harvest(
    store: Store,
    settings: Settings,
    source: KeptSource,
    *,
    full: bool = False,
    mirror: bool = False,
    accept_deletions: bool = False,
    progress: Progress | None = None,
) -> Harvested:
    """Harvests one source to its end. Raises HarvestFailed, StoreError."""
    started = int(store.clock())
    with store.writing() as writer:
        kept_sources.update_source(
            writer.connection, source.id, last_started=started, last_error=""
        )
    result = Harvested(source.name)
    try:
        with fetcher(settings) as fetching:
            if source.kind == OAI_PMH:
                _OaiHarvest(store, source, fetching, result, progress).run(full=full)
            else:
                guard = 1.0 if accept_deletions else settings.harvest.deletion_guard
                _archive(store, settings, source, fetching, result, mirror, guard, progress)
    except (HarvestStopped, FetchFailed, HarvestFailed) as error:
        with store.writing() as writer:
            kept_sources.update_source(writer.connection, source.id, last_error=str(error))
        if isinstance(error, HarvestFailed):
            raise
        raise HarvestFailed(f"{source.name}: {error}") from error
    with store.writing() as writer:
        kept_sources.update_source(
            writer.connection,
            source.id,
            last_finished=int(store.clock()),
            last_counts=asdict(result.counts),
        )
    return result


class _OaiHarvest:
    """One harvest of an OAI-PMH peer; its state is in the source's row after every page."""

    def __init__(
        self,
        store: Store,
        source: KeptSource,
        fetching: Fetcher,
        result: Harvested,
        progress: Progress | None,
    ) -> None:
        self._store = store
        self._source = source
        self._fetcher = fetching
        self._result = result
        self._progress = progress
        self._state: dict[str, Any] = dict(source.state)

    def run(self, *, full: bool) -> None:
        """From the token kept, else from the last complete harvest, else from the beginning."""
        if full:
            self._state.pop("point", None)
            self._state.pop("token", None)
        self._prepare()
        if self._state.get("token"):
            try:
                self._pages(self._state["token"])
                return
            except BadResumptionToken as stopped:
                self._result.faults.append(f"{stopped}; begun again from the last point")
                self._state.pop("token", None)
        self._state["begun"] = ""
        self._pages("")

    def _prepare(self) -> None:
        """Asks the peer once for its granularity and, where none is set, for a format."""
        if not self._state.get("granularity"):
            identity = oai_pmh.identify(self._source.url, self._fetcher)
            self._state["granularity"] = identity.granularity or oai_pmh.SECONDS
        if self._source.prefix:
            self._state["prefix"] = self._source.prefix
        elif not self._state.get("prefix"):
            offered = oai_pmh.formats(self._source.url, self._fetcher)
            fit = oai_pmh.suitable(offered)
            if not fit:
                names = ", ".join(one.prefix for one in offered) or "none"
                raise HarvestFailed(
                    f"{self._source.name}: the peer offers no format that is taken in here "
                    f"(it offers {names}); SPASE and ivo_vor are."
                )
            self._state["prefix"] = fit[0].prefix

    def _pages(self, token: str) -> None:
        pages = oai_pmh.harvest(
            self._source.url,
            self._state["prefix"],
            fetcher=self._fetcher,
            set_=self._source.set_spec,
            from_=self._from(),
            token=token,
            granularity=self._state["granularity"],
        )
        for page in pages:
            self._commit(page)

    def _from(self) -> str:
        point = dates.moment(self._state.get("point", ""))
        return dates.written(point - OVERLAP) if point else ""

    def _commit(self, page: OAIPage) -> None:
        """One page in one transaction, with the token that follows it."""
        if not page.asked_with:
            self._state["begun"] = page.response_date
        if page.token:
            self._state["token"] = page.token
        else:
            self._state.pop("token", None)
            self._state["point"] = self._state.get("begun") or self._state.get("point", "")
        documents = taken_page(page.parts)
        gone = [
            part.header.identifier
            for part in page.parts
            if part.header and part.header.deleted and part.refusal is None
        ]
        with self._store.writing() as writer:
            counts = writer.take(self._source.id, documents)
            counts.add(writer.remove(self._source.id, gone))
            kept_sources.update_source(writer.connection, self._source.id, state=self._state)
        self._result.counts.add(counts)
        self._result.faults += [finding.message for finding in page.faults]
        if self._progress:
            self._progress(self._result.counts, 0)


def _archive(
    store: Store,
    settings: Settings,
    source: KeptSource,
    fetching: Fetcher,
    result: Harvested,
    mirror: bool,
    guard: float,
    progress: Progress | None,
) -> None:
    """Takes an archive in when it has changed; deletes what it no longer holds if mirrored."""
    state = dict(source.state)
    mirrored = state.pop("mirrored", False)
    # What came last without --mirror has to be looked at once more before it is mirrored.
    known = bool(state) and (mirrored or not mirror)
    before = archives.ArchiveState(**state) if known else None
    with archives.fetched(source.url, fetching, before, store.folder) as fetched:
        if not fetched.modified:
            return
        run = Ingest(store, settings, source_id=source.id, progress=progress)
        limits = Limits(document=settings.ingest.document_bytes)
        seen: list[str] = []
        run.take_tasks(fetched.tasks(limits=limits), seen=seen.extend)
        result.counts.add(run.counts)
        if source.url in run.unread:
            # What did not come is not gone, and the whole of it is to be asked for again.
            with store.writing() as writer:
                kept_sources.update_source(writer.connection, source.id, state={})
            raise HarvestFailed(
                f"{source.name}: {source.url} could not be read to its end; what was read stays, "
                "nothing was deleted. `parhelion status` names the fault; harvest again."
            )
        if mirror:
            with store.reading() as reader:
                held = kept_sources.paths_of(reader.connection, source.id)
            result.counts.add(_mirror(store, source, held, set(seen), guard))
    with store.writing() as writer:
        forget_refusals(writer.connection, source.id, [source.url])
        after = {**asdict(fetched.state), "mirrored": mirror}
        kept_sources.update_source(writer.connection, source.id, state=after)


def _mirror(
    store: Store, source: KeptSource, held: list[str], seen: set[str], guard: float
) -> Counts:
    vanished = [path for path in held if path not in seen]
    if held and len(vanished) > guard * len(held):
        raise TooManyDeletions(
            f"{source.name}: {len(vanished):,} of {len(held):,} records are no longer in "
            f"{source.url}, more than {guard:.0%}. Nothing was deleted; if that is right, harvest "
            "again with --mirror --accept-deletions."
        )
    return removed(store, source.id, vanished)


def removed(store: Store, source_id: int, paths: list[str]) -> Counts:
    """Takes places away in batches; gives what became of their records."""
    counts = Counts()
    for start in range(0, len(paths), 500):
        with store.writing() as writer:
            counts.add(writer.remove(source_id, paths[start : start + 500]))
    return counts


def remove_source(store: Store, source: KeptSource) -> Counts:
    """Removes a source and its places; records that lie nowhere else are deleted."""
    with store.reading() as reader:
        paths = kept_sources.paths_of(reader.connection, source.id)
    counts = removed(store, source.id, paths)
    with store.writing() as writer:
        kept_sources.forget_source(writer.connection, source.id)
    return counts


def add_source(
    store: Store, name: str, kind: str, url: str, *, prefix: str = "", set_spec: str = ""
) -> KeptSource:
    """Adds a source. Raises SourceError."""
    with store.writing() as writer:
        return kept_sources.add_source(
            writer.connection, name, kind, url, now=writer.now, prefix=prefix, set_spec=set_spec
        )


def every_source(store: Store) -> Iterator[tuple[KeptSource, int]]:
    """(source, how many places it holds) of every source."""
    with store.reading() as reader:
        held = kept_sources.count_records(reader.connection)
        for source in kept_sources.sources(reader.connection):
            yield source, held.get(source.id, 0)
