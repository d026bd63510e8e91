"""What is found: words, phrases, prefixes, letters wrong, values, times, and their combination."""

from __future__ import annotations

import pytest

from registry.search.query import (
    And,
    BadQuery,
    Covers,
    Either,
    Everything,
    Filter,
    Fuzzy,
    Meets,
    Node,
    Not,
    Or,
    Overlap,
    Phrase,
    Prefix,
    Query,
    Scored,
    SearchIndex,
    Text,
    Weighted,
    Within,
)
from tests.contracts.search.documents import (
    ACE,
    ACE_MAG,
    BALOGH,
    CDAWEB,
    ETUDE,
    LONG,
    MAG_16,
    MAG_HOUR,
    NAMELESS,
    SEEN,
    SERVICE,
    SWEPAM,
    THEMIS,
    THEMIS_PLOT,
    WIND,
    at,
    days_ago,
)

NOTHING: set[str] = set()


def keys(index: SearchIndex, node: Node, **more: object) -> set[str]:
    page = index.search(Query(node, limit=100, **more))  # type: ignore[arg-type]
    found = [str(hit.fields["key"]) for hit in page.hits]
    assert len(found) == len(set(found)) == page.total
    return set(found)


WORDS = {
    "one word in a name": (Text("withdrawn"), NOTHING),
    "in any text field": (Text("swepam"), {SWEPAM}),
    "of what it refers to": (
        Text("advanced composition explorer"),
        {MAG_16, MAG_HOUR, SWEPAM, ACE, ACE_MAG},
    ),
    "all words, in whatever fields": (Text("ace hourly bmagnitude"), {MAG_HOUR}),
    "words in another order": (Text("field magnetic 16 ace"), {MAG_16}),
    "the query that must be answered": (Text("ACE magnetic field 16 second"), {MAG_16}),
    "one word too many": (Text("ace magnetic submarine"), NOTHING),
    "whatever case": (Text("MAGNETOSHEATH"), {WIND}),
    "no part of a word": (Text("magneto"), NOTHING),
    "hyphens separate": (Text("minor planets"), {SERVICE}),
    "hyphens in the query separate too": (Text("solar-system"), {SERVICE}),
    "underscores separate": (Text("gse"), {MAG_16, MAG_HOUR}),
    "number and unit run together": (Text("16s"), {MAG_16}),
    "the path's words": (Text("oersted"), {ETUDE}),
    "a word at the end of a long text": (Text("needle"), {LONG}),
    "a person's name": (Text("charles smith"), {MAG_16}),
    "accents in the document": (Text("etude naivete"), {ETUDE}),
    "accents in the query": (Text("ANDRÉ bâlogh"), {BALOGH}),
    "accents as marks of their own": (Text("Andre\u0301"), {BALOGH}),
    "letters with a stroke": (Text("orsted"), {ETUDE}),
    "sharp s": (Text("grosse"), {ETUDE}),
    "a ligature": (Text("field francais"), {ETUDE}),
    "Greek": (Text("γ"), {ETUDE}),
    "Chinese": (Text("太陽風"), {ETUDE}),
    "no word is everything": (Text("  ?! "), SEEN),
    "in one field": (Text("magnetic", field="description"), {MAG_16, SWEPAM}),
    "in one field only": (Text("swepam", field="name"), NOTHING),
    "a phrase": (Phrase("solar wind"), {SWEPAM}),
    "a phrase's words apart": (Phrase("wind solar"), NOTHING),
    "a phrase over punctuation": (Phrase("themis a fluxgate"), {THEMIS}),
    "a phrase does not go over values": (Phrase("mag ace"), NOTHING),
    "a phrase does not go over fields": (Phrase("data averages"), NOTHING),
    "a phrase in one field": (Phrase("solar wind", field="name"), {SWEPAM}),
    "a phrase of one word": (Phrase("needle"), {LONG}),
    "a phrase with a hyphen": (Phrase("16-second level"), {MAG_16}),
    "a phrase without words": (Phrase("..."), SEEN),
    "a prefix": (Prefix("magnetos"), {WIND, THEMIS}),
    "a prefix that is a word": (Prefix("needle"), {LONG}),
    "a prefix with accents": (Prefix("ÉTU"), {ETUDE}),
    "a prefix in one field": (Prefix("magnetos", field="name"), NOTHING),
    "a prefix that ends nothing": (Prefix("needles"), NOTHING),
    "a prefix of several words": (Prefix("themis flux"), {THEMIS}),
    "a prefix without letters": (Prefix("-"), SEEN),
    "a letter wrong": (Fuzzy("neadle"), {LONG}),
    "a letter missing": (Fuzzy("nedle"), {LONG}),
    "a letter too many": (Fuzzy("needdle"), {LONG}),
    "two letters swapped": (Fuzzy("needel"), {LONG}),
    "two letters wrong": (Fuzzy("naadle", distance=2), {LONG}),
    "more wrong than allowed": (Fuzzy("naadle"), NOTHING),
    "no letter wrong": (Fuzzy("needle", distance=0), {LONG}),
    "letters wrong in one field": (Fuzzy("neadle", field="name"), NOTHING),
}


@pytest.mark.parametrize(("node", "expected"), WORDS.values(), ids=WORDS)
def test_words(index: SearchIndex, node: Node, expected: set[str]) -> None:
    assert keys(index, node) == expected


VALUES = {
    "a value": (Filter("kind", ("Person",)), {BALOGH}),
    "several values are alternatives": (Filter("kind", ("Person", "Catalog")), {BALOGH, LONG}),
    "values are exact": (Filter("kind", ("person",)), NOTHING),
    "no part of a value": (Filter("region", ("Heliosphere",)), NOTHING),
    "one of a record's values": (Filter("region", ("Earth.Magnetosheath",)), {WIND}),
    "no values": (Filter("kind", ()), NOTHING),
    "an unknown value": (Filter("kind", ("Unicorn",)), NOTHING),
    "a value that is no Unicode": (Filter("kind", ("\ud800", "Person")), {BALOGH}),
    "a key": (Filter("key", (MAG_16,)), {MAG_16}),
    "another identifier": (Filter("also", ("10.48322/e0dc-0h53",)), {MAG_16}),
    "all of these": (And((Text("ace"), Filter("kind", ("Observatory",)))), {ACE}),
    "any of these": (Or((Text("needle"), Text("swepam"))), {LONG, SWEPAM}),
    "any of these, one not at all": (Or((Text("needle"), Text("unicorn"))), {LONG}),
    "not": (And((Text("ace"), Not(Text("magnetometer")))), {SWEPAM, ACE}),
    "not alone": (Not(Filter("kind", ("NumericalData", "DisplayData"))), {
        BALOGH, ACE, ACE_MAG, CDAWEB, SERVICE, LONG,
    }),
    "not not": (Not(Not(Text("needle"))), {LONG}),
    "not everything": (Not(Everything()), NOTHING),
    "nothing to be": (And(()), SEEN),
    "nothing to choose from": (Or(()), NOTHING),
    "everything": (Everything(), SEEN),
    "nested": (
        And((Or((Text("themis"), Text("wind"))), Not(Or((Text("daily"), Text("swepam")))))),
        {THEMIS, WIND},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("node", "expected"), VALUES.values(), ids=VALUES)
def test_values_and_their_combination(index: SearchIndex, node: Node, expected: set[str]) -> None:
    assert keys(index, node) == expected


RUNNING = {MAG_HOUR, WIND, ACE}
TIMES = {
    "one day": ((at(2003, 10, 28), at(2003, 10, 28)), {
        MAG_16, MAG_HOUR, SWEPAM, WIND, ACE, LONG,
    }),
    "before anything but an open start": ((at(1960), at(1970)), {ETUDE}),
    "an open start ends": ((at(1990, 6, 2), at(1991)), NOTHING),
    "the ends belong to it": ((at(1985), at(1986)), {ETUDE, NAMELESS}),
    "the start too": ((at(1970), at(1980)), {ETUDE, NAMELESS}),
    "between ends": ((at(1982), at(1983)), {ETUDE, NAMELESS}),
    "round everything": ((at(1900), at(2100)), {
        MAG_16, MAG_HOUR, SWEPAM, WIND, THEMIS, THEMIS_PLOT, ETUDE, ACE, NAMELESS, LONG,
    }),
    "from a date on": ((at(2012), None), {MAG_16, SWEPAM, THEMIS} | RUNNING),
    "up to a date": ((None, at(1994, 12, 1)), {ETUDE, NAMELESS, WIND}),
    "open at both ends is whatever has a coverage": ((None, None), {
        MAG_16, MAG_HOUR, SWEPAM, WIND, THEMIS, THEMIS_PLOT, ETUDE, ACE, NAMELESS, LONG,
    }),
    "the future": ((days_ago(-3650), None), RUNNING),
    "a month ago, which two months ago is before": ((days_ago(30), None), {THEMIS} | RUNNING),
    "three months ago": ((days_ago(95), None), {MAG_16, THEMIS} | RUNNING),
    "today": ((days_ago(0.5), None), RUNNING),
}  # fmt: skip


@pytest.mark.parametrize(("span", "expected"), TIMES.values(), ids=TIMES)
def test_times(
    index: SearchIndex, span: tuple[float | None, float | None], expected: set[str]
) -> None:
    assert keys(index, Overlap(*span)) == expected


def test_times_go_with_words(index: SearchIndex) -> None:
    node = And((Text("magnetic"), Overlap(at(2003), at(2004))))
    assert keys(index, node) == {MAG_16, MAG_HOUR, SWEPAM, WIND}


WITH_COVERAGE = {MAG_16, MAG_HOUR, SWEPAM, WIND, THEMIS, THEMIS_PLOT, ETUDE, ACE, NAMELESS, LONG}
HELD = {
    "a day in the middle": ((at(2003, 10, 28), at(2003, 10, 28)), {
        MAG_16, MAG_HOUR, SWEPAM, WIND, ACE, LONG,
    }),
    "more than a short one has": ((at(2003, 10, 28), at(2003, 11, 5)), {
        MAG_16, MAG_HOUR, SWEPAM, WIND, ACE,
    }),
    "exactly all of it": ((at(2003, 10, 28), at(2003, 10, 29)), {
        MAG_16, MAG_HOUR, SWEPAM, WIND, ACE, LONG,
    }),
    "up to beyond an end": ((at(2018), at(2020)), {MAG_16, THEMIS} | RUNNING),
    "up to a month ago, which two months ago is before": ((at(2018), days_ago(30)), {
        THEMIS
    } | RUNNING),
    "up to three months ago": ((at(2018), days_ago(95)), {MAG_16, THEMIS} | RUNNING),
    "before nearly everything": ((at(1980), at(1985)), {ETUDE, NAMELESS}),
    "from long ago, however short": ((at(1960), None), {ETUDE}),
    "up to the future": ((None, days_ago(-3650)), RUNNING),
    "neither end asked": ((None, None), WITH_COVERAGE),
    "more than anybody has": ((at(1900), days_ago(-3650)), NOTHING),
}  # fmt: skip


@pytest.mark.parametrize(("span", "expected"), HELD.values(), ids=HELD)
def test_coverage_that_holds_a_span(
    index: SearchIndex, span: tuple[float | None, float | None], expected: set[str]
) -> None:
    assert keys(index, Covers(*span)) == expected


LAIN_IN = {
    "round some": ((at(1979), at(2004)), {NAMELESS, LONG}),
    "exactly its ends": ((at(1980), at(1985)), {NAMELESS}),
    "one second short": ((at(1980), at(1985) - 1), NOTHING),
    "begun one second late": ((at(1980) + 1, at(1985)), NOTHING),
    "up to some day": ((None, at(2004)), {ETUDE, NAMELESS, LONG}),
    "from some day on": ((at(2000), None), {THEMIS, THEMIS_PLOT, LONG}),
    "up to half a day ago": ((at(1995), days_ago(0.5)), {
        MAG_16, SWEPAM, THEMIS, THEMIS_PLOT, LONG,
    }),
    "up to a month ago": ((at(1995), days_ago(20)), {MAG_16, SWEPAM, THEMIS_PLOT, LONG}),
    "what runs lies in nothing that ends": ((at(1900), days_ago(-3650)), {
        MAG_16, SWEPAM, THEMIS, THEMIS_PLOT, NAMELESS, LONG,
    }),
    "neither end asked": ((None, None), WITH_COVERAGE),
}  # fmt: skip


@pytest.mark.parametrize(("span", "expected"), LAIN_IN.values(), ids=LAIN_IN)
def test_coverage_that_lies_in_a_span(
    index: SearchIndex, span: tuple[float | None, float | None], expected: set[str]
) -> None:
    assert keys(index, Within(*span)) == expected


MET = {
    "one value": (Meets("cadence_seconds", 16, 16), {MAG_16}),
    "between": (Meets("cadence_seconds", 10, 3600), {MAG_16, MAG_HOUR, SWEPAM, WIND}),
    "a part of a range": (Meets("cadence_seconds", 100, 200), {SWEPAM}),
    "inside a range": (Meets("cadence_seconds", 70, 80), {SWEPAM}),
    "between two of a record's": (Meets("cadence_seconds", 4, 15), NOTHING),
    "the second of a record's": (Meets("cadence_seconds", 59, 61), {WIND}),
    "its lower end": (Meets("cadence_seconds", 128, 130), {SWEPAM}),
    "its upper end": (Meets("cadence_seconds", 61, 64), {SWEPAM}),
    "open below": (Meets("cadence_seconds", None, 16), {MAG_16, WIND}),
    "open above": (Meets("cadence_seconds", 200, None), {MAG_HOUR}),
    "open at both ends": (Meets("cadence_seconds"), {MAG_16, MAG_HOUR, SWEPAM, WIND}),
    "nothing there": (Meets("cadence_seconds", 1e6, 1e7), NOTHING),
    "particles": (Meets("particle_energy", 1e4, 1e5), {SWEPAM}),
    "light of 17.1 nm": (Meets("spectrum", 1.745e16, 1.76e16), {THEMIS_PLOT}),
    "radio waves": (Meets("spectrum", 1e6, 1e7), {WIND}),
    "ranges of several, added up": (
        And((Meets("cadence_seconds", 1, 5), Meets("spectrum", 1e3, 5e3))), {WIND}
    ),
    "without a range": (
        And((Text("ace"), Filter("kind", ("NumericalData",)), Not(Meets("cadence_seconds")))),
        NOTHING,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("node", "expected"), MET.values(), ids=MET)
def test_ranges(index: SearchIndex, node: Node, expected: set[str]) -> None:
    assert keys(index, node) == expected


CHANGED = {
    "two of three": (And((Text("ace"), Text("needle"), Text("magnetometer")), 2), {
        ACE_MAG, MAG_16, MAG_HOUR,
    }),
    "one of two": (And((Text("needle"), Text("swepam")), 1), {LONG, SWEPAM}),
    "three of three": (And((Text("ace"), Text("composition"), Text("swepam")), 3), {SWEPAM}),
    "two, everything among them": (And((Everything(), Text("needle")), 2), {LONG}),
    "preferred": (And((Text("needle"), Or((Text("unicorn"), Everything())))), {LONG}),
    "either": (Either((Text("needle"), Text("swepam"))), {LONG, SWEPAM}),
    "either of none": (Either(()), NOTHING),
    "either, one not at all": (Either((Text("needle"), Text("unicorn"))), {LONG}),
    "weighted": (Weighted(Text("needle"), 3.0), {LONG}),
    "weighted to nothing": (Weighted(Text("needle"), 0.0), {LONG}),
    "scored": (Scored(Text("needle"), 3.0), {LONG}),
    "scored, of everything": (Scored(Everything(), 1.0), SEEN),
    "not what is weighted": (And((Text("ace"), Not(Weighted(Text("magnetometer"), 2.0)))), {
        SWEPAM, ACE,
    }),
    "hidden ones stay so": (Either((Text("withdrawn"), Scored(Text("needle"), 1.0))), {LONG}),
}  # fmt: skip


@pytest.mark.parametrize(("node", "expected"), CHANGED.values(), ids=CHANGED)
def test_what_is_counted_otherwise(index: SearchIndex, node: Node, expected: set[str]) -> None:
    assert keys(index, node) == expected


def score(index: SearchIndex, node: Node) -> dict[str, float]:
    return {hit.identifier: hit.score for hit in index.search(Query(node, limit=100)).hits}


def test_weights_multiply(index: SearchIndex) -> None:
    plain, double = score(index, Text("magnetic")), score(index, Weighted(Text("magnetic"), 2.0))
    assert plain.keys() == double.keys()
    assert all(double[key] == pytest.approx(2 * plain[key], abs=0.01) for key in plain)


def test_given_scores_are_the_scores(index: SearchIndex) -> None:
    assert set(score(index, Scored(Text("magnetic"), 7.0)).values()) == {7.0}


def test_either_adds_up_and_or_takes_the_best(index: SearchIndex) -> None:
    parts = (Scored(Text("ace"), 2.0), Scored(Text("swepam"), 5.0))
    assert score(index, Either(parts))[SWEPAM] == pytest.approx(7.0)
    assert score(index, Either(parts))[ACE] == pytest.approx(2.0)
    assert score(index, Or(parts))[SWEPAM] == pytest.approx(5.0)


def test_what_is_preferred_counts_more_and_leaves_nothing_out(index: SearchIndex) -> None:
    node = And((Scored(Text("ace"), 2.0), Or((Scored(Text("swepam"), 5.0), Everything()))))
    assert score(index, node)[SWEPAM] == pytest.approx(7.0)
    assert score(index, node)[ACE] == pytest.approx(2.0)


def test_what_is_weighted_down_comes_later(index: SearchIndex) -> None:
    node = Or((Text("needle"), Weighted(Text("swepam"), 0.01)))
    assert [hit.identifier for hit in index.search(Query(node)).hits] == [LONG, SWEPAM]


UNKNOWN = {
    "a field of no name": Text("x", field="colour"),
    "a value as words": Text("Person", field="kind"),
    "words as a value": Filter("name", ("ACE",)),
    "a number as a value": Filter("start", ("0",)),
    "a phrase in no field": Phrase("x y", field="colour"),
    "a prefix in no field": Prefix("x", field="colour"),
    "letters wrong in no field": Fuzzy("x", field="colour"),
    "a range of words": Meets("name", 0, 1),
    "a range in no field": Meets("colour", 0, 1),
    "more than there are": And((Text("a"), Text("colour")), 3),
    "not even one": And((Text("a"), Text("colour")), 0),
    "a weight below nothing": Weighted(Text("colour"), -1.0),
    "a weight that is no number": Scored(Text("colour"), float("nan")),
    "too many letters wrong": Fuzzy("needle", distance=3),
    "deep inside": And((Not(Or((Text("a"), Filter("colour", ("red",))))),)),
}


@pytest.mark.parametrize("node", UNKNOWN.values(), ids=UNKNOWN)
def test_what_does_not_exist_is_named(index: SearchIndex, node: Node) -> None:
    with pytest.raises(BadQuery, match=r"colour|kind|name|start|3 letters|no weight|of 2 parts"):
        index.search(Query(node))


def test_a_query_may_not_be_nested_without_end(index: SearchIndex) -> None:
    node: Node = Text("ace")
    for _ in range(5000):
        node = Not(node)
    with pytest.raises(BadQuery, match="deep"):
        index.search(Query(node))


ANYTHING = [
    *("\x00", "a\x00b", "'; DROP TABLE", "(((", "a AND", "[* TO *]", "\u202egnirts", "\ud800"),
    *("é" * 500, "x" * 5000, "name:", "\\", '"', "+-&|!(){}[]^~*?:/", "NaN", "🛰"),
]


@pytest.mark.parametrize("text", ANYTHING)
@pytest.mark.parametrize("make", [Text, Phrase, Prefix, Fuzzy])
def test_any_text_is_legal(index: SearchIndex, make: type[Text], text: str) -> None:
    page = index.search(Query(make(text)))
    assert 0 <= page.total <= len(SEEN)


def test_hidden_records_are_found_when_asked_for(index: SearchIndex) -> None:
    found = keys(index, Text("withdrawn"), inactive=True)
    assert found == {"spase://NASA/NumericalData/Wind/Withdrawn"}
    assert len(keys(index, Everything(), inactive=True)) == len(SEEN) + 2
