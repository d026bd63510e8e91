"""Vocabularies and terms as pages and in the forms for programs."""

from __future__ import annotations

import json
import re

import pytest
import rdflib
from flask.testing import FlaskClient
from lxml import etree
from rdflib.compare import isomorphic
from rdflib.namespace import SKOS

from tests.web.conftest import EXAMPLES
from tests.web.pages_read import find, page, text
from vocabularies import catalogue, terms

FRAMES = "https://w3id.org/parhelion/frames#"
FORMATS = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml"}


@pytest.fixture(autouse=True)
def _as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def test_every_vocabulary_is_reached_from_the_overview(client: FlaskClient) -> None:
    root = page(client.get("/vocabularies/"))
    links = set(find(root, "//h:main//h:a/@href"))
    for path in catalogue.vocabularies():
        assert f"/helio/vocabularies/{path}" in links


@pytest.mark.parametrize("path", sorted(catalogue.vocabularies()))
def test_every_term_has_its_place_on_the_page_of_its_vocabulary(
    client: FlaskClient, path: str
) -> None:
    root = page(client.get(f"/vocabularies/{path}"))
    assert set(find(root, "//h:dl//h:div/@id")) == set(terms.of_scheme(path))
    targets = find(root, "//h:nav[@aria-label='Terms']//h:a/@href")
    assert sorted(targets) == sorted(f"#{local}" for local in terms.of_scheme(path))


def test_iris_resolve_where_the_namespace_leads() -> None:
    """w3id.org takes /parhelion/PATH#LOCAL to /vocabularies/PATH#LOCAL."""
    for term in terms.all_terms().values():
        vocabulary = catalogue.vocabularies()[term.scheme]
        assert term.iri == f"{vocabulary.iri}#{term.local}"
        if not term.iri.startswith("http://www.ivoa.net/"):
            assert vocabulary.iri == f"https://w3id.org/parhelion/{vocabulary.path}"


def test_a_frame_says_what_it_is(client: FlaskClient) -> None:
    said = text(page(client.get("/vocabularies/frames/GSE")), "//h:main")
    for part in (
        "Geocentric Solar Ecliptic", "X points to the Sun", "Centre of the Earth",
        "North pole of the ecliptic", "SunPy", "GeocentricSolarEcliptic", "has no term for it",
        "Hapgood, M. A. (1992)", "once a year",
    ):  # fmt: skip
        assert part in said


def test_a_term_names_the_records_that_use_it(client: FlaskClient) -> None:
    root = page(client.get("/vocabularies/spase/Region/Heliosphere"))
    said = text(root, "//h:section[@aria-labelledby='records']")
    own, wider = (
        int(number.replace(",", ""))
        for number in re.findall(
            r"^\D*([\d,]+) records? with this term itself; ([\d,]+) with it", said
        )[0]
    )
    assert 0 <= own < wider
    records = find(root, "//h:section[@aria-labelledby='records']//h:li//h:a/@href")
    assert records
    assert client.get(records[0].removeprefix("/helio")).status_code == 200
    assert find(root, "//h:a[contains(@href, '/search?region=Heliosphere')]")


RECORDS = "//h:section[@aria-labelledby='records']"


def test_a_unit_names_the_records_whose_parameters_have_it(client: FlaskClient) -> None:
    root = page(client.get("/vocabularies/units/nT"))
    number = client.get("/api/v1/search?units=nT&inactive=yes").get_json()["total"]
    assert number > 10
    assert re.search(rf"\b{number} records? with this term itself", text(root, RECORDS))
    assert find(root, f"{RECORDS}//h:a[contains(@href, '/search?units=nT')]")
    assert not find(root, f"{RECORDS}//h:a[contains(@href, '/sparql')]")
    records = find(root, f"{RECORDS}//h:li//h:a/@href")
    assert len(records) == 10
    source = client.get(f"{records[0].removeprefix('/helio')}.xml").get_data(as_text=True)
    assert re.search("nT|nanotesla", source, re.IGNORECASE)


@pytest.mark.parametrize("word", ["phys.magField", "phys.veloc", "phys", "src"])
def test_a_word_of_ucds_names_the_records_whose_columns_have_it(
    client: FlaskClient, word: str
) -> None:
    have, below = set(), set()
    for file in EXAMPLES.rglob("*.xml"):
        for ucd in etree.parse(file).iter("{*}ucd", "{*}UCD"):
            words = [one.strip().lower() for one in (ucd.text or "").split(";")]
            have |= {file} if word.lower() in words else set()
            wider = [one for one in words if f"{one}.".startswith(f"{word.lower()}.")]
            below |= {file} if wider else set()
    root = page(client.get(f"/vocabularies/ucd/{word}"))
    assert text(root, RECORDS).startswith(f"Records that use it {len(have)} record")
    links = find(root, f"{RECORDS}//h:a[text()='All of them by SPARQL']/@href")
    answer = client.get(links[0].removeprefix("/helio"), headers={"Accept": "application/json"})
    told = {row["record"]["value"] for row in answer.get_json()["results"]["bindings"]}
    assert below
    assert len(told) >= len(below)
    assert len(find(root, f"{RECORDS}//h:li//h:a/@href")) >= len(have)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/turtle", "text/turtle; charset=utf-8"),
        ("application/ld+json", "application/ld+json"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/x-desise+json", "application/x-desise+json"),
        ("text/html,application/xhtml+xml;q=0.9", "text/html; charset=utf-8"),
        ("*/*", "text/html; charset=utf-8"),
    ],
)
@pytest.mark.parametrize("path", ["frames", "frames/GSE", "ivoa/refframe"])
def test_the_accept_header_chooses(
    client: FlaskClient, path: str, accept: str, media_type: str
) -> None:
    answer = client.get(f"/vocabularies/{path}", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.content_type == media_type
    assert "Accept" in answer.headers["Vary"]


def by_value(term: rdflib.term.Node) -> rdflib.term.Node:
    """JSON-LD writes a double as a number of JSON: the same value, not the same characters."""
    if isinstance(term, rdflib.Literal) and term.datatype == rdflib.XSD.double:
        return rdflib.Literal(repr(float(term)), datatype=rdflib.XSD.double)
    return term


@pytest.mark.parametrize("path", ["frames", "spase/SpectralRange", "ivoa/messenger", "units"])
def test_every_serialisation_is_the_same_graph(client: FlaskClient, path: str) -> None:
    graphs = [
        rdflib.Graph().parse(data=client.get(f"/vocabularies/{path}.{suffix}").data, format=name)
        for suffix, name in FORMATS.items()
    ]
    iri = rdflib.URIRef(catalogue.vocabularies()[path].iri)
    terms_only = []
    for graph in graphs:
        kept = rdflib.Graph()
        for triple in graph:
            if str(triple[0]).startswith((f"{iri}#", str(iri))):
                kept.add((*triple[:2], by_value(triple[2])))
        terms_only.append(kept)
    assert len(terms_only[0]) > 30
    assert isomorphic(terms_only[0], terms_only[1])
    assert isomorphic(terms_only[0], terms_only[2])


def test_a_term_alone_is_its_own_triples(client: FlaskClient) -> None:
    for suffix, name in FORMATS.items():
        answer = client.get(f"/vocabularies/spase/Region/Earth.Magnetosphere.{suffix}")
        graph = rdflib.Graph().parse(data=answer.data, format=name)
        (subject,) = set(graph.subjects())
        assert str(subject).endswith("/spase/Region#Earth.Magnetosphere")
        assert (subject, SKOS.notation, rdflib.Literal("Earth.Magnetosphere")) in graph


def test_desise_has_what_the_standard_asks(client: FlaskClient) -> None:
    """Vocabularies in the VO 2.1, section 3.2.1: keys; narrower is a closure but in SKOS."""
    found = json.loads(client.get("/vocabularies/ivoa/refframe.json").data)
    assert found["uri"] == "http://www.ivoa.net/rdf/refframe"
    assert found["flavour"] == "RDF Class"
    assert found["terms"]["FK5"]["wider"] == ["EQUATORIAL"]
    assert "ICRS" in found["terms"]["EQUATORIAL"]["narrower"]
    assert found["terms"]["eq_FK5"]["deprecated"] == ""
    assert found["terms"]["eq_FK5"]["useInstead"] == ["FK5"]
    assert "deprecated" not in found["terms"]["FK5"]
    ours = json.loads(client.get("/vocabularies/spase/Region.json").data)
    assert ours["flavour"] == "SKOS"
    assert "Earth.Magnetosphere" in ours["terms"]["Earth"]["narrower"]
    assert "Earth.Magnetosphere.Magnetotail" not in ours["terms"]["Earth"]["narrower"]
    for term in (*found["terms"].values(), *ours["terms"].values()):
        assert {"label", "description", "wider", "narrower"} <= set(term)
        assert term["label"]
        assert term["description"]
    product = json.loads(client.get("/vocabularies/ivoa/product-type.json").data)
    assert product["terms"]["event-bundle"]["preliminary"] == ""


def test_terms_are_found_by_name_and_definition(client: FlaskClient) -> None:
    for asked, address in (
        ("EME2000", "/helio/vocabularies/frames/J2000"),
        ("HeliocentricInertial", "/helio/vocabularies/frames/HCI"),
        ("magnetic field", "/helio/vocabularies/spase/MeasurementType/MagneticField"),
        ("km.s**-1", "/helio/vocabularies/units/km.s-1"),
    ):
        root = page(client.get("/vocabularies/", query_string={"q": asked}))
        assert address in find(root, "//h:section[@aria-labelledby='found']//h:a/@href"), asked
    root = page(client.get("/vocabularies/?q=<script>xyzzy"))
    assert "No term has these words" in text(root)


@pytest.mark.parametrize(
    "path", ["nothing", "frames/Nothing", "nothing/GSE", "frames.exe", "frames/GSE/more", "spase",
             "%2e%2e/secrets.ttl", "frames/.ttl"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/vocabularies/{path}").status_code == 404
