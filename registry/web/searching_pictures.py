"""Pictures of a result, as SVG: how many records cover each year, and where their stations are."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, current_app, request
from werkzeug.http import quote_etag

from registry.search.asking import ask
from registry.search.query import And, Filter, Overlap, Query
from registry.search.requests import query_from
from registry.web.presentation import build, here
from registry.web.searching_restrictions import Arguments, changed, given_arguments
from registry.web.searching_stations import Station, stations
from registry.web.site import Site, site

blueprint = Blueprint("searching_pictures", __name__)

SVG = "image/svg+xml; charset=utf-8"
FIRST_YEAR = 1957
"""The axis begins with the International Geophysical Year; what is older stands in one column."""
MOST_STATIONS = 5000
_KEPT = 200
_MADE = "parhelion.search.pictures"
_QUIET, _LINE, _BAR, _BACK = "#55616e", "#d8dee5", "#0b5394", "#f4f6f8"
_FONT = 'font-family="Liberation Sans, Arial, sans-serif"'

Draw = Callable[[Site, Arguments, Query], str]


class _Made:
    """Pictures that were made, the last used ones; a picture says with its ETag what it shows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], str] = OrderedDict()

    def get(self, key: tuple[str, str], make: Callable[[], str]) -> str:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return self._held[key]
        made = make()
        with self._lock:
            self._held[key] = made
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
        return made


@blueprint.get("/search/timeline.svg")
def timeline() -> Response:
    """How many of the records found have data in each year."""
    return _picture(_timeline)


@blueprint.get("/search/map.svg")
def station_map() -> Response:
    """Where the ground stations of the records found are."""
    return _picture(_map)


def _picture(draw: Draw) -> Response:
    here_site = site()
    given = given_arguments()
    for name in ("after", "limit", "sort"):
        given.pop(name, None)
    query = query_from(given | {"limit": ["0"]}, facets=())
    number, fingerprint = here_site.index.marker()
    state = f"{draw.__name__}-{number}-{fingerprint}-{datetime.now(UTC):%Y}-{build()}"
    answer = Response(content_type=SVG)
    answer.headers["ETag"] = quote_etag(state)
    answer.headers["Cache-Control"] = "no-cache"
    answer.make_conditional(request)
    if answer.status_code == 304:
        return answer
    made: _Made = current_app.extensions.setdefault(_MADE, _Made())
    own = here(request.path, **given)

    def make() -> str:
        return draw(here_site, given, ask(here_site.index, query).query or query)

    answer.set_data(made.get((own, state), make))
    return answer


# -- time --------------------------------------------------------------------------------------


def coverage_counts(here_site: Site, query: Query) -> list[tuple[int, int]]:
    """(year, how many records have a coverage that meets it), from 1957 to this year."""
    found = []
    for year in range(FIRST_YEAR, datetime.now(UTC).year + 1):
        begin = datetime(year, 1, 1, tzinfo=UTC).timestamp()
        end = datetime(year + 1, 1, 1, tzinfo=UTC).timestamp() - 1e-6
        asked = replace(query, node=And((query.node, Overlap(begin, end))), facets=(), limit=0)
        found.append((year, here_site.index.search(asked).total))
    return found


def _timeline(here_site: Site, given: Arguments, query: Query) -> str:
    counts = coverage_counts(here_site, query)
    most = max(count for _, count in counts)
    step, high = 10.0, 90.0
    parts = []
    for at, (year, count) in enumerate(counts):
        tall = high * count / most if most else 0.0
        years = changed(changed(given, "from", [str(year)]), "to", [str(year)])
        title = f"{year}: {count:,} {'record' if count == 1 else 'records'}"
        parts.append(
            f"<a href={quoteattr(here('/search', **years))}><title>{title}</title>"
            f'<rect x="{at * step:g}" y="0" width="{step:g}" height="{high:g}" fill="#fff"/>'
            f'<rect x="{at * step + 1:g}" y="{high - tall:.1f}" width="{step - 2:g}" '
            f'height="{tall:.1f}" fill="{_BAR}"/></a>'
        )
        if year % 10 == 0:
            parts.append(_text(at * step + step / 2, high + 16, str(year)))
    wide = len(counts) * step
    parts.append(_text(2, 12, f"{most:,}", "start"))
    parts.append(f'<path d="M0 {high}H{wide:g}" stroke="{_LINE}" stroke-width="1" fill="none"/>')
    return _svg(wide, high + 22, f"Records with data in each year from {FIRST_YEAR}", parts)


# -- place -------------------------------------------------------------------------------------


def found_stations(here_site: Site, query: Query) -> list[tuple[Station, int]]:
    """Stations with coordinates that the records found come from, with how many each has."""
    known = stations(here_site)
    counted = replace(query, facets=("observatory",), facet_size=MOST_STATIONS, limit=0)
    counts = dict(here_site.index.search(counted).facets.get("observatory", []))
    keys = [key for key in known if key not in counts]
    themselves: dict[str, int] = {}
    for start in range(0, len(keys), 500):
        some = tuple(keys[start : start + 500])
        among = replace(query, node=And((query.node, Filter("key", some))), facets=(), limit=500)
        hits = here_site.index.search(replace(among, sort="relevance", after=None)).hits
        themselves.update((str(hit.fields["key"]), 0) for hit in hits)
    counts = themselves | counts
    return [(known[key], count) for key, count in sorted(counts.items()) if key in known]


def _map(here_site: Site, given: Arguments, query: Query) -> str:
    found = found_stations(here_site, query)
    parts = [f'<rect x="0" y="0" width="720" height="360" fill="{_BACK}"/>']
    parts += _graticule()
    most = max((count for _, count in found), default=0) or 1
    for station, count in sorted(found, key=lambda pair: -pair[1]):
        x, y = (station.longitude + 180) * 2, (90 - station.latitude) * 2
        size = 2.5 + 6 * (count / most) ** 0.5
        way = here("/search", **changed(given, "observatory", [station.key]))
        said = f"{count:,} {'record' if count == 1 else 'records'}"
        parts.append(
            f"<a href={quoteattr(way)}><title>{escape(f'{station.name}: {said}')}</title>"
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="{_BAR}" fill-opacity="0.55" '
            f'stroke="#fff" stroke-width="0.7"/></a>'
        )
    said = f"{len(found):,} stations with coordinates"
    parts.append(_text(4, 390, said, "start"))
    return _svg(720, 396, f"{len(found):,} ground stations of the records found", parts)


def _graticule() -> list[str]:
    lines = [f"M{x} 0V360" for x in range(0, 721, 60)] + [f"M0 {y}H720" for y in range(0, 361, 60)]
    drawn = "".join(lines)
    found = [
        f'<path d="{drawn}" stroke="{_LINE}" stroke-width="1" fill="none"/>',
        f'<path d="M0 180H720" stroke="{_QUIET}" stroke-width="0.7" fill="none"/>',
    ]
    for degrees in (-120, -60, 0, 60, 120):
        side = "E" if degrees > 0 else "W"
        said = f"{abs(degrees)}°{side}" if degrees else "0°"
        found.append(_text((degrees + 180) * 2, 374, said))
    for degrees in (60, 30, -30, -60):
        said = f"{abs(degrees)}°{'N' if degrees > 0 else 'S'}"
        found.append(_text(716, (90 - degrees) * 2 - 3, said, "end"))
    return found


def _text(x: float, y: float, said: str, anchor: str = "middle") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="11" {_FONT} fill="{_QUIET}" '
        f'text-anchor="{anchor}">{escape(said)}</text>'
    )


def _svg(wide: float, high: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:g} {high:g}" '
        f'width="{wide:g}" height="{high:g}" role="img">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>\n"
    )
