"""The API: JSON that says what the pages say, problems as documents, all as OpenAPI describes."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from werkzeug.test import TestResponse

from registry.engines import Engines
from registry.search.requests import FACET_PARAMETERS, PARAMETERS
from registry.web.openapi_schemas import examples
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


# -- what follows each other, and what has not changed -------------------------------------------


def get(client: FlaskClient, address: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == status, answer.data
    found: dict[str, Any] = json.loads(answer.data)
    return found


def test_records_come_in_the_order_of_their_changes(
    client: FlaskClient, engines: Engines, description: dict[str, Any]
) -> None:
    with engines.store.reading() as reader:
        held = [one for some in reader.all_records(deleted=True) for one in some]
    held.sort(key=lambda one: one.change_number)
    seen: list[dict[str, Any]] = []
    address = "/api/v1/records?limit=40"
    while address:
        found = check(description, client.get(address), "/api/v1/records")
        seen += found["records"]
        address = found.get("next_url", "").removeprefix(PUBLIC)
    assert [one["identifier"] for one in seen] == [one.identifier for one in held]
    assert [one["status"] == "deleted" for one in seen] == [one.deleted for one in held]
    # Nothing has changed since the last of them.
    later = get(client, f"/api/v1/records?after={found['latest']}")
    assert later == {"records": [], "latest": found["latest"]}


def test_records_of_one_kind_authority_and_time(client: FlaskClient, engines: Engines) -> None:
    found = get(client, "/api/v1/records?format=spase&kind=Observatory&authority=PARHELION")
    with engines.store.reading() as reader:
        wanted = sum(row[3] for row in reader.counts() if row[1] == "Observatory")
    assert len(found["records"]) == wanted > 0
    assert {one["kind"] for one in found["records"]} == {"Observatory"}
    newest = max(one["changed"] for one in get(client, "/api/v1/records?limit=1000")["records"])
    since = get(client, f"/api/v1/records?since={newest}")["records"]
    assert {one["changed"] for one in since} == {newest}
    assert get(client, "/api/v1/records?since=9999-01-01")["records"] == []


def test_facets_count_as_a_search_does(client: FlaskClient, description: dict[str, Any]) -> None:
    listed = get(client, "/api/v1/facets")["facets"]
    assert [one["facet"] for one in listed] == list(FACET_PARAMETERS)
    of_search = get(client, "/api/v1/search?q=magnetic&limit=0")["facets"]["observatory"]
    answer = client.get("/api/v1/facets/observatory?q=magnetic")
    values = check(description, answer, "/api/v1/facets/{name}")["values"]
    assert [{"value": one["value"], "count": one["count"]} for one in values][
        : len(of_search)
    ] == of_search
    assert all(one["name"] for one in values)


def test_a_long_facet_is_searched_by_value_and_by_name(client: FlaskClient) -> None:
    whole = get(client, "/api/v1/facets/observatory?limit=10000")["values"]
    found = get(client, "/api/v1/facets/observatory?contains=THEMIS")["values"]
    assert found == [
        one for one in whole if "themis" in one["value"].lower() or "themis" in one["name"].lower()
    ]
    assert 0 < len(found) < len(whole)
    assert get(client, "/api/v1/facets/observatory?contains=no+such")["values"] == []
    assert len(get(client, "/api/v1/facets/observatory?limit=3")["values"]) == 3
    unknown = get(client, "/api/v1/facets/observatry", 404)
    assert "did you mean observatory?" in unknown["detail"]


def test_suggestions_lead_to_records(client: FlaskClient, description: dict[str, Any]) -> None:
    found = check(description, client.get("/api/v1/suggest?q=Solar+Orb"), "/api/v1/suggest")
    first = next(one for one in found["suggestions"] if "record" in one)
    assert get(client, first["record"].removeprefix(PUBLIC))["name"] == first["text"]
    assert len(get(client, "/api/v1/suggest?q=a&limit=2")["suggestions"]) <= 2
    assert get(client, "/api/v1/suggest?q=")["suggestions"] == []
    assert "limit" in get(client, "/api/v1/suggest?q=a&limit=many", 400)["detail"]


@pytest.mark.parametrize("path", [
    "search?q=ACE", "search?from=2001&to=2002", "suggest?q=ACE", "facets/kind", "records?limit=3",
])  # fmt: skip
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, path: str) -> None:
    first = client.get(f"/api/v1/{path}")
    again = client.get(f"/api/v1/{path}", headers={"If-None-Match": first.headers["ETag"]})
    # By the minute, where a span of time is asked for.
    if again.headers["ETag"] == first.headers["ETag"]:
        assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"/api/v1/{path}", headers={"If-None-Match": '"another"'})
    assert other.status_code == 200
    assert json.loads(other.data) == json.loads(first.data)


@pytest.mark.parametrize(("path", "status", "said"), [
    ("search?from=2004&to=2003", 409, "later than"),
    ("search?covers=2004/2003", 409, "later than"),
    ("search?cadence_range=PT1H/PT1S", 409, "shorter one comes first"),
    ("facets/kind?within=2004/2003", 409, "later than"),
    ("search?from=2004-13&to=2003", 400, "no date"),
    ("search?after=nonsense", 404, "no such page"),
    ("records?after=-1", 400, "'after'"),
    ("records?since=yesterday", 400, "no date"),
    ("records?format=xml", 400, "spase or voresource"),
    ("records?limit=1001", 400, "0 to 1000"),
    ("records?kind=a&kind=b", 400, "once only"),
    ("records?nothing=1", 400, "no parameter"),
    ("suggest?query=a", 400, "no parameter"),
])  # fmt: skip
def test_wrong_requests_are_told_what_is_wrong(
    client: FlaskClient, path: str, status: int, said: str
) -> None:
    assert said in get(client, f"/api/v1/{path}", status)["detail"]


def test_problems_name_the_address_as_a_reference(client: FlaskClient) -> None:
    found = get(client, "/api/v1/n%C3%B6%22thing?a=%C3%A9&b=%zz&c=%5B", 404)
    assert found["instance"] == "/api/v1/n%C3%B6%22thing?a=%C3%A9&b=%25zz&c=%5B"


# -- scripts of other sites ----------------------------------------------------------------------


@pytest.mark.parametrize(("path", "methods"), [
    ("/api/v1/search", "GET, HEAD, OPTIONS"),
    ("/api/v1/validate", "OPTIONS, POST"),
    ("/api/v1/records/spase/NASA/x", "GET, HEAD, OPTIONS"),
])  # fmt: skip
def test_browsers_may_ask_for_scripts_of_other_sites(
    client: FlaskClient, path: str, methods: str
) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    answer = client.options(path, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Allow"] == answer.headers["Access-Control-Allow-Methods"] == methods
    assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
    for status in (client.get(path), client.get("/api/v1/search?nothing=1"), answer):
        assert status.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.get("/search").headers


def test_examples_are_what_is_described(description: dict[str, Any]) -> None:
    shown = examples(PUBLIC)
    assert shown
    for name, one in shown.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
        Draft202012Validator(schema).validate(one)
    operations = [one for item in description["paths"].values() for one in item.values()]
    for operation in operations:
        for parameter in operation.get("parameters", ()):
            if "example" in parameter:
                Draft202012Validator(parameter["schema"]).validate(parameter["example"])


def test_the_description_shows_a_record_that_is_held(
    client: FlaskClient, description: dict[str, Any]
) -> None:
    path = "/api/v1/records/{scheme}/{authority}/{path}"
    address = path
    for one in description["paths"][path]["get"]["parameters"]:
        address = address.replace(f"{{{one['name']}}}", quote(one["example"], safe=""))
    assert client.get(address).status_code == 200
