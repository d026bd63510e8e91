"""The one table of what can be searched, that every search engine's adapter is made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from mappings import to_search

TEXT, KEYWORD, NUMBER, INTERVAL, SHOWN = "text", "keyword", "number", "interval", "shown"
Kind = Literal["text", "keyword", "number", "interval", "shown"]


@dataclass(slots=True, frozen=True)
class Field:
    """One field of a document.

    `text` is searched by its words, `keyword` by its exact value, `number` by ranges, an
    `interval` (pairs of numbers, several of them) by what it meets; what is `shown` is only given
    back. `weight` is how much a word found here counts; for a keyword, what
    a hit by that value counts (0: it restricts and counts nothing). `stored` fields come back
    with a hit; `facet` fields can be counted and restricted.
    """

    name: str
    kind: Kind
    weight: float = 0.0
    stored: bool = False
    facet: bool = False


FIELDS: dict[str, Field] = {
    field.name: field
    for field in (
        Field("key", "keyword", weight=1000, stored=True),
        Field("also", "keyword", weight=500),
        Field("called", "keyword", weight=80),
        Field("identifier", "shown", stored=True),
        Field("digest", "shown", stored=True),
        Field("name", "text", weight=8, stored=True),
        Field("acronym", "shown", stored=True),
        Field("aliases", "text", weight=6),
        Field("related", "text", weight=3),
        Field("keywords", "text", weight=3),
        Field("path", "text", weight=2),
        Field("people", "text", weight=1.5),
        Field("parameters", "text", weight=1.5),
        Field("description", "text", weight=1, stored=True),
        Field("format", "keyword", stored=True, facet=True),
        Field("kind", "keyword", stored=True, facet=True),
        Field("authority", "keyword", stored=True, facet=True),
        Field("status", "keyword", stored=True, facet=True),
        Field("verdict", "keyword", stored=True, facet=True),
        Field("source", "keyword", stored=True, facet=True),
        Field("measurement", "keyword", stored=True, facet=True),
        Field("region", "keyword", stored=True, facet=True),
        Field("region_names", "shown", stored=True),
        Field("instrument", "keyword", stored=True, facet=True),
        Field("instrument_names", "shown", stored=True),
        Field("observatory", "keyword", stored=True, facet=True),
        Field("observatory_names", "shown", stored=True),
        Field("observatory_group", "keyword", facet=True),
        Field("repository", "keyword", stored=True, facet=True),
        Field("repository_names", "shown", stored=True),
        Field("person", "keyword", facet=True),
        Field("access", "keyword", stored=True, facet=True),
        Field("has_hapi", "keyword", stored=True, facet=True),
        Field("has_doi", "keyword", facet=True),
        Field("has_preview", "keyword", stored=True, facet=True),
        Field("spectral_range", "keyword", stored=True, facet=True),
        Field("cadence", "keyword", facet=True),
        Field("data_format", "keyword", stored=True, facet=True),
        Field("phenomenon", "keyword", stored=True, facet=True),
        Field("processing_level", "keyword", stored=True, facet=True),
        Field("frame", "keyword", facet=True),
        Field("quantity", "keyword", facet=True),
        Field("units", "keyword", facet=True),
        Field("cadence_seconds", "interval"),
        Field("spectrum", "interval"),
        Field("particle_energy", "interval"),
        Field("doi", "keyword", stored=True),
        Field("start", "number", stored=True),
        Field("stop", "number", stored=True),
        Field("relative_stop", "keyword", stored=True),
        Field("released", "number", stored=True),
    )
}

TEXT_FIELDS = tuple(field for field in FIELDS.values() if field.kind == TEXT)
KEYWORD_FIELDS = tuple(field for field in FIELDS.values() if field.kind == KEYWORD)
NUMBER_FIELDS = tuple(field for field in FIELDS.values() if field.kind == NUMBER)
INTERVAL_FIELDS = tuple(field for field in FIELDS.values() if field.kind == INTERVAL)
FACETS = tuple(field.name for field in FIELDS.values() if field.facet)
_STORED = tuple(field.name for field in FIELDS.values() if field.stored)

MOST_WEIGHT = 1e6
"""What a part of a query may count at most."""

SORTS = ("relevance", "name", "released", "start")
OPEN = to_search.OPEN

EXCERPT = 500
"""How many characters of a description come back with a hit."""


def shown(document: dict[str, object]) -> dict[str, object]:
    """What of a document comes back with a hit: the stored fields, the description shortened."""
    kept = {name: document[name] for name in _STORED if name in document}
    description = kept.get("description")
    if isinstance(description, str) and len(description) > EXCERPT:
        cut = description[:EXCERPT]
        kept["description"] = f"{cut[: max(cut.rfind(' '), EXCERPT // 2)].rstrip()} …"
    return kept


def fault(document: dict[str, object]) -> str:
    """Why a document cannot be held by any engine; '' if it can."""
    if not isinstance(document.get("key"), str) or not document["key"]:
        return "it has no key"
    for field in FIELDS.values():
        value = document.get(field.name)
        if not value or field.kind == SHOWN:
            continue
        if field.kind == NUMBER:
            if not isinstance(value, (int, float)):
                return f"{field.name} is {value!r}, which is no number"
        elif field.kind == INTERVAL:
            if not _are_intervals(value):
                return f"{field.name} is {value!r}, which is no list of ranges"
        elif not isinstance(value, (str, list, tuple)):
            return f"{field.name} is {value!r}, which is no text"
        elif any(not isinstance(one, str) or not _sound(one) for one in value):
            return f"{field.name} has a value that is no text"
    return ""


def _are_intervals(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and all(isinstance(end, (int, float)) for end in pair)
        and pair[0] <= pair[1]
        for pair in value
    )


def _sound(text: str) -> bool:
    try:
        return bool(text.encode()) or True
    except UnicodeEncodeError:
        return False


def _fingerprint() -> str:
    told = repr((list(FIELDS.values()), to_search.VERSION, EXCERPT))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


FINGERPRINT = _fingerprint()
"""Changes with the field table and with the mapping: an index of another one is built anew."""
