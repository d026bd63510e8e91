"""`/graph`: what the graph holds, as VoID and DCAT and as a page; its dumps and its shapes."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from flask import Blueprint, Response, abort, request, send_file

from mappings.rdf_names import name
from mappings.rdf_serialisations import MEDIA_TYPES, serialise
from mappings.rdf_terms import literal, moment, resource
from registry.graph import protocol
from registry.graph.errors import GraphError
from registry.web.presentation import render
from registry.web.site import Site, site
from registry.web.sparql_answers import Term, iri
from vocabularies import namespaces

blueprint = Blueprint("graph", __name__)

DUMP = re.compile(r"parhelion-(?:all|changes-(\d+))-(\d+)\.(nq|ttl)\.gz")
"""The names that `parhelion export --publish` gives; nothing else of the folder is served."""
_FORMS = {media_type: format_ for format_, media_type in MEDIA_TYPES.items()}
_KINDS = {"nq": "application/n-quads", "ttl": "text/turtle"}
_XSD_INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
_CLASSES = "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c ORDER BY DESC(?n) ?c"
_TRIPLES = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


@dataclass(slots=True)
class Dump:
    """One dump: its file, when it was made, and what it holds: the changes (after, last]."""

    name: str
    media_type: str
    size: int
    made: datetime
    after: int
    last: int


@dataclass(slots=True)
class Figures:
    """How many triples and members of each class there are, at one state of the graph."""

    at: tuple[int, str] = (-1, "")
    triples: int = 0
    classes: list[tuple[str, int]] = field(default_factory=list)


_lock = threading.Lock()
_counted: dict[Path, Figures] = {}


@blueprint.get("/graph")
def description() -> Response:
    """The page, or the description as RDF where the client asks for that."""
    offered = ["text/html", *_FORMS]
    best = request.accept_mimetypes.best_match(offered, default="text/html")
    here_site = site()
    figures, dumps = _figures(here_site), published(here_site.settings.data / "dumps")
    if best in _FORMS:
        body = serialise(_described(here_site, figures, dumps), _FORMS[best])
        answer = Response(body, content_type=f"{best}; charset=utf-8")
    else:
        classes: list[tuple[Term, int]] = [(iri(one), number) for one, number in figures.classes]
        answer = render("graph.html", figures=figures, classes=classes, dumps=dumps)
    answer.vary.add("Accept")
    return answer


@blueprint.get("/graph/shapes.ttl")
def shapes() -> Response:
    """The shapes of the graph, in SHACL."""
    text = files("mappings").joinpath("shapes.ttl").read_text("utf-8")
    return Response(text, content_type="text/turtle; charset=utf-8")


@blueprint.get("/graph/dumps/<dump>")
def dump(dump: str) -> Response:
    """A dump, compressed as it lies."""
    path = (site().settings.data / "dumps").absolute() / dump
    found = DUMP.fullmatch(dump)
    if not found or not path.is_file():
        abort(404)
    return send_file(path, mimetype="application/gzip", as_attachment=True, conditional=True)


def published(folder: Path) -> list[Dump]:
    """The dumps of the folder, whole ones first, then by the change that they go to."""
    found = []
    for path in folder.glob("parhelion-*.gz"):
        named = DUMP.fullmatch(path.name)
        if named:
            told = path.stat()
            after = int(named[1]) - 1 if named[1] else 0
            made = datetime.fromtimestamp(int(told.st_mtime), UTC)
            kind = _KINDS[named[3]]
            found.append(Dump(path.name, kind, told.st_size, made, after, int(named[2])))
    return sorted(found, key=lambda one: (one.after, -one.last, one.name))


def _figures(here_site: Site) -> Figures:
    """The counts, made anew when the graph has changed; the old ones while it does not answer."""
    with _lock:
        known = _counted.get(here_site.settings.data, Figures())
        try:
            at = here_site.graph.marker()
            if at == known.at:
                return known
            triples = protocol.rows(here_site.graph.query(_TRIPLES, protocol.RESULTS_JSON))
            classes = protocol.rows(here_site.graph.query(_CLASSES, protocol.RESULTS_JSON))
        except GraphError:
            return known
        figures = Figures(at, int(triples[0]["n"]), [(row["c"], int(row["n"])) for row in classes])
        _counted[here_site.settings.data] = figures
        return figures


def _described(here_site: Site, figures: Figures, dumps: list[Dump]) -> list[str]:
    """The graph as a void:Dataset and dcat:Dataset, its dumps as its distributions."""
    base = here_site.address("/graph")
    graph = f"<{base}#graph>"
    lines: list[str] = []

    def say(subject: str, curie: str, term: str) -> None:
        lines.append(f"{subject} {name(curie)} {term} .")

    say(graph, "rdf:type", name("void:Dataset"))
    say(graph, "rdf:type", name("dcat:Dataset"))
    say(graph, "dcterms:title", literal(f"{here_site.settings.title}: the graph"))
    say(graph, "dcterms:description", literal(_WHAT))
    say(graph, "foaf:homepage", f"<{base}>")
    say(graph, "void:sparqlEndpoint", f"<{here_site.address('/sparql')}>")
    say(graph, "dcterms:conformsTo", f"<{base}/shapes.ttl>")
    for space in (namespaces.ONTOLOGY, namespaces.FRAMES, "http://www.w3.org/ns/dcat#"):
        say(
            graph,
            "void:vocabulary",
            resource(space.removesuffix("#") if "parhelion" in space else space),
        )
    if figures.at[0] >= 0:
        say(graph, "void:triples", _integer(figures.triples))
        say(graph, "dcat:version", literal(str(figures.at[0])))
    for number, (kind, count) in enumerate(figures.classes, 1):
        part = f"<{base}#class-{number}>"
        say(graph, "void:classPartition", part)
        say(part, "void:class", f"<{kind}>")
        say(part, "void:entities", _integer(count))
    for one in dumps:
        address = f"<{base}/dumps/{one.name}>"
        part = f"<{base}#{one.name}>"
        say(graph, "void:dataDump", address)
        say(graph, "dcat:distribution", part)
        say(part, "rdf:type", name("dcat:Distribution"))
        say(part, "dcterms:title", literal(_title(one)))
        say(part, "dcat:downloadURL", address)
        say(part, "dcat:mediaType", f"<{_IANA}{one.media_type}>")
        say(part, "dcat:compressFormat", f"<{_IANA}application/gzip>")
        say(part, "dcat:byteSize", _integer(one.size))
        say(part, "dcterms:issued", moment(one.made.isoformat()))
    return lines


def _title(one: Dump) -> str:
    if one.after:
        return f"What changed from {one.after + 1} to {one.last}"
    return f"All records, up to change {one.last}"


def _integer(number: int) -> str:
    return f'"{number}"^^{_XSD_INTEGER}'


_IANA = "https://www.iana.org/assignments/media-types/"
_WHAT = (
    "Descriptions of the data, services, instruments, observatories and people of heliophysics, "
    "from SPASE and VOResource records, with the vocabularies that their words come from."
)
