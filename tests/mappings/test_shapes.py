"""The graph against its SHACL shapes, by pySHACL: valid records conform, faults are seen."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import rdflib
from lxml import etree
from rdflib.namespace import SH

from benchmarks import shapes as check
from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from mappings.to_rdf import to_rdf
from registry.model import Record
from tests.mappings.test_to_rdf import FOLDER
from tests.shared import needs_shared

EVERY = 60
EXAMPLES = Path(__file__).parents[2] / "examples"


@cache
def shacl() -> rdflib.Graph:
    return check.shapes()


def read(path: Path) -> Record:
    root = etree.parse(path).getroot()
    return from_spase(root) if root.tag.endswith("Spase") else from_voresource(root)


@cache
def dataset() -> list[str]:
    path = EXAMPLES / "spase" / "PARHELION" / "NumericalData" / "ACE" / "MAG" / "PT16S.xml"
    return to_rdf(read(path), {}, "https://portal.example.org")


@needs_shared
def test_valid_real_records_conform() -> None:
    count = 0
    for lines in check.batches(check.valid_records(EVERY)):
        count += 1
        assert check.conforms(lines, shacl()) == []
    assert count >= 3  # hundreds of records


def test_the_examples_conform() -> None:
    records = (to_rdf(read(path), {}) for path in sorted(EXAMPLES.rglob("*.xml")))
    for lines in check.batches(records):
        assert check.conforms(lines, shacl()) == []


def test_spase_and_voresource_are_held_to_the_same_shapes() -> None:
    text = shacl().serialize(format="nt")
    assert "spase" not in text.replace("what SPASE calls", "").lower()
    service = to_rdf(read(FOLDER / "catalogue_service.xml"), {})
    for lines in (dataset(), service):
        graph = rdflib.Graph().parse(data="\n".join(lines) + "\n", format="nt")
        assert list(graph.subjects(rdflib.RDF.type, rdflib.DCAT.Dataset))
        untitled = [line for line in lines if "/dc/terms/title>" not in line]
        assert any(
            "minCount" in one or "Less than" in one for one in check.conforms(untitled, shacl())
        )


PH = "https://w3id.org/parhelion/ontology#"


@pytest.mark.parametrize(
    "wrong",
    [
        '<http://purl.org/dc/terms/title> "a second title"',
        f'<{PH}measurementType> "no word of the list"',
        '<http://www.w3.org/ns/dcat#temporalResolution> "a minute"',
        "<http://www.w3.org/ns/dcat#distribution> <spase://Example/Elsewhere>",
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://x.example/Strange>",
    ],
)
def test_what_is_wrong_with_a_record_is_seen(wrong: str) -> None:
    subject = dataset()[0].partition(" ")[0]
    assert check.conforms(dataset(), shacl()) == []
    assert check.conforms([*dataset(), f"{subject} {wrong} ."], shacl())


@pytest.mark.parametrize("part", ["record", "time-1", "access-1", "variable-1"])
def test_a_part_has_no_properties_that_the_shapes_do_not_know(part: str) -> None:
    subject = dataset()[0].partition(" ")[0][:-1] + f"#{part}>"
    assert any(line.startswith(f"{subject} ") for line in dataset())
    strange = f'{subject} <http://x.example/strange> "x" .'
    assert check.conforms([*dataset(), strange], shacl())


def test_every_shape_says_what_it_is_of() -> None:
    named = set(shacl().subjects(rdflib.RDF.type, SH.NodeShape))
    assert len(named) > 10
    for shape in named:
        assert shacl().value(shape, rdflib.RDFS.label)
