"""The parameters of a search's address, as a query."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from registry.search import fields
from registry.search.query import And, BadQuery, Everything, Overlap, Query, Text
from registry.search.requests import DEFAULT_FACETS, FACET_PARAMETERS, query_from


def moment(*parts: int) -> float:
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type,misc]


def span(**args: str) -> Overlap:
    node = query_from({name.rstrip("_"): [value] for name, value in args.items()}).node
    assert isinstance(node, And)
    overlap = node.nodes[1]
    assert isinstance(overlap, Overlap)
    return overlap


def test_nothing_asked_for() -> None:
    assert query_from({}) == Query(Everything(), facets=DEFAULT_FACETS, limit=20)
    empty = query_from({"q": [" "], "kind": [""], "from": [""], "sort": [""], "limit": [""]})
    assert replace(empty, typed="") == query_from({})


def test_words_and_restrictions() -> None:
    query = query_from(
        {"q": ["ACE"], "kind": ["NumericalData", "Catalog"], "region": ["-Earth", "Sun"]}
    )
    assert isinstance(query.node, And)
    assert query.node.nodes[0] == Text("ace")
    assert query.typed == "ACE"
    assert query.restrictions == {"kind": ("NumericalData", "Catalog"), "region": ("Sun",)}
    assert query.excluded == {"region": ("Earth",)}


def test_facets_are_the_callers() -> None:
    assert query_from({}, facets=("kind",)).facets == ("kind",)


def test_every_restriction_is_a_facet() -> None:
    assert set(FACET_PARAMETERS) <= set(fields.FACETS)
    assert set(DEFAULT_FACETS) <= set(fields.FACETS)


@pytest.mark.parametrize("sort", fields.SORTS)
def test_sorts(sort: str) -> None:
    assert query_from({"sort": [sort]}).sort == sort


@pytest.mark.parametrize(
    ("text", "wanted"), [("yes", True), ("1", True), ("no", False), ("0", False)]
)
def test_inactive(text: str, wanted: bool) -> None:
    assert query_from({"inactive": [text]}).inactive is wanted


def test_who_asks_for_a_status_sees_it() -> None:
    assert query_from({"status": ["withdrawn"]}).inactive


DATES = {
    "2003": (moment(2003, 1, 1), moment(2004, 1, 1)),
    "2003-10": (moment(2003, 10, 1), moment(2003, 11, 1)),
    "2003-12": (moment(2003, 12, 1), moment(2004, 1, 1)),
    "2003-10-28": (moment(2003, 10, 28), moment(2003, 10, 29)),
    "9999": (moment(9999, 1, 1), moment(9999, 12, 31, 23, 59, 59)),
}


@pytest.mark.parametrize(("text", "expected"), DATES.items(), ids=DATES)
def test_dates_stand_for_all_they_name(text: str, expected: tuple[float, float]) -> None:
    begin, end = expected
    assert span(from_=text) == Overlap(begin, None)
    stop = span(to=text).stop
    assert stop is not None
    assert stop == pytest.approx(end, abs=1)
    assert begin < stop
    assert stop < end or text == "9999"


def test_a_time_stands_for_itself() -> None:
    assert span(from_="2003-10-28T06:00:00Z", to="2003-10-28T08:00:00+02:00") == Overlap(
        moment(2003, 10, 28, 6), moment(2003, 10, 28, 6)
    )


BAD = {
    "an unknown parameter, with what is near": ({"regoin": ["x"]}, "regoin.*'region'"),
    "an unknown parameter, with what there is": ({"zzz": ["x"]}, "zzz.*measurement"),
    "an unknown verdict": ({"verdict": ["good"]}, "verdict.*good.*invalid"),
    "an unknown format": ({"format": ["-fits"]}, "format.*fits.*spase"),
    "an unknown sort": ({"sort": ["size"]}, "sort.*size.*released"),
    "no date": ({"from": ["soon"]}, "from.*soon"),
    "no such day": ({"to": ["2003-02-30"]}, "to.*2003-02-30"),
    "no such month": ({"to": ["2003-13"]}, "to.*2003-13"),
    "the year nought": ({"to": ["0000"]}, "to.*0000"),
    "times the wrong way round": ({"from": ["2004"], "to": ["2003"]}, "from.*2004.*to.*2003"),
    "a limit that is no number": ({"limit": ["many"]}, "limit.*many"),
    "a limit that is too large": ({"limit": ["1000000000"]}, "limit.*500"),
    "a negative limit": ({"limit": ["-1"]}, "limit"),
    "other digits": ({"limit": ["٣"]}, "limit"),
    "neither yes nor no": ({"inactive": ["maybe"]}, "inactive.*maybe"),
    "one of two": ({"sort": ["name", "start"]}, "sort.*once"),
}


@pytest.mark.parametrize(("args", "words"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named(args: dict[str, list[str]], words: str) -> None:
    with pytest.raises(BadQuery, match=words):
        query_from(args)


@pytest.mark.parametrize("name", ["verdict", "from", "limit", "sort", "inactive", "x" * 100_000])
def test_messages_stay_short(name: str) -> None:
    with pytest.raises(BadQuery) as error:
        query_from({name: ["x" * 100_000]})
    assert len(str(error.value)) < 500
