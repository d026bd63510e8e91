"""When a source is harvested next: `6h` read, and the next time told."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_PERIOD = re.compile(r"(\d{1,5})\s*([mhdw])")
SHORTEST = 60
LONGEST = 366 * 86400
_FIRST_RETRY = 600
JITTER = 0.1


def seconds(period: str) -> int:
    """`30m`, `6h`, `1d`, `2w` in seconds. Raises ValueError in words."""
    found = _PERIOD.fullmatch(period.strip().lower())
    value = int(found[1]) * _UNITS[found[2]] if found else 0
    if not SHORTEST <= value <= LONGEST:
        raise ValueError(
            f"{period!r} is no time between harvests: write 30m, 6h, 1d or 2w, one minute at least"
        )
    return value


def written(period: int) -> str:
    """Seconds as `seconds` reads them; '' for 0."""
    for unit in ("w", "d", "h", "m"):
        if period and period % _UNITS[unit] == 0:
            return f"{period // _UNITS[unit]}{unit}"
    return ""


def after_success(
    started: float, every: int, chance: Callable[[], float] = random.random
) -> int | None:
    """When the next harvest is due, a little later than asked so that sources spread out."""
    if not every:
        return None
    return int(started + every * (1 + JITTER * chance()))


def after_failure(
    now: float,
    every: int,
    failures: int,
    asked: float = 0,
    chance: Callable[[], float] = random.random,
) -> int | None:
    """When to try again after so many failures in a row: later each time, up to the schedule's
    own time, and not before a peer asked to come back (`asked`, in seconds)."""
    if not every:
        return None
    wait = min(float(every), _FIRST_RETRY * 2.0 ** min(failures - 1, 20))
    return int(now + max(wait * (1 + JITTER * chance()), asked))
