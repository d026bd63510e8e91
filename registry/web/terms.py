"""The reference frames, with their definitions and bridges, as a page and as Turtle."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flask import Blueprint, Response, abort

from registry.web.presentation import here, render
from vocabularies import namespaces, turtle

blueprint = Blueprint("terms", __name__)

SCHEMES = {
    "frames": ("reference_frames.ttl", namespaces.FRAMES),
    "representations": ("coordinate_representations.ttl", namespaces.REPRESENTATIONS),
}
FILES = {name: file for name, (file, _) in SCHEMES.items()} | {"ontology": "ontology.ttl"}
_SKOS = "http://www.w3.org/2004/02/skos/core#"
_MATCHES = ("exactMatch", "closeMatch", "broadMatch", "narrowMatch", "relatedMatch")


@dataclass(slots=True)
class Term:
    """One concept: how it is called and what it means, in words."""

    local: str
    label: str
    definition: str
    names: list[str] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    matches: list[tuple[str, str]] = field(default_factory=list)
    """Pairs of SKOS mapping relation and IRI of the term of IVOA's refframe."""
    notes: list[str] = field(default_factory=list)


@cache
def scheme(name: str) -> dict[str, Term]:
    """The concepts of a scheme by their local names; what is narrower follows its broader one."""
    import rdflib

    file, base = SCHEMES[name]
    graph = rdflib.Graph()
    graph.parse(data=turtle.text(file), format="turtle")
    order = [local for local, _ in turtle.subjects(file)]
    terms = {local: _term(graph, base, local) for local in order}
    found: dict[str, Term] = {}
    for term in terms.values():
        if not any(one in terms for one in term.broader):
            _add_with_narrower(found, terms, term)
    return found


def _add_with_narrower(found: dict[str, Term], terms: dict[str, Term], term: Term) -> None:
    """The term, and behind it what stands below it, each once."""
    if term.local in found:
        return
    found[term.local] = term
    for one in terms.values():
        if term.local in one.broader:
            _add_with_narrower(found, terms, one)


def _term(graph: Any, base: str, local: str) -> Term:
    import rdflib

    subject = rdflib.URIRef(base + local)

    def said(address: str) -> list[str]:
        return sorted(map(str, graph.objects(subject, rdflib.URIRef(address))))

    notations = graph.objects(subject, rdflib.URIRef(f"{_SKOS}notation"))
    return Term(
        local=local,
        label=next(iter(said(f"{_SKOS}prefLabel")), local),
        definition=next(iter(said(f"{_SKOS}definition")), ""),
        names=sorted({str(one) for one in notations}),
        broader=[one.removeprefix(base) for one in said(f"{_SKOS}broader")],
        sources=said("http://purl.org/dc/terms/source"),
        matches=[(match, one) for match in _MATCHES for one in said(_SKOS + match)],
        notes=said(f"{namespaces.ONTOLOGY}matchNote"),
    )


def term_of(name: str, iri: str | None) -> tuple[Term, str] | None:
    """The term with this IRI, and the address of its definition; None if there is none."""
    local = iri.partition("#")[2] if iri else ""
    found = scheme(name).get(local) if local else None
    return (found, f"{here('/vocabularies/' + name)}#{local}") if found else None


@blueprint.get("/vocabularies/<name>")
def vocabulary(name: str) -> Response:
    """A scheme as a page; `NAME.ttl` is its file."""
    scheme_name, _, suffix = name.partition(".")
    if suffix == "ttl" and scheme_name in FILES:
        text = turtle.text(FILES[scheme_name])
        return Response(text, content_type="text/turtle; charset=utf-8")
    if suffix or scheme_name not in SCHEMES:
        abort(404)
    return render("terms.html", scheme=scheme_name, terms=scheme(scheme_name))
