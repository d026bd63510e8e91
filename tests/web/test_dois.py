"""Signing in, and a record's DOI on its page: what strangers, readers and curators may."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from registry.access import make_token, operator
from registry.commands.ingesting import run
from registry.doi.account import account
from registry.doi.trial import TrialDataCite
from registry.doi.working import Worker
from registry.engines import Engines, opened
from registry.settings import DoiSettings, Settings
from registry.store import dois
from registry.store.kept import KeptTombstone
from registry.web.application import application
from tests.web import made

EXAMPLE = Path(__file__).parents[2] / "examples/spase/PARHELION/NumericalData/Wind/SWE/PT92S.xml"
RECORD = "spase://PARHELION/NumericalData/Wind/SWE/PT92S"
PAGE = "/records/spase/PARHELION/NumericalData/Wind/SWE/PT92S"
COOKIE = "parhelion_session"


@pytest.fixture(scope="module")
def trial() -> Iterator[TrialDataCite]:
    with TrialDataCite() as double:
        yield double


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory, trial: TrialDataCite) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("dois")
    doi = DoiSettings(
        prefix="10.5072", api=trial.address, username="TRIAL.PARHELION", password="trial",
        authorities=["PARHELION", "MADE"], requests_per_second=10,
    )  # fmt: skip
    settings = Settings(data=folder / "data", public_url="https://registry.example.org", doi=doi)
    (folder / "made").mkdir()
    for name, text in (("going", made.repository("Repository/Going")),):
        (folder / "made" / f"{name}.xml").write_text(text, "utf-8")
    run(settings, (str(EXAMPLE), str(folder / "made")))
    with opened(settings) as engines:
        yield engines


@pytest.fixture
def client(engines: Engines) -> FlaskClient:
    return application(engines).test_client()


def signed_in(engines: Engines, client: FlaskClient, role: str, name: str) -> FlaskClient:
    token = make_token(engines.store, name, role, 0, operator())
    answer = client.post("/sign-in", data={"token": token}, base_url="https://registry.example.org")
    assert answer.status_code == 303
    return client


def page(client: FlaskClient) -> str:
    return client.get(PAGE, base_url="https://registry.example.org").text


def form(text: str, **more: str) -> dict[str, str]:
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    return found | {"record": RECORD} | more


def send(client: FlaskClient, data: dict[str, str], **headers: str) -> int:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(
        "/curate/doi", data=data, headers=given, base_url="https://registry.example.org"
    ).status_code


def test_strangers_see_nothing_of_it_and_get_no_cookie(client: FlaskClient) -> None:
    answer = client.get(PAGE)
    assert "curate-panel" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert send(client, form(answer.text, what="mint")) == 403
    assert client.get("/curate").status_code == 403


@pytest.mark.parametrize("token", ["", "parhelion_wrong", "x" * 5000])
def test_a_wrong_token_does_not_sign_in(client: FlaskClient, token: str) -> None:
    answer = client.post("/sign-in", data={"token": token})
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers


def test_the_cookie_is_for_these_pages_alone(engines: Engines, client: FlaskClient) -> None:
    token = make_token(engines.store, "cookie", "curator", 0, operator())
    answer = client.post("/sign-in", data={"token": token, "to": "//evil.example.org/"})
    said = answer.headers["Set-Cookie"]
    for part in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"):
        assert part in said
    assert answer.headers["Location"] == "/sign-in"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_page_kept_from_before_is_not_used(engines: Engines, client: FlaskClient) -> None:
    tag = client.get(PAGE).headers["ETag"]
    assert client.get(PAGE, headers={"If-None-Match": tag}).status_code == 304
    signed_in(engines, client, "reader", "etag")
    answer = client.get(
        PAGE, headers={"If-None-Match": tag}, base_url="https://registry.example.org"
    )
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_reader_sees_and_does_nothing(engines: Engines, client: FlaskClient) -> None:
    signed_in(engines, client, "reader", "reader")
    text = page(client)
    assert "It has no DOI of ours." in text
    assert 'action="/curate/doi"' not in text
    token = re.search(r'name="form_token" value="(\w+)"', client.get(
        "/curate", base_url="https://registry.example.org").text)  # fmt: skip
    assert token is not None
    assert send(client, {"form_token": token[1], "record": RECORD, "what": "mint"}) == 403


def test_a_form_of_another_site_or_session_is_refused(
    engines: Engines, client: FlaskClient
) -> None:
    signed_in(engines, client, "curator", "forms")
    good = form(page(client), what="mint")
    assert send(client, good, Sec_Fetch_Site="cross-site") == 403
    assert send(client, good, Origin="https://evil.example.org") == 403
    assert send(client, good | {"form_token": "0" * 64}) == 403
    for wrong in ({"what": "destroy"}, {"year": "soon"}, {"record": "spase://none/none"}):
        assert send(client, good | wrong) == 400


def test_a_curator_mints_and_a_second_one_is_told(
    engines: Engines, client: FlaskClient, trial: TrialDataCite
) -> None:
    signed_in(engines, client, "curator", "Anna")
    data = form(page(client), what="mint")
    assert send(client, data) == 303
    assert "asked by Anna" in page(client)
    assert send(client, data) == 409
    Worker(engines.store, account(engines.settings)).work()
    text = page(client)
    doi = next(iter(trial.entries))
    assert f'<code class="id big">{doi}</code> <span class="badge">findable</span>' in text
    assert send(client, form(text, what="hide", reason="Under review.")) == 303
    Worker(engines.store, account(engines.settings)).work()
    assert trial.entries[doi].state == "registered"
    overview = client.get("/curate", base_url="https://registry.example.org").text
    assert "Anna: doi hide done" in overview
    out = client.post("/sign-out", data=form(text), base_url="https://registry.example.org")
    assert out.status_code == 303
    assert "curate-panel" not in page(client)


def test_a_tombstone_says_why_and_what_instead(engines: Engines, client: FlaskClient) -> None:
    with engines.store.writing() as writer:
        kept = writer.record("spase://MADE/Repository/Going")
        assert kept is not None
        place = writer.places(kept)[0]
        writer.remove(1, [place.path])
        said = KeptTombstone("The archive <closed>.", RECORD, "Anna", writer.now)
        dois.set_tombstone(writer.connection, kept.id, said)
    where = "/records/spase/MADE/Repository/Going"
    answer = client.get(where)
    assert answer.status_code == 410
    assert "The archive &lt;closed&gt;." in answer.text
    assert f'<a href="{PAGE}">{RECORD}</a>' in answer.text
    told = client.get(where, headers={"Accept": "application/json"})
    found = json.loads(told.data)
    assert (told.status_code, found["replaced_by"]) == (410, RECORD)
    assert found["reason"] == "The archive <closed>."
