"""Harvesting a peer by OAI-PMH 2.0: page by page, with the token in the caller's hands.

The `oaipmh` library checks arguments, reads datestamps and names the protocol's errors; its
requests are made by our fetcher, its parsing by our hardened parser, and tokens are followed
here, because its own lists hide pages and tokens and end at an empty page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from oaipmh import error as oai_error
from oaipmh import validation
from oaipmh.client import BaseClient
from oaipmh.datestamp import datestamp_to_datetime, datetime_to_datestamp

from harvesters import oai_envelope as envelope
from harvesters.fetching import Fetcher, FetchFailed, Response
from harvesters.oai_envelope import Format, Identity
from registry.findings import WARNING, Finding, Refusal
from schemas.documents import parts
from schemas.parsing import parse
from schemas.parts import Part

SECONDS = "YYYY-MM-DDThh:mm:ssZ"
_TRIES = 3
_EMPTY_PAGES = 1000

_KNOWN_PREFIXES = ("spase", "ivo_vor")
_KNOWN_NAMESPACES = (
    "http://www.spase-group.org/data/schema",
    "http://www.ivoa.net/xml/RegistryInterface/v1.0",
    "http://www.ivoa.net/xml/VOResource/v1.0",
)


class HarvestStopped(Exception):
    """A harvest that cannot go on, in words that name the place.

    `reason` is one word for counting: an OAI-PMH error code, or not-oai, not-well-formed, circle.
    `token` is the resumption token that was asked with ('' at the beginning).
    """

    def __init__(self, reason: str, message: str, token: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.token = token


class BadResumptionToken(HarvestStopped):
    """The peer does not know the token any more (section 3.6): begin again, with an overlap."""


@dataclass(slots=True)
class OAIPage:
    """One page of a list: its records in the peer's order, and how to go on.

    `token` goes into the next request ('' where the list is complete); `asked_with` is the one
    this page was asked for with. `response_date` is the peer's clock. `no_records_match` says
    that the peer has nothing for the request. `faults` are what is wrong with the page itself.
    """

    parts: list[Part] = field(default_factory=list)
    token: str = ""
    asked_with: str = ""
    response_date: str = ""
    complete_list_size: int | None = None
    cursor: int | None = None
    no_records_match: bool = False
    faults: list[Finding] = field(default_factory=list)


class _Client(BaseClient):  # type: ignore[misc]
    """The library's client with requests and parsing replaced."""

    def __init__(self, base_url: str, fetcher: Fetcher) -> None:
        super().__init__()
        self.base_url = base_url
        self.fetcher = fetcher
        self.content = b""

    def makeRequest(self, **arguments: str) -> bytes:
        """The answer's bytes; an OAI-PMH error counts before the HTTP status does."""
        response = self.fetcher.get(self.base_url, arguments, settled=_says_error)
        if response.status != 200 and not _says_error(response):
            message = f"{response.url}: the server answers {response.status}"
            raise FetchFailed("status", message, status=response.status)
        self.content = response.content
        return response.content

    def parse(self, xml: bytes) -> Any:
        return parse(xml).getroot()


def _says_error(response: Response) -> bool:
    content = response.content
    if b"OAI-PMH" not in content or b"error" not in content:
        return False
    try:
        return envelope.is_error(parse(content).getroot())
    except Refusal:
        return False


def _asked(client: _Client, token: str = "", **arguments: str) -> Any:
    """The root of the answer. A page that is not well-formed is asked for again.

    Raises HarvestStopped, FetchFailed, and the library's errors for those of the protocol.
    """
    for attempt in range(1, _TRIES + 1):
        try:
            root = client.makeRequestErrorHandling(**arguments)
        except Refusal as refusal:
            if attempt < _TRIES and refusal.reason in ("not-well-formed", "encoding", "empty"):
                client.fetcher.pause(attempt)
                continue
            where = f" (resumption token {token!r})" if token else ""
            raise HarvestStopped(
                "not-well-formed",
                f"{client.base_url}: the answer to {arguments.get('verb', '')}{where} "
                f"cannot be read: {refusal.message}",
                token,
            ) from refusal
        break
    if not envelope.is_answer(root):
        message = f"{client.base_url}: the answer is no OAI-PMH response, but <{root.tag}>"
        raise HarvestStopped("not-oai", message, token)
    return root


def _stopped(client: _Client, error: Exception, token: str) -> HarvestStopped:
    code = error.oainame() if isinstance(error, oai_error.ErrorBase) else "unknown"
    says = " ".join(str(error.args[0] or "").split()) if error.args else ""
    message = f"{client.base_url}: the peer answers {code}" + (f": {says}" if says else "")
    if code == "badResumptionToken":
        return BadResumptionToken(code, f"{message} (token {token!r})", token)
    return HarvestStopped(code, message, token)


def identify(base_url: str, fetcher: Fetcher) -> Identity:
    """What the peer says of itself (section 4.2). Raises HarvestStopped, FetchFailed."""
    client = _Client(base_url, fetcher)
    try:
        return envelope.identity(_asked(client, verb="Identify"))
    except (oai_error.ErrorBase, oai_error.ClientError) as error:
        raise _stopped(client, error, "") from error


def formats(base_url: str, fetcher: Fetcher) -> list[Format]:
    """The metadata formats the peer offers (section 4.4). Raises HarvestStopped, FetchFailed."""
    client = _Client(base_url, fetcher)
    try:
        return envelope.formats(_asked(client, verb="ListMetadataFormats"))
    except (oai_error.ErrorBase, oai_error.ClientError) as error:
        raise _stopped(client, error, "") from error


def suitable(offered: list[Format]) -> list[Format]:
    """Those that can be taken in, best first: known by their prefix, else by their namespace."""

    def rank(one: Format) -> int:
        if one.prefix in _KNOWN_PREFIXES:
            return _KNOWN_PREFIXES.index(one.prefix)
        if one.namespace.rstrip("/") in _KNOWN_NAMESPACES:
            return len(_KNOWN_PREFIXES) + _KNOWN_NAMESPACES.index(one.namespace.rstrip("/"))
        return -1

    return sorted((one for one in offered if rank(one) >= 0), key=rank)


def datestamp(moment: str, granularity: str = SECONDS) -> str:
    """A UTC datestamp as the peer's granularity wants it (section 3.3.1), cut down to the day.

    Takes both granularities and fractions of seconds. Raises ValueError for what is no datestamp.
    """
    try:
        value = datestamp_to_datetime(moment)
    except oai_error.DatestampError as error:
        raise ValueError(f"{moment!r} is no UTC datestamp as OAI-PMH wants it") from error
    text: str = datetime_to_datestamp(value, granularity == "YYYY-MM-DD")
    return text


def harvest(
    base_url: str,
    prefix: str,
    *,
    fetcher: Fetcher,
    set_: str = "",
    from_: str = "",
    until: str = "",
    token: str = "",
    granularity: str = SECONDS,
) -> Iterator[OAIPage]:
    """The pages of ListRecords, one after the other (sections 3.5 and 4.5).

    With a `token` it goes on from there. `from_` and `until` are UTC datestamps, written in the
    peer's `granularity` (of its Identify). The generator asks for a page only when the one before
    was taken. Raises BadResumptionToken, HarvestStopped, FetchFailed; what was yielded stays good.
    """
    client = _Client(base_url, fetcher)
    arguments = _first_arguments(prefix, set_, from_, until, token, granularity)
    course = _Course(token)
    while True:
        asked_with = arguments.get("resumptionToken", "")
        try:
            root = _asked(client, asked_with, verb="ListRecords", **arguments)
        except oai_error.NoRecordsMatchError:
            answer = parse(client.content).getroot()
            yield OAIPage(
                asked_with=asked_with,
                response_date=envelope.response_date(answer),
                no_records_match=True,
            )
            return
        except (oai_error.ErrorBase, oai_error.ClientError) as error:
            raise _stopped(client, error, asked_with) from error
        page = _page(client, root, asked_with)
        course.check(client.base_url, page)
        yield page
        if not page.token:
            return
        arguments = {"resumptionToken": page.token}


def _first_arguments(
    prefix: str, set_: str, from_: str, until: str, token: str, granularity: str
) -> dict[str, str]:
    if token:
        arguments = {"resumptionToken": token}
    else:
        arguments = {"metadataPrefix": prefix}
        if set_:
            arguments["set"] = set_
        if from_:
            arguments["from"] = datestamp(from_, granularity)
        if until:
            arguments["until"] = datestamp(until, granularity)
    named = {"from_" if name == "from" else name: value for name, value in arguments.items()}
    validation.validateResumptionArguments("ListRecords", named)
    return arguments


def _page(client: _Client, root: Any, asked_with: str) -> OAIPage:
    page = OAIPage(asked_with=asked_with, response_date=envelope.response_date(root))
    page.token, page.complete_list_size, page.cursor = envelope.resumption(root)
    try:
        page.parts = parts(client.content)
    except Refusal as refusal:
        message = f"{client.base_url}: the answer to ListRecords cannot be taken: {refusal.message}"
        raise HarvestStopped("not-oai", message, asked_with) from refusal
    now = _moment(page.response_date)
    if now is None:
        message = f"the answer's responseDate {page.response_date!r} is no UTC datestamp"
        page.faults.append(_fault("oai.response-date", message))
    for part in page.parts:
        page.faults.extend(_header_faults(part, now))
    return page


def _moment(stamp: str) -> datetime | None:
    try:
        value: datetime = datestamp_to_datetime(stamp)
    except oai_error.DatestampError:
        return None
    return value


def _header_faults(part: Part, now: datetime | None) -> Iterator[Finding]:
    """What is wrong with a record's datestamp (section 2.5); the record is taken all the same."""
    header = part.header
    if header is None:
        return
    moment = _moment(header.datestamp)
    record = f"the record {header.identifier or part.identifier!r}"
    if moment is None:
        message = f"{record} has the datestamp {header.datestamp!r}, which is none in UTC"
        yield Finding("oai.datestamp", WARNING, message, line=part.line)
    elif now is not None and moment > now:
        message = f"{record} has the datestamp {header.datestamp}, later than the peer's own clock"
        yield Finding("oai.datestamp", WARNING, message, line=part.line)


def _fault(rule: str, message: str) -> Finding:
    return Finding(rule, WARNING, message)


class _Course:
    """How a list goes on: whether it leads anywhere, and whether it kept its word."""

    def __init__(self, token: str) -> None:
        self._begun_within = bool(token)
        self._pages: dict[bytes, str] = {}
        self._tokens: set[str] = {token} if token else set()
        self._records = 0
        self._announced: int | None = None
        self._empty = 0

    def check(self, base_url: str, page: OAIPage) -> None:
        """Raises HarvestStopped where the same page came before; adds to the page's faults."""
        self._records += len(page.parts)
        self._empty = 0 if page.parts else self._empty + 1
        if self._empty > _EMPTY_PAGES:
            message = f"{base_url}: {self._empty} empty pages came one after the other"
            raise HarvestStopped("circle", message, page.asked_with)
        mark = _mark(page)
        if page.parts and mark in self._pages:
            first = self._pages[mark]
            before = f"with the token {first!r}" if first else "at the beginning"
            message = (
                f"{base_url}: the list goes in a circle: the token {page.asked_with!r} "
                f"brought the page that came {before}"
            )
            raise HarvestStopped("circle", message, page.asked_with)
        self._pages[mark] = page.asked_with
        if page.token and page.token in self._tokens:
            self._again(base_url, page)
        self._tokens.add(page.token)
        if page.complete_list_size is not None:
            self._announced = page.complete_list_size
        whole = not page.token and not self._begun_within
        if whole and self._announced not in (None, self._records):
            message = f"the peer announced {self._announced:,} records and sent {self._records:,}"
            page.faults.append(_fault("oai.complete-list-size", message))

    def _again(self, base_url: str, page: OAIPage) -> None:
        if not page.parts:
            message = f"{base_url}: the token {page.token!r} leads back to itself"
            raise HarvestStopped("circle", message, page.asked_with)
        # A peer may keep the place itself and give one token for all pages: then the pages
        # differ, and the check of pages above ends the list if they do not.
        page.faults.append(_fault("oai.token-again", f"the token {page.token!r} came before"))


def _mark(page: OAIPage) -> bytes:
    digest = hashlib.sha256()
    for part in page.parts:
        header = part.header
        if header is None:
            digest.update(part.content)
        else:
            digest.update(f"{header.identifier}\0{header.datestamp}\0{header.deleted}\1".encode())
    return digest.digest()
