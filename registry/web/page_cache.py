"""Pages of records that were made before: given out before anything else is done.

What a kept page depends on is known (`registry.store.watched`), so that a change of the registry
drops the pages that show it, and no others. A request that wants more than the page as anybody
sees it (another form, a query, a session) passes through to the application.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask, Request
from werkzeug.http import parse_accept_header, parse_etags, quote_etag

from registry import identifiers
from registry.settings import Settings
from registry.store.connections import StoreError
from registry.store.kept_pages import Keeping, KeptPage, KeptPages
from registry.web import forms
from registry.web.answering import Answers
from registry.web.sessions import COOKIE
from registry.web.site import Site
from schemas.spase import added

ROUTE = "/records/<any(spase, ivo):scheme>/<path:rest>"
KEEP = "parhelion.keep"
"""Where a request's environment says that its answer may be kept, and what it was made from."""
_PACKAGES = ("mappings", "registry", "schemas", "vocabularies")
_LIBRARIES = ("citeproc-py", "Jinja2", "lxml", "Flask", "Werkzeug")
_YEARS = re.compile(rb"\b[2-9]\d{3}\b")
_NOT_KEPT = frozenset(("content-length", "date", "set-cookie"))


class MadeBefore:
    """WSGI: answers with a kept page where there is one, and asks the application otherwise."""

    def __init__(self, application: Callable[..., Iterable[bytes]], site: Site, counted: Answers):
        self._application = application
        self._site = site
        self._counted = counted
        self._prefix = prefix_of(site.settings)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        key = asked_for(environ)
        if key and environ.get("SCRIPT_NAME", "") == self._prefix:
            try:
                found = self._site.pages.get(key, self._site.store.standing(key))
            except StoreError:
                # The application says it in words.
                found = None
            if found is not None:
                return self._given(environ, start, found)
            return self._asked(environ, start)
        return self._application(environ, start)

    def _asked(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """The application's answer; a page that may be kept is, and given out as it is kept."""
        told: list[Any] = []

        def begun(*status_and_headers: Any) -> Callable[[bytes], object]:
            told[:] = status_and_headers
            return _no_writing

        parts = self._application(environ, begun)
        keeping: Keeping | None = environ.pop(KEEP, None)
        if keeping is None or environ["REQUEST_METHOD"] != "GET" or told[0] != "200 OK":
            start(*told)
            return parts
        body = b"".join(parts)
        headers = _kept_headers(told[1])
        return self._given(environ, start, self._site.pages.put(keeping, body, headers))

    def _given(
        self, environ: dict[str, Any], start: Callable[..., Any], page: KeptPage
    ) -> Iterable[bytes]:
        packed = _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers = list(page.headers)
        headers.append(("ETag", quote_etag(tag_of(page.tag, packed=packed))))
        method = environ["REQUEST_METHOD"]
        if unchanged(environ.get("HTTP_IF_NONE_MATCH", ""), page.tag):
            self._counted.add(ROUTE, method, 304)
            start("304 NOT MODIFIED", [one for one in headers if one[0] != "Content-Type"])
            return []
        body = page.body if packed else gzip.decompress(page.body)
        if packed:
            headers.append(("Content-Encoding", "gzip"))
        headers.append(("Content-Length", str(len(body))))
        self._counted.add(ROUTE, method, 200)
        start("200 OK", headers)
        return [] if method == "HEAD" else [body]


def _no_writing(_: bytes) -> None:
    raise NotImplementedError("the application gives its answer back, and writes none")


def prepare(app: Flask, site: Site) -> None:
    """Lets an application give out kept pages before all else."""
    counted: Answers = app.extensions["parhelion.answers"]
    app.wsgi_app = MadeBefore(app.wsgi_app, site, counted)  # type: ignore[method-assign,assignment]


def prefix_of(settings: Settings) -> str:
    """The path that `public_url` begins all addresses with; '' for none."""
    return unquote(urlsplit(settings.base_url()).path).rstrip("/")


def asked_for(environ: dict[str, Any]) -> str:
    """The key of the record whose page is asked for as anybody sees it; '' for all else."""
    path: str = environ.get("PATH_INFO", "")
    if (
        not path.startswith(("/records/spase/", "/records/ivo/"))
        or environ["REQUEST_METHOD"] not in ("GET", "HEAD")
        or environ.get("QUERY_STRING")
        or "HTTP_AUTHORIZATION" in environ
        or "HTTP_RANGE" in environ
        or COOKIE in environ.get("HTTP_COOKIE", "")
        or not _wants_page(environ.get("HTTP_ACCEPT", ""))
    ):
        return ""
    scheme, _, rest = path.removeprefix("/records/").partition("/")
    try:
        # WSGI gives the bytes of a path as Latin-1 (PEP 3333).
        return identifiers.from_page_path(scheme, rest.encode("latin-1").decode())
    except UnicodeError:
        return ""


def tag_of(tag: str, *, packed: bool) -> str:
    """The ETag of a page; that of its compressed form is another (RFC 9110, section 8.8.3)."""
    return f"{tag}-gzip" if packed else tag


def unchanged(if_none_match: str, tag: str) -> bool:
    """Whether a client has this page already (RFC 9110, section 13.1.2)."""
    if not if_none_match:
        return False
    tags = parse_etags(if_none_match)
    return any(tags.contains_weak(tag_of(tag, packed=packed)) for packed in (False, True))


@lru_cache(maxsize=1024)
def _wants_page(accept: str) -> bool:
    return forms.wanted(Request({"HTTP_ACCEPT": accept})) == "html"


@lru_cache(maxsize=1024)
def _takes_gzip(accepted: str) -> bool:
    return bool(accepted) and parse_accept_header(accepted).quality("gzip") > 0


def _kept_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of an answer that are kept with its page."""
    kept = [
        (name, value)
        for name, value in headers
        if name.lower() not in _NOT_KEPT and name.lower() not in ("etag", "vary")
    ]
    return [*kept, ("Vary", "Accept, Accept-Encoding")]


def until(body: bytes, *, going: bool, now: datetime | None = None) -> float:
    """When a page ends to be true though nothing changes, in seconds since 1970.

    Coverage that goes on is drawn to today, and findings about dates that are still to come end
    when these have come: such pages hold for a day.
    """
    today = now or datetime.now(UTC)
    ahead = any(int(year) >= today.year for year in _YEARS.findall(body))
    if not going and not ahead:
        return datetime(9999, 1, 1, tzinfo=UTC).timestamp()
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1)).timestamp()


def kept_pages(settings: Settings) -> KeptPages:
    """The kept pages of an installation."""
    return KeptPages(settings.data, made_with(settings), settings.pages.bytes)


def made_with(settings: Settings) -> str:
    """Changes with everything but the store that pages are made from."""
    told = hashlib.sha256(settings.model_dump_json(exclude={"harvest", "search"}).encode())
    told.update(settings.base_url().encode())
    told.update(_program().encode())
    folder = settings.data / added.FOLDER
    if folder.is_dir():
        for file in sorted(folder.rglob("*")):
            told.update(f"{file.name} {file.stat().st_mtime_ns}".encode())
    return told.hexdigest()


@cache
def _program() -> str:
    told = hashlib.sha256()
    for package in _PACKAGES:
        for name, content in _contents(files(package), package):
            told.update(name.encode() + b"\0" + content)
    for library in _LIBRARIES:
        try:
            told.update(version(library).encode())
        except PackageNotFoundError:  # pragma: no cover - all of them are dependencies
            continue
    return told.hexdigest()


def _contents(folder: Traversable, name: str) -> Iterable[tuple[str, bytes]]:
    for one in sorted(folder.iterdir(), key=lambda each: each.name):
        if one.is_dir() and one.name != "__pycache__":
            yield from _contents(one, f"{name}/{one.name}")
        elif one.is_file():
            yield f"{name}/{one.name}", one.read_bytes()
