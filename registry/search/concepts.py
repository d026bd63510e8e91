"""Phrases that mean the same (`vocabularies.search_words`), found among the words of a query."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from registry.search import words
from registry.search.query import And, Filter, Node, Or, Phrase, Scored, Text, Weighted
from vocabularies.search_words import CONCEPTS, NICKNAMES

SYNONYM = 0.4
"""What a hit by another word of the same meaning counts, of what the word itself would."""
NICKNAME = 60.0
"""What a hit by the facets of a nickname counts: as its words in good places."""


@cache
def _concepts() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Every phrase, as its words, and the other phrases that mean the same."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for phrases in CONCEPTS:
        plain = list(dict.fromkeys(" ".join(words.tokens(phrase)) for phrase in phrases))
        for phrase in plain:
            others = tuple(one for one in plain if one != phrase)
            key = telling(phrase.split())
            found[key] = (*found.get(key, ()), *others)
    return found


def telling(typed: Sequence[str]) -> tuple[str, ...]:
    """The words that say something; all of them where none does."""
    said = tuple(w for w in typed if w not in words.STOP and w not in words.QUESTION)
    return said or tuple(typed)


@cache
def longest() -> int:
    """How many words the longest phrase has."""
    return max(map(len, _concepts()))


def meaning(typed: Sequence[str]) -> tuple[str, ...]:
    """Other phrases for these words, which may be in the plural; none where they are no concept."""
    known = _concepts()
    found = known.get(tuple(typed))
    if found is None and typed:
        *before, last = typed
        for other in words.variants(last):
            found = known.get((*before, other))
            if found is not None:
                break
    return found or ()


def widened(node: Node, others: Sequence[str]) -> Node:
    """What was typed, or what means the same and counts less."""
    if not others:
        return node
    ways = (Phrase(one) if " " in one else Text(one) for one in others)
    return Or((node, *(Weighted(way, SYNONYM) for way in ways)))


@cache
def _nicknames() -> dict[frozenset[str], Node]:
    return {
        frozenset(words.tokens(name)) - words.STOP: And(
            tuple(Filter(field, values) for field, values in facets.items())
        )
        for name, facets in NICKNAMES.items()
    }


def nickname(typed: Sequence[str]) -> Node | None:
    """What a whole query means that is one of the nicknames, in whatever order; None for others."""
    plain = frozenset(typed) - words.STOP
    known = _nicknames()
    found = known.get(plain)
    if found is None:
        near = {one: frozenset(_singular(word) for word in one) for one in known}
        wanted = frozenset(map(_singular, plain))
        found = next((known[one] for one, word in near.items() if word == wanted), None)
    return None if found is None else Scored(found, NICKNAME)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("s") and len(word) > 3 else word
