"""The API: search and records as JSON, described by OpenAPI; errors are problem documents."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.http import http_date, quote_etag

from registry import identifiers
from registry.search.fields import OPEN
from registry.search.query import Hit
from registry.search.requests import query_from
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.web.faults import problem
from registry.web.moments import utc
from registry.web.near_matches import near_matches
from registry.web.openapi import description
from registry.web.presentation import here
from registry.web.representations import record_object
from registry.web.searching import given_arguments
from registry.web.site import Site, site
from registry.web.tombstones import tombstone

blueprint = Blueprint("api", __name__)

SEARCH = "/api/v1/search"
RECORDS = "/api/v1/records"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MOMENTS = ("start", "stop", "released")
_HIDDEN = frozenset(("digest",))


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """The description of this API (OpenAPI 3.1)."""
    return _json(description(site().settings.base_url(), site().settings.title))


@blueprint.route("/api/", methods=METHODS)
@blueprint.route("/api/<path:rest>", methods=METHODS)
def unknown(rest: str = "") -> Response:
    """Every other address below /api, and every other method: 404, or 405 naming the methods."""
    adapter = current_app.url_map.bind("")
    taken = []
    for method in METHODS:
        endpoint, _ = adapter.match(request.path, method)
        if endpoint != request.endpoint:
            taken.append(method)
    if taken:
        raise MethodNotAllowed([*taken, *(["HEAD"] if "GET" in taken else []), "OPTIONS"])
    abort(404)


@blueprint.get(SEARCH)
def search() -> Response:
    """Hits, counts and the address of the next page."""
    here_site = site()
    given = given_arguments()
    page = here_site.index.search(query_from(given))
    found: dict[str, Any] = {
        "total": page.total,
        "hits": [_hit(here_site, hit) for hit in page.hits],
        "facets": {
            field: [{"value": value, "count": count} for value, count in counts]
            for field, counts in page.facets.items()
        },
    }
    if page.next:
        found["next"] = page.next
        # Its path is the site's own, not the request's: a proxy may have added to it.
        following = here(SEARCH, **(given | {"after": [page.next]}))
        found["next_url"] = here_site.address(following.removeprefix(request.script_root))
    return _json(found)


@blueprint.get(RECORDS + "/<any(spase, ivo):scheme>/<path:rest>")
def record(scheme: str, rest: str) -> Response:
    """One record: the model's fields, and under `registry` how it stands here."""
    here_site = site()
    key = identifiers.from_page_path(scheme, rest)
    with here_site.store.reading() as reader:
        kept = reader.record(key)
        if kept is not None and not kept.deleted:
            return _current(here_site, reader, kept)
        successors = reader.succeeding(key)
        if successors:
            return _moved(here_site, key, successors)
        if kept is not None:
            return problem(
                410, f"{kept.identifier} has been deleted: {kept.deleted_why}.",
                tombstone=tombstone(here_site, reader, kept),
            )  # fmt: skip
        near = near_matches(reader, key)
    return problem(404, f"There is no record {key}.", near=near)


def _current(here_site: Site, reader: Reader, kept: KeptRecord) -> Response:
    # Who refers to a record is told with it, and moves no datestamp of the record.
    moved = f"{kept.id}-{kept.datestamp}-{reader.last_change()}"
    answer = _json({})
    answer.headers["ETag"] = quote_etag(moved)
    answer.headers["Last-Modified"] = http_date(kept.datestamp)
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    if answer.status_code != 304:
        answer.set_data(_text(record_object(here_site, reader, kept)))
    return answer


def _moved(here_site: Site, key: str, successors: list[KeptRecord]) -> Response:
    """301 to the record that names this one as its PriorID; 300 where several do."""
    addresses = [_api_address(here_site, one.key) for one in successors]
    several = len(successors) > 1
    answer = _json({"prior": key, "successors": addresses}, 300 if several else 301)
    if not several:
        answer.headers["Location"] = here(_path(successors[0].key))
    return answer


def _path(key: str) -> str:
    return RECORDS + identifiers.page_path(key).removeprefix("/records")


def _api_address(here_site: Site, key: str) -> str:
    return here_site.address(_path(key))


def _hit(here_site: Site, hit: Hit) -> dict[str, Any]:
    """A hit's stored fields under their names; moments in UTC, open ends left out."""
    found: dict[str, Any] = {"identifier": hit.identifier, "score": round(hit.score, 4)}
    for name, value in hit.fields.items():
        if name in _HIDDEN or name in found:
            continue
        if name not in _MOMENTS:
            found[name] = value
        elif (said := _moment(value)) is not None:
            found[name] = said
    key = str(hit.fields.get("key") or identifiers.key(hit.identifier))
    return found | {
        "page": here_site.record_address(key),
        "record": _api_address(here_site, key),
    }


def _moment(value: Any) -> str | None:
    one = value[0] if isinstance(value, list) and value else value
    if not isinstance(one, int | float) or abs(one) >= OPEN:
        return None
    return utc(one)


def _json(found: dict[str, Any], status: int = 200) -> Response:
    answer = Response(_text(found), status, content_type="application/json")
    # Nothing here is secret or tied to who asks: scripts of other sites may read it.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _text(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False) + "\n"
