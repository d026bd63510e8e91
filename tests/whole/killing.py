"""Killing an ingest at a moment chosen by chance, and what must be true of what is left."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.followers.lock import FollowersLock
from tests.whole.corpus import Corpus
from tests.whole.running import Installation
from tests.whole.states import held

FILES = {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm", "followers.lock", "search",
         "graph"}  # fmt: skip
"""What may stand in a data folder; anything else was left by an interrupted run."""


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


class Undisturbed:
    """A corpus taken in twice without a fault, and what the installation held each time."""

    def __init__(self, folder: Path, corpus: Corpus) -> None:
        self.folder = folder
        self.corpus = corpus
        corpus.write()
        self.data = folder / "undisturbed"
        self.first, self.changes = self._ingest()
        self.middle = folder / "middle"
        shutil.copytree(self.data, self.middle)

    def later(self) -> None:
        """Goes on to the corpus's later state."""
        self.corpus.change()
        self.second, self.all_changes = self._ingest()

    def _ingest(self) -> tuple[dict[str, Any], int]:
        ended = Installation(self.data).run("ingest", *self.corpus.paths)
        assert ended.status == 0, ended.said
        return held(self.data), last_change(self.data)


def disturbed(installation: Installation, moments: list[Moment], *command: str) -> dict[str, Any]:
    """What the installation holds after a killed run for each moment, and one to the end."""
    for moment in moments:
        killed(installation, moment, *command)
        leaves_nothing(installation)
    ended = installation.run(*command)
    assert ended.status == 0, ended.said
    assert "Traceback" not in ended.said
    leaves_nothing(installation)
    checked = installation.run("check")
    assert checked.status == 0, checked.said
    left = {path.name for path in installation.data.iterdir()} - FILES
    assert not left, "an interrupted run left files that nobody removes"
    return held(installation.data)


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Fails where two installations do not hold the same, and names what differs."""
    assert found.keys() == expected.keys()
    assert found["behind"] == expected["behind"] == []
    for name in ("places", "quarantine", "graph"):
        differing = found[name] ^ expected[name]
        assert not differing, (name, len(differing), sorted(differing)[:10])
    for name in ("records", "index"):
        changed = {
            key: (found[name].get(key), expected[name].get(key))
            for key in found[name].keys() | expected[name].keys()
            if found[name].get(key) != expected[name].get(key)
        }
        assert not changed, (name, len(changed), sorted(changed.items())[:10])
