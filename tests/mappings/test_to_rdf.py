"""Records as RDF: hand-written graphs, the rules of docs/graph.md, and all real records."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import rdflib
from lxml import etree

from mappings import to_rdf as mapping
from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from mappings.rdf_coverage import MOST_VARIABLES
from mappings.rdf_people import authors
from mappings.to_rdf import to_rdf
from registry.model import Access, AccessURL, Licence, Parameter, Place, Record, Relation, Span
from tests.mappings import real_records
from tests.mappings.test_rdf_terms import kept_by_oxigraph
from tests.shared import needs_shared

FOLDER = Path(__file__).parent / "rdf"
PUBLIC = "https://portal.example.org/h/"
DATASET = "spase://A/NumericalData/B"


def graph(lines: list[str]) -> set[tuple[str, ...]]:
    """The triples as text, literals with their spelling: rdflib compares 1.50 and 1.5 as equal."""
    return _triples("".join(f"{line}\n" for line in lines), "nt")


def _triples(text: str, format: str) -> set[tuple[str, ...]]:
    rdflib.NORMALIZE_LITERALS = False
    parsed = rdflib.Graph().parse(data=text, format=format)
    return {tuple(term.n3() for term in triple) for triple in parsed}


def said(record: Record, predicate: str) -> list[str]:
    """The objects that the record or its parts have for a predicate."""
    found = [line.split(" ", 2) for line in to_rdf(record, {})]
    return [rest.removesuffix(" .") for _, p, rest in found if p.endswith(f"{predicate}>")]


@pytest.mark.parametrize("name", ["dataset", "observatory", "person", "catalogue_service"])
def test_a_record_gives_the_graph_written_by_hand(name: str) -> None:
    root = etree.parse(FOLDER / f"{name}.xml").getroot()
    read = from_spase if root.tag.endswith("Spase") else from_voresource
    expected = _triples((FOLDER / f"{name}.ttl").read_text("utf-8"), "turtle")
    given = graph(to_rdf(read(root), {}, PUBLIC))
    assert sorted(given - expected) == []
    assert sorted(expected - given) == []


def test_without_public_url_there_is_no_page() -> None:
    record = Record(DATASET, "spase", "NumericalData")
    assert not [line for line in to_rdf(record, {}) if "landingPage" in line]


def test_an_identifier_that_is_no_iri_gives_nothing() -> None:
    assert to_rdf(Record("no identifier", "spase", "NumericalData", name="x"), {}) == []


def test_what_is_said_twice_is_written_once() -> None:
    record = Record(DATASET, "spase", "NumericalData", keywords=["a", "b", "a"])
    assert said(record, "keyword") == ['"a"', '"b"']


@pytest.mark.parametrize(
    ("style", "predicate"),
    [
        ("HAPI", "accessService"),
        ("TAP", "accessService"),
        ("EPNTAP", "accessService"),
        ("Search", "accessService"),
        ("File", "downloadURL"),
        ("", "accessURL"),
        ("Listing", "accessURL"),
        ("WebService", "accessURL"),
    ],
)
def test_how_an_address_is_reached(style: str, predicate: str) -> None:
    way = Access(urls=[AccessURL("https://a.org/x", style=style)])
    record = Record(DATASET, "spase", "NumericalData", access=[way])
    (line,) = [
        one
        for one in to_rdf(record, {})
        if one.startswith(f"<{DATASET}#access-1> ") and "type>" not in one
    ]
    assert line.split(" ")[1] == f"<http://www.w3.org/ns/dcat#{predicate}>"
    if predicate == "accessService":
        assert said(record, "endpointURL") == ["<https://a.org/x>"]
        assert f"<{DATASET}#service-1>" in line
    else:
        assert "<https://a.org/x>" in line


def test_one_service_of_two_distributions_is_one_node() -> None:
    url = AccessURL("https://a.org/hapi", style="HAPI", product_keys=["one"])
    way = Access(urls=[url, AccessURL("https://a.org/hapi", style="HAPI", product_keys=["two"])])
    record = Record(DATASET, "spase", "NumericalData", access=[way])
    assert said(record, "endpointURL") == ["<https://a.org/hapi>"]
    assert said(record, "productKey") == ['"one"', '"two"']


def test_an_address_that_is_none_is_a_string() -> None:
    way = Access(urls=[AccessURL("ask the team")])
    record = Record(DATASET, "spase", "NumericalData", access=[way])
    assert said(record, "accessURL") == ['"ask the team"']


def test_the_licence_of_the_description_is_not_that_of_the_data() -> None:
    cc0 = Licence(uri="https://spdx.org/licenses/CC0-1.0.html")
    record = Record(DATASET, "spase", "NumericalData", metadata_rights=[cc0])
    record.access.append(
        Access(urls=[AccessURL("https://a.org/")], licences=[Licence(name="Ask us")])
    )
    lines = to_rdf(record, {})
    assert f"<{DATASET}#record> <http://purl.org/dc/terms/license> <{cc0.uri}> ." in lines
    assert f'<{DATASET}#access-1> <http://purl.org/dc/terms/rights> "Ask us" .' in lines
    assert len([line for line in lines if "/license>" in line or "/rights>" in line]) == 2


def test_no_end_is_invented() -> None:
    record = Record(DATASET, "spase", "NumericalData", spans=[Span("2001-01-01", "", "P1D")])
    assert said(record, "endDate") == []
    assert said(record, "relativeEnd") == ['"P1D"^^<http://www.w3.org/2001/XMLSchema#duration>']
    empty = Record(DATASET, "spase", "NumericalData", spans=[Span(note="long ago")])
    assert said(empty, "temporal") == []


@pytest.mark.parametrize(
    ("kind", "predicate"),
    [
        ("PartOf", "dc/terms/isPartOf"),
        ("Supersedes", "dc/terms/replaces"),
        ("SupersededBy", "dc/terms/isReplacedBy"),
        ("DerivedFrom", "prov#wasDerivedFrom"),
        ("RevisionOf", "prov#wasRevisionOf"),
        ("Other", "dc/terms/relation"),
        ("", "dc/terms/relation"),
        ("served-by", "ontology#accessService"),
        ("IsServedBy", "ontology#accessService"),
        ("IsServiceFor", "dcat#servesDataset"),
    ],
)
def test_relations(kind: str, predicate: str) -> None:
    record = Record(DATASET, "spase", "NumericalData", relations=[Relation(kind, "spase://A/C")])
    assert said(record, predicate) == ["<spase://A/C>"]


def test_units_and_quantities_of_support_stand_with_the_variable_alone() -> None:
    time = Parameter("t", units="s", kind="Support", quantity="Temporal", frame="GSM")
    other = Parameter("o", kind="Mixed", quantity="Other", frame="Strange", particles=["Ion"])
    record = Record(DATASET, "spase", "NumericalData", parameters=[time, other])
    own = [line for line in to_rdf(record, {}) if line.startswith(f"<{DATASET}> ")]
    assert not [line for line in own if "observedProperty" in line or "unitText" in line]
    frames = [line.split(" ", 2)[2] for line in own if "referenceFrame" in line]
    assert frames == ["<https://w3id.org/parhelion/frames#GSM> .", '"Strange" .']
    assert said(record, "observedProperty") == [
        "<https://w3id.org/parhelion/spase/SupportQuantity#Temporal>"
    ]
    assert said(record, "particleType") == ["<https://w3id.org/parhelion/spase/ParticleType#Ion>"]


def test_the_columns_of_a_whole_data_centre_are_not_all_taken() -> None:
    many = [Parameter(str(number)) for number in range(MOST_VARIABLES + 1)]
    record = Record(DATASET, "spase", "NumericalData", parameters=many)
    assert said(record, "label")[-1] == f'"{MOST_VARIABLES - 1}"'


def test_an_unknown_type_of_voresource_is_a_string() -> None:
    record = Record("ivo://a/b", "voresource", "CeaApplication")
    assert '<ivo://a/b> <http://purl.org/dc/terms/type> "CeaApplication" .' in to_rdf(record, {})
    assert said(record, "rdf-syntax-ns#type")[0] == "<http://www.w3.org/ns/dcat#Resource>"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Burch, James, L.; Moore, T.", ["Burch, James, L.", "Moore, T."]),
        ("A. Wood; and R.L. Richard", ["A. Wood", "R.L. Richard"]),
        ("Anderson, B.", ["Anderson, B."]),
        (" ; ", []),
    ],
)
def test_authors_are_split_where_they_end(text: str, names: list[str]) -> None:
    assert authors(text) == names


def test_the_fingerprint_changes_with_the_version(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mapping._fingerprint() == mapping.FINGERPRINT
    monkeypatch.setattr(mapping, "VERSION", "another")
    assert mapping._fingerprint() != mapping.FINGERPRINT


# All real records


@cache
def real_spase() -> list[Record]:
    """Every 23rd record of the archives."""
    names = real_records.spase_names()[::23]
    return [real_records.spase(name.removesuffix(".xml")) for _, name in names]


@cache
def real_voresource() -> list[Record]:
    return [from_voresource(root) for root in real_records.voresource_roots()]


@needs_shared
def test_every_subject_is_the_record_or_a_part_reached_by_one_triple() -> None:
    for record in real_spase() + real_voresource():
        lines = to_rdf(record, {}, PUBLIC)
        assert len(set(lines)) == len(lines)
        subject = lines[0].split(" ", 1)[0]
        own = [
            line.split(" ", 2)[2].removesuffix(" .")
            for line in lines
            if line.startswith(f"{subject} ")
        ]
        for part in {line.split(" ", 1)[0] for line in lines} - {subject}:
            assert part.startswith(f"{subject[:-1]}#"), part
            assert own.count(part) == 1, part


@needs_shared
def test_an_engine_takes_every_line_and_keeps_it_as_written(tmp_path: Path) -> None:
    found: dict[str, None] = {}
    for record in real_spase() + real_voresource():
        found.update(dict.fromkeys(to_rdf(record, {}, PUBLIC)))
    lines = [line for line in found if not line.startswith("_:")]
    assert len(lines) == len(found) > 30_000
    assert kept_by_oxigraph(lines, tmp_path) == sorted(lines)


@needs_shared
def test_a_record_has_about_sixty_triples() -> None:
    counts = [len(to_rdf(record, {})) for record in real_spase()]
    assert 20 < sum(counts) / len(counts) <= 100


@needs_shared
def test_the_same_record_gives_the_same_lines() -> None:
    path = "NASA/NumericalData/ACE/MAG/L2/PT16S"
    assert to_rdf(real_records.spase(path), {}) == to_rdf(real_records.spase(path), {})


@needs_shared
def test_the_place_of_a_variable_is_the_records_and_the_variables() -> None:
    """SDO/AIA says of its images, and of nothing else, in which frame they lie."""
    record = real_records.spase("NASA/NumericalData/SDO/AIA/EUV094/PT12S")
    whole = f"<{record.identifier}>"
    place, variable = f"<{record.identifier}#place-1>", f"<{record.identifier}#variable-1>"
    given = graph(to_rdf(record, {}))
    assert {
        (whole, "<http://purl.org/dc/terms/spatial>", place),
        (variable, "<http://purl.org/dc/terms/spatial>", place),
        (
            place,
            "<https://w3id.org/parhelion/ontology#referenceFrame>",
            "<https://w3id.org/parhelion/frames#HPC>",
        ),
    } <= given
    [described] = [o for s, p, o in given if s == place and p.endswith("/description>")]
    assert "Pixel Resolution: 0.6 arcsec" in described


@needs_shared
def test_a_place_may_have_nothing_but_its_frame() -> None:
    record = real_records.spase("NASA/DisplayData/STEREO-A/SECCHI/Cor1/CarringtonMaps")
    place = f"<{record.identifier}#place-1>"
    assert {(p, o) for s, p, o in graph(to_rdf(record, {})) if s == place} == {
        (
            "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>",
            "<http://purl.org/dc/terms/Location>",
        ),
        (
            "<https://w3id.org/parhelion/ontology#referenceFrame>",
            "<https://w3id.org/parhelion/frames#Carrington>",
        ),
    }


def test_places_of_variables_are_counted_behind_the_records_own() -> None:
    record = Record(DATASET, "spase", "NumericalData", places=[Place(latitude="1"), Place()])
    record.parameters = [
        Parameter(name="a", place=Place(frame="GEO")),
        Parameter(name="b", place=Place()),
        Parameter(name="c", place=Place(north="2")),
    ]
    links = [line for line in to_rdf(record, {}) if "/spatial>" in line]
    from_ = [line.split(" ")[0].partition("#")[2] for line in links]
    assert from_ == ["", "", "variable-1>", "", "variable-3>"]
    assert [line.split("#place-")[1][0] for line in links] == ["1", "3", "3", "5", "5"]
