"""How often one client may ask: whom it counts as one, and what it is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask, Request
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from registry.engines import Engines
from registry.settings import ApiSettings
from registry.web.application import application
from registry.web.rates import Rates, client


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_evenly() -> None:
    clock = Clock()
    rates = Rates(6, clock)
    assert [rates.wait("a") for _ in range(6)] == [0] * 6
    assert rates.wait("a") == 10
    assert rates.wait("b") == 0
    clock.now += 9.5
    assert rates.wait("a") == 1
    clock.now += 0.5
    assert rates.wait("a") == 0
    assert rates.wait("a") == 10
    clock.now += 3600
    assert [rates.wait("a") for _ in range(7)] == [0] * 6 + [10]


def test_the_clients_seen_longest_ago_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.web.rates._CLIENTS", 2)
    rates = Rates(1, Clock())
    assert [rates.wait(one) for one in "abca"] == [0, 0, 0, 0]
    assert rates.wait("c") > 0


@pytest.mark.parametrize(("address", "forwarded", "proxies", "named"), [
    ("192.0.2.1", "", 0, "192.0.2.1"),
    ("192.0.2.1", "203.0.113.9", 0, "192.0.2.1"),
    ("192.0.2.1", "203.0.113.9", 1, "203.0.113.9"),
    ("192.0.2.1", "198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),
    ("192.0.2.1", "198.51.100.1, 203.0.113.9", 2, "198.51.100.1"),
    ("192.0.2.1", "203.0.113.9", 2, "192.0.2.1"),
    ("192.0.2.1", "nobody", 1, "192.0.2.1"),
    ("2001:db8:1:2:3::4", "", 0, "2001:db8:1:2::/64"),
    ("2001:db8:1:2:ffff::1", "", 0, "2001:db8:1:2::/64"),
])  # fmt: skip
def test_who_asks(address: str, forwarded: str, proxies: int, named: str) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    environ = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": address}).get_environ()
    assert client(Request(environ), proxies) == named


@pytest.fixture(scope="module")
def limited(engines: Engines) -> Flask:
    settings = engines.settings.model_copy(update={"api": ApiSettings(requests=3)})
    return application(replace(engines, settings=settings))


def test_who_asks_too_often_is_told_to_wait(limited: Flask) -> None:
    asker: FlaskClient = limited.test_client()
    found = [asker.get("/api/v1/facets", environ_base={"REMOTE_ADDR": "192.0.2.7"})
             for _ in range(4)]  # fmt: skip
    assert [one.status_code for one in found] == [200, 200, 200, 429]
    assert found[3].mimetype == "application/problem+json"
    assert json.loads(found[3].data)["status"] == 429
    assert int(found[3].headers["Retry-After"]) > 0
    assert found[3].headers["Access-Control-Allow-Origin"] == "*"
    of_hdp = asker.get("/WS/hdp/1/Spase/Style", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert of_hdp.status_code == 429
    assert b'class="ErrorDescription"' in of_hdp.data
    # Pages are for people, and another client is another.
    assert asker.get("/", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    other = asker.get("/api/v1/facets", environ_base={"REMOTE_ADDR": "192.0.2.8"})
    assert other.status_code == 200
