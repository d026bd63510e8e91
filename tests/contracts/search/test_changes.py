"""What is written: documents in and out, the marker with them, refusals, building anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.search.query import Filter, Query, SearchIndex, Text
from tests.contracts.search.documents import document

A, B, C = (f"spase://X/NumericalData/{letter}" for letter in "ABC")


def names(index: SearchIndex) -> dict[str, object]:
    page = index.search(Query(limit=100, inactive=True))
    assert page.total == len(page.hits)
    return {str(hit.fields["key"]): hit.fields.get("name") for hit in page.hits}


def test_a_new_index_answers_with_nothing(empty: SearchIndex) -> None:
    page = empty.search(Query(Text("ace"), facets=("kind",)))
    assert (page.hits, page.total, page.facets, page.next) == ([], 0, {"kind": []}, None)
    assert empty.marker() == (0, "")
    assert list(empty.identifiers()) == []


def test_documents_come_in_change_and_go(empty: SearchIndex) -> None:
    assert empty.apply([document(A, name="one"), document(B, name="two")], [], (5, "t")) == []
    assert names(empty) == {A: "one", B: "two"}
    assert empty.marker() == (5, "t")
    empty.apply([document(B, name="changed"), document(C, name="three")], [A], (9, "t"))
    assert names(empty) == {B: "changed", C: "three"}
    assert empty.marker() == (9, "t")
    assert empty.search(Query(Text("two"))).total == 0
    assert empty.search(Query(Text("changed"))).total == 1


def test_the_marker_moves_alone(empty: SearchIndex) -> None:
    empty.apply([document(A)], [], (1, "t"))
    empty.apply([], [], (2, "u"))
    assert empty.marker() == (2, "u")
    assert set(names(empty)) == {A}


def test_the_marker_is_never_found(empty: SearchIndex) -> None:
    empty.apply([], [], (2, "marker"))
    page = empty.search(Query(inactive=True, facets=("kind", "status")))
    assert page.total == 0
    assert page.facets == {"kind": [], "status": []}
    assert list(empty.identifiers()) == []


def test_applying_again_changes_nothing(empty: SearchIndex) -> None:
    batch = [document(A, name="one"), document(B, name="two")]
    for _ in range(3):
        empty.apply(batch, [C], (5, "t"))
        assert names(empty) == {A: "one", B: "two"}


def test_what_is_gone_may_never_have_been(empty: SearchIndex) -> None:
    assert empty.apply([], ["spase://X/Never/Was"], (1, "t")) == []
    assert names(empty) == {}


def test_keys_alike_are_not_mixed_up(empty: SearchIndex) -> None:
    others = [A.lower(), A + "/B", A[:-1], A + "é", A + " "]
    empty.apply([document(key) for key in (A, *others)], [], (1, "t"))
    empty.apply([], [A], (2, "t"))
    assert set(names(empty)) == set(others)


def test_the_last_of_one_key_counts(empty: SearchIndex) -> None:
    empty.apply([document(A, name="one"), document(A, name="two")], [], (1, "t"))
    assert names(empty) == {A: "two"}


def test_all_hits_are_those_of_one_moment(empty: SearchIndex) -> None:
    keys = [f"spase://X/NumericalData/{number:04}" for number in range(2500)]
    empty.build([document(key, name="x") for key in keys], (1, "t"))
    found: list[str] = []
    for hit in empty.every(Query(Text("x"))):
        if not found:
            empty.apply([document(A, name="x")], keys[100:], (2, "t"))
        found.append(hit.identifier)
    assert found == keys


def test_identifiers_and_digests(empty: SearchIndex) -> None:
    hidden = document(C, status=["withdrawn"])
    empty.apply([document(A, digest="a"), document(B, digest="b"), hidden], [], (1, "t"))
    assert sorted(empty.identifiers()) == [(A, "a"), (B, "b"), (C, f"digest of {C}")]


BROKEN: dict[str, dict[str, Any]] = {
    "a number that is none": document(B, start="soon"),
    "a value that is none": document(B, kind=[7]),
    "text that is none": document(B, name=[3]),
    "no Unicode": document(B, kind=["\ud800"]),
    "a range that is none": document(B, cadence_seconds=[16.0]),
    "a range the wrong way round": document(B, cadence_seconds=[[2.0, 1.0]]),
    "a value without a list": document(B, kind=7),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_refused_is_left_out_and_named(
    empty: SearchIndex, broken: dict[str, object]
) -> None:
    empty.apply([document(B, name="as it was")], [], (1, "t"))
    refused = empty.apply([document(A), broken, document(C)], [], (2, "t"))
    assert [key for key, _ in refused] == [B]
    assert refused[0][1]
    assert set(names(empty)) == {A, C}
    assert empty.marker() == (2, "t")


@pytest.mark.parametrize("key", [None, "", 7])
def test_a_document_without_a_key_is_refused(empty: SearchIndex, key: object) -> None:
    broken = document(A) | {"key": key}
    refused = empty.apply([broken, document(B)], [], (1, "t"))
    assert len(refused) == 1
    assert set(names(empty)) == {B}


def test_building_replaces_everything(empty: SearchIndex) -> None:
    empty.apply([document(A), document(B)], [], (1, "t"))
    assert empty.build((document(key) for key in (B, C)), (7, "u")) == []
    assert set(names(empty)) == {B, C}
    assert empty.marker() == (7, "u")


def test_building_leaves_out_what_is_refused(empty: SearchIndex) -> None:
    documents = [document(A), BROKEN["a number that is none"], document(C)]
    refused = empty.build(documents, (7, "u"))
    assert [key for key, _ in refused] == [B]
    assert set(names(empty)) == {A, C}


def test_building_of_nothing(empty: SearchIndex) -> None:
    empty.apply([document(A)], [], (1, "t"))
    empty.build([], (8, "u"))
    assert names(empty) == {}
    assert empty.marker() == (8, "u")


def test_the_old_index_answers_while_a_new_one_is_built(empty: SearchIndex) -> None:
    empty.apply([document(A)], [], (1, "t"))

    def watched() -> Iterator[dict[str, object]]:
        for key in (B, C):
            yield document(key)
            assert set(names(empty)) == {A}
            assert empty.marker() == (1, "t")

    empty.build(watched(), (2, "t"))
    assert set(names(empty)) == {B, C}


def test_an_interrupted_build_leaves_the_old_index(empty: SearchIndex) -> None:
    empty.apply([document(A)], [], (1, "t"))

    def breaking() -> Iterator[dict[str, object]]:
        yield document(B)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        empty.build(breaking(), (2, "t"))
    assert set(names(empty)) == {A}
    assert empty.marker() == (1, "t")
    empty.apply([document(C)], [], (3, "t"))
    assert set(names(empty)) == {A, C}


def test_many_small_changes(empty: SearchIndex) -> None:
    for number in range(30):
        key = f"spase://X/NumericalData/{number % 10}"
        empty.apply([document(key, name=f"state {number}")], [], (number, "t"))
    assert sorted(map(str, names(empty).values())) == [f"state {n}" for n in range(20, 30)]
    assert empty.marker() == (29, "t")
    assert empty.search(Query(Filter("key", ("spase://X/NumericalData/3",)))).total == 1


@pytest.mark.parametrize("sort", ["relevance", "name", "released", "start"])
def test_a_page_goes_on_where_records_came_and_went(empty: SearchIndex, sort: str) -> None:
    def key(number: int) -> str:
        return f"spase://X/NumericalData/{number:02}"

    empty.build([document(key(n), name="x", released=1.0) for n in range(0, 40, 2)], (1, "t"))
    page = empty.search(Query(Text("x"), sort=sort, limit=5))
    assert [hit.identifier for hit in page.hits] == [key(n) for n in (0, 2, 4, 6, 8)]
    # Of what stood before some goes, behind it something comes: every score is another.
    new = document(key(11), name="x", released=1.0)
    empty.apply([new], [key(n) for n in (0, 2, 6)], (2, "t"))
    page = empty.search(Query(Text("x"), sort=sort, limit=3, after=page.next))
    assert [hit.identifier for hit in page.hits] == [key(n) for n in (10, 11, 12)]
    page = empty.search(Query(Text("x"), sort=sort, limit=100, after=page.next))
    assert [hit.identifier for hit in page.hits] == [key(n) for n in range(14, 40, 2)]


@pytest.mark.parametrize("sort", ["name", "released", "start"])
def test_a_page_goes_on_when_its_last_hit_has_gone(empty: SearchIndex, sort: str) -> None:
    keys = [f"spase://X/NumericalData/{number}" for number in range(6)]
    empty.build([document(key, name="x", start=3.0) for key in keys], (1, "t"))
    page = empty.search(Query(sort=sort, limit=3))
    empty.apply([], keys[1:3], (2, "t"))
    page = empty.search(Query(sort=sort, limit=3, after=page.next))
    assert [hit.identifier for hit in page.hits] == keys[3:]
