"""`make pages`: what a landing page costs through HTTP, over all shared SPASE records.

    python -m benchmarks.pages [DATA] [--clients 16] [--number 3000] [--pause 0.0]

DATA is a data folder of records that were taken in; without it the shared archives are. A real
`parhelion serve` is asked by CLIENTS processes' worth of connections that stay open, each waiting
for its answer and then `--pause` seconds, for pages of records in a random order: once when every
page is made anew, and again when the server has made them before. Times are in milliseconds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sqlite3
import statistics
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from registry import identifiers
from tests.shared import shared
from tests.whole.running import Installation
from tests.whole.serving import served


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--number", type=int, default=3000)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--json", default="pages.json", help="file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parhelion-bench-") as place:
        installation = Installation(options.data or Path(place) / "data")
        if not options.data:
            archives = [str(shared("spase", f"{one}.zip")) for one in ("NASA", "SMWG", "CNES")]
            assert installation.run("ingest", *archives).status == 0
        paths = _paths(installation.data, options.number)
        with served(installation) as server:
            told = {
                name: measured(server.address, paths, options.clients, options.pause)
                for name in ("made anew", "made before")
            }
    Path(options.json).write_text(json.dumps(told, indent=2) + "\n")
    for name, figures in told.items():
        print(f"{name:12}", "  ".join(f"{key} {value:,.1f}" for key, value in figures.items()))


def _paths(data: Path, number: int) -> list[str]:
    (file,) = [one for one in data.glob("*.sqlite*") if one.suffix in (".sqlite", ".sqlite3")]
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT key FROM record WHERE deleted = 0 AND format = 'spase' ORDER BY id"
        )
        keys = [row[0] for row in rows]
    random.Random(4).shuffle(keys)
    return [identifiers.page_path(key) for key in keys[:number]]


def measured(address: str, paths: list[str], clients: int, pause: float) -> dict[str, float]:
    """Times of the pages, each asked once, by so many clients at the same time."""
    waiting, times = iter(paths), []
    lock = threading.Lock()

    def ask() -> None:
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        while True:
            with lock:
                path = next(waiting, None)
            if path is None:
                return
            began = time.perf_counter()
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            took = time.perf_counter() - began
            assert answer.status == 200, (path, answer.status)
            with lock:
                times.append(1000 * took)
            time.sleep(pause)

    began = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    wall = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "pages/s": len(times) / wall}


if __name__ == "__main__":
    main()
