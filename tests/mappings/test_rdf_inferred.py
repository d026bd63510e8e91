"""What is inferred from the vocabularies, held against property paths over what they state."""

from __future__ import annotations

from functools import cache

import pytest
import rdflib
from rdflib.namespace import SKOS

from mappings.rdf_inferred import inferred
from vocabularies import namespaces
from vocabularies.graph import graph_lines

PH = rdflib.Namespace(namespaces.ONTOLOGY)
REGION = f"{namespaces.SPASE}Region#"
IVOASEM = "http://www.ivoa.net/rdf/ivoasem#"
DOWN = (
    "(^skos:broader|^rdfs:subClassOf|^skos:broadMatch|skos:narrowMatch|skos:exactMatch"
    "|^skos:exactMatch|ivoasem:useInstead|^ivoasem:useInstead)*"
)
CLOSE = "(skos:closeMatch|^skos:closeMatch)"


def graph(lines: list[str]) -> rdflib.Graph:
    return rdflib.Graph().parse(data="\n".join(lines) + "\n", format="nt")


@cache
def stated() -> rdflib.Graph:
    return graph(graph_lines())


@cache
def derived() -> rdflib.Graph:
    return graph(inferred(graph_lines()))


def finds(term: str) -> set[str]:
    return {str(one) for one in derived().objects(rdflib.URIRef(term), PH.finds)}


def test_the_issues_three_questions() -> None:
    assert f"{REGION}Earth.Magnetosphere.Magnetotail" in finds(f"{REGION}Earth.Magnetosphere")
    assert f"{REGION}Earth.Magnetosphere" in finds(f"{REGION}Earth")
    assert f"{REGION}Earth" not in finds(f"{REGION}Earth.Magnetosphere")
    assert namespaces.IVOA_REFFRAME + "ICRS" in finds(namespaces.FRAMES + "J2000")
    assert namespaces.FRAMES + "GEI" in finds(namespaces.IVOA_REFFRAME + "EQUATORIAL")
    assert namespaces.IVOA_REFFRAME + "EQUATORIAL" not in finds(namespaces.FRAMES + "GEI")


@pytest.mark.parametrize(
    "term",
    [
        namespaces.IVOA_REFFRAME + "EQUATORIAL",
        namespaces.IVOA_REFFRAME + "ICRS",
        namespaces.FRAMES + "HEEQ",
        namespaces.FRAMES + "J2000",
        REGION + "Earth",
        REGION + "Heliosphere",
        namespaces.SPASE + "SpectralRange#Ultraviolet",
        "http://www.ivoa.net/rdf/messenger#Photon",
    ],
)
def test_a_path_over_what_is_stated_finds_the_same(term: str) -> None:
    text = (
        f"SELECT DISTINCT ?x {{ {{ <{term}> {DOWN} ?x }} UNION "
        f"{{ <{term}> {DOWN}/{CLOSE}/{DOWN} ?x }} }}"
    )
    names = {"skos": SKOS, "rdfs": rdflib.RDFS, "ivoasem": IVOASEM}
    assert finds(term) == {str(row[0]) for row in stated().query(text, initNs=names)}


def test_every_concept_finds_itself() -> None:
    concepts = set(stated().subjects(rdflib.RDF.type, SKOS.Concept))
    assert len(concepts) > 500
    assert all((one, PH.finds, one) in derived() for one in concepts)


def test_the_hierarchy_is_whole_in_both_directions_and_without_the_term_itself() -> None:
    wanted = {
        (lower, upper)
        for lower, upper in stated().query(
            "SELECT DISTINCT ?a ?b { ?a skos:broader+ ?b }", initNs={"skos": SKOS}
        )
    }
    assert set(derived().subject_objects(SKOS.broaderTransitive)) == wanted
    assert {(b, a) for a, b in derived().subject_objects(SKOS.narrowerTransitive)} == wanted
    assert len(wanted) > 100


def test_a_loop_ends() -> None:
    broader = f"<{SKOS.broader}>"
    found = inferred([f"<x:a> {broader} <x:b> .", f"<x:b> {broader} <x:a> ."])
    assert f"<x:a> <{SKOS.broaderTransitive}> <x:b> ." in found
    assert f"<x:b> <{SKOS.broaderTransitive}> <x:a> ." in found
    assert f"<x:a> <{SKOS.broaderTransitive}> <x:a> ." not in found


def test_only_what_is_said_to_be_inferred_is() -> None:
    rules = {PH.finds, SKOS.broaderTransitive, SKOS.narrowerTransitive}
    assert set(derived().predicates()) == rules
    assert not rules & set(stated().predicates())
