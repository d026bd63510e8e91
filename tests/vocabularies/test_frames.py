"""The schemes of frames and representations: sound as SKOS, complete, and true to IVOA's terms."""

from __future__ import annotations

import csv
import re
import zipfile
from itertools import product

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from schemas.spase import tables
from tests.shared import needs_shared, shared
from vocabularies import frames, graph, namespaces, turtle

PH = rdflib.Namespace(namespaces.ONTOLOGY)
FRAMES = rdflib.Namespace(namespaces.FRAMES)
REFFRAME = rdflib.Namespace(namespaces.IVOA_REFFRAME)
IVOASEM = rdflib.Namespace("http://www.ivoa.net/rdf/ivoasem#")
SCHEME = rdflib.URIRef(namespaces.FRAMES.rstrip("#"))
MATCHES = (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch)


def parsed(file: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=turtle.text(file), format="turtle")


@pytest.fixture(scope="module")
def scheme() -> rdflib.Graph:
    return parsed("reference_frames.ttl")


@pytest.fixture(scope="module")
def everything() -> rdflib.Graph:
    return rdflib.Graph().parse(data="\n".join(graph.graph_lines()) + "\n", format="nt")


def named(scheme: rdflib.Graph) -> dict[str, rdflib.term.Node]:
    """The concepts with a SPASE name, by it."""
    return {
        str(notation): concept
        for concept, notation in scheme.subject_objects(SKOS.notation)
        if notation.datatype == PH.spaseName
    }


def ancestors(scheme: rdflib.Graph, concept: rdflib.term.Node) -> set[rdflib.term.Node]:
    return set(scheme.transitive_objects(concept, SKOS.broader)) - {concept}


def test_the_quick_reading_agrees_with_a_parser(scheme: rdflib.Graph) -> None:
    assert frames.by_name() == {name: str(iri) for name, iri in named(scheme).items()}
    representations = parsed("coordinate_representations.ttl")
    assert frames.representations() == {n: str(i) for n, i in named(representations).items()}
    terms = set(parsed("ivoa_refframe.ttl").subjects(RDF.type, RDFS.Class))
    assert set(frames.ivoa_terms().values()) == {str(term) for term in terms}


def test_a_name_that_is_none_has_no_concept() -> None:
    assert frames.concept("GSE") == "https://w3id.org/parhelion/frames#GSE"
    assert frames.concept("gse") is None
    assert frames.concept("") is None
    assert frames.concept("Cartesian") is None
    assert (
        frames.representation("Cartesian") == "https://w3id.org/parhelion/representations#Cartesian"
    )
    assert frames.ivoa_term("ICRS") == "http://www.ivoa.net/rdf/refframe#ICRS"


@pytest.mark.parametrize("version", tables.VERSIONS)
def test_every_name_of_every_version_has_its_concept(version: str) -> None:
    names = tables.members("CoordinateSystemName", version)
    assert names
    assert not [name for name in names if frames.concept(name) is None]
    assert all(map(frames.representation, tables.members("CoordinateRepresentation", version)))


@needs_shared
def test_every_name_of_the_published_schemas_has_its_concept() -> None:
    found = set()
    for schema in shared("spase", "xsd").glob("*.xsd"):
        for kind in re.findall(
            r'<xsd:simpleType name="(?:enum)?CoordinateSystemName">.*?</xsd:simpleType>',
            schema.read_text("utf-8"),
            re.DOTALL,
        ):
            found.update(re.findall(r'<xsd:enumeration value="([^"]+)"', kind))
    assert len(found) > 45
    assert not [name for name in found if frames.concept(name) is None]


@needs_shared
def test_every_name_in_the_real_records_has_its_concept() -> None:
    found = set()
    for archive in ("NASA", "SMWG", "CNES"):
        with zipfile.ZipFile(shared("spase", f"{archive}.zip")) as records:
            for name in records.namelist():
                text = records.read(name)
                found.update(re.findall(rb"<CoordinateSystemName>\s*([^<]*?)\s*</", text))
    assert len(found) > 30
    assert not [name for name in found if frames.concept(name.decode()) is None]


def test_every_concept_is_described(scheme: rdflib.Graph) -> None:
    for concept in scheme.subjects(RDF.type, SKOS.Concept):
        assert len(set(scheme.objects(concept, SKOS.prefLabel))) == 1, concept
        assert len(set(scheme.objects(concept, SKOS.definition))) == 1, concept
        assert (concept, SKOS.inScheme, SCHEME) in scheme
        top = (concept, SKOS.topConceptOf, SCHEME) in scheme
        assert top != bool(set(scheme.objects(concept, SKOS.broader))), concept
    for name, concept in named(scheme).items():
        assert str(concept) == namespaces.FRAMES + name
        sources = set(scheme.objects(concept, rdflib.DCTERMS.source))
        assert sources, concept
        assert all(
            (source, rdflib.DCTERMS.bibliographicCitation, None) in scheme for source in sources
        )


def test_labels_and_notations_name_one_concept_each(scheme: rdflib.Graph) -> None:
    labels = [str(label) for _, label in scheme.subject_objects(SKOS.prefLabel)]
    assert len(labels) == len(set(labels))
    notations = [notation for _, notation in scheme.subject_objects(SKOS.notation)]
    assert len(notations) == len(set(notations))
    for concept, label in scheme.subject_objects(SKOS.altLabel):
        assert (concept, SKOS.prefLabel, label) not in scheme  # SKOS S13


def test_the_hierarchy_has_no_loops_and_stays_in_the_scheme(scheme: rdflib.Graph) -> None:
    for concept in scheme.subjects(RDF.type, SKOS.Concept):
        above = set(scheme.objects(concept, SKOS.broader))
        for one in above:
            assert (one, RDF.type, SKOS.Concept) in scheme
            assert concept not in ancestors(scheme, one) | {one}, concept


def test_matches_are_disjoint(scheme: rdflib.Graph) -> None:
    """SKOS S46 (exact with broad), S27 (related with broader), and our rule: one match a pair."""
    exact = rdflib.Graph()
    for a, b in scheme.subject_objects(SKOS.exactMatch):
        exact.add((a, SKOS.exactMatch, b))
        exact.add((b, SKOS.exactMatch, a))
    for concept in set(scheme.subjects()):
        same = set(exact.transitive_objects(concept, SKOS.exactMatch)) - {concept}
        for other in same:
            assert other not in ancestors(scheme, concept)
            assert (concept, SKOS.broadMatch, other) not in scheme
            assert (concept, SKOS.closeMatch, other) not in scheme
        for first, second in product(MATCHES, MATCHES):
            if first != second:
                both = set(scheme.objects(concept, first)) & set(scheme.objects(concept, second))
                assert not both, concept


def test_bridges_lead_to_living_terms_of_ivoa_and_say_why(scheme: rdflib.Graph) -> None:
    ivoa = parsed("ivoa_refframe.ttl")
    bridged = 0
    for concept in named(scheme).values():
        targets = {t for match in MATCHES for t in scheme.objects(concept, match)}
        outside = {t for t in targets if str(t).startswith(namespaces.IVOA_REFFRAME)}
        assert all(str(t).startswith(namespaces.FRAMES) for t in targets - outside)
        for target in outside:
            assert (target, RDF.type, RDFS.Class) in ivoa, target
            assert (target, OWL.deprecated, None) not in ivoa, target
            assert target != REFFRAME.UNKNOWN
        none = (concept, PH.noMatchIn, rdflib.URIRef("http://www.ivoa.net/rdf/refframe")) in scheme
        assert none != bool(outside), concept
        assert (concept, PH.matchNote, None) in scheme, concept
        bridged += bool(outside)
    assert bridged >= 8


def test_no_frame_is_exactly_one_of_ivoa(scheme: rdflib.Graph) -> None:
    """exactMatch is transitive; GEI is of date or unstated, J2000 is within 0.02" of ICRS only."""
    for concept in (FRAMES.GEI, FRAMES.J2000, FRAMES.HAE, FRAMES.SE, FRAMES.GEO):
        same = set(scheme.transitive_objects(concept, SKOS.exactMatch))
        assert not [one for one in same if str(one).startswith(namespaces.IVOA_REFFRAME)]
    gei = {t for match in MATCHES for t in scheme.objects(FRAMES.GEI, match)}
    assert gei == {REFFRAME.EQUATORIAL}


def test_nothing_is_said_about_the_terms_of_ivoa(everything: rdflib.Graph) -> None:
    for subject, predicate, _ in everything:
        if str(subject).startswith(namespaces.IVOA_REFFRAME):
            assert predicate in (
                RDF.type, RDFS.label, RDFS.subClassOf, RDFS.isDefinedBy, OWL.deprecated,
                IVOASEM.useInstead,
            )  # fmt: skip


@needs_shared
def test_the_terms_of_ivoa_are_those_published() -> None:
    ivoa = parsed("ivoa_refframe.ttl")
    published, above = set(), ""
    text = shared("ivoa", "vocabularies", "refframe", "terms.csv").read_text("utf-8")
    for row in csv.reader(text.splitlines(), delimiter=";"):
        term, level, label, _, relations = [*row, "", ""][:5]
        published.add(REFFRAME[term])
        above = term if level == "1" else above
        assert list(ivoa.objects(REFFRAME[term], RDFS.label)) == [rdflib.Literal(label, "en")]
        parents = [REFFRAME[above]] if level == "2" else []
        assert list(ivoa.objects(REFFRAME[term], RDFS.subClassOf)) == parents
        deprecated = ("ivoasem:deprecated" in relations) == (
            (REFFRAME[term], OWL.deprecated, rdflib.Literal(True)) in ivoa
        )
        assert deprecated, term
        instead = re.findall(r"useInstead\((\w+)\)", relations)
        assert list(ivoa.objects(REFFRAME[term], IVOASEM.useInstead)) == [
            REFFRAME[i] for i in instead
        ]
    assert published == set(ivoa.subjects(RDF.type, RDFS.Class))
