"""What every answer has, whatever it is: headers for its safety, and its place in the counts."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request

POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class Answers:
    """How many requests were answered, by (route, method, status); one for an application."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def count(self, response: Response) -> Response:
        # Only what is known counts by name, so that no client can make as many as it likes.
        route = request.url_rule.rule if request.url_rule else "none"
        self.add(route, request.method, response.status_code)
        return response

    def add(self, route: str, method: str, status: int) -> None:
        """Counts an answer of a route that there is."""
        with self._lock:
            self._counts[route, method if method in _METHODS else "other", status] += 1

    def counts(self) -> dict[tuple[str, str, int], int]:
        with self._lock:
            return dict(sorted(self._counts.items()))


class Prefixed:
    """WSGI: lets the application answer under the path of `public_url`.

    A proxy may pass that path on or take it away: links are the same in both cases.
    """

    def __init__(self, application: Application, prefix: str) -> None:
        self.application = application
        self.prefix = prefix.rstrip("/")

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == self.prefix or path.startswith(self.prefix + "/"):
            environ["PATH_INFO"] = path[len(self.prefix) :] or "/"
        environ["SCRIPT_NAME"] = self.prefix
        return self.application(environ, start)


def register(app: Flask) -> None:
    """Gives every answer of an application its headers, and counts it."""
    answers = Answers()
    app.extensions["parhelion.answers"] = answers
    app.after_request(_safe)
    app.after_request(answers.count)


def _safe(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
