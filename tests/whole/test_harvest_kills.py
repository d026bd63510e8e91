"""`kill -9` at any moment of a harvest from a faulty peer: nothing is lost, nothing doubled."""

from __future__ import annotations

import random
from pathlib import Path

from tests.harvesters.faulty_peer import CLOCK, FaultyPeer
from tests.whole.corpus import made
from tests.whole.harvest_killing import Chance, disturbed, items

RECORDS, KILLS, SEED = 600, 4, 20_240_611


def test_killed_at_random_moments(tmp_path: Path) -> None:
    found, good = items(made(RECORDS))
    chance = random.Random(SEED)
    faulty = Chance(chance)
    peer = FaultyPeer(found, faulty, page=20)
    with peer.peer() as server:
        state, hits = disturbed(tmp_path / "killed", server.url, chance, KILLS, RECORDS)
    assert hits > 0
    assert faulty.faulty > 0
    assert {record[0] for record in state["records"].values()} == good
    assert len(state["places"]) == state["revisions"] == len(good) == RECORDS - RECORDS // 300
    assert {one[1] for one in state["quarantine"]} == {
        f"oai:peer:{number}" for number in range(299, RECORDS, 300)
    }
    assert state["state"] == {"point": CLOCK, "token": None, "full": None}
