"""`kill -9` at any moment of an ingest: the next run makes it as if nothing had happened."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.whole.corpus import Corpus, files
from tests.whole.killing import Moment, killed, last_change, leaves_nothing
from tests.whole.running import Installation
from tests.whole.states import held

SEED = 20_240_610
ROUNDS = ((5, 5), (5, 5))
"""Kills of a first ingest and of a later one, round by round; 20 in all."""


class Undisturbed:
    """The corpus taken in twice without a fault, and what the installation held each time."""

    def __init__(self, folder: Path) -> None:
        self.corpus = Corpus(folder / "corpus", files())
        self.corpus.write()
        self.folder = folder
        self.data = folder / "undisturbed"
        self.first, self.changes = self._ingest()
        self.middle = folder / "middle"
        shutil.copytree(self.data, self.middle)

    def later(self) -> None:
        self.corpus.change()
        self.second, self.all_changes = self._ingest()

    def _ingest(self) -> tuple[dict[str, Any], int]:
        ended = Installation(self.data).run("ingest", *self.corpus.paths)
        assert ended.status == 0, ended.said
        return held(self.data), last_change(self.data)


def disturbed(
    undisturbed: Undisturbed, chance: random.Random, data: Path, kills: int,
    choose: Callable[[random.Random], Moment],
) -> dict[str, Any]:  # fmt: skip
    """What the installation holds after so many killed runs and one to the end."""
    installation = Installation(data)
    command = ("ingest", *undisturbed.corpus.paths)
    for _ in range(kills):
        killed(installation, choose(chance), *command)
        leaves_nothing(installation)
    ended = installation.run(*command)
    assert ended.status == 0, ended.said
    assert "Traceback" not in ended.said
    leaves_nothing(installation)
    checked = installation.run("check")
    assert checked.status == 0, checked.said
    left = {path.name for path in data.iterdir()} - EXPECTED
    assert not left, "an interrupted run left files that nobody removes"
    return held(data)


EXPECTED = {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm", "followers.lock",
            "search", "graph"}  # fmt: skip


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert found.keys() == expected.keys()
    assert found["behind"] == expected["behind"] == []
    for name in ("places", "quarantine", "graph"):
        assert found[name] ^ expected[name] == set(), name
    for name in ("records", "index"):
        differing = {
            key: (found[name].get(key), expected[name].get(key))
            for key in found[name].keys() | expected[name].keys()
            if found[name].get(key) != expected[name].get(key)
        }
        assert differing == {}, name


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return Undisturbed(tmp_path_factory.mktemp("kills"))


def test_killed_at_random_moments(undisturbed: Undisturbed) -> None:
    """20 kills, in a first ingest and its build, and in a later one and what follows it."""
    assert len(undisturbed.first["quarantine"]) == 3
    assert len(undisturbed.first["records"]) == len(undisturbed.first["index"]) > 300
    chance = random.Random(SEED)
    for number, (kills, _) in enumerate(ROUNDS):
        data = undisturbed.folder / f"cold-{number}"
        found = disturbed(
            undisturbed, chance, data, kills,
            lambda chance: Moment.chosen(chance, 0, undisturbed.changes, 0.8),
        )  # fmt: skip
        same(found, undisturbed.first)
    undisturbed.later()
    assert undisturbed.second["graph"] != undisturbed.first["graph"]
    for number, (_, kills) in enumerate(ROUNDS):
        data = undisturbed.folder / f"later-{number}"
        shutil.copytree(undisturbed.middle, data)
        found = disturbed(
            undisturbed, chance, data, kills,
            lambda chance: Moment.chosen(
                chance, undisturbed.changes, undisturbed.all_changes, 0.8
            ),
        )  # fmt: skip
        same(found, undisturbed.second)
