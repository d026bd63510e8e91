"""`/sources`, the page of a source, and both for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from registry.engines import Engines, opened
from registry.settings import HarvestSettings, IngestSettings, Settings
from registry.sources.adding import add_source
from registry.sources.harvesting import harvest
from registry.store import harvests as kept
from registry.web.application import application
from tests.registry.sources.repository import Item, Repository
from tests.web.made import HOSTILE
from tests.whole.corpus import spase

XHTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """A peer that was harvested, a folder that is gone, one that runs, one never harvested."""
    folder = tmp_path_factory.mktemp("sources")
    settings = Settings(
        data=folder / "data",
        harvest=HarvestSettings(allow_private=True),
        ingest=IngestSettings(workers=1),
    )
    items = {str(n): Item("2024-05-01T00:00:00Z", spase(f"spase://MADE/P/{n}")) for n in range(9)}
    items["bad"] = Item("2024-05-01T00:00:00Z", b"<?xml version='1.0'?><nothing/>")
    with opened(settings, wants_lock=False) as engines:
        store = engines.store
        with Repository(items).peer() as peer:
            source = add_source(store, "peer", "oai-pmh", f"{peer.url}/oai", every=21600)
            harvest(store, settings, source)
        secret = folder / "secret-folder"
        with pytest.raises(Exception, match="there is no folder"):
            harvest(store, settings, add_source(store, "shelf", "folder", str(secret), every=3600))
        running = add_source(store, "running", "oai-pmh", "http://u:p@example.org/oai")
        add_source(store, "never", "archive", "https://example.org/a.zip")
        with store.writing() as writer:
            number = kept.begin_harvest(writer.connection, running.id, writer.now)
            kept.note_heard(writer.connection, number, writer.now, {"read": 1234})
            kept.log(writer.connection, number, writer.now, [("warning", HOSTILE)])
            kept.take_lease(
                writer.connection, running.id, "elsewhere:1:x", writer.now, writer.now + 9999
            )
        yield engines


@pytest.fixture(scope="module")
def app(engines: Engines) -> Flask:
    return application(engines)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def rows(client: FlaskClient) -> dict[str, str]:
    page = etree.fromstring(client.get("/sources").data)
    found = page.iterfind(f".//{XHTML}tbody/{XHTML}tr")
    texts = [" ".join("".join(row.itertext()).split()) for row in found]
    return {text.split("oai-pmh")[0].split("folder")[0].split("archive")[0]: text for text in texts}


def test_each_source_says_how_it_stands(client: FlaskClient) -> None:
    told = rows(client)
    assert "in order" in told["peer"]
    assert "9 new" in told["peer"]
    assert "1 in quarantine" in told["peer"]
    assert "every 6h" in told["peer"]
    assert "failed" in told["shelf"]
    assert "running, 1,234 records so far" in told["running"]
    assert "never harvested" in told["never"]


def test_a_source_shows_its_log(client: FlaskClient) -> None:
    page = client.get("/sources/peer").get_data(as_text=True)
    assert "10 records read, 9 new" in page
    assert etree.fromstring(page.encode()) is not None
    hostile = client.get("/sources/running").get_data(as_text=True)
    assert "alert(1)" in hostile
    assert "<script>" not in hostile
    assert client.get("/sources/nothing").status_code == 404


def test_nothing_of_this_machine_or_a_password_is_told(client: FlaskClient) -> None:
    for path in ("/sources", "/sources/shelf", "/sources/running", "/api/v1/sources",
                 "/api/v1/sources/shelf", "/api/v1/sources/running"):  # fmt: skip
        told = client.get(path).get_data(as_text=True)
        assert "secret-folder" not in told, path
        assert "u:p@" not in told, path


def test_the_same_for_programs(client: FlaskClient) -> None:
    answer = client.get("/api/v1/sources")
    assert answer.content_type == "application/json"
    found = {one["name"]: one for one in json.loads(answer.data)["sources"]}
    assert {name: one["state"] for name, one in found.items()} == {
        "local": "local", "peer": "ok", "shelf": "failed", "running": "running", "never": "never",
    }  # fmt: skip
    assert found["peer"]["held"] == 9
    assert found["peer"]["every"] == "6h"
    assert found["peer"]["harvest"]["counts"]["quarantined"] == 1
    assert found["running"]["harvest"]["counts"]["read"] == 1234
    one = json.loads(client.get("/api/v1/sources/shelf").data)
    assert [run["outcome"] for run in one["harvests"]] == ["failed"]
    missing = client.get("/api/v1/sources/nothing")
    assert (missing.status_code, missing.content_type) == (404, "application/problem+json")


def test_the_api_describes_them(client: FlaskClient) -> None:
    paths = json.loads(client.get("/api/openapi.json").data)["paths"]
    assert {"/api/v1/sources", "/api/v1/sources/{name}"} <= set(paths)


def test_paths_are_safe(client: FlaskClient, tmp_path: Path) -> None:
    for name in ("..%2f..", "%00", "a" * 5000):
        assert client.get(f"/sources/{name}").status_code == 404
