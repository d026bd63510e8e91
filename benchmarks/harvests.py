"""Harvests from a peer on loopback: what they cost, and whether kills lose anything.

`python -m benchmarks.harvests cost` measures time and memory; `… kills 200` kills a harvest from a
faulty peer at random moments, over all shared records, and exits with 1 at the first difference.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.harvesters.faulty_peer import CLOCK, FaultyPeer, Item, person
from tests.shared import SHARED
from tests.whole.corpus import made, real
from tests.whole.harvest_killing import Chance, disturbed, ended, held, items
from tests.whole.killing import last_change


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="harvests-", dir=options.folder))
    records = made(4000) if SHARED is None else real(options.records, largest=10**9)
    try:
        if options.what == "kills":
            return _kills(folder, options, *items(records))
        return _cost(folder, items(records)[0])
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def _kills(folder: Path, options: argparse.Namespace, found: list[Item], good: set[str]) -> int:
    chance = random.Random(options.seed)
    print(f"{len(found):,} records, {options.kills} kills, seed {options.seed}", flush=True)
    with FaultyPeer(found, page=100).peer() as server:
        ended(folder / "undisturbed", server.url)
    expected = held(folder / "undisturbed")
    changes = last_change(folder / "undisturbed")
    assert {record[0] for record in expected["records"].values()} == good
    assert expected["revisions"] == len(expected["places"]) == len(good)
    assert len(expected["quarantine"]) == len(found) - len(good)
    done = hits = faulty = lost = 0
    while done < options.kills:
        began, kills = time.monotonic(), min(options.at_once, options.kills - done)
        faults = Chance(chance)
        with FaultyPeer(found, faults, page=100).peer() as server:
            state, hit = disturbed(folder / "killed", server.url, chance, kills, changes)
        done, hits = done + kills, hits + hit
        faulty, lost = faulty + faults.faulty, lost + faults.lost
        differing = [name for name in expected if state[name] != expected[name]]
        if differing or state["state"]["point"] != CLOCK:
            print(f"DIFFERENT after {done} kills: {differing}", file=sys.stderr)
            return 1
        shutil.rmtree(folder / "killed")
        took = time.monotonic() - began
        print(f"{done} kills ({hits} hit), {faulty} faulty answers, {lost} tokens forgotten: "
              f"the same ({took:.0f} s)", flush=True)  # fmt: skip
    return 0


def _cost(folder: Path, found: list[Item]) -> int:
    print("pages of 100; a peer in another process of this machine; no waits")
    for number in (len(found) // 8, len(found) // 2, len(found)):
        _measured(folder, f"{number:,} records", found[:number], 100)
    made_ = [Item(str(n), person(str(n))) for n in range(100_000)]
    _measured(folder, "100,000 small records in one page", made_, 100_000)
    _measured(folder, "100,000 small records, pages of 200", made_, 200)
    return 0


def _measured(folder: Path, name: str, found: list[Item], page: int) -> None:
    data = folder / "measured"
    with FaultyPeer(found, page=page).peer() as server:
        cost: dict[str, Any] = json.loads(ended(data, server.url))
    shutil.rmtree(data)
    busy = cost["cpu"] / cost["wall"]
    print(
        f"{name}: {cost['wall']:.1f} s, {cost['read'] / cost['wall']:,.0f} records/s, CPU "
        f"{cost['cpu']:.1f} s ({busy:.0%} of a core), peak memory {cost['memory'] / 1e6:,.0f} MB",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("cost", "kills"))
    parser.add_argument("kills", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--records", type=int, default=10**9, help="about how many, at most")
    parser.add_argument("--at-once", type=int, default=20, help="kills before a run may end")
    parser.add_argument("--folder", help="where to work; else the system's temporary folder")
    parser.add_argument("--keep", action="store_true", help="leave the folder for a look")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
