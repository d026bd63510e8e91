"""Dumps: the same triples as N-Quads and as Turtle, read back by rdflib."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from lxml import etree

from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from mappings.rdf_dump import deleted, prefixes, quads, turtle
from mappings.to_rdf import to_rdf
from tests.mappings.test_to_rdf import _triples, graph

EXAMPLES = Path(__file__).parents[2] / "examples"


def records() -> list[list[str]]:
    found = []
    for path in sorted(EXAMPLES.rglob("*.xml")):
        root = etree.parse(path).getroot()
        read = from_spase if root.tag.endswith("Spase") else from_voresource
        found.append(to_rdf(read(root), {}, "https://portal.example.org"))
    return found


def test_turtle_says_what_the_triples_say() -> None:
    every = records()
    text = prefixes() + "".join(turtle(lines) for lines in every)
    assert _triples(text, "turtle") == graph([line for lines in every for line in lines])
    assert "a dcat:Dataset ;" in text
    assert "spase-Region:Earth.Magnetosphere" in text
    assert '"^^xsd:dateTime' in text


@pytest.mark.parametrize(
    "line",
    [
        '<x:a> <http://www.w3.org/ns/dcat#keyword> "ends \\"^^<http://purl.org/dc/terms/x>" .',
        '<x:a> <http://purl.org/dc/terms/title> "a \\\\ b \\n c"@en-GB .',
        "<x:a> <http://purl.org/dc/terms/relation> <https://w3id.org/parhelion/frames#A.B.> .",
        "<x:a> <http://purl.org/dc/terms/relation> <https://w3id.org/parhelion/frames#1/2(3)> .",
        "<x:a> <http://purl.org/dc/terms/relation> <https://w3id.org/parhelion/frames#> .",
    ],
)
def test_what_is_hard_to_write_is_read_back(line: str) -> None:
    assert _triples(prefixes() + turtle([line]), "turtle") == graph([line])


def test_quads_stand_in_the_graph_of_their_record() -> None:
    lines = records()[0]
    iri = lines[0].partition(" ")[0][1:-1]
    dataset = rdflib.Dataset()
    dataset.parse(data=quads(lines, iri), format="nquads")
    held = dataset.graph(rdflib.URIRef(iri))
    assert {tuple(term.n3() for term in triple) for triple in held} == graph(lines)


def test_a_deleted_record_is_its_status() -> None:
    (line,) = deleted("spase://A/B")
    assert line.endswith("/parhelion/status#deleted> .")
    assert deleted("no identifier") == []
