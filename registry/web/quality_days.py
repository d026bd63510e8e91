"""How the registry's quality changed, day by day: what stood at each day's end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.findings import INVALID, NO_SCHEMA

HEIGHT = 120
WIDTH = 720
_WIDEST = 36


@dataclass(slots=True)
class Day:
    """A day on which something changed, and the records by verdict at its end.

    `day` counts from 1970; `own` records changed themselves, `others` through what they name.
    """

    day: int
    own: int
    others: int
    received: int
    verdicts: Mapping[str, int]


@dataclass(slots=True, frozen=True)
class Bar:
    """A day in the chart: where it stands, and how high its two parts are."""

    day: int
    x: float
    width: float
    invalid: float
    no_schema: float
    numbers: tuple[int, int]


def days(
    now: Mapping[str, int],
    moves: Sequence[tuple[int, str, str, int]],
    changes: Sequence[tuple[int, Mapping[str, int]]],
    received: Mapping[int, Mapping[str, int]],
) -> list[Day]:
    """The days of `changes` (newest first), reckoned back from how records stand `now`."""
    left = sorted(moves, reverse=True)
    standing = Counter(now)
    found = []
    for day, reasons in changes:
        while left and left[0][0] > day:
            _, before, after, number = left.pop(0)
            standing[after] -= number
            standing[before] += number
        own = reasons.get("own", 0)
        found.append(
            Day(
                day,
                own,
                sum(reasons.values()) - own,
                sum(received.get(day, {}).values()),
                # Contents that were never current can make a number too small for their day.
                {name: max(0, number) for name, number in standing.items() if name},
            )
        )
    return found


def bars(shown: Sequence[Day]) -> list[Bar]:
    """The chart of what was not valid at the end of each day, the oldest at the left."""
    most = max((_number(day, INVALID) + _number(day, NO_SCHEMA) for day in shown), default=0)
    if not most:
        return []
    step = min(_WIDEST, WIDTH / len(shown))
    return [
        Bar(
            one.day,
            round(number * step, 1),
            round(step * 0.8, 1),
            round(HEIGHT * _number(one, INVALID) / most, 1),
            round(HEIGHT * _number(one, NO_SCHEMA) / most, 1),
            (_number(one, INVALID), _number(one, NO_SCHEMA)),
        )
        for number, one in enumerate(reversed(shown))
    ]


def _number(day: Day, verdict: str) -> int:
    return day.verdicts.get(verdict, 0)
