"""What may be meant while somebody types, and what is like a record: made from the port alone."""

from __future__ import annotations

from dataclasses import dataclass

from registry.search import words
from registry.search.concepts import meaning
from registry.search.query import (
    And,
    Either,
    Filter,
    Hit,
    Node,
    Not,
    Or,
    Prefix,
    Query,
    Scored,
    SearchIndex,
    Text,
    Weighted,
)
from vocabularies.search_words import CONCEPTS, NICKNAMES

_KINDS = (
    (("Observatory", "Facility"), 40.0),
    (("Instrument",), 30.0),
    (("Repository", "Registry", "Service", "CatalogService"), 20.0),
    (("NumericalData", "DisplayData", "Catalog"), 10.0),
)
"""Which records are suggested first: what a name stands for, before what bears it among others."""

_LIKE = (("instrument", 8.0), ("observatory", 4.0), ("observatory_group", 2.0),
         ("measurement", 3.0), ("region", 1.0), ("phenomenon", 2.0), ("spectral_range", 2.0),
         ("person", 0.5))  # fmt: skip
"""What it counts to have a value of a field in common."""
_MANY = 12
"""So many values or words of a record are compared."""


@dataclass(slots=True, frozen=True)
class Suggestion:
    """A text to search for; `identifier` and `kind` where it is the name of a record."""

    text: str
    kind: str = ""
    identifier: str = ""


def suggestions(index: SearchIndex, typed: str, limit: int = 8) -> list[Suggestion]:
    """Names of records and phrases of ours that go on as `typed` begins; the likeliest first.

    Raises SearchUnavailable.
    """
    found = words.tokens(typed[:200])
    if not found or not any(len(word) > 1 for word in found):
        return []
    made = [Suggestion(one) for one in _phrases(found)][: max(limit // 2, 1)]
    seen = {" ".join(words.tokens(one.text)) for one in made}
    for hit in index.search(Query(_begun(found), limit=limit * 3)).hits:
        name = str(hit.fields.get("name") or "")
        plain = " ".join(words.tokens(name))
        if plain and plain not in seen and len(made) < limit:
            seen.add(plain)
            made.append(Suggestion(name, _first(hit, "kind"), hit.identifier))
    return made


def similar(index: SearchIndex, hit: Hit, limit: int = 8) -> list[Hit]:
    """Records like this one, which was found in the same index; the most alike first.

    Raises SearchUnavailable.
    """
    shared = [
        Scored(Filter(field, (value,)), counted)
        for field, counted in _LIKE
        for value in _texts(hit.fields.get(field))[:_MANY]
    ]
    named = [Weighted(Text(word, "name"), 0.3) for word in _telling(hit)]
    if not shared and not named:
        return []
    itself = Filter("key", (str(hit.fields["key"]),))
    kind = Filter("kind", tuple(_texts(hit.fields.get("kind"))))
    return index.search(
        Query(And((Either((*shared, *named)), kind, Not(itself))), limit=limit)
    ).hits


def _begun(found: list[str]) -> Node:
    """Records whose name or other name has these words, the last of them begun."""
    *before, last = found
    ways = []
    for field, counted in (("name", 3.0), ("aliases", 2.0)):
        parts: list[Node] = [Text(word, field) for word in before]
        ways.append(Scored(And((*parts, Prefix(last, field))), counted))
        ways.append(Scored(And((*parts, Text(last, field))), counted * 2))
    kinds = [Scored(Filter("kind", kinds), counted) for kinds, counted in _KINDS]
    return And((Or(tuple(ways)), Or((*kinds, Scored(Not(Filter("kind", ())), 1.0)))))


def _phrases(found: list[str]) -> list[str]:
    typed = " ".join(found)
    known = (*NICKNAMES, *(phrase for phrases in CONCEPTS for phrase in phrases))
    begun = [one for one in known if " ".join(words.tokens(one)).startswith(typed)]
    return begun if begun or not meaning(found) else [meaning(found)[0]]


def _telling(hit: Hit) -> list[str]:
    plain = dict.fromkeys(words.tokens(str(hit.fields.get("name") or "")))
    return [word for word in plain if word not in words.STOP and len(word) > 1][:_MANY]


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, (list, tuple)) else []


def _first(hit: Hit, field: str) -> str:
    return next(iter(_texts(hit.fields.get(field))), "")
