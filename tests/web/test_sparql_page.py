"""`/sparql` for people: the form, answers as tables, faults in words; without scripts."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from registry.engines import Engines
from registry.web import sparql, sparql_answers
from registry.web.sparql_examples import examples
from tests.web.made import HOSTILE
from tests.web.pages_read import find, page, text
from tests.web.sparql_site import limited
from tests.web.test_sparql import ACE, JSON_RESULTS, SELECT, TITLE

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CELLS = "//h:section[@aria-labelledby='answer']//h:tbody/h:tr/h:td"


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page as it is without the editor, whether or not `make editor` has been here."""
    monkeypatch.setattr(sparql, "has_editor", lambda: False)


def test_with_the_editor_the_page_runs_our_scripts_and_no_others(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparql, "has_editor", lambda: True)
    answer = client.get("/sparql", headers={"Accept": BROWSER})
    scripts = find(page(answer), "//h:script")
    assert [str(one.get("src")).partition("?")[0] for one in scripts] == [
        "/helio/static/yasqe/yasqe.min.js",
        "/helio/static/sparql.js",
    ]
    assert not [one for one in scripts if (one.text or "").strip()]
    policy = dict(
        part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";")
    )
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert find(page(answer), "//h:textarea[@name='query']")  # what is sent without scripts


def look(client: FlaskClient, query: str, **more: str) -> TestResponse:
    parameters = {"query": query, **{name.replace("_", "-"): value for name, value in more.items()}}
    return client.get(f"/sparql?{urlencode(parameters)}", headers={"Accept": BROWSER})


def answered(client: FlaskClient, query: str) -> Any:
    answer = look(client, query)
    assert answer.status_code == 200, answer.text
    return page(answer)


def test_a_browser_gets_the_form(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": BROWSER})
    root = page(answer)
    (form,) = find(root, "//h:form[.//h:textarea]")
    assert form.get("action") == "/helio/sparql"
    assert [one.get("name") for one in find(form, ".//h:textarea | .//h:select")] == [
        "query",
        "format",
    ]
    assert not find(root, "//h:script")
    assert "script" not in answer.headers["Content-Security-Policy"]
    assert len(find(root, "//h:ul[@class='questions']/h:li")) == len(examples()) >= 8


def test_each_question_of_the_page_is_a_link_that_asks_it(client: FlaskClient) -> None:
    root = page(client.get("/sparql", headers={"Accept": BROWSER}))
    links = find(root, "//h:ul[@class='questions']//h:a/@href")
    asked = [parse_qs(urlsplit(one).query)["query"] for one in links]
    assert asked == [[one.query] for one in examples()]


def test_a_select_is_a_table_whose_records_are_links(client: FlaskClient) -> None:
    root = answered(
        client,
        f"SELECT ?dataset ?title {{ ?dataset ?p ?title FILTER(?dataset=<{ACE}> "
        f"&& ?title='{TITLE}') }}",
    )
    assert [text(one) for one in find(root, "//h:thead//h:th")] == ["dataset", "title"]
    assert [text(one) for one in find(root, CELLS)] == [ACE, TITLE]
    (link,) = find(root, f"{CELLS}/h:a/@href")
    assert client.get(link.removeprefix("/helio")).status_code == 200
    assert text(root, "//h:h2[@id='answer']") == "1 row"


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("spase://MADE/Repository/With space", "With a space"),
        ("spase://MADE/Repository/100%?a=b#c;d", "With odd characters"),
        ("ivo://Made.Example/Capital", "In capital letters"),
    ],
)
def test_links_of_odd_identifiers_lead_to_their_records(
    client: FlaskClient, identifier: str, name: str
) -> None:
    root = answered(
        client,
        "SELECT ?record { ?record <http://xmlns.com/foaf/0.1/name>"
        f'|<http://purl.org/dc/terms/title> "{name}" }}',
    )
    (link,) = find(root, f"{CELLS}/h:a/@href")
    answer = client.get(link.removeprefix("/helio"))
    assert answer.status_code == 200
    assert name in text(page(answer), "//h:h1")


def test_a_part_of_a_record_leads_to_the_record(client: FlaskClient) -> None:
    root = answered(client, f"SELECT ?x {{ VALUES ?x {{ <{ACE}#variable-1> }} }}")
    (link,) = find(root, f"{CELLS}/h:a/@href")
    assert link == "/helio/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S"


def test_terms_are_shown_as_what_they_are(client: FlaskClient) -> None:
    values = (
        "<https://w3id.org/parhelion/frames#GSE> <https://w3id.org/parhelion/spase/Region#Sun> "
        '<https://example.org/a> <javascript:alert(1)> "wort"@de 16 1.5 "x" '
        '"PT16S"^^<http://www.w3.org/2001/XMLSchema#duration> "a"^^<urn:b> '
        '"https://doi.org/10.1/a"^^<http://www.w3.org/2001/XMLSchema#anyURI>'
    )
    root = answered(client, f"SELECT ?x {{ VALUES ?x {{ {values} }} }}")
    cells = find(root, CELLS)
    assert [text(one) for one in cells] == [
        "frames:GSE", "spase-Region:Sun", "https://example.org/a", "javascript:alert(1)",
        "wortde", "16", "1.5", "x", "PT16S", "a", "https://doi.org/10.1/a",
    ]  # fmt: skip
    assert find(root, f"{CELLS}//h:a/@href") == [
        "/helio/vocabularies/frames/GSE", "/helio/vocabularies/spase/Region/Sun",
        "https://example.org/a", "https://doi.org/10.1/a",
    ]  # fmt: skip
    assert [one.get("class") for one in cells].count("figure") == 2


def test_no_text_of_a_record_is_markup(client: FlaskClient) -> None:
    answer = look(
        client,
        "SELECT ?name { <spase://MADE/Repository/Hostile> <http://xmlns.com/foaf/0.1/name> ?name }"
        " # </textarea><script>alert(2)</script>",
    )
    assert b"<script" not in answer.data
    root = page(answer)
    assert text(root, CELLS) == " ".join(HOSTILE.split())
    assert "</textarea><script>" in find(root, "//h:textarea")[0].text


def test_an_unbound_variable_is_an_empty_cell(client: FlaskClient) -> None:
    root = answered(client, "SELECT ?a ?b { VALUES (?a ?b) { (1 UNDEF) (UNDEF 2) } }")
    assert [text(one) for one in find(root, CELLS)] == ["1", "", "", "2"]


def test_a_table_is_sorted_by_its_headings(client: FlaskClient) -> None:
    query = 'SELECT ?a ?b { VALUES (?a ?b) { (10 "b") (9 "C") (100 UNDEF) (-1 "a") } }'
    root = answered(client, query)
    links = find(root, "//h:thead//h:a/@href")
    assert len(links) == 2
    assert find(root, "//h:th/@aria-sort") == []

    def column(address: str, number: int) -> tuple[list[str], list[str]]:
        told = page(client.get(address.removeprefix("/helio"), headers={"Accept": BROWSER}))
        cells = [text(one) for one in find(told, f"//h:tbody/h:tr/h:td[{number}]")]
        again = find(told, "//h:thead//h:a/@href")
        assert find(told, "//h:th/@aria-sort") in (["ascending"], ["descending"])
        return cells, again

    cells, again = column(links[0], 1)
    assert cells == ["-1", "9", "10", "100"]  # as numbers, not as text
    assert column(again[0], 1)[0] == ["100", "10", "9", "-1"]
    cells, again = column(links[1], 2)
    assert cells == ["a", "b", "C", ""]  # what is empty stays last
    assert column(again[1], 2)[0] == ["C", "b", "a", ""]
    nothing = client.get(f"/sparql?{urlencode({'query': query, 'sort': 'zzz', 'format': 'html'})}")
    assert nothing.status_code == 200
    assert find(page(nothing), "//h:th/@aria-sort") == []


def test_a_long_answer_shows_its_beginning(client: FlaskClient) -> None:
    root = answered(client, "SELECT ?s ?p { ?s ?p ?o }")
    assert len(find(root, "//h:tbody/h:tr")) == sparql_answers.ROWS
    assert "more rows" in text(root, "//h:p[@class='notice']")
    exactly = answered(client, f"SELECT ?s {{ ?s ?p ?o }} LIMIT {sparql_answers.ROWS}")
    assert len(find(exactly, "//h:tbody/h:tr")) == sparql_answers.ROWS
    assert not find(exactly, "//h:p[@class='notice']")


def test_ask_construct_and_nothing(client: FlaskClient) -> None:
    assert text(answered(client, "ASK {}"), "//h:p[@class='answer-yes']") == "Yes"
    assert text(answered(client, "ASK { <a:a> ?p ?o }"), "//h:p[@class='answer-yes']") == "No"
    graph = text(answered(client, f"CONSTRUCT WHERE {{ <{ACE}> a ?c }}"), "//h:pre")
    assert graph == f"<{ACE}> a <http://www.w3.org/ns/dcat#Dataset> ."
    nothing = answered(client, "SELECT * { <a:a> ?p ?o }")
    assert "Nothing in the graph fits" in text(nothing)
    assert "empty graph" in text(answered(client, "CONSTRUCT { ?s a ?s } WHERE { <a:a> a ?s }"))


def test_the_same_answer_is_offered_as_files(client: FlaskClient) -> None:
    root = answered(client, SELECT)
    links = {
        text(one): one.get("href").removeprefix("/helio")
        for one in find(root, "//h:div[@class='answer-head']//h:a")
    }
    assert list(links)[1:] == ["JSON", "XML", "CSV", "TSV"]
    got = client.get(links["CSV"], headers={"Accept": BROWSER})
    assert got.mimetype == "text/csv"
    assert list(csv.reader(io.StringIO(got.text))) == [["title"], [TITLE]]
    assert 'filename="answer.csv"' in got.headers["Content-Disposition"]
    again = client.get(links["Address of this question"], headers={"Accept": BROWSER})
    assert text(page(again), CELLS) == TITLE


def test_the_form_by_post_gives_the_same_page(client: FlaskClient) -> None:
    sent = client.post(
        "/sparql", data={"query": SELECT, "format": "html"}, headers={"Accept": BROWSER}
    )
    assert text(page(sent), CELLS) == TITLE
    assert find(page(sent), "//h:textarea")[0].text.strip() == SELECT


def test_named_graphs_stay_with_the_question(client: FlaskClient) -> None:
    root = page(look(client, SELECT, default_graph_uri="urn:nothing-here"))
    assert "Nothing in the graph fits" in text(root)
    assert find(root, "//h:input[@name='default-graph-uri']/@value") == ["urn:nothing-here"]
    assert all(
        "default-graph-uri=urn%3Anothing-here" in one
        for one in find(root, "//h:div[@class='answer-head']//h:a/@href")
    )


def test_a_fault_is_said_beside_the_query(client: FlaskClient, engines: Engines) -> None:
    wrong = "SELECT * {\n  ?s ?p unknown:word .\n}"
    answer = look(client, wrong)
    assert answer.status_code == 400
    root = page(answer)
    told = text(root, "//h:div[@role='alert']")
    assert "unknown:" in told
    assert "line 2, column 9" in told
    assert text(root, "//h:div[@role='alert']/h:pre") == "?s ?p unknown:word ."
    assert find(root, "//h:textarea")[0].text.strip() == wrong
    for query, status in (
        ("", 400),
        ("DROP ALL", 403),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", 403),
    ):
        answer = look(client, query)
        assert answer.status_code == status
        assert text(page(answer), "//h:div[@role='alert']")
    # A browser that asked for a file reads what went wrong too.
    answer = look(client, "ASK {}", format="csv")
    assert answer.status_code == 406
    assert JSON_RESULTS in text(page(answer), "//h:div[@role='alert']")
    answer = look(limited(engines, size=2000), "SELECT * { ?s ?p ?o }")
    assert answer.status_code == 403
    assert "2,000" in text(page(answer), "//h:div[@role='alert']")


def test_what_no_page_can_show_is_offered_as_a_file(client: FlaskClient) -> None:
    query = r'SELECT ?x { BIND("\u0001" AS ?x) }'
    assert "take it as JSON" in text(answered(client, query))
    got = client.get(f"/sparql?{urlencode({'query': query, 'format': 'json'})}")
    assert got.mimetype == JSON_RESULTS
    (row,) = json.loads(got.data)["results"]["bindings"]
    assert row["x"]["value"] == "\x01"


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("text/html;q=0.8, */*;q=0.1", True),
        ("*/*", False),
        (f"{JSON_RESULTS}, text/html;q=0.9", False),
        ("text/csv, */*", False),
    ],
)
def test_only_who_wants_pages_gets_them(client: FlaskClient, accept: str, html: bool) -> None:
    answer = client.get(f"/sparql?{urlencode({'query': SELECT})}", headers={"Accept": accept})
    assert (answer.mimetype == "text/html") is html
