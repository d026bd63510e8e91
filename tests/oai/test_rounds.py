"""Nothing is lost and nothing comes twice, whatever is written while a harvester pages through."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

import pytest

from registry.store.store import Store
from tests.oai.clients import CLIENTS, by_sickle
from tests.oai.rounds import Follower, Writer, disturbed, rounds, truth

PROCESSES = 3
WRITES = 15


@pytest.mark.parametrize(("name", "seed"), [("Sickle", 1), ("oaipmh-scythe", 2), ("ours", 3)])
def test_a_follower_has_what_the_store_has(name: str, seed: int, tmp_path: Path) -> None:
    writer = rounds(tmp_path, CLIENTS[name], seed, 12)
    assert writer.writes > 30


def write(folder: str, number: int) -> None:
    """What a process of its own does: it shares half of its records with the others."""
    store = Store(Path(folder))
    chance = random.Random(number)
    try:
        for one in range(WRITES):
            Writer(store, chance, prefix="shared" if one % 2 else f"own{number}").write()
    finally:
        store.close()


def test_several_processes_write_meanwhile(tmp_path: Path) -> None:
    """By the real clock: thousands of changes in the seconds of the harvests."""
    with disturbed(tmp_path, 7) as (store, url, _):
        Writer(store, random.Random(0)).write()
        spawn = multiprocessing.get_context("spawn")
        writers = [
            spawn.Process(target=write, args=(str(tmp_path), number)) for number in range(PROCESSES)
        ]
        for one in writers:
            one.start()
        follower = Follower(by_sickle, url)
        harvests = 0
        while any(one.is_alive() for one in writers):
            follower.follow(store)
            harvests += 1
        for one in writers:
            one.join()
            assert one.exitcode == 0
        follower.follow(store)
        wanted, _ = truth(store)
        assert harvests > 1
        assert follower.copy == wanted
