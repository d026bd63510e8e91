"""Query trees of the search port as tantivy's queries."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import tantivy

from registry.search import fields, words
from registry.search.pages import preferred, resolved
from registry.search.query import (
    And,
    Covers,
    Either,
    Everything,
    Filter,
    Fuzzy,
    Joined,
    Meets,
    Node,
    Not,
    Or,
    Overlap,
    Phrase,
    Prefix,
    Query,
    Scored,
    Span,
    Text,
    Weighted,
    Within,
    Written,
)
from registry.search.tantivy_ranking import KEY, in_order

HIDDEN = "hidden"
"""A keyword field of the adapter's own: why a document is left out of a search."""
MARKER, INACTIVE = "marker", "inactive"

TIE = 0.3
"""What the fields beside the best one add to a word's score."""

Interval = tuple[float, float, str]
"""The ends of a range, and the term that stands for it."""

_Q = tantivy.Query
_MUST, _SHOULD, _NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


class Compiler:
    """Makes tantivy's queries for one state of an index.

    `relative_stops` are the relative stop dates that the index holds, `intervals` the ranges that
    it holds in a field; `now` is the moment at which relative dates are resolved.
    """

    def __init__(
        self,
        schema: Any,
        relative_stops: Iterable[str],
        intervals: Callable[[str], Iterable[Interval]],
        now: datetime,
    ) -> None:
        self._schema = schema
        self._relative_stops = relative_stops
        self._intervals = intervals
        self._now = now

    def whole(self, query: Query, restrictions: dict[str, tuple[str, ...]]) -> Any:
        """Everything that `query` asks for, under these restrictions instead of its own."""
        parts = [(_MUST, self.node(query.node))]
        for name, values in restrictions.items():
            parts.append((_MUST, _silent(self._any(name, values))))
        for name, values in query.excluded.items():
            parts.append((_NOT, self._any(name, values)))
        hidden = [MARKER] if query.inactive else [MARKER, INACTIVE]
        parts.append((_NOT, self._any(HIDDEN, hidden)))
        return _Q.boolean_query(parts)

    def node(self, node: Node) -> Any:
        match node:
            case Text() | Phrase() | Prefix() | Fuzzy():
                return self._written(node)
            case Filter():
                return self._filter(node)
            case Overlap() | Covers() | Within():
                return _silent(self._span(node))
            case Meets():
                return _silent(self._meets(node))
            case And() | Or() | Either():
                return self._joined(node)
            case Weighted():
                return _Q.boost_query(self.node(node.node), node.by)
            case Scored():
                return _Q.const_score_query(self.node(node.node), node.score)
            case Not():
                return _silent(_Q.boolean_query([_everything(), (_NOT, self.node(node.node))]))
            case Everything():
                return _silent(_Q.all_query())

    def _joined(self, node: Joined) -> Any:
        if isinstance(node, And) and node.least is None:
            return self._every(node)
        parts = [self.node(one) for one in node.nodes]
        if isinstance(node, Or):
            return _Q.disjunction_max_query(parts)
        least = node.least if isinstance(node, And) else None
        return _Q.boolean_query(
            [(_SHOULD, one) for one in parts], minimum_number_should_match=least
        )

    def _every(self, node: And) -> Any:
        parts = [(one, preferred(one)) for one in node.nodes]
        needed = self._all(self.node(one) for one, added in parts if added is None)
        wanted = [(_SHOULD, self.node(added)) for _, added in parts if added is not None]
        return _Q.boolean_query([(_MUST, needed), *wanted]) if wanted else needed

    def _written(self, node: Written) -> Any:
        match node:
            case Text():
                return self._all(self._word(one, node.field) for one in words.tokens(node.words))
            case Phrase():
                return self._phrase(words.tokens(node.words), node.field)
            case Prefix():
                return self._prefix(words.tokens(node.start), node.field)
            case Fuzzy():
                found = words.tokens(node.word)
                return self._all(self._fuzzy(one, node.distance, node.field) for one in found)

    def _all(self, queries: Iterable[Any]) -> Any:
        parts = [(_MUST, one) for one in queries]
        if len(parts) == 1:
            return parts[0][1]
        return _Q.boolean_query(parts or [_everything()])

    def _best(self, field: str, make: Callable[[str], Any]) -> Any:
        """What is found in the field, or best in any of the text fields by their weights."""
        chosen = [fields.FIELDS[field]] if field else fields.TEXT_FIELDS
        found = [_Q.boost_query(make(one.name), one.weight) for one in chosen]
        return found[0] if len(found) == 1 else _Q.disjunction_max_query(found, TIE)

    def _word(self, word: str, field: str) -> Any:
        return self._best(field, lambda name: _Q.term_query(self._schema, name, word))

    def _phrase(self, found: list[str], field: str) -> Any:
        if len(found) < 2:
            return self._all(self._word(one, field) for one in found)
        return self._best(field, lambda name: _Q.phrase_query(self._schema, name, list(found)))

    def _prefix(self, found: list[str], field: str) -> Any:
        if not found:
            return self._all(())
        *before, last = found
        ends = self._best(
            field,
            lambda name: _Q.fuzzy_term_query(self._schema, name, last, distance=0, prefix=True),
        )
        return self._all([*(self._word(one, field) for one in before), ends])

    def _fuzzy(self, word: str, distance: int, field: str) -> Any:
        return self._best(
            field, lambda name: _Q.fuzzy_term_query(self._schema, name, word, distance=distance)
        )

    def _filter(self, node: Filter) -> Any:
        found = self._any(node.field, node.values)
        return _Q.const_score_query(found, fields.FIELDS[node.field].weight)

    def _any(self, field: str, values: Iterable[str]) -> Any:
        """One of these exact values. Those that are no Unicode, no document can have."""
        sound = [one for one in values if one.encode("utf-8", "ignore").decode() == one]
        if field == KEY:
            sound = list(map(in_order, sound))
        return _Q.term_set_query(self._schema, field, sound)

    def _span(self, node: Span) -> Any:
        """Starts and stops as it has to; a record's end is the later of its two ways to say it."""
        if isinstance(node, Within):
            parts = [(_MUST, self._number("start", node.start, None))]
            parts.append((_MUST, self._ends_after(None)))
            if node.stop is not None:
                parts.append((_NOT, self._ends_after(node.stop, itself=False)))
            return _Q.boolean_query(parts)
        until, since = node.stop, node.start
        if isinstance(node, Covers):
            until, since = since, until
        starts = (_MUST, self._number("start", None, until))
        return _Q.boolean_query([starts, (_MUST, self._ends_after(since))])

    def _ends_after(self, since: float | None, *, itself: bool = True) -> Any:
        """Stops at `since` or later, or later only; at any time at all where that is None."""
        low = -math.inf if since is None else since
        running = [
            text
            for text in self._relative_stops
            if (end := resolved(text, self._now)) > low or (itself and end == low)
        ]
        fixed = self._number("stop", since, None, itself=itself)
        return _Q.boolean_query([(_SHOULD, fixed), (_SHOULD, self._any("relative_stop", running))])

    def _meets(self, node: Meets) -> Any:
        """The values of the field that meet the range, each being a term of its own."""
        found = [
            term
            for low, high, term in self._intervals(node.field)
            if (node.low is None or high >= node.low) and (node.high is None or low <= node.high)
        ]
        return self._any(node.field, found)

    def _number(
        self, name: str, low: float | None, high: float | None, *, itself: bool = True
    ) -> Any:
        if low is None and high is None:
            return _Q.exists_query(name)
        kind = tantivy.FieldType.Float
        return _Q.range_query(self._schema, name, kind, low, high, include_lower=itself)


def interval_term(low: float, high: float) -> str:
    """A range as the term that stands for it. Raises ValueError where it is none."""
    if not low <= high:
        raise ValueError(f"{low} to {high} is no range")
    return f"{float(low)!r} {float(high)!r}"


def interval_of(term: str) -> Interval:
    """The range that a term stands for."""
    low, high = term.split()
    return float(low), float(high), term


def _silent(query: Any) -> Any:
    """The same hits, saying nothing of relevance."""
    return _Q.const_score_query(query, 0.0)


def _everything() -> tuple[Any, Any]:
    return (_MUST, _silent(_Q.all_query()))
