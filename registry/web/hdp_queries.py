"""Queries of HDP's web services: the parameters of an address, as a query of the search port.

What the search has no field for (styles, keywords as written, members, languages of software, the
cadence of the whole resource) is looked up in the documents that are left.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from registry import dates, identifiers
from registry.search import words
from registry.search.query import (
    And,
    BadQuery,
    Filter,
    Meets,
    Node,
    Or,
    Overlap,
    Phrase,
    Query,
)
from registry.store.reading import Reader
from registry.web.hdp_descriptions import described

Check = Callable[[Any], bool]
"""Whether a document, by its root element, is one of those that are asked for."""

TYPES = (
    "Annotation", "Catalog", "Collection", "DisplayData", "DisplayOutput", "Document", "Granule",
    "Instrument", "Model", "NumericalData", "NumericalOutput", "Observatory", "Person", "Registry",
    "Repository", "Service", "SimulationModel", "SimulationRun", "Software",
)  # fmt: skip

_FIELDS = {
    "InstrumentID": "instrument",
    "ObservatoryID": "observatory",
    "ObservatoryGroupID": "observatory_group",
    "RepositoryID": "repository",
    "ObservedRegion": "region",
    "MeasurementType": "measurement",
    "SpectralRange": "spectral_range",
    "PhenomenonType": "phenomenon",
    "AccessRights": "access",
    "Format": "data_format",
}
"""Parameters that are a field of the search; what ends in ID is compared as identifiers are."""
_ELEMENTS = {
    "Style": "Style",
    "MemberID": "MemberID",
    "CodeLanguage": "CodeLanguage",
    "ApplicationInterface": "ApplicationInterface",
}
"""Parameters that are looked up in the documents: the element whose text they name."""
PARAMETERS = ("ResourceID", "DOI", "Cadence", "Keyword", "Description", *_FIELDS, *_ELEMENTS)

_CADENCE = re.compile(r"\s*(==?|<=|>=|<|>)?\s*(\S+)\s*")
_SEEN = re.compile(r"[A-Za-z0-9.:/_-]+")
"""Texts that a document can have in one spelling only, references to characters aside."""
_LONGEST = 4000


@dataclass(slots=True, frozen=True)
class Asked:
    """What an address asks for: a query, and what its documents are held against besides."""

    query: Query
    checks: tuple[Check, ...] = ()
    texts: tuple[re.Pattern[bytes], ...] = ()
    """What is found in the bytes of a document that passes, unless they are written in a way in
    which that cannot be seen (`may_hold`)."""


def may_hold(body: bytes, texts: Iterable[re.Pattern[bytes]]) -> bool:
    """Whether a document can be one that is asked for; to look is faster than to parse."""
    if b"&#" in body or b"<![" in body or b"\0" in body[:4]:
        return True
    return all(one.search(body) for one in texts)


def asked(
    reader: Reader, types: Sequence[str], interval: str, given: dict[str, list[str]]
) -> Asked:
    """The query for records of these types; `interval` is `START,STOP`, or '' for any time.

    Several values of a parameter are alternatives. Raises BadQuery, in words.
    """
    for name in given:
        if name not in PARAMETERS:
            raise BadQuery(_unknown("parameter", name, PARAMETERS))
    for name in types:
        if name not in TYPES:
            raise BadQuery(_unknown("resource type", name, TYPES))
    nodes: list[Node] = [Filter("kind", tuple(dict.fromkeys(types))), Filter("format", ("spase",))]
    checks: list[Check] = []
    texts: list[re.Pattern[bytes]] = []
    if interval:
        nodes.append(_overlap(interval))
    for name, written in given.items():
        values = [value.strip()[:_LONGEST] for value in written if value.strip()]
        if values:
            _add(reader, nodes, checks, name, values)
        if values and name in _ELEMENTS and all(map(_SEEN.fullmatch, values)):
            texts.append(_standing(values))
    # Who names a record wants it, whatever its status.
    query = Query(And(tuple(nodes)), inactive="ResourceID" in given)
    return Asked(query, tuple(checks), tuple(texts))


def _add(
    reader: Reader, nodes: list[Node], checks: list[Check], name: str, values: list[str]
) -> None:
    if name == "ResourceID":
        nodes.append(Filter("key", tuple(current_keys(reader, values))))
    elif name == "DOI":
        bare = [identifiers.doi(value) or value.lower() for value in values]
        nodes.append(Filter("also", tuple(bare)))
    elif name == "Description":
        nodes.append(Or(tuple(described(value) for value in values)))
    elif name == "Cadence":
        ends = [_ends(value) for value in values]
        nodes.append(Or(tuple(Meets("cadence_seconds", *one) for one in ends)))
        checks.append(lambda root: any(_has_cadence(root, *one) for one in ends))
    elif name == "Keyword":
        phrases = [Phrase(" ".join(words.tokens(value)), "keywords") for value in values]
        nodes.append(Or(tuple(phrases)))
        checks.append(_has("Keyword", values, fold=True))
    elif name in _FIELDS:
        keyed = [identifiers.key(one) for one in values] if name.endswith("ID") else values
        nodes.append(Filter(_FIELDS[name], tuple(keyed)))
    else:
        if name == "Style" and values == ["HAPI"]:
            nodes.append(Filter("has_hapi", ("yes",)))
        checks.append(_has(_ELEMENTS[name], values))


def current_keys(reader: Reader, wanted: Iterable[str]) -> list[str]:
    """Keys of current records: of those with these identifiers, and where an identifier is no
    current record's, of those that name it as their PriorID."""
    keys = [identifiers.key(one) for one in wanted]
    known = reader.records_by_key(keys)
    found: dict[str, None] = {}
    for key in keys:
        one = known.get(key)
        if one is not None and not one.deleted:
            found[key] = None
        else:
            found.update(dict.fromkeys(each.key for each in reader.succeeding(key)))
    return list(found)


def _standing(values: Iterable[str]) -> re.Pattern[bytes]:
    """What an element with one of these texts looks like."""
    return re.compile(rb">\s*(?:%s)\s*<" % b"|".join(re.escape(one.encode()) for one in values))


def _has(element: str, values: Sequence[str], *, fold: bool = False) -> Check:
    """Whether a document has an element with one of these texts."""
    wanted = {_plain(value, fold) for value in values}

    def check(root: Any) -> bool:
        return any(_plain(one.text or "", fold) in wanted for one in root.iter(f"{{*}}{element}"))

    return check


def _plain(text: str, fold: bool) -> str:
    plain = " ".join(text.split())
    return plain.casefold() if fold else plain


def _ends(written: str) -> tuple[float | None, float | None]:
    """The shortest and the longest cadence in seconds that `=PT1H`, `<=PT1M` … let through."""
    found = _CADENCE.fullmatch(written)
    length = dates.seconds(found[2]) if found else None
    if found is None or length is None or length <= 0:
        raise BadQuery(
            f"Cadence is {written[:40]!r}; it is a duration, or one of = < <= > >= and a duration: "
            "=PT1H, <=PT1M"
        )
    match found[1]:
        case "<":
            return None, math.nextafter(length, 0)
        case "<=":
            return None, length
        case ">":
            return math.nextafter(length, math.inf), None
        case ">=":
            return length, None
        case _:
            return length, length


def _has_cadence(root: Any, low: float | None, high: float | None) -> bool:
    """Whether the cadence of the whole resource, or its range, meets [low, high]."""
    for coverage in root.iter("{*}TemporalDescription"):
        found = {
            name: dates.seconds((one.text or "").strip())
            for name in ("Cadence", "CadenceMin", "CadenceMax")
            for one in coverage.iterchildren(f"{{*}}{name}")
        }
        own = found.pop("Cadence", None)
        limits = sorted(one for one in found.values() if one)
        ranges = [(own, own)] if own else []
        ranges += [(limits[0], limits[-1])] if limits else []
        for first, last in ranges:
            if (low is None or last >= low) and (high is None or first <= high):
                return True
    return False


def _overlap(interval: str) -> Overlap:
    begin, comma, end = interval.partition(",")
    if not comma:
        raise BadQuery(
            f"the time {interval[:60]!r} is not START,STOP: 2022-01-01,2022-01-02 is one"
        )
    start, stop = _moment(begin), _moment(end)
    if stop is not None and len(end.strip()) == 10:
        # A day's end, as in every search here.
        stop += timedelta(days=1, microseconds=-1)
    if start is not None and stop is not None and start > stop:
        raise BadQuery(f"the time {interval[:60]!r} ends before it begins")
    ends = [None if one is None else one.timestamp() for one in (start, stop)]
    return Overlap(*ends)


def _moment(text: str) -> datetime | None:
    plain = text.strip()
    if plain in ("", ".."):
        return None
    found = dates.moment(plain)
    # A day more must still be a date.
    if found is None or found > datetime(9999, 12, 30, tzinfo=UTC):
        raise BadQuery(f"{plain[:40]!r} is no date: 2022-01-01 and 2022-01-01T06:00:00Z are")
    return found


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name[:80], known, n=1)
    ending = f"; did you mean {near[0]}?" if near else f": {', '.join(known)} are known"
    return f"there is no {what} {name[:80]!r}{ending}"
