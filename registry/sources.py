"""Harvesting sources: a page or a batch at a time into the store, with the state that follows it.

A page is committed, with the token that comes after it, before the next one is asked for. The
incremental point is the peer's own responseDate at the start of the last complete harvest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from harvesters import archives
from harvesters.documents import Limits
from harvesters.fetching import Fetcher, FetchFailed, FetchLimits
from harvesters.oai_pmh import HarvestStopped
from registry.deletion_guard import Guard, HarvestFailed, TooManyDeletions
from registry.ingest.ingest import Ingest
from registry.oai_harvest import Harvested, OaiHarvest, Progress
from registry.settings import Settings
from registry.store import sources as kept_sources
from registry.store.held import forget_refusals
from registry.store.kept import KeptSource
from registry.store.store import Store
from registry.store.taken import Counts

OAI_PMH, ARCHIVE = "oai-pmh", "archive"
KINDS = (OAI_PMH, ARCHIVE)


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
    share = 1.0 if accept_deletions else settings.harvest.deletion_guard
    try:
        with fetcher(settings) as fetching:
            if source.kind == OAI_PMH:
                guard = Guard(store, source.id, source.name, share)
                OaiHarvest(store, source, fetching, result, progress, guard).run(full=full)
            else:
                _archive(store, settings, source, fetching, result, mirror, share, progress)
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
