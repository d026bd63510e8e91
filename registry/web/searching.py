"""The search page: the form, what is in force, what was found, and how to go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, request

from registry import identifiers
from registry.search.fields import OPEN, SORTS
from registry.search.query import Hit, Page, Query
from registry.search.requests import FACET_PARAMETERS, PARAMETERS, query_from
from registry.web.presentation import day, here, once, page_of, relative_end, render, words
from registry.web.site import site

blueprint = Blueprint("searching", __name__)

Arguments = dict[str, list[str]]

TITLES = {
    "kind": "Resource type",
    "measurement": "Measurement type",
    "region": "Observed region",
    "observatory": "Observatory",
    "instrument": "Instrument",
    "repository": "Repository",
    "access": "Access",
    "verdict": "Schema verdict",
    "format": "Format",
    "authority": "Naming authority",
    "person": "Person",
    "status": "Status",
    "has_hapi": "HAPI",
    "observatory_group": "Observatory group",
    "spectral_range": "Spectral range",
    "cadence": "Cadence",
    "data_format": "Data format",
    "phenomenon": "Phenomenon type",
    "processing_level": "Processing level",
    "frame": "Reference frame",
    "quantity": "Measured quantity",
    "units": "Units",
    "has_doi": "DOI",
    "has_preview": "Preview",
}
NAMED = ("instrument", "observatory", "observatory_group", "repository", "person")
"""Facets whose values are identifiers of records, shown by their names."""
SORT_TITLES = {
    "relevance": "Relevance",
    "name": "Name",
    "released": "Newest description",
    "start": "Start of data",
}
SHOWN = 8
"""So many values of a facet stand open; the rest can be unfolded."""


@dataclass(slots=True, frozen=True)
class Choice:
    """A value of a facet as a link; `chosen` is '' or `with` or `without`."""

    name: str
    count: int | None
    address: str
    chosen: str = ""
    without: str = ""
    """The address that leaves this value out; '' where it is chosen already."""


@dataclass(slots=True, frozen=True)
class Facet:
    field: str
    title: str
    choices: list[Choice]


@dataclass(slots=True, frozen=True)
class Chip:
    """A restriction in force, and the address of the same search without it."""

    title: str
    value: str
    address: str
    without: bool = False


@dataclass(slots=True, frozen=True)
class Found:
    """A hit as the page shows it."""

    identifier: str
    name: str
    acronym: str
    kind: str
    status: str
    verdict: str
    address: str
    excerpt: str
    coverage: str
    regions: list[str]
    instruments: list[tuple[str, str]]
    observatories: list[tuple[str, str]]
    doi: str
    hapi: bool


@blueprint.get("/search")
def search() -> Response:
    """What is found; every text is a legal query, an unknown parameter is refused in words."""
    given = given_arguments()
    query = query_from(given)
    page = site().index.search(query)
    names = _names(query, page)
    after = {name: values for name, values in given.items() if name != "after"}
    return render(
        "search.html",
        query=query,
        given=given,
        page=page,
        found=[_found(hit) for hit in page.hits],
        facets=_facets(after, query, page, names),
        chips=_chips(after, query, names),
        sorts=[
            Choice(SORT_TITLES[sort], None, _address(_with(after, "sort", [sort])),
                   "with" if query.sort == sort else "")
            for sort in SORTS
        ],
        kept=[
            (name, value) for name, values in after.items() for value in values
            if name not in ("q", "from", "to")
        ],
        next_address=_address(_with(given, "after", [page.next])) if page.next else "",
        first_address=_address(after) if query.after else "",
        api_address=here("/api/v1/search", **after),
        everything=here("/search"),
    )  # fmt: skip


def given_arguments() -> Arguments:
    """The address's parameters, without those that a form sends empty."""
    return {
        name: kept
        for name, values in request.args.lists()
        if (kept := [value for value in values if value.strip()]) or name not in PARAMETERS
    }


def _address(given: Arguments) -> str:
    return here("/search", **given)


def _with(given: Arguments, name: str, values: list[str]) -> Arguments:
    found = {key: kept for key, kept in given.items() if key not in (name, "after")}
    return found | {name: values} if values else found


def _names(query: Query, page: Page) -> dict[str, str]:
    """Names of the records that stand as facet values, by key."""
    keys: dict[str, None] = {}
    for field in NAMED:
        keys.update(dict.fromkeys(query.restrictions.get(field, ())))
        keys.update(dict.fromkeys(query.excluded.get(field, ())))
        keys.update(dict.fromkeys(value for value, _ in page.facets.get(field, [])))
    with site().store.reading() as reader:
        names = {key: label.name for key, label in reader.labels(keys).items()}
    # Several registries describe the same mission: those of one name get their authority.
    counted = Counter(names.values())
    return {
        key: f"{name} ({identifiers.authority(key)})" if counted[name] > 1 else name
        for key, name in names.items()
    }


def value_name(field: str, value: str, names: dict[str, str]) -> str:
    """A facet's value as people read it."""
    if field in NAMED:
        return names.get(value) or value
    return value if field == "authority" else words(value)


def _facets(given: Arguments, query: Query, page: Page, names: dict[str, str]) -> list[Facet]:
    found = []
    for field in query.facets:
        counts = dict(page.facets.get(field, []))
        chosen = query.restrictions.get(field, ())
        values = [*(one for one in chosen if one not in counts), *counts]
        excluded = query.excluded.get(field, ())
        choices = [
            _choice(given, field, value, counts.get(value, 0), value in chosen, names)
            for value in values
            if value not in excluded
        ]
        if choices:
            found.append(Facet(field, TITLES[field], choices))
    return found


def _choice(
    given: Arguments, field: str, value: str, count: int, chosen: bool, names: dict[str, str]
) -> Choice:
    before = given.get(field, [])
    name = value_name(field, value, names)
    if chosen:
        left = [one for one in before if one.strip() != value]
        return Choice(name, count, _address(_with(given, field, left)), "with")
    return Choice(
        name,
        count,
        _address(_with(given, field, [*before, value])),
        without=_address(_with(given, field, [*before, f"-{value}"])),
    )


def _chips(given: Arguments, query: Query, names: dict[str, str]) -> list[Chip]:
    found = []
    for field in FACET_PARAMETERS:
        for without, values in enumerate((query.restrictions, query.excluded)):
            for value in values.get(field, ()):
                raw = f"-{value}" if without else value
                left = [one for one in given.get(field, []) if one.strip() != raw]
                address = _address(_with(given, field, left))
                name = value_name(field, value, names)
                found.append(Chip(TITLES[field], name, address, bool(without)))
    for name, title in (("from", "Coverage from"), ("to", "Coverage to")):
        if given.get(name):
            found.append(Chip(title, given[name][0], _address(_with(given, name, []))))
    if query.inactive and given.get("inactive"):
        found.append(Chip("Inactive", "included", _address(_with(given, "inactive", []))))
    return found


def _found(hit: Hit) -> Found:
    fields = hit.fields
    return Found(
        identifier=hit.identifier,
        name=_one(fields, "name") or hit.identifier,
        acronym=_one(fields, "acronym"),
        kind=_one(fields, "kind"),
        status=_one(fields, "status"),
        verdict=_one(fields, "verdict"),
        address=page_of(hit.identifier),
        excerpt=_excerpt(_one(fields, "description")),
        coverage=coverage(fields),
        regions=_all(fields, "region_names"),
        instruments=_linked(fields, "instrument"),
        observatories=_linked(fields, "observatory"),
        doi=_one(fields, "doi"),
        hapi="yes" in _all(fields, "has_hapi"),
    )


def coverage(fields: dict[str, Any]) -> str:
    """The stored coverage of a hit in words; '' if it has none."""
    start, stop = _end(fields.get("start")), _end(fields.get("stop"))
    relative = _all(fields, "relative_stop")
    if start is None:
        return ""
    begin = day(start) if start > -OPEN else "…"
    if stop is not None and stop < OPEN and not relative:
        return f"{begin} to {day(stop)}"
    if stop is None and relative:
        return f"{begin} to {relative_end(relative[-1])}"
    return f"{begin}, still running"


def _end(value: Any) -> float | None:
    one = value[0] if isinstance(value, list) and value else value
    return float(one) if isinstance(one, int | float) else None


def _all(fields: dict[str, Any], name: str) -> list[str]:
    value = fields.get(name)
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    return once(str(one) for one in values if one not in (None, ""))


def _one(fields: dict[str, Any], name: str) -> str:
    return next(iter(_all(fields, name)), "")


def _linked(fields: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """(name, address) of records that a hit refers to."""
    raw = fields.get(f"{name}_names")
    names = raw if isinstance(raw, list) else [raw] if raw else []
    keys = _all(fields, name)
    if len(names) != len(keys):
        names = keys
    return [(str(shown), page_of(key)) for shown, key in zip(names, keys, strict=True)]


def _excerpt(text: str, longest: int = 280) -> str:
    plain = " ".join(text.split())
    if len(plain) <= longest:
        return plain
    return plain[:longest].rsplit(" ", 1)[0].rstrip(" ,;.…") + " …"
