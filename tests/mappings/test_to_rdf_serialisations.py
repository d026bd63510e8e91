"""The same triples as Turtle, RDF/XML and JSON-LD."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from lxml import etree

from mappings.from_spase import from_spase
from mappings.rdf_serialisations import MEDIA_TYPES, serialise
from mappings.to_rdf import to_rdf
from tests.mappings import real_records
from tests.mappings.test_to_rdf import FOLDER, graph
from tests.shared import needs_shared

FORMATS = ["turtle", "xml", "json-ld", "nt"]


def lines(name: str) -> list[str]:
    return to_rdf(from_spase(etree.parse(FOLDER / f"{name}.xml").getroot()), {})


def read(text: str, format: str) -> set[tuple[str, ...]]:
    rdflib.NORMALIZE_LITERALS = False
    parsed = rdflib.Graph().parse(data=text, format=format)
    # Turtle needs a point in a decimal: rdflib writes 200 as 200.0, which is the same value.
    return {tuple(term.n3().replace('.0"^^', '"^^') for term in triple) for triple in parsed}


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", ["dataset", "observatory", "person"])
def test_every_format_says_the_same(name: str, format: str) -> None:
    assert read(serialise(lines(name), format), format) == graph(lines(name))


@needs_shared
@pytest.mark.parametrize("format", FORMATS)
def test_a_real_record_in_every_format(format: str) -> None:
    record = real_records.spase("NASA/NumericalData/ACE/MAG/L2/PT16S")
    found = to_rdf(record, {})
    assert read(serialise(found, format), format) == graph(found)


def test_turtle_has_the_prefixes_that_people_know() -> None:
    text = serialise(lines("dataset"), "turtle")
    assert "a dcat:Dataset" in text
    assert "ph:referenceFrame frames:GSE" in text
    assert "ph:observedRegion spase-Region:Earth.Magnetosphere" in text
    assert "ns1" not in text
    assert "2021-04-05T04:07:08.9Z" in text
    assert "vcard" not in text  # nothing of it occurs


def test_json_ld_has_a_context_of_what_occurs() -> None:
    document = json.loads(serialise(lines("person"), "json-ld"))
    assert document["@context"]["foaf"] == "http://xmlns.com/foaf/0.1/"
    assert "prov" not in document["@context"]
    assert [node["@id"] for node in document["@graph"]] == [
        "spase://Example/Person/Jo.Doe",
        "spase://Example/Person/Jo.Doe#record",
    ]


@pytest.mark.parametrize("format", FORMATS)
def test_every_process_writes_the_same(format: str) -> None:
    code = (
        "import sys; from mappings.rdf_serialisations import serialise; "
        "sys.stdout.write(serialise(sys.stdin.read().splitlines(), sys.argv[1]))"
    )
    written = set()
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", code, format],
            input="\n".join(lines("dataset")),
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
            text=True,
        )
        written.add(made.stdout)
    assert len(written) == 1


def test_another_format_or_other_lines_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="turtle, xml, json-ld, nt, not as 'csv'"):
        serialise(lines("person"), "csv")
    with pytest.raises(ValueError, match="no N-Triples"):
        serialise(["this is none"], "turtle")
    assert set(MEDIA_TYPES) == set(FORMATS)


def test_nothing_gives_an_empty_document() -> None:
    assert read(serialise([], "turtle"), "turtle") == set()
    assert read(serialise([], "json-ld"), "json-ld") == set()
