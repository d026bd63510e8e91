"""Whole lives of DOIs, each with one seeded fault: `python -m benchmarks.doi_faults 1000`.

Half of the faults kill our process at one of its steps, half are the double's of DataCite. Exit
status 1 at the first life that does not end with exactly one DOI, the same on both sides.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from registry.doi.trial import TrialDataCite
from tests.doi.lives import Disturbance, LifeWentWrong, World


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lives", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="doi-faults-"))
    chance = random.Random(options.seed)
    began = time.monotonic()
    kills = 0
    with TrialDataCite() as trial:
        world = World(folder, trial)
        for number in range(options.lives):
            disturbance = Disturbance.chosen(chance)
            kills += bool(disturbance.step)
            try:
                world.live(number, disturbance)
            except LifeWentWrong as error:
                print(f"{error}\nThe store lies in {folder}.", file=sys.stderr)
                return 1
            if number % 100 == 99:
                print(f"{number + 1:,} lives, {time.monotonic() - began:.0f} s", flush=True)
        made = len(trial.entries)
    shutil.rmtree(folder)
    print(
        f"{options.lives:,} lives with a fault each ({kills:,} kills), seed {options.seed}: "
        f"{made:,} DOIs, each exactly once, both sides agree."
    )
    return 0 if made == options.lives else 1


if __name__ == "__main__":
    sys.exit(main())
