"""The API: searching as JSON, described by OpenAPI; errors are problem documents (RFC 9457)."""

from __future__ import annotations

import difflib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import Conflict, MethodNotAllowed

from registry import identifiers
from registry.search.asking import ask
from registry.search.fields import OPEN
from registry.search.query import BadQuery, Hit, Query
from registry.search.requests import DEFAULT_FACETS, FACET_PARAMETERS, query_from
from registry.search.suggesting import suggestions
from registry.search.words import folded
from registry.web import rates
from registry.web.api_answers import (
    METHODS,
    conditional,
    json_answer,
    json_text,
    methods_taken,
    opened_to_scripts,
    options,
)
from registry.web.api_records import api_address
from registry.web.faults import problem
from registry.web.moments import utc
from registry.web.openapi import description
from registry.web.presentation import build, here
from registry.web.site import Site, site

blueprint = Blueprint("api", __name__)

Given = dict[str, list[str]]

SEARCH = "/api/v1/search"
SUGGEST = "/api/v1/suggest"
FACETS = "/api/v1/facets"
SUGGESTED, MOST_SUGGESTED = 8, 50
VALUES, MOST_VALUES = 100, 10_000
NAMED = frozenset(("instrument", "observatory", "observatory_group", "repository", "person"))
"""Facets whose values are identifiers of records."""
_MOMENTS = ("start", "stop", "released")
_HIDDEN = frozenset(("digest",))
_BOTH_ENDS = frozenset(("covers", "within", "cadence_range"))
_SPANS = frozenset(("from", "to", "covers", "within"))


@blueprint.record
def _prepare(state: BlueprintSetupState) -> None:
    """Rules for every answer of an application below /api and /WS."""
    app = state.app
    per_minute = app.extensions["parhelion"].settings.api.requests
    app.before_request(options)
    if per_minute:
        counted = rates.Rates(per_minute)
        app.before_request(lambda: rates.refused(counted))
    app.after_request(opened_to_scripts)


@blueprint.get("/api/openapi.json")
def openapi() -> Response:
    """The description of this API (OpenAPI 3.1)."""
    here_site = site()
    with here_site.store.reading() as reader:
        one = next(iter(reader.identifiers_like("spase://", 1)), "")
    return json_answer(description(here_site.settings.base_url(), here_site.settings.title, one))


@blueprint.route("/api/", methods=METHODS)
@blueprint.route("/api/<path:rest>", methods=METHODS)
def unknown(rest: str = "") -> Response:
    """Every other address below /api, and every other method: 404, or 405 naming the methods."""
    taken = methods_taken()
    if taken:
        raise MethodNotAllowed(taken)
    abort(404)


@blueprint.get(SEARCH)
def search() -> Response:
    """Hits, counts and the address of the next page."""
    here_site = site()
    given = dict(request.args.lists())
    query = _query(given)
    answer = _unchanged(here_site, given)
    if answer.status_code == 304:
        return answer
    try:
        asked = ask(here_site.index, query)
        page = asked.page
    except BadQuery as error:
        if query.after is None:
            raise
        return problem(404, f"There is no such page: {error}.")
    found: dict[str, Any] = {
        "total": page.total,
        "hits": [_hit(here_site, hit) for hit in page.hits],
        "facets": {
            field: [{"value": value, "count": count} for value, count in counts]
            for field, counts in page.facets.items()
        },
    }
    if asked.forgiven:
        found["forgiven"] = list(asked.forgiven)
    if asked.respelt:
        found["respelt"] = asked.respelt
    if asked.whole is not None:
        found["whole"] = asked.whole
    if page.next:
        found["next"] = page.next
        # Its path is the site's own, not the request's: a proxy may have added to it.
        following = here(SEARCH, **(given | {"after": [page.next]}))
        found["next_url"] = here_site.address(following.removeprefix(request.script_root))
    answer.set_data(json_text(found))
    return answer


@blueprint.get(SUGGEST)
def suggest() -> Response:
    """What may be meant while somebody types."""
    here_site = site()
    given = dict(request.args.lists())
    typed, limit = _apart(given, ("q", "limit"), SUGGESTED, MOST_SUGGESTED)
    _nothing_else(given, ("q", "limit"))
    answer = _unchanged(here_site, given)
    if answer.status_code == 304:
        return answer
    found = []
    for one in suggestions(here_site.index, typed, limit) if limit else []:
        told = {"text": one.text}
        if one.identifier:
            key = identifiers.key(one.identifier)
            told |= {"kind": one.kind, "identifier": one.identifier,
                     "page": here_site.record_address(key),
                     "record": api_address(here_site, key)}  # fmt: skip
        found.append(told)
    answer.set_data(json_text({"suggestions": found}))
    return answer


@blueprint.get(FACETS)
def facets() -> Response:
    """The facets that there are, and what each is of."""
    told = [
        {"facet": name, "title": said, "values": site().address(f"{FACETS}/{name}")}
        for name, said in FACET_PARAMETERS.items()
    ]
    return json_answer({"facets": told})


@blueprint.get(FACETS + "/<name>")
def facet(name: str) -> Response:
    """The values of one facet under the restrictions of a search, most frequent first."""
    if name not in FACET_PARAMETERS:
        near = difflib.get_close_matches(name[:80], FACET_PARAMETERS, n=1)
        meant = f"; did you mean {near[0]}?" if near else "."
        return problem(404, f"There is no facet {name[:80]!r}{meant}")
    here_site = site()
    given = dict(request.args.lists())
    wanted, limit = _apart(given, ("contains", "limit"), VALUES, MOST_VALUES)
    searched = {one: values for one, values in given.items() if one not in ("contains", "limit")}
    query = replace(
        _query(searched, (name,)), limit=0, after=None,
        # What a value has to contain is seen in all of them.
        facet_size=MOST_VALUES if wanted else max(limit, 1),
    )  # fmt: skip
    answer = _unchanged(here_site, given)
    if answer.status_code == 304:
        return answer
    counts = here_site.index.search(query).facets.get(name, [])
    names = _names(here_site, [value for value, _ in counts]) if name in NAMED else {}
    plain = folded(wanted)
    values = [
        {"value": value, "count": count} | ({"name": names[value]} if value in names else {})
        for value, count in counts
        if plain in folded(value) or plain in folded(names.get(value, ""))
    ]
    found = {"facet": name, "title": FACET_PARAMETERS[name], "values": values[:limit]}
    answer.set_data(json_text(found))
    return answer


def _query(given: Given, facets: Sequence[str] = DEFAULT_FACETS) -> Query:
    """The query of an address. Raises BadQuery, and Conflict where each end of a span can be
    understood and the two contradict each other."""
    try:
        return query_from(given, facets=facets)
    except BadQuery as error:
        if any(_is_query(turned) and not _is_query(one) for one, turned in _spans(given)):
            said = str(error)
            raise Conflict(f"{said[:1].upper()}{said[1:]}.") from error
        raise


def _spans(given: Given) -> Iterator[tuple[Given, Given]]:
    """Each span that an address names by two ends, and the same the other way round."""
    if "from" in given and "to" in given:
        begin, end = given["from"], given["to"]
        yield {"from": begin, "to": end}, {"from": end, "to": begin}
    for name in _BOTH_ENDS & given.keys():
        for text in given[name]:
            first, _, last = text.partition("/")
            yield {name: [text]}, {name: [f"{last}/{first}"]}


def _is_query(given: Given) -> bool:
    try:
        return query_from(given) is not None
    except BadQuery:
        return False


def _apart(given: Given, names: tuple[str, str], otherwise: int, most: int) -> tuple[str, int]:
    """A text and a number among the parameters, each given once at most. Raises BadQuery."""
    texts = []
    for name in names:
        values = {one.strip() for one in given.get(name, ()) if one.strip()}
        if len(values) > 1:
            raise BadQuery(f"{name!r} can be given once only")
        texts.append(next(iter(values), ""))
    number = texts[1] or str(otherwise)
    if not re.fullmatch(r"\d{1,9}", number, re.ASCII) or int(number) > most:
        raise BadQuery(f"{names[1]!r} is {number[:40]!r}; it can be a number from 0 to {most}")
    return texts[0], int(number)


def _nothing_else(given: Given, known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise BadQuery(f"there is no parameter {name[:80]!r}: {', '.join(known)} are known")


def _unchanged(here_site: Site, given: Given) -> Response:
    """An empty answer with the validators of what the index says; 304 where it is known."""
    number, fingerprint = here_site.index.marker()
    # A relative end of a coverage moves with the clock.
    moment = int(time.time() // 60) if _SPANS & given.keys() else 0
    return conditional(f"{number}-{fingerprint}-{build()}-{moment}")


def _names(here_site: Site, keys: list[str]) -> dict[str, str]:
    with here_site.store.reading() as reader:
        labels = reader.labels(keys)
    return {key: label.name or label.acronym for key, label in labels.items()}


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
        "record": api_address(here_site, key),
    }


def _moment(value: Any) -> str | None:
    one = value[0] if isinstance(value, list) and value else value
    if not isinstance(one, int | float) or abs(one) >= OPEN:
        return None
    return utc(one)
