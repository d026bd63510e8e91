"""Records at their addresses: every form, and what an address can lead to."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rdflib
from flask.testing import FlaskClient
from lxml import etree

from registry.engines import Engines
from tests.web import made
from tests.web.conftest import EXAMPLES, PUBLIC
from tests.web.pages_read import find, json_ld, page, text

ACE = "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S"
ACE_FILE = EXAMPLES / "spase/PARHELION/NumericalData/ACE/MAG/PT16S.xml"
MEDIA_TYPES = {
    "xml": "application/xml",
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "json": "application/json",
}


# -- the page --------------------------------------------------------------------------------


def test_the_page_of_a_dataset_says_what_the_record_says(client: FlaskClient) -> None:
    root = page(client.get(ACE))
    said = text(root)
    assert text(root, "//h:h1") == "ACE MAG Level 2, magnetic field, 16 s averages"
    for fact in (
        "spase://PARHELION/NumericalData/ACE/MAG/PT16S",
        "1997-09-02 00:00:12 UTC to 2 months ago",
        "16 s",
        "Heliosphere, Near Earth",
        "Magnetic Field",
        "Creative Commons Zero v1.0 Universal",
        "AC_H0_MFI",
        "HAPI",
        "First description.",
    ):
        assert fact in said
    links = set(find(root, "//h:main//h:a/@href"))
    for link in (
        "/helio/records/spase/PARHELION/Instrument/ACE/MAG",
        "/helio/records/spase/PARHELION/Observatory/ACE",
        "/helio/records/spase/PARHELION/Person/Charles.W.Smith",
        "/helio/records/spase/PARHELION/Repository/SPDF",
        "/helio/vocabularies/frames#GSE",
        "https://cdaweb.gsfc.nasa.gov/hapi",
        "https://doi.org/10.48322/e0dc-0h53",
        "https://spdx.org/licenses/CC0-1.0.html",
    ):
        assert link in links


def test_parameters_stand_in_a_table_with_units_and_frame(client: FlaskClient) -> None:
    root = page(client.get(ACE))
    rows = find(root, "//h:section[h:h2/@id='parameters']//h:tbody/h:tr")
    assert len(rows) == ACE_FILE.read_text("utf-8").count("<Parameter>") == 8
    field = next(row for row in rows if text(row, "h:th") == "Field, GSE")
    assert [text(cell) for cell in find(field, "h:td")][:3] == ["BGSEc", "nT", "GSE Cartesian"]
    tooltip = find(field, ".//h:a[@class='frame']/@title")[0]
    assert tooltip.startswith("Geocentric Solar Ecliptic: ")


def test_nothing_of_the_source_is_hidden(client: FlaskClient) -> None:
    tree = text(page(client.get(ACE)), "//h:div[@class='tree']")
    for element in etree.parse(ACE_FILE).iter():
        assert etree.QName(element).localname in tree
        assert " ".join((element.text or "").split()) in tree
        assert all(value in tree for value in element.attrib.values())


def test_comments_and_mixed_text_are_shown_too(client: FlaskClient) -> None:
    said = text(page(client.get("/records/spase/MADE/Repository/Comment")))
    assert "Comment: said aside" in said


def test_who_refers_is_counted_and_listed(client: FlaskClient) -> None:
    root = page(client.get("/records/spase/PARHELION/Instrument/ACE/MAG"))
    section = find(root, "//h:section[h:h2/@id='referring']")[0]
    assert "Numerical Data" in text(section)
    assert "/helio" + ACE in find(section, ".//h:a/@href")


def test_findings_name_their_lines_and_lead_to_them(client: FlaskClient) -> None:
    root = page(client.get("/records/spase/MADE/Repository/Invalid"))
    lines = made.RECORDS["invalid.xml"]
    assert isinstance(lines, str)
    line = next(n for n, one in enumerate(lines.splitlines(), 1) if "NoSuchElement" in one)
    section = find(root, "//h:section[h:h2/@id='findings']")[0]
    assert "invalid" in text(section)
    assert f"#L{line}" in find(section, ".//h:a/@href")
    assert "NoSuchElement" in text(root, f"//h:li[@id='L{line}']")


def test_the_folders_of_this_machine_are_not_shown(client: FlaskClient, engines: Engines) -> None:
    answer = client.get("/records/spase/MADE/Repository/Plain")
    assert "local: plain.xml" in text(page(answer))
    assert str(engines.settings.data.parent).encode() not in answer.data


def test_ids_are_unique(client: FlaskClient) -> None:
    for path in (ACE, "/records/ivo/parhelion.example/tap", "/", "/search?q=ACE"):
        ids = find(page(client.get(path)), "//@id")
        assert len(ids) == len(set(ids))


def test_hostile_text_stays_text(client: FlaskClient) -> None:
    answer = client.get("/records/spase/MADE/Repository/Hostile")
    root = page(answer)
    assert text(root, "//h:h1") == made.HOSTILE
    assert len(find(root, "//h:script")) == 1
    assert not find(root, "//h:b")
    assert b"<script>" not in answer.data
    assert json_ld(root)["name"] == made.HOSTILE
    script = answer.get_data(as_text=True).partition('ld+json">')[2].partition("</script>")[0]
    assert not set("<&") & set(script)


def test_an_address_that_is_no_web_address_is_no_link(client: FlaskClient) -> None:
    root = page(client.get("/records/spase/MADE/Repository/Script"))
    assert "javascript:alert(1)" in text(root)
    assert not [link for link in find(root, "//@href") if link.startswith("javascript")]


def test_the_json_ld_is_schema_org_with_the_public_address(client: FlaskClient) -> None:
    found = json_ld(page(client.get(ACE)))
    assert found["@context"] == "https://schema.org/"
    assert found["@type"] == "Dataset"
    assert found["url"] == PUBLIC + ACE


@pytest.mark.parametrize("path", [
    "/records/spase/PARHELION/Person/SPDF",
    "/records/spase/PARHELION/Observatory/ACE",
    "/records/spase/PARHELION/Collection/SolarWindAtL1",
    "/records/spase/PARHELION/Annotation/GeomagneticStorm/2024-05-10",
    "/records/ivo/parhelion.example",
    "/records/ivo/parhelion.example/tap",
    "/records/ivo/parhelion.example/registry",
    "/records/ivo/parhelion.example/planets/epn_core",
])  # fmt: skip
def test_every_kind_of_record_has_a_well_formed_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    root = page(answer)
    assert find(root, "//h:h1")
    assert find(root, "/h:html/@lang") == ["en"]


def test_every_example_has_a_page(client: FlaskClient, engines: Engines) -> None:
    with engines.store.reading() as reader:
        keys = reader.keys(0, 1000)
    assert len(keys) > 100
    for key in keys:
        answer = client.get("/records/" + key.replace("://", "/").replace("%", "%25")
                            .replace("?", "%3F").replace("#", "%23"))  # fmt: skip
        assert answer.status_code == 200, key
        page(answer)


# -- forms -----------------------------------------------------------------------------------


def test_xml_is_the_source_byte_by_byte(client: FlaskClient) -> None:
    for answer in (client.get(ACE + ".xml"), client.get(ACE, headers={"Accept": "text/xml"})):
        assert answer.data == ACE_FILE.read_bytes()
        assert answer.content_type == "application/xml"
    answer = client.get("/records/spase/MADE/Repository/Latin.xml")
    assert answer.data == made.LATIN
    # A charset here would contradict what the document itself says.
    assert answer.content_type == "application/xml"


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_accept_and_suffix_give_the_same(client: FlaskClient, suffix: str) -> None:
    media_type = MEDIA_TYPES[suffix]
    by_suffix = client.get(f"{ACE}.{suffix}")
    by_accept = client.get(ACE, headers={"Accept": f"{media_type}, text/html;q=0.5"})
    assert by_suffix.mimetype == by_accept.mimetype == media_type
    assert by_suffix.data == by_accept.data
    assert by_accept.headers["Vary"] == "Accept"


def test_a_browser_gets_the_page(client: FlaskClient) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    assert client.get(ACE, headers={"Accept": accept}).mimetype == "text/html"
    assert client.get(ACE, headers={"Accept": "*/*"}).mimetype == "text/html"
    assert client.get(ACE).mimetype == "text/html"


@pytest.mark.parametrize(("suffix", "format_"), [
    ("ttl", "turtle"), ("rdf", "xml"), ("jsonld", "json-ld"),
])  # fmt: skip
def test_the_rdf_forms_say_the_same(client: FlaskClient, suffix: str, format_: str) -> None:
    graph = rdflib.Graph().parse(data=client.get(f"{ACE}.{suffix}").data, format=format_)
    subject = rdflib.URIRef("spase://PARHELION/NumericalData/ACE/MAG/PT16S")
    landing = rdflib.URIRef("http://www.w3.org/ns/dcat#landingPage")
    assert (subject, landing, rdflib.URIRef(PUBLIC + ACE)) in graph
    turtle = rdflib.Graph().parse(data=client.get(f"{ACE}.ttl").data, format="turtle")
    assert len(graph) == len(turtle) > 50


def test_json_has_the_model_and_how_the_record_stands(client: FlaskClient) -> None:
    found: dict[str, Any] = json.loads(client.get(ACE + ".json").data)
    assert found["identifier"] == "spase://PARHELION/NumericalData/ACE/MAG/PT16S"
    assert found["cadence"] == "PT16S"
    assert found["registry"]["verdict"] == "valid"
    assert found["registry"]["page"] == PUBLIC + ACE


def test_link_headers_name_the_public_address_and_the_other_forms(client: FlaskClient) -> None:
    links = client.get(ACE).headers["Link"]
    assert f'<{PUBLIC}{ACE}>; rel="canonical"' in links
    for suffix, media_type in MEDIA_TYPES.items():
        assert f'<{PUBLIC}{ACE}.{suffix}>; rel="describedby"; type="{media_type}"' in links
    links = client.get(ACE + ".ttl").headers["Link"]
    for suffix, media_type in MEDIA_TYPES.items():
        assert f'<{PUBLIC}{ACE}.{suffix}>; rel="alternate"; type="{media_type}"' in links
    assert f'<{PUBLIC}{ACE}>; rel="describes"; type="text/html"' in links


def test_the_host_header_is_never_used(client: FlaskClient) -> None:
    answer = client.get(ACE, headers={"Host": "evil.example"})
    assert b"evil.example" not in answer.data
    assert "evil.example" not in str(answer.headers)


@pytest.mark.parametrize("suffix", ["", ".xml", ".ttl", ".json"])
def test_what_has_not_changed_is_304(client: FlaskClient, suffix: str) -> None:
    first = client.get(ACE + suffix)
    for header, value in (
        ("If-None-Match", first.headers["ETag"]),
        ("If-Modified-Since", first.headers["Last-Modified"]),
    ):
        again = client.get(ACE + suffix, headers={header: value})
        if header == "If-Modified-Since" and not suffix:
            # The page shows other records too, whose changes are not its record's.
            assert again.status_code == 200
            continue
        assert again.status_code == 304
        assert not again.data
    assert client.get(ACE + suffix, headers={"If-None-Match": '"other"'}).status_code == 200


def test_each_form_has_its_own_etag(client: FlaskClient) -> None:
    tags = [client.get(ACE + suffix).headers["ETag"] for suffix in ("", ".xml", ".ttl", ".json")]
    assert len(set(tags)) == 4


# -- what an address can lead to ---------------------------------------------------------------


def test_the_exact_identifier_wins_over_a_suffix(client: FlaskClient) -> None:
    exact = client.get("/records/spase/MADE/Repository/Plain.xml")
    assert text(page(exact), "//h:h1") == "The one whose name has a suffix"
    assert b"The plain one" in client.get("/records/spase/MADE/Repository/Plain").data
    with_suffix = client.get("/records/spase/MADE/Repository/Plain.xml.xml")
    assert with_suffix.mimetype == "application/xml"
    assert b"The one whose name has a suffix" in with_suffix.data


@pytest.mark.parametrize(("path", "name"), [
    ("/records/spase/MADE/Repository/With%20space", "With a space"),
    ("/records/spase/MADE/Repository/100%25%3Fa=b%23c;d", "With odd characters"),
])  # fmt: skip
def test_odd_characters_in_identifiers_work(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert text(page(answer), "//h:h1") == name
    canonical = find(page(answer), "//h:link[@rel='canonical']/@href")[0]
    again = client.get(canonical.removeprefix(PUBLIC))
    assert text(page(again), "//h:h1") == name
    assert client.get(f"{path}.xml").mimetype == "application/xml"


def test_ivoids_match_in_any_case(client: FlaskClient) -> None:
    for path in ("Made.Example/Capital", "made.example/capital", "MADE.EXAMPLE/CAPITAL"):
        answer = client.get(f"/records/ivo/{path}")
        assert answer.status_code == 200
        assert "ivo://Made.Example/Capital" in text(page(answer))
    assert client.get("/records/spase/made/repository/plain").status_code == 404


def test_an_unknown_identifier_gives_near_matches(client: FlaskClient) -> None:
    answer = client.get("/records/spase/PARHELION/NumericalData/ACE/MAG/PT16X")
    assert answer.status_code == 404
    assert "/helio" + ACE in find(page(answer), "//h:main//h:a/@href")
    # The folder can be wrong, too.
    answer = client.get("/records/spase/PARHELION/NumericalData/ACE/MAGG/PT16S")
    assert "/helio" + ACE in find(page(answer), "//h:main//h:a/@href")
    # And the authority, and the case of all.
    for path in ("PARHELLION/NumericalData/ACE/MAG/PT16S", "parhelion/numericaldata/ace/mag/pt16s"):
        answer = client.get(f"/records/spase/{path}")
        assert answer.status_code == 404
        assert "/helio" + ACE in find(page(answer), "//h:main//h:a/@href")
    answer = client.get("/records/spase/NOBODY/" + "x" * 5000)
    assert answer.status_code == 404


def test_a_deleted_record_is_410_with_its_tombstone(client: FlaskClient) -> None:
    answer = client.get("/records/ivo/made.example/gone")
    assert answer.status_code == 410
    said = text(page(answer))
    assert "What was" in said
    assert "its publisher marked it as deleted" in said
    answer = client.get("/records/spase/MADE/Repository/Vanished")
    assert answer.status_code == 410
    assert "Here today" in text(page(answer))
    assert "its source no longer holds it" in text(page(answer))


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_the_tombstone_comes_in_every_form(client: FlaskClient, suffix: str) -> None:
    identifier = "spase://MADE/Repository/Vanished"
    path = "/records/spase/MADE/Repository/Vanished"
    by_suffix = client.get(f"{path}.{suffix}")
    by_accept = client.get(path, headers={"Accept": MEDIA_TYPES[suffix]})
    for answer in (by_suffix, by_accept):
        assert answer.status_code == 410
        assert answer.mimetype == MEDIA_TYPES[suffix]
    if suffix == "json":
        assert json.loads(by_suffix.data)["status"] == "deleted"
    elif suffix == "xml":
        assert identifier in etree.fromstring(by_suffix.data).itertext()
    else:
        format_ = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}[suffix]
        graph = rdflib.Graph().parse(data=by_suffix.data, format=format_)
        status = rdflib.URIRef("http://www.w3.org/ns/adms#status")
        said = graph.value(rdflib.URIRef(identifier), status)
        assert said == rdflib.URIRef("https://w3id.org/parhelion/status#deleted")


def test_a_prior_identifier_leads_to_the_record_that_names_it(client: FlaskClient) -> None:
    answer = client.get("/records/spase/MADE/Repository/Old")
    assert answer.status_code == 301
    assert answer.headers["Location"] == "/helio/records/spase/MADE/Repository/New"
    answer = client.get("/records/spase/MADE/Repository/Old.ttl")
    assert answer.headers["Location"] == "/helio/records/spase/MADE/Repository/New.ttl"


def test_a_prior_identifier_of_several_is_a_choice(client: FlaskClient) -> None:
    answer = client.get("/records/spase/MADE/Repository/Both")
    assert answer.status_code == 300
    links = find(page(answer), "//h:main//h:a/@href")
    assert "/helio/records/spase/MADE/Repository/First" in links
    assert "/helio/records/spase/MADE/Repository/Second" in links


def test_a_record_that_is_not_active_says_so(client: FlaskClient) -> None:
    answer = client.get("/records/ivo/made.example/tired")
    assert answer.status_code == 200
    assert "This resource is inactive." in text(page(answer))


def test_other_schemes_are_no_records(client: FlaskClient) -> None:
    assert client.get("/records/doi/10.1/x").status_code == 404
