"""SPASE's lists, our own terms, and all vocabularies as the graph gets them."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from schemas.spase import tables
from vocabularies import catalogue, graph, namespaces, spase, turtle, voresource


@pytest.fixture(scope="module")
def everything() -> rdflib.Graph:
    return rdflib.Graph().parse(data="\n".join(graph.graph_lines()) + "\n", format="nt")


@pytest.mark.parametrize(
    ("name", "value", "iri"),
    [
        ("Region", "Earth.Magnetosphere", "https://w3id.org/parhelion/spase/Region#Earth.Magnetosphere"),
        ("MeasurementType", "MagneticField", "https://w3id.org/parhelion/spase/MeasurementType#MagneticField"),
        ("SpectralRange", "HardXrays", "https://w3id.org/parhelion/spase/SpectralRange#HardXrays"),
        ("MeasurementType", "Magnetic Search Coil", None),
        ("NoSuchList", "Earth", None),
    ],
)  # fmt: skip
def test_a_value_of_a_list_is_a_concept(name: str, value: str, iri: str | None) -> None:
    assert spase.concept(name, value) == iri


@pytest.mark.parametrize("version", tables.VERSIONS)
def test_every_value_of_every_version_is_a_concept(version: str) -> None:
    for name in ("Region", "MeasurementType", "InstrumentType", "Role", "Format", "WaveQuantity"):
        for value in tables.members(name, version):
            assert spase.concept(name, value)


@pytest.mark.parametrize(
    ("value", "above"),
    [
        ("Earth.Magnetosphere.Magnetotail", "Earth.Magnetosphere"),
        ("Earth.Magnetosphere", "Earth"),
        ("Earth", None),
        ("Heliosphere.NearEarth", "Heliosphere"),
    ],
)
def test_dots_are_the_hierarchy(everything: rdflib.Graph, value: str, above: str | None) -> None:
    base = "https://w3id.org/parhelion/spase/Region"
    found = set(everything.objects(rdflib.URIRef(f"{base}#{value}"), SKOS.broader))
    assert found == ({rdflib.URIRef(f"{base}#{above}")} if above else set())
    top = (rdflib.URIRef(f"{base}#{value}"), SKOS.topConceptOf, rdflib.URIRef(base)) in everything
    assert top == (above is None)


def test_a_step_that_is_no_value_is_passed_over() -> None:
    assert spase.broader("A.B.C", frozenset({"A", "A.B.C"})) == "A"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("Earth.NearSurface.AuroralRegion", "Earth, Near Surface, Auroral Region"),
        ("ACElectricField", "AC Electric Field"),
        ("HardXRays", "Hard X Rays"),
        ("S3_BUCKET", "S3 BUCKET"),
    ],
)
def test_labels_are_words(value: str, label: str) -> None:
    assert spase.label(value) == label


def test_every_concept_of_every_scheme_is_whole(everything: rdflib.Graph) -> None:
    schemes = set(everything.subjects(RDF.type, SKOS.ConceptScheme))
    assert len(schemes) > 40
    for concept in everything.subjects(RDF.type, SKOS.Concept):
        assert len(list(everything.objects(concept, SKOS.prefLabel))) == 1, concept
        (scheme,) = everything.objects(concept, SKOS.inScheme)
        assert scheme in schemes
        for above in everything.objects(concept, SKOS.broader):
            assert (above, SKOS.inScheme, scheme) in everything
            assert concept not in set(everything.transitive_objects(above, SKOS.broader))
        # SKOS S9: a scheme is no concept
        assert concept not in schemes


def test_there_are_no_blank_nodes_and_every_line_is_one_triple(everything: rdflib.Graph) -> None:
    lines = graph.graph_lines()
    assert len(set(lines)) == len(lines) == len(everything)
    assert not [t for t in everything for term in t if isinstance(term, rdflib.BNode)]
    assert lines == sorted(lines)


def test_our_terms_are_those_that_the_mapping_uses(everything: rdflib.Graph) -> None:
    used = {"noMatchIn", "matchNote"}
    for file in catalogue.FILES:
        used.update(re.findall(r"^    ph:(\w+) ", turtle.text(file), re.MULTILINE))
    used |= {"spaseVersions", "ucdFlag"}
    for module in files("mappings").iterdir():
        if module.name.startswith(("rdf_", "to_rdf")):
            used.update(re.findall(r'"ph:(\w+)"', module.read_text("utf-8")))
    kinds = (RDF.Property, OWL.DatatypeProperty, OWL.AnnotationProperty)
    defined = {s for kind in kinds for s in everything.subjects(RDF.type, kind)}
    assert defined == {rdflib.URIRef(namespaces.ONTOLOGY + name) for name in used}
    for term in defined:
        assert (term, RDFS.label, None) in everything
        assert (term, RDFS.comment, None) in everything


def test_every_status_of_the_model_is_a_concept(everything: rdflib.Graph) -> None:
    for status in ("inactive", "deprecated", "withdrawn", "unavailable", "deleted"):
        concept = rdflib.URIRef(namespaces.STATUS + status)
        assert (concept, RDF.type, SKOS.Concept) in everything


def test_words_of_voresource() -> None:
    base = "https://w3id.org/parhelion/voresource/ResourceType#"
    assert voresource.record_type("CatalogService") == base + "CatalogService"
    assert voresource.record_type("CeaApplication") is None
    assert voresource.waveband("X-ray") == "http://www.ivoa.net/rdf/messenger#X-ray"
    assert voresource.waveband("XRays") is None
    catalog = "http://www.ivoa.net/rdf/voresource/content_type#Catalog"
    assert voresource.content_type("Catalog") == catalog
    assert voresource.content_type("catalog") is None


def test_the_fingerprint_is_that_of_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    before = graph.fingerprint()
    assert graph.fingerprint() == before
    monkeypatch.setattr(catalogue, "FILES", catalogue.FILES[1:])
    assert graph.fingerprint() != before
