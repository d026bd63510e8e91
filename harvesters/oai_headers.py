"""What is wrong with the header of a record (OAI-PMH 2.0, sections 2.5 and 2.7.1).

The record is taken all the same: its identity comes from its metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from oaipmh import error as oai_error
from oaipmh.datestamp import datestamp_to_datetime, datetime_to_datestamp

from registry import identifiers
from registry.findings import WARNING, Finding
from schemas.parts import Header, Part

SECONDS = "YYYY-MM-DDThh:mm:ssZ"
DAYS = "YYYY-MM-DD"
_DAY = len("2000-01-01")


def moment(stamp: str) -> datetime | None:
    """A datestamp of either granularity as a naive moment in UTC; None for what is none."""
    try:
        value: datetime = datestamp_to_datetime(stamp)
    except oai_error.DatestampError:
        return None
    return value


class Range:
    """What a list is asked for: `from_` and `until` (datestamps, '' for none), and how exactly."""

    def __init__(self, from_: str, until: str, granularity: str) -> None:
        self._from, self._until = moment(from_), moment(until)
        self.days = granularity == DAYS
        self.refused = ""

    def arguments(self) -> dict[str, str]:
        """`from` and `until` in the granularity; in days both ends hold the whole day."""
        bounds = {"from": self._from, "until": self._until}
        return {
            name: datetime_to_datestamp(value, self.days) for name, value in bounds.items() if value
        }

    def coarser(self) -> bool:
        """From now on in days; False where there is nothing to be said more coarsely."""
        arguments = self.arguments()
        if self.days or not arguments:
            return False
        self.refused = " ".join(f"{name}={value}" for name, value in arguments.items())
        self.days = True
        return True

    def holds(self, stamp: datetime) -> bool:
        """Whether a record's datestamp lies in the range, to the day where days were asked for."""
        shown = stamp.date() if self.days else stamp
        early = self._from.date() if self._from and self.days else self._from
        late = self._until.date() if self._until and self.days else self._until
        after = early is None or shown >= early  # type: ignore[operator]
        return after and (late is None or shown <= late)  # type: ignore[operator]


def header_faults(part: Part, within: Range, clock: datetime | None) -> Iterator[Finding]:
    """What is wrong with a record's header; `clock` is the peer's own, None if not known."""
    header = part.header
    if header is None:
        return
    named = f"the record {header.identifier or part.identifier!r}"
    if not header.identifier:
        yield _fault("oai.identifier", f"{named} has no identifier in its header", part)
    elif _differ(header, part):
        message = f"{named} has another identifier in its metadata: {part.identifier!r}"
        yield _fault("oai.identifier", message, part)
    if part.refusal is not None:
        message = f"{named} cannot be taken: {part.refusal.message}"
        yield _fault("oai.record", message, part)
    stamp = moment(header.datestamp)
    if stamp is None:
        if part.refusal is None:
            message = f"{named} has the datestamp {header.datestamp!r}, which is none in UTC"
            yield _fault("oai.datestamp", message, part)
        return
    if clock is not None and stamp > clock:
        message = f"{named} has the datestamp {header.datestamp}, later than the peer's own clock"
        yield _fault("oai.datestamp", message, part)
    if (len(header.datestamp) == _DAY) != within.days and not within.refused:
        promised = DAYS if within.days else SECONDS
        message = f"{named} has the datestamp {header.datestamp}, where {promised} was promised"
        yield _fault("oai.granularity", message, part)
    if not within.holds(stamp):
        message = f"{named} has the datestamp {header.datestamp}, outside the range asked for"
        yield _fault("oai.range", message, part)


def _differ(header: Header, part: Part) -> bool:
    """In VOResource both are the ivoid (RegistryInterfaces 1.1, section 3); elsewhere never so."""
    if part.format != "voresource" or part.element is None:
        return False
    return identifiers.key(header.identifier) != identifiers.key(part.identifier)


def _fault(rule: str, message: str, part: Part) -> Finding:
    return Finding(rule, WARNING, message, line=part.line)
