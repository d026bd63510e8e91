"""What else a term stands for: equals and all that is narrower, across vocabularies."""

from __future__ import annotations

import pytest
import rdflib

from vocabularies import catalogue, closure, graph, namespaces, terms, turtle

REGION = namespaces.SPASE + "Region#"


def test_the_files_are_read_as_a_parser_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    for file in catalogue.FILES:
        parsed = rdflib.Graph().parse(data=turtle.text(file), format="turtle")
        read = {" ".join(triple) for triple in turtle.triples(file)}
        assert read == {" ".join(term.n3() for term in triple) for triple in parsed}, file


def test_a_region_finds_what_lies_in_it() -> None:
    found = closure.found_by(REGION + "Earth.Magnetosphere")
    assert found[0] == REGION + "Earth.Magnetosphere"
    assert REGION + "Earth.Magnetosphere.Magnetotail" in found
    assert REGION + "Earth" not in found
    assert REGION + "Earth.Magnetosheath" not in found
    assert closure.values("Region", "Earth.Magnetosphere")[0] == "Earth.Magnetosphere"
    assert "Earth.Magnetosphere.RingCurrent" in closure.values("Region", "Earth.Magnetosphere")
    assert closure.broader(REGION + "Earth.NearSurface.Ionosphere.DRegion") == (
        REGION + "Earth.NearSurface.Ionosphere", REGION + "Earth.NearSurface", REGION + "Earth",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found", "not_found"),
    [
        ("HEEQ", {"HEEQ", "StonyhurstHeliographic"}, {"HEE", "Carrington"}),
        ("RTN", {"RTN", "HGRTN"}, {"HERTN"}),
        ("GSE", {"GSE"}, {"GSM", "GSEQ"}),
        # by IVOA's words, and by names of other systems
        ("ICRS", {"ICRS", "J2000"}, {"GEI", "FK5"}),
        ("EQUATORIAL", {"EQUATORIAL", "ICRS", "FK5", "GEI", "J2000"}, {"GSE", "HAE"}),
        ("eq_FK5", {"eq_FK5", "FK5", "J2000"}, {"ICRS"}),
        ("EME2000", {"J2000"}, {"GEI"}),
        ("HeliocentricInertial", {"HCI", "HGI"}, {"HEEQ"}),
        ("no such frame", {"no such frame"}, set()),
    ],
)
def test_frames_find_their_equals(asked: str, found: set[str], not_found: set[str]) -> None:
    values = set(closure.values("CoordinateSystemName", asked))
    assert found <= values
    assert not values & not_found


def test_close_is_not_passed_on() -> None:
    """FK5 is close to J2000 and J2000 to ICRS; that does not make FK5 close to ICRS."""
    fk5, icrs = namespaces.IVOA_REFFRAME + "FK5", namespaces.IVOA_REFFRAME + "ICRS"
    assert namespaces.FRAMES + "J2000" in closure.found_by(fk5)
    assert icrs not in closure.found_by(fk5)


def test_equals_are_equal_both_ways() -> None:
    for iri in terms.all_iris():
        for other in closure.equivalents(iri):
            assert iri in closure.equivalents(other)
            assert set(closure.found_by(iri)) == set(closure.found_by(other))


def test_pairs_are_what_single_questions_give() -> None:
    pairs = set(closure.pairs())
    assert (REGION + "Earth", REGION + "Earth.NearSurface.Ionosphere.DRegion") in pairs
    assert (REGION + "Earth.NearSurface", REGION + "Earth") not in pairs
    assert all(asked != found for asked, found in pairs)
    known = terms.all_iris()
    assert all(asked in known for asked, _ in pairs)


def test_what_nobody_knows_gives_itself() -> None:
    assert closure.found_by("https://example.org/x") == ("https://example.org/x",)
    assert closure.values("Region", "Nowhere") == ("Nowhere",)
    assert closure.values("NoSuchList", "x") == ("x",)


def test_the_graph_has_every_relation_that_is_followed() -> None:
    """What search follows, SPARQL can follow in the same triples."""
    lines = set(graph.graph_lines())
    broader = "http://www.w3.org/2004/02/skos/core#broader"
    for term in terms.all_terms().values():
        if not term.iri.startswith(namespaces.SPASE):
            continue
        for above in term.broader:
            assert f"<{term.iri}> <{broader}> <{above}> ." in lines
