"""The search page: the form, what is in force, what was found, and how to go on."""

from __future__ import annotations

import difflib
import time
from dataclasses import replace

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from registry import identifiers
from registry.search.asking import Answer, ask
from registry.search.fields import SORTS
from registry.search.parsing import identifier_in
from registry.search.query import BadQuery, Filter, Query
from registry.search.requests import query_from
from registry.search.suggesting import similar
from registry.web import searching_exports, searching_feed, searching_pictures
from registry.web.answering import HEADERS
from registry.web.faults import fault
from registry.web.near_matches import near_matches
from registry.web.presentation import here, page_of, render
from registry.web.searching_copies import copies
from registry.web.searching_exports import EXPORTS
from registry.web.searching_restrictions import (
    TITLES,
    Arguments,
    Choice,
    address,
    changed,
    chips,
    choices,
    facets,
    further,
    given_arguments,
    names,
    page_facets,
    unknown_values,
)
from registry.web.searching_results import found
from registry.web.site import site

__all__ = ["blueprint", "given_arguments"]

blueprint = Blueprint("searching", __name__)

SORT_TITLES = {
    "relevance": "Relevance",
    "name": "Name",
    "released": "Newest description",
    "start": "Start of data",
}
SPAN_TITLES = {"overlaps": "meets", "covers": "holds all of", "within": "lies within"}
CADENCES = ("PT0.001S", "PT0.1S", "PT1S", "PT10S", "PT1M", "PT10M", "PT1H", "P1D", "P30D")
"""Steps of the cadence on a logarithmic scale."""
MOST_VALUES, MOST_SHOWN = 5000, 400
"""Values of a facet that are read for its own page, and that are shown there at once."""
PICTURED = ("kind", "measurement", "region", "spectral_range", "cadence")
"""Facets that stand as small pictures above the result."""
_FORM_ONLY = ("span", "cadence_from", "cadence_to")


@blueprint.get("/search")
def search() -> AnyResponse:
    """What is found; every text is a legal query, an unknown parameter is refused in words."""
    if any(name in request.args for name in _FORM_ONLY):
        return redirect(address(_canonical()), 302)
    given = given_arguments()
    query = query_from(given, facets=page_facets(given))
    answer = ask(site().index, query)
    typed = identifier_in(" ".join(given.get("q", ())))
    if typed and list(given) == ["q"] and answer.page.hits:
        first = str(answer.page.hits[0].fields["key"])
        # What was pasted is one record: that is where who pasted it wants to go.
        if first == typed or answer.page.total == 1:
            return redirect(page_of(first), 302)
    return scripted(_page(given, query, answer, typed))


def _page(given: Arguments, query: Query, answer: Answer, typed: str) -> Response:
    page = answer.page
    known = names(query, page)
    after = {name: values for name, values in given.items() if name != "after"}
    with site().store.reading() as reader:
        hits = found(site(), reader, page.hits, answer.query or query, time.time())
        near = near_matches(reader, typed) if typed and not page.total else []
    shown = facets(after, query, page, known)
    return render(
        "search.html",
        query=query,
        given=given,
        page=page,
        found=hits,
        forgiven=answer.forgiven,
        respelt=answer.respelt,
        respelt_address=address(changed(after, "q", [answer.respelt])) if answer.respelt else "",
        whole=answer.whole,
        facets=shown,
        pictured=[one for one in shown if one.field in PICTURED and len(one.choices) > 1],
        further=further(after),
        chips=chips(after, query, known),
        unknown=unknown_values(after, query, page),
        near=[(one, page_of(one)) for one in near],
        sorts=_sorts(after, query),
        form=_form(after),
        next_address=address(changed(given, "after", [page.next])) if page.next else "",
        first_address=address(after) if query.after else "",
        api_address=address(after, "/api/v1/search"),
        feed_address=address(_settled(after), "/search/feed"),
        timeline=address(_settled(after), "/search/timeline.svg"),
        station_map=_map_address(after, page.facets.get("region", [])),
        exports=[
            (export.name, address(_settled(after), f"/search/export/{name}"))
            for name, export in EXPORTS.items()
        ],
        copies=copies(site(), after, query),
        everything=here("/search"),
    )


def scripted(answer: Response) -> Response:
    """The page with a policy that lets this site's own script run, and nothing else."""
    policy = f"{HEADERS['Content-Security-Policy']}; script-src 'self'; connect-src 'self'"
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _settled(given: Arguments) -> Arguments:
    """What a search finds, however it is sorted and paged."""
    return {name: values for name, values in given.items() if name not in ("after", "limit")}


def _map_address(given: Arguments, regions: list[tuple[str, int]]) -> str:
    """Where the map of the ground stations is; '' where nothing found lies on a surface."""
    surface = any(value.endswith((".Surface", ".NearSurface")) for value, _ in regions)
    return address(_settled(given), "/search/map.svg") if surface else ""


def _sorts(given: Arguments, query: Query) -> list[Choice]:
    return [
        Choice(
            SORT_TITLES[sort], None, address(changed(given, "sort", [sort])),
            "with" if query.sort == sort else "",
        )
        for sort in SORTS
    ]  # fmt: skip


# -- the form ----------------------------------------------------------------------------------


def _canonical() -> Arguments:
    """What the form sends, in the parameters that a search has. Raises BadQuery."""
    given = {name: [v for v in values if v.strip()] for name, values in request.args.lists()}
    given = {name: values for name, values in given.items() if values or name not in _FORM_ONLY}
    span = (given.pop("span", None) or ["overlaps"])[0]
    if span not in SPAN_TITLES:
        near = difflib.get_close_matches(span[:40], SPAN_TITLES, n=1)
        known = near or list(SPAN_TITLES)
        raise BadQuery(f"'span' is {span[:40]!r}; it can be {', '.join(known)}")
    for name in ("covers", "within"):
        if span == name:
            ends = [(given.pop(end, None) or [".."])[0] for end in ("from", "to")]
            if ends != ["..", ".."]:
                given[name] = ["/".join(ends)]
    ends = [(given.pop(end, None) or [".."])[0] for end in ("cadence_from", "cadence_to")]
    if ends != ["..", ".."]:
        given["cadence_range"] = ["/".join(ends)]
    return {name: values for name, values in given.items() if values}


def _form(given: Arguments) -> dict[str, object]:
    """What stands in the form: a span of time in its two fields, everything else hidden."""
    spans = [name for name in ("covers", "within") if given.get(name)]
    mode = spans[0] if len(spans) == 1 and not (given.get("from") or given.get("to")) else ""
    begin, end = given.get("from", [""])[0], given.get("to", [""])[0]
    if mode:
        begin, _, end = given[mode][0].partition("/")
    low, _, high = given.get("cadence_range", ["/"])[0].partition("/")
    own = ("q", "from", "to", "cadence_range", "spectrum", "particle_energy", "inactive", mode)
    return {
        "span": mode or "overlaps",
        "spans": SPAN_TITLES,
        "from": "" if begin.strip() == ".." else begin,
        "to": "" if end.strip() == ".." else end,
        "low": low.strip(),
        "high": high.strip(),
        "cadences": CADENCES,
        "open": any(given.get(name) for name in own[3:7]),
        "kept": [
            (name, value) for name, values in given.items() for value in values if name not in own
        ],
    }


# -- one facet, and what is like a record ------------------------------------------------------


@blueprint.get("/search/values/<field>")
def values(field: str) -> Response:
    """All values of one facet under the restrictions in force, to be searched and chosen from."""
    if field not in TITLES:
        near = difflib.get_close_matches(field[:40], TITLES, n=1)
        meant = f" Did you mean {near[0]}?" if near else f" There are {', '.join(TITLES)}."
        return fault(404, f"There is no facet {field[:40]}.{meant}")
    given = given_arguments()
    find = " ".join(given.pop("find", []))[:200]
    given.pop("after", None)
    query = replace(query_from(given, facets=(field,)), limit=0, facet_size=MOST_VALUES)
    answer = ask(site().index, query)
    known = names(query, answer.page)
    every = choices(given, query, answer.page, known, field)
    sought = find.casefold()
    fitting = [one for one in every if sought in f"{one.name}\n{one.value}".casefold()]
    return render(
        "search_values.html",
        field=field,
        title=TITLES[field],
        find=find,
        groups=_groups(field, fitting[:MOST_SHOWN], nested=not find),
        number=len(every),
        fitting=len(fitting),
        most=MOST_SHOWN,
        chips=chips(given, query, known),
        kept=[(name, value) for name, values in given.items() for value in values],
        back=address(given),
    )


def _groups(field: str, shown: list[Choice], *, nested: bool) -> list[tuple[str, list[Choice]]]:
    """The values below what they belong to: instruments by observatory, observatories by group."""
    if field not in ("instrument", "observatory") or not nested:
        return [("", shown)]
    with site().store.reading() as reader:
        labels = reader.labels([one.value for one in shown])
        above = {
            key: (label.observatories if field == "instrument" else label.groups)
            for key, label in labels.items()
        }
        named = reader.labels({one for keys in above.values() for one in keys})
    found: dict[str, list[Choice]] = {}
    for one in shown:
        key = next(iter(above.get(one.value, ())), "")
        found.setdefault(named[key].name if key in named else key, []).append(one)
    return sorted(found.items(), key=lambda pair: (not pair[0], pair[0].casefold()))


@blueprint.get("/search/similar")
def alike() -> Response:
    """Records that are like one of ours, the most alike first."""
    given = given_arguments()
    unknown = [name for name in given if name != "record"]
    if unknown or not given.get("record"):
        raise BadQuery("this address takes 'record', an identifier, and nothing else")
    key = identifiers.key(given["record"][0].strip())
    hits = site().index.search(Query(Filter("key", (key,)), limit=1, inactive=True)).hits
    if not hits:
        with site().store.reading() as reader:
            near = near_matches(reader, key)
        meant = f" Did you mean {near[0]}?" if near else ""
        return fault(404, f"There is no record {key[:300]}.{meant}")
    others = similar(site().index, hits[0], limit=20)
    with site().store.reading() as reader:
        shown = found(site(), reader, others, Query(), time.time())
    name = str(hits[0].fields.get("name") or key)
    return render("search_similar.html", name=name, back=page_of(key), found=shown)


for _part in (searching_exports, searching_feed, searching_pictures):
    blueprint.register_blueprint(_part.blueprint)
