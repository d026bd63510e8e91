"""Time coverage as a drawing: bars over an axis of years, as numbers for an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from registry import dates
from registry.model import Span

WIDTH = 1000
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
_TICKS = 8
_LEAST = 4.0
"""A bar is never so narrow that it cannot be seen."""


@dataclass(slots=True, frozen=True)
class Drawing:
    """Bars as (left, width, open at its end), ticks as (left, year), both of WIDTH."""

    bars: list[tuple[float, float, bool]]
    ticks: list[tuple[float, int]]
    words: str


def coverage_drawing(spans: Sequence[Span], now: datetime | None = None) -> Drawing | None:
    """The drawing of spans of time; None where none of them has a date that can be read."""
    today = now or datetime.now(UTC)
    known = [found for one in spans if (found := _ends(one, today))]
    if not known:
        return None
    first, last = min(one[0] for one in known), max(one[1] for one in known)
    step = next((one for one in _STEPS if (last - first) / one <= _TICKS - 2), _STEPS[-1])
    left, right = first // step * step, (last // step + 1) * step
    scale = WIDTH / (right - left)
    bars = []
    for start, stop, going in known:
        width = max((stop - start) * scale, _LEAST)
        bars.append((round(min((start - left) * scale, WIDTH - width), 1), round(width, 1), going))
    years = range(int(left), int(right) + 1, step)
    ticks = [(round((year - left) * scale, 1), year) for year in years]
    words = f"from {int(first)} to {'now' if any(one[2] for one in known) else int(last)}"
    return Drawing(bars, ticks, words)


def _ends(span: Span, today: datetime) -> tuple[float, float, bool] | None:
    """Start and stop as years with fractions, and whether it goes on."""
    start, stop = dates.moment(span.start), dates.moment(span.stop)
    going = stop is None
    if stop is None and span.relative_stop.startswith("-"):
        stop = dates.shifted(today, span.relative_stop)
    stop = stop or today
    if start is None or stop < start:
        return None
    return _year(start), _year(stop), going


def _year(moment: datetime) -> float:
    return moment.year + (moment.timetuple().tm_yday - 1) / 366
