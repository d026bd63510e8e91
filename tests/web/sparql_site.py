"""What tests of `/sparql` ask with: a served application, tight limits, queries that go astray."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask.testing import FlaskClient
from waitress.server import create_server

from registry.engines import Engines
from registry.graph.oxigraph_graph import attach
from registry.web.application import application

HOSTILE = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""A cross product of three: it does not end in the time that any query has."""


def limited(engines: Engines, *, seconds: float = 20.0, size: int = 50_000_000) -> FlaskClient:
    """The same registry with tighter limits, asked through the child that runs already."""
    folder = engines.settings.data / "graph"
    graph = attach(folder, seconds=seconds, answer_limit=size)
    return application(replace(engines, graph=graph)).test_client()


@contextmanager
def served(engines: Engines) -> Iterator[str]:
    """The address of the endpoint while it is served on loopback, without a public address."""
    settings = engines.settings.model_copy(update={"public_url": ""})
    server = create_server(
        application(replace(engines, settings=settings)), host="127.0.0.1", port=0, threads=4
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}/sparql"
    finally:
        server.close()
        thread.join(10)
