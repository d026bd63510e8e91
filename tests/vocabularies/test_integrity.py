"""SKOS integrity of all vocabularies together, and facts held against where they come from."""

from __future__ import annotations

import csv
import re
from itertools import product

import astropy.units as u
import pytest
import rdflib
from astropy.constants import c, h
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from tests.shared import needs_shared, shared
from vocabularies import catalogue, graph, namespaces, spase, terms, ucds

EXACT, OTHERS = SKOS.exactMatch, (SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch)
PH = rdflib.Namespace(namespaces.ONTOLOGY)
IVOA = ("refframe", "refposition", "timescale", "messenger", "product-type", "processing-level")


@pytest.fixture(scope="module")
def everything() -> rdflib.Graph:
    return rdflib.Graph().parse(data="\n".join(graph.graph_lines()) + "\n", format="nt")


def test_labels_are_one_a_language_and_disjoint(everything: rdflib.Graph) -> None:
    """SKOS S13 and S14."""
    for concept in everything.subjects(RDF.type, SKOS.Concept):
        preferred = list(everything.objects(concept, SKOS.prefLabel))
        assert len({label.language for label in preferred}) == len(preferred) >= 1, concept
        others = set(everything.objects(concept, SKOS.altLabel))
        assert not others & set(preferred)


def test_no_hierarchy_has_a_loop(everything: rdflib.Graph) -> None:
    for relation in (SKOS.broader, RDFS.subClassOf):
        for subject in set(everything.subjects(relation)):
            above = {
                one
                for direct in everything.objects(subject, relation)
                for one in everything.transitive_objects(direct, relation)
            }
            assert subject not in above


def test_matches_are_disjoint_across_vocabularies(everything: rdflib.Graph) -> None:
    """SKOS S46: exactMatch, also by way of others, excludes broadMatch and relatedMatch."""
    exact = rdflib.Graph()
    for a, b in everything.subject_objects(EXACT):
        exact.add((a, EXACT, b))
        exact.add((b, EXACT, a))
    for subject in set(everything.subjects()):
        same = set(exact.transitive_objects(subject, EXACT))
        for relation in OTHERS:
            assert not same & set(everything.objects(subject, relation)), subject
        for one, two in product(OTHERS, OTHERS):
            if one != two:
                both = set(everything.objects(subject, one)) & set(everything.objects(subject, two))
                assert not both, subject


def test_matches_lead_to_living_terms(everything: rdflib.Graph) -> None:
    known = terms.all_iris()
    deprecated = {str(s) for s in everything.subjects(OWL.deprecated, rdflib.Literal(True))}
    for relation in (EXACT, SKOS.closeMatch, *OTHERS):
        for subject, target in everything.subject_objects(relation):
            assert str(subject) in known, subject
            assert str(target) not in deprecated, (subject, target)
            assert not str(target).endswith("#UNKNOWN")
            if not str(target).startswith("http://qudt.org/vocab/unit/"):
                assert str(target) in known, (subject, target)


def test_every_bridge_says_why(everything: rdflib.Graph) -> None:
    for relation in (SKOS.closeMatch, *OTHERS):
        for subject, target in everything.subject_objects(relation):
            a, b = str(subject).partition("#")[0], str(target).partition("#")[0]
            if a != b:
                assert (subject, PH.matchNote, None) in everything, subject
    for subject in everything.subjects(PH.noMatchIn):
        for scheme in everything.objects(subject, PH.noMatchIn):
            assert catalogue.path_of(str(scheme)), scheme


def test_what_frames_lead_to_is_there(everything: rdflib.Graph) -> None:
    for relation in (PH.origin, PH.xAxis, PH.yAxis, PH.zAxis):
        targets = set(everything.objects(None, relation))
        assert targets
        assert all((one, RDF.type, SKOS.Concept) in everything for one in targets)
    for frame in everything.subjects(PH.exactAxis):
        axis = str(next(everything.objects(frame, PH.exactAxis))).lower()
        assert (frame, PH[f"{axis}Axis"], None) in everything, frame


def test_every_term_of_spase_terms_is_a_value() -> None:
    for name, values in spase.lists().items():
        path = f"spase/{name}"
        assert set(terms.of_scheme(path)) == set(values), name


def test_every_value_of_spase_is_defined_once(everything: rdflib.Graph) -> None:
    """But one, which stands in the schema of ModeledRegion by mistake."""
    values = [rdflib.URIRef(iri) for name in spase.lists() for iri in spase.iris(name).values()]
    told = {one: list(everything.objects(one, SKOS.definition)) for one in values}
    assert {one for one, said in told.items() if len(said) != 1} == {
        rdflib.URIRef(f"{namespaces.SPASE}ModeledRegion#Title")
    }
    short = [str(said[0]) for said in told.values() if said]
    assert all(one[0].isupper() and one.endswith(".") and len(one) < 160 for one in short)


def test_versions_are_those_of_the_tables() -> None:
    known = terms.of_scheme("spase/Region")
    assert known["Earth"].versions == ""
    assert terms.of_scheme("spase/Format")["CSV"].versions == "2.2.7-"
    assert terms.of_scheme("spase/DocumentType")["Paper"].versions == "1.3.0-2.2.1"


@needs_shared
@pytest.mark.parametrize("name", IVOA)
def test_ivoa_s_terms_are_those_published(name: str) -> None:
    """Terms, labels, hierarchy and what is preliminary or deprecated, by IVOA's own terms.csv."""
    found = terms.of_scheme(f"ivoa/{name}")
    text = shared("ivoa", "vocabularies", name, "terms.csv").read_text("utf-8")
    lineage: list[str] = []
    published = set()
    for row in csv.reader(text.splitlines(), delimiter=";"):
        term, level, label, _, relations = [*(part.strip() for part in row), "", ""][:5]
        lineage = [*lineage[: int(level) - 1], term]
        published.add(term)
        above = set(lineage[-2:-1]) | set(re.findall(r"skos:broader\(([\w-]+)\)", relations))
        one = found[term]
        assert one.label == label
        assert {iri.rpartition("#")[2] for iri in one.broader} == above
        assert one.deprecated == ("ivoasem:deprecated" in relations)
        assert one.preliminary == ("ivoasem:preliminary" in relations)
    assert published == set(found)


@needs_shared
def test_the_words_of_ucd_are_those_of_the_list() -> None:
    text = shared("ivoa", "vocabularies", "ucd", "ucd-list.txt").read_text("utf-8")
    published = {line.split("|")[1].strip() for line in text.splitlines() if line[1:3] == " |"}
    assert published == set(terms.of_scheme("ucd"))
    assert len(published) == len(ucds.words())


def test_units_have_astropy_s_factor_to_si() -> None:
    checked = 0
    for term in terms.of_scheme("units").values():
        said = {name: value for name, value, _ in term.more}
        ((_, vounit),) = term.names
        assert term.local == vounit.replace("**", "")
        unit = u.Unit(vounit, format="vounit")
        if "siFactor" in said:
            si = u.Unit(said["siUnit"], format="vounit") if "siUnit" in said else u.one
            assert float(said["siFactor"]) == pytest.approx(unit.to(si), rel=1e-12), vounit
            checked += 1
    assert checked > 60


LINES = {
    "CaK": 393.4, "Halpha": 656.3, "He10830": 1083.0, "He304": 30.4, "K7699": 769.9, "NaD": 589.3,
    "Ni6768": 676.8, "LBHBand": 155.0,
}  # fmt: skip
"""The wavelength in nm that each name is the name of."""
BANDS = {
    "Infrared": (1e3, 1e5), "Optical": (300, 1000), "UV": (100, 300),
    "EUV": tuple((h * c / (e * u.eV)).to_value(u.nm) for e in (120, 12)),
}  # fmt: skip
"""IVOA's bands in nm, from the descriptions in its vocabulary of messengers."""


@pytest.mark.parametrize(("name", "nm"), LINES.items())
def test_lines_lie_in_the_bands_that_they_are_bridged_to(name: str, nm: float) -> None:
    term = terms.of_scheme("spase/SpectralRange")[name]
    ((_, target),) = [match for match in term.matches if match[0] == "broadMatch"]
    low, high = BANDS[target.rpartition("#")[2]]
    assert low <= nm <= high


# Looked up in QUDT itself: defined in vocab/unit/VOCAB_QUDT-UNITS-ALL (2.1.18), or named as a unit
# in src/build/inference/factorUnits/predefined-factors-and-scalings.ttl, or in its changelog
# (PER-M3), of https://github.com/qudt/qudt-public-repo.
IN_QUDT = frozenset((
    "A", "A-PER-M2", "ANGSTROM", "AU", "BIT", "BYTE", "C", "DAY", "DEG", "EV", "GM", "HR", "HZ",
    "J", "K", "KiloGM", "M", "MIN", "MOL", "MicroSEC", "MilliA", "NanoM", "NanoSEC", "NanoT",
    "PA", "PER-M3", "RAD", "SEC", "SR", "T", "V", "W", "YR",
))  # fmt: skip
# Looked up in lists that others made of QUDT's units, or in their use of them.
IN_LISTS_OF_QUDT = frozenset((
    "CentiM", "CentiM-PER-SEC", "DEG-PER-SEC", "DeciB", "GigaEV", "KiloEV", "KiloHZ", "KiloM",
    "KiloM-PER-SEC", "KiloV", "KiloW", "M-PER-SEC", "MegaEV", "MegaHZ", "MicroA", "MilliSEC",
    "MilliV", "PER-SEC", "PicoSEC", "RAD-PER-SEC", "V-PER-M", "W-PER-M2",
))  # fmt: skip


def test_units_lead_to_units_of_qudt_that_were_looked_up(everything: rdflib.Graph) -> None:
    space = "http://qudt.org/vocab/unit/"
    named = {str(o).removeprefix(space) for o in everything.objects() if str(o).startswith(space)}
    assert named == IN_QUDT | IN_LISTS_OF_QUDT
