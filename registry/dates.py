"""Dates and durations as records write them, read by the settled rules.

A date without a zone is UTC; offsets are converted; `T24:00:00` is the next day's midnight
(XSD 1.1 part 2, section 3.3.7). What is no date gives None, and the caller keeps the text.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?)?(Z|[+-]\d\d:\d\d)?$"
)
_DURATION = re.compile(
    r"(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$"
)


@lru_cache(maxsize=65536)
def moment(text: str) -> datetime | None:
    """The instant in UTC that an ISO 8601 date or date-time names; None if it is none."""
    found = _DATE.match(text.strip())
    if not found:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    next_day = hour == "24"
    try:
        value = datetime(
            int(year),
            int(month),
            int(day),
            0 if next_day else int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or ".0")[1:7].ljust(6, "0")),
            tzinfo=UTC,
        )
        if next_day:
            if (minute, second) not in (("00", "00"), ("00", None)) or float(fraction or 0):
                return None
            value += timedelta(days=1)
        if zone and zone != "Z":
            ahead = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
            value = value - ahead if zone[0] == "+" else value + ahead
    except (ValueError, OverflowError):
        return None
    return value


def utc(text: str) -> str | None:
    """The canonical xsd:dateTime in UTC (`2001-02-03T04:05:06Z`, no trailing zeros), or None."""
    value = moment(text)
    return None if value is None else written(value)


def written(value: datetime) -> str:
    """A UTC instant as canonical xsd:dateTime."""
    text = value.replace(tzinfo=None).isoformat()
    if value.microsecond:
        text = text.rstrip("0")
    return text + "Z"


@lru_cache(maxsize=65536)
def duration(text: str) -> tuple[int, float] | None:
    """(months, seconds) of an xsd:duration, both negative where it is; None if it is none."""
    found = _DURATION.match(text.strip())
    if not found or not any(found.groups()[1:]) or text.strip().endswith("T"):
        return None
    minus, years, months, days, hours, minutes, seconds = found.groups()
    sign = -1 if minus else 1
    total = int(days or 0) * 86400 + int(hours or 0) * 3600 + int(minutes or 0) * 60
    return sign * (int(years or 0) * 12 + int(months or 0)), sign * (total + float(seconds or 0))


def seconds(text: str) -> float | None:
    """A duration's length in seconds, a month taken as 30.4375 days; None if it is none."""
    parts = duration(text)
    return None if parts is None else parts[0] * 30.4375 * 86400 + parts[1]


def shifted(value: datetime, text: str) -> datetime | None:
    """`value` moved by an xsd:duration, months first (XSD 1.1 part 2, appendix E.3.3)."""
    parts = duration(text)
    if parts is None:
        return None
    month = value.year * 12 + value.month - 1 + parts[0]
    year, month = divmod(month, 12)
    if not 1 <= year <= 9999:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    try:
        moved = value.replace(year=year, month=month + 1, day=min(value.day, last))
        return moved + timedelta(seconds=parts[1])
    except (ValueError, OverflowError):
        return None
