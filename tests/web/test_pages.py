"""The first page, vocabularies, what crawlers read, health and figures."""

from __future__ import annotations

import json
import re
from pathlib import Path

import rdflib
from flask.testing import FlaskClient
from lxml import etree

from registry.engines import Engines
from registry.web.application import application
from tests.web.conftest import PUBLIC
from tests.web.pages_read import find, page, text

SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def test_the_first_page_counts_what_is_held(client: FlaskClient, engines: Engines) -> None:
    root = page(client.get("/"))
    with engines.store.reading() as reader:
        rows = reader.counts()
    total = sum(row[3] for row in rows)
    assert f"{total:,} descriptions" in text(root)
    persons = sum(row[3] for row in rows if row[1] == "Person")
    link = find(root, "//h:a[@href='/helio/search?kind=Person']")[0]
    assert text(link) == f"{persons} Person"
    links = find(root, "//h:a/@href")
    for path in ("/search", "/sparql", "/oai?verb=Identify", "/api/openapi.json"):
        assert f"/helio{path}" in links


def test_pages_can_be_used_by_keyboard_and_screen_reader(client: FlaskClient) -> None:
    for path in ("/", "/search?q=ACE", "/records/ivo/parhelion.example/tap", "/nothing"):
        root = page(client.get(path))
        assert find(root, "/h:html/@lang") == ["en"]
        assert len(find(root, "//h:h1")) == len(find(root, "//h:main")) == 1
        first = find(root, "//h:body//h:a")[0]
        assert find(root, f"//*[@id='{first.get('href')[1:]}']")
        for control in find(root, "//h:input[not(@type='hidden')]"):
            assert find(root, f"//h:label[@for='{control.get('id')}']")
        for image in find(root, "//h:img"):
            assert image.get("alt") is not None


def test_addresses_work_with_and_without_the_public_prefix(client: FlaskClient) -> None:
    assert client.get("/helio/search").status_code == 200
    assert client.get("/search").status_code == 200
    assert client.get("/helio").status_code == 200
    assert client.get("/heliograph").status_code == 404


def test_frames_are_defined(client: FlaskClient) -> None:
    root = page(client.get("/vocabularies/frames"))
    said = text(root, "//*[@id='GSE']")
    assert "Geocentric Solar Ecliptic" in said
    assert "X points to the Sun" in said
    answer = client.get("/vocabularies/frames.ttl")
    assert answer.content_type == "text/turtle; charset=utf-8"
    assert b"frames:GSE a skos:Concept" in answer.data


def test_every_frame_of_the_scheme_is_on_the_page_once(client: FlaskClient) -> None:
    graph = rdflib.Graph().parse(data=client.get("/vocabularies/frames.ttl").data, format="turtle")
    concept = rdflib.URIRef("http://www.w3.org/2004/02/skos/core#Concept")
    known = [str(one).partition("#")[2] for one in graph.subjects(rdflib.RDF.type, concept)]
    root = page(client.get("/vocabularies/frames"))
    shown = find(root, "//h:div[contains(@class, 'term')]/@id")
    assert sorted(shown) == sorted(known)
    assert shown.index("GeocentricSolarFrame") < shown.index("GSE") < shown.index("HEE")


def test_the_sitemaps_list_every_record(client: FlaskClient, engines: Engines) -> None:
    index = etree.fromstring(client.get("/sitemap.xml").data)
    parts = index.xpath("//s:loc/text()", namespaces=SITEMAP)
    assert all(part.startswith(PUBLIC) for part in parts)
    found: list[str] = []
    for part in parts:
        answer = client.get(part.removeprefix(PUBLIC))
        found += etree.fromstring(answer.data).xpath("//s:loc/text()", namespaces=SITEMAP)
    with engines.store.reading() as reader:
        assert len(found) == len(set(found)) == sum(row[3] for row in reader.counts())
    assert f"{PUBLIC}/records/spase/MADE/Repository/With%20space" in found
    assert f"Sitemap: {PUBLIC}/sitemap.xml" in client.get("/robots.txt").get_data(as_text=True)


def test_health_says_how_far_the_followers_are(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    found = json.loads(answer.data)
    assert found["status"] == "ok"
    for follower in ("search", "graph"):
        assert found["followers"][follower]["lag"] == 0
        assert found["followers"][follower]["applied"] == found["last_change"]


def test_metrics_are_prometheus_text(engines: Engines) -> None:
    client = application(engines).test_client()
    for _ in range(3):
        client.get("/search?q=x")
    client.get("/nothing/here")
    client.open("/", method="BREW")
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain; version=0.0.4")
    told = answer.get_data(as_text=True)
    line = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.e+]+')
    for one in told.splitlines():
        assert one.startswith(("# HELP ", "# TYPE ")) or line.fullmatch(one), one
    assert 'parhelion_http_requests_total{route="/search",method="GET",status="200"} 3' in told
    assert 'parhelion_http_requests_total{route="none",method="GET",status="404"} 1' in told
    assert "BREW" not in told
    with engines.store.reading() as reader:
        persons = sum(row[3] for row in reader.counts() if row[1] == "Person")
        assert f"parhelion_last_change {reader.last_change()}" in told
    assert f'parhelion_records_by_kind{{kind="Person"}} {persons}' in told
    assert 'parhelion_follower_lag{follower="graph"} 0' in told


def test_every_route_is_documented(engines: Engines) -> None:
    told = (Path(__file__).parents[2] / "docs/web.md").read_text("utf-8")
    for rule in application(engines).url_map.iter_rules():
        if not rule.rule.startswith(("/oai", "/sparql")):
            assert f"`{rule.rule}`" in told, rule.rule
