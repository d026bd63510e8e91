"""Harvesting one OAI-PMH peer into the store: a page at a time, with the state that follows it.

A page is committed, with the token that comes after it, before the next one is taken. The
incremental point is the peer's own responseDate at the start of the last complete harvest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from harvesters import oai_pmh
from harvesters.fetching import Fetcher
from harvesters.oai_pmh import BadResumptionToken, OAIPage
from registry import dates
from registry.deletion_guard import Guard, HarvestFailed
from registry.ingest.reading import taken_page
from registry.store import sources as kept_sources
from registry.store.kept import KeptSource
from registry.store.store import Store
from registry.store.taken import Counts

OVERLAP = timedelta(days=1)

Progress = Callable[[Counts, int], None]


@dataclass(slots=True)
class Harvested:
    """What a harvest brought. `faults` are what was wrong with the peer's pages, in words."""

    source: str
    counts: Counts = field(default_factory=Counts)
    faults: list[str] = field(default_factory=list)


class OaiHarvest:
    """One harvest of an OAI-PMH peer; its state is in the source's row after every page."""

    def __init__(
        self,
        store: Store,
        source: KeptSource,
        fetching: Fetcher,
        result: Harvested,
        progress: Progress | None,
        guard: Guard,
    ) -> None:
        self._store = store
        self._guard = guard
        self._matched = True
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
                self._settle()
                return
            except BadResumptionToken as stopped:
                self._result.faults.append(f"{stopped}; begun again from the last point")
                self._state.pop("token", None)
        self._begin()
        self._pages("")
        self._settle()

    def _begin(self) -> None:
        """A list begins: it is full where there is no point to go on from."""
        self._state["begun"] = ""
        self._state["full"] = not self._state.get("point")
        self._state["held"] = self._guard.count()
        with self._store.writing() as writer:
            self._guard.begin(writer)
            kept_sources.update_source(writer.connection, self._source.id, state=self._state)

    def _settle(self) -> None:
        """The list is complete: deletions pass the guard, and the incremental point moves.

        A peer that keeps no deletions (section 2.5.1) tells of them by what a full list lacks.
        """
        vanished: list[str] = []
        if self._state.get("full"):
            vanished = self._guard.unlisted()
            if vanished and self._state.get("deleted") == "persistent" and self._matched:
                self._result.faults.append(
                    f"{len(vanished):,} records are not in the full list of a peer that says it "
                    f"keeps deletions; they stay: {', '.join(vanished[:5])}"
                )
                vanished = []
        of = int(self._state.get("held", 0))
        self._result.counts.add(self._guard.settle(of, vanished, self._source.url))
        self._state["point"] = self._state.get("begun") or self._state.get("point", "")
        if self._state.pop("full", False):
            self._state["full_at"] = int(self._store.clock())
        with self._store.writing() as writer:
            self._guard.begin(writer)
            kept_sources.update_source(writer.connection, self._source.id, state=self._state)

    def _prepare(self) -> None:
        """Asks the peer once for its granularity and, where none is set, for a format."""
        if not self._state.get("granularity") or "deleted" not in self._state:
            identity = oai_pmh.identify(self._source.url, self._fetcher)
            self._state["granularity"] = identity.granularity or oai_pmh.SECONDS
            self._state["deleted"] = identity.deleted_record
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
        self._matched = not page.no_records_match
        documents = taken_page(page.parts)
        gone = [
            part.header.identifier
            for part in page.parts
            if part.header and part.header.deleted and part.refusal is None
        ]
        with self._store.writing() as writer:
            full = bool(self._state.get("full"))
            counts = self._guard.take_page(writer, documents, gone, full=full)
            kept_sources.update_source(writer.connection, self._source.id, state=self._state)
        self._result.counts.add(counts)
        self._result.faults += [finding.message for finding in page.faults]
        if self._progress:
            self._progress(self._result.counts, 0)
