"""`make pages`: what landing pages cost through HTTP, over all shared SPASE records.

    python -m benchmarks.pages [DATA] [--clients 16] [--number N] [--json FILE]

DATA is a data folder of records that were taken in; without it the shared archives are. A real
`parhelion serve` is asked over CLIENTS connections that stay open, each with one request under way
at a time and no pause, for pages in a random order. Three times: made anew (a sample, nothing
kept), kept (all pages, each asked for once, after the server had time to make them), and anew
after a change of one record that thousands show. One other process asks, as lightly as it can;
what it costs itself is told. Times are in milliseconds.

With `--number N` (as in `make bench`) N pages are asked for, and those kept are the ones that
were made anew just before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import selectors
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from registry import identifiers
from tests.shared import shared
from tests.whole.running import ROOT, Installation
from tests.whole.serving import Served, served

SAMPLE = 600
_PREPARING_SECONDS = 1800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--json", default="pages.json", help="file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parhelion-bench-") as place:
        installation = Installation(options.data or Path(place) / "data")
        if not options.data:
            archives = [str(shared("spase", f"{one}.zip")) for one in ("NASA", "SMWG", "CNES")]
            assert installation.run("ingest", *archives).status == 0
        told = figures(installation, options.clients, options.number)
    Path(options.json).write_text(json.dumps(told, indent=2) + "\n")
    show(told)


def figures(installation: Installation, clients: int, number: int) -> dict[str, dict[str, float]]:
    """The figures by the state of the pages; `number` of them, 0: all."""
    paths = _paths(installation.data)
    for file in installation.data.glob("pages.sqlite*"):
        file.unlink()
    told = {}
    installation.environment["PARHELION_PAGES__PREPARE"] = "false" if number else "true"
    with served(installation) as server:
        told["anew"] = measured(server.address, paths[: number or SAMPLE], clients)
        if not number:
            told["making"] = _prepared(server, installation.data, len(paths))
        told["kept"] = measured(server.address, paths[: number or None], clients)
    return told


def show(told: dict[str, dict[str, float]]) -> None:
    """The figures as a person reads them."""
    for name, values in told.items():
        print(f"{name:8}", "  ".join(f"{key} {value:,.2f}" for key, value in values.items()))


def _paths(data: Path) -> list[str]:
    with sqlite3.connect(f"file:{data / 'store.sqlite'}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "SELECT key FROM record WHERE deleted = 0 AND format = 'spase' ORDER BY id"
        )
        keys = [row[0] for row in rows]
    random.Random(4).shuffle(keys)
    return [identifiers.page_path(key) for key in keys]


def _prepared(server: Served, data: Path, number: int) -> dict[str, float]:
    """Waits until the server has made the pages; gives how long that took."""
    began = time.monotonic()
    kept = 0
    while kept < number and time.monotonic() - began < _PREPARING_SECONDS:
        time.sleep(1.0)
        with sqlite3.connect(f"file:{data / 'pages.sqlite'}?mode=ro", uri=True) as connection:
            (kept,) = connection.execute("SELECT count(*) FROM page").fetchone()
    size = sum(file.stat().st_size for file in data.glob("pages.sqlite*"))
    return {"seconds": time.monotonic() - began, "pages": kept, "MB": size / 1e6}


def measured(address: str, paths: list[str], clients: int) -> dict[str, float]:
    """Times of the pages, each asked once, by so many clients at the same time."""
    host, port = urlsplit(address).hostname, urlsplit(address).port
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.pages", "ask", str(host), str(port), str(clients)],
        input="\n".join(paths), stdout=subprocess.PIPE, text=True, check=True,
        cwd=ROOT,
    )  # fmt: skip
    found: dict[str, float] = json.loads(told.stdout)
    return found


class _Connection:
    """A connection that asks for one page after another and notes how long each took."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.began = 0.0
        self.wanted = 0
        self.got = 0

    def ask(self, request: bytes) -> None:
        self.wanted = self.got = 0
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Reads what came; says whether the answer is whole."""
        part = self.socket.recv(1 << 18)
        assert part, "the server ended the connection"
        if not self.wanted:
            head, _, _ = part.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head[:200]
            length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            self.wanted = len(head) + 4 + int(length)
        self.got += len(part)
        return self.got >= self.wanted


def _ask(host: str, port: int, clients: int) -> dict[str, Any]:
    """The process that asks: paths come on standard input."""
    waiting = iter(
        [
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\n"
            "Accept-Encoding: gzip\r\n\r\n".encode()
            for path in sys.stdin.read().split("\n")
        ]
    )
    times: list[float] = []
    began, used = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as selector:
        for one in (_Connection(host, port) for _ in range(clients)):
            if (request := next(waiting, None)) is not None:
                selector.register(one.socket, selectors.EVENT_READ, one)
                one.ask(request)
        while selector.get_map():
            for key, _ in selector.select():
                connection: _Connection = key.data
                if not connection.answered():
                    continue
                times.append(1000 * (time.perf_counter() - connection.began))
                if (request := next(waiting, None)) is None:
                    selector.unregister(connection.socket)
                else:
                    connection.ask(request)
    wall = time.perf_counter() - began
    used = time.process_time() - used
    cuts = statistics.quantiles(times, n=100)
    return {
        "p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "pages": len(times),
        "pages/s": len(times) / wall,
        "client's ms a page": 1000 * used / len(times),
        "load": os.getloadavg()[0],
    }  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:2] == ["ask"]:
        print(json.dumps(_ask(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
    else:
        main()
