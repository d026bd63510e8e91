"""`make hostile`: 5,000 hostile queries to a served `/sparql`, and what they did to it.

    python -m benchmarks.hostile [--number N] [--seed N] [--seconds S] [DATA]

Ends with 1 if an answer had a status that it may not have, if the engine's memory went beyond
its limit, or if a plain query was not answered in between.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.measuring import Watch, python, run
from registry.engines import opened
from registry.settings import read_settings
from registry.web.application import application
from tests.graph.hostile import queries

ALLOWED = frozenset({200, 400, 403, 406, 503})
MEMORY = 1_500_000_000
PLAIN = "SELECT (COUNT(*) AS ?n) { ?s a <http://www.w3.org/ns/dcat#Dataset> }"
EXAMPLES = Path(__file__).parents[1] / "examples"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--number", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parhelion-hostile-") as folder:
        data = options.data or Path(folder) / "data"
        if not options.data:
            run(python("app.py", "--data", str(data), "ingest", str(EXAMPLES)))
        faults = attack(data, options.number, options.seed, options.seconds)
    sys.exit(1 if faults else 0)


def attack(data: Path, number: int, seed: int, seconds: float) -> int:
    """How many things went wrong; says which, and how the answers were spread."""
    # Answers that were kept would spare the engine the plain queries.
    graph = {"query_seconds": seconds, "memory_bytes": MEMORY, "kept_bytes": 0}
    told: Counter[int] = Counter()
    faults, slowest, began = 0, 0.0, time.perf_counter()
    watch = Watch(os.getpid())
    watch.start()
    with opened(read_settings(data, graph=graph)) as engines:
        client = application(engines).test_client()

        def asked(text: str) -> int:
            body = text.encode("utf-8", "replace")
            answer = client.post("/sparql", data=body, content_type="application/sparql-query")
            answer.close()
            return answer.status_code

        for count, text in enumerate(queries(seed, number), 1):
            at = time.perf_counter()
            status = asked(text)
            slowest = max(slowest, time.perf_counter() - at)
            told[status] += 1
            if status not in ALLOWED:
                faults += 1
                print(f"{status}: {text[:300]!r}")
            if (status == 503 or count % 50 == 0) and asked(PLAIN) != 200:
                faults += 1
                print(f"a plain query was not answered after {text[:300]!r}")
    watch.ended.set()
    watch.join()
    if watch.engine > MEMORY:
        faults += 1
    spread = ", ".join(f"{status} × {count:,}" for status, count in sorted(told.items()))
    print(
        f"{number:,} queries in {time.perf_counter() - began:.0f} s: {spread}; the slowest "
        f"{slowest:.1f} s; memory {watch.memory / 1e6:.0f} MB here, {watch.engine / 1e6:.0f} MB in "
        f"the engine; {faults} faults"
    )
    return faults


if __name__ == "__main__":
    main()
