"""Harvesting one OAI-PMH peer into the store: a page at a time, with the state that follows it.

A page is committed, with the token that comes after it, before the next one is taken. The
incremental point is the peer's own responseDate at the start of the last complete harvest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from harvesters import oai_pmh
from harvesters.fetching import Fetcher, FetchFailed
from harvesters.oai_pmh import BadResumptionToken, HarvestStopped, OAIPage
from harvesters.publishing_registries import managed_in
from registry import dates
from registry.deletion_guard import Guard, HarvestFailed
from registry.findings import Refusal
from registry.ingest.reading import refused_document, taken_page
from registry.store import sources as kept_sources
from registry.store.kept import KeptSource
from registry.store.store import Store
from registry.store.taken import Counts, TakenDocument
from schemas.parts import Part

OVERLAP = timedelta(days=1)
_BEGINNINGS = 4
"""How often one harvest begins its list again when the peer loses its place."""
_STUCK = 3
"""How many harvests stop at the same token before it is given up."""
_NAMED = 25
"""How many faults of one kind are named in the log of one harvest."""
_OF_ARGUMENTS = ("badArgument", "badVerb", "cannotDisseminateFormat", "idDoesNotExist", "unknown")

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
        ours: Iterable[str] = (),
    ) -> None:
        """`ours`: naming authorities of which no VOResource record is taken from this peer."""
        self._ours = frozenset(one.lower() for one in ours)
        self._store = store
        self._guard = guard
        self._matched = True
        self._short = False
        self._source = source
        self._fetcher = fetching
        self._result = result
        self._progress = progress
        self._state: dict[str, Any] = dict(source.state)
        self._said: Counter[str] = Counter()

    def run(self, *, full: bool) -> None:
        """From the token kept, else from the last complete harvest, else from the beginning.

        Raises HarvestFailed, HarvestStopped, FetchFailed.
        """
        if full:
            self._state.pop("point", None)
            self._forget_place()
        try:
            self._prepare()
            for _ in range(_BEGINNINGS):
                if self._whole_list():
                    self._settle()
                    return
            self._save()
            raise HarvestFailed(
                f"{self._source.name}: the peer lost its place in the list {_BEGINNINGS} times; "
                "the next harvest begins again from the last complete one."
            )
        except (HarvestStopped, FetchFailed) as error:
            self._put_up_with(error)
            self._stuck(error)
            self._save()
            raise
        finally:
            self._sum_up()

    def _whole_list(self) -> bool:
        """Takes the list, from the token kept or from its beginning, to its end.

        False where the peer does not know the token any more; then there is none.
        """
        token = self._state.get("token", "")
        if not token:
            self._begin()
        try:
            self._pages(token)
        except HarvestStopped as stopped:
            if not isinstance(stopped, BadResumptionToken) and not self._of_the_token(stopped):
                raise
            self._put_up_with(stopped)
            self._say("oai.token-lost", f"{stopped}; begun again from the last complete harvest")
            self._forget_place()
            return False
        return True

    def _of_the_token(self, stopped: HarvestStopped) -> bool:
        """Whether an error answers a token, with which nothing but the token can be wrong."""
        return bool(stopped.token) and stopped.reason in _OF_ARGUMENTS

    def _forget_place(self) -> None:
        for name in ("token", "listed", "stuck"):
            self._state.pop(name, None)

    def _stuck(self, error: HarvestStopped | FetchFailed) -> None:
        """A place at which harvest after harvest stops is given up, and the list begun again."""
        before = int(self._state.pop("stuck", 0))
        lasting = isinstance(error, HarvestStopped) or error.reason == "status"
        if isinstance(error, HarvestStopped) and error.reason == "circle":
            self._forget_place()
        elif lasting and self._state.get("token"):
            self._state["stuck"] = before + 1
            if before + 1 >= _STUCK:
                self._forget_place()
        if not self._source.prefix and getattr(error, "reason", "") == "cannotDisseminateFormat":
            self._state.pop("prefix", None)  # the peer is asked anew what it offers

    def _save(self) -> None:
        with self._store.writing() as writer:
            self._guard.holds(writer)
            kept_sources.update_source(writer.connection, self._source.id, state=self._state)

    # -- what was wrong ---------------------------------------------------------------------------

    def _say(self, rule: str, message: str) -> None:
        """A line for the source's log; many of one kind are counted."""
        self._said[rule] += 1
        if self._said[rule] <= _NAMED:
            self._result.faults.append(message)

    def _put_up_with(self, error: Exception) -> None:
        """What was borne on the way to a stop."""
        for note in getattr(error, "__notes__", ()):
            self._say("oai.request", note)

    def _sum_up(self) -> None:
        for rule, number in self._said.items():
            if number > _NAMED:
                more = number - _NAMED
                self._result.faults.append(f"{rule}: {more:,} more faults of this kind")
        self._said.clear()

    # -- the list ---------------------------------------------------------------------------------

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
            if vanished and self._short:
                self._result.faults.append(
                    f"{len(vanished):,} records are not in a list that was shorter than announced; "
                    f"they stay: {', '.join(vanished[:5])}"
                )
                vanished = []
            elif vanished and self._state.get("deleted") == "persistent" and self._matched:
                self._result.faults.append(
                    f"{len(vanished):,} records are not in the full list of a peer that says it "
                    f"keeps deletions; they stay: {', '.join(vanished[:5])}"
                )
                vanished = []
        of = int(self._state.get("held", 0))
        self._result.counts.add(self._guard.settle(of, vanished, self._source.url))
        self._state["point"] = self._state.get("begun") or self._state.get("point", "")
        self._forget_place()
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
            with self._store.writing() as writer:
                claimed = managed_in(identity.descriptions)
                writer.set_managed(self._source.id, claimed)
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
            listed=self._state.get("listed"),
            ahead=True,
            folder=self._store.folder,
        )
        with closing(pages):
            for page in pages:
                self._commit(page)

    def _from(self) -> str:
        point = dates.moment(self._state.get("point", ""))
        return dates.written(point - OVERLAP) if point else ""

    def _commit(self, page: OAIPage) -> None:
        """One page in one transaction, with the token that follows it.

        Of a page that comes in pieces the last has the token: until then it is asked for again.
        """
        if not page.asked_with and page.response_date:
            self._state["begun"] = page.response_date
        if page.ends:
            self._state["token"], self._state["listed"] = page.token, page.listed
            self._state.pop("stuck", None)
        self._matched = not page.no_records_match
        self._short = page.short
        parts = _last_words(page.parts)
        documents = [_document(part) for part in parts]
        gone = [
            part.header.identifier
            for part in parts
            if part.header and part.header.deleted and part.refusal is None
        ]
        for document in documents:
            self._refuse_ours(document)
        with self._store.writing() as writer:
            full = bool(self._state.get("full"))
            counts = self._guard.take_page(writer, documents, gone, full=full)
            kept_sources.update_source(writer.connection, self._source.id, state=self._state)
        self._result.counts.add(counts)
        for finding in page.faults:
            self._say(finding.rule, finding.message)
        if self._progress:
            self._progress(self._result.counts, 0)

    def _refuse_ours(self, document: TakenDocument) -> None:
        """Takes out of a document what nobody but this registry may say."""
        kept = []
        for item in document.taken:
            if item.format == "voresource" and item.authority.lower() in self._ours:
                self._say(
                    "oai.ours",
                    f"the record {item.identifier} is refused: its naming authority "
                    f"{item.authority} is managed here (harvest.ours_from lets it in)",
                )
            else:
                kept.append(item)
        document.taken = kept


def _last_words(parts: list[Part]) -> list[Part]:
    """Of records that a page brings twice, what it says last."""
    last = {part.header.identifier: part for part in parts if part.header}
    return [
        part
        for part in parts
        if not part.header or not part.header.identifier or last[part.header.identifier] is part
    ]


def _document(part: Part) -> TakenDocument:
    """A record of a page; a fault of ours in one does not stop the others."""
    try:
        (document,) = taken_page([part])
    except Exception as error:  # noqa: BLE001
        message = f"this version of Parhelion fails on it ({type(error).__name__}: {error})"
        remedy = "please report it, with the record"
        path = part.header.identifier if part.header else part.identifier
        document = refused_document(path, b"", Refusal("internal", message, remedy=remedy),
                                    part.content)  # fmt: skip
        document.complete = False
    if not document.path:
        # Without a name in its header; one of its own, lest two of them share a place.
        document.path = part.identifier or f"(no identifier) {document.digest.hex()[:16]}"
    return document
