"""The HTTP server: waitress, whose own refusals are worded as every other answer is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ErrorTask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from registry.settings import Settings
from registry.web.faults import REFUSED

_log = logging.getLogger(__name__)


class Refusal(ErrorTask):  # type: ignore[misc]
    """A request that is refused before it is read: the application words the answer."""

    def execute(self) -> None:
        # A request whose head cannot be read has no method and no path.
        method = getattr(self.request, "command", "") or "GET"
        try:
            status, headers, body = worded(
                self.channel.server.worded_by,
                self.request.error.code,
                getattr(self.request, "path", ""),
                method,
            )
        except Exception:  # noqa: BLE001 - waitress has nothing left to answer with if this fails
            _log.exception("a refusal cannot be worded")
            super().execute()
            return
        self.status = status
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        if method != "HEAD":
            self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A client's connection."""

    error_task_class = Refusal


def server(application: Callable[..., Any], settings: Settings, **listening: Any) -> Any:
    """The server of an application, which listens and does not run yet; `listening` says where.

    Raises OSError where it cannot listen.
    """
    listeners: dict[int, Any] = {}
    made = create_server(
        application,
        map=listeners,
        threads=settings.server.threads,
        # Each address has its own limit, which the application keeps; this is the largest.
        max_request_body_size=max(settings.server.max_body, settings.upload.bytes) + 1,
        ident="Parhelion",
        **listening,
    )
    for one in listeners.values():
        if isinstance(one, BaseWSGIServer):
            one.channel_class = Channel
            one.worded_by = application
    return made


def worded(
    application: Callable[..., Any], code: int, path: str, method: str
) -> tuple[str, list[tuple[str, str]], bytes]:
    """(status line, headers, body) of the application's answer to what the server refuses."""
    environ = EnvironBuilder(path="/", method=method).get_environ()
    environ["PATH_INFO"] = path if path.startswith("/") else "/"
    environ[REFUSED] = code
    parts, status, headers = run_wsgi_app(application, environ, buffered=True)
    kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
    return status, kept, b"".join(parts)
