"""Hits of tantivy in their total order (the sort's value, then the key), page after page.

tantivy orders by one value and leaves equal ones as its segments hold them. A page by a value
begins with a range behind the hit where the one before ended, so that deep pages cost what the
first one does. Scores have no ranges: there the place of that hit is looked for, which is quick
where it still is what the token says. Where the index has changed meanwhile, the hit is scored
again; where the hit itself has gone, the old score has to do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

import tantivy

from registry.search import pages
from registry.search.pages import Place

KEY, NAME, START, RELEASED = "key", "sort_name", "sort_start", "sort_released"
_COLUMNS = {"key": KEY, "name": NAME, "start": START, "released": RELEASED}

_Q = tantivy.Query
_MUST = tantivy.Occur.Must


class Found(NamedTuple):
    """A hit, its order ascending, and (by relevance) how many stand before those of its order."""

    order: float | str
    key: str
    address: Any
    rank: int = 0


class Ranking:
    """What both orders have in common. `key_at` reads the key of the document at an address."""

    def __init__(self, index: Any, searcher: Any, query: Any, key_at: Callable[[Any], str]) -> None:
        self._index = index
        self._searcher = searcher
        self._query = query
        self._key_at = key_at
        self._most = max(searcher.num_docs, 1) + 1
        self.total = 0

    def _found(self, order: float | str, address: Any, rank: int = 0) -> Found:
        return Found(order, self._key_at(address), address, rank)


class ByValue(Ranking):
    """In order of a column that every document has; `sort` is key, name, released or start."""

    def __init__(
        self, index: Any, searcher: Any, query: Any, key_at: Callable[[Any], str], sort: str
    ) -> None:
        super().__init__(index, searcher, query, key_at)
        self._column = _COLUMNS[sort]

    def page(self, limit: int, after: Place | None) -> tuple[list[Found], bool]:
        """At most `limit` hits that come after `after`, and whether there are more."""
        wanted = min(limit, self._most) + 1
        query, hits = self._query, []
        if after is not None:
            self.total = self._searcher.search(query, 1).count
            hits = self._equal(after.order, after.key, wanted)
            query = _both(query, self._behind(self._column, after.order))
        missing = wanted - len(hits)
        if missing > 0:
            window, count = self._ordered(query, self._column, missing)
            self.total = self.total if after else count
            hits.extend(self._in_order(window, missing))
        return hits[:limit], len(hits) > limit

    def _in_order(self, window: list[tuple[float | str, Any]], limit: int) -> list[Found]:
        hits: list[Found] = []
        for order, group in groupby(window, key=lambda hit: hit[0]):
            found = [self._found(order, address) for _, address in group]
            if len(hits) + len(found) == limit:
                # The group may go on behind the window: its first ones are asked for by key.
                found = self._equal(order, None, len(found))
            hits.extend(sorted(found, key=lambda hit: hit.key))
        return hits

    def _equal(self, order: float | str, after: str | None, limit: int) -> list[Found]:
        """The first hits of this value, by key, behind the key `after`."""
        if isinstance(order, str):
            same = _Q.term_query(self._index.schema, self._column, order)
        else:
            kind = tantivy.FieldType.Float
            same = _Q.range_query(self._index.schema, self._column, kind, order, order)
        query = _both(self._query, same)
        if after is not None:
            query = _both(query, self._behind(KEY, in_order(after)))
        window, _ = self._ordered(query, KEY, limit)
        return [self._found(order, address) for _, address in window]

    def _behind(self, column: str, order: float | str) -> Any:
        if isinstance(order, str):
            # Only tantivy's parser makes ranges of text. What it is given are digits of `in_order`.
            return self._index.parse_query(f"{column}:{{{order} TO *}}")
        kind = tantivy.FieldType.Float
        return _Q.range_query(self._index.schema, column, kind, order, None, include_lower=False)

    def _ordered(self, query: Any, column: str, limit: int) -> tuple[list[Any], int]:
        result = self._searcher.search(query, limit, order_by_field=column, order=tantivy.Order.Asc)
        return result.hits, result.count


class ByScore(Ranking):
    """The best first."""

    def page(self, limit: int, after: Place | None) -> tuple[list[Found], bool]:
        """At most `limit` hits that come after `after`, and whether there are more."""
        # More than a page, since hits that are equally good have to be seen together.
        at, size = 0, min(limit, self._most) * 2 + 12
        window = self._window(after.rank if after else 0, size, count=True)
        if after is not None:
            after = self._now(after)
            at = self._begin(after)
            window = window if at == after.rank else self._window(at, size)
        hits: list[Found] = []
        while len(hits) <= limit:
            groups = [list(group) for _, group in groupby(window, key=lambda hit: hit[0])]
            ended = len(window) < size
            if not ended:
                # The last group may go on behind the window; a single one has to be seen whole.
                last = groups.pop()
                if not groups:
                    size = len(last) * 8
                    window = self._window(at, size)
                    continue
            for group in groups:
                hits.extend(self._by_key(group, at, after))
                at += len(group)
            if ended:
                break
            window = self._window(at, size)
        return hits[:limit], len(hits) > limit

    def _window(self, offset: int, limit: int, *, count: bool = False) -> list[tuple[float, Any]]:
        """Hits from `offset` on, as tantivy orders them."""
        result = self._searcher.search(
            self._query, limit, count=count, offset=min(offset, self._most)
        )
        if count:
            self.total = result.count
        return [(-round(score, pages.DIGITS), address) for score, address in result.hits]

    def _now(self, after: Place) -> Place:
        """The place of that last hit as it is scored now: scores follow what else is held."""
        key = _Q.term_query(self._index.schema, KEY, in_order(after.key))
        hits = self._searcher.search(
            _both(self._query, _Q.const_score_query(key, 0.0)), 1, count=False
        ).hits
        return replace(after, order=-round(hits[0][0], pages.DIGITS)) if hits else after

    def _begin(self, after: Place) -> int:
        """How many hits stand before those of the score where the page before ended."""
        guess, ended = min(after.rank, self.total), float(after.order)
        around = [order for order, _ in self._window(max(guess - 1, 0), 2)]
        before, here = ([], around) if guess == 0 else (around[:1], around[1:])
        if all(order < ended for order in before) and all(order >= ended for order in here):
            return guess
        return bisect_left(range(self.total), ended, key=lambda rank: self._window(rank, 1)[0][0])

    def _by_key(
        self, group: list[tuple[float, Any]], rank: int, after: Place | None
    ) -> list[Found]:
        """Hits of equal score by key, those left out that an earlier page had."""
        found = [self._found(order, address, rank) for order, address in group]
        found.sort(key=lambda hit: hit.key)
        if after is None or found[0].order != after.order:
            return found
        return [hit for hit in found if hit.key > after.key]


def in_order(text: str) -> str:
    """A text as digits that sort as the text does, with no character that a parser minds."""
    return text.encode("utf-8", "surrogatepass").hex()


def _both(one: Any, other: Any) -> Any:
    return _Q.boolean_query([(_MUST, one), (_MUST, other)])
