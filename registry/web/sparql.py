"""`/sparql`: the SPARQL 1.1 Protocol, Query only; a form for people.

An answer is sent only when it is whole (docs/sparql.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from flask import Blueprint, Response, jsonify, render_template, request

from registry.graph import protocol
from registry.graph.errors import BadSPARQL, GraphError
from registry.web.site import site

blueprint = Blueprint("sparql", __name__)

_BLOCK = 65536


@blueprint.route("/sparql", methods=["GET", "POST", "OPTIONS"])
def query() -> Response:
    """Answers a query; without one, a browser gets the form."""
    if request.method == "OPTIONS":
        return _open(Response(status=204))
    if request.method == "GET" and "query" not in request.args and _wants_html():
        return Response(render_template("sparql.html"), mimetype="text/html")
    try:
        asked = protocol.read_request(
            request.method,
            request.query_string.decode("ascii", "replace"),
            request.content_type or "",
            request.get_data(cache=False),
        )
        answer = site().graph.query(
            asked.query,
            _accept(),
            default_graphs=asked.default_graphs,
            named_graphs=asked.named_graphs,
        )
    except GraphError as error:
        return _open(_fault(error))
    response = Response(_blocks(answer.file), mimetype=answer.media_type)
    response.content_length = answer.size
    response.headers["Vary"] = "Accept"
    return _open(response)


def _accept() -> str:
    """What the client accepts; a browser that shows pages gets JSON that it can show."""
    chosen = request.args.get("format", "")
    if chosen in protocol_formats():
        return protocol_formats()[chosen]
    return "*/*" if _wants_html() else request.headers.get("Accept", "*/*")


def protocol_formats() -> dict[str, str]:
    """Short names that the form offers for media types."""
    return {
        "json": protocol.RESULTS_JSON,
        "xml": protocol.RESULTS_XML,
        "csv": protocol.CSV,
        "tsv": protocol.TSV,
        "turtle": protocol.TURTLE,
    }


def _wants_html() -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block


def _fault(error: GraphError) -> Response:
    """A problem document (RFC 9457) with what the client can do."""
    said = {"status": error.status, "title": _TITLES[error.status], "detail": str(error)}
    if isinstance(error, BadSPARQL) and error.line:
        said |= {"line": error.line, "column": error.column}
    response: Response = jsonify(said)
    response.status_code = error.status
    response.mimetype = "application/problem+json"
    if error.status == 503:
        response.headers["Retry-After"] = "5"
    return response


_TITLES = {
    400: "The request is malformed",
    403: "This is not carried out here",
    405: "This method is not allowed",
    406: "None of the formats asked for can be given",
    415: "A body of this type is not understood",
    500: "The graph gave a wrong answer",
    503: "The graph cannot answer now",
}


def _open(response: Response) -> Response:
    """Any page may ask: the answers are public and carry no credentials."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Content-Type, Accept"
    return response
