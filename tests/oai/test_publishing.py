"""`/oai/ivoa`, the IVOA publishing registry: requests as data, and what RegistryInterfaces asks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from click.testing import CliRunner
from flask import Flask
from lxml import etree

from app import parhelion
from registry.settings import IvoaSettings
from registry.sources.adding import add_source
from registry.validation.voresource import judge_element
from schemas.documents import element
from schemas.oai_pmh.envelope import OAI, validate_envelope, validate_payload
from tests.oai.registries import (
    PUBLIC,
    SPOILT,
    START,
    Clock,
    dataset,
    put,
    remove,
    served,
    service,
)

NS = {"o": OAI, "vg": "http://www.ivoa.net/xml/VORegistry/v1.0"}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
RESOURCE = "{http://www.ivoa.net/xml/RegistryInterface/v1.0}Resource"
DAY = 86_400
BASE = f"{PUBLIC}/oai/ivoa"
IVOA = IvoaSettings(authority="own.example", managed_authorities=["made.example"])
EMAIL = "registry@example.org"


def cases() -> list[tuple[str, str, str]]:
    """(section, request, outcome) of the data file."""
    text = (Path(__file__).parent / "requests" / "publishing.tsv").read_text("utf-8")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return [(section, request, outcome) for section, request, outcome in lines]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    clock = Clock()
    folder = tmp_path_factory.mktemp("ivoa")
    with served(folder, clock=clock, admin_email=EMAIL, ivoa=IVOA) as (store, application):
        put(
            store,
            {
                "one": dataset("A/one"),
                "gone": dataset("A/gone"),
                "person": dataset("Person/P", kind="Person"),
                "observatory": dataset("Observatory/O", kind="Observatory"),
                "good": service("Good"),
                "was": service("was"),
                "withdrawn": service("withdrawn"),
                "foreign": service("foreign").replace(b"ivo://made.", b"ivo://other."),
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
                "later": dataset("A/ONE"),
            },
        )
        remove(store, "gone")
        # The registry's own records come to be with the first request: 2020-09-23T12:26:40Z.
        clock.now = START + 10 * DAY
        ask(application, "verb=Identify")
        yield application


def ask(app: Flask, query: str, method: str = "GET") -> etree._Element:
    client = app.test_client()
    form = {"data": query, "content_type": "application/x-www-form-urlencoded"}
    response = (
        client.get(f"/oai/ivoa?{query}") if method == "GET" else client.post("/oai/ivoa", **form)
    )
    assert response.status_code == 200
    return etree.fromstring(response.data)


def listed(root: etree._Element) -> list[str]:
    return sorted(
        ("-" if header.get("status") == "deleted" else "") + header.findtext("o:identifier", "", NS)
        for header in root.iter(f"{{{OAI}}}header")
    )


@pytest.mark.parametrize(("section", "query", "outcome"), cases())
def test_request(app: Flask, section: str, query: str, outcome: str) -> None:
    for method in ("GET", "POST"):
        root = ask(app, query, method)
        assert validate_envelope(root) == [], section
        errors = [one.get("code") for one in root.findall("o:error", NS)]
        if ":" in outcome or outcome == "*":
            assert errors == []
            assert listed(root) == sorted(outcome.split()) if outcome != "*" else True
        else:
            assert errors == [outcome]
        request = root.find("o:request", NS)
        assert request is not None
        assert request.text == BASE
        given = dict(parse_qsl(query))
        if outcome in ("badVerb", "badArgument"):
            assert dict(request.attrib) == {}
        else:
            assert dict(request.attrib).items() <= given.items()
        for payload in root.findall(".//o:metadata/*", NS):
            assert_valid(payload)


def assert_valid(payload: etree._Element) -> None:
    """By the schema of its own format."""
    if payload.tag == RESOURCE:
        outcome = judge_element(element(etree.tostring(payload, with_tail=False)))
        assert (outcome.verdict, outcome.note, outcome.findings) == ("valid", "", [])
    else:
        assert validate_payload(payload) == []


def test_there_are_as_many_requests_as_promised() -> None:
    assert len(cases()) > 80


def test_header_and_metadata_name_the_same_record(app: Flask) -> None:
    """RegistryInterfaces 1.1, section 3.1: the OAI identifier is the ivoid."""
    root = ask(app, "verb=ListRecords&metadataPrefix=ivo_vor")
    for record in root.findall("*/o:record", NS):
        payload = record.find("o:metadata/*", NS)
        if payload is not None:
            assert payload.findtext("identifier") == record.findtext(
                "o:header/o:identifier", "", NS
            )


def test_identify_carries_the_registry_and_nothing_else(app: Flask) -> None:
    """RegistryInterfaces 1.1: one description, a valid vg:Registry that can be harvested here."""
    (description,) = ask(app, "verb=Identify").findall("o:Identify/o:description", NS)
    (registry,) = description
    assert_valid(registry)
    assert registry.get(XSI_TYPE) == "vg:Registry"
    assert registry.get("status") == "active"
    assert registry.findtext("full") == "false"
    assert [one.text for one in registry.findall("managedAuthority")] == [
        "own.example",
        "made.example",
    ]
    (harvest,) = [
        one for one in registry.findall("capability") if one.get(XSI_TYPE) == "vg:Harvest"
    ]
    assert harvest.get("standardID") == "ivo://ivoa.net/std/Registry"
    (interface,) = harvest.findall("interface")
    assert dict(interface.attrib) == {XSI_TYPE: "vg:OAIHTTP", "role": "std", "version": "1.0"}
    assert interface.findtext("accessURL") == BASE
    assert {one.get("standardID") for one in registry.findall("capability")} == {
        "ivo://ivoa.net/std/Registry",
        "ivo://ivoa.net/std/VOSI#capabilities",
        "ivo://ivoa.net/std/VOSI#availability",
    }


def test_the_formats_of_items(app: Flask) -> None:
    def prefixes(identifier: str) -> list[str | None]:
        root = ask(app, f"verb=ListMetadataFormats&identifier={identifier}")
        return [one.text for one in root.iter(f"{{{OAI}}}metadataPrefix")]

    assert prefixes("ivo://own.example/registry") == ["ivo_vor", "oai_dc"]
    assert prefixes("spase://Made/A/one") == ["ivo_vor", "oai_dc"]
    assert prefixes("spase://Made/Person/P") == ["oai_dc"]
    assert prefixes("ivo://made.example/bad") == ["oai_dc"]


def test_the_sets_in_headers_are_those_that_bring_the_record(app: Flask) -> None:
    """Section 2.6, for every set of ListSets."""
    named: dict[str, set[str]] = {}
    for header in ask(app, "verb=ListIdentifiers&metadataPrefix=oai_dc").iter(f"{{{OAI}}}header"):
        for spec in header.findall("o:setSpec", NS):
            named.setdefault(spec.text or "", set()).add(header.findtext("o:identifier", "", NS))
    offered = [one.text or "" for one in ask(app, "verb=ListSets").iter(f"{{{OAI}}}setSpec")]
    assert sorted(named) == sorted(offered)
    for spec in offered:
        root = ask(app, f"verb=ListIdentifiers&metadataPrefix=oai_dc&set={spec}")
        assert {one.removeprefix("-") for one in listed(root)} == named[spec]


def test_records_of_ours_have_authorities_that_are_claimed(app: Flask) -> None:
    """What the registry of registries asks: nothing of an authority that Identify leaves out."""
    claimed = {one.text for one in ask(app, "verb=Identify").iter("managedAuthority")}
    root = ask(app, "verb=ListIdentifiers&metadataPrefix=ivo_vor&set=ivo_managed")
    assert {one.removeprefix("-").split("/")[2] for one in listed(root)} == claimed


def test_vosi(app: Flask) -> None:
    client = app.test_client()
    capabilities = etree.fromstring(client.get("/oai/ivoa/capabilities").data)
    assert capabilities.tag == "{http://www.ivoa.net/xml/VOSICapabilities/v1.0}capabilities"
    registry = ask(app, "verb=Identify").find(f".//{RESOURCE}")
    assert registry is not None
    assert [one.get("standardID") for one in capabilities] == [
        one.get("standardID") for one in registry.findall("capability")
    ]
    availability = etree.fromstring(client.get("/oai/ivoa/availability").data)
    name = "{http://www.ivoa.net/xml/VOSIAvailability/v1.0}"
    assert (availability.tag, availability.findtext(f"{name}available")) == (
        f"{name}availability",
        "true",
    )


def test_own_records_move_when_the_settings_do(tmp_path: Path) -> None:
    """Their datestamps are kept; the record of an authority given up stays as a deleted one."""
    clock = Clock()
    headers = "verb=ListIdentifiers&metadataPrefix=ivo_vor"

    def state(ivoa: IvoaSettings) -> dict[str, str]:
        with served(tmp_path, clock=clock, admin_email=EMAIL, ivoa=ivoa) as (_, app):
            root = ask(app, headers)
        assert validate_envelope(root) == []
        return dict(
            zip(
                listed(root),
                [
                    one.findtext("o:datestamp", "", NS)
                    for one in sorted(
                        root.iter(f"{{{OAI}}}header"),
                        key=lambda one: (
                            ("-" if one.get("status") else "")
                            + one.findtext("o:identifier", "", NS)
                        ),
                    )
                ],
                strict=True,
            )
        )

    first, later, last = "2020-09-13T12:26:40Z", "2020-09-14T12:26:40Z", "2020-09-15T12:26:40Z"
    registry, own, other = "ivo://own.example/registry", "ivo://own.example", "ivo://made.example"
    assert state(IVOA) == {own: first, registry: first, other: first}
    clock.now += DAY
    assert state(IVOA) == {own: first, registry: first, other: first}
    alone = IVOA.model_copy(update={"managed_authorities": []})
    assert state(alone) == {f"-{other}": later, own: first, registry: later}
    clock.now += DAY
    assert state(IVOA) == {own: first, registry: last, other: last}


@pytest.mark.parametrize("more", [{}, {"ivoa": IVOA}, {"admin_email": EMAIL}])
def test_a_trial_says_that_it_is_one(tmp_path: Path, more: dict[str, object]) -> None:
    """Without authority or e-mail address it answers, and counts itself out of the VO."""
    with served(tmp_path, **more) as (store, app):
        put(store, {"one": dataset("A/one")})
        registry = ask(app, "verb=Identify").find(f".//{RESOURCE}")
        assert registry is not None
        assert_valid(registry)
        assert registry.get("status") == "inactive"
        said = registry.findtext("content/description") or ""
        assert "cannot publish to the VO" in said
        assert ("ivoa.authority is not set" in said) == ("ivoa" not in more)
        assert ("oai.admin_email is not set" in said) == ("admin_email" not in more)


def test_nothing_of_ours_comes_from_a_peer(tmp_path: Path) -> None:
    """A VOResource record of our own authority that a peer passes on is not offered."""
    with served(tmp_path, admin_email=EMAIL, ivoa=IVOA) as (store, app):
        with store.writing() as writer:
            from registry.store.sources import add_source

            peer = add_source(
                writer.connection, "peer", "oai-pmh", "https://peer.example.org/oai", now=START
            )
        foreign = service("x").replace(b"ivo://made.", b"ivo://other.")
        put(store, {"a": service("taken-back"), "b": foreign, "c": dataset("Far/one")}, peer.id)
        put(store, {"d": service("mine")})
        own = ["ivo://made.example", "ivo://own.example", "ivo://own.example/registry"]
        far, mine = "ivo://own.example/spase/Made/Far/one", "ivo://made.example/mine"
        every = listed(ask(app, "verb=ListIdentifiers&metadataPrefix=ivo_vor"))
        assert every == sorted([*own, far, mine, "ivo://other.example/x"])
        managed = ask(app, "verb=ListIdentifiers&metadataPrefix=ivo_vor&set=ivo_managed")
        assert listed(managed) == sorted([*own, mine])
        error = ask(
            app, "verb=GetRecord&metadataPrefix=ivo_vor&identifier=ivo://made.example/taken-back"
        )
        assert error.find("o:error", NS).get("code") == "idDoesNotExist"  # type: ignore[union-attr]


def headers(app: Flask, query: str) -> dict[str, tuple[bool, str]]:
    """(deleted, datestamp) by identifier, of the records that are not the registry's own."""
    root = ask(app, f"verb=ListIdentifiers&{query}")
    found = {}
    for one in root.iter(f"{{{OAI}}}header"):
        name = one.findtext("o:identifier", "", NS)
        if "/spase/" in name or name.startswith("ivo://made.example/"):
            found[name] = (bool(one.get("status")), one.findtext("o:datestamp", "", NS))
    return found


def test_a_record_of_another_type_leaves_the_format_as_a_deleted_one(tmp_path: Path) -> None:
    """OAI-PMH 2.0, 2.5.1: what is no longer offered in a format is deleted there, for who asks for
    all of it and for who asks for what it was; in the formats that it keeps it is not."""
    clock = Clock()
    name, other = "ivo://own.example/spase/Made/one", "ivo://own.example/spase/Made/two"
    types = "metadataPrefix=ivo_vor&set=spase:type."
    with served(tmp_path, clock=clock, admin_email=EMAIL, ivoa=IVOA) as (store, app):
        put(store, {"one": dataset("one"), "two": dataset("two")})
        clock.now += DAY
        first, later = "2020-09-13T12:26:40Z", "2020-09-14T12:26:40Z"
        put(store, {"one": dataset("one", kind="Person")})
        expected = {name: (True, later), other: (False, first)}
        assert headers(app, "metadataPrefix=ivo_vor") == expected
        assert headers(app, f"{types}NumericalData") == expected
        assert headers(app, "metadataPrefix=ivo_vor&set=ivo_managed") == expected
        assert headers(app, f"{types}Person") == {name: (True, later)}
        assert headers(app, f"{types}DisplayData") == {}
        assert headers(app, "metadataPrefix=oai_dc")[name] == (False, later)
        got = ask(app, f"verb=GetRecord&metadataPrefix=ivo_vor&identifier={name}")
        assert got.find(".//o:header", NS).get("status") == "deleted"  # type: ignore[union-attr]
        assert got.find(".//o:metadata", NS) is None
        # Back again, and into another type that is offered.
        put(store, {"one": dataset("one", kind="DisplayData")})
        assert headers(app, "metadataPrefix=ivo_vor")[name] == (False, later)
        assert headers(app, f"{types}DisplayData") == {name: (False, later)}
        # A type that never was offered is nothing that could be deleted.
        put(store, {"three": dataset("three", kind="Person")})
        assert len(headers(app, "metadataPrefix=ivo_vor")) == 2


def test_membership_of_ivo_managed_moves_datestamps(tmp_path: Path) -> None:
    """A precedence or a managed authority alone puts a record into the set, or out of it."""
    clock, name = Clock(), "ivo://made.example/x"
    managed = "metadataPrefix=ivo_vor&set=ivo_managed"
    with served(tmp_path, clock=clock, admin_email=EMAIL, ivoa=IVOA) as (store, app):
        add_source(store, "peer", "oai-pmh", "https://peer.example.org/oai")
        put(store, {"x": service("x")})
        put(store, {"ivo://x": service("x")}, 2)
        assert headers(app, managed) == {name: (False, "2020-09-13T12:26:40Z")}
        clock.now += DAY
        changed = CliRunner().invoke(
            parhelion, ["--data", str(tmp_path), "source", "set", "peer", "--precedence", "50"]
        )
        assert changed.exit_code == 0, changed.output
    with served(tmp_path, clock=clock, admin_email=EMAIL, ivoa=IVOA) as (store, app):
        assert headers(app, managed) == {}
        with store.reading() as reader:
            record = reader.record(name)
            assert record is not None
            assert record.datestamp > START
            assert record.owner_id == 2


def test_an_authority_that_is_given_up_moves_the_datestamps_of_its_records(tmp_path: Path) -> None:
    clock, name = Clock(), "ivo://made.example/y"
    managed = "metadataPrefix=ivo_vor&set=ivo_managed"
    alone = IVOA.model_copy(update={"managed_authorities": []})
    stamps = []
    for ivoa in (IVOA, IVOA, alone, IVOA):
        with served(tmp_path, clock=clock, admin_email=EMAIL, ivoa=ivoa) as (store, app):
            if not stamps:
                put(store, {"y": service("y")})
            at = headers(app, managed)
            assert set(at) == (set() if ivoa is alone else {name})
            stamps.append(headers(app, "metadataPrefix=ivo_vor")[name][1])
        clock.now += DAY
    assert stamps == [f"2020-09-{day}T12:26:40Z" for day in (13, 13, 15, 16)]
