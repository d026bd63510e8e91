"""A `parhelion serve` on a port of its own, asked over HTTP."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

from tests.whole.running import Installation, wait_until

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@dataclass(slots=True)
class Served:
    installation: Installation
    process: subprocess.Popen[str]
    address: str

    def get(self, path: str, **parameters: str) -> tuple[int, str]:
        """(status, body) of a page."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        try:
            with urlopen(f"{self.address}{path}{query}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as error:
            return error.code, error.read().decode()

    def total(self, words: str) -> int:
        """How many records a search finds."""
        status, body = self.get("/api/v1/search", q=words)
        return int(json.loads(body)["total"]) if status == 200 else -1

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What the graph answers; empty where it does not."""
        status, body = self.get("/sparql", query=query, format="json")
        if status != 200:
            return []
        found: list[dict[str, Any]] = json.loads(body)["results"]["bindings"]
        return found

    def child(self) -> int:
        """The process number of the graph's engine."""
        told = json.loads((self.installation.data / "graph/server.json").read_text())
        return int(told["pid"])

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Ends the server; gives its status and what it said."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextlib.contextmanager
def served(installation: Installation) -> Iterator[Served]:
    """A server that answers; it is ended with the block."""
    process = installation.start("serve", "--port", "0")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, line + (process.stderr.read() if process.stderr and not line else "")
        server = Served(installation, process, found.group())
        wait_until(lambda: server.get("/healthz")[0] == 200, process)
        yield server
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
