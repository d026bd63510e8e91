"""What goes wrong is said in words, and the rest of the site goes on."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from registry.engines import Engines
from registry.search.query import Page, Query, SearchUnavailable
from registry.store.connections import StoreError
from registry.web.application import application
from tests.web.pages_read import page, text


class _NoIndex:
    def search(self, query: Query) -> Page:
        raise SearchUnavailable("its files are being built")

    def marker(self) -> tuple[int, str]:
        raise SearchUnavailable("its files are being built")


class _NoStore:
    @contextmanager
    def reading(self) -> Iterator[Any]:
        raise StoreError("The disk is gone: plug it in again")
        yield

    def standing(self, key: str) -> Any:
        raise StoreError("The disk is gone: plug it in again")


class _BrokenStore:
    @contextmanager
    def reading(self) -> Iterator[Any]:
        raise ZeroDivisionError("a secret")
        yield


def without_index(engines: Engines) -> FlaskClient:
    return application(replace(engines, index=_NoIndex())).test_client()  # type: ignore[arg-type]


def with_store(engines: Engines, store: Any) -> FlaskClient:
    return application(replace(engines, store=store)).test_client()


def test_without_the_index_only_the_search_fails(engines: Engines) -> None:
    client = without_index(engines)
    answer = client.get("/search?q=x")
    assert answer.status_code == 503
    assert "The search cannot answer now: its files are being built." in text(page(answer))
    assert answer.headers["Retry-After"]
    answer = client.get("/api/v1/search")
    assert answer.status_code == 503
    assert json.loads(answer.data)["status"] == 503
    assert client.get("/").status_code == 200
    assert client.get("/records/ivo/parhelion.example/tap").status_code == 200
    health = client.get("/healthz")
    assert health.status_code == 200
    assert "being built" in json.loads(health.data)["followers"]["search"]["fault"]
    assert b'parhelion_follower_up{follower="search"} 0' in client.get("/metrics").data


def test_without_the_store_everything_says_so(engines: Engines) -> None:
    client = with_store(engines, _NoStore())
    for path in ("/", "/records/ivo/parhelion.example/tap"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "The disk is gone: plug it in again." in text(page(answer))
    health = client.get("/healthz")
    assert health.status_code == 503
    assert "The disk is gone" in json.loads(health.data)["detail"]
    assert b"\nparhelion_up 0\n" in client.get("/metrics").data


def test_an_unexpected_fault_is_logged_and_not_shown(
    engines: Engines, caplog: pytest.LogCaptureFixture
) -> None:
    client = with_store(engines, _BrokenStore())
    with caplog.at_level(logging.ERROR):
        answer = client.get("/")
    assert answer.status_code == 500
    page(answer)
    assert b"secret" not in answer.data
    assert b"Traceback" not in answer.data
    assert "a secret" in caplog.text
    answer = client.get("/api/v1/records/spase/A/B")
    assert answer.mimetype == "application/problem+json"
    assert b"secret" not in answer.data


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing/here", 404), ("POST", "/search", 405), ("DELETE", "/", 405),
    ("GET", "/static/nothing.css", 404), ("GET", "/static/../pages.py", 404),
    ("GET", "/vocabularies/nothing", 404),
])  # fmt: skip
def test_errors_are_pages_of_the_site(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert str(status) in text(page(answer), "//h:main")
    if status == 405:
        assert "GET" in answer.headers["Allow"]


def test_a_body_that_is_too_large_is_refused(app: Flask, client: FlaskClient) -> None:
    size = int(app.config["MAX_CONTENT_LENGTH"]) + 1
    answer = client.post("/sparql", data=b"x" * size, content_type="application/sparql-query")
    assert answer.status_code == 413


@pytest.mark.parametrize("path", [
    "/", "/search", "/nothing", "/records/ivo/parhelion.example/tap.xml", "/healthz",
    "/api/v1/search", "/static/parhelion.css",
])  # fmt: skip
def test_every_answer_has_its_safety_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    scripts = [one for one in policy.split("; ") if one.startswith("script-src")]
    assert scripts in ([], ["script-src 'self'"])
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"]


@pytest.mark.parametrize("path", [
    "/", "/search?q=ACE", "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S",
    "/vocabularies/frames",
])  # fmt: skip
def test_pages_need_nothing_that_the_policy_forbids(client: FlaskClient, path: str) -> None:
    root = page(client.get(path))
    spaces = {"h": "http://www.w3.org/1999/xhtml"}
    assert not root.xpath("//@style", namespaces=spaces)
    assert not root.xpath("//h:style", namespaces=spaces)
    assert not root.xpath("//@*[starts-with(name(), 'on')]", namespaces=spaces)
    scripts = "//h:script[not(@type='application/ld+json')]"
    assert not root.xpath(scripts + "[text() or not(@src)]", namespaces=spaces)
    loaded = root.xpath(
        f"//h:img/@src | //h:link[@rel='stylesheet']/@href | {scripts}/@src", namespaces=spaces
    )
    assert loaded
    assert all(one.startswith("/helio/") for one in loaded), loaded
    for one in loaded:
        assert client.get(one.removeprefix("/helio")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "allowed"),
    [
        ("GET", "/api/v1/validate", 405, {"OPTIONS", "POST"}),
        ("DELETE", "/api/v1/validate", 405, {"OPTIONS", "POST"}),
        ("POST", "/api/v1/search", 405, {"GET", "HEAD", "OPTIONS"}),
        ("PUT", "/api/v1/records/spase/MADE/Repository/Plain", 405, {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/api/openapi.json", 405, {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/api/v1/nothing", 404, set()),
        ("GET", "/api", 404, set()),
        ("DELETE", "/api/", 404, set()),
    ],
)
def test_below_api_a_wrong_method_and_a_wrong_address_are_told_apart(
    client: FlaskClient, method: str, path: str, status: int, allowed: set[str]
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.data)["status"] == status
    assert {one.strip() for one in answer.headers.get("Allow", "").split(",")} - {""} == allowed
