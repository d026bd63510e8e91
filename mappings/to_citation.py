"""The text of citations, from CSL-JSON (`to_csl`), by citeproc and the styles in `styles/`.

The styles are this project's own, cut to what a registry holds: data, software, services.
"""

from __future__ import annotations

import threading
import warnings
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

STYLES = {
    "apa": "APA",
    "agu": "AGU",
    "aas": "AAS journals",
    "chicago": "Chicago",
    "ieee": "IEEE",
}
"""Name of a style in addresses → its name for people. The first is taken where none is asked for.
"""
FIRST = next(iter(STYLES))

# citeproc keeps what it is at in its style's own tree.
_LOCK = threading.Lock()


def to_citation(item: dict[str, Any], style: str = FIRST) -> str:
    """The citation of one item as a line of plain text. Raises KeyError for an unknown style."""
    # Imported when the first citation is asked for.
    from citeproc import Citation, CitationItem, CitationStylesBibliography, formatter
    from citeproc.source.json import CiteProcJSON

    known = {name: value for name, value in item.items() if name in _TAKEN} | {"id": "one"}
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        source = CiteProcJSON([known])
        made = CitationStylesBibliography(_style(style), source, formatter.plain)
        made.register(Citation([CitationItem("one")]))
        text = str(made.bibliography()[0])
    return " ".join(text.split())


_TAKEN = frozenset(
    ("type", "title", "author", "issued", "publisher", "version", "genre", "DOI", "URL")
)


@cache
def _style(name: str) -> Any:
    from citeproc import CitationStylesStyle

    if name not in STYLES:
        raise KeyError(name)
    text = files("mappings").joinpath("styles", f"{name}.csl").read_bytes()
    return CitationStylesStyle(BytesIO(text), validate=False)
