"""What the API's answers share: JSON, validators, access for scripts of other sites, 405."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import NotFound
from werkzeug.http import quote_etag
from werkzeug.routing import RequestRedirect

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
OPEN = ("/api/", "/WS/")
"""Below these paths scripts of other sites may read every answer."""
_SENT = "Accept, Content-Type, If-Modified-Since, If-None-Match"
_SEEN = "ETag, Last-Modified, Link, Location, Retry-After"
_A_DAY = "86400"


def json_answer(found: dict[str, Any], status: int = 200) -> Response:
    return Response(json_text(found), status, content_type="application/json")


def json_text(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False) + "\n"


def conditional(etag: str) -> Response:
    """An empty answer with this ETag; 304 where who asks has the same already."""
    answer = json_answer({})
    answer.headers["ETag"] = quote_etag(etag)
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    answer.headers.pop("Content-Length", None)
    return answer


def methods_taken() -> list[str]:
    """The methods that the address of this request takes otherwise than by refusing them."""
    adapter = current_app.url_map.bind("")
    taken = []
    for method in METHODS:
        try:
            endpoint, _ = adapter.match(request.path, method)
        except (NotFound, RequestRedirect):
            continue
        if endpoint != "api.unknown":
            taken.append(method)
    return [*taken, *(["HEAD"] if "GET" in taken else []), "OPTIONS"] if taken else []


def options() -> Response | None:
    """The answer to OPTIONS below /api, which is also what browsers ask before they send a body
    for a script of another site (Fetch, section 4.8); None for another request."""
    if request.method != "OPTIONS" or not request.path.startswith("/api/"):
        return None
    taken = methods_taken()
    if not taken:
        return None
    answer = Response(status=204)
    del answer.headers["Content-Type"]
    answer.headers["Allow"] = ", ".join(sorted(taken))
    return answer


def opened_to_scripts(answer: Response) -> Response:
    """Lets scripts of other sites read an answer of the API: nothing here is secret or tied to
    who asks."""
    if f"{request.path}/".startswith(OPEN):
        answer.headers["Access-Control-Allow-Origin"] = "*"
        answer.headers["Access-Control-Expose-Headers"] = _SEEN
        if request.method == "OPTIONS":
            answer.headers["Access-Control-Allow-Methods"] = answer.headers.get("Allow", "GET")
            answer.headers["Access-Control-Allow-Headers"] = _SENT
            answer.headers["Access-Control-Max-Age"] = _A_DAY
    return answer
