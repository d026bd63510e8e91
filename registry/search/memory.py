"""Search by looking at every document: slow, plain, and the oracle of the contract suite.

Nothing is shared with another adapter but what all share: fields, words, the order of hits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from registry import dates
from registry.search import fields, pages, words
from registry.search.query import (
    And,
    Covers,
    Either,
    Everything,
    Filter,
    Fuzzy,
    Hit,
    Joined,
    Meets,
    Node,
    Not,
    Or,
    Overlap,
    Page,
    Phrase,
    Prefix,
    Query,
    Scored,
    SearchIndex,
    Span,
    Text,
    Weighted,
    Within,
    Written,
)

Document = dict[str, object]
Scores = dict[str, float]

TIE = 0.3
_K, _B = 1.2, 0.75


class MemoryIndex(SearchIndex):
    """An index that is nothing but its documents."""

    def __init__(self) -> None:
        self._documents: dict[str, Document] = {}
        self._marker = (0, "")

    def search(self, query: Query) -> Page:
        pages.check(query)
        after = pages.place_after(query)
        documents = self._documents
        search = _Search(documents, query)
        hits = sorted(search.hits(query.restrictions))
        facets = {}
        for name in query.facets:
            counts: Counter[str] = Counter()
            for _, key in search.hits(pages.without(query, name)):
                counts.update(set(_values(documents[key], name)))
            facets[name] = pages.ranked(counts, query.facet_size)
        total = len(hits)
        if after is not None:
            # Scores follow what else is held: that last hit counts as it is scored now.
            order = next((one for one, key in hits if key == after.key), after.order)
            hits = [hit for hit in hits if hit > (order, after.key)]
        shown = hits[: query.limit]
        following = None
        if shown and len(hits) > len(shown):
            following = pages.token(query, pages.Place(*shown[-1]))
        return Page([_hit(documents, query, *hit) for hit in shown], total, facets, following)

    def every(self, query: Query) -> Iterator[Hit]:
        pages.check(query)
        documents = self._documents
        for hit in sorted(_Search(documents, query).hits(query.restrictions)):
            yield _hit(documents, query, *hit)

    def identifiers(self) -> Iterable[tuple[str, str]]:
        for key, document in self._documents.items():
            yield key, str(document.get("digest", ""))

    def marker(self) -> tuple[int, str]:
        return self._marker

    def apply(
        self, documents: Sequence[Document], gone: Sequence[str], marker: tuple[int, str]
    ) -> list[tuple[str, str]]:
        return self._take(dict(self._documents), documents, gone, marker)

    def build(
        self, documents: Iterable[Document], marker: tuple[int, str]
    ) -> list[tuple[str, str]]:
        return self._take({}, documents, (), marker)

    def _take(
        self,
        held: dict[str, Document],
        documents: Iterable[Document],
        gone: Sequence[str],
        marker: tuple[int, str],
    ) -> list[tuple[str, str]]:
        refused = []
        for key in gone:
            held.pop(key, None)
        for document in documents:
            fault = fields.fault(document)
            key = str(document.get("key", ""))
            held.pop(key, None)
            if fault:
                refused.append((key, fault))
            else:
                held[key] = document
        self._documents, self._marker = held, marker
        return refused

    def close(self) -> None:
        """Nothing is open."""


def _hit(documents: dict[str, Document], query: Query, order: float | str, key: str) -> Hit:
    held = documents[key]
    scored = query.sort == "relevance" and isinstance(order, float)
    return Hit(str(held["identifier"]), -float(order) if scored else 0.0, fields.shown(held))


class _Search:
    """One query against all documents."""

    def __init__(self, documents: dict[str, Document], query: Query) -> None:
        self._documents = documents
        self._query = query
        self._now = datetime.now(UTC)
        self._words = {
            one.name: {
                key: [words.tokens(text) for text in _values(document, one.name)]
                for key, document in documents.items()
            }
            for one in fields.TEXT_FIELDS
        }
        self._scores = self._node(query.node)

    def hits(self, restrictions: dict[str, tuple[str, ...]]) -> list[tuple[float | str, str]]:
        """(order, key) of everything found under these restrictions."""
        return [
            (self._order(key, score), key)
            for key, score in self._scores.items()
            if self._wanted(self._documents[key], restrictions)
        ]

    def _wanted(self, document: Document, restrictions: dict[str, tuple[str, ...]]) -> bool:
        if not self._query.inactive and _values(document, "status") not in ([], ["active"]):
            return False
        for name, values in restrictions.items():
            if not set(values) & set(_values(document, name)):
                return False
        return not any(
            set(values) & set(_values(document, name))
            for name, values in self._query.excluded.items()
        )

    def _order(self, key: str, score: float) -> float | str:
        if pages.by_key(self._query):
            return key
        if self._query.sort == "relevance":
            return -round(score, pages.DIGITS)
        return pages.order(self._query.sort, self._documents[key])

    def _node(self, node: Node) -> Scores:
        """The keys of what a node finds, with their scores."""
        match node:
            case And() | Or() | Either():
                return self._joined(node)
            case Weighted():
                return {key: score * node.by for key, score in self._node(node.node).items()}
            case Scored():
                return dict.fromkeys(self._node(node.node), node.score)
            case Not():
                left_out = self._node(node.node)
                return {key: 0.0 for key in self._documents if key not in left_out}
            case Everything():
                return dict.fromkeys(self._documents, 0.0)
            case Filter() | Meets() | Overlap() | Covers() | Within():
                return self._exact(node)
            case Text() | Phrase() | Prefix() | Fuzzy():
                return self._written(node)

    def _joined(self, node: Joined) -> Scores:
        parts = [self._node(one) for one in node.nodes]
        least = node.least if isinstance(node, And) else 1
        if least is None:
            return self._all(parts)
        together = max if isinstance(node, Or) else sum
        found = {
            key: [part[key] for part in parts if key in part] for part in parts for key in part
        }
        return {
            key: float(together(scores)) for key, scores in found.items() if len(scores) >= least
        }

    def _exact(self, node: Filter | Meets | Span) -> Scores:
        if isinstance(node, Filter):
            return {
                key: fields.FIELDS[node.field].weight
                for key, document in self._documents.items()
                if set(_values(document, node.field)) & set(node.values)
            }
        if isinstance(node, Meets):
            return {
                key: 0.0
                for key, document in self._documents.items()
                if any(_met(node, *pair) for pair in _pairs(document, node.field))
            }
        return {
            key: 0.0
            for key, document in self._documents.items()
            if _spans(document, node, self._now)
        }

    def _written(self, node: Written) -> Scores:
        match node:
            case Text():
                found = words.tokens(node.words)
                return self._all(self._phrase([one], node.field) for one in found)
            case Phrase():
                found = words.tokens(node.words)
                return self._phrase(found, node.field) if found else self._all(())
            case Prefix():
                found = words.tokens(node.start)
                ends = [self._like(lambda w: w.startswith(found[-1]), node.field)] if found else []
                return self._all([*(self._phrase([w], node.field) for w in found[:-1]), *ends])
            case Fuzzy():
                return self._all(
                    self._like(partial(_near, one, node.distance), node.field)
                    for one in words.tokens(node.word)
                )

    def _all(self, parts: Iterable[Scores]) -> Scores:
        scores = dict.fromkeys(self._documents, 0.0)
        for part in parts:
            scores = {key: score + part[key] for key, score in scores.items() if key in part}
        return scores

    def _like(self, is_it: Callable[[str], bool], field: str) -> Scores:
        return self._best(
            field,
            lambda name: {
                key: 1.0
                for key, texts in self._words[name].items()
                if any(is_it(word) for text in texts for word in text)
            },
        )

    def _phrase(self, phrase: list[str], field: str) -> Scores:
        return self._best(field, lambda name: self._bm25(phrase, name))

    def _best(self, field: str, find: Callable[[str], Scores]) -> Scores:
        """What is found in the field, or best in any of the text fields by their weights."""
        scores: dict[str, list[float]] = {}
        for one in fields.TEXT_FIELDS:
            if field in ("", one.name):
                for key, score in find(one.name).items():
                    scores.setdefault(key, []).append(score * one.weight)
        return {key: max(s) + TIE * (sum(s) - max(s)) for key, s in scores.items()}

    def _bm25(self, phrase: list[str], name: str) -> Scores:
        """Okapi BM25 of a word or a phrase in one field."""
        texts = self._words[name]
        lengths = {key: sum(map(len, held)) for key, held in texts.items()}
        mean = sum(lengths.values()) / len(lengths) if lengths else 0.0
        rarity = 0.0
        for word in phrase:
            having = sum(any(word in text for text in held) for held in texts.values())
            rarity += math.log(1 + (len(texts) - having + 0.5) / (having + 0.5))
        scores: Scores = {}
        for key, held in texts.items():
            times = sum(_times(text, phrase) for text in held)
            if times:
                norm = _K * (1 - _B + _B * lengths[key] / mean)
                scores[key] = rarity * times * (_K + 1) / (times + norm)
        return scores


def _values(document: Document, name: str) -> list[str]:
    value = document.get(name)
    if isinstance(value, str):
        return [value] if value else []
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []


def _pairs(document: Document, name: str) -> list[tuple[float, float]]:
    value = document.get(name)
    return [(low, high) for low, high in value] if isinstance(value, (list, tuple)) else []


def _met(asked: Meets, low: float, high: float) -> bool:
    return (asked.low is None or high >= asked.low) and (asked.high is None or low <= asked.high)


def _spans(document: Document, asked: Span, now: datetime) -> bool:
    """Whether the coverage of a document stands to the span asked for as it should."""
    start, stop = document.get("start"), document.get("stop")
    stops = [float(stop)] if isinstance(stop, (int, float)) else []
    for text in _values(document, "relative_stop"):
        moment = dates.shifted(now, text)
        stops += [moment.timestamp()] if moment else []
    if not isinstance(start, (int, float)) or not stops:
        return False
    end = max(stops)
    first = -math.inf if asked.start is None else asked.start
    last = math.inf if asked.stop is None else asked.stop
    if isinstance(asked, Within):
        return start >= first and end <= last
    if isinstance(asked, Overlap):
        return start <= last and end >= first
    begins = asked.start is None or start <= asked.start
    return begins and (asked.stop is None or end >= asked.stop)


def _times(text: list[str], phrase: list[str]) -> int:
    return sum(text[at : at + len(phrase)] == phrase for at in range(len(text) - len(phrase) + 1))


def _near(one: str, most: int, other: str) -> bool:
    """Whether two words differ by at most so many letters put in, left out, changed or swapped."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1] <= most
