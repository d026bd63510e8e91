"""The client against the double, over HTTP: each failure typed, in words, within its time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from registry.doi import datacite_client as client
from registry.doi.datacite_client import DataCite, Limits, retry_after
from registry.doi.trial import Fault, TrialDataCite

DOI = "10.5072/abcd-1234"
PAGE = "https://parhelion.example.org/records/spase/X/Y"
METADATA: dict[str, Any] = {
    "creators": [{"name": "Smith, Charles W."}],
    "titles": [{"title": "ACE magnetic field"}],
    "publisher": {"name": "Example Archive"},
    "publicationYear": "2021",
    "types": {"resourceTypeGeneral": "Dataset"},
    "schemaVersion": "http://datacite.org/schema/kernel-4",
}


def test_a_draft_is_made_and_made_again(datacite: DataCite, trial: TrialDataCite) -> None:
    first = datacite.put_draft(DOI, METADATA, PAGE)
    second = datacite.put_draft(DOI, METADATA | {"publicationYear": "2022"}, PAGE)
    assert (first.state, second.state) == ("draft", "draft")
    assert trial.entries[DOI].attributes["publicationYear"] == "2022"
    assert trial.entries[DOI].attributes["url"] == PAGE


def test_the_life_of_a_doi(datacite: DataCite) -> None:
    datacite.put_draft(DOI, METADATA, PAGE)
    assert datacite.publish(DOI, PAGE).state == "findable"
    assert datacite.hide(DOI).state == "registered"
    assert datacite.publish(DOI, PAGE).state == "findable"
    held = datacite.get(DOI)
    assert held is not None
    assert (held.state, held.url) == ("findable", PAGE)


def test_a_draft_can_be_deleted_and_nothing_more(datacite: DataCite) -> None:
    datacite.put_draft(DOI, METADATA, PAGE)
    datacite.delete(DOI)
    assert datacite.get(DOI) is None
    datacite.put_draft(DOI, METADATA, PAGE)
    datacite.register(DOI, PAGE)
    with pytest.raises(client.NotAllowed):
        datacite.delete(DOI)


def test_a_doi_that_is_not_there_is_none(datacite: DataCite) -> None:
    assert datacite.get(DOI) is None


def test_a_draft_of_others_is_not_shown(trial: TrialDataCite, datacite: DataCite) -> None:
    other = DataCite(trial.address, "HELIO.TWO", "other", "10.5073")
    other.put_draft("10.5073/a", METADATA, PAGE)
    assert datacite.get("10.5073/a") is None


def test_a_wrong_password_is_said(trial: TrialDataCite) -> None:
    wrong = DataCite(trial.address, "HELIO.ONE", "wröng", "10.5072")
    with pytest.raises(client.Unauthorised, match=r"HELIO\.ONE.*doi\.password") as caught:
        wrong.put_draft(DOI, METADATA, PAGE)
    assert not caught.value.unsettled
    assert "wröng" not in str(caught.value)
    assert trial.effects == []


def test_the_prefix_of_others_is_forbidden(trial: TrialDataCite) -> None:
    stranger = DataCite(trial.address, "HELIO.TWO", "other", "10.5072")
    with pytest.raises(client.Forbidden, match="not its own"):
        stranger.put_draft(DOI, METADATA, PAGE)


def test_another_prefix_is_not_even_sent(datacite: DataCite, trial: TrialDataCite) -> None:
    with pytest.raises(ValueError, match=r"10\.9999/x is not under the prefix 10\.5072"):
        datacite.put_draft("10.9999/x", METADATA, PAGE)
    assert trial.log == []


@pytest.mark.parametrize("missing", ["creators", "titles", "publisher", "publicationYear", "types"])
def test_what_datacite_does_not_accept_is_named(datacite: DataCite, missing: str) -> None:
    metadata = {name: value for name, value in METADATA.items() if name != missing}
    datacite.put_draft(DOI, metadata, PAGE)
    with pytest.raises(client.Invalid, match=f"{missing}: can't be blank") as caught:
        datacite.publish(DOI, PAGE)
    assert caught.value.status == 422
    held = datacite.get(DOI)
    assert held is not None
    assert held.state == "draft"


def test_too_many_requests_say_how_long_to_wait(datacite: DataCite, trial: TrialDataCite) -> None:
    trial.allowance = 1
    datacite.put_draft(DOI, METADATA, PAGE)
    with pytest.raises(client.TooMany, match="wait 300 s") as caught:
        datacite.publish(DOI, PAGE)
    assert caught.value.retry_after == 300
    assert not caught.value.unsettled


@pytest.mark.parametrize(
    ("status", "kind", "unsettled"),
    [
        (400, client.Invalid, False),
        (409, client.Conflict, False),
        (500, client.Unwell, True),
        (502, client.Unwell, True),
        (503, client.Unwell, True),
        (302, client.Garbage, True),
        (418, client.Garbage, True),
    ],
)
def test_each_status_has_its_fault(
    datacite: DataCite, trial: TrialDataCite, status: int, kind: type, unsettled: bool
) -> None:
    trial.faults.append(Fault("status-before", status=status))
    with pytest.raises(kind) as caught:
        datacite.put_draft(DOI, METADATA, PAGE)
    assert caught.value.status == status
    assert caught.value.unsettled is unsettled
    assert trial.effects == []


@pytest.mark.parametrize("kind", ["drop-after", "hang-after", "truncated", "trickle"])
def test_a_lost_answer_may_have_had_its_effect(
    datacite: DataCite, trial: TrialDataCite, kind: str
) -> None:
    trial.faults.append(Fault(kind))
    with pytest.raises(client.NoAnswer) as caught:
        datacite.put_draft(DOI, METADATA, PAGE)
    assert caught.value.unsettled
    assert trial.effects == [("PUT", DOI)]


@pytest.mark.parametrize("kind", ["drop-before", "hang-before"])
def test_a_request_that_was_not_done_is_no_different(
    datacite: DataCite, trial: TrialDataCite, kind: str
) -> None:
    trial.faults.append(Fault(kind))
    with pytest.raises(client.NoAnswer):
        datacite.put_draft(DOI, METADATA, PAGE)
    assert trial.effects == []


@pytest.mark.parametrize("kind", ["garbage", "wrong-doi"])
def test_an_answer_that_is_none_of_datacites_is_garbage(
    datacite: DataCite, trial: TrialDataCite, kind: str
) -> None:
    trial.faults.append(Fault(kind))
    with pytest.raises(client.Garbage) as caught:
        datacite.put_draft(DOI, METADATA, PAGE)
    assert caught.value.unsettled


def test_nobody_there_is_said(trial: TrialDataCite) -> None:
    with TrialDataCite() as gone:
        address = gone.address
    nobody = DataCite(address, "HELIO.ONE", "right", "10.5072", limits=Limits(1, 1, 1))
    with pytest.raises(client.NoAnswer, match="cannot be reached"):
        nobody.get(DOI)


@pytest.mark.parametrize("api", ["http://api.datacite.org", "ftp://api.datacite.org", "", "x"])
def test_a_password_never_travels_in_the_clear(api: str) -> None:
    with pytest.raises(ValueError, match="not https"):
        DataCite(api, "HELIO.ONE", "right", "10.5072")


def _now() -> datetime:
    return datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("Thu, 01 Jan 2026 12:01:30 GMT", 90.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, _now) == seconds
