"""Every other adapter gives what looking at every document gives, for queries made at random."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from registry.search import fields
from registry.search.memory import MemoryIndex
from registry.search.query import (
    And,
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
from tests.contracts.search.conftest import ADAPTERS
from tests.contracts.search.documents import OPEN, at, document

WORDS = [
    *("ace", "wind", "field", "fields", "magnetic", "solar", "plasma", "data"),
    *("level", "16", "s", "a", "high", "low", "étude", "flux"),
]
REGIONS = ["Earth", "Earth.Magnetosphere", "Heliosphere", "Sun", "Saturn"]
KINDS = ["NumericalData", "DisplayData", "Catalog", "Person"]
STEPS = [0.5, 1.0, 4.0, 16.0, 60.0, 3600.0]
RESTRICTABLE = {"region": REGIONS, "kind": KINDS, "access": ["Open", "Restricted"]}


def some(chance: random.Random, words: list[str], most: int) -> str:
    return " ".join(chance.choices(words, k=chance.randint(1, most)))


def made(chance: random.Random, number: int) -> dict[str, object]:
    given: dict[str, object] = {
        "kind": [chance.choice(KINDS)],
        "region": chance.sample(REGIONS, chance.randint(0, 3)),
        "access": chance.sample(["Open", "Restricted"], chance.randint(0, 1)),
        "status": ["active" if chance.random() < 0.9 else "inactive"],
        "description": some(chance, WORDS, 12),
        "related": [some(chance, WORDS, 2) for _ in range(chance.randint(0, 3))],
    }
    if chance.random() < 0.9:
        given["name"] = some(chance, WORDS, 5)
    if chance.random() < 0.6:
        ends = (sorted(chance.choices(STEPS, k=2)) for _ in range(chance.randint(1, 3)))
        given["cadence_seconds"] = list(ends)
    if chance.random() < 0.7:
        given["released"] = at(chance.randint(2010, 2015))
    if chance.random() < 0.7:
        given["start"] = chance.choice([at(chance.randint(1970, 2020)), -OPEN])
        ending = chance.choice(["stop", "open", "relative"])
        if ending == "relative":
            given["relative_stop"] = [chance.choice(["-P1D", "-P2M", "-P30Y", "P0D"])]
        else:
            given["stop"] = OPEN if ending == "open" else at(chance.randint(2020, 2024))
    return document(f"spase://X/{number % 7}/Record{number:03}", **given)


def node(chance: random.Random, depth: int = 0) -> Node:
    field = chance.choice(["", "", "name", "description", "related"])
    leaves: list[Node] = [
        Text(some(chance, WORDS, 2), field),
        Phrase(some(chance, WORDS, 3), field),
        Prefix(chance.choice(WORDS)[:2], field),
        Fuzzy(chance.choice(WORDS), chance.randint(0, 2), field),
        Filter("region", tuple(chance.sample(REGIONS, 2))),
        chance.choice([Overlap, Covers, Within])(
            chance.choice([None, at(chance.randint(1960, 2030))]),
            chance.choice([None, at(chance.randint(1960, 2030))]),
        ),
        Meets("cadence_seconds", *chance.choice([(None, 4.0), (16.0, None), (1.0, 16.0)])),
        Everything(),
    ]
    if depth == 2 or chance.random() < 0.4:
        return chance.choice(leaves)
    parts = tuple(node(chance, depth + 1) for _ in range(chance.randint(1, 3)))
    return chance.choice([
        And(parts), Or(parts), Either(parts), Not(parts[0]),
        And(parts, chance.randint(1, len(parts))), And((parts[0], Or((*parts, Everything())))),
        Weighted(parts[0], chance.choice([0.25, 4.0])), Scored(parts[0], 5.0),
    ])  # fmt: skip


def query(chance: random.Random) -> Query:
    chosen = chance.sample(sorted(RESTRICTABLE), chance.randint(0, 2))
    left_out = chance.sample(sorted(RESTRICTABLE), chance.randint(0, 1))
    return Query(
        node(chance),
        restrictions={name: tuple(chance.sample(RESTRICTABLE[name], 1)) for name in chosen},
        excluded={name: tuple(chance.sample(RESTRICTABLE[name], 1)) for name in left_out},
        facets=("region", "kind", "access", "status"),
        facet_size=chance.choice([1, 2, 20]),
        sort=chance.choice(fields.SORTS),
        limit=chance.choice([1, 5, 50]),
        inactive=chance.random() < 0.3,
    )


@pytest.fixture(scope="module", params=[name for name in ADAPTERS if name != "memory"])
def pair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[SearchIndex, SearchIndex]]:
    """An adapter and the oracle, both brought to the same state by some changes."""
    chance = random.Random(5)
    other = ADAPTERS[request.param](tmp_path_factory.mktemp("index"))
    oracle = MemoryIndex()
    documents = [made(chance, number) for number in range(150)]
    batches = [documents[:120], documents[120:], [made(chance, n) for n in range(40, 60)]]
    for number, batch in enumerate(batches):
        gone = [str(one["key"]) for one in chance.sample(documents, 5)]
        for index in (other, oracle):
            assert index.apply(batch, gone, (number, "t")) == []
    yield other, oracle
    other.close()


@pytest.mark.parametrize("seed", range(300))
def test_hits_counts_and_order(pair: tuple[SearchIndex, SearchIndex], seed: int) -> None:
    asked = query(random.Random(seed))
    page, expected = (index.search(asked) for index in pair)
    assert page.total == expected.total
    assert page.facets == expected.facets
    assert (page.next is None) == (expected.next is None)
    if asked.sort != "relevance":
        assert [h.identifier for h in page.hits] == [h.identifier for h in expected.hits]
    every = Query(
        asked.node, asked.restrictions, asked.excluded, limit=500, inactive=asked.inactive
    )
    page, expected = (index.search(every) for index in pair)
    scores = {hit.identifier: hit.score for hit in expected.hits}
    assert {hit.identifier for hit in page.hits} == set(scores)
    # Where the oracle's scores differ clearly, the order is its order.
    theirs = [scores[hit.identifier] for hit in page.hits]
    best_behind = 0.0
    for score in reversed(theirs):
        best_behind = max(best_behind, score)
        assert score >= 0.8 * best_behind


@pytest.mark.parametrize("seed", range(40))
def test_pages(pair: tuple[SearchIndex, SearchIndex], seed: int) -> None:
    chance = random.Random(1000 + seed)
    what, sort = node(chance), chance.choice(fields.SORTS)
    wanted = [hit.identifier for hit in pair[0].search(Query(what, sort=sort, limit=500)).hits]
    seen: list[str] = []
    after: str | None = None
    assert [hit.identifier for hit in pair[0].every(Query(what, sort=sort, limit=1))] == wanted
    while True:
        page = pair[0].search(Query(what, sort=sort, limit=chance.randint(1, 9), after=after))
        seen += [hit.identifier for hit in page.hits]
        after = page.next
        if after is None:
            break
    assert seen == wanted
