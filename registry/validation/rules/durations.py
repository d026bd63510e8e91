"""Rules about cadences: how often something is measured."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry import dates
from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import said
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Written, decoded
from schemas.parts import Part

_MONTHS = re.compile(r"P(\d+)M$")
_MOST_SPANS = 50
"""Only a record with one span of time is asked; others may have thousands."""
_PLAIN_MONTHS = ("1", "2", "3", "4", "6", "12")


def in_doubt(texts: Written) -> bool:
    """Whether anything is given but one plain cadence, far shorter than the time of the data."""
    given = texts.named(b"Cadence", b"CadenceMin", b"CadenceMax", b"Exposure")
    if not given:
        return False
    if len(given) > 1 or b"Cadence" not in texts.texts:
        return True
    cadence = decoded(given[0])
    every = dates.seconds(cadence)
    if every is None or every <= 0 or _MONTHS.match(cadence):
        return True
    starts = [dates.moment(decoded(raw)) for raw in texts.named(b"StartDate")]
    stops = [dates.moment(decoded(raw)) for raw in texts.named(b"StopDate", b"EndDate")]
    return any(
        start is not None and stop is not None and (stop - start).total_seconds() < every
        for start in starts
        for stop in stops[:_MOST_SPANS]
    )


def has_cadence(document: Part, model: Record, lookup: Lookup) -> str:
    return model.cadence or model.cadence_min or model.cadence_max or model.exposure


@rule("cadence.positive", WARNING, "a cadence of no time, or of less", formats=["spase"],
      first=in_doubt, when=has_cadence)  # fmt: skip
def positive(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    given = (
        ("Cadence", model.cadence),
        ("CadenceMin", model.cadence_min),
        ("CadenceMax", model.cadence_max),
        ("Exposure", model.exposure),
    )
    for name, written in given:
        length = dates.seconds(written) if written else None
        if length is not None and length <= 0:
            message = f"`{name}` is {written}: no time passes between two measurements"
            remedy = "write the true interval, such as PT16S, or leave the element out"
            yield said(document, name, written, message, remedy)


@rule("cadence.order", WARNING, "the shortest cadence is longer than the longest",
      formats=["spase"], first=in_doubt, when=has_cadence)  # fmt: skip
def order(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    least, usual, most = (
        dates.seconds(written) if written else None
        for written in (model.cadence_min, model.cadence, model.cadence_max)
    )
    if least is not None and most is not None and least > most:
        message = f"`CadenceMin` is {model.cadence_min}, longer than CadenceMax {model.cadence_max}"
        yield said(document, "CadenceMin", model.cadence_min, message, "exchange the two")
        return
    if usual is not None and least is not None and usual < least:
        message = f"`Cadence` is {model.cadence}, shorter than CadenceMin {model.cadence_min}"
        yield said(document, "Cadence", model.cadence, message, "correct one of the two")
    if usual is not None and most is not None and usual > most:
        message = f"`Cadence` is {model.cadence}, longer than CadenceMax {model.cadence_max}"
        yield said(document, "Cadence", model.cadence, message, "correct one of the two")


@rule("cadence.exposure", WARNING, "an exposure longer than the cadence", formats=["spase"],
      first=in_doubt, when=has_cadence)  # fmt: skip
def exposure(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    every = dates.seconds(model.cadence_max or model.cadence)
    open_ = dates.seconds(model.exposure) if model.exposure else None
    if every and open_ and open_ > every:
        cadence = model.cadence_max or model.cadence
        message = f"`Exposure` is {model.exposure}, longer than the cadence {cadence}"
        yield said(document, "Exposure", model.exposure, message, "correct one of the two")


@rule("cadence.span", WARNING, "a cadence longer than the whole time of the data",
      formats=["spase"], first=in_doubt, when=has_cadence)  # fmt: skip
def span(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    every = dates.seconds(model.cadence) if model.cadence else None
    if not every or len(model.spans) != 1:
        return
    start, stop = dates.moment(model.spans[0].start), dates.moment(model.spans[0].stop)
    if start and stop and start < stop and (stop - start).total_seconds() < every * 0.9:
        message = (
            f"`Cadence` is {model.cadence}, longer than the whole time from {start:%Y-%m-%d} to "
            f"{stop:%Y-%m-%d}"
        )
        yield said(document, "Cadence", model.cadence, message,
                   "correct the cadence, or the span of time")  # fmt: skip


@rule("cadence.months", ADVICE, "a cadence in months where minutes may be meant",
      formats=["spase"], first=in_doubt, when=has_cadence)  # fmt: skip
def months(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """P1M is a month and PT1M a minute; a number of months such as 32 is hardly one."""
    found = _MONTHS.match(model.cadence)
    if not found:
        return
    in_name = f"PT{found[1]}M" in model.identifier or re.search(r"\bmin(ute)?s?\b", model.name)
    if found[1] not in _PLAIN_MONTHS or in_name:
        message = f"`Cadence` is {model.cadence}, that is {found[1]} months"
        yield said(document, "Cadence", model.cadence, message,
                   f"write PT{found[1]}M if minutes are meant")  # fmt: skip
