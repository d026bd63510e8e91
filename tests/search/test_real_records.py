"""Real records, found as people look for them, and counted as looking at each counts them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.facet_counts import differences, facet_values
from mappings.to_search import to_search
from registry.search.memory import MemoryIndex
from registry.search.parsing import parsed
from registry.search.query import Query
from registry.search.requests import DEFAULT_FACETS
from registry.search.tantivy_index import TantivyIndex
from tests.mappings import real_records
from tests.shared import needs_shared

pytestmark = needs_shared

SOME = ("/ACE", "/Wind/MFI", "/THEMIS/A", "/Helios", "/OMNI", "SMWG/Repository")


@pytest.fixture(scope="module")
def documents() -> list[dict[str, object]]:
    return [
        to_search(real_records.spase(name.removesuffix(".xml")), {})
        for _, name in real_records.spase_names()
        if any(part in name for part in SOME)
    ]


@pytest.fixture(scope="module")
def index(
    documents: list[dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TantivyIndex]:
    made = TantivyIndex(Path(tmp_path_factory.mktemp("real")))
    assert made.build(documents, (1, "t")) == []
    yield made
    made.close()


MAG = "spase://NASA/NumericalData/ACE/MAG/L2/PT16S"
FIRST = {
    "ACE magnetic field 16 second": MAG,
    "ace magnetic field 16s": MAG,
    "ACE magnetic fields PT16S level 2": MAG,
    "spase://VHO/NumericalData/ACE/MAG/L2_PT16S": MAG,
    "doi:10.48322/e0dc-0h53": MAG,
    "THEMIS-A fluxgate": "spase://SMWG/Instrument/THEMIS/A/FGM",
    "omni 1 min": "spase://NASA/NumericalData/OMNI/HighResolutionObservations/Version1/PT1M",
}


@pytest.mark.parametrize(("text", "expected"), FIRST.items(), ids=FIRST)
def test_what_comes_first(index: TantivyIndex, text: str, expected: str) -> None:
    assert index.search(Query(parsed(text))).hits[0].identifier == expected


def test_a_data_centres_name_finds_the_dataset(index: TantivyIndex) -> None:
    found = [hit.identifier for hit in index.search(Query(parsed("AC_H0_MFI"))).hits]
    assert MAG in found


QUERIES = ["", "magnetic field", "ACE -magnetic", '"solar wind"', "them*", "16 s", "kind:Person"]


@pytest.mark.parametrize("text", QUERIES)
def test_counts_are_those_of_looking_at_each(
    index: TantivyIndex, documents: list[dict[str, object]], text: str
) -> None:
    oracle = MemoryIndex()
    oracle.build(documents, (1, "t"))
    query = Query(
        parsed(text),
        restrictions={"access": ("Open",)},
        facets=DEFAULT_FACETS,
        facet_size=50,
        sort="name",
        limit=1000,
    )
    page, expected = index.search(query), oracle.search(query)
    assert page.total == expected.total
    assert page.facets == expected.facets
    assert [h.identifier for h in page.hits] == [h.identifier for h in expected.hits]


def test_every_facet_counts_what_looking_at_each_record_counts(
    index: TantivyIndex, documents: list[dict[str, object]]
) -> None:
    assert differences(index, [facet_values(one) for one in documents], 25) == []
