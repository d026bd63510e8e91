"""The double by itself, asked as anybody may ask: that it behaves as DataCite documents."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from registry.doi.trial import TrialDataCite
from tests.doi.test_datacite_client import DOI, METADATA, PAGE

OWN = ("HELIO.ONE", "right")
OTHER = ("HELIO.TWO", "other")


def _asked(
    trial: TrialDataCite, method: str, path: str, *, auth: Any = OWN, **attributes: Any
) -> requests.Response:
    body = {"data": {"type": "dois", "attributes": attributes}} if attributes else None
    url = f"{trial.address}{path}"
    return requests.request(method, url, json=body, auth=auth, timeout=5)


def _state(answer: requests.Response) -> str:
    return str(answer.json()["data"]["attributes"]["state"])


def test_put_creates_and_then_updates(trial: TrialDataCite) -> None:
    assert _asked(trial, "PUT", f"/dois/{DOI}", **METADATA).status_code == 201
    answer = _asked(trial, "PUT", f"/dois/{DOI}", **METADATA)
    assert (answer.status_code, _state(answer)) == (200, "draft")


def test_post_of_a_doi_that_exists_is_422(trial: TrialDataCite) -> None:
    assert _asked(trial, "POST", "/dois", doi=DOI).status_code == 201
    answer = _asked(trial, "POST", "/dois", doi=DOI.upper())
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["title"] == "This DOI has already been taken"


@pytest.mark.parametrize(
    ("before", "event", "after"),
    [
        ("draft", "publish", "findable"),
        ("draft", "register", "registered"),
        ("draft", "hide", "draft"),
        ("registered", "publish", "findable"),
        ("findable", "hide", "registered"),
        ("findable", "register", "findable"),
    ],
)
def test_events_change_the_state(trial: TrialDataCite, before: str, event: str, after: str) -> None:
    _asked(trial, "PUT", f"/dois/{DOI}", **METADATA, url=PAGE)
    trial.entries[DOI].state = before
    assert _state(_asked(trial, "PUT", f"/dois/{DOI}", event=event)) == after


def test_only_findable_dois_are_shown_to_strangers(trial: TrialDataCite) -> None:
    _asked(trial, "PUT", f"/dois/{DOI}", **METADATA, url=PAGE)
    for state, status in (("draft", 404), ("registered", 404), ("findable", 200)):
        trial.entries[DOI].state = state
        assert _asked(trial, "GET", f"/dois/{DOI}", auth=None).status_code == status
        assert _asked(trial, "GET", f"/dois/{DOI}", auth=OTHER).status_code == status
        assert _asked(trial, "GET", f"/dois/{DOI}").status_code == 200


@pytest.mark.parametrize(
    ("state", "status"), [("draft", 204), ("registered", 405), ("findable", 405)]
)
def test_only_drafts_can_be_deleted(trial: TrialDataCite, state: str, status: int) -> None:
    _asked(trial, "PUT", f"/dois/{DOI}", **METADATA, url=PAGE)
    trial.entries[DOI].state = state
    assert _asked(trial, "DELETE", f"/dois/{DOI}").status_code == status


def test_credentials_and_prefixes(trial: TrialDataCite) -> None:
    path = f"/dois/{DOI}"
    assert _asked(trial, "PUT", path, auth=None, **METADATA).status_code == 401
    assert _asked(trial, "PUT", path, auth=("HELIO.ONE", "no"), **METADATA).status_code == 401
    assert _asked(trial, "PUT", path, auth=OTHER, **METADATA).status_code == 403
    assert trial.entries == {}


@pytest.mark.parametrize("url", ["", "no address", "javascript:alert(1)"])
def test_what_is_published_needs_an_address(trial: TrialDataCite, url: str) -> None:
    answer = _asked(trial, "PUT", f"/dois/{DOI}", **METADATA, url=url, event="publish")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["source"] == "url"
    assert trial.entries == {}


def test_metadata_that_kernel_4_does_not_know_is_422(trial: TrialDataCite) -> None:
    wrong = METADATA | {"types": {"resourceTypeGeneral": "Spacecraft"}}
    answer = _asked(trial, "PUT", f"/dois/{DOI}", **wrong, url=PAGE, event="publish")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["source"] == "types"


def test_a_body_that_is_no_json_api_is_400(trial: TrialDataCite) -> None:
    url = f"{trial.address}/dois/{DOI}"
    for body in (b"", b"[]", b'{"data": 1}', b"\xff"):
        assert requests.put(url, data=body, auth=OWN, timeout=5).status_code == 400


def test_lists_come_from_an_index_that_lags_and_go_by_cursor(trial: TrialDataCite) -> None:
    for number in range(3):
        path = f"/dois/10.5072/{number}"
        _asked(trial, "PUT", path, **METADATA, url=PAGE, event="publish")
    assert _asked(trial, "GET", "/dois").json()["data"] == []
    trial.refresh()
    first = _asked(trial, "GET", "/dois?page[cursor]=1&page[size]=2").json()
    assert [one["id"] for one in first["data"]] == ["10.5072/0", "10.5072/1"]
    second = requests.get(first["links"]["next"], auth=OWN, timeout=5).json()
    assert [one["id"] for one in second["data"]] == ["10.5072/2"]
    assert "next" not in second["links"]


def test_too_many_requests_are_429(trial: TrialDataCite) -> None:
    trial.allowance = 0
    answer = _asked(trial, "GET", f"/dois/{DOI}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "300")
