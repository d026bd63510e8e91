"""Texts of which it is certain what was meant: pure functions for rules and for mending.

Each gives the text that was meant, or '' where that is not certain (or nothing is wrong).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from registry.dates import moment

HTTPS_HOSTS = frozenset((
    "cdaweb.gsfc.nasa.gov",
    "creativecommons.org",
    "doi.org",
    "github.com",
    "hpde.io",
    "omniweb.gsfc.nasa.gov",
    "orcid.org",
    "ror.org",
    "spase-group.org",
    "spdf.gsfc.nasa.gov",
    "spdx.org",
    "sscweb.gsfc.nasa.gov",
    "www.spase-group.org",
    "zenodo.org",
))  # fmt: skip
"""Hosts that are known to give the same under https as under http."""

_HTTP = re.compile(r"http://(?P<host>[A-Za-z0-9.-]+)(?P<port>:80)?(?P<rest>[/?#]\S*)?$")
_LEAST = 5
"""The letters that a word must have before one wrong one in it is a misspelling."""


def https(address: str) -> str:
    """The same address with https, for hosts on the list."""
    found = _HTTP.match(address.strip())
    if found is None or found["host"].lower() not in HTTPS_HOSTS:
        return ""
    return f"https://{found['host']}{found['rest'] or ''}"


@lru_cache(maxsize=4096)
def list_value(value: str, known: Sequence[str]) -> str:
    """The value of a list that a text differs from in case or signs, or by one wrong letter.

    A slip of one letter (left out, doubled, another, two swapped) counts only in words of five
    letters and more, never where a digit differs, and only if no second value is as near.
    """
    plain = _plain(value)
    if not plain or value in known or len(value) > 100:
        return ""
    same = [one for one in known if _plain(one) == plain]
    if same:
        return same[0] if len(same) == 1 else ""
    near = [one for one in known if _one_slip(value.strip(), one)]
    return near[0] if len(near) == 1 and _letters(near[0], value.strip()) else ""


def _plain(value: str) -> str:
    return re.sub(r"[\s_-]", "", value).lower()


def _letters(right: str, wrong: str) -> bool:
    """Whether the step (between dots) that differs is a word long enough."""
    steps, others = right.split("."), wrong.split(".")
    if len(steps) != len(others):
        return len(right) > 2 * _LEAST
    return all(one == other or len(one) >= _LEAST for one, other in zip(steps, others, strict=True))


def _one_slip(wrong: str, right: str) -> bool:
    """Whether one letter was left out, added, replaced, or two neighbours swapped."""
    if abs(len(wrong) - len(right)) > 1:
        return False
    wrong, right = wrong.lower(), right.lower()
    begin = next((n for n, (a, b) in enumerate(zip(wrong, right, strict=False)) if a != b),
                 min(len(wrong), len(right)))  # fmt: skip
    a, b = wrong[begin:], right[begin:]
    if any(sign.isdigit() for sign in (a[:1] + b[:1])):
        return False
    return (
        a[1:] == b or a == b[1:] or (a[1:] == b[1:] and a != b)
        or (len(a) > 1 and len(b) > 1 and a[2:] == b[2:] and a[:2] == b[1::-1])
    )  # fmt: skip


_DAY = r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})-(?P<day>\d{1,2})|/(?P<m>\d{1,2})/(?P<d>\d{1,2})"
_DAY += r"|-(?P<of_year>\d{3})|(?P<mm>\d\d)(?P<dd>\d\d))"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?P<part>\.\d*)?)?"
_BASIC = r"(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)"
_ZONE = r"\s*(?P<zone>[Zz]|UTC|GMT|[+-]\d\d:?\d\d)?"
_DATE = re.compile(rf"{_DAY}(?:(?:[Tt]|\s+)(?:{_TIME}|{_BASIC}){_ZONE})?$")


@lru_cache(maxsize=4096)
def date_time(text: str) -> str:
    """An xsd:dateTime for a date written in another unambiguous form, year first.

    `2001-2-3 04:05`, `2001/02/03T04:05:06z`, `20010203T040506Z`, `2001-034T04:05:06`. A day
    without a time is none: whether its beginning or its end is meant is not said.
    """
    found = _DATE.match(text.strip())
    if found is None or not (found["hour"] or found["h"]):
        return ""
    day = _day(found)
    if not day:
        return ""
    hour = int(found["hour"] or found["h"])
    part = (found["part"] or "").rstrip(".")
    time = f"{hour:02}:{found['minute'] or found['mi']}:{found['second'] or found['s'] or '00'}"
    zone = (found["zone"] or "").upper().replace("UTC", "Z").replace("GMT", "Z")
    if zone[:1] in ("+", "-") and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    made = f"{day}T{time}{part}{zone}"
    return made if made != text and moment(made) is not None else ""


def _day(found: re.Match[str]) -> str:
    year = int(found["year"])
    try:
        if found["of_year"]:
            return (
                date.fromordinal(
                    date(year, 1, 1).toordinal() + int(found["of_year"]) - 1
                ).isoformat()
                if 1 <= int(found["of_year"]) <= 365 + _leap(year)
                else ""
            )
        month, day = (
            found["month"] or found["m"] or found["mm"],
            found["day"] or found["d"] or found["dd"],
        )
        return date(year, int(month), int(day)).isoformat()
    except ValueError:
        return ""


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


@lru_cache(maxsize=4096)
def duration(text: str) -> str:
    """An xsd:duration for one that has small letters or white space inside."""
    made = re.sub(r"\s+", "", text).upper()
    form = r"-?P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
    return made if made != text.strip() and re.fullmatch(form, made) else ""
