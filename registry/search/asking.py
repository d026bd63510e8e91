"""A search as people mean it: misspelt words are forgiven where the exact finds little."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.search import words
from registry.search.query import (
    And,
    Either,
    Fuzzy,
    Node,
    Not,
    Or,
    Page,
    Query,
    Scored,
    SearchIndex,
    Text,
    Weighted,
)

LITTLE = 3
"""Fewer hits than this are little."""
_SHORT, _LONG = 4, 8
"""Words of so many letters may have one wrong, and two."""
_FORGIVEN = 0.2
"""What a hit by a word like the one that was typed counts."""


@dataclass(slots=True, frozen=True)
class Answer:
    """A page, and the words of the query for which similar ones were taken too ("" for none)."""

    page: Page
    forgiven: tuple[str, ...] = ()
    query: Query | None = None
    """What was asked in the end, for `every` and for facets."""


def ask(index: SearchIndex, query: Query) -> Answer:
    """What a query finds; where that is little, what it finds with letters wrong, and says so.

    Every page of a search is decided alike, since the number of hits is that of all pages. Raises
    what `SearchIndex.search` raises.
    """
    forgiving, typed = forgiven(query.node)
    if not typed:
        return Answer(index.search(query), (), query)
    if query.after is None:
        exact = index.search(query)
        if exact.total >= LITTLE:
            return Answer(exact, (), query)
    else:
        exact = index.search(replace(query, after=None, limit=0, facets=()))
        if exact.total >= LITTLE:
            return Answer(index.search(query), (), query)
    wider = replace(query, node=forgiving)
    found = index.search(wider)
    if found.total <= exact.total:
        return Answer(exact if query.after is None else index.search(query), (), query)
    unknown = [one for one in typed if not _known(index, query, one)]
    return Answer(found, tuple(unknown or typed), wider)


def _known(index: SearchIndex, query: Query, word: str) -> bool:
    return index.search(Query(Text(word), limit=0, inactive=query.inactive)).total > 0


def forgiven(node: Node) -> tuple[Node, list[str]]:
    """The same tree with letters wrong in its longer words, and those words.

    Numbers, short words, phrases, and what is to be left out stay as they are.
    """
    typed: dict[str, None] = {}
    return _forgiven(node, typed), list(typed)


def _forgiven(node: Node, typed: dict[str, None]) -> Node:
    match node:
        case Text():
            parts = [_word(one, node.field, typed) for one in words.tokens(node.words)]
            return parts[0] if len(parts) == 1 else And(tuple(parts))
        case And():
            return And(tuple(_forgiven(one, typed) for one in node.nodes))
        case Or():
            # The first way is what was typed; the others are ours, and spelt well.
            first, *others = node.nodes or (None,)
            if first is None:
                return node
            return Or((_forgiven(first, typed), *(one for one in others if one is not None)))
        case Either():
            return Either(tuple(_forgiven(one, typed) for one in node.nodes))
        case Weighted():
            return Weighted(_forgiven(node.node, typed), node.by)
        case Scored():
            return Scored(_forgiven(node.node, typed), node.score)
        case Not():
            return node
        case _:
            return node


def _word(word: str, field: str, typed: dict[str, None]) -> Node:
    if len(word) < _SHORT or not word.isalpha():
        return Text(word, field)
    typed[word] = None
    distance = 2 if len(word) >= _LONG else 1
    return Or((Text(word, field), Weighted(Fuzzy(word, distance, field), _FORGIVEN)))
