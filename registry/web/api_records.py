"""`/api/v1/records`: all records in the order of their changes, and each one."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.http import http_date, quote_etag

from registry import dates, identifiers
from registry.search.query import BadQuery
from registry.store import listing
from registry.store.kept import KeptRecord
from registry.store.listing import Selection
from registry.store.reading import Reader
from registry.web.api_answers import conditional, json_answer, json_text
from registry.web.faults import problem
from registry.web.moments import utc
from registry.web.near_matches import near_matches
from registry.web.presentation import build, here
from registry.web.representations import record_object
from registry.web.site import Site, site
from registry.web.tombstones import tombstone

blueprint = Blueprint("api_records", __name__)

RECORDS = "/api/v1/records"
LIMIT, MOST = 100, 1000
PARAMETERS = {
    "format": "dialect of the description: spase, voresource",
    "kind": "resource type, as the dialect spells it",
    "authority": "naming authority",
    "since": "changes from this moment on: 2026-08-01, 2026-08-01T12:00:00Z",
    "after": "`next` or `latest` of an answer before",
    "limit": "how many records an answer has",
}


@blueprint.get(RECORDS)
def records() -> Response:
    """Records in the order in which they last changed, deleted ones too."""
    here_site = site()
    given = _given()
    selection = _selection(given)
    limit = _number(given, "limit", LIMIT, MOST)
    with here_site.store.reading() as reader:
        last = reader.last_change()
        answer = conditional(f"{reader.stamp_at(last)}-{last}-{build()}")
        if answer.status_code == 304:
            return answer
        after = _after(reader, given)
        found = [one for one, _ in listing.page(reader, [selection], after, last, limit + 1)]
        more = len(found) > limit
        found = found[:limit]
        told: dict[str, Any] = {"records": [_listed(here_site, one) for one in found]}
        # What has changed since does not come again: its change stands behind.
        reached = str(found[-1].change_number if more and found else max(last, after))
    if more:
        told["next"] = reached if found else str(after)
        following = here(RECORDS, **(given | {"after": told["next"], "since": ""}))
        told["next_url"] = here_site.address(following.removeprefix(request.script_root))
    else:
        told["latest"] = reached
    answer.set_data(json_text(told))
    return answer


def _given() -> dict[str, str]:
    for name in request.args:
        if name not in PARAMETERS:
            raise BadQuery(
                f"there is no parameter {name[:80]!r}; known are {', '.join(PARAMETERS)}"
            )
        if len(set(request.args.getlist(name))) > 1:
            raise BadQuery(f"{name!r} can be given once only")
    return {name: value.strip() for name, value in request.args.items() if value.strip()}


def _selection(given: dict[str, str]) -> Selection:
    format_ = given.get("format", "")
    if format_ not in ("", "spase", "voresource"):
        raise BadQuery(f"'format' is {format_[:40]!r}; it can be spase or voresource")
    return Selection(format_, given.get("kind", ""), given.get("authority", ""))


def _number(given: dict[str, str], name: str, otherwise: int, most: int) -> int:
    text = given.get(name, str(otherwise))
    if not re.fullmatch(r"\d{1,18}", text, re.ASCII) or int(text) > most:
        raise BadQuery(f"{name!r} is {text[:40]!r}; it can be a number from 0 to {most}")
    return int(text)


def _after(reader: Reader, given: dict[str, str]) -> int:
    """The change number that the list begins behind."""
    if "after" in given:
        return _number(given, "after", 0, 10**18 - 1)
    if "since" not in given:
        return 0
    moment = dates.moment(given["since"])
    if moment is None:
        raise BadQuery(
            f"'since' is {given['since'][:40]!r}, which is no date: 2026-08-01 and "
            "2026-08-01T12:00:00Z are"
        )
    return listing.bounds(reader, int(moment.timestamp()), None)[0]


def _listed(here_site: Site, kept: KeptRecord) -> dict[str, Any]:
    """A record in a list; of a deleted one no more than that it was."""
    found: dict[str, Any] = {
        "identifier": kept.identifier,
        "format": kept.format,
        "kind": kept.kind,
        "name": kept.name,
        "status": "deleted" if kept.deleted else kept.status,
        "version": "" if kept.deleted else kept.version,
        "verdict": "" if kept.deleted else kept.verdict,
        "doi": kept.minted_doi or kept.doi,
        "changed": utc(kept.datestamp),
        "page": here_site.record_address(kept.key),
        "record": api_address(here_site, kept.key),
    }
    return {name: value for name, value in found.items() if value}


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
    moved = f"{kept.id}-{kept.datestamp}-{reader.last_change()}-{build()}"
    answer = json_answer({})
    answer.headers["ETag"] = quote_etag(moved)
    answer.headers["Last-Modified"] = http_date(kept.datestamp)
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    if answer.status_code != 304:
        answer.set_data(json_text(record_object(here_site, reader, kept)))
    return answer


def _moved(here_site: Site, key: str, successors: list[KeptRecord]) -> Response:
    """301 to the record that names this one as its PriorID; 300 where several do."""
    addresses = [api_address(here_site, one.key) for one in successors]
    several = len(successors) > 1
    answer = json_answer({"prior": key, "successors": addresses}, 300 if several else 301)
    if not several:
        answer.headers["Location"] = here(_path(successors[0].key))
    return answer


def _path(key: str) -> str:
    return RECORDS + identifiers.page_path(key).removeprefix("/records")


def api_address(here_site: Site, key: str) -> str:
    """The absolute address of a record in the API."""
    return here_site.address(_path(key))
