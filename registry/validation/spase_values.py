"""Texts of SPASE elements: whether they are of the type that is needed, and what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from functools import lru_cache

from registry.validation import certain
from schemas.spase import successors
from schemas.spase.tables import NEWEST, VERSIONS, in_words, member_versions, members

LONG = 200
"""The characters of a text that a message tells."""

SPACE = " \t\r\n"
_LONGEST = 1000
"""What is longer than any sensible value is left to the engine's words."""
_TYPES = {
    "dateTime": ("a date and time", " like 2001-02-03T04:05:06Z"),
    "duration": ("a duration", " like PT16S or P1D"),
    "double": ("a number", " like 16, 0.5 or 1.5E-9"),
    "integer": ("a whole number", " like 3"),
    "typeID": ("an identifier", " like spase://Authority/Path"),
    "typeSequence": ("a whole number, or several with spaces between them", ", like 3 or 1 2 3"),
}
_FITTING = {
    "typeID": re.compile(r"[^:]+://[^/]+/[^\n\r]+"),
    "typeSequence": re.compile(r"[ \t\r\n]*(?:[+-]?[0-9]+[ \t\r\n]*)*"),
    "integer": re.compile(r"[ \t\r\n]*[+-]?[0-9]+[ \t\r\n]*"),
}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?=$|T)")
_WITHOUT_T = re.compile(r"(-?P(?:\d+[YMD])*?)((?:\d+[HM])*\d+(?:\.\d+)?S|\d+H)")

Said = tuple[str, str, str | None]
"""What is wrong, what to do, and a replacement where one is certain."""


def of_type(name: str, kind: str, value: str) -> Said | None:
    """What is wrong with the text of element `name`, of a simple type; None if it is right."""
    kind = kind.removeprefix("xsd:")
    if kind not in _TYPES or len(value) > _LONGEST or _fits(kind, value):
        return None
    what, example = _TYPES[kind]
    plain = value.strip(SPACE)
    if not plain:
        return f"`{name}` is empty, and needs {what}{example}", "", None
    message = f"`{name}` is {short(value)!r}, which is not {what}{example}"
    right = {"dateTime": certain.date_time, "duration": certain.duration}.get(kind)
    meant = right(plain) if right else ""
    if meant and _fits(kind, meant):
        return message, f"write {meant}", meant
    return message, _hint(kind, plain), None


def _hint(kind: str, value: str) -> str:
    if kind == "dateTime":
        return _about_date(value)
    if kind == "duration":
        found = _WITHOUT_T.fullmatch(value)
        if found and _fits(kind, f"{found[1]}T{found[2]}"):
            return f"did you mean {found[1]}T{found[2]}? A T stands before hours, minutes, seconds"
    if kind == "double":
        number = value.replace(",", ".", 1)
        if number != value and _fits(kind, number):
            return f"did you mean {number}?"
    if kind == "typeID" and ":/" not in value and "/" in value:
        path = value.partition("//")[2] if "//" in value else value.lstrip("/")
        return f"did you mean spase://{short(path)}?"
    return ""


def _about_date(value: str) -> str:
    found = _DAY.match(value)
    if found is None:
        return "write year, month and day, T, and the time"
    year, month, day = (int(part) for part in found.groups())
    if not 1 <= month <= 12:
        return f"there is no month {month}"
    if not certain.date_time(f"{found[0]} 00:00"):
        return f"month {month} of {year} has no day {day}"
    if found[0] == value:
        return f"add the time: {value}T00:00:00Z if the beginning of the day is meant"
    return ""


@lru_cache(maxsize=4096)
def _fits(kind: str, value: str) -> bool:
    """Whether a value is of one of `_TYPES`, by XSD 1.1 part 2."""
    if kind in _FITTING:
        return bool(_FITTING[kind].fullmatch(value)) and value.isascii() | (kind == "typeID")
    if not value.isascii():
        return False
    from xmlschema import XMLSchema11

    try:
        return bool(XMLSchema11.builtin_types()[kind].is_valid(value.strip(SPACE)))
    except OverflowError:
        return True


def of_list(name: str, enumeration: str, value: str, version: str) -> Said | None:
    """The same for an element whose text is one of a list."""
    known = members(enumeration, version)
    if value in known:
        return None
    plain = value.strip()
    if plain in known:
        message = f"`{name}` is {short(value)!r}: no white space may stand round the value"
        return message, f"write {plain}", plain
    all_ = f"one of {', '.join(known[:30])}" + (" …" if len(known) > 30 else "")
    if not plain:
        return f"`{name}` is empty", all_, None
    if name == "Version":
        return f"`Version` is {short(value)!r}, where {version} is needed", f"write {version}", None
    message = f"`{name}` has no `{short(plain)}` in SPASE {version}"
    versions = member_versions(enumeration, plain)
    if versions:
        message += f"; it is a value {in_words(versions)}"
    heir = successors.VALUES.get((enumeration, plain), "")
    if heir in known:
        return message, f"write `{heir}`, which took its place", None
    meant = certain.list_value(plain, known) if not versions else ""
    if meant:
        return message, f"did you mean `{meant}`?", meant
    near = near_value(plain, known)
    if near:
        return message, f"did you mean `{near}`?", None
    several = [one for one in re.split(r"[,;\s]+", plain) if one]
    if len(several) > 1 and all(one in known for one in several):
        return message, f"write each of the {len(several)} in a `{name}` of its own", None
    return message, all_, None


def near_value(value: str, known: Sequence[str]) -> str:
    """The value that was probably meant; '' if none is near."""
    value = value[:LONG]
    lower = {one.lower(): one for one in reversed(known)}
    plain = re.sub(r"[\s_-]", "", value).lower()
    if plain in lower:
        return lower[plain]
    near = difflib.get_close_matches(value, known, 1, 0.75)
    return near[0] if near else ""


def of_version(text: str) -> tuple[str, str]:
    """What is wrong with a Version that there are no tables of ('': none at all), what to do."""
    known = f"known are {VERSIONS[0]} to {NEWEST}"
    if not text:
        message = f"the record does not say of which SPASE version it is; {known}"
        return message, "write `<Version>` before all else in `Spase`"
    message = f"there is no SPASE version {text!r}; {known}"
    near = [one for one in difflib.get_close_matches(text, VERSIONS, 3, 0.7)
            if _order(one)[:1] == _order(text)[:1]]  # fmt: skip
    if re.fullmatch(r"\d+(\.\d+)+", text) and _order(text) > _order(NEWEST):
        remedy = f"write {NEWEST} if the record keeps to it; if {text} is out, add its schema with "
        return message, remedy + "`parhelion schema add`"
    return message, f"did you mean {near[0]}?" if near else ""


def _order(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d{1,9}", version)]


def short(value: str) -> str:
    """A text as far as a message tells it."""
    return value if len(value) <= LONG else value[:LONG] + "…"
