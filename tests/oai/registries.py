"""Made registries, and a server that offers them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from flask import Flask
from flask.testing import FlaskClient

from harvesters.documents import Document
from registry.engines import opened
from registry.ingest.reading import taken_document
from registry.settings import IvoaSettings, OaiSettings, Settings
from registry.store.sources import LOCAL_SOURCE
from registry.store.store import Store
from registry.web.application import application

EXAMPLES = Path(__file__).parents[2] / "examples"
PUBLIC = "https://registry.example.org/heliophysics"
START = 1_600_000_000
"""2020-09-13T12:26:40Z, when the made registries begin."""


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def dataset(name: str, title: str = "Made", kind: str = "NumericalData") -> bytes:
    """A SPASE record; it is invalid, which `spase` and `oai_dc` do not mind."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<Spase xmlns="http://www.spase-group.org/data/schema">'
        f"<Version>2.7.1</Version><{kind}><ResourceID>spase://Made/{name}</ResourceID>"
        f"<ResourceHeader><ResourceName>{title}</ResourceName></ResourceHeader></{kind}></Spase>"
    ).encode()


def service(name: str, *, short: str = "made", extra: str = "", status: str = "active") -> bytes:
    """A VOResource record, valid unless `extra` spoils it; one prefix stands in a value only."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- before the root -->
<ri:Resource xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"
    xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:type="vr:Service" status="{status}" created="2020-01-01T00:00:00Z"
    updated="2020-01-01T00:00:00Z">
  <title>Made service</title>
  <shortName>{short}</shortName>
  <identifier>ivo://made.example/{name}</identifier>
  <curation>
    <publisher>Maker</publisher>
    <contact><name>Maker</name></contact>
  </curation>
  <content>
    <subject>virtual-observatories</subject>
    <description>Made for a test.</description>
    <referenceURL>https://example.org/{name}</referenceURL>
  </content>
{extra}</ri:Resource>
""".encode()


SPOILT = "  <noSuchElement/>\n"


def put(store: Store, documents: dict[str, bytes], source: int = LOCAL_SOURCE) -> None:
    """Puts documents at their places, in one write."""
    taken = [
        taken_document(Document(path, content), hashlib.sha256(content).digest())
        for path, content in documents.items()
    ]
    with store.writing() as writer:
        writer.take(source, taken)


def remove(store: Store, *paths: str) -> None:
    with store.writing() as writer:
        writer.remove(LOCAL_SOURCE, paths)


def examples() -> dict[str, bytes]:
    """The examples of the product, by path."""
    return {str(path): path.read_bytes() for path in sorted(EXAMPLES.rglob("*.xml"))}


@contextmanager
def served(
    folder: Path,
    *,
    page_size: int = 200,
    token_hours: int = 24,
    clock: Any = None,
    ivoa: IvoaSettings | None = None,
    **more: Any,
) -> Iterator[tuple[Store, Flask]]:
    """A store in a folder, and the application over it."""
    oai = OaiSettings(page_size=page_size, token_hours=token_hours, **more)
    settings = Settings(data=folder, public_url=PUBLIC, oai=oai, ivoa=ivoa or IvoaSettings())
    with opened(settings, wants_lock=False) as engines:
        if clock is not None:
            engines.store.close()
            engines.store = Store(folder, clock=clock)
        yield engines.store, application(engines)


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The application on loopback; its OAI-PMH base address."""
    server = make_server("127.0.0.1", 0, app, WSGIServer, _Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/oai"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def get(app: Flask, *pairs: tuple[str, str], **arguments: str) -> bytes:
    """The answer to a GET request. `from_` stands for `from`."""
    named = [(name.rstrip("_"), value) for name, value in arguments.items()]
    client: FlaskClient = app.test_client()
    response = client.get("/oai", query_string=[*pairs, *named])
    assert response.status_code == 200
    return response.data


def documents_at(names: Iterable[str]) -> dict[str, bytes]:
    return {name: dataset(name) for name in names}
