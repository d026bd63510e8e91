"""Many kills at random moments, over all shared records: `python -m benchmarks.kills 200`.

Each round kills a run a few times and lets the next one end; then store, index and graph must
hold what they hold without a kill. Prints a line a round; exit status 1 at the first difference.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.shared import SHARED
from tests.whole.corpus import Corpus, made, real
from tests.whole.killing import Moment, Undisturbed, disturbed, same
from tests.whole.running import Installation


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="kills-", dir=options.folder))
    records = made(4000) if SHARED is None else real(options.records, largest=10**9)
    print(f"{len(records):,} records, seed {options.seed}, in {folder}")
    undisturbed = Undisturbed(folder, Corpus(folder / "corpus", records))
    chance = random.Random(options.seed)
    try:
        _rounds(undisturbed, chance, options, later=False)
        undisturbed.later()
        _rounds(undisturbed, chance, options, later=True)
    except AssertionError as error:
        print(f"{error}\nWhat is left of it lies in {folder}.", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


def _rounds(
    undisturbed: Undisturbed, chance: random.Random, options: argparse.Namespace, *, later: bool
) -> None:
    left = options.kills // 2
    while left > 0:
        began = time.monotonic()
        kills = min(left, chance.randint(1, options.at_once))
        data = undisturbed.folder / "killed"
        if later:
            shutil.copytree(undisturbed.middle, data)
            before, after = undisturbed.changes, undisturbed.all_changes
        else:
            before, after = 0, undisturbed.changes
        moments = [Moment.chosen(chance, before, after, options.tail) for _ in range(kills)]
        found = disturbed(Installation(data), moments, "ingest", *undisturbed.corpus.paths)
        same(found, undisturbed.second if later else undisturbed.first)
        shutil.rmtree(data)
        left -= kills
        kind = "later" if later else "first"
        print(f"{kind} ingest, {kills} kills: the same ({time.monotonic() - began:.0f} s)")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kills", type=int, nargs="?", default=100)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--records", type=int, default=10**9, help="about how many, at most")
    parser.add_argument("--at-once", type=int, default=5, help="kills before a run may end")
    parser.add_argument(
        "--tail", type=float, default=8.0, help="seconds of kills after the batches"
    )
    parser.add_argument("--folder", help="where to work; else the system's temporary folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
