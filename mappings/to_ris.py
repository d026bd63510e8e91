"""Citations as RIS, from CSL-JSON (`to_csl`); tags as Reference Manager's format has them."""

from __future__ import annotations

from typing import Any

_TYPES = {"dataset": "DATA", "software": "COMP", "webpage": "ELEC", "standard": "STAND"}
"""Every other type is GEN."""


def to_ris(item: dict[str, Any]) -> str:
    """The item as one RIS record, in UTF-8, its lines ended by CR LF."""
    parts = item.get("issued", {}).get("date-parts", [[]])[0]
    day = [f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])] if parts else []
    pairs = [("TY", _TYPES.get(item["type"], "GEN")), ("TI", item["title"])]
    pairs += [("AU", _name(one)) for one in item.get("author", [])]
    pairs += [
        ("PY", day[0] if day else ""),
        ("DA", "/".join(day)),
        ("PB", item.get("publisher", "")),
        ("ET", item.get("version", "")),
        ("M3", item.get("genre", "")),
        ("DO", item.get("DOI", "")),
        ("UR", item["URL"]),
        ("AN", item.get("number", "")),
        ("LA", item.get("language", "")),
        ("AB", item.get("abstract", "")),
    ]
    pairs += [("KW", one) for one in item.get("keyword", "").split(", ")]
    lines = [f"{tag}  - {' '.join(text.split())}" for tag, text in pairs if text.strip()]
    return "\r\n".join([*lines, "ER  - ", ""])


def _name(one: dict[str, str]) -> str:
    return one.get("literal") or ", ".join(filter(None, (one["family"], one.get("given", ""))))
