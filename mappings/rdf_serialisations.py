"""Lines of N-Triples as Turtle, RDF/XML and JSON-LD, by rdflib."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from mappings.rdf_names import PREFIXES
from vocabularies import namespaces, spase

MEDIA_TYPES = {
    "turtle": "text/turtle",
    "xml": "application/rdf+xml",
    "json-ld": "application/ld+json",
    "nt": "application/n-triples",
}
"""What `serialise` can write, and the media type of each."""


def serialise(lines: Iterable[str], format: str) -> str:
    """The triples in one of the formats of MEDIA_TYPES, with the prefixes that people know.

    Raises ValueError for another format, or for lines that are no N-Triples.
    """
    if format not in MEDIA_TYPES:
        raise ValueError(f"RDF is written as {', '.join(MEDIA_TYPES)}, not as {format!r}")
    text = "".join(f"{line}\n" for line in lines)
    if format == "nt":
        return text
    graph = _graph(text)
    if format == "json-ld":
        return _json(graph, text)
    return str(graph.serialize(format=format))


def _json(graph: Any, text: str) -> str:
    # Only the prefixes that occur, else the context is longer than a short record.
    context = {prefix: base for prefix, base in _prefixes().items() if base in text}
    document = json.loads(graph.serialize(format="json-ld", context=context))
    if "@graph" in document:
        document["@graph"].sort(key=lambda node: str(node["@id"]))
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _graph(text: str) -> Any:
    import rdflib

    # Literals are canonical already; rdflib would write another form of some (+00:00 for Z).
    rdflib.NORMALIZE_LITERALS = False
    # This store, unlike the default one, gives the triples back in the order that they came in.
    graph = rdflib.Graph(store="SimpleMemory", bind_namespaces="none")
    for prefix, base in _prefixes().items():
        if base in text:
            graph.bind(prefix, base)
    try:
        graph.parse(data=text, format="nt")
    except Exception as error:
        raise ValueError(f"these lines are no N-Triples: {error}") from error
    return graph


def _prefixes() -> dict[str, str]:
    lists = {f"spase-{name}": f"{namespaces.SPASE}{name}#" for name in spase.lists()}
    return PREFIXES | {"voresource": namespaces.VORESOURCE_TYPES} | lists
