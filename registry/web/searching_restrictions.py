"""Restrictions of a search as the pages show them: addresses, chips in force, facets to choose."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote_plus

from flask import request

from registry import identifiers
from registry.search.query import Everything, Page, Query
from registry.search.requests import PARAMETERS
from registry.web.presentation import here, words
from registry.web.site import site

Arguments = dict[str, list[str]]

TITLES = {
    "kind": "Resource type",
    "measurement": "Measurement type",
    "region": "Observed region",
    "observatory_group": "Observatory group",
    "observatory": "Observatory",
    "instrument": "Instrument",
    "spectral_range": "Spectral range",
    "cadence": "Cadence",
    "repository": "Repository",
    "access": "Access",
    "data_format": "Data format",
    "has_hapi": "HAPI",
    "verdict": "Schema verdict",
    "format": "Language of origin",
    "phenomenon": "Phenomenon type",
    "processing_level": "Processing level",
    "frame": "Reference frame",
    "quantity": "Measured quantity",
    "units": "Units",
    "person": "Person",
    "authority": "Naming authority",
    "source": "Source registry",
    "has_doi": "DOI",
    "has_preview": "Preview",
    "status": "Status",
}
STANDING = tuple(TITLES)[:14]
"""The facets that stand beside every result; the others are one link away."""
NAMED = ("instrument", "observatory", "observatory_group", "repository", "person")
"""Facets whose values are identifiers of records, shown by their names."""
DOTTED = ("region", "data_format")
"""Facets whose values hold those that begin with them and a dot."""
PLAIN = ("authority", "source", "units", "cadence", "frame", "data_format")
"""Facets whose values are read as they are written."""
SPANS = {
    "from": "Coverage from",
    "to": "Coverage to",
    "covers": "Covers all of",
    "within": "Coverage within",
    "cadence_range": "Cadence between",
    "spectrum": "Wavelength, energy or frequency",
    "particle_energy": "Particle energy",
}
SHOWN = 8
"""So many values of a facet stand open; the rest can be unfolded."""
NEAR_SIZE = 3000
"""Among so many values of a facet one is looked for that looks like an unknown one."""


@dataclass(slots=True, frozen=True)
class Choice:
    """A value of a facet as a link; `chosen` is '' or `with`."""

    name: str
    count: int | None
    address: str
    chosen: str = ""
    without: str = ""
    """The address that leaves this value out; '' where it is chosen already."""
    depth: int = 0
    share: float = 0.0
    """Its count as a part (0 to 100) of the facet's greatest."""
    value: str = ""


@dataclass(slots=True, frozen=True)
class Facet:
    field: str
    title: str
    choices: list[Choice]
    all_address: str = ""
    """Where all values stand; '' if these are all."""


@dataclass(slots=True, frozen=True)
class Chip:
    """A restriction in force, and the address of the same search without it."""

    title: str
    value: str
    address: str
    without: bool = False


def given_arguments() -> Arguments:
    """The address's parameters, without those that a form sends empty."""
    return {
        name: kept
        for name, values in request.args.lists()
        if (kept := [value for value in values if value.strip()]) or name not in PARAMETERS
    }


def address(given: Arguments, path: str = "/search") -> str:
    """The address of a search, for links in pages."""
    return here(path, **given)


def changed(given: Arguments, name: str, values: list[str]) -> Arguments:
    """The same search with other values of one parameter, from its first page."""
    found = {key: kept for key, kept in given.items() if key not in (name, "after")}
    return found | {name: values} if values else found


def page_facets(given: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The facets that the page counts: those that stand there always, and those in force."""
    return (*STANDING, *(one for one in TITLES if one in given and one not in STANDING))


def names(query: Query, page: Page) -> dict[str, str]:
    """Names of the records that stand as facet values, by key."""
    keys: dict[str, None] = {}
    for field in NAMED:
        keys.update(dict.fromkeys(query.restrictions.get(field, ())))
        keys.update(dict.fromkeys(query.excluded.get(field, ())))
        keys.update(dict.fromkeys(value for value, _ in page.facets.get(field, [])))
    with site().store.reading() as reader:
        found = {key: label.name for key, label in reader.labels(keys).items()}
    # Several registries describe the same mission: those of one name get their authority.
    counted = Counter(found.values())
    return {
        key: f"{name} ({identifiers.authority(key)})" if counted[name] > 1 else name
        for key, name in found.items()
    }


def value_name(field: str, value: str, known: Mapping[str, str]) -> str:
    """A facet's value as people read it."""
    if field in NAMED:
        return known.get(value) or value
    return value if field in PLAIN else words(value)


def facets(given: Arguments, query: Query, page: Page, known: Mapping[str, str]) -> list[Facet]:
    """The facets of a page; what is chosen stands there even where nothing has it."""
    found = []
    for field in query.facets:
        chosen = choices(given, query, page, known, field)
        if not chosen:
            continue
        more = len(page.facets.get(field, [])) >= query.facet_size
        everything = address(given, f"/search/values/{field}") if more else ""
        found.append(Facet(field, TITLES[field], chosen, everything))
    return found


def choices(
    given: Arguments, query: Query, page: Page, known: Mapping[str, str], field: str
) -> list[Choice]:
    """The values of one facet, chosen ones first; those that hold others above these."""
    counts = dict(page.facets.get(field, []))
    chosen = query.restrictions.get(field, ())
    excluded = query.excluded.get(field, ())
    values = [*(one for one in chosen if one not in counts), *counts]
    values = [one for one in values if one not in excluded]
    depths = dict.fromkeys(values, 0)
    if field in DOTTED:
        values, depths = _nested(values)
    most = max(counts.values(), default=0) or 1
    base = address(changed(given, field, given.get(field, [])))
    return [
        _choice(
            given, field, value, counts.get(value, 0), known,
            chosen=value in chosen, depth=depths[value], most=most, base=base,
        )
        for value in values
    ]  # fmt: skip


def _choice(
    given: Arguments, field: str, value: str, count: int, known: Mapping[str, str],
    *, chosen: bool, depth: int, most: int, base: str,
) -> Choice:  # fmt: skip
    # `base` is the address of the search as it is, the facet's own values at its end.
    before = given.get(field, [])
    name = value_name(field, value, known)
    if depth:
        name = words(value.rpartition(".")[2])
    share = round(100 * count / most, 1)
    if chosen:
        left = [one for one in before if one.strip() != value]
        return Choice(
            name, count, address(changed(given, field, left)), "with", "", depth, share, value
        )
    begun, written = f"{base}{'&' if '?' in base else '?'}{field}=", quote_plus(value)
    with_it, without = f"{begun}{written}", f"{begun}-{written}"
    return Choice(name, count, with_it, "", without, depth, share, value)


def _nested(values: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """The values with those below each right behind it, and how deep each lies among them."""
    below: dict[str, list[str]] = {}
    held = set(values)
    for value in values:
        above = value.rpartition(".")[0]
        while above and above not in held:
            above = above.rpartition(".")[0]
        below.setdefault(above, []).append(value)
    found: dict[str, int] = {}

    def add(above: str, depth: int) -> None:
        for value in below.get(above, ()):
            found[value] = depth
            add(value, depth + 1)

    add("", 0)
    return list(found), found


def chips(given: Arguments, query: Query, known: Mapping[str, str]) -> list[Chip]:
    """Every restriction in force, with the way out of it."""
    found = []
    for field in TITLES:
        for without, values in enumerate((query.restrictions, query.excluded)):
            for value in values.get(field, ()):
                raw = f"-{value}" if without else value
                left = [one for one in given.get(field, []) if one.strip() != raw]
                name = value_name(field, value, known)
                way = address(changed(given, field, left))
                found.append(Chip(TITLES[field], name, way, bool(without)))
    for name, title in SPANS.items():
        if given.get(name):
            found.append(Chip(title, given[name][0], address(changed(given, name, []))))
    if query.inactive and given.get("inactive"):
        found.append(Chip("Inactive", "included", address(changed(given, "inactive", []))))
    return found


def unknown_values(given: Arguments, query: Query, page: Page) -> list[tuple[Chip, list[Choice]]]:
    """Chosen values that no record has, each with those that look like it.

    Asked only where nothing was found, since every facet is counted over all records for it.
    """
    found: list[tuple[Chip, list[Choice]]] = []
    if page.total:
        return found
    for field, values in query.restrictions.items():
        counted = dict(page.facets.get(field, []))
        asked = [one for one in values if one not in counted]
        if not asked:
            continue
        everything = replace(
            query, node=Everything(), restrictions={}, excluded={}, facets=(field,),
            facet_size=NEAR_SIZE, limit=0, after=None, sort="relevance",
        )  # fmt: skip
        held = dict(site().index.search(everything).facets.get(field, []))
        found += [_unknown(given, field, value, held) for value in asked if value not in held]
    return found


def _unknown(
    given: Arguments, field: str, value: str, held: Mapping[str, int]
) -> tuple[Chip, list[Choice]]:
    folded = {one.casefold(): one for one in held}
    short = value[:200].casefold()
    near = [folded[one] for one in difflib.get_close_matches(short, folded, n=3, cutoff=0.6)]
    left = [one for one in given.get(field, []) if one.strip() != value]
    chip = Chip(TITLES[field], value, address(changed(given, field, left)))
    ways = [Choice(one, held[one], address(changed(given, field, [*left, one]))) for one in near]
    return chip, ways


def further(given: Arguments) -> list[tuple[str, str]]:
    """(title, address) of the facets that do not stand beside the result."""
    return [
        (title, address(given, f"/search/values/{field}"))
        for field, title in TITLES.items()
        if field not in page_facets(given)
    ]
