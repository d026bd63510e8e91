"""`/sparql` as the SPARQL 1.1 Protocol has it, on a real engine."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
import rdflib
from flask.testing import FlaskClient
from lxml import etree
from rdflib.namespace import RDF
from SPARQLWrapper import JSON, POST, SPARQLWrapper
from werkzeug.test import TestResponse

from registry.engines import Engines
from registry.graph import protocol
from registry.web import sparql_answers
from registry.web.sparql import FORMATS
from tests.web.conftest import PUBLIC
from tests.web.sparql_site import HOSTILE, limited, served

JSON_RESULTS = "application/sparql-results+json"
XML_RESULTS = "application/sparql-results+xml"
FORM = "application/x-www-form-urlencoded"
ACE = "spase://PARHELION/NumericalData/ACE/MAG/PT16S"
TITLE = "ACE MAG Level 2, magnetic field, 16 s averages"  # as its file says
SELECT = f"SELECT ?title {{ <{ACE}> <http://purl.org/dc/terms/title> ?title }}"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{ACE}> a ?class }}"
ALL = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
RECORDS = """
    SELECT (COUNT(DISTINCT ?record) AS ?n)
    { ?record <http://xmlns.com/foaf/0.1/isPrimaryTopicOf> ?description }
"""
VOCABULARIES = "x-parhelion:vocabularies"


def ask(client: FlaskClient, query: str, accept: str = JSON_RESULTS, **more: str) -> TestResponse:
    parameters = {"query": query, **{name.replace("_", "-"): value for name, value in more.items()}}
    return client.get(f"/sparql?{urlencode(parameters)}", headers={"Accept": accept})


def number(answer: TestResponse) -> int:
    assert answer.status_code == 200, answer.text
    (row,) = json.loads(answer.data)["results"]["bindings"]
    return int(row["n"]["value"])


# Ways to ask (SPARQL 1.1 Protocol, section 2.1)


def test_the_three_ways_of_asking_give_one_answer(client: FlaskClient) -> None:
    accept = {"Accept": JSON_RESULTS}
    answers = [
        client.get(f"/sparql?{urlencode({'query': SELECT})}", headers=accept),
        client.post("/sparql", data={"query": SELECT}, content_type=FORM, headers=accept),
        client.post(
            "/sparql", data=SELECT, content_type="application/sparql-query", headers=accept
        ),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.mimetype == JSON_RESULTS
        (row,) = json.loads(answer.data)["results"]["bindings"]
        assert row["title"] == {"type": "literal", "value": TITLE}


def test_head_says_what_get_would(client: FlaskClient) -> None:
    address = f"/sparql?{urlencode({'query': SELECT})}"
    got, headed = client.get(address), client.head(address)
    assert headed.status_code == 200
    assert headed.data == b""
    assert headed.content_type == got.content_type
    assert headed.content_length == len(got.data)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: FlaskClient, method: str) -> None:
    answer = client.open("/sparql", method=method)
    assert answer.status_code == 405
    assert {"GET", "POST"} <= {one.strip() for one in answer.headers["Allow"].split(",")}


def test_scripts_of_other_sites_may_ask(client: FlaskClient) -> None:
    before = client.options(
        "/sparql",
        headers={
            "Origin": "https://elsewhere.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert before.status_code == 204
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert "content-type" in before.headers["Access-Control-Allow-Headers"].lower()
    for answer in (before, ask(client, SELECT), ask(client, "nonsense"), client.get("/sparql")):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in answer.headers


# Formats


@pytest.mark.parametrize(
    ("query", "accept", "given"),
    [
        (SELECT, "*/*", JSON_RESULTS),
        (SELECT, "application/json", JSON_RESULTS),
        (SELECT, XML_RESULTS, XML_RESULTS),
        (SELECT, f"text/html;q=0.5, {XML_RESULTS}", XML_RESULTS),
        (SELECT, "text/csv", "text/csv"),
        (SELECT, "text/tab-separated-values", "text/tab-separated-values"),
        ("ASK {}", XML_RESULTS, XML_RESULTS),
        (CONSTRUCT, "*/*", "text/turtle"),
        (CONSTRUCT, "application/n-triples", "application/n-triples"),
        (CONSTRUCT, "application/ld+json", "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (f"DESCRIBE <{ACE}>", "text/turtle", "text/turtle"),
    ],
)
def test_the_client_chooses_the_format(
    client: FlaskClient, query: str, accept: str, given: str
) -> None:
    answer = ask(client, query, accept)
    assert answer.status_code == 200
    assert answer.mimetype == given
    assert "Accept" in answer.headers["Vary"]
    if given == JSON_RESULTS:
        assert json.loads(answer.data)["head"]["vars"] == ["title"]
    elif given == XML_RESULTS:
        assert etree.fromstring(answer.data).tag.endswith("}sparql")
    elif given == "text/csv":
        assert list(csv.reader(io.StringIO(answer.text))) == [["title"], [TITLE]]
    elif given == "text/tab-separated-values":
        assert answer.text.splitlines() == ["?title", f'"{TITLE}"']
    else:
        graph = rdflib.Graph().parse(data=answer.data, format=given)
        dataset = rdflib.URIRef("http://www.w3.org/ns/dcat#Dataset")
        assert (rdflib.URIRef(ACE), RDF.type, dataset) in graph


@pytest.mark.parametrize(
    ("name", "query", "given"),
    [
        ("csv", SELECT, "text/csv"),
        ("json", SELECT, JSON_RESULTS),
        ("json", CONSTRUCT, "application/ld+json"),
        ("xml", CONSTRUCT, "application/rdf+xml"),
        ("turtle", CONSTRUCT, "text/turtle"),
        ("no-such-format", SELECT, "text/csv"),  # other clients send such: their header counts
    ],
)
def test_an_address_can_name_the_format(
    client: FlaskClient, name: str, query: str, given: str
) -> None:
    assert ask(client, query, "text/csv", format=name).mimetype == given
    sent = client.post(
        "/sparql", data={"query": query, "format": name}, headers={"Accept": "text/csv"}
    )
    assert sent.mimetype == given


@pytest.mark.parametrize(
    ("query", "accept"),
    [("ASK {}", "text/csv"), (SELECT, "text/turtle"), (CONSTRUCT, "text/csv"), (SELECT, "a/b")],
)
def test_no_format_that_suits_is_406(client: FlaskClient, query: str, accept: str) -> None:
    answer = ask(client, query, accept)
    assert answer.status_code == 406
    assert "can be given as application/" in answer.text or "text/turtle" in answer.text


# Refusals


def problem(answer: TestResponse) -> dict[str, object]:
    assert answer.mimetype == "application/problem+json"
    found: dict[str, object] = json.loads(answer.data)
    assert found["status"] == answer.status_code
    return found


def test_a_malformed_query_is_told_with_its_place(client: FlaskClient) -> None:
    answer = ask(client, "SELECT * {\n  ?s ?p ?o .\n  ?s ] ?o\n}")
    assert answer.status_code == 400
    found = problem(answer)
    assert found["line"] == 3
    assert found["column"]
    assert found["detail"]


@pytest.mark.parametrize("query", ["", "   "])
def test_an_empty_query_is_malformed(client: FlaskClient, query: str) -> None:
    assert ask(client, query).status_code == 400


def test_a_body_of_another_type_is_415(client: FlaskClient) -> None:
    answer = client.post("/sparql", data=SELECT, content_type="text/plain")
    assert answer.status_code == 415
    assert "application/sparql-query" in str(problem(answer)["detail"])


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <a:a> <b:b> <c:c> }",
        "PREFIX a: <b:c> DELETE WHERE { ?s ?p ?o }",
        "DROP ALL",
        "CLEAR DEFAULT",
        "LOAD <http://127.0.0.1/>",
    ],
)
def test_updates_are_refused_and_change_nothing(client: FlaskClient, update: str) -> None:
    before = number(ask(client, ALL))
    statuses = [
        ask(client, update).status_code,
        client.post("/sparql", data={"update": update}).status_code,
        client.post("/sparql", data={"query": update}).status_code,
        client.post("/sparql", data=update, content_type="application/sparql-update").status_code,
        client.post("/sparql", data=update, content_type="application/sparql-query").status_code,
    ]
    assert statuses == [403] * 5
    assert number(ask(client, ALL)) == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SerVice\n#<\n?where { ?s ?p ?o } }",
        "PREFIX s: <http://127.0.0.1:9/> SELECT * { SERVICE s: { ?s ?p ?o } }",
        "PREFIX SERVICE: <http://127.0.0.1:9/> SELECT * { SERVICE:x { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { \\U00000053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { { SELECT * { OPTIONAL { SERVICE ?x { ?s ?p ?o } } } } }",
        "ASK { FILTER EXISTS { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
        "SELECT * { FILTER(true)SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
        "SELECT * { FILTER(?a<?b)SERVICE <http://127.0.0.1:9/#> { ?s ?p ?o } }",
        "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "DESCRIBE ?s { GRAPH ?g { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }",
    ],
)
def test_service_is_refused_in_every_disguise(client: FlaskClient, query: str) -> None:
    for accept in (JSON_RESULTS, "text/html"):
        assert ask(client, query, accept).status_code == 403
    body = client.post("/sparql", data=query, content_type="application/sparql-query")
    assert body.status_code == 403
    assert "SERVICE" in str(problem(body)["detail"])


def test_the_word_service_alone_offends_nobody(client: FlaskClient) -> None:
    query = 'SELECT ?service { ?service a ?c . FILTER(?c != "SERVICE") } # SERVICE <http://x/> {'
    assert ask(client, f"{query}\nLIMIT 1").status_code == 200


# Datasets (section 2.1.4)


def test_the_client_names_the_graphs(client: FlaskClient) -> None:
    whole = number(ask(client, ALL))
    words = number(ask(client, ALL, default_graph_uri=VOCABULARIES))
    assert 0 < words < whole
    assert words == number(
        ask(client, f"SELECT (COUNT(*) AS ?n) FROM <{VOCABULARIES}> {{?s ?p ?o}}")
    )
    assert words == number(
        ask(client, f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{VOCABULARIES}> {{ ?s ?p ?o }} }}")
    )
    assert number(ask(client, ALL, default_graph_uri="urn:not-here")) == 0
    # The protocol's dataset goes before that of the query, and named graphs alone leave an
    # empty default graph.
    assert words == number(
        ask(
            client,
            "SELECT (COUNT(*) AS ?n) FROM <urn:not-here> { ?s ?p ?o }",
            default_graph_uri=VOCABULARIES,
        )
    )
    assert number(ask(client, ALL, named_graph_uri=VOCABULARIES)) == 0
    named = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert number(ask(client, named, named_graph_uri=VOCABULARIES)) == words
    assert number(ask(client, named, default_graph_uri=VOCABULARIES)) == 0


def test_a_graph_in_a_body_counts_too(client: FlaskClient) -> None:
    answer = client.post(
        "/sparql",
        data={"query": ALL, "default-graph-uri": "urn:not-here"},
        headers={"Accept": JSON_RESULTS},
    )
    assert number(answer) == 0


def test_a_graph_that_no_name_can_be_is_refused(client: FlaskClient) -> None:
    answer = ask(client, ALL, default_graph_uri="not an IRI")
    assert answer.status_code == 400
    assert "not an IRI" in str(problem(answer)["detail"])


# Limits


def test_a_query_that_does_not_end_is_ended_and_the_next_is_answered(
    engines: Engines, client: FlaskClient
) -> None:
    records = number(ask(client, RECORDS))
    hostile = ask(limited(engines, seconds=0.5), HOSTILE)
    assert hostile.status_code == 503
    assert int(hostile.headers["Retry-After"]) > 0
    assert "0.5 s" in str(problem(hostile)["detail"])
    assert number(ask(client, RECORDS)) == records


def test_an_answer_that_is_too_large_is_refused_in_words(engines: Engines) -> None:
    tight = limited(engines, size=20_000)
    answer = ask(tight, "SELECT * { ?s ?p ?o }")
    assert answer.status_code == 403
    said = str(problem(answer)["detail"])
    assert "20,000" in said
    assert "LIMIT" in said
    assert ask(tight, "SELECT * { ?s ?p ?o } LIMIT 5").status_code == 200


def test_a_query_that_is_too_long_or_too_deep_is_refused_in_words(client: FlaskClient) -> None:
    long = f"ASK {{}} # {'x' * 100_000}"
    answer = client.post("/sparql", data=long, content_type="application/sparql-query")
    assert answer.status_code == 400
    assert "100,000" in str(problem(answer)["detail"])
    deep = client.post(
        "/sparql", data=f"ASK {'{' * 5000}{'}' * 5000}", content_type="application/sparql-query"
    )
    assert deep.status_code == 400
    assert problem(deep)["column"]


# Clients


def test_sparqlwrapper_counts_what_the_store_holds(engines: Engines) -> None:
    with engines.store.reading() as reader:
        held = sum(number for *_, number in reader.counts())
    assert held > 60
    with served(engines) as endpoint:
        for method in ("GET", POST):
            wrapper = SPARQLWrapper(endpoint)
            wrapper.setMethod(method)
            wrapper.setReturnFormat(JSON)
            wrapper.setQuery(RECORDS)
            (row,) = wrapper.queryAndConvert()["results"]["bindings"]
            assert int(row["n"]["value"]) == held
        wrapper = SPARQLWrapper(endpoint)
        wrapper.setQuery(CONSTRUCT)
        graph = wrapper.queryAndConvert()  # RDF/XML, read by rdflib
        assert (rdflib.URIRef(ACE), RDF.type, None) in graph


# The description of the service (SPARQL 1.1 Service Description)

SD = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/ld+json", "application/ld+json"),
        ("application/n-triples", "application/n-triples"),
    ],
)
def test_the_service_describes_itself(client: FlaskClient, accept: str, given: str) -> None:
    answer = client.get("/sparql", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.mimetype == given
    graph = rdflib.Graph().parse(data=answer.data, format=given)
    (service,) = graph.subjects(RDF.type, SD.Service)
    assert graph.value(service, SD.endpoint) == rdflib.URIRef(f"{PUBLIC}/sparql")
    assert set(graph.objects(service, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert not list(graph.objects(service, SD.feature))
    dataset = graph.value(service, SD.defaultDataset)
    assert graph.value(dataset, SD.defaultGraph)


def test_what_the_description_says_of_the_graphs_is_true(client: FlaskClient) -> None:
    graph = rdflib.Graph().parse(data=client.get("/sparql").data, format="turtle")
    void = rdflib.Namespace("http://rdfs.org/ns/void#")
    (default,) = graph.objects(None, SD.defaultGraph)
    used = list(graph.objects(default, void.vocabulary))
    assert used
    for one in used:
        # Each vocabulary's terms stand in the default graph.
        query = f"ASK {{ ?term ?p ?o FILTER(STRSTARTS(STR(?term), '{one}#')) }}"
        assert json.loads(ask(client, query).data)["boolean"] is True
    # The graphs that it names are those that there are.
    rows = json.loads(ask(client, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").data)
    there = {row["g"]["value"] for row in rows["results"]["bindings"]}
    assert {str(one) for one in graph.objects(None, SD.name)} == there
    # The default graph is no union: what stands only in a named graph is not in it.
    query = "ASK { <x-parhelion:marker> ?p ?o }"
    assert json.loads(ask(client, query).data)["boolean"] is False


def test_who_takes_no_rdf_is_told_what_is_missing(client: FlaskClient) -> None:
    answer = client.get("/sparql", headers={"Accept": JSON_RESULTS})
    assert answer.status_code == 400
    assert "'query'" in str(problem(answer)["detail"])


def test_every_format_and_limit_is_documented(client: FlaskClient, engines: Engines) -> None:
    told = (Path(__file__).parents[2] / "docs" / "sparql.md").read_text("utf-8")
    for name, media_type in FORMATS.items():
        assert f"`{name}`" in told
        assert media_type in told
    for media_types in protocol.MEDIA_TYPES.values():
        for media_type in media_types:
            assert f"`{media_type}`" in told
    for name in re.findall(r"`graph\.(\w+)`", told):
        assert hasattr(engines.settings.graph, name)
    assert f"{sparql_answers.ROWS:,} rows" in told
