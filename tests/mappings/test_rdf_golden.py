"""Real records, ten of SPASE and ten of VOResource, against graphs written by hand from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.rdf_serialisations import serialise
from mappings.to_rdf import to_rdf
from registry.model import Record
from tests.mappings import real_records
from tests.mappings.test_rdf_terms import kept_by_oxigraph
from tests.mappings.test_to_rdf import PUBLIC, _triples, graph
from tests.shared import needs_shared

FILES = sorted((Path(__file__).parent / "rdf" / "golden").glob("*.ttl"))

pytestmark = needs_shared


def record(file: Path) -> Record:
    """The record that the second line of a golden file names."""
    kind, name = file.read_text("utf-8").splitlines()[1].removeprefix("# record: ").split()
    if kind == "spase":
        return real_records.spase(name)
    return real_records.voresource(*name.split("--"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_real_record_gives_the_graph_written_by_hand(file: Path) -> None:
    expected = _triples(file.read_text("utf-8"), "turtle")
    given = graph(to_rdf(record(file), {}, PUBLIC))
    assert sorted(given - expected) == []
    assert sorted(expected - given) == []


@pytest.mark.parametrize("format", ["turtle", "xml", "json-ld", "nt"])
def test_every_serialisation_is_the_same_graph(format: str) -> None:
    for file in FILES:
        expected = _triples(file.read_text("utf-8"), "turtle")
        assert _triples(serialise(to_rdf(record(file), {}, PUBLIC), format), format) == expected


def test_there_are_ten_of_each_and_the_engine_keeps_them(tmp_path: Path) -> None:
    named = [file.read_text("utf-8").splitlines()[1].split()[2] for file in FILES]
    assert (named.count("spase"), named.count("ivo")) == (10, 10)
    lines = sorted({line for file in FILES for line in to_rdf(record(file), {}, PUBLIC)})
    assert kept_by_oxigraph(lines, tmp_path) == lines
