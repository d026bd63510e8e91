"""`make facets`: the counts of every facet, beside those by looking at every document of the store.

    python -m benchmarks.facet_counts DATA [--number 200]

For restrictions and exclusions made at random. Ends with status 1 where a count differs.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from registry.engines import open_index, open_store
from registry.followers.described import every_described
from registry.search import fields
from registry.search.query import Query, SearchIndex
from registry.settings import read_settings

Document = dict[str, frozenset[str]]
"""The values of a document by facet."""
Counts = dict[str, dict[str, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--number", type=int, default=200)
    options = parser.parse_args()
    settings = read_settings(options.data)
    store, index = open_store(settings), open_index(settings)
    with store.reading() as reader:
        documents = [
            facet_values(item.document()) for item in every_described(reader) if item.record
        ]
    wrong = differences(index, documents, options.number)
    for line in wrong:
        print(line)
    print(
        f"{options.number} restrictions, {len(fields.FACETS)} facets, {len(documents):,} records:"
        f" {len(wrong)} counts differ"
    )
    sys.exit(1 if wrong else 0)


def facet_values(document: Mapping[str, object]) -> Document:
    """The values of a document in each facet."""
    found = ((name, document.get(name)) for name in fields.FACETS)
    return {
        name: frozenset(map(str, value)) if isinstance(value, (list, tuple)) else frozenset()
        for name, value in found
    }


def differences(index: SearchIndex, documents: Sequence[Document], number: int) -> list[str]:
    """What an index counts otherwise than looking at every document does, for so many queries."""
    wrong = []
    for query in restrictions(documents, number):
        page = index.search(query)
        expected = counted(documents, query)
        for facet in query.facets:
            if dict(page.facets[facet]) != expected[facet]:
                asked = f"{query.restrictions} without {query.excluded}"
                wrong.append(f"{facet} under {asked}")
    return wrong


def counted(documents: Sequence[Document], query: Query) -> Counts:
    """How often each value of each facet stands in what the restrictions of a query leave.

    A facet is counted without its own restriction. What the query says in words is not looked at.
    """
    free = [one for one in documents if _wanted(one, query, "")]
    found: Counts = {}
    for facet in query.facets:
        left = free
        if facet in query.restrictions:
            left = [one for one in documents if _wanted(one, query, facet)]
        counts: Counter[str] = Counter()
        for one in left:
            counts.update(one[facet])
        found[facet] = dict(counts)
    return found


def restrictions(documents: Sequence[Document], number: int, seed: int = 0) -> Iterator[Query]:
    """So many queries of one to three restrictions and exclusions, made at random, all facets."""
    chance = random.Random(seed)
    every = {
        facet: sorted({value for document in documents for value in document[facet]})
        for facet in fields.FACETS
    }
    usable = [facet for facet, values in every.items() if values]
    for _ in range(number):
        chosen = chance.sample(usable, chance.randint(1, 3))
        excluded = [facet for facet in chosen[1:] if chance.random() < 0.4]
        made = {facet: _some(chance, every[facet]) for facet in chosen}
        yield Query(
            restrictions={facet: made[facet] for facet in chosen if facet not in excluded},
            excluded={facet: made[facet] for facet in excluded},
            facets=fields.FACETS,
            facet_size=50_000,
            limit=0,
            inactive=chance.random() < 0.3,
        )


def _some(chance: random.Random, values: Sequence[str]) -> tuple[str, ...]:
    return tuple(chance.sample(values, min(len(values), chance.randint(1, 3))))


def _wanted(document: Document, query: Query, but: str) -> bool:
    """Whether a document is found, the restriction of the facet `but` left aside."""
    if not query.inactive and document["status"] != {"active"}:
        return False
    if any(document[name] & set(values) for name, values in query.excluded.items()):
        return False
    return all(
        document[name] & set(values) for name, values in query.restrictions.items() if name != but
    )


if __name__ == "__main__":
    main()
