"""Citations as BibTeX, from CSL-JSON (`to_csl`).

An entry is `misc`, which every style knows; `howpublished` says what it is. Text stands in UTF-8,
with what TeX would take for itself escaped.
"""

from __future__ import annotations

import re
from typing import Any

from registry import identifiers

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SPECIAL = re.compile(r"[\\{}&%$#_~^]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BARE = ("month",)


def to_bibtex(item: dict[str, Any]) -> str:
    """The item as one BibTeX entry, with a line end behind it."""
    parts = item.get("issued", {}).get("date-parts", [[]])[0]
    fields = {
        "author": " and ".join(map(_name, item.get("author", []))),
        # The second braces keep the capitals of ACE and MAG.
        "title": "{" + _escaped(item["title"]) + "}",
        "year": str(parts[0]) if parts else "",
        "month": _MONTHS[parts[1] - 1] if len(parts) > 1 and 1 <= parts[1] <= 12 else "",
        "publisher": _escaped(item.get("publisher", "")),
        "howpublished": _escaped(f"[{item['genre']}]") if item.get("genre") else "",
        "version": _escaped(item.get("version", "")),
        # Addresses are for packages that take them as they are.
        "doi": _address(item.get("DOI", "")),
        "url": _address(item["URL"]),
        "keywords": _escaped(item.get("keyword", "")),
        "language": _escaped(item.get("language", "")),
    }
    lines = [
        f"  {name} = {value if name in _BARE else '{' + value + '}'},"
        for name, value in fields.items()
        if value
    ]
    return "\n".join([f"@misc{{{citation_key(item)},", *lines, "}"]) + "\n"


def citation_key(item: dict[str, Any]) -> str:
    """The entry's key: the record's identifier, in characters that every BibTeX takes."""
    bare = identifiers.key(item["number"]).partition("://")[2] if "number" in item else item["id"]
    return re.sub(r"[^A-Za-z0-9:.+-]+", "-", bare.replace("/", ":")).strip("-") or "record"


def _name(one: dict[str, str]) -> str:
    if "literal" in one:
        return "{" + _escaped(one["literal"]) + "}"
    # Braces hold a name of several words together.
    family = _escaped(one["family"])
    given = _escaped(one.get("given", ""))
    family = "{" + family + "}" if " and " in family or "," in family else family
    return f"{family}, {given}" if given else "{" + family + "}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: _TEX[found.group()], " ".join(text.split()))


def _address(text: str) -> str:
    return re.sub(r"[{}\\\s]", lambda found: f"%{ord(found.group()):02X}", text)
