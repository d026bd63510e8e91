"""Harvesting a peer by OAI-PMH 2.0: page by page, with the token in the caller's hands.

Tokens are followed here, because the `oaipmh` library's own lists hide pages and tokens and end at
an empty page. A page of any size comes in pieces, so that memory does not grow with it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from lxml.etree import _Element
from oaipmh import error as oai_error
from oaipmh import validation
from oaipmh.datestamp import datetime_to_datestamp

from harvesters import oai_envelope as envelope
from harvesters.ahead import ahead as made_ahead
from harvesters.fetching import Fetcher, FetchFailed
from harvesters.oai_answers import Answer
from harvesters.oai_client import BadResumptionToken, Client, HarvestStopped, stopped
from harvesters.oai_course import Course, Way
from harvesters.oai_envelope import Format, Identity, Set
from harvesters.oai_headers import DAYS, SECONDS, Range, header_faults, moment
from registry.findings import WARNING, Finding
from schemas.parsing import MAX_BYTES
from schemas.parts import Part

__all__ = ["DAYS", "SECONDS", "BadResumptionToken", "Format", "HarvestStopped", "Identity", "Set"]

PIECE_RECORDS = 500
_PIECE_BYTES = 4_000_000
_SETS = 100_000

_KNOWN_PREFIXES = ("spase", "ivo_vor")
_KNOWN_NAMESPACES = (
    "www.spase-group.org/data/schema",
    "www.ivoa.net/xml/RegistryInterface/v1.0",
    "www.ivoa.net/xml/VOResource/v1.0",
)


@dataclass(slots=True)
class OAIPage:
    """One page of a list, or a piece of a long one: its records in the peer's order.

    `ends`: the page ends with this piece, and only then `token` says how to go on ('' where the
    list is complete). `asked_with` is the token that the page was asked for with.
    `response_date` is the peer's clock ('' where it cannot be read), `listed` how many records the
    list has brought with this page (None: not known), `short` that it ended with fewer than the
    peer announced. `no_records_match` says that the peer has nothing for the request. `faults` are
    what is wrong with the page, or with its records' headers.
    """

    parts: list[Part] = field(default_factory=list)
    token: str = ""
    asked_with: str = ""
    response_date: str = ""
    complete_list_size: int | None = None
    cursor: int | None = None
    no_records_match: bool = False
    faults: list[Finding] = field(default_factory=list)
    ends: bool = True
    listed: int | None = None
    short: bool = False


def identify(base_url: str, fetcher: Fetcher) -> Identity:
    """What the peer says of itself (section 4.2). Raises HarvestStopped, FetchFailed."""
    client = Client(base_url, fetcher)
    try:
        return envelope.identity(client.asked(verb="Identify"))
    except (oai_error.ErrorBase, oai_error.ClientError) as error:
        raise stopped(client, error) from error


def formats(base_url: str, fetcher: Fetcher) -> list[Format]:
    """The metadata formats the peer offers (section 4.4). Raises HarvestStopped, FetchFailed."""
    client = Client(base_url, fetcher)
    try:
        return envelope.formats(client.asked(verb="ListMetadataFormats"))
    except oai_error.NoMetadataFormatsError:
        return []
    except (oai_error.ErrorBase, oai_error.ClientError) as error:
        raise stopped(client, error) from error


def sets(base_url: str, fetcher: Fetcher) -> list[Set]:
    """The peer's sets (section 4.6); none where it has no hierarchy of sets.

    Raises HarvestStopped, FetchFailed.
    """
    client = Client(base_url, fetcher)
    found: list[Set] = []
    arguments: dict[str, str] = {}
    asked: set[str] = set()
    while True:
        token = arguments.get("resumptionToken", "")
        asked.add(token)
        try:
            root = client.asked(verb="ListSets", **arguments)
        except oai_error.NoSetHierarchyError:
            return []
        except (oai_error.ErrorBase, oai_error.ClientError) as error:
            raise stopped(client, error, token) from error
        found += envelope.sets(root)
        token = envelope.resumption(root)[0]
        if not token:
            return list(dict.fromkeys(found))
        if token in asked or len(found) > _SETS:
            message = f"{base_url}: the list of sets does not end (token {token[:200]!r})"
            raise HarvestStopped("circle", message, token)
        arguments = {"resumptionToken": token}


def suitable(offered: list[Format]) -> list[Format]:
    """Those that can be taken in, best first: known by their prefix, else by their namespace."""

    def rank(one: Format) -> int:
        if one.prefix in _KNOWN_PREFIXES:
            return _KNOWN_PREFIXES.index(one.prefix)
        namespace = one.namespace.partition("://")[2].rstrip("/")
        if namespace in _KNOWN_NAMESPACES:
            return len(_KNOWN_PREFIXES) + _KNOWN_NAMESPACES.index(namespace)
        return -1

    return sorted((one for one in offered if rank(one) >= 0), key=rank)


def datestamp(stamp: str, granularity: str = SECONDS) -> str:
    """A UTC datestamp as the peer's granularity wants it (section 3.3.1), cut down to the day.

    Takes both granularities and fractions of seconds. Raises ValueError for what is no datestamp.
    """
    value = moment(stamp)
    if value is None:
        raise ValueError(f"{stamp!r} is no UTC datestamp as OAI-PMH wants it")
    text: str = datetime_to_datestamp(value, granularity == DAYS)
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
    listed: int | None = None,
    ahead: bool = False,
    folder: Path | None = None,
    largest: int = MAX_BYTES,
) -> Generator[OAIPage, None, None]:
    """The pages of ListRecords, one after the other (sections 3.5 and 4.5).

    With a `token` it goes on from there, `listed` records having come before it. `from_` and
    `until` are UTC datestamps, written in the peer's `granularity` (of its Identify), or in days
    where the peer refuses that. The generator asks for a page only when the one before was taken;
    with `ahead` the next one is fetched while this one is worked on. Answers lie in unnamed files
    in `folder`; a record of more than `largest` bytes is refused. Of a page that stays damaged the
    whole records come before the stop.

    Raises BadResumptionToken, HarvestStopped, FetchFailed, with notes of what was put up with
    before; what was yielded stays good.
    """
    within = Range(from_ and datestamp(from_), until and datestamp(until), granularity)
    client = Client(base_url, fetcher, folder)
    course = Course(token, listed)
    first = {"resumptionToken": token} if token else _first_arguments(prefix, set_, within)
    answers = _answers(client, course, first, within)
    for page, answer in made_ahead(answers) if ahead else answers:
        try:
            yield from _pieces(page, answer, within, largest)
        finally:
            answer.close()


def _first_arguments(prefix: str, set_: str, within: Range) -> dict[str, str]:
    arguments = {"metadataPrefix": prefix, "set": set_, **within.arguments()}
    arguments = {name: value for name, value in arguments.items() if value}
    named = {"from_" if name == "from" else name: value for name, value in arguments.items()}
    validation.validateResumptionArguments("ListRecords", named)
    return arguments


_Answered = tuple[OAIPage, Answer]


def _answers(
    client: Client, course: Course, arguments: dict[str, str], within: Range
) -> Iterator[_Answered]:
    """Each page without its records, and the answer that holds them.

    What was put up with before a stop goes with it, as notes.
    """
    try:
        yield from _followed(client, course, arguments, within)
    except (HarvestStopped, FetchFailed) as error:
        for finding in _remarks(client):
            error.add_note(finding.message)
        raise


def _followed(
    client: Client, course: Course, arguments: dict[str, str], within: Range
) -> Iterator[_Answered]:
    doubted = False
    while True:
        asked_with = arguments.get("resumptionToken", "")
        try:
            root = client.asked(verb="ListRecords", **arguments)
        except oai_error.NoRecordsMatchError:
            yield _nothing(client, asked_with, course)
            return
        except oai_error.BadArgumentError as error:
            if asked_with or not within.coarser():
                raise stopped(client, error, asked_with) from error
            message = f"the peer refuses the range {within.refused}; asked for whole days"
            client.remarks.append(("oai.granularity", message))
            arguments = {**arguments, **within.arguments()}
            continue
        except (oai_error.ErrorBase, oai_error.ClientError) as error:
            raise stopped(client, error, asked_with) from error
        except HarvestStopped:
            if client.answer is not None:
                # Whole records of a page that stays damaged; the token before it is kept.
                damaged = OAIPage(token=asked_with, asked_with=asked_with, ends=False)
                damaged.faults = _remarks(client)
                yield damaged, client.answer
            raise
        page, answer = _page(client, root, asked_with)
        if not doubted and course.ends_short(page.token, len(answer), page.complete_list_size):
            # A list that ends too early may do so by mistake: once more, then it is believed.
            doubted = True
            message = "the list ends before as many records came as were announced; asked again"
            client.remarks.append(("oai.complete-list-size", message))
            answer.close()
            continue
        way = _onward(page, answer, course)
        if way is Way.CIRCLE:
            message = f"{client.base_url}: {page.faults[-1].message}"
            raise HarvestStopped("circle", message, asked_with)
        yield page, answer
        if way is Way.ENDED:
            return
        arguments = {"resumptionToken": page.token}


def _nothing(client: Client, asked_with: str, course: Course) -> _Answered:
    """The answer noRecordsMatch: no records for the request, or, to a token, no more of them."""
    assert client.answer is not None
    page = OAIPage(
        asked_with=asked_with,
        response_date=envelope.response_date(client.root()),
        no_records_match=not asked_with,
        listed=course.listed,
    )
    if asked_with and course.ends_short("", 0, None):
        message = (
            f"{client.base_url}: the token {asked_with[:200]!r} is answered with noRecordsMatch "
            "before the list's end"
        )
        raise BadResumptionToken("noRecordsMatch", message, asked_with)
    if asked_with:
        client.remarks.append(
            ("oai.empty-page", f"the token {asked_with[:200]!r} is answered with noRecordsMatch")
        )
        _onward(page, client.answer, course)
    page.faults = [*_remarks(client), *page.faults]
    return page, client.answer


def _page(client: Client, root: _Element, asked_with: str) -> _Answered:
    """What stands round the records of a page. Raises HarvestStopped where it can hold none."""
    assert client.answer is not None
    if not envelope.is_listing(root):
        names = ", ".join(envelope.contents(root)) or "nothing"
        message = f"{client.base_url}: the answer to ListRecords holds {names}, and no records"
        raise HarvestStopped("not-oai", message, asked_with)
    page = OAIPage(asked_with=asked_with, response_date=envelope.response_date(root))
    page.token, page.complete_list_size, page.cursor = envelope.resumption(root)
    if moment(page.response_date) is None:
        message = f"the answer's responseDate {page.response_date!r} is no UTC datestamp"
        client.remarks.append(("oai.response-date", message))
        page.response_date = ""
    page.faults = _remarks(client)
    return page, client.answer


def _onward(page: OAIPage, answer: Answer, course: Course) -> Way:
    way, said = course.page(
        page.asked_with, page.token, answer.mark, len(answer), page.complete_list_size
    )
    page.faults += [Finding(rule, WARNING, message) for rule, message in said]
    page.listed = course.listed
    if way is Way.ENDED:
        page.token, page.short = "", course.short
    return way


def _remarks(client: Client) -> list[Finding]:
    token = client.asked_with
    where = f" (resumption token {token[:200]!r})" if token else ""
    taken, client.remarks = client.remarks, []
    return [Finding(rule, WARNING, message + where) for rule, message in taken]


def _pieces(page: OAIPage, answer: Answer, within: Range, largest: int) -> Iterator[OAIPage]:
    """The page in pieces of so many records or bytes, the last with the token that follows."""
    clock = moment(page.response_date)
    left = len(answer)
    for batch in _batches(answer.parts(largest)):
        left -= len(batch)
        ends = page.ends and not left
        token = page.token if ends else page.asked_with
        piece = replace(page, parts=batch, token=token, ends=ends)
        for part in batch:
            piece.faults.extend(header_faults(part, within, clock))
        yield piece
        page.faults = []


def _batches(found: Iterator[Part]) -> Iterator[list[Part]]:
    """At least one, be it empty."""
    batch: list[Part] = []
    size, begun = 0, False
    for part in found:
        begun = True
        batch.append(part)
        size += len(part.content)
        if len(batch) >= PIECE_RECORDS or size > _PIECE_BYTES:
            yield batch
            batch, size = [], 0
    if batch or not begun:
        yield batch
