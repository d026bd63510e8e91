"""The model as JSON, as the API gives it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from registry import dates, identifiers
from registry.model import Label, Neighbours, Record

_DATES = frozenset(("released", "created", "expires", "date", "start", "stop"))
_PAIRS = {
    "references": ("element", "identifier"),
    "details": ("path", "text"),
    "urls": ("url", "use"),
    "pairs": ("from", "to"),
}


def to_json(record: Record, neighbours: Neighbours) -> dict[str, Any]:
    """The record's fields under the model's names; what is empty is left out.

    A date stands as written and, where it can be read as one, beside it in UTC under the same
    name with `_utc`. `labels` holds what is known of the records referred to, by the identifier
    as this record writes it.
    """
    found = _object(record)
    found["iri"] = identifiers.iri(record.identifier)
    labels = {}
    for _, identifier in record.references:
        known = neighbours.get(identifiers.key(identifier))
        if known:
            labels[identifier] = _label(known)
    if labels:
        found["labels"] = labels
    return found


def _label(label: Label) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in ((one.name, getattr(label, one.name)) for one in fields(label))
        if value
    }


def _object(part: Any) -> dict[str, Any]:
    """A dataclass of the model as a JSON object."""
    found: dict[str, Any] = {}
    for one in fields(part):
        value = _value(one.name, getattr(part, one.name))
        if value in ("", None, [], {}):
            continue
        found[one.name] = value
        if one.name in _DATES and isinstance(value, str):
            utc = dates.utc(value)
            if utc:
                found[f"{one.name}_utc"] = utc
    return found


def _value(name: str, value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if not isinstance(value, list):
        return _object(value)
    if value and isinstance(value[0], tuple):
        keys = _PAIRS[name]
        return [dict(zip(keys, pair, strict=True)) for pair in value]
    return [one if isinstance(one, str) else _object(one) for one in value]
