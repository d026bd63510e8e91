"""Records as `meta` elements of their pages: Highwire Press tags, which Zotero and Google Scholar
read, and Dublin Core (DCMI, Expressing Dublin Core in HTML/XHTML, 2008)."""

from __future__ import annotations

from typing import Any

from mappings.to_dublin_core import to_dublin_core
from registry.model import Neighbours, Record

Pairs = list[tuple[str, str]]

_LONGEST = 1000
_MOST = 20
"""So many values of one element: a page is not where hundreds of keywords are looked for."""
_ELEMENTS = (
    "title", "creator", "contributor", "publisher", "date", "type", "identifier", "language",
    "rights", "subject", "coverage", "format",
)  # fmt: skip


def to_meta_tags(record: Record, neighbours: Neighbours, item: dict[str, Any], page: str) -> Pairs:
    """Pairs of name and content; `item` is the record as `to_csl` cites it, `page` its address."""
    return [*_highwire(item, page), *_dublin_core(record, neighbours, page)]


def _highwire(item: dict[str, Any], page: str) -> Pairs:
    parts = item.get("issued", {}).get("date-parts", [[]])[0]
    day = [f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])] if parts else []
    found = [("citation_title", item["title"])]
    for one in item.get("author", []):
        name = one.get("literal") or ", ".join(filter(None, (one["family"], one.get("given"))))
        found.append(("citation_author", name))
    found += [
        ("citation_publication_date", "/".join(day)),
        ("citation_publisher", item.get("publisher", "")),
        ("citation_doi", item.get("DOI", "")),
        ("citation_abstract_html_url", page),
        ("citation_language", item.get("language", "")),
    ]
    return [(name, text) for name, text in found if text]


def _dublin_core(record: Record, neighbours: Neighbours, page: str) -> Pairs:
    found: dict[str, list[str]] = {name: [] for name in _ELEMENTS}
    for name, text in to_dublin_core(record, neighbours, page=page):
        if name in found and len(found[name]) < _MOST and len(text) <= _LONGEST:
            found[name].append(text)
    return [(f"DC.{name}", text) for name, texts in found.items() for text in texts]
