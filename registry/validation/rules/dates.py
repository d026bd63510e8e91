"""Rules about dates: what cannot be, and what is hardly meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from registry import dates
from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import about, said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Written, decoded
from schemas.parts import Part

_EARLIEST = datetime(1600, 1, 1, tzinfo=UTC)
"""No telescope was turned to the sky, and no needle of a compass written down, before."""
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_AHEAD = re.compile(r"ephemer|orbit|traject|predict|forecast|model|simulat|attitude", re.IGNORECASE)
_RELATIVE = (b"RelativeStopDate", b"RelativeEndDate")
_CLOCKS = timedelta(days=1)
"""Dates without a zone may be a day ahead of UTC."""
_COMPUTED = ("Model", "ModelRun", "NumericalOutput", "DisplayOutput")


def now() -> datetime:
    """The present; a test puts another in its place."""
    return datetime.now(UTC)


def in_doubt(texts: Written) -> bool:
    """The same of all dates in the record's bytes, whatever they are the dates of."""
    present = now()
    released = _moments(texts, b"ReleaseDate")
    starts = _moments(texts, b"StartDate")
    stops = _moments(texts, b"StopDate", b"EndDate")
    if any(not date.lstrip().startswith(b"-") for date in texts.named(*_RELATIVE)):
        return True
    if (released and max(released) > present) or (stops and max(stops) > present):
        return True
    if not starts:
        return False
    last = max(starts)
    return (
        min(starts) < _EARLIEST
        or last >= present
        or (bool(stops) and last > min(stops))
        or (bool(released) and min(released) < last)
    )


def _moments(texts: Written, *names: bytes) -> list[datetime]:
    there, moment = texts.texts, dates.moment
    found = [moment(decoded(raw)) for name in names if name in there for raw in there[name]]
    return [one for one in found if one is not None]


def doubtful(document: Part, model: Record, lookup: Lookup) -> bool:
    """Whether any date is other than in its place between the first data and the present."""
    moment, present = dates.moment, now()
    released = moment(model.released) if model.released else None
    if released and released > present:
        return True
    for span in model.spans:
        start = moment(span.start) if span.start else None
        stop = moment(span.stop) if span.stop else None
        if span.relative_stop and span.relative_stop[0] != "-":
            return True
        if start and not (_EARLIEST <= start < present and (not stop or start <= stop)):
            return True
        if (stop and stop > present) or (start and released and released < start):
            return True
    for event in model.events:
        date = moment(event.date)
        if date and date > present:
            return True
    return False


def _foretold(model: Record) -> bool:
    """Whether the record says that it holds what is computed ahead, where the future is right."""
    said_so = f"{model.identifier} {model.name} {' '.join(model.keywords)}"
    return bool(_AHEAD.search(said_so)) or model.kind in _COMPUTED


@rule("date.order", WARNING, "a span of time ends before it begins", formats=["spase"],
      first=in_doubt, when=doubtful)  # fmt: skip
def order(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for span in model.spans:
        if not (span.start and span.stop):
            continue
        start, stop = dates.moment(span.start), dates.moment(span.stop)
        if start and stop and stop < start:
            message = f"the span begins at {span.start} and ends before that, at {span.stop}"
            remedy = "correct one of them; were they exchanged?"
            yield said(document, "StopDate", span.stop, message, remedy)


@rule("date.relative", WARNING, "a relative end that lies in the future", formats=["spase"],
      first=in_doubt, when=doubtful)  # fmt: skip
def relative(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """`-P1M` means until one month ago; a positive duration would be a time still to come."""
    for span in model.spans:
        written = span.relative_stop
        if not written or written[0] == "-":
            continue
        ahead = dates.seconds(written)
        if ahead is not None and ahead > 0:
            message = (
                f"`RelativeStopDate` is {written}, a time in the future: the data would be there "
                "before they are taken"
            )
            remedy = f"write -{written} if the data end that long before now"
            yield said(document, "RelativeStopDate", written, message, remedy)


@rule("date.future", WARNING, "a date that must have been lies in the future",
      first=in_doubt, when=doubtful)  # fmt: skip
def future(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    present = now() + _CLOCKS
    released = dates.moment(model.released) if model.released else None
    if released and released > present:
        name = "updated" if model.format == "voresource" else "ReleaseDate"
        message = f"`{name}` is {model.released}, which is still to come"
        remedy = "write the date of the last change"
        if model.format == "voresource":
            yield about(document, document.element, message, remedy, attribute=name)
        else:
            yield said(document, name, model.released, message, remedy)
    for event in model.events if model.format == "spase" else ():
        moment = dates.moment(event.date) if event.date and event.role == "Updated" else None
        if moment and moment > present:
            message = f"a revision is dated {event.date}, which is still to come"
            yield said(document, "ReleaseDate", event.date, message,
                       "write the date of the revision", within="RevisionEvent")  # fmt: skip


@rule("date.start-ahead", ADVICE, "data that begin in the future", formats=["spase"],
      first=in_doubt, when=doubtful)  # fmt: skip
def start_ahead(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    present = now()
    for span in model.spans:
        moment = dates.moment(span.start) if span.start else None
        if moment and present < moment < _LATEST and not _foretold(model):
            message = f"the data begin at {span.start}, which is still to come"
            yield said(document, "StartDate", span.start, message, "correct the year")


@rule("date.stop-ahead", ADVICE, "an end in the future where a relative one is meant",
      formats=["spase"],
      first=in_doubt, when=doubtful)  # fmt: skip
def stop_ahead(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    present = now()
    for span in model.spans:
        moment = dates.moment(span.stop) if span.stop else None
        if moment and present < moment < _LATEST and not _foretold(model):
            message = f"`StopDate` is {span.stop}, which is still to come"
            remedy = "for data that are still being taken write a RelativeStopDate, such as -P1M"
            yield said(document, "StopDate", span.stop, message, remedy)


@rule("date.unrealistic", WARNING, "a date that is hardly meant", formats=["spase"],
      first=in_doubt, when=doubtful)  # fmt: skip
def unrealistic(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    ends = [one for span in model.spans
            for one in (("StartDate", span.start), ("StopDate", span.stop))]  # fmt: skip
    for name, written in ends:
        moment = dates.moment(written) if written else None
        if moment and not _EARLIEST <= moment < _LATEST:
            message = f"`{name}` is {short(written)}, in the year {moment.year}"
            yield said(document, name, written, message, "correct it; no such data exist")


@rule("date.release-before-data", WARNING, "a description older than the data it describes",
      formats=["spase"], first=in_doubt, when=doubtful,
      kinds=["NumericalData", "DisplayData", "Catalog", "Granule"])  # fmt: skip
def release_before_data(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    released = dates.moment(model.released) if model.released else None
    starts = [moment for span in model.spans if (moment := dates.moment(span.start))]
    if released and starts and released < min(starts) <= now() and not _foretold(model):
        message = (
            f"`ReleaseDate` is {model.released}, before the data begin ({min(starts):%Y-%m-%d})"
        )
        remedy = "ReleaseDate is the date of this description; write when it was last changed"
        yield said(document, "ReleaseDate", model.released, message, remedy)
