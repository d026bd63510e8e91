"""“Copy as” on /search: the text of each program is run as it stands, against the served site."""

from __future__ import annotations

import io
import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hdpws import NAMESPACES

from tests.oai.registries import listening
from tests.web.conftest import PUBLIC
from tests.web.pages_read import find, page, text

ACE = "spase://PARHELION/Observatory/ACE"
SEARCHES: dict[str, list[tuple[str, str]]] = {
    "words": [("q", "magnetic field"), ("kind", "NumericalData")],
    "an observatory, and a span of time": [
        ("kind", "NumericalData"), ("observatory", ACE),
        ("from", "1998-01-01"), ("to", "1999-12-31"),
    ],
    "a region holds those below it": [("kind", "NumericalData"), ("region", "Heliosphere")],
    "several values of a facet": [
        ("kind", "NumericalData"), ("kind", "DisplayData"),
        ("measurement", "MagneticField"), ("measurement", "ThermalPlasma"),
    ],
    "what no other program asks for": [("kind", "Person"), ("format", "spase")],
}  # fmt: skip
NO_HDP = ("words", "what no other program asks for")
"""Searches that hdpws has no words for."""


@pytest.fixture(scope="module")
def served(app: Flask) -> Iterator[str]:
    with listening(app) as address:
        yield address.removesuffix("/oai")


@pytest.fixture(params=SEARCHES, scope="module")
def search(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def copied(client: FlaskClient, served: str, search: str) -> dict[str, str]:
    """The programs that the page shows, by name, with the address of the served site."""
    told = page(client.get(f"/search?{urlencode(SEARCHES[search])}"))
    names = [text(one) for one in find(told, "//h:details[@class='copies']/h:h3")]
    programs = find(told, "//h:details[@class='copies']/h:pre")
    return {
        name: "".join(one.itertext()).replace(PUBLIC, served)
        for name, one in zip(names, programs, strict=True)
    }


@pytest.fixture
def wanted(client: FlaskClient, search: str) -> set[str]:
    """The identifiers of all that the search finds."""
    answer = client.get(f"/api/v1/search?{urlencode([*SEARCHES[search], ('limit', '500')])}")
    found = answer.get_json()
    assert 0 < found["total"] == len(found["hits"])
    return {hit["identifier"] for hit in found["hits"]}


def run(program: str) -> tuple[dict[str, Any], str]:
    """The names that a program leaves, and what it prints."""
    left: dict[str, Any] = {}
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(program, "copied", "exec"), left)
    return left, printed.getvalue()


def test_requests(copied: dict[str, str], wanted: set[str]) -> None:
    left, printed = run(copied["Python, requests"])
    assert left["found"]["total"] == len(wanted)
    lines = printed.splitlines()
    assert len(lines) == min(len(wanted), 20)
    assert {line.split(" ")[0] for line in lines} <= wanted


def test_curl(copied: dict[str, str], wanted: set[str]) -> None:
    if not shutil.which("curl"):
        pytest.skip("needs curl")
    command = [*shlex.split(copied["API"]), "--silent", "--show-error"]
    told = subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert json.loads(told.stdout)["total"] == len(wanted)


def test_pyvo(copied: dict[str, str], wanted: set[str]) -> None:
    left, _ = run(copied["Python, pyvo"])
    assert set(map(str, left["table"]["identifier"])) == wanted


def test_hdpws(copied: dict[str, str], wanted: set[str], search: str) -> None:
    if search in NO_HDP:
        assert "Python, hdpws" not in copied
        return
    left, _ = run(copied["Python, hdpws"])
    found = left["found"]
    assert found["HttpStatus"] == 200
    identifiers = found["Result"].findall("./Spase/*/ResourceID", NAMESPACES)
    assert {one.text for one in identifiers} == wanted


def test_sparql(copied: dict[str, str], served: str, wanted: set[str], search: str) -> None:
    asked = urlencode({"query": copied["SPARQL"], "format": "json"})
    with urlopen(f"{served}/sparql?{asked}", timeout=60) as answer:
        rows = json.load(answer)["results"]["bindings"]
    found = {row["record"]["value"] for row in rows}
    if search == "words":
        # The graph has no index of words: it looks at titles and descriptions only.
        assert found
        assert found <= wanted
    else:
        assert found == wanted
