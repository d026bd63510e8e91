"""Which records use a term of a vocabulary, asked of the graph."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote

from registry.graph import protocol
from registry.graph.errors import GraphError
from registry.graph.graph import Graph
from registry.store.reading import Reader
from registry.web.presentation import page_of
from vocabularies import closure

SHOWN = 10
SECONDS = 5.0
_RECORD = 'FILTER(STRSTARTS(STR(?s), "spase:") || STRSTARTS(STR(?s), "ivo:"))'
_NAMED = 'BIND(STRBEFORE(CONCAT(STR(?s), "#"), "#") AS ?record)'


@dataclass(slots=True)
class Usage:
    """How many records use a term itself, and it or what it finds; some of them by name."""

    records: int = 0
    found: int = 0
    others: int = 0
    """How many other terms a question about this one is about."""
    shown: list[tuple[str, str]] = field(default_factory=list)
    """(name, address of the page)"""
    fault: str = ""


def usage(graph: Graph, reader: Reader, iri: str) -> Usage:
    """The records that use a term; `fault` says why the graph could not be asked."""
    try:
        return _usage(graph, reader, iri)
    except GraphError as error:
        return Usage(fault=str(error))


def _usage(graph: Graph, reader: Reader, iri: str) -> Usage:
    all_terms = closure.found_by(iri)
    records = _count(graph, [iri])
    more = _count(graph, all_terms) if len(all_terms) > 1 else records
    rows = _rows(
        graph,
        f"SELECT DISTINCT ?record {{ {_using(all_terms)} }} LIMIT {SHOWN}",
    )
    keys = [unquote(row["record"]) for row in rows]
    kept = reader.records_by_key(keys)
    shown = [(kept[key].name or key, page_of(key)) for key in keys if key in kept]
    return Usage(records, more, len(all_terms) - 1, sorted(shown))


def _using(iris: list[str] | tuple[str, ...]) -> str:
    listed = " ".join(f"<{one}>" for one in iris)
    return f"VALUES ?term {{ {listed} }} ?s ?p ?term . {_RECORD} {_NAMED}"


def _count(graph: Graph, iris: list[str] | tuple[str, ...]) -> int:
    (row,) = _rows(graph, f"SELECT (COUNT(DISTINCT ?record) AS ?n) {{ {_using(iris)} }}")
    return int(row["n"])


def _rows(graph: Graph, text: str) -> list[dict[str, str]]:
    answer = graph.query(text, protocol.RESULTS_JSON, timeout=SECONDS)
    return list(protocol.rows(answer))
