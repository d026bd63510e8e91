"""Killing an ingest at a moment chosen by chance, and what must be true of what is left."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

from registry.followers.lock import FollowersLock
from tests.whole.running import Installation


@dataclass(slots=True, frozen=True)
class Moment:
    """When to kill: `seconds` after the store has this many changes, or after the start."""

    changes: int
    seconds: float

    @classmethod
    def chosen(cls, chance: random.Random, before: int, after: int, tail: float) -> Moment:
        """One of: while nothing is open yet, in the ingest, after it (index and graph).

        The store goes from `before` changes to `after`; what follows takes about `tail` seconds.
        """
        where = chance.choice(("start", "ingest", "ingest", "after", "after", "after"))
        if where == "start":
            return cls(0, chance.uniform(0, 0.6))
        if where == "ingest":
            return cls(chance.randint(before + 1, max(after, before + 1)), chance.uniform(0, 0.15))
        return cls(after, chance.uniform(0, tail))


def last_change(data: Path) -> int:
    """The store's last change, read from outside; 0 where there is no store yet."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(
            sqlite3.connect(f"file:{data / 'store.sqlite'}?mode=ro", uri=True, timeout=0)
        ) as connection,
    ):
        return int(connection.execute("SELECT max(number) FROM change").fetchone()[0] or 0)
    return 0


def killed(installation: Installation, moment: Moment, *command: str) -> bool:
    """Runs a command and kills it at the moment; False when it had ended before."""
    process = installation.start(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while last_change(installation.data) < moment.changes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.004)
                return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment.seconds)
            return False
        return True
    finally:
        installation.kill(process)


def leaves_nothing(installation: Installation) -> None:
    """Fails where a process of a killed command lives on, or holds the followers' lock."""
    left = installation.left_over()
    assert not left, [one.cmdline() for one in left]
    if installation.data.is_dir():
        lock = FollowersLock(installation.data)
        assert lock.take(), "the followers' lock is held, and nobody is there"
        lock.free()
