"""Query trees of the search port as Elasticsearch's query DSL: plain objects, no client needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from registry.search import fields, words
from registry.search.pages import resolved
from registry.search.query import (
    And,
    Everything,
    Filter,
    Fuzzy,
    Node,
    Not,
    Or,
    Overlap,
    Phrase,
    Prefix,
    Query,
    Text,
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
            case And():
                return _all(map(self.node, node.nodes))
            case Or():
                found = [self.node(one) for one in node.nodes]
                return {"dis_max": {"queries": found}} if found else _NOTHING
            case Not():
                return {"bool": {"filter": [{"match_all": {}}], "must_not": [self.node(node.node)]}}
            case Everything():
                return _EVERYTHING
            case Filter():
                weight = fields.FIELDS[node.field].weight
                found_by = _any(node.field, node.values)
                return {"constant_score": {"filter": found_by, "boost": weight}}
            case Overlap():
                return self._overlap(node)
            case _:
                return _written(node)

    def _overlap(self, node: Overlap) -> Clause:
        """Starts before the end asked for, and stops after its start."""
        since = -fields.OPEN if node.start is None else node.start
        running = [text for text in self._relative_stops if resolved(text, self._now) >= since]
        ends = [_range("stop", gte=since), _any("relative_stop", running)]
        return _silent(_begins(node.stop), _one_of(ends))


def _begins(until: float | None) -> Clause:
    return {"exists": {"field": "start"}} if until is None else _range("start", lte=until)


def _written(node: Text | Phrase | Prefix | Fuzzy) -> Clause:
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


def _one_of(queries: list[Clause]) -> Clause:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _silent(*queries: Clause) -> Clause:
    """What all of these find, saying nothing of relevance."""
    return {"bool": {"filter": list(queries)}}


def _any(field: str, values: Iterable[str]) -> Clause:
    """One of these exact values. Those that are no Unicode, no document can have."""
    sound = [one for one in values if one.encode("utf-8", "ignore").decode() == one]
    return {"terms": {field: sound}} if sound else _NOTHING


def _range(name: str, **bounds: float) -> Clause:
    return {"range": {name: bounds}}
