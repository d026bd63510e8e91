"""Hits as the page shows them: what they are, why they matched, and the ways to the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from registry.kept_records import models
from registry.model import Record
from registry.search.fields import OPEN
from registry.search.query import (
    And,
    Either,
    Filter,
    Fuzzy,
    Hit,
    Node,
    Or,
    Phrase,
    Prefix,
    Query,
    Scored,
    SearchIndex,
    Text,
    Weighted,
)
from registry.search.words import STOP, folded, tokens
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.web.presentation import day, here, once, outward, page_of, relative_end
from registry.web.site import Site

Parts = list[tuple[str, bool]]
"""A text in pieces, each with whether it is what was searched for."""

MOST_LINKS = 6
_HELD = 4096
_LETTERS = re.compile(r"[^\W_]+")
_ELSEWHERE = {
    "aliases": "other names",
    "related": "names of its instruments, observatories and repositories",
    "keywords": "keywords",
    "parameters": "parameters",
    "people": "people",
    "description": "description",
    "path": "identifier",
}
_HOSTS = (
    ("cdaweb", "CDAWeb"),
    ("amda", "AMDA"),
    ("cdpp", "CDPP"),
    ("sscweb", "SSCWeb"),
    ("vso", "VSO"),
    ("madrigal", "Madrigal"),
    ("zenodo", "Zenodo"),
    ("github", "GitHub"),
)


@dataclass(slots=True, frozen=True)
class AccessLink:
    """One address of the data, and what answers there."""

    style: str
    name: str
    address: str


@dataclass(slots=True, frozen=True)
class Bar:
    """A span of time within the axis of the page, in hundredths of it."""

    left: float
    width: float
    running: bool = False


@dataclass(slots=True, frozen=True)
class Found:
    """A hit as the page shows it."""

    identifier: str
    name: Parts
    acronym: str
    kind: str
    status: str
    verdict: str
    address: str
    excerpt: Parts
    coverage: str
    bar: Bar | None
    regions: list[str]
    instruments: list[tuple[str, str]]
    observatories: list[tuple[str, str]]
    doi: str
    links: list[AccessLink]
    more_links: int
    similar: str
    matched: list[str] = field(default_factory=list)
    """Where what was searched for stands besides the texts that are shown."""


@dataclass(slots=True, frozen=True)
class Axis:
    """The axis of time of a page's bars, in seconds since 1970."""

    begin: float
    end: float

    def bar(self, start: float | None, stop: float | None) -> Bar | None:
        if start is None:
            return None
        running = stop is None or stop >= OPEN
        begin = min(max(start, self.begin), self.end)
        end = self.end if stop is None else min(max(stop, begin), self.end)
        whole = self.end - self.begin or 1.0
        left = 100 * (begin - self.begin) / whole
        return Bar(round(min(left, 99.3), 2), round(max(100 * (end - begin) / whole, 0.7), 2),
                   running)  # fmt: skip


def axis(hits: Sequence[Hit], now: float) -> Axis:
    """From the first start to the last stop of these hits, or to now where one still runs."""
    starts = [one for hit in hits if (one := end_of(hit.fields.get("start"))) is not None]
    known = [one for one in starts if one > -OPEN]
    stops = [now if one is None or one >= OPEN else one
             for hit in hits for one in (end_of(hit.fields.get("stop")),)
             if hit.fields.get("start") is not None]  # fmt: skip
    begin = min(known, default=now)
    return Axis(begin, max([*stops, begin + 86400.0]))


def found(
    here_site: Site, reader: Reader, hits: Sequence[Hit], query: Query, now: float
) -> list[Found]:
    """The hits of a page, in their order."""
    kept = reader.records_by_key([str(hit.fields["key"]) for hit in hits])
    current = [one for one in kept.values() if not one.deleted]
    ways = _access(str(here_site.settings.data), reader, current)
    wanted = Wanted.of(query.node)
    along = axis(hits, now)
    shown = [_found(hit, kept.get(str(hit.fields["key"])), ways, wanted, along) for hit in hits]
    return _with_matches(here_site.index, shown, hits, wanted)


# -- why it matched ----------------------------------------------------------------------------


@dataclass(slots=True, frozen=True)
class Wanted:
    """The words that a query looks for, and those that it takes for the same."""

    words: frozenset[str]
    begun: tuple[str, ...]

    @classmethod
    def of(cls, node: Node) -> Wanted:
        whole: set[str] = set()
        begun: set[str] = set()
        _collect(node, whole, begun)
        telling = {one for one in whole if one not in STOP} or whole
        return cls(frozenset(telling), tuple(sorted(filter(None, begun))))

    def marks(self, word: str) -> bool:
        plain = folded(word)
        return plain in self.words or (bool(self.begun) and plain.startswith(self.begun))

    def any(self) -> bool:
        return bool(self.words or self.begun)


def _collect(node: Node, whole: set[str], begun: set[str]) -> None:
    match node:
        case Text() | Phrase():
            whole.update(tokens(node.words))
        case Prefix():
            begun.update(tokens(node.start)[-1:])
        case Fuzzy():
            # Words that begin alike, for most mistakes are made further on.
            begun.add(folded(node.word)[: max(len(node.word) - 3, 3)])
        case And() | Or() | Either():
            for one in node.nodes:
                _collect(one, whole, begun)
        case Weighted() | Scored():
            _collect(node.node, whole, begun)
        case _:
            pass


def marked(text: str, wanted: Wanted) -> Parts:
    """A text in pieces, so that what was searched for can be shown as such."""
    if not wanted.any():
        return [(text, False)]
    parts: Parts = []
    at = 0
    for word in _LETTERS.finditer(text):
        if wanted.marks(word.group()):
            if word.start() > at:
                parts.append((text[at : word.start()], False))
            parts.append((word.group(), True))
            at = word.end()
    if at < len(text):
        parts.append((text[at:], False))
    return parts


def excerpt(text: str, wanted: Wanted, longest: int = 280) -> str:
    """The part of a text that tells most: where a word that was searched for first stands."""
    plain = " ".join(text.split())
    if len(plain) <= longest:
        return plain
    first = next((one.start() for one in _LETTERS.finditer(plain) if wanted.marks(one.group())), 0)
    begin = 0 if first < longest * 2 // 3 else plain.rfind(" ", 0, max(first - 80, 1)) + 1
    cut = plain[begin : begin + longest]
    if begin + longest < len(plain):
        cut = cut.rsplit(" ", 1)[0].rstrip(" ,;.…") + " …"
    return f"… {cut}" if begin else cut


def _with_matches(
    index: SearchIndex, shown: list[Found], hits: Sequence[Hit], wanted: Wanted
) -> list[Found]:
    """Says of hits in whose shown texts nothing is marked where else the words stand."""
    silent = [
        one for one in shown
        if wanted.any() and not any(mark for _, mark in [*one.name, *one.excerpt])
    ]  # fmt: skip
    if not silent:
        return shown
    keys = {one.identifier: str(hit.fields["key"]) for one, hit in zip(shown, hits, strict=True)}
    filtered = Filter("key", tuple(keys[one.identifier] for one in silent))
    places: dict[str, list[str]] = {}
    for name, said in _ELSEWHERE.items():
        ways: list[Node] = [Text(word, name) for word in sorted(wanted.words)[:20]]
        ways += [Prefix(start, name) for start in wanted.begun[:5]]
        query = Query(And((Or(tuple(ways)), filtered)), limit=len(silent), inactive=True)
        for hit in index.search(query).hits:
            places.setdefault(hit.identifier, []).append(said)
    for one in silent:
        one.matched.extend(places.get(one.identifier, ()))
    return shown


# -- what is shown -----------------------------------------------------------------------------


def _found(
    hit: Hit, kept: KeptRecord | None, ways: dict[str, list[AccessLink]], wanted: Wanted,
    along: Axis,
) -> Found:  # fmt: skip
    fields = hit.fields
    key = str(fields["key"])
    stop = end_of(fields.get("stop"))
    links = ways.get(key, [])
    return Found(
        identifier=hit.identifier,
        name=marked(one(fields, "name") or hit.identifier, wanted),
        acronym=one(fields, "acronym"),
        kind=one(fields, "kind"),
        status=one(fields, "status"),
        verdict=one(fields, "verdict"),
        address=page_of(hit.identifier),
        excerpt=marked(excerpt(one(fields, "description"), wanted), wanted),
        coverage=coverage(fields),
        bar=along.bar(end_of(fields.get("start")), stop),
        regions=every(fields, "region_names"),
        instruments=_linked(fields, "instrument"),
        observatories=_linked(fields, "observatory"),
        doi=(kept.minted_doi if kept else "") or one(fields, "doi"),
        links=links[:MOST_LINKS],
        more_links=max(len(links) - MOST_LINKS, 0),
        similar=here("/search/similar", record=hit.identifier),
    )


def coverage(fields: dict[str, Any]) -> str:
    """The stored coverage of a hit in words; '' if it has none."""
    start, stop = end_of(fields.get("start")), end_of(fields.get("stop"))
    relative = every(fields, "relative_stop")
    if start is None:
        return ""
    begin = day(start) if start > -OPEN else "…"
    if stop is not None and stop < OPEN and not relative:
        return f"{begin} to {day(stop)}"
    if stop is None and relative:
        return f"{begin} to {relative_end(relative[-1])}"
    return f"{begin}, still running"


def end_of(value: Any) -> float | None:
    """An end of a coverage as an engine gives it, in seconds; None where there is none."""
    one = value[0] if isinstance(value, list) and value else value
    return float(one) if isinstance(one, int | float) else None


def every(fields: dict[str, Any], name: str) -> list[str]:
    """All values of a stored field, each once."""
    value = fields.get(name)
    values: Iterable[Any] = value if isinstance(value, list) else [value]
    return once(str(one) for one in values if one not in (None, ""))


def one(fields: dict[str, Any], name: str) -> str:
    """The first value of a stored field; '' where there is none."""
    return next(iter(every(fields, name)), "")


def _linked(fields: dict[str, Any], name: str) -> list[tuple[str, str]]:
    """(name, address) of records that a hit refers to."""
    raw = fields.get(f"{name}_names")
    names = raw if isinstance(raw, list) else [raw] if raw else []
    keys = every(fields, name)
    if len(names) != len(keys):
        names = keys
    return [(str(shown), page_of(key)) for shown, key in zip(names, keys, strict=True)]


# -- access ------------------------------------------------------------------------------------


@lru_cache(maxsize=_HELD)
def _remembered(store: str, key: str, revision: int) -> list[list[AccessLink]]:
    """A place that keeps a revision's links: a revision never changes."""
    return []


def _access(store: str, reader: Reader, kept: Sequence[KeptRecord]) -> dict[str, list[AccessLink]]:
    """The addresses of the data of records, by key."""
    places = {one.key: _remembered(store, one.key, one.revision_id) for one in kept}
    missing = [one for one in kept if not places[one.key]]
    for one, record in models(reader, missing, parameters=False) if missing else ():
        places[one.key].append(links_of(record))
    return {key: place[0] for key, place in places.items()}


def links_of(record: Record) -> list[AccessLink]:
    """The ways to the data that a record names, each address once."""
    ways = [
        AccessLink(_style(url.style, url.url), url.name, outward(url.url))
        for access in record.access
        for url in access.urls
    ]
    ways += [
        AccessLink(_service(one.standard, one.type), "", outward(url))
        for one in record.capabilities
        for interface in one.interfaces
        for url, use in interface.urls
        if not one.standard.lower().startswith("ivo://ivoa.net/std/vosi")
    ]
    return list({one.address: one for one in reversed(ways) if one.address}.values())[::-1]


def _style(style: str, url: str) -> str:
    parts = urlsplit(outward(url) or "none://none")
    if style and style not in ("Search", "Listing", "Other"):
        return style
    for piece, name in _HOSTS:
        if piece in parts.netloc.lower():
            return name
    if parts.scheme.lower().startswith("ftp"):
        return "FTP"
    return style or "Web"


def _service(standard: str, kind: str) -> str:
    """The short name of a VO standard: `ivo://ivoa.net/std/TAP` is `TAP`."""
    name = standard.partition("#")[0].rstrip("/").rpartition("/")[2]
    return name or kind or "Web"
