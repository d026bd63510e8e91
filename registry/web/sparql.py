"""`/sparql`: the SPARQL 1.1 Protocol, Query only; for browsers a form and tables.

An answer is sent only when it is whole (docs/sparql.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from registry.graph import lexer, protocol
from registry.graph.errors import BadSPARQL, GraphError, NotAcceptable
from registry.graph.protocol import ProtocolRequest
from registry.graph.sparql import Answer
from registry.web import sparql_answers
from registry.web.answering import HEADERS
from registry.web.faults import problem
from registry.web.presentation import here, render
from registry.web.site import site
from registry.web.sparql_description import description
from registry.web.sparql_examples import examples

blueprint = Blueprint("sparql", __name__)

EDITOR = "yasqe"
"""The folder of `static` into which `make editor` puts YASQE; the plain field does without it."""

HTML = "text/html"
FORMATS: Mapping[str, str] = {
    "html": HTML,
    "json": "application/json",
    "xml": "application/xml",
    "csv": protocol.CSV,
    "tsv": protocol.TSV,
    "turtle": protocol.TURTLE,
    "ntriples": protocol.N_TRIPLES,
    "jsonld": protocol.JSON_LD,
    "rdfxml": protocol.RDF_XML,
}
"""What `format` may be, and the media type it means; JSON and XML suit every form of query."""
ALLOWED = "GET, HEAD, POST, OPTIONS"
RETRY_SECONDS = 5
LONGEST_ADDRESS = 4000
"""Characters of a query that pages put into links: browsers and servers take no longer ones."""

_BLOCK = 65536
_TABLES = {"json": "JSON", "xml": "XML", "csv": "CSV", "tsv": "TSV"}
_GRAPHS = {"turtle": "Turtle", "ntriples": "N-Triples", "jsonld": "JSON-LD", "rdfxml": "RDF/XML"}


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """Scripts of any page may ask: the answers are public, and nothing goes by cookies."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = "Retry-After"
    response.vary.add("Accept")
    return response


@blueprint.route("/sparql", methods=["OPTIONS"], provide_automatic_options=False)
def options() -> Response:
    """What may be sent here, for browsers that ask before they send (Fetch, section 4.8)."""
    answer = Response(status=204)
    answer.headers["Allow"] = ALLOWED
    answer.headers["Access-Control-Allow-Methods"] = ALLOWED
    answer.headers["Access-Control-Allow-Headers"] = "Content-Type, Accept"
    answer.headers["Access-Control-Max-Age"] = "86400"
    return answer


@blueprint.route("/sparql", methods=["GET", "POST"], provide_automatic_options=False)
def query() -> Response:
    """Answers a query; without one, a browser gets the form, others the service's description."""
    body = request.get_data(cache=False)
    if request.method != "POST" and "query" not in request.args:
        if _wants_page(request.args.get("format", "")):
            return _page(ProtocolRequest(""))
        if not request.query_string:
            described = _described()
            if described is not None:
                return described
    try:
        asked = protocol.read_request(
            request.method,
            request.query_string.decode("ascii", "replace"),
            request.content_type or "",
            body,
        )
    except GraphError as error:
        return _fault(error, ProtocolRequest(""))
    try:
        return _page_of_answer(asked) if _wants_page(asked.format) else _answer(asked)
    except GraphError as error:
        return _fault(error, asked)


def _answer(asked: ProtocolRequest) -> Response:
    """The answer as the client accepts it; `format` goes before its headers."""
    accept = FORMATS.get(asked.format) or request.headers.get("Accept") or "*/*"
    answer = _asked(asked, accept)
    # The server sends the file by itself, without taking it through here in pieces.
    sent = wrap_file(request.environ, answer.file, _BLOCK)  # type: ignore[arg-type]
    response = Response(sent, mimetype=answer.media_type, direct_passthrough=True)
    response.call_on_close(answer.file.close)
    response.content_length = answer.size
    if asked.format in FORMATS:
        ending = {"turtle": "ttl", "ntriples": "nt", "rdfxml": "rdf"}
        name = f"answer.{ending.get(asked.format, asked.format)}"
        response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _asked(asked: ProtocolRequest, accept: str) -> Answer:
    return site().graph.query(
        asked.query,
        accept,
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
    )


def _page_of_answer(asked: ProtocolRequest) -> Response:
    accept = f"{protocol.RESULTS_XML}, {protocol.TURTLE}"
    shown = sparql_answers.shown(_asked(asked, accept))
    sort = request.args.get("sort", "")
    sparql_answers.in_order(shown, sort)
    orders = {name: _order(asked, name, sort) for name in shown.variables}
    return _page(asked, shown=shown, sort=sort, orders=orders)


def _order(asked: ProtocolRequest, name: str, sort: str) -> str:
    """The address of the same answer sorted by a variable; downwards if it is upwards now.

    '' where the query is too long to stand in an address.
    """
    if len(asked.query) > LONGEST_ADDRESS:
        return ""
    by = f"-{name}" if sort == name else name
    return f"{_address(asked, 'html')}&{urlencode({'sort': by})}#answer"


def _page(asked: ProtocolRequest, status: int = 200, /, **context: object) -> Response:
    """The form with the query in it, and what came of it."""
    graph = lexer.form(asked.query) in ("CONSTRUCT", "DESCRIBE")
    with_editor = has_editor()
    answer = render(
        "sparql.html",
        status,
        with_editor=with_editor,
        asked=asked,
        examples=examples(),
        formats={**_TABLES, **_GRAPHS},
        downloads=[(title, _address(asked, name)) for name, title in _downloads(graph).items()],
        address=_address(asked, ""),
        seconds=site().settings.graph.query_seconds,
        limit=sparql_answers.ROWS,
        **context,
    )
    if with_editor:
        # This page alone runs scripts, and only those that lie here.
        policy = f"{HEADERS['Content-Security-Policy']}; script-src 'self'"
        answer.headers["Content-Security-Policy"] = policy
    return answer


def has_editor() -> bool:
    """Whether YASQE lies among the static files."""
    place = files("registry.web").joinpath("static", EDITOR)
    return all(place.joinpath(f"yasqe.min.{kind}").is_file() for kind in ("js", "css"))


def _downloads(graph: bool) -> dict[str, str]:
    return _GRAPHS if graph else _TABLES


def _address(asked: ProtocolRequest, name: str) -> str:
    """The address of this question, with its answer in one format."""
    given = [("query", asked.query)]
    given += [("default-graph-uri", iri) for iri in asked.default_graphs]
    given += [("named-graph-uri", iri) for iri in asked.named_graphs]
    if name:
        given.append(("format", name))
    return f"{here('/sparql')}?{urlencode(given)}"


def _described() -> Response | None:
    """The service description (section 2 of that recommendation); None if no RDF is accepted."""
    try:
        media_type = protocol.negotiate(request.headers.get("Accept", ""), "CONSTRUCT")
    except NotAcceptable:
        return None
    here_site = site()
    body = description(here_site.address("/sparql"), here_site.settings.title, media_type)
    return Response(body, mimetype=media_type)


def _wants_page(format_: str) -> bool:
    """Whether a page is the best answer: asked for by name, or accepted as much as any other."""
    if format_ in FORMATS:
        return format_ == "html"
    accepted = {name.lower(): quality for name, quality in request.accept_mimetypes}
    page = max(accepted.get(HTML, 0.0), accepted.get("application/xhtml+xml", 0.0))
    named = {kind for kinds in protocol.MEDIA_TYPES.values() for kind in kinds}
    return page > 0 and page >= max((accepted.get(kind, 0.0) for kind in named), default=0.0)


def _fault(error: GraphError, asked: ProtocolRequest) -> Response:
    """What went wrong and what to do, as a page or as a problem document (RFC 9457)."""
    line, column = (error.line, error.column) if isinstance(error, BadSPARQL) else (0, 0)
    # A browser that asked for a file is shown what went wrong all the same.
    if asked.format == "html" or _wants_page(""):
        lines = asked.query.split("\n")
        told = lines[line - 1] if 0 < line <= len(lines) else ""
        answer = _page(asked, error.status, fault=str(error), line=line, column=column, told=told)
    else:
        place = {"line": line, "column": column} if line else {}
        answer = problem(error.status, str(error), instance=here("/sparql"), **place)
    if error.status == 503:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    return answer
