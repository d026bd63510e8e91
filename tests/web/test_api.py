"""The API: JSON that says what the pages say, problems as documents, all as OpenAPI describes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from registry.search.requests import PARAMETERS
from tests.web.conftest import PUBLIC

ACE = "/api/v1/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S"


@pytest.fixture
def description(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get("/api/openapi.json").data)
    return found


def check(description: dict[str, Any], answer: TestResponse, path: str) -> dict[str, Any]:
    """The answer's JSON, held against the schema that the description gives for its status."""
    described = description["paths"][path]["get"]["responses"][str(answer.status_code)]
    schema = described["content"][answer.mimetype]["schema"]
    found: dict[str, Any] = json.loads(answer.data)
    Draft202012Validator({**schema, "components": description["components"]}).validate(found)
    return found


def test_the_description_is_openapi(description: dict[str, Any]) -> None:
    OpenAPIV31SpecValidator(description).validate()
    assert description["openapi"].startswith("3.1.")
    assert description["servers"] == [{"url": PUBLIC}]


def test_every_parameter_is_described(description: dict[str, Any]) -> None:
    described = description["paths"]["/api/v1/search"]["get"]["parameters"]
    assert [one["name"] for one in described] == list(PARAMETERS)


def test_a_search_answers_as_described(client: FlaskClient, description: dict[str, Any]) -> None:
    answer = client.get("/api/v1/search?q=ACE+magnetic+field&kind=NumericalData")
    found = check(description, answer, "/api/v1/search")
    first = found["hits"][0]
    assert first["identifier"] == "spase://PARHELION/NumericalData/ACE/MAG/PT16S"
    assert first["start"] == "1997-09-02T00:00:12Z"
    assert first["page"] == PUBLIC + "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S"
    assert first["record"] == PUBLIC + ACE
    assert {"value": "NumericalData", "count": found["total"]} in found["facets"]["kind"]


def test_the_open_end_of_a_coverage_is_absent(client: FlaskClient) -> None:
    found = json.loads(client.get("/api/v1/search?limit=500").data)
    for hit in found["hits"]:
        assert not str(hit.get("stop", "")).startswith(("3", "-"))


def test_pages_follow_each_other(client: FlaskClient) -> None:
    everything = [one["identifier"] for one in
                  json.loads(client.get("/api/v1/search?limit=500").data)["hits"]]  # fmt: skip
    seen = []
    address = "/api/v1/search?limit=50"
    while address:
        found = json.loads(client.get(address).data)
        seen += [one["identifier"] for one in found["hits"]]
        following = found.get("next_url", "")
        assert following == "" or following.startswith(PUBLIC)
        address = following.removeprefix(PUBLIC)
    assert len(seen) == len(set(seen)) == len(everything) == found["total"]


def test_a_wrong_parameter_is_a_problem_document(
    client: FlaskClient, description: dict[str, Any]
) -> None:
    answer = client.get("/api/v1/search?kidn=Person")
    found = check(description, answer, "/api/v1/search")
    assert answer.mimetype == "application/problem+json"
    assert found["status"] == answer.status_code == 400
    assert "did you mean 'kind'" in found["detail"]


def test_a_record_answers_as_described(client: FlaskClient, description: dict[str, Any]) -> None:
    answer = client.get(ACE)
    found = check(description, answer, "/api/v1/records/{scheme}/{authority}/{path}")
    assert found["name"] == "ACE MAG Level 2, magnetic field, 16 s averages"
    assert found["registry"]["verdict"] == "valid"
    again = client.get(ACE, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert found == json.loads(client.get(ACE.removeprefix("/api/v1") + ".json").data)


def test_an_authority_s_record_needs_no_path(client: FlaskClient) -> None:
    found = json.loads(client.get("/api/v1/records/ivo/parhelion.example").data)
    assert found["kind"] == "Authority"


def test_unknown_deleted_and_replaced_records(
    client: FlaskClient, description: dict[str, Any]
) -> None:
    path = "/api/v1/records/{scheme}/{authority}/{path}"
    unknown = check(description, client.get(ACE[:-1] + "X"), path)
    assert unknown["near"][0] == "spase://PARHELION/NumericalData/ACE/MAG/PT16S"
    gone = check(description, client.get("/api/v1/records/ivo/made.example/gone"), path)
    assert gone["tombstone"]["identifier"] == "ivo://made.example/gone"
    moved = client.get("/api/v1/records/spase/MADE/Repository/Old")
    assert moved.status_code == 301
    assert moved.headers["Location"] == "/helio/api/v1/records/spase/MADE/Repository/New"
    several = client.get("/api/v1/records/spase/MADE/Repository/Both")
    assert several.status_code == 300
    assert len(json.loads(several.data)["successors"]) == 2


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/api/", 404), ("GET", "/api/v1/nothing", 404), ("POST", "/api/v1/search", 405),
])  # fmt: skip
def test_every_error_is_a_problem_document(
    client: FlaskClient, method: str, path: str, status: int
) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.data)["status"] == status
