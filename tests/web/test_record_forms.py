"""Records for reference managers, DataCite and crawlers, read by other programs' parsers."""

from __future__ import annotations

import json
import re
from typing import Any

import bibtexparser
import pytest
import rdflib
from citeproc.source.json import CiteProcJSON
from datacite import schema45
from flask.testing import FlaskClient
from lxml import etree

from registry.engines import Engines
from registry.store import dois
from registry.store.kept import KeptTombstone
from registry.web.forms import FORMS
from tests.web.conftest import PUBLIC
from tests.web.pages_read import find, page

OMNI = "/records/spase/PARHELION/NumericalData/OMNI/PT1M"
GONE = "/records/spase/MADE/Repository/Vanished"
DOI = "10.48322/45bb-8792"
XML = "{http://datacite.org/schema/kernel-4}"

# What DataCite's content negotiation and the formats' own registrations call them.
MEDIA_TYPES = {
    "schema.jsonld": "application/vnd.schemaorg.ld+json",
    "datacite.json": "application/vnd.datacite.datacite+json",
    "datacite.xml": "application/vnd.datacite.datacite+xml",
    "bib": "application/x-bibtex",
    "ris": "application/x-research-info-systems",
    "csl.json": "application/vnd.citationstyles.csl+json",
    "txt": "text/x-bibliography",
    "linkset.json": "application/linkset+json",
}


def got(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def every_page(engines: Engines) -> list[str]:
    with engines.store.reading() as reader:
        keys = reader.keys(0, 1000)
    return [f"/records/{key.replace('://', '/')}" for key in keys if not set("%?# ") & set(key)]


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_accept_and_suffix_give_the_same(client: FlaskClient, suffix: str) -> None:
    by_suffix = client.get(f"{OMNI}.{suffix}")
    by_accept = client.get(OMNI, headers={"Accept": f"{MEDIA_TYPES[suffix]}, */*;q=0.1"})
    assert by_suffix.status_code == by_accept.status_code == 200
    assert by_suffix.mimetype == by_accept.mimetype == MEDIA_TYPES[suffix]
    assert by_suffix.data == by_accept.data
    assert by_accept.headers["Vary"] == "Accept"
    tag = {"If-None-Match": by_suffix.headers["ETag"]}
    assert client.get(f"{OMNI}.{suffix}", headers=tag).status_code == 304


def test_bibtex_is_read_by_another_parser(client: FlaskClient) -> None:
    found = bibtexparser.parse_string(got(client, f"{OMNI}.bib"))
    assert not found.failed_blocks
    (entry,) = found.entries
    assert entry["doi"] == DOI
    assert entry["year"] == "2020"
    assert entry["author"] == "Papitashvili, Natalia E. and King, Joseph H."
    assert entry["title"] == "{OMNI 1-min Data Set}"


def test_every_record_is_bibtex_that_another_parser_reads(
    client: FlaskClient, engines: Engines
) -> None:
    pages = every_page(engines)
    text = "\n".join(got(client, f"{one}.bib") for one in pages)
    found = bibtexparser.parse_string(text)
    assert not found.failed_blocks
    assert len(found.entries) == len(pages) > 90


def test_csl_is_read_by_citeproc(client: FlaskClient, engines: Engines) -> None:
    for one in every_page(engines):
        item = json.loads(got(client, f"{one}.csl.json"))
        (reference,) = CiteProcJSON([item]).values()
        assert reference.title, one
    item = json.loads(got(client, f"{OMNI}.csl.json"))
    assert item["type"] == "dataset"
    assert item["issued"] == {"date-parts": [[2020, 1, 1]]}
    assert item["author"][0] == {"family": "Papitashvili", "given": "Natalia E."}


def test_ris_has_its_tags_in_order(client: FlaskClient) -> None:
    lines = got(client, f"{OMNI}.ris").split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])
    assert f"DO  - {DOI}" in lines
    assert "AU  - Papitashvili, Natalia E." in lines


@pytest.mark.parametrize(("style", "text"), [
    # By the manuals' rules for data sets: APA 7, section 10.9; AGU's data and software guidance.
    ("apa", "Papitashvili, N. E., & King, J. H. (2020). OMNI 1-min Data Set [Dataset]. "
            "NASA Space Physics Data Facility. https://doi.org/" + DOI),
    ("agu", "Papitashvili, N. E., & King, J. H. (2020). OMNI 1-min Data Set. [Dataset]. "
            "NASA Space Physics Data Facility. https://doi.org/" + DOI),
    ("aas", "Papitashvili, N. E., & King, J. H. 2020, OMNI 1-min Data Set, "
            "NASA Space Physics Data Facility, doi:" + DOI),
])  # fmt: skip
def test_a_citation_follows_its_manual(client: FlaskClient, style: str, text: str) -> None:
    assert got(client, f"{OMNI}.txt?style={style}").strip() == text
    accept = {"Accept": f"text/x-bibliography; style={style}; locale=en-US"}
    answer = client.get(OMNI, headers=accept)
    assert answer.get_data(as_text=True).strip() == text
    assert answer.mimetype_params["style"] == style


def test_an_unknown_style_is_refused_in_words(client: FlaskClient) -> None:
    answer = client.get(f"{OMNI}.txt?style=klingon")
    assert answer.status_code == 400
    assert "no citation style klingon" in answer.get_data(as_text=True)


def test_datacite_is_valid_by_its_schema_and_the_same_in_xml(client: FlaskClient) -> None:
    found = json.loads(got(client, f"{OMNI}.datacite.json"))
    schema45.validator.validate(found)
    assert found["doi"] == DOI
    root = etree.fromstring(got(client, f"{OMNI}.datacite.xml").encode())
    assert root.tag == XML + "resource"
    assert root.findtext(f"{XML}identifier") == DOI
    assert root.findtext(f"{XML}publicationYear") == "2020"
    names = [one.text for one in root.iterfind(f".//{XML}creatorName")]
    assert names == [one["name"] for one in found["creators"]]


def test_every_record_has_valid_datacite(client: FlaskClient, engines: Engines) -> None:
    for one in every_page(engines):
        schema45.validator.validate(json.loads(got(client, f"{one}.datacite.json")))
        etree.fromstring(got(client, f"{one}.datacite.xml").encode())


def test_schema_org_is_read_as_rdf(client: FlaskClient) -> None:
    text = got(client, f"{OMNI}.schema.jsonld").replace(
        '"https://schema.org/"', '{"@vocab": "https://schema.org/"}', 1
    )
    graph = rdflib.Graph().parse(data=text, format="json-ld")
    schema = rdflib.Namespace("https://schema.org/")
    subject = rdflib.URIRef(PUBLIC + OMNI)
    assert (subject, rdflib.RDF.type, schema.Dataset) in graph
    wanted = (
        "name", "description", "identifier", "url", "creator", "publisher", "license",
        "temporalCoverage", "spatialCoverage", "variableMeasured", "distribution",
        "includedInDataCatalog", "datePublished", "measurementTechnique",
    )  # fmt: skip
    for name in wanted:
        assert (subject, schema[name], None) in graph, name


def _links(header: str) -> list[tuple[str, str, str]]:
    """(relation, address, rest) of a Link header, as RFC 8288 writes it."""
    return [
        (found[2], found[1], found[3])
        for found in re.finditer(r'<([^>]*)>; rel="([^"]*)"((?:; \w+="[^"]*")*)', header)
    ]


def test_the_page_has_signposts(client: FlaskClient) -> None:
    header = client.get(OMNI).headers["Link"]
    found = _links(header)
    assert ("cite-as", f"https://doi.org/{DOI}", "") in found
    types = {address for rel, address, _ in found if rel == "type"}
    assert types == {"https://schema.org/AboutPage", "https://schema.org/Dataset"}
    for rel in ("describedby", "license", "item", "linkset"):
        assert any(one[0] == rel for one in found), rel
    # Proxies take no more than 4 kB of headers, as they come.
    assert len(header) < 3500
    address = next(address for rel, address, _ in found if rel == "linkset")
    whole = json.loads(got(client, address.removeprefix(PUBLIC)))["linkset"]
    page_links: dict[str, Any] = next(one for one in whole if one["anchor"] == PUBLIC + OMNI)
    for rel, address, _ in found:
        if rel not in ("canonical", "linkset"):
            assert address in [one["href"] for one in page_links[rel]]
    described = {one["anchor"] for one in whole if "describes" in one}
    assert described == {one["href"] for one in page_links["describedby"]}


def test_every_form_says_which_page_it_describes(client: FlaskClient) -> None:
    for suffix in FORMS:
        found = _links(client.get(f"{OMNI}.{suffix}").headers["Link"])
        assert ("canonical", PUBLIC + OMNI, "") in found
        if suffix != "html":
            assert ("describes", PUBLIC + OMNI, '; type="text/html"') in found


def test_the_page_has_meta_tags_for_reference_managers(client: FlaskClient) -> None:
    root = page(client.get(OMNI))
    said = [(one.get("name"), one.get("content")) for one in find(root, "//h:meta[@name]")]
    for pair in (
        ("citation_title", "OMNI 1-min Data Set"),
        ("citation_author", "Papitashvili, Natalia E."),
        ("citation_author", "King, Joseph H."),
        ("citation_doi", DOI),
        ("citation_publication_date", "2020/01/01"),
        ("DC.title", "OMNI, solar wind at the bow shock and geomagnetic indices, 1 min"),
        ("DC.type", "Dataset"),
        ("DC.identifier", f"https://doi.org/{DOI}"),
    ):
        assert pair in said, pair


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_the_tombstone_comes_in_every_form(client: FlaskClient, suffix: str) -> None:
    for answer in (
        client.get(f"{GONE}.{suffix}"),
        client.get(GONE, headers={"Accept": MEDIA_TYPES[suffix]}),
    ):
        assert answer.status_code == 410
        assert answer.mimetype == MEDIA_TYPES[suffix]
    text = answer.get_data(as_text=True)
    assert GONE in text or "Here today" in text
    if suffix == "datacite.json":
        schema45.validator.validate(json.loads(text))
        assert "its source no longer holds it" in text


def test_the_tombstone_says_in_rdf_why_and_what_came_instead(
    client: FlaskClient, engines: Engines
) -> None:
    key = GONE.removeprefix("/records/spase/")
    with engines.store.writing() as writer:
        kept = writer.record(f"spase://{key}")
        assert kept is not None
        said = KeptTombstone("Its clock was wrong.", f"spase://{key}/Better", "Anna", 1)
        dois.set_tombstone(writer.connection, kept.id, said)
    graph = rdflib.Graph().parse(data=client.get(f"{GONE}.ttl").data, format="turtle")
    with engines.store.writing() as writer:
        # The registry is that of all tests of the web.
        writer.connection.exec_driver_sql("DELETE FROM tombstone")
    subject = rdflib.URIRef(f"spase://{key}")
    (words,) = graph.objects(subject, rdflib.DCTERMS.description)
    assert "Its clock was wrong. It was replaced by spase://" in str(words)
    assert (subject, rdflib.DCTERMS.isReplacedBy, rdflib.URIRef(f"spase://{key}/Better")) in graph
