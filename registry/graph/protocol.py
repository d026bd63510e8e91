"""The SPARQL 1.1 Protocol's side of HTTP, without a web framework: requests and media types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from registry.graph.errors import BadRequest, NotAcceptable, QueryRefused
from registry.graph.sparql import Answer

RESULTS_JSON = "application/sparql-results+json"
RESULTS_XML = "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, N_TRIPLES = "text/turtle", "application/n-triples"
JSON_LD, RDF_XML = "application/ld+json", "application/rdf+xml"

# Best first: the first one that the client accepts as much as any other is given.
MEDIA_TYPES: Mapping[str, tuple[str, ...]] = {
    "SELECT": (RESULTS_JSON, RESULTS_XML, CSV, TSV),
    "ASK": (RESULTS_JSON, RESULTS_XML),
    "CONSTRUCT": (TURTLE, N_TRIPLES, JSON_LD, RDF_XML),
    "DESCRIBE": (TURTLE, N_TRIPLES, JSON_LD, RDF_XML),
}
# Names that clients also use for these types, or that suit them.
_ALSO: Mapping[str, str] = {
    "application/json": RESULTS_JSON,
    "application/xml": RESULTS_XML,
    "text/xml": RESULTS_XML,
    "text/tsv": TSV,
    "application/x-turtle": TURTLE,
    "text/plain": N_TRIPLES,
}
_ALSO_GRAPHS: Mapping[str, str] = {
    "application/json": JSON_LD,
    "application/xml": RDF_XML,
    "text/xml": RDF_XML,
}
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[^<>\"{}|^`\\\x00-\x20]*")


@dataclass(slots=True, frozen=True)
class ProtocolRequest:
    """A query as it came over HTTP, with the dataset that the client names."""

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str = ""
    """The format that an address asks for, where headers cannot be set: no part of the protocol."""


def read_request(
    method: str, query_string: str, content_type: str = "", body: bytes = b""
) -> ProtocolRequest:
    """The query of a request: GET, POST of a form, POST directly (section 2.1).

    `query_string` is as it came, still encoded. Raises BadRequest (400, 405, 415) and
    QueryRefused for an update.
    """
    parameters = _parameters(query_string)
    if method in ("GET", "HEAD"):
        return _request(parameters)
    if method != "POST":
        raise BadRequest(f"{method} is no method of this address: use GET or POST.", 405)
    kind, _, options = content_type.partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w-]+)", options)
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise BadRequest(f"The body has to be in UTF-8, not {charset[1]}.", 415)
    match kind.strip().lower():
        case "application/sparql-query":
            if "query" in parameters:
                raise BadRequest("The query stands twice: in the address and in the body.")
            return _request({**parameters, "query": [_text(body)]})
        case "application/x-www-form-urlencoded":
            for name, values in _parameters(_text(body)).items():
                parameters[name] = parameters.get(name, []) + values
            return _request(parameters)
        case "application/sparql-update":
            raise QueryRefused(_NO_UPDATE)
        case other:
            raise BadRequest(
                f"A body of type {other or '(none)'} is not understood: send "
                "application/sparql-query or application/x-www-form-urlencoded.",
                415,
            )


_NO_UPDATE = "Updates are not carried out here: the graph is made from the registry's records."


def _parameters(text: str) -> dict[str, list[str]]:
    try:
        return parse_qs(
            text, keep_blank_values=True, errors="strict", max_num_fields=100, encoding="utf-8"
        )
    except UnicodeDecodeError:
        raise BadRequest("The parameters are not percent-encoded UTF-8.") from None
    except ValueError:
        raise BadRequest("There are more than 100 parameters.") from None


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(f"The body is not UTF-8 (byte {error.start + 1}).") from None


def _request(parameters: Mapping[str, list[str]]) -> ProtocolRequest:
    if any(name in parameters for name in ("update", "using-graph-uri", "using-named-graph-uri")):
        raise QueryRefused(_NO_UPDATE)
    texts = parameters.get("query", [])
    if len(texts) != 1 or not texts[0].strip():
        raise BadRequest(
            "The parameter 'query' is missing or empty."
            if len(texts) < 2
            else "The parameter 'query' stands more than once."
        )
    default = tuple(parameters.get("default-graph-uri", ()))
    named = tuple(parameters.get("named-graph-uri", ()))
    check_graphs(default, named)
    asked = "".join(parameters.get("format", ())[:1])
    return ProtocolRequest(texts[0], default, named, asked)


def check_graphs(default_graphs: Sequence[str], named_graphs: Sequence[str]) -> None:
    """Raise BadRequest (400) when a graph's name is no IRI; what passes is honoured."""
    for iri in (*default_graphs, *named_graphs):
        if not _IRI.fullmatch(iri):
            raise BadRequest(f"{iri!r} is no absolute IRI, so no graph can have that name.")


def negotiate(accept: str, form: str) -> str:
    """The media type to answer a query of that form in (RFC 9110, section 12.5.1).

    `form` is as `lexer.form` gives it; an unknown one is for the engine to complain about.
    Raises NotAcceptable.
    """
    offered = MEDIA_TYPES.get(form, MEDIA_TYPES["SELECT"])
    wanted = list(
        _wanted(accept, _ALSO if offered[0] == RESULTS_JSON else {**_ALSO, **_ALSO_GRAPHS})
    )
    best, best_quality = "", 0.0
    for media_type in offered:
        quality = _quality(media_type, wanted)
        if quality > best_quality:
            best, best_quality = media_type, quality
    if not best:
        raise NotAcceptable(
            f"An answer to {form or 'this query'} can be given as {', '.join(offered)}."
        )
    return best


def _wanted(accept: str, also: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    """(media range, quality) of an Accept header, other names replaced by the type they mean."""
    for part in (accept.strip() or "*/*").split(","):
        name, *options = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for option in options:
            if option.startswith("q="):
                try:
                    quality = min(1.0, max(0.0, float(option[2:])))
                except ValueError:
                    quality = 0.0
        if name:
            yield also.get(name, name), quality


def _quality(media_type: str, wanted: Sequence[tuple[str, float]]) -> float:
    """The quality that the most specific range gives to the type."""
    main = media_type.partition("/")[0]
    for name in (media_type, f"{main}/*", "*/*"):
        given = [quality for range_, quality in wanted if range_ == name]
        if given:
            return max(given)
    return 0.0


def rows(answer: Answer) -> list[dict[str, str]]:
    """The rows of a SELECT answered in JSON, each variable's value as text; closes the file."""
    with answer.file:
        content = json.load(answer.file)
    return [
        {name: term["value"] for name, term in row.items()}
        for row in content["results"]["bindings"]
    ]
