"""A search as people mean it: misspelt words are forgiven where the exact finds little.

Where nothing has all of the words, what has most of them is found.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry.search import words
from registry.search.parsing import LONGEST, meant, parsed
from registry.search.query import (
    And,
    Either,
    Everything,
    Fuzzy,
    Hit,
    Node,
    Or,
    Page,
    Phrase,
    Prefix,
    Query,
    Scored,
    SearchIndex,
    Text,
    Weighted,
)

LITTLE = 3
"""Fewer hits than this are little."""
_SHORT, _LONG = 4, 6
"""Words of so many letters may have one wrong, and two."""
_FORGIVEN, _RESPELT = 0.2, 0.9
"""What a hit counts by any word like the one that was typed, and by the one most like it."""
_LIKE = 0.72
"""How like (`difflib`) a word has to be to be taken for another."""
_LOOKED_AT = 20
"""In so many hits a word is looked for that is like the one that was typed."""
_RESPELT_MOST = 4
"""So many words of a query are spelt anew."""
_WHOLE = 500.0
"""What it counts to have all of the words, among what has most of them."""
_MANY = 3
"""So many words are many."""

Spellings = dict[str, str]
"""Words as they were typed, each with the word that is taken for it; '' where none is."""


@dataclass(slots=True, frozen=True)
class Answer:
    """A page, and how far it is from what was typed."""

    page: Page
    forgiven: tuple[str, ...] = ()
    """The words of the query for which similar ones were taken too."""
    query: Query | None = None
    """What was asked in the end, for `every` and for facets."""
    whole: int | None = None
    """How many of these records have all of the words, where others have most of them only."""
    respelt: str = ""
    """What was typed, as it may have been meant; '' where words are as records have them."""


def ask(index: SearchIndex, query: Query) -> Answer:
    """What a query finds; where that is little, what it finds with letters wrong, and says so.

    Every page of a search is decided alike, since the number of hits is that of all pages. Raises
    what `SearchIndex.search` raises.
    """
    exact = _asked(index, query, first=query.after is None)
    if exact.total >= LITTLE:
        return Answer(exact if query.after is None else index.search(query), (), query)
    best, found = query, exact
    said: tuple[str, ...] = ()
    respelt = ""
    spellings = _misspelt(index, query)
    if spellings:
        respelt = _respelt_text(query.typed, spellings)
        wider = replace(query, node=_meant(query, spellings, respelt))
        wide = _asked(index, wider, first=query.after is None)
        if wide.total > found.total or not found.total:
            # Where nothing is found, the words may be misspelt and too many.
            best, found, said = wider, wide, tuple(spellings)
        else:
            respelt = ""
    whole = found.total
    for looser in _loosened(best.node, first=whole > 0) if whole < LITTLE else ():
        loose = replace(query, node=looser)
        some = _asked(index, loose, first=query.after is None)
        if some.total > found.total:
            best, found = loose, some
        if found.total >= LITTLE:
            break
    if not found.total:
        said, respelt = (), ""
    page = found if query.after is None else index.search(best)
    return Answer(page, said, best, whole if found.total > whole else None, respelt)


def _asked(index: SearchIndex, query: Query, *, first: bool) -> Page:
    """The first page; of a page behind it, only how much is found."""
    return index.search(query if first else replace(query, after=None, limit=0, facets=()))


# -- misspelt words --------------------------------------------------------------------------------


def _misspelt(index: SearchIndex, query: Query) -> Spellings:
    """The words of a query that may be misspelt, each with what it is taken for.

    Words that records have are not, as long as there are others that they do not; of many words
    that all are known, it is their meeting that is rare.
    """
    typed = list(dict.fromkeys(_typed(query.node)))
    known = {word: _number(index, query, word) for word in typed}
    rare = [word for word in typed if known[word] < LITTLE]
    unknown = [word for word in rare if not known[word]]
    doubted = unknown or rare or (typed if len(typed) < _MANY else [])
    return {
        word: _respelt(index, query, word) if word in rare[:_RESPELT_MOST] else ""
        for word in doubted
    }


def _number(index: SearchIndex, query: Query, word: str) -> int:
    return index.search(Query(Text(word), limit=0, inactive=query.inactive)).total


def _respelt(index: SearchIndex, query: Query, word: str) -> str:
    """The word of a record that is most like the one that was typed; '' where none is like it."""
    found: dict[str, None] = {}
    for distance in range(1, _wrong(word) + 1):
        asked = Query(Fuzzy(word, distance), limit=_LOOKED_AT, inactive=query.inactive)
        for hit in index.search(asked).hits:
            found.update(dict.fromkeys(_words_of(hit)))
        near = difflib.get_close_matches(word, found, n=1, cutoff=_LIKE)
        if near:
            return near[0]
    return ""


def _respelt_text(typed: str, spellings: Spellings) -> str:
    """What was typed, its misspelt words as they are meant; '' where none is known."""
    text = typed[:LONGEST]
    for word, respelt in spellings.items():
        if respelt:
            text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", respelt, text, flags=re.IGNORECASE)
    return text if text != typed[:LONGEST] else ""


def _meant(query: Query, spellings: Spellings, respelt: str) -> Node:
    """The tree with letters wrong, or what is typed when the words are spelt as they are meant."""
    forgiving = forgiven(query.node, spellings)
    if not respelt:
        return forgiving
    return Or((forgiving, _exchanged(query.node, meant(query.typed), meant(respelt))))


def _exchanged(node: Node, old: Node, new: Node) -> Node:
    if node == old:
        return new
    if isinstance(node, And):
        return And(tuple(new if one == old else one for one in node.nodes), node.least)
    return node


def _words_of(hit: Hit) -> Iterator[str]:
    for value in hit.fields.values():
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield from words.tokens(text)


def _wrong(word: str) -> int:
    """How many letters of a word may be wrong; none of a short one, or of a number."""
    if len(word) < _SHORT or not word.isalpha():
        return 0
    return 2 if len(word) >= _LONG else 1


def _typed(node: Node) -> Iterator[str]:
    """The words of a tree that may be misspelt: not those that we put beside what was typed."""
    match node:
        case Text():
            yield from (word for word in words.tokens(node.words) if _wrong(word))
        case And() | Either():
            for one in node.nodes:
                yield from _typed(one)
        case Or():
            yield from _typed(node.nodes[0]) if node.nodes else ()
        case Weighted() | Scored():
            yield from _typed(node.node)


def forgiven(node: Node, spellings: Spellings) -> Node:
    """The same tree with letters wrong in these words.

    Numbers, short words, phrases, and what is to be left out stay as they are.
    """
    match node:
        case Text():
            parts = [_word(one, node.field, spellings) for one in words.tokens(node.words)]
            return parts[0] if len(parts) == 1 else And(tuple(parts))
        case And():
            return And(tuple(forgiven(one, spellings) for one in node.nodes), node.least)
        case Or():
            # The first way is what was typed; the others are ours, and spelt well.
            return Or((*(forgiven(one, spellings) for one in node.nodes[:1]), *node.nodes[1:]))
        case Either():
            return Either(tuple(forgiven(one, spellings) for one in node.nodes))
        case Weighted():
            return Weighted(forgiven(node.node, spellings), node.by)
        case Scored():
            return Scored(forgiven(node.node, spellings), node.score)
        case _:
            return node


def _word(word: str, field: str, spellings: Spellings) -> Node:
    respelt = spellings.get(word)
    if respelt is None:
        return Text(word, field)
    ways: list[Node] = [Text(word, field)]
    if respelt:
        meant = Text(respelt, field) if field else parsed(respelt)
        ways.append(Weighted(meant, _RESPELT))
    ways.append(Weighted(Fuzzy(word, _wrong(word), field), _FORGIVEN))
    return Or(tuple(ways))


# -- most of the words -----------------------------------------------------------------------------


def _loosened(node: Node, *, first: bool) -> Iterator[Node]:
    """The same tree with fewer and fewer of its words wanted, down to half of them.

    `first`: what has all of them comes before what has not.
    """
    if isinstance(node, Or) and node.nodes:
        loosened = _loosened(node.nodes[0], first=first)
        yield from (Or((one, *node.nodes[1:])) for one in loosened)
    if not isinstance(node, And):
        return
    worded = tuple(one for one in node.nodes if _is_worded(one))
    others = [one for one in node.nodes if not _is_worded(one)]
    if len(worded) == 1:
        loosened = _loosened(worded[0], first=first)
        yield from (And((one, *others)) for one in loosened)
    if first:
        others.append(Or((Scored(And(worded), _WHOLE), Everything())))
    step = max(len(worded) // 6, 1)
    for least in range(len(worded) - 1, (len(worded) - 1) // 2, -step):
        yield And((And(worded, least), *others))


def _is_worded(node: Node) -> bool:
    match node:
        case Text() | Phrase() | Prefix() | Fuzzy():
            return True
        case And() | Or() | Either():
            return any(map(_is_worded, node.nodes))
        case Weighted() | Scored():
            return _is_worded(node.node)
    return False
