"""The life of a mint: a DOI chosen and stored, then a draft, then findable.

Whatever is lost on the way (an answer, the process, the network) is found out by asking for
that DOI, and `mint` called again goes on from there: a record has one DOI for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from mappings.to_datacite import Lacking, to_datacite
from registry import identifiers
from registry.doi.datacite_client import DataCiteFault, Held
from registry.doi.suffixes import random_suffix
from registry.model import Neighbours, Record

Object = dict[str, Any]

CHOSEN, DRAFT, REGISTERED, FINDABLE = "chosen", "draft", "registered", "findable"
_STATES = (DRAFT, REGISTERED, FINDABLE)
_TRIES = 20


@dataclass(slots=True, frozen=True)
class Intent:
    """A DOI bound to a record for ever; `state` is chosen until DataCite has said more."""

    key: str
    doi: str
    state: str


class Taken(Exception):
    """The DOI is bound to another record already."""


class Outbox(Protocol):
    """Where intents are kept. Every call is durable when it returns."""

    def intent(self, key: str) -> Intent | None:
        """The intent for a record, None if there is none."""

    def choose(self, key: str, doi: str) -> Intent:
        """Binds the DOI to the record in one atomic step and gives what is bound: another DOI if
        another process was first. Raises Taken if the DOI is another record's.
        """

    def record(self, doi: str, state: str, answer: str) -> None:
        """Keeps what an attempt came to; a `state` of '' leaves the state as it was."""


class Registrar(Protocol):
    """What minting needs of DataCite; `datacite_client.DataCite` is it."""

    def get(self, doi: str) -> Held | None: ...

    def put_draft(self, doi: str, metadata: Object, url: str) -> Held: ...

    def publish(self, doi: str, url: str, metadata: Object | None = None) -> Held: ...


class Refused(Exception):
    """The record is not to be minted; `reasons` say why, in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class NotSettled(Exception):
    """DataCite holds the DOI in another way than we meant; a curator has to look."""


@dataclass(slots=True, frozen=True)
class Minted:
    """The DOI that the record has; `new` is whether this call made it findable."""

    doi: str
    new: bool


def refusals(
    record: Record, *, prefix: str, page: str, authorities: Collection[str], own: str = ""
) -> list[str]:
    """Why this installation does not mint this record; `own` is the DOI that we gave it."""
    found = []
    if not prefix:
        found.append("No DOI prefix is set (setting doi.prefix).")
    authority = identifiers.authority(record.identifier)
    if authority not in authorities:
        found.append(
            f"The authority {authority} is not among those whose records may be given DOIs here "
            "(setting doi.authorities)."
        )
    carried = identifiers.doi(record.doi)
    if carried and carried != own:
        found.append(f"The record has a DOI already: {carried}.")
    if not page.startswith("https://"):
        found.append(f"{page or 'Its landing page'} is no address that a DOI can lead to.")
    return found


def mint(
    record: Record,
    neighbours: Neighbours,
    *,
    outbox: Outbox,
    registrar: Registrar,
    prefix: str,
    page: str,
    authorities: Collection[str],
    publication_year_today: int | None = None,
    suffix: Callable[[], str] = random_suffix,
) -> Minted:
    """Gives the record a findable DOI that leads to `page`, or finishes what was begun.

    Raises Refused (with the reasons, nothing was sent), DataCiteFault (call again later: it goes
    on where it stood), NotSettled (a curator has to look).
    """
    key = identifiers.key(record.identifier)
    intent = outbox.intent(key)
    own = intent.doi if intent else ""
    reasons = refusals(record, prefix=prefix, page=page, authorities=authorities, own=own)
    if reasons:
        raise Refused(reasons)
    # Before anything is chosen it must be sure that there is something to send.
    _metadata(record, neighbours, own or f"{prefix}/none", page, publication_year_today)
    free = ""
    if intent is None:
        intent, free = _chosen(key, prefix, outbox, registrar, suffix)
    metadata = _metadata(record, neighbours, intent.doi, page, publication_year_today)
    return _Mint(intent, metadata, page, record.identifier, outbox, registrar).run(free)


def _metadata(
    record: Record, neighbours: Neighbours, doi: str, page: str, year: int | None
) -> Object:
    try:
        return to_datacite(record, neighbours, doi=doi, url=page, publication_year_today=year)
    except Lacking as lacking:
        raise Refused(lacking.reasons) from lacking


def _chosen(
    key: str, prefix: str, outbox: Outbox, registrar: Registrar, suffix: Callable[[], str]
) -> tuple[Intent, str]:
    """The intent, and the DOI of which DataCite said that it is free (another may be bound)."""
    for _ in range(_TRIES):
        doi = f"{prefix}/{suffix()}"
        # A look changes nothing, and keeps us from binding what stands at DataCite already.
        if registrar.get(doi) is not None:
            continue
        try:
            return outbox.choose(key, doi), doi
        except Taken:
            continue
    raise NotSettled(f"No free DOI was found under {prefix} in {_TRIES} tries.")


class _Mint:
    """One run of the states: chosen → draft → findable."""

    def __init__(
        self,
        intent: Intent,
        metadata: Object,
        page: str,
        identifier: str,
        outbox: Outbox,
        registrar: Registrar,
    ) -> None:
        self.intent = intent
        self.doi = intent.doi
        self.metadata = metadata
        self.page = page
        self.identifier = identifier
        self.outbox = outbox
        self.registrar = registrar

    def run(self, free: str) -> Minted:
        """`free`: the DOI of which DataCite has just said that there is none such."""
        state = self.intent.state
        if state == FINDABLE:
            return Minted(self.doi, new=False)
        if state == CHOSEN and self.doi != free:
            state = self._found() or CHOSEN
        if state == CHOSEN:
            state = self._sent("draft", self._draft)
        if state != FINDABLE:
            state = self._sent("publish", self._publish)
        if state != FINDABLE:
            raise NotSettled(
                f"DataCite answered that {self.doi} is {state} after it was asked to publish it."
            )
        return Minted(self.doi, new=True)

    def _draft(self) -> Held:
        return self.registrar.put_draft(self.doi, self.metadata, self.page)

    def _publish(self) -> Held:
        return self.registrar.publish(self.doi, self.page, self.metadata)

    def _sent(self, what: str, send: Callable[[], Held]) -> str:
        """The state after a request, by its answer or, where that is lost, by asking."""
        try:
            state = self._kept(what, send())
        except DataCiteFault as fault:
            self.outbox.record(self.doi, "", f"{what}: {fault}")
            if not fault.unsettled:
                raise
            found = self._found()
            reached = (FINDABLE,) if what == "publish" else _STATES
            if found not in reached:
                raise
            return found
        return state

    def _found(self) -> str:
        """The state at DataCite, '' for no such DOI. Raises NotSettled if it is not ours."""
        held = self.registrar.get(self.doi)
        if held is None:
            return ""
        if not self._ours(held):
            message = (
                f"{self.doi} stands at DataCite for something else: {held.url or 'no address'}."
            )
            self.outbox.record(self.doi, "", f"asked: {message}")
            raise NotSettled(message)
        return self._kept("asked", held)

    def _kept(self, what: str, held: Held) -> str:
        if held.state not in _STATES:
            raise NotSettled(f"DataCite gives {self.doi} the state {held.state!r}.")
        self.outbox.record(self.doi, held.state, f"{what}: {held.state}")
        return held.state

    def _ours(self, held: Held) -> bool:
        others = held.attributes.get("alternateIdentifiers")
        named = [
            str(one.get("alternateIdentifier", ""))
            for one in (others if isinstance(others, list) else [])
            if isinstance(one, dict)
        ]
        own = identifiers.key(self.identifier)
        return held.url == self.page or own in map(identifiers.key, named)
