"""What people type, as a query tree."""

from __future__ import annotations

import random

import pytest

from registry.search import pages
from registry.search.memory import MemoryIndex
from registry.search.parsing import identifier_in, parsed
from registry.search.query import (
    And,
    Everything,
    Filter,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Text,
)
from tests.contracts.search.documents import (
    DOCUMENTS,
    ETUDE,
    MAG_16,
    MAG_HOUR,
    SEEN,
    SWEPAM,
    THEMIS,
    THEMIS_PLOT,
    WIND,
)

FORMS: dict[str, Node] = {
    "": Everything(),
    "   ": Everything(),
    "ACE": Text("ace"),
    '"solar wind"': Phrase("solar wind"),
    '"solar wind': Phrase("solar wind"),
    '-"solar wind"': Not(Phrase("solar wind")),
    "-ACE": Not(Text("ace")),
    "magneto*": Prefix("magneto"),
    "ACE WIND": And(
        (Text("ace"), Or((Text("wind"), Text("winds"))))
    ),
    "kind:Person": Filter("kind", ("Person",)),
    "type:Person": Filter("kind", ("Person",)),
    'region:"Heliosphere.NearEarth"': Filter("region", ("Heliosphere.NearEarth",)),
    "verdict:Invalid": Filter("verdict", ("invalid",)),
    "-kind:Person": Not(Filter("kind", ("Person",))),
    "title:ACE": Text("ace", "name"),
    'name:"solar wind"': Phrase("solar wind", "name"),
    "name:magneto*": Prefix("magneto", "name"),
    "10.48322/e0dc-0h53": Filter("also", ("10.48322/e0dc-0h53",)),
    "https://doi.org/10.48322/E0DC-0H53": Filter("also", ("10.48322/e0dc-0h53",)),
    "doi:10.48322/e0dc-0h53": Filter("also", ("10.48322/e0dc-0h53",)),
    "https://orcid.org/0000-0001-2345-6789": Filter("also", ("0000-0001-2345-6789",)),
    "?!": Everything(),
    "of the ACE": Text("ace"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FORMS.items(), ids=map(repr, FORMS))
def test_forms(text: str, expected: Node) -> None:
    assert parsed(text) == expected


IDENTIFIERS = {
    MAG_16: MAG_16,
    f"  <{MAG_16}> ": MAG_16,
    "ivo://VO.Example/TAP#x": "ivo://vo.example/tap",
    "SPASE://NASA/A": "spase://NASA/A",
    "https://hpde.io/NASA/NumericalData/ACE/MAG/L2/PT16S.html": MAG_16,
    "https://hpde.io/NASA/NumericalData/ACE/MAG/L2/PT16S": MAG_16,
    "http://localhost:8080/records/spase/NASA/NumericalData/ACE/MAG/L2/PT16S": MAG_16,
    "https://x.example/p/records/ivo/vo.example/tap.jsonld": "ivo://vo.example/tap",
    "ACE": "",
    f"{MAG_16} ACE": "",
    "": "",
}


@pytest.mark.parametrize(("text", "expected"), IDENTIFIERS.items(), ids=map(repr, IDENTIFIERS))
def test_identifiers(text: str, expected: str) -> None:
    assert identifier_in(text) == expected


@pytest.fixture(scope="module")
def index() -> MemoryIndex:
    made = MemoryIndex()
    made.build(DOCUMENTS, (1, "t"))
    return made


FOUND = {
    "ACE magnetic field 16 second": {MAG_16},
    "ace mag 16s": {MAG_16},
    "ACE 16-second": {MAG_16},
    "ACE PT16S": {MAG_16},
    "ace 1 hr": {MAG_HOUR},
    "ace 60min": {MAG_HOUR},
    "magnetic fields of Wind": {WIND, SWEPAM},
    "THEMIS-A": {THEMIS, THEMIS_PLOT},
    "themis a": {THEMIS, THEMIS_PLOT},
    "THA": {THEMIS, THEMIS_PLOT},
    "MagneticField ACE": {MAG_16, MAG_HOUR, SWEPAM},
    "magnetic,field;Bmagnitude": {MAG_16, MAG_HOUR},
    "NumericalData/THEMIS": {THEMIS},
    '"solar wind" -ACE': set(),
    "ÉTUDE": {ETUDE},
    MAG_16: {MAG_16},
    "spase://VHO/NumericalData/ACE/MAG/L2_PT16S": {MAG_16},
    "spase://NASA/NumericalData/ACE/MAG": {MAG_16, MAG_HOUR},
    "https://doi.org/10.48322/E0DC-0H53": {MAG_16},
    "kind:NumericalData measurement:ThermalPlasma": {SWEPAM},
    f"id:{MAG_HOUR}": {MAG_HOUR},
    "colour:red": set(),
}


@pytest.mark.parametrize(("text", "expected"), FOUND.items(), ids=map(repr, FOUND))
def test_what_is_found(index: MemoryIndex, text: str, expected: set[str]) -> None:
    page = index.search(Query(parsed(text), limit=100))
    assert {hit.fields["key"] for hit in page.hits} == expected


def test_a_pasted_identifier_finds_the_record_first(index: MemoryIndex) -> None:
    for one in DOCUMENTS:
        if one["key"] in SEEN:
            page = index.search(Query(parsed(str(one["identifier"]))))
            assert page.hits[0].fields["key"] == one["key"]


def test_any_string_is_a_query() -> None:
    chance = random.Random(3)
    letters = "ab \"'-:*()[]\\/+&|!~^?<>\x00\n\t\ud800\u202eé太1s.,;PT#%"
    for _ in range(5000):
        text = "".join(chance.choices(letters, k=chance.randint(0, 30)))
        pages.check(Query(parsed(text)))
        identifier_in(text)


@pytest.mark.parametrize(
    "unit", ['"', "-", "a:", "spase://", "10.1234/", "a-", "\x00", "x y ", "(" * 9]
)
def test_long_strings_are_read_to_a_limit(unit: str) -> None:
    node = parsed(unit * 100_000)
    pages.check(Query(node))
    assert not isinstance(node, And) or len(node.nodes) <= 40
    identifier_in(unit * 100_000)
