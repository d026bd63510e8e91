"""Moments of the store, which are seconds since 1970, as machines read them."""

from __future__ import annotations

from datetime import UTC, datetime

from registry import dates


def utc(seconds: float) -> str | None:
    """As xsd:dateTime in UTC; None where no calendar has it."""
    try:
        return dates.written(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def year(seconds: float) -> int:
    """The year in UTC."""
    return datetime.fromtimestamp(seconds, UTC).year
