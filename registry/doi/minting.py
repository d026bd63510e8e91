"""The life of a DOI: chosen and stored, then a draft, findable, updated, hidden, shown again.

Whatever is lost on the way (an answer, the process, the network) is found out by asking for
that DOI before anything is repeated, and the same call again goes on from there: a record has
one DOI for ever.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from mappings.to_datacite import Lacking, to_datacite
from registry import identifiers
from registry.doi.datacite_client import DataCiteFault, Held
from registry.doi.differing import cleared, differences
from registry.doi.outbox import (
    CHOSEN,
    DRAFT,
    FINDABLE,
    REGISTERED,
    STATES,
    Intent,
    Outbox,
    Registrar,
    Taken,
)
from registry.doi.suffixes import random_suffix
from registry.model import Neighbours, Record

Object = dict[str, Any]

_TRIES = 20


class Refused(Exception):
    """The record is not to be minted; `reasons` say why, in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class NotSettled(Exception):
    """DataCite holds the DOI in another way than it was told; asking again may settle it."""


class Foreign(NotSettled):
    """DataCite holds the DOI for something else: a curator has to look."""


@dataclass(slots=True, frozen=True)
class Minted:
    """The DOI that the record has; `new` is whether this call made it findable."""

    doi: str
    new: bool


def refusals(
    record: Record,
    *,
    prefix: str,
    page: str,
    authorities: Collection[str] | None,
    own: str = "",
    trial: bool = False,
) -> list[str]:
    """Why this installation does not mint this record; `own` is the DOI that we gave it.

    `authorities` None, and pages that are not https, are for trials only (`trial`).
    """
    found = []
    if not prefix:
        found.append("No DOI prefix is set (setting doi.prefix).")
    authority = identifiers.authority(record.identifier)
    if authorities is not None and not _among(authority, authorities, record.identifier):
        found.append(
            f"The authority {authority} is not among those whose records may be given DOIs here "
            "(setting doi.authorities)."
        )
    carried = identifiers.doi(record.doi)
    if carried and carried != own and carried not in PLACEHOLDERS:
        found.append(f"The record has a DOI already: {carried}.")
    if not page.startswith("https://") and not trial:
        found.append(f"{page or 'Its landing page'} is no address that a DOI can lead to.")
    return found


PLACEHOLDERS = frozenset(("10.1026/1234567", "10.1234/5678", "10.xxxx/xxxx"))
"""What stands in records in the place of a DOI that is still to come."""


def _among(authority: str, authorities: Collection[str], identifier: str) -> bool:
    if identifiers.scheme(identifier) == "ivo":
        # The registry part of an ivoid compares without regard to case.
        return authority.lower() in {one.lower() for one in authorities}
    return authority in authorities


def mint(
    record: Record,
    neighbours: Neighbours,
    *,
    outbox: Outbox,
    registrar: Registrar,
    prefix: str,
    page: str,
    authorities: Collection[str] | None,
    publication_year_today: int | None = None,
    suffix: Callable[[], str] = random_suffix,
    trial: bool = False,
) -> Minted:
    """Gives the record a findable DOI that leads to `page`, or finishes what was begun.

    Raises Refused (with the reasons, nothing was sent), DataCiteFault and NotSettled (call again
    later: it goes on where it stood), Foreign (a curator has to look).
    """
    key = identifiers.key(record.identifier)
    intent = outbox.intent(key)
    own = intent.doi if intent else ""
    reasons = refusals(
        record, prefix=prefix, page=page, authorities=authorities, own=own, trial=trial
    )
    if reasons:
        raise Refused(reasons)
    # Before anything is chosen it must be sure that there is something to send.
    metadata_of(record, neighbours, own or f"{prefix}/none", page, publication_year_today)
    free = ""
    if intent is None:
        intent, free = _chosen(key, prefix, outbox, registrar, suffix)
    metadata = metadata_of(record, neighbours, intent.doi, page, publication_year_today)
    life = Life(intent, record.identifier, outbox, registrar, free=free)
    before = intent.state
    life.show(metadata, page)
    return Minted(intent.doi, new=before != FINDABLE)


def metadata_of(
    record: Record, neighbours: Neighbours, doi: str, page: str, year: int | None
) -> Object:
    """What DataCite is told of a record. Raises Refused."""
    try:
        return to_datacite(record, neighbours, doi=doi, url=page, publication_year_today=year)
    except Lacking as lacking:
        raise Refused(lacking.reasons) from lacking


def digest(metadata: Object) -> str:
    """The same for the same metadata and address."""
    text = json.dumps(metadata, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _chosen(
    key: str, prefix: str, outbox: Outbox, registrar: Registrar, suffix: Callable[[], str]
) -> tuple[Intent, str]:
    """The intent, and the DOI of which DataCite said that it is free (another may be bound)."""
    for _ in range(_TRIES):
        doi = f"{prefix}/{suffix()}".lower()
        # A look changes nothing, and keeps us from binding what stands at DataCite already.
        if registrar.get(doi) is not None:
            continue
        try:
            return outbox.choose(key, doi), doi
        except Taken:
            continue
    raise NotSettled(f"No free DOI was found under {prefix} in {_TRIES} tries.")


class Life:
    """One DOI and the steps it may take; every step may be repeated.

    `free`: the DOI of which DataCite has just said that there is none such.
    """

    def __init__(
        self,
        intent: Intent,
        identifier: str,
        outbox: Outbox,
        registrar: Registrar,
        *,
        free: str = "",
    ) -> None:
        self.intent = intent
        self.doi = intent.doi
        self.identifier = identifier
        self.outbox = outbox
        self.registrar = registrar
        self.state = intent.state
        self.digest = intent.digest
        self._ask = intent.unsettled or (intent.state == CHOSEN and intent.doi != free)

    def show(self, metadata: Object, page: str) -> None:
        """Makes the DOI findable with this metadata. Raises DataCiteFault, NotSettled."""
        self._settle(metadata, page)
        told = digest(metadata)
        if self.state == CHOSEN:
            self._send("draft", lambda: self.registrar.put_draft(self.doi, metadata, page), STATES)
        if self.state != FINDABLE or self.digest != told:
            self._send(
                "publish",
                lambda: self.registrar.publish(self.doi, page, cleared(metadata)),
                (FINDABLE,),
                metadata,
            )

    def update(self, metadata: Object, page: str) -> None:
        """Brings what DataCite holds up to date, and leaves the state as it is."""
        self._settle(metadata, page)
        if self.state == CHOSEN or self.digest == digest(metadata):
            return
        self._send(
            "update",
            lambda: self.registrar.put_draft(self.doi, cleared(metadata), page),
            (self.state,),
            metadata,
        )

    def hide(self, page: str, more: Object | None = None) -> None:
        """Takes the DOI out of searches; it goes on leading to its page. What was never more
        than chosen stays so. `more` is told along with it.
        """
        self._settle(None, page)
        if self.state == DRAFT:
            self._send("register", lambda: self.registrar.register(self.doi, page), (REGISTERED,))
        elif self.state == FINDABLE:
            self._send("hide", lambda: self.registrar.hide(self.doi, more), (REGISTERED,))

    # -- steps -----------------------------------------------------------------------------------

    def _settle(self, metadata: Object | None, page: str) -> None:
        """Finds out what became of what was sent before, if nobody knows."""
        if self._ask:
            self._look(metadata)
            self._ask = False

    def _send(
        self,
        what: str,
        send: Callable[[], Held],
        reached: Collection[str],
        metadata: Object | None = None,
    ) -> None:
        """Sends, and keeps what came of it; a lost answer is found out by asking."""
        attempt = self.outbox.attempt(self.doi, what)
        try:
            self._keep(what, send(), attempt, metadata)
        except DataCiteFault as fault:
            # What nobody knows stays open in the outbox, so that a later run asks first.
            if not fault.unsettled:
                self.outbox.record(self.doi, "", str(fault), attempt=attempt)
                raise
            self._look(metadata, attempt)
            if self.state not in reached or (metadata and self.digest != digest(metadata)):
                raise
        if self.state not in reached:
            raise NotSettled(
                f"DataCite answered that {self.doi} is {self.state} after it was asked to {what}"
                f"{'' if what == 'update' else ' it'}."
            )

    def _look(self, metadata: Object | None, attempt: int = 0) -> None:
        """Takes over how DataCite holds the DOI. Raises Foreign if it is not ours."""
        held = self.registrar.get(self.doi)
        if held is None:
            self.state, self.digest = CHOSEN, ""
            self.outbox.record(self.doi, CHOSEN, "no such DOI", attempt=attempt, digest="")
            return
        if not self._ours(held):
            message = (
                f"{self.doi} stands at DataCite for something else: {held.url or 'no address'}."
            )
            self.outbox.record(self.doi, "", message, attempt=attempt)
            raise Foreign(message)
        same = metadata is not None and not differences(metadata, held.attributes)
        self._keep("asked", held, attempt, metadata if same else None)

    def _keep(self, what: str, held: Held, attempt: int, metadata: Object | None) -> None:
        if held.state not in STATES:
            raise NotSettled(f"DataCite gives {self.doi} the state {held.state!r}.")
        self.state = held.state
        told = digest(metadata) if metadata is not None else None
        self.digest = self.digest if told is None else told
        self.outbox.record(
            self.doi, held.state, f"{what}: {held.state}", attempt=attempt, digest=told
        )

    def _ours(self, held: Held) -> bool:
        others = held.attributes.get("alternateIdentifiers")
        named = [
            str(one.get("alternateIdentifier", ""))
            for one in (others if isinstance(others, list) else [])
            if isinstance(one, dict)
        ]
        own = identifiers.key(self.identifier)
        return self.intent.adopted or own in map(identifiers.key, named) or self._leads_here(held)

    def _leads_here(self, held: Held) -> bool:
        return held.url.endswith(identifiers.page_path(self.identifier))
