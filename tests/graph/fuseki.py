"""Apache Jena Fuseki, a SPARQL 1.1 store that others wrote, for the tests that every store passes.

PARHELION_TEST_FUSEKI names its jar (org.apache.jena:jena-fuseki-server of Maven Central); Java
runs it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from registry.graph.sparql import Endpoints

JAR = os.environ.get("PARHELION_TEST_FUSEKI", "")
_SECONDS = 60.0


@contextmanager
def running(folder: Path) -> Iterator[Endpoints]:
    """The addresses of an empty dataset in memory, as long as the block lasts; skips without it."""
    java = shutil.which("java")
    if not java or not JAR:
        pytest.skip("needs Fuseki: name its jar in PARHELION_TEST_FUSEKI, and install Java")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [java, "-Xmx512m", "-jar", JAR, "--mem", "--update", "--localhost"]
    environment = {"PATH": os.defpath, "FUSEKI_BASE": str(folder), "LC_ALL": "C.UTF-8"}
    with (folder / "fuseki.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, f"--port={port}", "/ds"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + _SECONDS
        while not _answers(port):
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
            assert process.poll() is None, (folder / "fuseki.log").read_text()
            assert time.monotonic() < until, (folder / "fuseki.log").read_text()
        root = f"http://127.0.0.1:{port}/ds"
        yield Endpoints(f"{root}/query", f"{root}/update", f"{root}/data")
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1.0):
            return True
    except OSError:
        return False
