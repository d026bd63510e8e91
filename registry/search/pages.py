"""What every adapter does alike: checks of a query, the order of hits, the token for what follows.

Hits stand in a total order: by the sort's own value, then by key. `order` makes that value
ascending whatever the sort, so that comparing (order, key) is comparing hits.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import datetime

from registry import dates
from registry.search import fields, words
from registry.search.query import (
    And,
    BadQuery,
    Either,
    Everything,
    Filter,
    Fuzzy,
    Joined,
    Meets,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Query,
    Scored,
    Text,
    Weighted,
)

MISSING = 2e12
"""The order of a hit that does not have the number which is sorted by: it comes last."""
NAMELESS = "\uffff"

DIGITS = 3
"""Scores are sums of single-precision numbers: digits behind these say nothing."""

DEEPEST = 20
"""How deep a query tree may be; Elasticsearch takes 30 levels of its own making."""


@dataclass(slots=True, frozen=True)
class Place:
    """Where a page ended: the order and key of its last hit.

    `order` is as the adapter holds it; `rank` (how many hits stood before those of equal order)
    helps to find the place again.
    """

    order: float | str
    key: str
    rank: int = 0


def order(sort: str, document: dict[str, object]) -> float | str:
    """What a document is sorted by when it is not sorted by relevance."""
    if sort == "name":
        return sort_name(document.get("name"))
    value = document.get(sort)
    if not isinstance(value, (int, float)):
        return MISSING
    return -float(value) if sort == "released" else float(value)


def sort_name(name: object) -> str:
    """A name as it is sorted: in small letters without accents."""
    folded = words.folded(name).strip()[:100] if isinstance(name, str) else ""
    return folded or NAMELESS


def by_key(query: Query) -> bool:
    """Whether relevance says nothing: a query without words has its hits in order of keys."""
    return query.sort == "relevance" and not scores(query.node)


def token(query: Query, place: Place) -> str:
    """The `after` of the next page."""
    told = json.dumps([query.sort, place.order, place.key, place.rank], separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def place_after(query: Query) -> Place | None:
    """Where `query.after` says the page before ended. Raises BadQuery if it is no such token."""
    if query.after is None:
        return None
    try:
        padded = query.after + "=" * (-len(query.after) % 4)
        told = json.loads(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True))
        sort, order, key, rank = told
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise BadQuery("'after' is not what an earlier page gave as 'next'") from None
    if sort != query.sort:
        raise BadQuery("'after' comes from a page that was sorted otherwise")
    textual = query.sort == "name" or by_key(query)
    fits = isinstance(order, str if textual else float) and isinstance(key, str)
    if not fits or type(rank) is not int or rank < 0:
        raise BadQuery("'after' is not what an earlier page of this query gave as 'next'")
    return Place(order, key, rank)


def check(query: Query) -> None:
    """Raises BadQuery for fields, sorts and sizes that do not exist, naming them."""
    if query.sort not in fields.SORTS:
        raise BadQuery(f"cannot sort by {query.sort!r}: {', '.join(fields.SORTS)} are known")
    if query.limit < 0 or query.facet_size < 1:
        raise BadQuery("a page cannot have fewer than no hits, a facet no fewer than one value")
    for name in (*query.facets, *query.restrictions, *query.excluded):
        if name not in fields.FACETS:
            raise BadQuery(f"there is no facet {name!r}: {', '.join(fields.FACETS)} are known")
    _check_node(query.node, 0)


def _check_node(node: Node, depth: int) -> None:
    if depth > DEEPEST:
        raise BadQuery(f"the query is nested more than {DEEPEST} levels deep")
    match node:
        case And() | Or() | Either():
            _check_joined(node, depth)
        case Not():
            _check_node(node.node, depth + 1)
        case Weighted(inner, factor) | Scored(inner, factor):
            if not 0 <= factor <= fields.MOST_WEIGHT:
                raise BadQuery(f"{factor} is no weight: 0 to {fields.MOST_WEIGHT:g} are possible")
            _check_node(inner, depth + 1)
        case Meets():
            _check_field(node.field, fields.INTERVAL)
        case Filter():
            _check_field(node.field, fields.KEYWORD)
        case Fuzzy():
            _check_field(node.field, fields.TEXT)
            if not 0 <= node.distance <= 2:
                raise BadQuery(f"{node.distance} letters wrong: 0, 1 and 2 are possible")
        case Text() | Phrase() | Prefix():
            _check_field(node.field, fields.TEXT)


def _check_joined(node: Joined, depth: int) -> None:
    least = node.least if isinstance(node, And) else None
    if least is not None and not 1 <= least <= len(node.nodes):
        raise BadQuery(f"{least} of {len(node.nodes)} parts cannot be asked for")
    for one in node.nodes:
        _check_node(one, depth + 1)


def _check_field(name: str, kind: str) -> None:
    if not name and kind == fields.TEXT:
        return
    field = fields.FIELDS.get(name)
    if field is None or field.kind != kind:
        known = ", ".join(one.name for one in fields.FIELDS.values() if one.kind == kind)
        raise BadQuery(f"there is no {kind} field {name!r}: {known} are known")


def scores(node: Node) -> bool:
    """Whether a hit's score says anything: whether the query has words or identifiers."""
    match node:
        case Text() | Phrase() | Prefix() | Fuzzy():
            return True
        case Filter():
            return fields.FIELDS[node.field].weight > 0
        case And() | Or() | Either():
            return any(map(scores, node.nodes))
        case Weighted():
            return node.by > 0 and scores(node.node)
        case Scored():
            return node.score > 0
    return False


def preferred(node: Node) -> Or | None:
    """What a part of an `And` only adds to scores, since it leaves nothing out; None if it may.

    Engines need not look at all that it finds, but only at what the other parts have found.
    """
    if isinstance(node, Or) and Everything() in node.nodes:
        return Or(tuple(one for one in node.nodes if one != Everything()))
    return None


def resolved(relative: str, now: datetime) -> float:
    """The moment that a relative stop date means now, in seconds."""
    moment = dates.shifted(now, relative)
    return -fields.OPEN if moment is None else moment.timestamp()


def without(query: Query, facet: str) -> dict[str, tuple[str, ...]]:
    """The restrictions under which a facet is counted: all but its own."""
    return {name: values for name, values in query.restrictions.items() if name != facet}


def ranked(counts: dict[str, int], size: int) -> list[tuple[str, int]]:
    """The `size` most frequent values, equal ones by value."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:size]
