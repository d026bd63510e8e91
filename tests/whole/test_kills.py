"""`kill -9` at any moment of an ingest: the next run makes it as if nothing had happened."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from tests.whole.corpus import Corpus, files
from tests.whole.killing import Moment, Undisturbed, disturbed, same
from tests.whole.running import Installation

SEED = 20_240_610
ROUNDS = (5, 5)
"""Kills before a run may end, of a first ingest and then of a later one: 20 in all."""
TAIL = 0.8
"""About how many seconds index and graph take after the last batch is in."""


def test_killed_at_random_moments(tmp_path: Path) -> None:
    """In a first ingest and its build, and in a later one and what follows it step by step."""
    undisturbed = Undisturbed(tmp_path, Corpus(tmp_path / "corpus", files()))
    assert len(undisturbed.first["quarantine"]) == 3
    assert len(undisturbed.first["records"]) == len(undisturbed.first["index"]) > 300
    command = ("ingest", *undisturbed.corpus.paths)
    chance = random.Random(SEED)
    for number, kills in enumerate(ROUNDS):
        moments = [Moment.chosen(chance, 0, undisturbed.changes, TAIL) for _ in range(kills)]
        found = disturbed(Installation(tmp_path / f"cold-{number}"), moments, *command)
        same(found, undisturbed.first)
    undisturbed.later()
    assert undisturbed.second["graph"] != undisturbed.first["graph"]
    for number, kills in enumerate(ROUNDS):
        data = tmp_path / f"later-{number}"
        shutil.copytree(undisturbed.middle, data)
        moments = [
            Moment.chosen(chance, undisturbed.changes, undisturbed.all_changes, TAIL)
            for _ in range(kills)
        ]
        same(disturbed(Installation(data), moments, *command), undisturbed.second)
