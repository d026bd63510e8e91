"""What comes back: order, fields, counts, and one page after the other."""

from __future__ import annotations

import pytest

from registry.search.query import (
    And,
    BadQuery,
    Everything,
    Filter,
    Node,
    Not,
    Query,
    SearchIndex,
    Text,
)
from tests.contracts.search.documents import (
    ACE,
    ACE_MAG,
    BALOGH,
    DOCUMENTS,
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
)

SORTS = ("relevance", "name", "released", "start")


def ordered(index: SearchIndex, query: Query) -> list[str]:
    return [str(hit.fields["key"]) for hit in index.search(query).hits]


def test_a_name_counts_more_than_a_description(index: SearchIndex) -> None:
    found = ordered(index, Query(Text("solar wind")))
    assert found[0] == SWEPAM
    assert ordered(index, Query(Text("magnetic")))[-1] == SWEPAM


def test_what_is_named_so_comes_before_what_refers_to_it(index: SearchIndex) -> None:
    assert ordered(index, Query(Text("ACE")))[0] == ACE
    assert ordered(index, Query(Text("ACE magnetometer")))[0] == ACE_MAG
    assert ordered(index, Query(Text("mag")))[0] == ACE_MAG


def test_scores_fall(index: SearchIndex) -> None:
    scores = [hit.score for hit in index.search(Query(Text("ace"))).hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] > 0


def test_restrictions_do_not_change_the_order(index: SearchIndex) -> None:
    free = ordered(index, Query(Text("magnetic")))
    node = And((Text("magnetic"), Not(Filter("kind", ("Person",)))))
    assert ordered(index, Query(node)) == free
    bound = ordered(index, Query(Text("magnetic"), restrictions={"access": ("Open",)}))
    assert bound == [key for key in free if key in bound]


def test_without_words_hits_go_by_key(index: SearchIndex) -> None:
    assert ordered(index, Query(limit=100)) == sorted(SEEN)
    found = ordered(index, Query(Filter("kind", ("NumericalData",)), limit=100))
    assert found == sorted(found)


def test_by_name(index: SearchIndex) -> None:
    # As Unicode's letters stand, accents and case set aside; what has no name comes last.
    found = ordered(index, Query(sort="name", limit=100))
    assert found == [
        LONG,
        ACE,
        MAG_HOUR,
        MAG_16,
        ACE_MAG,
        SWEPAM,
        BALOGH,
        "spase://SMWG/Repository/CDAWeb",
        ETUDE,
        SERVICE,
        THEMIS_PLOT,
        THEMIS,
        WIND,
        NAMELESS,
    ]


def test_newest_first(index: SearchIndex) -> None:
    found = ordered(index, Query(sort="released", limit=100))
    assert found[:5] == [SERVICE, MAG_HOUR, LONG, MAG_16, WIND]
    assert found[-3:] == [NAMELESS, THEMIS_PLOT, "spase://SMWG/Repository/CDAWeb"]


def test_by_start(index: SearchIndex) -> None:
    found = ordered(index, Query(sort="start", limit=100))
    assert found[:5] == [ETUDE, NAMELESS, WIND, ACE, MAG_16]
    assert found[-4:] == [
        SERVICE,
        ACE_MAG,
        BALOGH,
        "spase://SMWG/Repository/CDAWeb",
    ]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 13, 14, 15])
def test_pages_add_up_to_the_whole(index: SearchIndex, sort: str, limit: int) -> None:
    for node in (Everything(), Text("magnetic"), Filter("kind", ("NumericalData",))):
        whole = index.search(Query(node, sort=sort, limit=100))
        assert whole.next is None
        seen: list[str] = []
        after = None
        while True:
            page = index.search(Query(node, sort=sort, limit=limit, after=after))
            assert page.total == whole.total
            assert len(page.hits) <= limit
            seen += [hit.identifier for hit in page.hits]
            after = page.next
            if after is None:
                break
            assert len(page.hits) == limit
        assert seen == [hit.identifier for hit in whole.hits]


def test_no_hits_wanted(index: SearchIndex) -> None:
    page = index.search(Query(Text("magnetic"), limit=0, facets=("kind",)))
    assert page.hits == []
    assert page.total == 5
    assert page.facets["kind"] == [("NumericalData", 5)]
    assert page.next is None


def test_more_than_there_are(index: SearchIndex) -> None:
    page = index.search(Query(limit=10**9))
    assert len(page.hits) == len(SEEN)


def test_stored_fields_come_back(index: SearchIndex) -> None:
    hit = index.search(Query(Filter("key", (MAG_16,)))).hits[0]
    source = next(one for one in DOCUMENTS if one["key"] == MAG_16)
    assert hit.identifier == MAG_16
    for name in ("name", "kind", "region", "instrument_names", "start", "relative_stop", "doi"):
        assert hit.fields[name] == source[name]
    assert "stop" not in hit.fields
    assert "related" not in hit.fields


def test_the_identifier_comes_back_as_written(index: SearchIndex) -> None:
    hit = index.search(Query(Text("solar-system tables"))).hits[0]
    assert hit.fields["key"] == "ivo://vo.example/tap"
    assert hit.identifier == "ivo://VO.example/TAP"


def test_a_long_description_is_cut_at_a_word(index: SearchIndex) -> None:
    text = str(index.search(Query(Text("needle"))).hits[0].fields["description"])
    assert text.endswith("word …")
    assert 450 < len(text) < 510


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("node", [Everything(), Text("magnetic"), Text("unicorn")])
def test_all_hits_come_in_order(index: SearchIndex, sort: str, node: Node) -> None:
    query = Query(node, sort=sort, limit=2, facets=("kind",))
    whole = index.search(Query(node, sort=sort, limit=100)).hits
    assert list(index.every(query)) == whole


def test_all_hits_under_restrictions(index: SearchIndex) -> None:
    query = Query(
        restrictions={"observatory": (ACE,)},
        excluded={"access": ("Restricted",)},
        facets=("observatory",),
    )
    assert [hit.identifier for hit in index.every(query)] == [MAG_16, MAG_HOUR, ACE_MAG]


def test_all_hits_of_a_query_that_is_none(index: SearchIndex) -> None:
    with pytest.raises(BadQuery):
        list(index.every(Query(sort="colour")))


BAD_AFTER = ["", "!", "AAAA", "bm9uc2Vuc2U", "W10", "WyJuYW1lIl0", "é", "x" * 10000, "[" * 5000]


@pytest.mark.parametrize("after", BAD_AFTER)
def test_an_after_of_no_page_is_said(index: SearchIndex, after: str) -> None:
    with pytest.raises(BadQuery, match="after"):
        index.search(Query(after=after))


def test_an_after_of_another_sort_is_said(index: SearchIndex) -> None:
    after = index.search(Query(limit=1, sort="name")).next
    with pytest.raises(BadQuery, match="after"):
        index.search(Query(limit=1, sort="start", after=after))


def test_an_after_of_a_query_without_words_does_not_fit_one_with(index: SearchIndex) -> None:
    after = index.search(Query(limit=1)).next
    with pytest.raises(BadQuery, match="after"):
        index.search(Query(Text("ace"), limit=1, after=after))


def test_an_unknown_sort_is_said(index: SearchIndex) -> None:
    with pytest.raises(BadQuery, match=r"colour.*relevance"):
        index.search(Query(sort="colour"))


def test_a_negative_limit_is_said(index: SearchIndex) -> None:
    with pytest.raises(BadQuery):
        index.search(Query(limit=-1))
