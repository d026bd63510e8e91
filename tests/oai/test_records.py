"""What stands in a record: the source as it came, Dublin Core, headers, deletions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from registry.oai.xml import embedded
from registry.store.dois import choose_doi, note_doi
from schemas.documents import element, parts
from schemas.oai_pmh.envelope import OAI, validate_envelope, validate_payload
from schemas.parsing import parse
from tests.oai.registries import (
    PUBLIC,
    SPOILT,
    Clock,
    dataset,
    examples,
    get,
    put,
    remove,
    served,
    service,
)

NS = {"o": OAI, "dc": "http://purl.org/dc/elements/1.1/"}

SOURCES = {
    "a prefix that only a value uses": service("x"),
    "another default namespace": dataset("x"),
    "no namespace at all": b'<Resource><identifier a="1&#10;2">ivo://a/b</identifier></Resource>',
    "an envelope's prefix bound to something else": (
        b'<xsi:Resource xmlns:xsi="http://www.ivoa.net/xml/RegistryInterface/v1.0" '
        b'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="xsi:Resource">'
        b"<identifier>ivo://a/b</identifier></xsi:Resource>"
    ),
    "the envelope's own namespace as its default": (
        b'<a:Resource xmlns:a="urn:a" xmlns="http://www.openarchives.org/OAI/2.0/">'
        b"<record/><b xmlns=''/></a:Resource>"
    ),
    "references, CDATA, comments, instructions": (
        "<?xml version='1.0' encoding='ISO-8859-1'?><!-- c --><?p i?><r>é &lt;&amp;&#13;"
        "<![CDATA[<x>&]]><!-- c --><?p i?></r><!-- after -->"
    ).encode("latin-1"),
    "a byte order mark": "\ufeff<r>ü</r>".encode(),
    "UTF-16": "<?xml version='1.0' encoding='UTF-16'?><r>ü</r>".encode("utf-16"),
}


def canonical(root: etree._Element) -> bytes:
    """C14N 1.0 of the element standing alone, with every namespace declaration of its own."""
    return etree.tostring(root, method="c14n", exclusive=False)


@pytest.mark.parametrize("name", SOURCES)
def test_embedding_keeps_the_record(name: str) -> None:
    """Exclusive C14N leaves the envelope's declarations out; prefixes of values are checked too."""
    source = parse(SOURCES[name]).getroot()
    inside = etree.fromstring(
        f'<e xmlns="{OAI}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"{embedded(element(SOURCES[name]))}</e>"
    )[0]
    assert etree.tostring(inside, method="c14n", exclusive=True) == etree.tostring(
        source, method="c14n", exclusive=True
    )
    assert source.nsmap.items() <= inside.nsmap.items()
    # The same by the whole declarations: of the envelope's only xsi may have come.
    alone = canonical(etree.fromstring(embedded(element(SOURCES[name]))))
    assert alone == canonical(etree.fromstring(etree.tostring(source)))


@pytest.fixture(scope="module")
def harvested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, etree._Element]]:
    """The examples as they come out in `spase` and `ivo_vor`: identifier → root."""
    with served(tmp_path_factory.mktemp("oai"), page_size=1000) as (store, app):
        put(store, examples())
        found = {}
        for prefix in ("spase", "ivo_vor"):
            content = get(app, verb="ListRecords", metadataPrefix=prefix)
            for part in parts(content):
                assert part.header is not None
                found[part.header.identifier] = part.element
        yield found


def test_examples_come_out_as_they_went_in(harvested: dict[str, etree._Element]) -> None:
    sources = {}
    for content in examples().values():
        root = parse(content).getroot()
        resource_id = root.find(".//{*}ResourceID")
        if resource_id is None:
            resource_id = root.find("identifier")
        assert resource_id is not None
        sources[str(resource_id.text).strip()] = root
    wanted = {name.lower() if name.startswith("ivo:") else name for name in sources}
    assert set(harvested) == wanted
    for name, root in sources.items():
        out = harvested[name.lower() if name.startswith("ivo:") else name]
        assert etree.tostring(out, method="c14n", exclusive=True) == etree.tostring(
            root, method="c14n", exclusive=True
        )
        assert root.nsmap.items() <= out.nsmap.items()


def test_dublin_core_names_doi_and_page(tmp_path: Path) -> None:
    doi = (
        b"</ResourceName><DOI>https://doi.org/10.48322/ABC</DOI>",
        b"</ResourceName>",
    )
    own = dataset("own").replace(doi[1], doi[0])
    with served(tmp_path) as (store, app):
        put(store, {"own": own, "ours": dataset("ours")})
        with store.writing() as writer:
            record = writer.record("spase://Made/ours")
            assert record is not None
            choose_doi(writer.connection, record.id, "10.5072/made-1", now=writer.now)
        before = get(app, verb="GetRecord", metadataPrefix="oai_dc", identifier="spase://Made/ours")
        assert b"10.5072" not in before
        with store.writing() as writer:
            note_doi(writer.connection, record.id, state="findable", now=writer.now)
            writer.touch_doi(record.id)
        for name, expected in (("own", "10.48322/abc"), ("ours", "10.5072/made-1")):
            identifier = f"spase://Made/{name}"
            root = etree.fromstring(
                get(app, verb="GetRecord", metadataPrefix="oai_dc", identifier=identifier)
            )
            assert validate_envelope(root) == []
            payload = root.find("*/o:record/o:metadata/*", NS)
            assert payload is not None
            assert validate_payload(payload) == []
            said = [one.text for one in payload.findall("dc:identifier", NS)]
            assert identifier in said
            assert f"https://doi.org/{expected}" in said
            assert f"{PUBLIC}/records/spase/Made/{name}" in said


def test_what_is_quoted_from_a_neighbour_moves_the_datestamp(tmp_path: Path) -> None:
    """STANDARDS of the house: a datestamp moves when anything disseminated moves."""
    clock = Clock()
    person = dataset("Person/P", kind="Person").replace(
        b"</ResourceHeader>", b"</ResourceHeader><PersonName>%s</PersonName>"
    )
    named = dataset("data").replace(
        b"</ResourceHeader>",
        b"<Contact><PersonID>spase://Made/Person/P</PersonID>"
        b"<Role>PrincipalInvestigator</Role></Contact></ResourceHeader>",
    )
    with served(tmp_path, clock=clock) as (store, app):
        put(store, {"p": person.replace(b"%s", b"Ada First"), "d": named})
        asked = {
            "verb": "GetRecord",
            "metadataPrefix": "oai_dc",
            "identifier": "spase://Made/data",
        }
        first = etree.fromstring(get(app, **asked))
        clock.now += 100
        put(store, {"p": person.replace(b"%s", b"Ada Second")})
        second = etree.fromstring(get(app, **asked))
        for root, name, stamp in (
            (first, "First, Ada", "2020-09-13T12:26:40Z"),
            (second, "Second, Ada", "2020-09-13T12:28:20Z"),
        ):
            assert root.findtext(".//dc:creator", namespaces=NS) == name
            assert root.findtext(".//o:datestamp", namespaces=NS) == stamp


def test_what_stops_being_valid_is_deleted_in_ivo_vor_only(tmp_path: Path) -> None:
    def state(app: object, prefix: str) -> str:
        content = get(
            app,  # type: ignore[arg-type]
            verb="ListRecords",
            metadataPrefix=prefix,
        )
        root = etree.fromstring(content)
        assert validate_envelope(root) == []
        errors = [str(one.get("code")) for one in root.findall("o:error", NS)]
        heads = [one.get("status", "current") for one in root.iter(f"{{{OAI}}}header")]
        return ",".join(errors + [str(one) for one in heads])

    with served(tmp_path) as (store, app):
        put(store, {"a": service("a", extra=SPOILT)})
        assert state(app, "ivo_vor") == "noRecordsMatch"
        assert state(app, "oai_dc") == "current"
        put(store, {"a": service("a")})
        assert state(app, "ivo_vor") == "current"
        put(store, {"a": service("a", extra=SPOILT)})
        assert state(app, "ivo_vor") == "deleted"
        assert state(app, "oai_dc") == "current"
        put(store, {"a": service("a", short="again")})
        assert state(app, "ivo_vor") == "current"
        remove(store, "a")
        assert state(app, "ivo_vor") == state(app, "oai_dc") == "deleted"


def test_odd_authorities_and_kinds_make_legal_sets(tmp_path: Path) -> None:
    """Section 2.6: setSpec has letters, digits and -_.!~*'() only, and ':' between levels."""
    with served(tmp_path) as (store, app):
        odd = dataset("x").replace(b"spase://Made/x", "spase://Mäde+~:8/x".encode())
        put(store, {"odd": odd})
        root = etree.fromstring(get(app, verb="ListIdentifiers", metadataPrefix="spase"))
        assert validate_envelope(root) == []
        specs = [str(one.text) for one in root.iter(f"{{{OAI}}}setSpec")]
        assert len(specs) == 3
        for spec in specs:
            found = get(app, verb="ListIdentifiers", metadataPrefix="spase", set=spec)
            assert b"<identifier>" in found, spec
