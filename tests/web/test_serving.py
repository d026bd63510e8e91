"""The HTTP server itself: what it refuses before the application sees it is told in words too."""

from __future__ import annotations

import json
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from registry.engines import Engines
from registry.settings import ServerSettings, UploadSettings
from registry.web.application import application
from registry.web.serving import server
from tests.web import made
from tests.web.pages_read import text

UPLOAD = 700_000
"""More than waitress holds in memory, so that it spools."""
BODY = 20_000
API = "/api/v1/validate"
RECORD = made.repository("Repository/Sent")


@pytest.fixture(scope="module")
def port(engines: Engines) -> Iterator[int]:
    """A server on a port of its own."""
    settings = engines.settings.model_copy(
        update={
            "public_url": "",
            "server": ServerSettings(max_body=BODY, threads=2),
            "upload": UploadSettings(bytes=UPLOAD),
        }
    )
    bound = socket.create_server(("127.0.0.1", 0))
    app = application(replace(engines, settings=settings))
    running = server(app, settings, sockets=[bound])
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    yield bound.getsockname()[1]
    # A connection that ends wakes the loop.
    running.asyncore.close_all(running._map)
    running.task_dispatcher.shutdown()
    thread.join(10)


def asked(port: int, head: str, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """(status, headers, body) of the answer to what is sent as it stands."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
        answer = b""
        while some := connection.recv(65536):
            answer += some
    first, _, rest = answer.partition(b"\r\n")
    said, _, body = rest.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in said.decode().split("\r\n"))
    return int(first.split()[1]), {name.lower(): value for name, value in headers.items()}, body


def posted(path: str, length: object, kind: str = "application/xml") -> str:
    return (
        f"POST {path} HTTP/1.1\nHost: x\nConnection: close\n"
        f"Content-Type: {kind}\nContent-Length: {length}\n"
    )


REFUSED = {
    "larger than anything that is read": (posted(API, UPLOAD + 1), 413, f"{UPLOAD:,} bytes"),
    "a length that is none": (posted(API, "many"), 400, "cannot be understood"),
    "an encoding": (
        f"POST {API} HTTP/1.1\nHost: x\nTransfer-Encoding: gzip\n", 501, "does not read",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_server_refuses_is_a_problem_document_below_api(port: int, name: str) -> None:
    head, status, said = REFUSED[name]
    code, headers, body = asked(port, head)
    assert code == status
    assert headers["content-type"] == "application/problem+json"
    told = json.loads(body)
    assert (told["status"], told["instance"]) == (status, API)
    assert said in told["detail"]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_a_page_elsewhere(port: int, name: str) -> None:
    head, status, said = REFUSED[name]
    code, headers, body = asked(port, head.replace(API, "/validate"))
    assert code == status
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert said in text(etree.fromstring(body), "//h:main")


def test_a_head_that_cannot_be_read_is_answered_too(port: int) -> None:
    for head in ("nonsense\n", "GET / HTTP/1.1\nno header\n"):
        code, headers, body = asked(port, head)
        assert (code, headers["content-type"]) == (400, "text/html; charset=utf-8"), head
        assert text(etree.fromstring(body), "//h:h1") == "Bad Request"


def test_an_upload_may_be_larger_than_other_requests(
    port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    body = RECORD.encode() + b" " * (UPLOAD - len(RECORD.encode()))
    code, _, answer = asked(port, posted(API, len(body)), body)
    assert code == 200
    assert json.loads(answer.split(b"\r\n")[1])["verdict"] == "valid"
    # Nothing that was spooled stays.
    assert list(tmp_path.iterdir()) == []
    code, _, answer = asked(port, posted("/sparql", BODY + 1, "application/sparql-query"),
                                  b"x" * (BODY + 1))  # fmt: skip
    assert code == 413
    assert f"{BODY:,} bytes" in answer.decode()
