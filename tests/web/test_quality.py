"""`/quality`: figures that are counted otherwise here, and the records behind each."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mappings.models import model_of
from registry.commands.ingesting import run
from registry.engines import Engines, opened
from registry.settings import Settings
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.validation.lookup import whole_store
from registry.validation.rules.asking import findings
from registry.web.application import application
from registry.web.quality import Shelf
from schemas.documents import element
from schemas.parts import Part
from tests.web import made
from tests.web.conftest import EXAMPLES
from tests.web.pages_read import find, page, text

TWIN = made.repository("Repository/Twin")
DANGLING = made.repository("Repository/Dangling").replace("Person/SPDF", "Person/SPDV")
BAD = {"no.xml": "no XML at all", "dtd.xml": "<!DOCTYPE a><a/>", "cut.xml": TWIN[:200]}
PAGES = 60
"""So many records that a list has a second page."""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    folder = tmp_path_factory.mktemp("quality")
    settings = Settings(data=folder / "data", public_url="https://registry.example.org")
    made.write(folder / "made")
    for place in ("first", "second"):
        (folder / "made" / place).mkdir()
        (folder / "made" / place / "Twin.xml").write_text(TWIN, "utf-8")
    (folder / "made" / "dangling.xml").write_text(DANGLING, "utf-8")
    for number in range(PAGES):
        wrong = made.repository(f"Repository/Row{number}", after="<Nope>x</Nope>")
        wrong = wrong.replace("2020-02-03T", "2011-02-03T")
        (folder / "made" / f"row{number}.xml").write_text(wrong, "utf-8")
    for name, content in BAD.items():
        (folder / "made" / name).write_text(content, "utf-8")
    shutil.copytree(EXAMPLES, folder / "examples")
    run(settings, (str(folder / "examples"), str(folder / "made")))
    with opened(settings) as engines:
        yield engines


@pytest.fixture(scope="module")
def app(held: Engines) -> Flask:
    """The application after its survey."""
    app = application(held)
    assert app.test_client().get("/quality").status_code == 200
    shelf: Shelf = app.extensions["parhelion.quality"]
    shelf.survey.wait()
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def dashboard(client: FlaskClient) -> Any:
    return page(client.get("/quality"))


def current(reader: Reader) -> list[KeptRecord]:
    return [record for batch in reader.all_records() for record in batch]


def number(words: str) -> int:
    found = re.match(r"[\d,]+", words)
    assert found, words
    return int(found[0].replace(",", ""))


def everything(client: FlaskClient, address: str) -> list[Any]:
    """The entries of a list over all its pages."""
    found: list[Any] = []
    while address:
        root = page(client.get(address))
        found += find(root, "//h:ul[@class='by-record']/h:li | //h:main//h:tbody/h:tr "
                            "| //h:main/h:ul[@class='findings']/h:li")  # fmt: skip
        address = next(iter(find(root, "//h:a[@rel='next']/@href")), "")
    return found


def test_verdicts_are_counted(held: Engines, dashboard: Any) -> None:
    with held.store.reading() as reader:
        counted = Counter(record.verdict for record in current(reader))
    for verdict, name in (("valid", "valid"), ("invalid", "invalid"), ("no-schema", "no schema")):
        shown = text(dashboard, f"//h:ul[@class='figures']//h:a[contains(@href, '={verdict}')]")
        assert shown == f"{counted[verdict]} {name}"


def test_authorities_and_years_sum_up_to_everything(held: Engines, dashboard: Any) -> None:
    with held.store.reading() as reader:
        records = current(reader)
        stored = {one.id: reader.findings(one.revision_id) for one in records}
    authorities = Counter((one.format, one.authority) for one in records)
    rows = find(dashboard, "//h:section[h:h2/@id='authorities']//h:tbody/h:tr")
    told = {text(row, "h:th"): int(text(row, "h:td[1]")) for row in rows}
    assert sum(told.values()) == len(records)
    assert told["MADE"] == authorities["spase", "MADE"]
    years = {
        text(row, "h:th"): row
        for row in find(dashboard, "//h:section[h:h2/@id='years']//h:tbody/h:tr")
    }
    assert sum(int(text(row, "h:td[1]")) for row in years.values()) == len(records)
    of_2011 = [one for one in records if one.released.startswith("2011")]
    assert int(text(years["2011"], "h:td[1]")) == len(of_2011) >= PAGES
    assert int(text(years["2011"], "h:td[5]")) >= sum(len(stored[one.id]) for one in of_2011)


def test_each_number_leads_to_as_many_records(client: FlaskClient, dashboard: Any) -> None:
    links = [
        (one.get("href"), text(one))
        for one in find(dashboard, "//h:main//h:a[starts-with(@href, '/quality/')]")
    ]
    assert len(links) > 40
    checked = 0
    for address, words in links:
        answer = client.get(address)
        assert answer.status_code == 200, address
        counted = re.match(r"[\d,]+(?!\S)", words)
        if address.startswith(("/quality/records", "/quality/rules")) and counted:
            assert number(text(page(answer), "//h:main/h:h2[last()]")) == number(words), address
            checked += 1
    assert checked > 20


def test_rules_of_schema_and_beyond_are_counted(held: Engines, dashboard: Any) -> None:
    expected: Counter[str] = Counter()
    with held.store.reading() as reader:
        lookup = whole_store(reader)
        for one in current(reader):
            expected.update(finding.rule for finding in reader.findings(one.revision_id))
            body = reader.body(one)
            part = Part(one.format, one.version, one.kind, one.identifier, element(body), body)
            model = model_of(one.format, part.element)
            expected.update(finding.rule for finding in findings(part, model, lookup))
    told: Counter[str] = Counter()
    for row in find(dashboard, "//h:section[h:h2/@id='rules']//h:tbody/h:tr"):
        told[text(row, "h:th/h:a")] += number(text(row, "h:td[2]"))
    assert told == expected
    assert told["schema.element"] > PAGES
    assert told["reference.unknown"] >= 1


def test_references_that_lead_nowhere(held: Engines, client: FlaskClient, dashboard: Any) -> None:
    with held.store.reading() as reader:
        expected = Counter(
            (one.key, element, target)
            for one in current(reader) for element, target in reader.dangling(one.id)
        )  # fmt: skip
    by_element = Counter(element for _, element, _ in expected.elements())
    rows = find(dashboard, "//h:section[h:h2/@id='references']//h:table[1]/h:tbody/h:tr")
    told = {text(row, "h:th"): text(row, "h:td[1]") for row in rows if find(row, "h:td[3]")}
    assert told == {name: str(count) for name, count in by_element.items()}
    listed = everything(client, "/quality/references?element=PersonID")
    assert len(listed) == by_element["PersonID"]
    assert ("spase://PARHELION/Person/SPDV") in " ".join(text(row) for row in listed)


def test_lists_go_on_by_key(held: Engines, client: FlaskClient) -> None:
    with held.store.reading() as reader:
        expected = sorted(
            one.key for one in current(reader)
            if one.authority == "MADE"
            and any(each.rule == "schema.element" for each in reader.findings(one.revision_id))
        )  # fmt: skip
    assert len(expected) > PAGES
    rows = everything(client, "/quality/rules/schema.element?authority=MADE")
    names = [text(row, "h:span[@class='hit-id']") for row in rows]
    assert names == expected
    first = page(client.get("/quality/rules/schema.element?authority=MADE"))
    assert len(find(first, "//h:ul[@class='by-record']/h:li")) < PAGES
    # Each says what was found in it.
    assert all("schema.element" in text(row) for row in rows)


def test_records_in_several_places(client: FlaskClient) -> None:
    (row,) = everything(client, "/quality/records?places=several")
    said = text(row)
    assert "spase://MADE/Repository/Twin" in said
    assert "Twin.xml" in said
    assert "/first/" not in said, "folders of this machine"


def test_quarantine_says_why(client: FlaskClient, dashboard: Any) -> None:
    box = text(dashboard, "//h:ul[@class='figures']//h:a[contains(@href, 'quarantine')]")
    assert box == f"{len(BAD)} in quarantine"
    rows = everything(client, "/quality/quarantine")
    assert {next(name for name in BAD if name in text(row)) for row in rows} == set(BAD)
    (dtd,) = everything(client, "/quality/quarantine?reason=dtd")
    assert "dtd.xml" in text(dtd)
    assert "<!DOCTYPE" in text(dtd)


def test_a_rule_is_explained_with_its_records(client: FlaskClient) -> None:
    root = page(client.get("/quality/rules/reference.unknown"))
    assert [one.text for one in find(root, "//h:div[@class='rule-page']/h:h2")] == [
        "Wrong",
        "Right",
    ]
    assert "<" in text(root, "//h:div[@class='rule-page']//h:pre")
    (row,) = [row for row in everything(client, "/quality/rules/reference.unknown")
              if "Repository/Dangling" in text(row)]  # fmt: skip
    assert "did you mean" in text(row)
    assert "SPDF" in text(row)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/quality/rules/no.such-rule", 404),
        ("/quality/rules/..%2f..%2fsecret", 404),
        ("/quality/rules/README", 404),
        ("/quality/records?colour=red", 400),
        ("/quality/records?day=yesterday", 400),
        ("/quality/records?places=none", 400),
        ("/quality/references?after=x+1", 200),
        ("/quality/references?after=a+x", 400),
        ("/quality/quarantine?after=x", 400),
        ("/quality/records?authority=nobody", 200),
        ("/quality/records?year=%00", 200),
    ],
)
def test_every_address_is_answered_in_words(client: FlaskClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert "Traceback" not in text(page(answer))


def test_figures_follow_the_registry(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", public_url="https://registry.example.org")
    folder = tmp_path / "made"
    folder.mkdir()
    with opened(settings) as engines:
        client = application(engines).test_client()
        assert "0 records" in text(page(client.get("/quality")), "//h:p[@class='lead']")
        (folder / "one.xml").write_text(TWIN, "utf-8")
        run(settings, (str(folder),), follow=False)
        assert "1 record " in text(page(client.get("/quality")), "//h:p[@class='lead']")
        # A copy of it is no change of the record, and is told all the same.
        (folder / "two.xml").write_text(TWIN, "utf-8")
        run(settings, (str(folder),), follow=False)
        root = page(client.get("/quality"))
        assert "1 in several places" in text(root, "//h:ul[@class='figures']")
        client.application.extensions["parhelion.quality"].survey.wait()


# -- a record's own page and JSON ------------------------------------------------------------


def test_a_record_names_its_other_places(client: FlaskClient) -> None:
    root = page(client.get("/records/spase/MADE/Repository/Twin"))
    (told,) = [one for one in find(root, "//h:ul[@class='findings']/h:li")
               if "identifier.places" in text(one)]  # fmt: skip
    assert "one other document has the same identifier: Twin.xml (local)" in text(told)
    plain = page(client.get("/records/spase/MADE/Repository/Plain"))
    assert "identifier.places" not in text(plain)


def test_a_reference_that_leads_nowhere_says_what_may_be_meant(client: FlaskClient) -> None:
    root = page(client.get("/records/spase/MADE/Repository/Dangling"))
    (told,) = [one for one in find(root, "//h:ul[@class='findings']/h:li")
               if "reference.unknown" in text(one)]  # fmt: skip
    assert "spase://PARHELION/Person/SPDF" in text(told)
    line = DANGLING[: DANGLING.index("SPDV")].count("\n") + 1
    assert find(told, "h:a/@href")[0] == f"#L{line}"
    assert find(root, f"//h:li[@id='L{line}']")


def test_the_json_of_a_record_tells_the_same(client: FlaskClient) -> None:
    for address in (
        "/records/spase/MADE/Repository/Dangling.json",
        "/api/v1/records/spase/MADE/Repository/Dangling",
    ):
        registry = json.loads(client.get(address).data)["registry"]
        (told,) = [one for one in registry["findings"] if one["rule"] == "reference.unknown"]
        assert "SPDF" in told["remedy"]
        assert registry["dangling"] == [
            {"element": "PersonID", "identifier": "spase://PARHELION/Person/SPDV"}
        ]
    twin = json.loads(client.get("/records/spase/MADE/Repository/Twin.json").data)["registry"]
    assert "identifier.places" in {one["rule"] for one in twin["findings"]}


def test_severities_are_the_installations(held: Engines) -> None:
    chosen = {"identifier.places": "off", "reference": "advice"}
    validation = held.settings.validation.model_copy(update={"severities": chosen})
    settings = held.settings.model_copy(update={"validation": validation})
    engines = Engines(settings, held.store, held.index, held.graph, held.lock)
    client = application(engines).test_client()
    told = json.loads(client.get("/records/spase/MADE/Repository/Dangling.json").data)["registry"]
    (one,) = [one for one in told["findings"] if one["rule"] == "reference.unknown"]
    assert one["severity"] == "advice"
    twin = json.loads(client.get("/records/spase/MADE/Repository/Twin.json").data)["registry"]
    assert "identifier.places" not in {one["rule"] for one in twin["findings"]}


def test_fair_scores_by_kind_lead_to_the_records_that_lack_something(client: FlaskClient) -> None:
    client.get("/quality")
    survey = client.application.extensions["parhelion.quality"].survey
    survey.wait()
    root = page(client.get("/quality"))
    rows = {
        text(row, "h:th").strip(): row
        for row in find(root, "//h:section[h:h2/@id='fair']//h:tbody/h:tr")
    }
    kinds = {one.kind: one for one in survey.fair()}
    data = rows["Numerical Data"]
    assert text(data, "h:td[1]") == str(kinds["NumericalData"].records)
    assert 0 < int(text(data, "h:td[2]").removesuffix(" %")) <= 100
    # The mean of what the records' own pages say.
    scores = []
    with client.application.extensions["parhelion"].store.reading() as reader:
        keys = [one.key for some in reader.all_records() for one in some
                if one.kind == "Observatory"]  # fmt: skip
    for key in keys:
        own = page(client.get(f"/records/{key.replace('://', '/')}"))
        scores.append(int(find(own, "//h:meter/@value")[0]))
    assert kinds["Observatory"].score == round(sum(scores) / len(scores))
    (address, *_) = find(data, ".//h:a[contains(@href, '/quality/fair/')]/@href")
    metric = address.partition("/quality/fair/")[2].partition("?")[0]
    (way,) = [one for one in kinds["NumericalData"].ways if one.metric == metric]
    listed = page(client.get(f"/quality/fair/{metric}", query_string={"kind": "NumericalData"}))
    assert text(listed, "//h:h2[@class='after-chips']").startswith(f"{way.records} record")
    assert client.get("/quality/fair/FsF-X9-01M").status_code == 404
    assert client.get(f"/quality/fair/{metric}", query_string={"year": "1"}).status_code == 400
