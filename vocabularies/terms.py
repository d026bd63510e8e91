"""All vocabularies as terms: what each is called, what it means, and where it stands.

Read once from the Turtle files and from the lists that are made (SPASE's, the words of UCD1+).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from vocabularies import catalogue, namespaces

MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")

_SKOS = "<http://www.w3.org/2004/02/skos/core#"
_RDFS = "<http://www.w3.org/2000/01/rdf-schema#"
_OWL = "<http://www.w3.org/2002/07/owl#"
_DCTERMS = "<http://purl.org/dc/terms/"
_PH = f"<{namespaces.ONTOLOGY}"
_RELATIONS = {
    f"{_SKOS}broader>": "broader",
    f"{_RDFS}subClassOf>": "broader",
    f"<{namespaces.IVOA}ivoasem#useInstead>": "useInstead",
} | {f"{_SKOS}{match}>": match for match in MATCHES}
_TEXTS = {
    f"{_SKOS}prefLabel>": "label",
    f"{_RDFS}label>": "label",
    f"{_SKOS}definition>": "definition",
    f"{_RDFS}comment>": "definition",
    f"{_PH}spaseVersions>": "versions",
}
_LISTS = {
    f"{_SKOS}altLabel>": "alternatives",
    f"{_PH}matchNote>": "match_notes",
    f"{_SKOS}editorialNote>": "notes",
    f"{_SKOS}scopeNote>": "notes",
    f"{_DCTERMS}source>": "sources",
    f"{_PH}noMatchIn>": "no_match_in",
}
_LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"(?:\^\^<([^>]*)>)?')
_ESCAPE = re.compile(r"\\(.)")


@dataclass(slots=True)
class Term:
    """One term of a vocabulary; other terms are named by their IRIs."""

    iri: str
    scheme: str
    """The path of its vocabulary: `frames`, `spase/Region`, `ivoa/refframe`."""
    local: str
    label: str = ""
    definition: str = ""
    names: list[tuple[str, str]] = field(default_factory=list)
    """(system, name): (`spaseName`, `GSE`); the system is '' where none is said."""
    alternatives: list[str] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    narrower: list[str] = field(default_factory=list)
    matches: list[tuple[str, str]] = field(default_factory=list)
    """(SKOS mapping relation, IRI), those of other terms to this one turned round."""
    match_notes: list[str] = field(default_factory=list)
    no_match_in: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    versions: str = ""
    """The SPASE versions that have the value: `1.2.1-`, `-1.3.3 2.0.0-`; '' for all."""
    deprecated: bool = False
    preliminary: bool = False
    instead: list[str] = field(default_factory=list)
    more: list[tuple[str, str, bool]] = field(default_factory=list)
    """What else is said in our own properties: (name of the property, text or IRI, is an IRI)."""


@cache
def all_terms() -> dict[str, Term]:
    """Every term of every vocabulary by its IRI, in the order of the files."""
    found: dict[str, Term] = {}
    said = [(s, p, o) for scheme in catalogue.sources() for s, p, o in scheme]
    for subject, predicate, other in said:
        if predicate == catalogue.TYPE and other in catalogue.TERM_TYPES:
            iri = subject[1:-1]
            path = catalogue.path_of(iri)
            if path is not None and iri not in found:
                found[iri] = Term(iri, path, iri.rpartition("#")[2])
    for subject, predicate, other in said:
        term = found.get(subject[1:-1])
        if term is not None:
            _add(term, predicate, other)
    for term in list(found.values()):
        _join(term, found)
    return found


def _add(term: Term, predicate: str, other: str) -> None:
    relation = _RELATIONS.get(predicate)
    if relation == "broader":
        term.broader.append(other[1:-1])
    elif relation == "useInstead":
        term.instead.append(other[1:-1])
    elif relation:
        term.matches.append((relation, other[1:-1]))
    elif predicate in _TEXTS:
        setattr(term, _TEXTS[predicate], literal(other)[0])
    elif predicate in _LISTS:
        getattr(term, _LISTS[predicate]).append(_plain(other))
    elif predicate == f"{_SKOS}notation>":
        text, datatype = literal(other)
        term.names.append((datatype.rpartition("#")[2], text))
    elif predicate == f"{_OWL}deprecated>":
        term.deprecated = literal(other)[0] == "true"
    elif predicate == f"<{namespaces.IVOA}ivoasem#preliminary>":
        term.preliminary = literal(other)[0] == "true"
    elif predicate.startswith(_PH):
        term.more.append((predicate[len(_PH) : -1], _plain(other), other.startswith("<")))


def _join(term: Term, found: dict[str, Term]) -> None:
    """Tells the terms that this one names that it does."""
    for above in term.broader:
        if above in found:
            found[above].narrower.append(term.iri)
    for relation, other in term.matches:
        turned = (_TURNED.get(relation, relation), term.iri)
        if other in found and turned not in found[other].matches:
            found[other].matches.append(turned)


_TURNED = {"broadMatch": "narrowMatch", "narrowMatch": "broadMatch"}


def literal(written: str) -> tuple[str, str]:
    """(text, IRI of the datatype or '') of a literal as N-Triples has it."""
    found = _LITERAL.match(written)
    assert found is not None
    return _ESCAPE.sub(_escaped, found[1]), found[2] or ""


def _escaped(found: re.Match[str]) -> str:
    return {"n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1])


def _plain(written: str) -> str:
    return written[1:-1] if written.startswith("<") else literal(written)[0]


@cache
def all_iris() -> frozenset[str]:
    """The IRI of every term."""
    return frozenset(all_terms())


@cache
def of_scheme(path: str) -> dict[str, Term]:
    """The terms of a vocabulary by their local names, each followed by what is below it.

    Empty for a vocabulary that there is not.
    """
    mine = [term for term in all_terms().values() if term.scheme == path]
    found: dict[str, Term] = {}
    for term in mine:
        if not any(catalogue.path_of(one) == path for one in term.broader):
            _add_with_narrower(found, term)
    return found


def _add_with_narrower(found: dict[str, Term], term: Term) -> None:
    if term.local in found:
        return
    found[term.local] = term
    for one in term.narrower:
        below = all_terms()[one]
        if below.scheme == term.scheme:
            _add_with_narrower(found, below)


def relations() -> Iterator[tuple[str, str, str]]:
    """(IRI, relation, IRI): `broader`, `useInstead` and the mapping relations, as stated."""
    for term in all_terms().values():
        for above in term.broader:
            yield term.iri, "broader", above
        for other in term.instead:
            yield term.iri, "useInstead", other
        for match, other in term.matches:
            yield term.iri, match, other


@cache
def citations() -> dict[str, str]:
    """Address of a source → how it is cited."""
    return {
        subject[1:-1]: literal(other)[0]
        for triples in catalogue.sources()
        for subject, predicate, other in triples
        if predicate == f"{_DCTERMS}bibliographicCitation>"
    }
