"""Which records use a term of a vocabulary, asked of the graph or, for units, of the search.

In the graph a unit is a text as the record has it, and what unit it means was read for the search;
a UCD is a text of several words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from registry.graph import protocol
from registry.graph.errors import GraphError
from registry.graph.graph import Graph
from registry.search.query import Filter, Query, SearchIndex, SearchUnavailable
from registry.store.reading import Reader
from registry.web.presentation import page_of
from vocabularies import closure, namespaces
from vocabularies.terms import Term

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


def usage(graph: Graph, index: SearchIndex, reader: Reader, term: Term) -> Usage:
    """The records that use a term; `fault` says why nobody could be asked."""
    word = term.local if term.scheme == "ucd" else ""
    try:
        if term.scheme == "units":
            return _usage_of_unit(index, notation(term))
        return _usage(graph, reader, term.iri, word)
    except (GraphError, SearchUnavailable) as error:
        return Usage(fault=str(error))


def notation(term: Term) -> str:
    """A unit as VOUnits write it, which is what the search calls it."""
    return next((name for _, name in term.names), term.local)


def _usage_of_unit(index: SearchIndex, unit: str) -> Usage:
    asked = Query(Filter("units", (unit,)), sort="name", limit=SHOWN, inactive=True)
    result = index.search(asked)
    shown = [
        (str(hit.fields.get("name") or hit.fields["key"]), page_of(str(hit.fields["key"])))
        for hit in result.hits
    ]
    return Usage(result.total, result.total, 0, sorted(shown))


def _usage(graph: Graph, reader: Reader, iri: str, ucd: str) -> Usage:
    all_terms = closure.found_by(iri)
    own = _using([iri], ucd_pattern(ucd) if ucd else "")
    wider = _using(all_terms, ucd_pattern(ucd, narrower=True) if ucd else "")
    records = _count(graph, own)
    more = _count(graph, wider) if len(all_terms) > 1 else records
    keys = _some(graph, own) if records else []
    if len(keys) < min(SHOWN, more):
        keys = list(dict.fromkeys([*keys, *_some(graph, wider)]))[:SHOWN]
    kept = reader.records_by_key(keys)
    shown = [(kept[key].name or key, page_of(key)) for key in keys if key in kept]
    return Usage(records, more, len(all_terms) - 1, sorted(shown))


def _some(graph: Graph, using: str) -> list[str]:
    """The keys of some of the records."""
    rows = _rows(graph, f"SELECT DISTINCT ?record {{ {using} }} LIMIT {SHOWN}")
    return [unquote(row["record"]) for row in rows]


def ucd_pattern(word: str, *, narrower: bool = False) -> str:
    """A regular expression, as a string of SPARQL, for UCDs that have the word among theirs.

    `narrower`: or a word below it, as `phys.magField` is below `phys`.
    """
    below = "([.][^;]*)?" if narrower else ""
    return f'"(^|;) *{word.replace(".", "[.]")}{below} *(;|$)"'


def _using(iris: Sequence[str], pattern: str) -> str:
    """What a query says of `?record`, which has one of the terms, or a UCD of the pattern."""
    listed = " ".join(f"<{one}>" for one in iris)
    asked = f"VALUES ?term {{ {listed} }} ?s ?p ?term . {_RECORD}"
    if pattern:
        asked = (
            f"{{ {asked} }} UNION {{ ?s <{namespaces.ONTOLOGY}ucd> ?ucd . "
            f'FILTER(REGEX(?ucd, {pattern}, "i")) }}'
        )
    return f"{asked} {_NAMED}"


def _count(graph: Graph, using: str) -> int:
    (row,) = _rows(graph, f"SELECT (COUNT(DISTINCT ?record) AS ?n) {{ {using} }}")
    return int(row["n"])


def _rows(graph: Graph, text: str) -> list[dict[str, str]]:
    answer = graph.query(text, protocol.RESULTS_JSON, timeout=SECONDS)
    return list(protocol.rows(answer))
