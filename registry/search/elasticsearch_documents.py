"""What an Elasticsearch index holds: its settings and mapping, made from the one field table.

A text is split by `words.tokens` before it is sent, so that a word is the same to every engine;
the analyser only takes apart at the spaces that we put there.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from registry.search import fields, pages, words
from registry.search.elasticsearch_queries import HIDDEN, INACTIVE, MARKER

NAME, START, RELEASED = "sort_name", "sort_start", "sort_released"
SORT_FIELDS = {"key": "key", "name": NAME, "start": START, "released": RELEASED}
SHOWN = "shown"
"""What comes back with a hit, as it is: never indexed."""
MARKER_ID = "marker"

_BETWEEN_VALUES = 100
"""Positions between two values of one field, so that no phrase goes over both."""
_LONGEST_ID = 512
_ACTIVE = ["active"]
_FILLER = "_" * 12
"""Stands where a document has no text, since Lucene counts how rare a word is among the documents
that have the field, and we among all. No word is like it, by any number of letters."""


def settings(shards: int) -> dict[str, Any]:
    """The settings of a fresh index; a replica comes as soon as there is a second node."""
    return {
        "index": {
            "number_of_shards": shards,
            "auto_expand_replicas": "0-1",
            "refresh_interval": "-1",
            # So long a deletion is remembered, and what is older than it cannot come back.
            "gc_deletes": "10m",
        },
        "analysis": {"analyzer": {"words": {"type": "custom", "tokenizer": "whitespace"}}},
    }


def mapping() -> dict[str, Any]:
    """Every field by name: what the table does not know is refused."""
    text = {
        "type": "text",
        "analyzer": "words",
        "position_increment_gap": _BETWEEN_VALUES,
    }
    properties: dict[str, Any] = {one.name: text for one in fields.TEXT_FIELDS}
    properties |= {one.name: {"type": "keyword"} for one in fields.KEYWORD_FIELDS}
    properties |= {one.name: {"type": "double"} for one in fields.NUMBER_FIELDS}
    properties |= {one.name: {"type": "double_range"} for one in fields.INTERVAL_FIELDS}
    properties[NAME] = {"type": "keyword"}
    properties[START] = properties[RELEASED] = {"type": "double"}
    properties[HIDDEN] = {"type": "keyword"}
    properties[SHOWN] = {"type": "object", "enabled": False}
    told = {"dynamic": "strict", "_source": {"includes": [f"{SHOWN}.*"]}, "properties": properties}
    return told | {"_meta": {"layout": _layout(told)}}


def _layout(told: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


LAYOUT = str(mapping()["_meta"]["layout"])
"""An index of another layout was made by another version of this program: it is built anew."""


def identity(key: str) -> str:
    """The `_id` of a record's document: the key, or a digest where Elasticsearch finds it long."""
    written = f"record {key}"
    if len(written.encode()) <= _LONGEST_ID:
        return written
    return f"digest {hashlib.sha256(key.encode()).hexdigest()}"


def source(document: dict[str, object]) -> dict[str, Any]:
    """The document as it is sent; `fields.fault` has found nothing against it."""
    values: dict[str, Any] = {SHOWN: fields.shown(document)}
    for one in fields.TEXT_FIELDS:
        text = document.get(one.name) or _FILLER
        listed: Any = [text] if isinstance(text, str) else text
        values[one.name] = [
            " ".join(words.tokens(each)) if each is not _FILLER else each for each in listed
        ]
    for one in (*fields.KEYWORD_FIELDS, *fields.NUMBER_FIELDS):
        value = document.get(one.name)
        if value not in (None, "", []):
            values[one.name] = value
    for one in fields.INTERVAL_FIELDS:
        pairs: Any = document.get(one.name)
        if pairs:
            values[one.name] = [{"gte": low, "lte": high} for low, high in pairs]
    values[NAME] = pages.order("name", document)
    values[START] = pages.order("start", document)
    values[RELEASED] = pages.order("released", document)
    if document.get("status", _ACTIVE) != _ACTIVE:
        values[HIDDEN] = INACTIVE
    return values


def marker_source(marker: tuple[int, str]) -> dict[str, Any]:
    """The document that holds the marker; every query leaves it out."""
    return {HIDDEN: MARKER, SHOWN: {"marker": list(marker)}}
