"""Requests and answers, each with the section of OAI-PMH 2.0 that says what has to come."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from lxml import etree

from schemas.oai_pmh.envelope import OAI, validate_envelope, validate_payload
from tests.oai.registries import (
    PUBLIC,
    SPOILT,
    START,
    Clock,
    dataset,
    get,
    put,
    remove,
    served,
    service,
)

NS = {"o": OAI}
DAY = 86_400

# What the registry holds: first 2020-09-13T12:26:40Z, then a day later, then one more.
ONE, TWO, GONE = "spase://Made/A/one", "spase://Made/A/two%20parts", "spase://Made/A/gone"
PERSON = "spase://Made/Person/P"
GOOD, BAD, WAS, WITHDRAWN = (
    f"ivo://made.example/{name}" for name in ("good", "bad", "was", "withdrawn")
)

RECORDS = "verb=ListRecords&metadataPrefix="
HEADERS = "verb=ListIdentifiers&metadataPrefix="
RECORD = "verb=GetRecord&metadataPrefix="
ALL_DC = {ONE, TWO, f"-{GONE}", PERSON, GOOD, BAD, WAS, f"-{WITHDRAWN}"}
ALL_SPASE = {ONE, TWO, f"-{GONE}", PERSON}
ALL_VOR = {GOOD, f"-{WAS}", f"-{WITHDRAWN}"}

# (request, error code or identifiers with '-' before a deleted one, section)
CASES: list[tuple[str, str | set[str], str]] = [
    # badVerb: missing, illegal, repeated (3.6)
    ("", "badVerb", "3.6"),
    ("metadataPrefix=oai_dc", "badVerb", "3.6"),
    ("verb=", "badVerb", "3.6"),
    ("verb=identify", "badVerb", "3.6"),
    ("verb=Nonsense", "badVerb", "3.6"),
    ("verb=GetMetadata&identifier=a&metadataPrefix=oai_dc", "badVerb", "3.6"),
    ("verb=Identify&verb=Identify", "badVerb", "3.6"),
    ("verb=Identify&verb=ListSets", "badVerb", "3.6"),
    ("verb=%3Cx%3E%01", "badVerb", "3.6"),
    ("verb=%ff", "badVerb", "3.6"),
    # badArgument: illegal for the verb (4.1 to 4.6)
    ("verb=Identify&metadataPrefix=oai_dc", "badArgument", "4.2"),
    ("verb=Identify&from=2020-01-01", "badArgument", "4.2"),
    ("verb=ListMetadataFormats&metadataPrefix=oai_dc", "badArgument", "4.4"),
    ("verb=ListMetadataFormats&resumptionToken=x", "badArgument", "4.4"),
    ("verb=ListSets&set=spase", "badArgument", "4.6"),
    (f"{RECORD}oai_dc&identifier={ONE}&set=spase", "badArgument", "4.1"),
    (f"{RECORD}oai_dc&identifier={ONE}&x=y", "badArgument", "4.1"),
    (f"{RECORD}oai_dc&identifier={ONE}&from_=2020-01-01", "badArgument", "4.1"),
    (f"{RECORDS}oai_dc&identifier={ONE}", "badArgument", "4.5"),
    (f"{RECORDS}oai_dc&from_=2020-01-01", "badArgument", "4.5"),
    (f"{HEADERS}oai_dc&until_=2020-01-01", "badArgument", "4.3"),
    (f"{HEADERS}oai_dc&%01=1", "badArgument", "4.3"),
    # badArgument: missing
    ("verb=GetRecord", "badArgument", "4.1"),
    (f"verb=GetRecord&identifier={ONE}", "badArgument", "4.1"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument", "4.1"),
    ("verb=ListRecords", "badArgument", "4.5"),
    ("verb=ListRecords&from=2020-01-01", "badArgument", "4.5"),
    ("verb=ListIdentifiers&set=spase", "badArgument", "4.3"),
    # badArgument: repeated (3.6)
    (f"{RECORDS}oai_dc&metadataPrefix=oai_dc", "badArgument", "3.6"),
    (f"{RECORDS}oai_dc&metadataPrefix=spase", "badArgument", "3.6"),
    (f"{RECORDS}oai_dc&from=2020-01-01&from=2020-01-01", "badArgument", "3.6"),
    (f"{RECORD}oai_dc&identifier={ONE}&identifier={ONE}", "badArgument", "3.6"),
    # badArgument: resumptionToken is exclusive (3.5)
    (f"{RECORDS}oai_dc&resumptionToken=x", "badArgument", "3.5"),
    ("verb=ListIdentifiers&resumptionToken=x&from=2020-01-01", "badArgument", "3.5"),
    ("verb=ListRecords&resumptionToken=x&resumptionToken=x", "badArgument", "3.5"),
    # badArgument: values of an illegal form (3.3, 2.7.1)
    (f"{RECORDS}oai_dc&from=", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=yesterday", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-09", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-9-1", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-02-30", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-13-01", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=0000-01-01", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=99999999999-01-01", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-09-13T12:26:40", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-09-13T12:26Z", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-09-13T12:26:40.5Z", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-09-13T12:26:40%2B02:00", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-09-13T25:00:00Z", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&until=2020-09-13T12:26:40z", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&until=%202020-09-13", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=%D9%A2020-09-13", "badArgument", "3.3"),
    (f"{RECORDS}oai_dc&from=2020-09-14&until=2020-09-13", "badArgument", "2.7.1"),
    (
        f"{RECORDS}oai_dc&from=2020-09-13T12:26:41Z&until=2020-09-13T12:26:40Z",
        "badArgument",
        "2.7.1",
    ),
    (f"{RECORDS}oai_dc&from=2020-09-13&until=2020-09-14T00:00:00Z", "badArgument", "2.7.1"),
    (f"{HEADERS}oai_dc&from=2020-09-13T00:00:00Z&until=2020-09-14", "badArgument", "2.7.1"),
    (f"{RECORDS}oai_dc&set=", "badArgument", "2.6"),
    (f"{RECORDS}oai_dc&set=a%20b", "badArgument", "2.6"),
    (f"{RECORDS}oai_dc&set=spase:", "badArgument", "2.6"),
    (f"{RECORDS}oai_dc&set=:spase", "badArgument", "2.6"),
    (RECORDS, "badArgument", "3.4"),
    (f"{RECORDS}oai/dc", "badArgument", "3.4"),
    (f"{RECORD}oai_dc&identifier=a%00b", "badArgument", "3.6"),
    (f"{RECORD}oai_dc&identifier=", "badArgument", "3.6"),
    # cannotDisseminateFormat (3.6)
    (f"{RECORDS}marc21", "cannotDisseminateFormat", "4.5"),
    (f"{HEADERS}OAI_DC", "cannotDisseminateFormat", "4.3"),
    (f"{RECORD}marc21&identifier={ONE}", "cannotDisseminateFormat", "4.1"),
    (f"{RECORD}ivo_vor&identifier={ONE}", "cannotDisseminateFormat", "4.1"),
    (f"{RECORD}spase&identifier={GOOD}", "cannotDisseminateFormat", "4.1"),
    (f"{RECORD}ivo_vor&identifier={BAD}", "cannotDisseminateFormat", "4.1"),
    (f"{RECORD}ivo_vor&identifier={GONE}", "cannotDisseminateFormat", "4.1"),
    # idDoesNotExist: unknown or illegal in this repository (3.6)
    (f"{RECORD}oai_dc&identifier=spase://Made/A/none", "idDoesNotExist", "4.1"),
    (f"{RECORD}oai_dc&identifier=spase://made/a/one", "idDoesNotExist", "4.1"),
    (f"{RECORD}oai_dc&identifier=invalid%22id", "idDoesNotExist", "4.1"),
    (f"{RECORD}oai_dc&identifier=1:2", "idDoesNotExist", "4.1"),
    (f"{RECORD}oai_dc&identifier=http://a:b/%25zz%23%23", "idDoesNotExist", "4.1"),
    (f"{RECORD}oai_dc&identifier=oai:arXiv.org:cs/0112017", "idDoesNotExist", "4.1"),
    (f"{RECORD}oai_dc&identifier=spase://Made/A%252Fone", "idDoesNotExist", "4.1"),
    (f"{RECORD}oai_dc&identifier={GOOD}%23part", "idDoesNotExist", "4.1"),
    ("verb=ListMetadataFormats&identifier=really_wrong", "idDoesNotExist", "4.4"),
    # badResumptionToken (3.6)
    ("verb=ListRecords&resumptionToken=", "badResumptionToken", "4.5"),
    ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken", "4.5"),
    ("verb=ListRecords&resumptionToken=a.b.c", "badResumptionToken", "4.5"),
    ("verb=ListRecords&resumptionToken=%01%ff", "badResumptionToken", "4.5"),
    ("verb=ListIdentifiers&resumptionToken=nonsense", "badResumptionToken", "4.3"),
    ("verb=ListSets&resumptionToken=nonsense", "badResumptionToken", "4.6"),
    # noRecordsMatch (3.6)
    (f"{RECORDS}oai_dc&until=2020-09-12", "noRecordsMatch", "4.5"),
    (f"{RECORDS}oai_dc&until=1999-01-01T00:00:00Z", "noRecordsMatch", "4.5"),
    (f"{RECORDS}oai_dc&until=2020-09-13T12:26:39Z", "noRecordsMatch", "4.5"),
    (f"{RECORDS}oai_dc&from=2020-09-15T12:26:41Z", "noRecordsMatch", "4.5"),
    (f"{HEADERS}oai_dc&from=2999-01-01", "noRecordsMatch", "4.3"),
    (
        f"{HEADERS}oai_dc&from=2020-09-13T12:26:41Z&until=2020-09-14T12:26:39Z",
        "noRecordsMatch",
        "4.3",
    ),
    (f"{RECORDS}oai_dc&set=nothing", "noRecordsMatch", "4.5"),
    (f"{RECORDS}oai_dc&set=spase:type", "noRecordsMatch", "4.5"),
    (f"{RECORDS}oai_dc&set=spase:type.Spectrum", "noRecordsMatch", "4.5"),
    (f"{RECORDS}oai_dc&set=spase:type.Person:x", "noRecordsMatch", "4.5"),
    (f"{RECORDS}oai_dc&set=spase:type.~zz", "noRecordsMatch", "4.5"),
    (f"{RECORDS}ivo_vor&set=spase", "noRecordsMatch", "4.5"),
    (f"{RECORDS}spase&set=voresource", "noRecordsMatch", "4.5"),
    # whole lists, deleted records among them (4.3, 4.5, 2.5.1)
    (f"{RECORDS}oai_dc", ALL_DC, "4.5"),
    (f"{HEADERS}oai_dc", ALL_DC, "4.3"),
    (f"{RECORDS}spase", ALL_SPASE, "4.5"),
    (f"{HEADERS}spase", ALL_SPASE, "4.3"),
    (f"{RECORDS}ivo_vor", ALL_VOR, "4.5"),
    (f"{HEADERS}ivo_vor", ALL_VOR, "4.3"),
    # from and until are inclusive, in both granularities (2.7.1)
    (f"{RECORDS}oai_dc&from=2020-09-13", ALL_DC, "2.7.1"),
    (f"{RECORDS}oai_dc&from=1970-01-01&until=2999-12-31", ALL_DC, "2.7.1"),
    (f"{RECORDS}oai_dc&until=2020-09-13", {ONE, PERSON, GOOD}, "2.7.1"),
    (f"{RECORDS}oai_dc&until=2020-09-13T12:26:40Z", {ONE, PERSON, GOOD}, "2.7.1"),
    (f"{RECORDS}oai_dc&from=2020-09-14&until=2020-09-14", {TWO, BAD}, "2.7.1"),
    (
        f"{HEADERS}oai_dc&from=2020-09-14T12:26:40Z&until=2020-09-14T12:26:40Z",
        {TWO, BAD},
        "2.7.1",
    ),
    (f"{HEADERS}oai_dc&from=2020-09-15", {f"-{GONE}", WAS, f"-{WITHDRAWN}"}, "2.7.1"),
    (f"{HEADERS}ivo_vor&from=2020-09-15", {f"-{WAS}", f"-{WITHDRAWN}"}, "2.7.1"),
    (
        f"{HEADERS}oai_dc&from=2020-09-15T12:26:40Z",
        {f"-{GONE}", WAS, f"-{WITHDRAWN}"},
        "2.7.1",
    ),
    # sets, and what is below them (2.6)
    (f"{RECORDS}oai_dc&set=spase", ALL_SPASE, "2.6"),
    (f"{HEADERS}oai_dc&set=voresource", {GOOD, BAD, WAS, f"-{WITHDRAWN}"}, "2.6"),
    (f"{HEADERS}ivo_vor&set=voresource", ALL_VOR, "2.6"),
    (f"{HEADERS}spase&set=spase:type.Person", {PERSON}, "2.6"),
    (f"{HEADERS}oai_dc&set=spase:authority.Made", ALL_SPASE, "2.6"),
    (f"{HEADERS}ivo_vor&set=voresource:authority.made.example", ALL_VOR, "2.6"),
    (f"{HEADERS}spase&set=spase:type.NumericalData&until=2020-09-13", {ONE}, "2.6"),
    # single records (4.1)
    (f"{RECORD}oai_dc&identifier={ONE}", {ONE}, "4.1"),
    (f"{RECORD}spase&identifier={ONE}", {ONE}, "4.1"),
    (f"{RECORD}ivo_vor&identifier={GOOD}", {GOOD}, "4.1"),
    (f"{RECORD}spase&identifier=spase://Made/A/two%2520parts", {TWO}, "4.1"),
    (f"{RECORD}spase&identifier=spase://Made/A/two%20parts", {TWO}, "4.1"),
    (f"{RECORD}ivo_vor&identifier=ivo://MADE.example/Good", {GOOD}, "4.1"),
    (f"{RECORD}oai_dc&identifier={GONE}", {f"-{GONE}"}, "2.5.1"),
    (f"{RECORD}spase&identifier={GONE}", {f"-{GONE}"}, "2.5.1"),
    (f"{RECORD}ivo_vor&identifier={WAS}", {f"-{WAS}"}, "2.5.1"),
    (f"{RECORD}oai_dc&identifier={WAS}", {WAS}, "2.5.1"),
    (f"{RECORD}oai_dc&identifier={BAD}", {BAD}, "4.1"),
    # about the repository
    ("verb=Identify", set(), "4.2"),
    ("verb=ListSets", set(), "4.6"),
    ("verb=ListMetadataFormats", set(), "4.4"),
    (f"verb=ListMetadataFormats&identifier={ONE}", set(), "4.4"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    clock = Clock()
    with served(tmp_path_factory.mktemp("oai"), clock=clock) as (store, application):
        put(
            store,
            {
                "one": dataset("A/one"),
                "gone": dataset("A/gone"),
                "person": dataset("Person/P", kind="Person"),
                "good": service("good"),
                "was": service("was"),
                "withdrawn": service("withdrawn"),
            },
        )
        clock.now += DAY
        put(store, {"two": dataset("A/two parts"), "bad": service("bad", extra=SPOILT)})
        clock.now += DAY
        put(
            store,
            {
                "was": service("was", extra=SPOILT),
                "withdrawn": service("withdrawn", status="deleted"),
            },
        )
        remove(store, "gone")
        clock.now = START + 10 * DAY
        yield application


def answers(app: Flask, query: str) -> list[bytes]:
    """What GET says, and POST with the arguments in its body."""
    client = app.test_client()
    form = {"data": query, "content_type": "application/x-www-form-urlencoded"}
    responses = [client.get(f"/oai?{query}"), client.post("/oai", **form)]
    assert [response.status_code for response in responses] == [200, 200]
    return [response.data for response in responses]


def listed(root: etree._Element) -> set[str]:
    found = []
    for header in root.iter(f"{{{OAI}}}header"):
        mark = "-" if header.get("status") == "deleted" else ""
        found.append(mark + header.findtext("o:identifier", "", NS))
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize(("query", "outcome", "section"), CASES)
def test_request(app: Flask, query: str, outcome: str | set[str], section: str) -> None:
    for content in answers(app, query):
        root = etree.fromstring(content)
        assert validate_envelope(root) == [], section
        errors = root.findall("o:error", NS)
        if isinstance(outcome, str):
            assert [one.get("code") for one in errors] == [outcome], section
            assert errors[0].text
        else:
            assert errors == []
            assert listed(root) == outcome, section
        check_request(root, query, outcome)


def check_request(root: etree._Element, query: str, outcome: str | set[str]) -> None:
    """Section 3.2, part 3: the address, and the arguments unless these were the fault."""
    request = root.find("o:request", NS)
    assert request is not None
    assert request.text == f"{PUBLIC}/oai"
    if outcome in ("badVerb", "badArgument"):
        assert dict(request.attrib) == {}
    elif not isinstance(outcome, str):
        assert dict(request.attrib) == dict(parse_qsl(query))
    else:
        assert dict(request.attrib).items() <= dict(parse_qsl(query)).items()
        assert request.get("verb")


def test_the_cases_name_a_section() -> None:
    assert len(CASES) > 100
    assert all(section[0] in "234" for _, _, section in CASES)


def test_every_payload_stands_where_it_should(app: Flask) -> None:
    """A deleted record has no metadata, every other has one element of its format (2.5)."""
    for prefix, namespace in (
        ("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
        ("spase", "http://www.spase-group.org/data/schema"),
        ("ivo_vor", "http://www.ivoa.net/xml/RegistryInterface/v1.0"),
    ):
        root = etree.fromstring(get(app, verb="ListRecords", metadataPrefix=prefix))
        records = root.findall("*/o:record", NS)
        assert records
        for record in records:
            deleted = record.find("o:header", NS).get("status") == "deleted"  # type: ignore[union-attr]
            payloads = record.findall("o:metadata/*", NS)
            assert len(payloads) == (0 if deleted else 1)
            for payload in payloads:
                assert etree.QName(payload).namespace == namespace
                if prefix == "oai_dc":
                    assert validate_payload(payload) == []


def test_identify(app: Flask) -> None:
    """Section 4.2; the dates are those of the fixture."""
    root = etree.fromstring(get(app, verb="Identify"))
    said = {etree.QName(one).localname: one.text for one in root.findall("o:Identify/*", NS)}
    assert said == {
        "repositoryName": "Parhelion",
        "baseURL": f"{PUBLIC}/oai",
        "protocolVersion": "2.0",
        "adminEmail": "admin-email-is-not-set@parhelion.invalid",
        # Of the seven records the oldest that is unchanged is from the first day.
        "earliestDatestamp": "2020-09-13T12:26:40Z",
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
        "compression": "gzip",
    }
    assert root.findtext("o:responseDate", namespaces=NS) == "2020-09-23T12:26:40Z"


@pytest.mark.parametrize(
    ("identifier", "prefixes"),
    [
        (None, ["oai_dc", "spase", "ivo_vor", "oai_datacite"]),
        (ONE, ["oai_dc", "spase"]),
        (GONE, ["oai_dc", "spase"]),
        (GOOD, ["oai_dc", "ivo_vor"]),
        (WAS, ["oai_dc", "ivo_vor"]),
        (BAD, ["oai_dc"]),
    ],
)
def test_list_metadata_formats(app: Flask, identifier: str | None, prefixes: list[str]) -> None:
    """Section 4.4: exactly the formats in which GetRecord answers."""
    arguments = {"identifier": identifier} if identifier else {}
    root = etree.fromstring(get(app, verb="ListMetadataFormats", **arguments))
    found = [one.text for one in root.iter(f"{{{OAI}}}metadataPrefix")]
    assert found == prefixes
    for prefix in ("oai_dc", "spase", "ivo_vor"):
        if identifier:
            answer = get(app, verb="GetRecord", metadataPrefix=prefix, identifier=identifier)
            assert (b"cannotDisseminateFormat" in answer) == (prefix not in prefixes)


def test_the_sets_in_headers_are_those_that_bring_the_record(app: Flask) -> None:
    """Section 2.6, and 2.5: a header says every set its record is in."""
    specs = etree.fromstring(get(app, verb="ListSets")).findall("*/o:set/o:setSpec", NS)
    names = [str(spec.text) for spec in specs]
    assert len(names) == len(set(names)) == 7
    assert not any(name.startswith("ivo_") for name in names)
    whole = get(app, verb="ListIdentifiers", metadataPrefix="oai_dc")
    for name in names:
        of_set = get(app, verb="ListIdentifiers", metadataPrefix="oai_dc", set=name)
        marked = {
            header.findtext("o:identifier", namespaces=NS)
            for header in etree.fromstring(whole).iter(f"{{{OAI}}}header")
            if name in [one.text for one in header.findall("o:setSpec", NS)]
        }
        brought = {
            one.findtext("o:identifier", namespaces=NS)
            for one in etree.fromstring(of_set).iter(f"{{{OAI}}}header")
        }
        assert brought == marked


def test_an_empty_registry(tmp_path: Path) -> None:
    with served(tmp_path, clock=Clock(), admin_email="someone@example.org") as (_, app):
        expected = {
            "verb=Identify": "",
            "verb=ListMetadataFormats": "",
            "verb=ListSets": "noSetHierarchy",
            f"{RECORDS}oai_dc": "noRecordsMatch",
        }
        for query, code in expected.items():
            root = etree.fromstring(answers(app, query)[0])
            assert validate_envelope(root) == []
            errors = [one.get("code") for one in root.findall("o:error", NS)]
            assert errors == ([code] if code else [])
        identified = etree.fromstring(answers(app, "verb=Identify")[0])
        assert identified.findtext("*/o:adminEmail", namespaces=NS) == "someone@example.org"


def test_http(app: Flask) -> None:
    """Sections 3.1.2 and 3.1.3: content type, compression, HEAD; no address from Host."""
    client = app.test_client()
    query = f"/oai?{RECORDS}oai_dc"
    plain = client.get(query)
    assert plain.headers["Content-Type"] == "text/xml; charset=utf-8"
    assert "Content-Encoding" not in plain.headers
    small = client.get(query, headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert gzip.decompress(small.data) == plain.data
    refused = client.get(query, headers={"Accept-Encoding": "gzip;q=0, identity"})
    assert "Content-Encoding" not in refused.headers
    head = client.head(query)
    assert head.data == b""
    assert head.headers["Content-Length"] == plain.headers["Content-Length"]
    other = client.get(query, headers={"Host": "evil.example"})
    assert b"evil.example" not in other.data
    assert client.put("/oai").status_code == 405


def test_arguments_in_both_places_of_a_post_count_together(app: Flask) -> None:
    client = app.test_client()
    doubled = client.post("/oai?verb=Identify", data={"verb": "Identify"})
    assert b'code="badVerb"' in doubled.data
    odd = client.post("/oai", data="verb=Identify", content_type="text/plain")
    assert b'code="badVerb"' in odd.data
