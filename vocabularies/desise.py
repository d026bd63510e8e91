"""A vocabulary in IVOA's desise form (Vocabularies in the VO 2.1, section 3.2.1)."""

from __future__ import annotations

from typing import Any

from vocabularies import catalogue, terms

MEDIA_TYPE = "application/x-desise+json"
SKOS, CLASS, PROPERTY = "SKOS", "RDF Class", "RDF Property"


def flavour(path: str) -> str:
    """Which of the three flavours a vocabulary has (Vocabularies in the VO 2.1, section 4)."""
    if path == "ontology":
        return PROPERTY
    types = {other for _, predicate, other in catalogue.triples_of(path)
             if predicate == catalogue.TYPE}  # fmt: skip
    return CLASS if "<http://www.w3.org/2000/01/rdf-schema#Class>" in types else SKOS


def desise(path: str) -> dict[str, Any]:
    """The object of a vocabulary, given by its path. Raises KeyError for one there is not."""
    vocabulary = catalogue.vocabularies()[path]
    sort = flavour(path)
    return {
        "uri": vocabulary.iri,
        "flavour": sort,
        "terms": {
            local: _term(term, transitive=sort != SKOS)
            for local, term in terms.of_scheme(path).items()
        },
    }


def _term(term: terms.Term, *, transitive: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "label": term.label or term.local,
        "description": term.definition or f"Defined at {term.iri}",
        "wider": _locals(term, term.broader),
        "narrower": _locals(term, _below(term) if transitive else term.narrower),
    }
    if term.deprecated:
        found["deprecated"] = ""
        found["useInstead"] = _locals(term, term.instead)
    if term.preliminary:
        found["preliminary"] = ""
    return found


def _locals(term: terms.Term, iris: list[str]) -> list[str]:
    known = terms.all_terms()
    return [known[one].local for one in iris if one in known and known[one].scheme == term.scheme]


def _below(term: terms.Term) -> list[str]:
    found: dict[str, None] = {}
    level = list(term.narrower)
    while level:
        found.update(dict.fromkeys(level))
        level = [
            below
            for one in level
            for below in terms.all_terms()[one].narrower
            if below not in found
        ]
    return list(found)
