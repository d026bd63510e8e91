"""What stands between an adapter and a real Elasticsearch when something is to go wrong."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.shared import SHARED

ADDRESS = os.environ.get("PARHELION_TEST_ELASTICSEARCH", "")

needs_elasticsearch = pytest.mark.skipif(
    not ADDRESS, reason="needs an Elasticsearch: set PARHELION_TEST_ELASTICSEARCH to its address"
)

Answer = tuple[int, str]


class Between(ThreadingHTTPServer):
    """Passes requests on to the real server, but for those that `instead` has an answer for."""

    daemon_threads = True

    def __init__(self, instead: Callable[[str, str], Answer | None]) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.instead = instead
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class _Passing(BaseHTTPRequestHandler):
    server: Between
    protocol_version = "HTTP/1.1"

    def _pass(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.server.instead(self.command, self.path)
        if answer is None:
            answer = self._real(body)
        status, text = answer
        raw = text.encode()
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/vnd.elasticsearch+json; compatible-with=8")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass

    def _real(self, body: bytes) -> Answer:
        real = urlsplit(ADDRESS)
        connection = http.client.HTTPConnection(str(real.hostname), real.port, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() != "accept-encoding"}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        told = answer.status, answer.read().decode()
        connection.close()
        return told

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test says what went wrong."""


@contextmanager
def between(instead: Callable[[str, str], Answer | None]) -> Iterator[str]:
    """The address of a `Between`, as long as the block lasts."""
    server = Between(instead)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.address
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class OwnServer:
    """An Elasticsearch that a test may kill."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it (again, on what it held) and returns when it answers."""
        assert SHARED is not None
        environment = os.environ | {"ES_HEAP": "384m", "ES_JAVA_OPTS": "-XX:TieredStopAtLevel=1"}
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [str(SHARED / "elasticsearch/start.sh"), str(self.port), str(self.folder)],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        until = time.monotonic() + 120
        while not self._answers():
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.2)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def kill(self) -> None:
        """Ends it and all its processes without a warning."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def own_server() -> Iterator[OwnServer]:
    """A server of its own; skips where it cannot be started."""
    if SHARED is None or not shutil.which("javac") or not shutil.which("mvn"):
        pytest.skip("needs an Elasticsearch that may be killed: the shared records, a JDK, Maven")
    # Started by root it runs as nobody, who cannot get into pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="parhelion-test-elasticsearch-"))
    folder.chmod(0o755)
    server = OwnServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
