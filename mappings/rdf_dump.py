"""Triples of records as they stand in a dump: N-Quads with a graph for each record, or Turtle.

In N-Quads each record's triples stand in a graph of the record's own IRI, so that a later
dump of what has changed is brought in by dropping the graphs that it names and loading it. A record
that was deleted meanwhile is one triple: its status is `status:deleted`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mappings.rdf_names import PREFIXES, name
from mappings.rdf_terms import record as record_term
from vocabularies import namespaces, spase

_PREFIX_OF = {
    **{base: prefix for prefix, base in PREFIXES.items()},
    **{f"{namespaces.SPASE}{one}#": f"spase-{one}" for one in spase.lists()},
    namespaces.VORESOURCE_TYPES: "voresource",
    namespaces.STATUS: "status",
}
# Local names without what Turtle would have to escape (section 6.5, PN_LOCAL).
_SHORT = re.compile(r"<([^<>]*[#/])([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)>")
_DATATYPE = re.compile(r'(?<="\^\^)<[^<>"]*>\Z')
_TYPE = name("rdf:type")


def deleted(identifier: str) -> list[str]:
    """What a dump says of a record that is no more; nothing where it can be no IRI."""
    subject = record_term(identifier)
    if not subject.startswith("<"):
        return []
    return [f"{subject} {name('adms:status')} <{namespaces.STATUS}deleted> ."]


def quads(lines: Iterable[str], graph: str) -> str:
    """Lines of N-Triples as lines of N-Quads in the graph of this IRI (RDF 1.1 N-Quads)."""
    return "".join(f"{line[:-1]}<{graph}> .\n" for line in lines)


def prefixes() -> str:
    """The beginning of a Turtle document: every prefix that `turtle` may use."""
    listed = sorted((prefix, base) for base, prefix in _PREFIX_OF.items())
    return "".join(f"@prefix {prefix}: <{base}> .\n" for prefix, base in listed)


def turtle(lines: Iterable[str]) -> str:
    """Lines of N-Triples as Turtle, grouped by subject in the order that these come in."""
    subjects: dict[str, list[str]] = {}
    for line in lines:
        subject, predicate, term = line[:-2].split(" ", 2)
        said = "a" if predicate == _TYPE else _short(predicate)
        subjects.setdefault(subject, []).append(f"{said} {_object(term)}")
    joined = ((subject, " ;\n    ".join(said)) for subject, said in subjects.items())
    return "".join(f"{subject} {said} .\n" for subject, said in joined)


def _object(term: str) -> str:
    if term.startswith("<"):
        return _short(term)
    return _DATATYPE.sub(lambda found: _short(found.group()), term)


def _short(iri: str) -> str:
    found = _SHORT.fullmatch(iri)
    prefix = _PREFIX_OF.get(found[1]) if found else None
    return f"{prefix}:{found[2]}" if found and prefix is not None else iri
