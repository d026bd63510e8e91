"""Every error as a page in words, or as problem JSON (RFC 9457) for the API; never a traceback."""

from __future__ import annotations

import json
import logging
import re
from http import HTTPStatus
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed

from mappings.to_hdp import to_hdp_fault
from registry.graph.errors import GraphError
from registry.search.query import BadQuery, SearchUnavailable
from registry.store.connections import StoreError
from registry.web.presentation import render
from registry.web.site import site

PROBLEM = "application/problem+json"
XHTML = "application/xhtml+xml; charset=utf-8"
REFUSED = "parhelion.refused"
"""Where the environment of a request that the server itself refuses holds the status."""
_SAID = {
    400: "The request cannot be understood.",
    404: "There is nothing at this address.",
    405: "This address does not take that kind of request.",
    413: "The request is larger than what is read at this address: {limit:,} bytes.",
    431: "The head of the request is larger than this registry reads.",
    500: "Something went wrong here. It has been logged; the fault is not yours.",
    501: "The request is sent in a way that this registry does not read.",
}
_LONE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_log = logging.getLogger(__name__)


def problem(status: int, detail: str, **more: object) -> Response:
    """A problem document (RFC 9457, section 3)."""
    found = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": _address(),
        **more,
    }
    text = json.dumps(found, ensure_ascii=False) + "\n"
    return Response(text, status, content_type=PROBLEM)


def _address() -> str:
    """The address that was asked for, as a URI reference (RFC 3986): who asked may have sent
    characters that none can hold."""
    path = quote(request.path, safe="/!$&'()*+,;=:@~-._")
    asked = quote(_LONE.sub(b"%25", request.query_string), safe="/?!$&'()*+,;=:@~-._%")
    return f"{path}?{asked}" if asked else path


def fault(status: int, detail: str) -> Response:
    """An error as who asks can read it: problem JSON under /api, HDP's words under /WS, a page
    elsewhere."""
    if f"{request.path}/".startswith("/api/"):
        return problem(status, detail)
    title = HTTPStatus(status).phrase
    if f"{request.path}/".startswith("/WS/"):
        return Response(to_hdp_fault(title, detail), status, content_type=XHTML)
    return render("fault.html", status, status=status, title=title, detail=detail)


def register(app: Flask) -> None:
    """Makes an application answer with `fault` for everything that is raised."""
    app.before_request(_refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(BadQuery, _bad_query)
    app.register_error_handler(SearchUnavailable, _search_unavailable)
    app.register_error_handler(StoreError, _store)
    app.register_error_handler(GraphError, _graph)
    app.register_error_handler(Exception, _unexpected)


def _refused() -> Response | None:
    code = request.environ.get(REFUSED)
    if not code:
        return None
    settings = site().settings
    return fault(code, _said(code, max(settings.server.max_body, settings.upload.bytes)))


def _said(code: int, limit: int) -> str:
    return _SAID.get(code, _SAID[400]).format(limit=limit)


def _http(error: HTTPException) -> Response | HTTPException:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    own = error.description or ""
    # What was raised here says more than the general words; the library's own texts do not.
    said = own if own != type(error).description else ""
    if error.code not in _SAID or (said and type(error) is BadRequest):
        answer = fault(error.code, own)
    else:
        answer = fault(error.code, _said(error.code, request.max_content_length or 0))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def _bad_query(error: BadQuery) -> Response:
    said = str(error)
    return fault(400, f"{said[:1].upper()}{said[1:]}.")


def _search_unavailable(error: SearchUnavailable) -> Response:
    _log.warning("search: %s", error)
    return _later(503, f"The search cannot answer now: {error}")


def _store(error: StoreError) -> Response:
    _log.error("store: %s", error)
    return _later(503, f"The records cannot be read now: {error}")


def _graph(error: GraphError) -> Response:
    if error.status < 500:
        return fault(error.status, str(error))
    _log.warning("graph: %s", error)
    return _later(503, f"The graph cannot answer now: {error}")


def _later(status: int, detail: str) -> Response:
    answer = fault(status, detail if detail.endswith(".") else f"{detail}.")
    answer.headers["Retry-After"] = "10"
    return answer


def _unexpected(error: Exception) -> Response:
    _log.exception("%s %s", request.method, request.path, exc_info=error)
    return fault(500, _SAID[500])
