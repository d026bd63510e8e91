"""`python -m tests.whole.one_harvest DATA URL`: one harvest into a store, waits left out.

Prints what it cost and brought as JSON: CPU and wall seconds, peak memory in bytes, records read.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from unittest.mock import patch

from harvesters.fetching import Fetcher, FetchLimits, Surroundings
from registry.deletion_guard import HarvestFailed
from registry.settings import HarvestSettings, Settings
from registry.sources import harvesting
from registry.sources.kinds import OAI_PMH
from registry.store import sources as kept_sources
from registry.store.store import Store

FAILED = 3
"""Exit status of a harvest that the peer's faults ended; the next goes on."""


def main() -> None:
    data, url = Path(sys.argv[1]), sys.argv[2]
    data.mkdir(parents=True, exist_ok=True)
    store = Store(data)
    with store.writing() as writer:
        known = {one.name: one for one in kept_sources.sources(writer.connection)}
        source = known.get("peer") or kept_sources.add_source(
            writer.connection, "peer", OAI_PMH, url, now=1
        )
    settings = Settings(data=data, harvest=HarvestSettings(allow_private=True))
    began, worked = time.perf_counter(), time.process_time()
    try:
        with patch.object(harvesting, "fetcher", _unwaiting):
            result = harvesting.harvest(store, settings, source)
    except HarvestFailed as failed:
        print(failed)
        sys.exit(FAILED)
    cost = {
        "cpu": time.process_time() - worked,
        "wall": time.perf_counter() - began,
        "memory": _peak_memory(),
        "read": result.counts.read,
    }
    print(json.dumps(cost))
    store.close()


def _peak_memory() -> int:
    """In bytes; the system's own figure would begin with that of the process that began us."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _unwaiting(settings: Settings, source: str) -> Fetcher:
    around = Surroundings(sleep=lambda seconds: None)
    limits = FetchLimits(first_byte=20, total=120, tries=12)
    return Fetcher(allow_private=True, limits=limits, surroundings=around)


if __name__ == "__main__":
    main()
