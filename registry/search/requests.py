"""The parameters of a search's address, as a query: the same for the page and the API.

`docs` and `/api/openapi.json` say what each means; `PARAMETERS` is what they are made from.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from registry import dates
from registry.search import fields, quantities
from registry.search.parsing import meant
from registry.search.query import And, BadQuery, Covers, Meets, Node, Overlap, Query, Within

FACET_PARAMETERS = {
    "kind": "resource type",
    "measurement": "measurement type",
    "region": "observed region",
    "instrument": "instrument, by identifier",
    "observatory": "observatory, by identifier",
    "repository": "repository, by identifier",
    "access": "access rights",
    "verdict": "what the published schema says: valid, invalid, no-schema",
    "format": "dialect of the description: spase, voresource",
    "authority": "naming authority",
    "person": "person, by identifier",
    "source": "source that the record belongs to, by name: local, or that of a registry harvested",
    "status": "active, inactive, deprecated, withdrawn, unavailable",
    "has_hapi": "whether the data are offered by HAPI: yes, no",
    "observatory_group": "observatory group, by identifier",
    "spectral_range": "named part of the spectrum: ExtremeUltraviolet, RadioFrequency …",
    "cadence": "step of cadence, as the facet names it: 1 s to 10 s",
    "data_format": "format of the data: CDF, FITS, Text …",
    "phenomenon": "phenomenon type: CoronalMassEjection …",
    "processing_level": "Calibrated, Raw, Uncalibrated, ValueAdded",
    "frame": "reference frame of a parameter: GSE, RTN …",
    "quantity": "what a parameter measures: Magnetic, NumberFlux …",
    "units": "unit of a parameter, as VOUnits write it: nT, cm**-3 …",
    "has_doi": "whether the record has a DOI: yes, no",
    "has_preview": "whether pictures of the data are offered: yes, no",
}
"""Parameters that restrict a facet. Several values are alternatives; `-value` leaves it out."""

PARAMETERS = {
    "q": "what is searched for",
    **FACET_PARAMETERS,
    "from": "coverage that does not end before this date (2003, 2003-10, 2003-10-28, …T12:00:00Z)",
    "to": "coverage that does not begin after this date, the year, month or day included",
    "covers": "a span that the coverage holds all of: 2003-10-28/2003-11-05",
    "within": "a span that the coverage lies in: 2003/2004",
    "cadence_range": "cadence between two, shortest first: PT1S/PT1M, 1 s/1 min, ../PT1H",
    "spectrum": "wavelength, photon energy or frequency with its unit: 171 Å, 0.3-10 keV",
    "particle_energy": "energy of particles with its unit: 50-500 keV",
    "sort": "relevance, name, released or start",
    "after": "`next` of the page before",
    "limit": "how many hits a page has",
    "inactive": "yes: records that are inactive, deprecated or withdrawn too",
}

DEFAULT_FACETS = (
    "kind",
    "measurement",
    "region",
    "observatory",
    "instrument",
    "repository",
    "access",
    "verdict",
    "format",
)
LIMIT, MOST = 20, 500

_CHOICES = {
    "verdict": ("valid", "invalid", "no-schema"),
    "format": ("spase", "voresource"),
    "has_hapi": ("yes", "no"),
    "has_doi": ("yes", "no"),
    "has_preview": ("yes", "no"),
    "status": ("active", "inactive", "deprecated", "withdrawn", "unavailable"),
    "sort": fields.SORTS,
}
_YES, _NO = ("yes", "true", "1", "on"), ("no", "false", "0", "off", "")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?")


def query_from(
    args: Mapping[str, Sequence[str]], *, facets: Sequence[str] = DEFAULT_FACETS
) -> Query:
    """The query that an address's parameters ask for, each with its list of values.

    Raises BadQuery, which names the parameter or value that does not exist and what is near it.
    """
    for name in args:
        if name not in PARAMETERS:
            raise BadQuery(f"there is no parameter {name[:80]!r}{_near(name[:80], PARAMETERS)}")
    restrictions: dict[str, tuple[str, ...]] = {}
    excluded: dict[str, tuple[str, ...]] = {}
    for name in FACET_PARAMETERS:
        values = [value.strip() for value in args.get(name, ()) if value.strip()]
        wanted = tuple(dict.fromkeys(v for v in values if not v.startswith("-")))
        unwanted = tuple(dict.fromkeys(v[1:] for v in values if v.startswith("-")))
        for value in (*wanted, *unwanted):
            _check_choice(name, value)
        if wanted:
            restrictions[name] = wanted
        if unwanted:
            excluded[name] = unwanted
    sort = _single(args, "sort") or "relevance"
    _check_choice("sort", sort)
    return Query(
        node=_node(args),
        restrictions=restrictions,
        excluded=excluded,
        facets=tuple(facets),
        sort=sort,
        limit=_limit(args),
        after=_single(args, "after") or None,
        # Who asks for a status wants to see it.
        inactive=_yes(args, "inactive") or "status" in restrictions,
        typed=" ".join(args.get("q", ())),
    )


def _node(args: Mapping[str, Sequence[str]]) -> Node:
    parts = [meant(" ".join(args.get("q", ()))), *_ranges(args)]
    begin, end = _single(args, "from"), _single(args, "to")
    if begin or end:
        parts.append(Overlap(*_span("from", begin, "to", end)))
    for name, made in (("covers", Covers), ("within", Within)):
        text = _single(args, name)
        if text:
            begin, end = _halves(name, text, "2003-10-28/2003-11-05")
            parts.append(made(*_span(name, begin, name, end)))
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _span(first: str, begin: str, last: str, end: str) -> tuple[float | None, float | None]:
    start = _moment(first, begin).timestamp() if begin else None
    stop = _stop(last, end)
    if start is not None and stop is not None and start > stop:
        raise BadQuery(f"{first!r} ({begin[:40]}) is later than {last!r} ({end[:40]})")
    return start, stop


def _halves(name: str, text: str, example: str) -> tuple[str, str]:
    """Both ends of `a/b`; '' for one that is `..` or not there (ISO 8601-2, open intervals)."""
    begin, slash, end = (part.strip() for part in text.partition("/"))
    if not slash:
        raise BadQuery(f"{name!r} is {text[:40]!r}; it needs two ends: {example}")
    found = ["" if part == ".." else part for part in (begin, end)]
    if not any(found):
        raise BadQuery(f"{name!r} names no end: {example}")
    return found[0], found[1]


def _ranges(args: Mapping[str, Sequence[str]]) -> list[Node]:
    found: list[Node] = []
    text = _single(args, "cadence_range")
    if text:
        halves = _halves("cadence_range", text, "PT1S/PT1M")
        low, high = (_length(half) if half else None for half in halves)
        if low is not None and high is not None and low > high:
            raise BadQuery(f"'cadence_range' is {text[:40]!r}; the shorter one comes first")
        found.append(Meets("cadence_seconds", low, high))
    for name, read in (("spectrum", quantities.light), ("particle_energy", quantities.energy)):
        text = _single(args, name)
        if text:
            ends = read(text)
            if ends is None:
                example = quantities.EXAMPLES[name]
                raise BadQuery(f"{name!r} is {text[:40]!r}, which cannot be read: {example} can")
            found.append(Meets(name, *ends))
    return found


def _length(text: str) -> float:
    length = quantities.seconds(text)
    if length is None:
        raise BadQuery(
            f"'cadence_range' has {text[:40]!r}, which is no length of time: PT16S and 16 s are"
        )
    return length


def _single(args: Mapping[str, Sequence[str]], name: str) -> str:
    values = [value for value in args.get(name, ()) if value.strip()]
    if len(set(values)) > 1:
        raise BadQuery(f"{name!r} can be given once only")
    return values[0].strip() if values else ""


def _limit(args: Mapping[str, Sequence[str]]) -> int:
    text = _single(args, "limit")
    if not text:
        return LIMIT
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) > MOST:
        raise BadQuery(f"'limit' is {text[:40]!r}; it can be a number from 0 to {MOST}")
    return int(text)


def _yes(args: Mapping[str, Sequence[str]], name: str) -> bool:
    text = _single(args, name).lower()
    if text not in _YES + _NO:
        raise BadQuery(f"{name!r} is {text[:40]!r}; it can be yes or no")
    return text in _YES


def _check_choice(name: str, value: str) -> None:
    known = _CHOICES.get(name)
    if known is not None and value not in known:
        raise BadQuery(f"{name!r} is {value[:80]!r}; it can be {', '.join(known)}")


def _near(name: str, known: Mapping[str, str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f": {', '.join(known)} are known"


def _stop(name: str, text: str) -> float | None:
    """The end of what is named: of the year, month or day where no time stands with it."""
    if not text:
        return None
    first = _moment(name, text)
    if "T" in text:
        return first.timestamp()
    length = {4: "P1Y", 7: "P1M"}.get(len(text), "P1D")
    following = dates.shifted(first, length) or datetime.max.replace(tzinfo=UTC)
    return (following - timedelta(microseconds=1)).timestamp()


def _moment(name: str, text: str) -> datetime:
    partial = _PARTIAL.fullmatch(text)
    moment = dates.moment(f"{partial[1]}-{partial[2] or '01'}-01" if partial else text)
    if moment is None:
        raise BadQuery(
            f"{name!r} is {text[:40]!r}, which is no date: 2003, 2003-10, 2003-10-28 and"
            " 2003-10-28T06:00:00Z are"
        )
    return moment
