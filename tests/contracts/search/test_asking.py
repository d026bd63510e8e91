"""What is made from the port alone comes out alike from every engine: queries, suggestions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.search.asking import ask, forgiven
from registry.search.parsing import parsed
from registry.search.query import And, Filter, Fuzzy, Not, Or, Phrase, Query, SearchIndex, Text
from registry.search.requests import query_from
from registry.search.suggesting import similar, suggestions
from tests.contracts.search.documents import (
    ACE,
    ACE_MAG,
    BALOGH,
    ETUDE,
    LONG,
    MAG_16,
    MAG_HOUR,
    NAMELESS,
    SWEPAM,
    THEMIS,
    THEMIS_PLOT,
    WIND,
)

TYPED: dict[str, set[str]] = {
    "THEMIS-A FGM": {THEMIS, THEMIS_PLOT},
    "themis_a": {THEMIS, THEMIS_PLOT},
    "THA": {THEMIS, THEMIS_PLOT},
    "16 s": {MAG_16},
    "16-second": {MAG_16},
    "PT16S": {MAG_16},
    "minor-planet": {"ivo://vo.example/tap"},
    "vent solaire": {SWEPAM},
    "Sonnenwind": {SWEPAM},
    "Magnetfeld": {MAG_16, MAG_HOUR, SWEPAM, WIND, THEMIS, ACE_MAG},
    "champ magnétique 16 s": {MAG_16},
    "magnetometer": {MAG_16, MAG_HOUR, SWEPAM, WIND, THEMIS, ACE_MAG},
    '"magnetometer"': {MAG_16, MAG_HOUR, THEMIS, ACE_MAG},
    "magnetic -magnetometer": {SWEPAM, WIND},
    "17.1 nm": {THEMIS_PLOT},
    "171 Å": {THEMIS_PLOT},
    "304 angstrom": {THEMIS_PLOT},
    "20-1000 kHz": {WIND},
    "300 kHz": {WIND},
    "1-10 keV": {SWEPAM},
    "72.5 eV": {THEMIS_PLOT, SWEPAM},
    "10.48322/e0dc-0h53": {MAG_16},
    "https://doi.org/10.48322/E0DC-0H53": {MAG_16},
    "https://hpde.io/NASA/NumericalData/ACE/MAG/L2/PT1H": {MAG_HOUR},
    "0000-0001-2345-6789": {BALOGH},
    "frame:GSE": {MAG_16},
}


@pytest.mark.parametrize(("typed", "expected"), TYPED.items(), ids=TYPED)
def test_what_is_typed(index: SearchIndex, typed: str, expected: set[str]) -> None:
    page = index.search(Query(parsed(typed), limit=100))
    assert {hit.identifier for hit in page.hits} - {"ivo://VO.example/TAP"} == expected - {
        "ivo://vo.example/tap"
    }
    assert page.total == len(expected)


def test_what_was_typed_comes_before_what_means_the_same(index: SearchIndex) -> None:
    found = [hit.identifier for hit in index.search(Query(parsed("magnetometer"))).hits]
    assert found[0] == ACE_MAG
    assert found.index(WIND) > found.index(THEMIS)


ASKED: dict[str, tuple[dict[str, list[str]], set[str]]] = {
    "covers": (
        {"covers": ["2003-10-28/2003-11-05"], "observatory": [ACE]},
        {MAG_16, MAG_HOUR, SWEPAM},
    ),
    "covers a day that is a date": (
        {"covers": ["2003-10-28/2003-10-28"], "kind": ["Catalog"]}, {LONG}
    ),
    "covers from nowhere": ({"covers": ["../1985"], "q": ["etude"]}, {ETUDE}),
    "within": ({"within": ["2003-10/2003-10"]}, {LONG}),
    "within years": ({"within": ["1980/1985"]}, {NAMELESS}),
    "within, one end": ({"within": ["../1990-06-01"]}, {ETUDE, NAMELESS}),
    "cadence": ({"cadence_range": ["PT1S/PT16S"]}, {MAG_16, WIND}),
    "cadence in words": ({"cadence_range": ["10 s/2 min"]}, {MAG_16, SWEPAM, WIND}),
    "cadence, one end": ({"cadence_range": ["10 min/.."]}, {MAG_HOUR}),
    "light": ({"spectrum": ["10-20 nm"]}, {THEMIS_PLOT}),
    "particles": ({"particle_energy": ["1-2 keV"]}, {SWEPAM}),
    "two of a facet": ({"frame": ["GSE", "GSM"]}, {MAG_16}),
    "of a source registry": ({"source": ["voparis"]}, {"ivo://VO.example/TAP", THEMIS_PLOT}),
    "of no other source registry": (
        {"source": ["-voparis", "local"], "q": ["magnetic"]}, {MAG_16, MAG_HOUR}
    ),
    "previews": ({"has_preview": ["yes"]}, {THEMIS_PLOT}),
}  # fmt: skip


@pytest.mark.parametrize(("args", "expected"), ASKED.values(), ids=ASKED)
def test_what_an_address_asks(
    index: SearchIndex, args: dict[str, list[str]], expected: set[str]
) -> None:
    assert {hit.identifier for hit in index.search(query_from(args)).hits} == expected


FORGIVEN: dict[str, tuple[str, set[str], tuple[str, ...]]] = {
    "a letter wrong": ("neadle", {LONG}, ("neadle",)),
    # The magnetometer that is meant means magnetic fields too.
    "a letter wrong in one of two": ("ace magnetomter", {ACE_MAG, MAG_16, MAG_HOUR, SWEPAM}, (
        "magnetomter",
    )),
    "two letters wrong in a long word": ("magnotosheeth", {WIND}, ("magnotosheeth",)),
    "a mission misspelt": ("themsi", {THEMIS, THEMIS_PLOT}, ("themsi",)),
    "nothing like it": ("xylophone", set(), ()),
    "a short word": ("acr", set(), ()),
    "a number": ("1234567", set(), ()),
    "a phrase": ('"solar wimd"', set(), ()),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "expected", "said"), FORGIVEN.values(), ids=FORGIVEN)
def test_what_is_misspelt_is_forgiven_and_said(
    index: SearchIndex, typed: str, expected: set[str], said: tuple[str, ...]
) -> None:
    answer = ask(index, Query(parsed(typed), limit=50))
    assert {hit.identifier for hit in answer.page.hits} == expected
    assert answer.forgiven == said


def test_what_finds_enough_is_taken_at_its_word(index: SearchIndex) -> None:
    answer = ask(index, Query(parsed("magnetic"), facets=("kind",)))
    assert answer.forgiven == ()
    assert answer.page == index.search(Query(parsed("magnetic"), facets=("kind",)))


def test_what_finds_little_but_all_there_is_is_not_said(index: SearchIndex) -> None:
    assert ask(index, Query(parsed("needle"))).forgiven == ()


def test_pages_of_a_forgiven_search_go_on(index: SearchIndex) -> None:
    query = Query(parsed("ace magnetomter"), limit=2)
    first = ask(index, query)
    assert first.page.next
    second = ask(index, Query(query.node, limit=2, after=first.page.next))
    assert second.forgiven == first.forgiven
    found = [hit.identifier for page in (first, second) for hit in page.page.hits]
    assert set(found) == {ACE_MAG, MAG_16, MAG_HOUR, SWEPAM}
    assert len(found) == 4
    assert second.page.total == 4


def test_restrictions_hold_where_words_are_forgiven(index: SearchIndex) -> None:
    query = Query(parsed("magnetomter"), restrictions={"kind": ("Instrument",)}, facets=("kind",))
    answer = ask(index, query)
    assert {hit.identifier for hit in answer.page.hits} == {ACE_MAG}
    spelt = Query(parsed("magnetometer"), facets=("kind",))
    assert answer.page.facets["kind"] == index.search(spelt).facets["kind"]


def test_what_is_left_out_and_what_we_added_are_not_forgiven() -> None:
    typed = And((Or((Text("plasma"), Phrase("a b"))), Not(Text("electron"))))
    node = forgiven(typed, {"plasma": "", "electron": ""})
    assert Not(Text("electron")) in node.nodes  # type: ignore[union-attr]
    assert "plasma" in repr([n for n in _fuzzy(node)])
    assert "electron" not in repr([n for n in _fuzzy(node)])


def _fuzzy(node: object) -> list[Fuzzy]:
    if isinstance(node, Fuzzy):
        return [node]
    inner = getattr(node, "nodes", None) or [n for n in [getattr(node, "node", None)] if n]
    return [one for part in inner for one in _fuzzy(part)]


def test_what_is_misspelt_is_asked_as_it_is_meant(index: SearchIndex) -> None:
    meant, typed = (
        ask(index, query_from({"q": [q]})) for q in ("ACE magnetometer", "ACE mgnetometer")
    )
    assert typed.respelt == "ACE magnetometer"
    assert typed.page.hits[0].identifier == ACE_MAG == meant.page.hits[0].identifier
    assert meant.respelt == ""


LOOSENED: dict[str, tuple[str, list[str], int]] = {
    "one word too many": ("ACE hourly xylophone averages", [MAG_HOUR], 0),
    "half of them": ("needle xylophone", [LONG], 0),
    "most of four": ("needle unicorn word description", [LONG], 0),
    "without what is to be left out": ("needle xylophone word -ace", [LONG], 0),
}


@pytest.mark.parametrize(("typed", "first", "whole"), LOOSENED.values(), ids=LOOSENED)
def test_what_has_most_of_the_words_is_found_where_nothing_has_all(
    index: SearchIndex, typed: str, first: list[str], whole: int
) -> None:
    answer = ask(index, query_from({"q": [typed]}))
    assert [hit.identifier for hit in answer.page.hits][: len(first)] == first
    assert answer.whole == whole


def test_words_may_be_misspelt_and_too_many(index: SearchIndex) -> None:
    answer = ask(index, query_from({"q": ["ACE mgnetometer xyzzyplugh"]}))
    assert answer.page.hits[0].identifier == ACE_MAG
    assert answer.forgiven == ("mgnetometer", "xyzzyplugh")
    assert answer.respelt == "ACE magnetometer xyzzyplugh"
    assert answer.whole == 0


def test_what_has_all_of_the_words_comes_before_what_has_most(index: SearchIndex) -> None:
    answer = ask(index, query_from({"q": ["ACE composition explorer particles spacecraft"]}))
    assert answer.page.hits[0].identifier == ACE
    assert answer.whole == 1 < answer.page.total


def test_pages_of_a_loosened_search_go_on(index: SearchIndex) -> None:
    query = query_from({"q": ["ACE magnetic xylophone"], "limit": ["2"]})
    found, after = [], None
    while True:
        answer = ask(index, replace(query, after=after))
        assert answer.whole == 0
        found += [hit.identifier for hit in answer.page.hits]
        after = answer.page.next
        if after is None:
            break
    assert len(found) == len(set(found)) == answer.page.total
    assert {MAG_16, MAG_HOUR, SWEPAM} <= set(found)


def test_who_is_called_so_comes_first(index: SearchIndex) -> None:
    for typed in ("ace", "ACE", "Explorer-71", "explorer 71"):
        assert ask(index, query_from({"q": [typed]})).page.hits[0].identifier == ACE, typed


QUESTIONS = {
    "Where do I find ACE magnetic field data every 16 seconds?": MAG_16,
    "which instrument is the ACE magnetometer": ACE_MAG,
    "Wo finde ich Magnetfeld von ACE, 16 s?": MAG_16,
    "où est le champ magnétique de ACE, 16 s": MAG_16,
}


@pytest.mark.parametrize(("typed", "first"), QUESTIONS.items(), ids=QUESTIONS)
def test_questions(index: SearchIndex, typed: str, first: str) -> None:
    assert ask(index, query_from({"q": [typed]})).page.hits[0].identifier == first


def test_suggestions_are_names_that_begin_so(index: SearchIndex) -> None:
    found = suggestions(index, "the")
    assert {one.identifier for one in found if one.identifier} >= {THEMIS, THEMIS_PLOT}
    assert next(one.kind for one in suggestions(index, "ace") if one.identifier) == "Observatory"
    assert [one.identifier for one in suggestions(index, "ace magn")][:1] == [ACE_MAG]


@pytest.mark.parametrize("typed", ["", " ", "a", "?!", "\x00", "x" * 5000, "\ud800", '"', "zzzz"])
def test_there_may_be_nothing_to_suggest(index: SearchIndex, typed: str) -> None:
    assert suggestions(index, typed) == []


def test_phrases_of_ours_are_suggested_too(index: SearchIndex) -> None:
    assert "EUV images of the Sun" in [one.text for one in suggestions(index, "euv im")]


def test_what_is_like_a_record(index: SearchIndex) -> None:
    hit = index.search(Query(Filter("key", (MAG_16,)))).hits[0]
    found = [one.identifier for one in similar(index, hit)]
    assert found[0] == MAG_HOUR
    assert MAG_16 not in found
    assert ACE not in found


def test_nothing_may_be_like_a_record(index: SearchIndex) -> None:
    hit = index.search(Query(Filter("key", (NAMELESS,)))).hits[0]
    assert similar(index, hit) == []
