"""Query trees of the search port as Elasticsearch's query DSL: plain objects, no client needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

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

HIDDEN = "hidden"
"""A keyword field of the adapter's own: why a document is left out of a search."""
MARKER, INACTIVE = "marker", "inactive"

TIE = 0.3
"""What the fields beside the best one add to a word's score."""

_NOTHING: dict[str, Any] = {"match_none": {}}
_EVERYTHING: dict[str, Any] = {"bool": {"filter": [{"match_all": {}}]}}

Clause = dict[str, Any]


class Compiler:
    """Makes Elasticsearch's queries.

    `relative_stops` are the relative stop dates that the index holds; `now` is the moment at which
    they are resolved.
    """

    def __init__(self, relative_stops: Iterable[str], now: datetime) -> None:
        self._relative_stops = relative_stops
        self._now = now

    def whole(self, query: Query, restrictions: dict[str, tuple[str, ...]]) -> Clause:
        """Everything that `query` asks for, under these restrictions instead of its own."""
        hidden = [MARKER] if query.inactive else [MARKER, INACTIVE]
        unwanted = [_any(name, values) for name, values in query.excluded.items()]
        return {
            "bool": {
                "must": [self.node(query.node)],
                "filter": self.restricted(restrictions),
                "must_not": [*unwanted, _any(HIDDEN, hidden)],
            }
        }

    def restricted(self, restrictions: dict[str, tuple[str, ...]]) -> list[Clause]:
        """The restrictions as filters, all of which have to hold."""
        return [_any(name, values) for name, values in restrictions.items()]

    def node(self, node: Node) -> Clause:
        match node:
            case And() | Or() | Either():
                return self._joined(node)
            case Weighted():
                return {"bool": {"must": [self.node(node.node)], "boost": node.by}}
            case Scored():
                return _constant(self.node(node.node), node.score)
            case Not():
                return {"bool": {"filter": [{"match_all": {}}], "must_not": [self.node(node.node)]}}
            case Everything():
                return _EVERYTHING
            case Filter():
                weight = fields.FIELDS[node.field].weight
                found_by = _any(node.field, node.values)
                return _constant(found_by, weight)
            case Overlap() | Covers() | Within():
                return self._span(node)
            case Meets():
                bounds = {"gte": node.low, "lte": node.high}
                given = {name: end for name, end in bounds.items() if end is not None}
                return _silent({"range": {node.field: given | {"relation": "intersects"}}})
            case Text() | Phrase() | Prefix() | Fuzzy():
                return _written(node)

    def _joined(self, node: Joined) -> Clause:
        if isinstance(node, And) and node.least is None:
            return self._every(node)
        found = [self.node(one) for one in node.nodes]
        if not found:
            return _NOTHING
        if isinstance(node, Or):
            return {"dis_max": {"queries": found}}
        return _one_of(found, node.least or 1 if isinstance(node, And) else 1)

    def _every(self, node: And) -> Clause:
        parts = [(one, preferred(one)) for one in node.nodes]
        needed = _all(self.node(one) for one, added in parts if added is None)
        wanted = [self.node(added) for _, added in parts if added is not None]
        return {"bool": {"must": [needed], "should": wanted}} if wanted else needed

    def _span(self, node: Span) -> Clause:
        """Starts and stops as it has to; a record's end is the later of its two ways to say it."""
        if isinstance(node, Within):
            starts = _starts(gte=node.start)
            if node.stop is None:
                return _silent(starts, self._ends_after(None))
            later = self._ends_after(node.stop, itself=False)
            ends = self._ends_after(None)
            return {"bool": {"filter": [starts, ends], "must_not": [later]}}
        until, since = node.stop, node.start
        if isinstance(node, Covers):
            until, since = since, until
        return _silent(_starts(lte=until), self._ends_after(since))

    def _ends_after(self, since: float | None, *, itself: bool = True) -> Clause:
        """Stops at `since` or later, or later only; at any time at all where that is None."""
        low = -math.inf if since is None else since
        running = [
            text
            for text in self._relative_stops
            if (end := resolved(text, self._now)) > low or (itself and end == low)
        ]
        fixed: Clause = {"exists": {"field": "stop"}}
        if since is not None:
            fixed = {"range": {"stop": {"gte" if itself else "gt": since}}}
        return _one_of([fixed, _any("relative_stop", running)])


def _starts(**bounds: float | None) -> Clause:
    given = {name: end for name, end in bounds.items() if end is not None}
    return {"range": {"start": given}} if given else {"exists": {"field": "start"}}


def _written(node: Written) -> Clause:
    match node:
        case Text():
            return _all(_word(one, node.field) for one in words.tokens(node.words))
        case Phrase():
            found = words.tokens(node.words)
            if len(found) < 2:
                return _all(_word(one, node.field) for one in found)
            whole = " ".join(found)
            return _best(node.field, lambda name, boost: {
                "match_phrase": {name: {"query": whole, "boost": boost}}
            })  # fmt: skip
        case Prefix():
            found = words.tokens(node.start)
            if not found:
                return _EVERYTHING
            ends = _best(node.field, lambda name, boost: {
                "prefix": {name: {"value": found[-1], "boost": boost}}
            })  # fmt: skip
            return _all([*(_word(one, node.field) for one in found[:-1]), ends])
        case Fuzzy():
            found = words.tokens(node.word)
            return _all(_fuzzy(one, node.distance, node.field) for one in found)


def _word(word: str, field: str) -> Clause:
    return _best(field, lambda name, boost: {"term": {name: {"value": word, "boost": boost}}})


def _fuzzy(word: str, distance: int, field: str) -> Clause:
    return _best(field, lambda name, boost: {
        "fuzzy": {name: {
            "value": word, "fuzziness": str(distance), "transpositions": True, "boost": boost,
            # Every word that is near, each counting the same: without it only the first fifty.
            "rewrite": "constant_score",
        }}
    })  # fmt: skip


def _best(field: str, make: Callable[[str, float], Clause]) -> Clause:
    """What is found in the field, or best in any of the text fields by their weights."""
    chosen = [fields.FIELDS[field]] if field else fields.TEXT_FIELDS
    found = [make(one.name, one.weight) for one in chosen]
    return found[0] if len(found) == 1 else {"dis_max": {"queries": found, "tie_breaker": TIE}}


def _all(queries: Iterable[Clause]) -> Clause:
    parts = list(queries)
    if len(parts) == 1:
        return parts[0]
    return {"bool": {"must": parts}} if parts else _EVERYTHING


def _one_of(queries: list[Clause], least: int = 1) -> Clause:
    return {"bool": {"should": queries, "minimum_should_match": least}}


def _silent(*queries: Clause) -> Clause:
    """What all of these find, saying nothing of relevance."""
    return {"bool": {"filter": list(queries)}}


def _any(field: str, values: Iterable[str]) -> Clause:
    """One of these exact values. Those that are no Unicode, no document can have."""
    sound = [one for one in values if one.encode("utf-8", "ignore").decode() == one]
    return {"terms": {field: sound}} if sound else _NOTHING


def _constant(query: Clause, score: float) -> Clause:
    return {"constant_score": {"filter": query, "boost": score}}
