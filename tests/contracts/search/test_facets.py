"""Counts by facet, restrictions, and what is left out."""

from __future__ import annotations

import pytest

from registry.search import fields
from registry.search.query import BadQuery, Query, SearchIndex, Text
from tests.contracts.search.documents import (
    ACE,
    DOCUMENTS,
    HIDDEN,
    MAG_16,
    MAG_HOUR,
    SEEN,
    SWEPAM,
    THEMIS,
    THEMIS_PLOT,
    WIND,
)


def found(index: SearchIndex, query: Query) -> set[str]:
    return {str(hit.fields["key"]) for hit in index.search(query).hits}


def test_counts_go_down_and_then_by_value(index: SearchIndex) -> None:
    page = index.search(Query(Text("magnetic"), facets=("measurement", "kind", "observatory")))
    assert page.facets["measurement"] == [
        ("MagneticField", 4),
        ("ElectricField", 1),
        ("ThermalPlasma", 1),
    ]
    assert page.facets["kind"] == [("NumericalData", 5)]
    assert page.facets["observatory"][0] == (ACE, 3)


@pytest.mark.parametrize("name", fields.FACETS)
def test_every_facet_counts_what_is_there(index: SearchIndex, name: str) -> None:
    expected: dict[str, int] = {}
    for one in DOCUMENTS:
        if one["key"] not in HIDDEN:
            for value in one.get(name, []):  # type: ignore[attr-defined]
                expected[value] = expected.get(value, 0) + 1
    page = index.search(Query(facets=(name,), facet_size=100))
    assert dict(page.facets[name]) == expected


def test_records_that_are_hidden_are_not_counted(index: SearchIndex) -> None:
    page = index.search(Query(facets=("status",)))
    assert page.facets["status"] == [("active", len(SEEN))]
    page = index.search(Query(facets=("status",), inactive=True))
    assert page.facets["status"] == [
        ("active", len(SEEN)),
        ("deprecated", 1),
        ("withdrawn", 1),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_a_facet_is_cut_by_count_then_by_value(index: SearchIndex, size: int) -> None:
    page = index.search(Query(facets=("region",), facet_size=size))
    assert (
        page.facets["region"]
        == [
            ("Heliosphere.NearEarth", 4),
            ("Earth.Magnetosphere", 2),
            ("Earth.Magnetosheath", 1),
            ("Earth.NearSurface", 1),
            ("Heliosphere.Inner", 1),
        ][:size]
    )


def test_facets_of_nothing_are_empty(index: SearchIndex) -> None:
    page = index.search(Query(Text("unicorn"), facets=("kind", "region")))
    assert page.facets == {"kind": [], "region": []}
    assert page.total == 0


def test_one_restriction(index: SearchIndex) -> None:
    assert found(index, Query(restrictions={"access": ("Restricted",)})) == {SWEPAM}


def test_values_of_one_field_are_alternatives(index: SearchIndex) -> None:
    wanted = {"region": ("Earth.Magnetosheath", "Earth.Magnetosphere")}
    assert found(index, Query(restrictions=wanted)) == {WIND, THEMIS, THEMIS_PLOT}


def test_restrictions_of_several_fields_add_up(index: SearchIndex) -> None:
    wanted = {"observatory": (ACE,), "measurement": ("MagneticField",)}
    assert found(index, Query(restrictions=wanted)) == {MAG_16, MAG_HOUR}


def test_a_restriction_goes_with_words(index: SearchIndex) -> None:
    query = Query(Text("ace"), restrictions={"kind": ("Observatory",)})
    assert found(index, query) == {ACE}


def test_values_can_be_left_out(index: SearchIndex) -> None:
    query = Query(Text("magnetic"), excluded={"observatory": (ACE,)})
    assert found(index, query) == {WIND, THEMIS}


def test_a_restricted_facet_is_counted_without_its_own_restriction(index: SearchIndex) -> None:
    query = Query(
        Text("magnetic"),
        restrictions={"observatory": (ACE,), "access": ("Open",)},
        facets=("observatory", "access", "measurement"),
    )
    page = index.search(query)
    assert {str(hit.fields["key"]) for hit in page.hits} == {MAG_16, MAG_HOUR}
    assert page.total == 2
    assert dict(page.facets["observatory"]) == {
        ACE: 2,
        "spase://SMWG/Observatory/Wind": 1,
        "spase://SMWG/Observatory/THEMIS/A": 1,
    }
    assert page.facets["access"] == [("Open", 2), ("Restricted", 1)]
    assert page.facets["measurement"] == [("MagneticField", 2)]


def test_a_value_left_out_is_not_counted(index: SearchIndex) -> None:
    page = index.search(Query(excluded={"kind": ("NumericalData",)}, facets=("kind",)))
    assert "NumericalData" not in dict(page.facets["kind"])
    assert dict(page.facets["kind"])["Person"] == 1


@pytest.mark.parametrize(
    "query",
    [
        Query(facets=("colour",)),
        Query(facets=("name",)),
        Query(facets=("start",)),
        Query(restrictions={"colour": ("red",)}),
        Query(excluded={"colour": ("red",)}),
        Query(restrictions={"key": (MAG_16,)}),
    ],
)
def test_an_unknown_facet_is_named(index: SearchIndex, query: Query) -> None:
    with pytest.raises(BadQuery, match=r"colour|name|start|key"):
        index.search(query)
