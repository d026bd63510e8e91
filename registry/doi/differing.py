"""What DataCite holds beside what it was told.

DataCite adds to what it is told (empty lists, names of types in other schemas, a year as a
number), so only what was told is looked for.
"""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

_NOT_HELD = frozenset(("schemaVersion", "event", "doi"))


def differences(told: Object, held: Object) -> list[str]:
    """The names of the attributes in which DataCite holds something else than it was told."""
    found = [name for name, value in told.items() if _is_other(name, value, held.get(name))]
    # What stood there and is told no more stays, unless it is told to be empty.
    found += [name for name in _LISTS if name not in told and _plain(held.get(name))]
    return [name for name in found if name not in _NOT_HELD]


_LISTS = (
    "subjects", "contributors", "dates", "relatedIdentifiers", "sizes", "formats", "rightsList",
    "descriptions", "geoLocations", "fundingReferences",
)  # fmt: skip


def cleared(told: Object) -> Object:
    """What is told, with every list that it does not name emptied at DataCite."""
    return {name: [] for name in _LISTS} | told


def _is_other(name: str, told: Any, held: Any) -> bool:
    if name == "types":
        return any((held or {}).get(key) != value for key, value in told.items())
    if name == "doi":
        return str(told).lower() != str(held).lower()
    if name == "publisher" and isinstance(held, str):
        return bool(told.get("name") != held)
    return bool(_plain(told) != _plain(held))


def _plain(value: Any) -> Any:
    """A value without what says nothing, and with one spelling for what has several."""
    if isinstance(value, dict):
        plain = {key: _plain(one) for key, one in value.items()}
        return {key: one for key, one in plain.items() if one not in (None, "", [], {})}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return " ".join(str(value).split())
