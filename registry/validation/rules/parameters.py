"""Rules about parameters: their keys, and the numbers that bound their values."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mappings.elements import local_name, text
from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import about, listed, others, said, short, tag
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Fine, Written, decoded
from schemas.parts import Part

_ISTP = re.compile(r"[A-Za-z]\w*")
_FITS = re.compile(r"[\w-]+")
_PLAIN_FORMATS = ("CDF", "NetCDF", "HDF", "HDF4", "HDF5")


_VARIABLES = frozenset(name.encode() for name in (*_PLAIN_FORMATS, "FITS"))
_KEYS = re.compile(rb"<ParameterKey>([^<]*)<")
_BOUNDS = re.compile(
    rb"<ValidMin>([^<]*)</ValidMin>\s*<ValidMax>([^<]*)</ValidMax>(?:\s*<FillValue>([^<]*)<)?"
)
_RANGE = re.compile(rb"<Low>([^<]*)</Low>\s*<High>([^<]*)<")


def has_odd_keys(texts: Written) -> bool:
    """Whether the data's formats have names for variables, and a key is not formed as one."""
    return bool(_VARIABLES.issuperset(texts.named(b"Format")) and not _fine_keys.all(_keys(texts)))


_last: tuple[Written | None, list[bytes]] = (None, [])
"""Two ask in turn about the same record."""


def _keys(texts: Written) -> list[bytes]:
    global _last
    if _last[0] is not texts:
        _last = texts, texts.parameters(_KEYS)
    return _last[1]


def has_doubles(texts: Written) -> bool:
    """Whether a key stands twice, if only once as a parameter's and once as an element's."""
    keys = _keys(texts)
    return len(set(keys)) < len(keys)


def has_odd_bounds(texts: Written) -> bool:
    """Whether a smallest value is greater than the greatest, or a fill value between them."""
    return not (
        _fine_bounds.all(texts.parameters(_BOUNDS)) and _fine_bounds.all(texts.parameters(_RANGE))
    )


def _plain_bounds(given: tuple[bytes, ...]) -> bool:
    least, most, *filled = (_number(decoded(raw)) for raw in given)
    if least is None or most is None:
        return True
    value = filled[0] if filled else None
    return least <= most and (value is None or not least <= value <= most)


_fine_keys: Fine[bytes] = Fine(lambda raw: _ISTP.fullmatch(decoded(raw)) is not None)
_fine_bounds: Fine[tuple[bytes, ...]] = Fine(_plain_bounds)


def _formats(model: Record) -> set[str]:
    return {one for access in model.access for one in access.formats}


@rule("parameter.key", ADVICE, "a key that no variable of the data's format can have",
      formats=["spase"], first=has_odd_keys)  # fmt: skip
def key(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """ISTP guidelines: a variable's name begins with a letter, then letters, digits and `_`;
    FITS 4.0, section 7.3: column names have letters, digits and `_`."""
    formats = _formats(model)
    if not formats or not formats <= {*_PLAIN_FORMATS, "FITS"}:
        return
    form = _FITS if "FITS" in formats else _ISTP
    bad = [one.key for one in model.parameters if one.key and not form.fullmatch(one.key)]
    if not bad:
        return
    what = "FITS columns" if "FITS" in formats else "ISTP variables"
    message = f"`ParameterKey` is {short(bad[0])!r}, which is no name of {what}"
    message += others(bad, "; so is", "; so are")
    yield said(document, "ParameterKey", bad[0], message,
               "write the variable's name as it stands in the files")  # fmt: skip


@rule("parameter.repeated", ADVICE, "several parameters with the same key", formats=["spase"],
      first=has_doubles)  # fmt: skip
def repeated(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    keys = [one.key for one in model.parameters if one.key]
    if len(set(keys)) == len(keys):
        return
    more = [one for one, count in Counter(keys).items() if count > 1]
    message = f"several parameters have the ParameterKey {listed(list(map(short, more[:5])), 'or')}"
    yield said(document, "ParameterKey", more[0], message,
               "give each the key by which it is found in the data")  # fmt: skip


@rule("parameter.range", WARNING, "a smallest value greater than the greatest", formats=["spase"],
      first=has_odd_bounds)  # fmt: skip
def range_(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for low, high in (("ValidMin", "ValidMax"), ("Low", "High")):
        for element in document.element.iter(tag(document, low)):
            other = _beside(element, tag(document, high))
            least, most = text(element), text(other) if other is not None else ""
            # Azimuths go round: from 350 to 10 degrees is a range like any other.
            if not _exchanged(least, most):
                continue
            name = local_name(element.getparent().tag)
            if name != "AzimuthalAngleRange":
                message = f"`{low}` is {least}, greater than {high} {most}, in `{name}`"
                yield about(document, element, message, "exchange the two")


def _beside(element: Any, tag: str, *, before: bool = False) -> Any:
    """The first element of a tag with the same parent; None if there is none."""
    # It nearly always stands beside it: to look there first spares the way over the parent.
    near = element.getprevious() if before else element.getnext()
    return near if near is not None and near.tag == tag else element.getparent().find(tag)


def _exchanged(low: str, high: str) -> bool:
    if not (low and high):
        return False
    least, most = _number(low), _number(high)
    return least is not None and most is not None and least > most


@rule("parameter.fill", ADVICE, "a fill value that is a possible value", formats=["spase"],
      first=has_odd_bounds)  # fmt: skip
def fill(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """ISTP guidelines: FILLVAL lies outside VALIDMIN to VALIDMAX. One of the two bounds itself,
    such as 255 of 0 to 255, is left alone: there the bound is what is not quite true."""
    bad = []
    first, last = tag(document, "ValidMin"), tag(document, "ValidMax")
    for element in document.element.iter(tag(document, "FillValue")):
        most = _beside(element, last, before=True)
        least = _beside(element, first, before=True) if most is not None else None
        if least is None or most is None:
            continue
        low, value, high = (_number(text(one)) for one in (least, element, most))
        if low is not None and value is not None and high is not None and low < value < high:
            name = element.getparent().find(tag(document, "Name"))
            bad.append((element, text(least), text(most), name))
    if bad:
        element, least, most, name = bad[0]
        message = f"`FillValue` is {text(element)}, which lies between {least} and {most}, the "
        message += f"bounds of {short(text(name))}" if name is not None else "bounds"
        message += others(bad, "; so does that of", "; so do those of")
        yield about(document, element, message,
                    "use a value that cannot be measured, such as -1.0E31")  # fmt: skip


@lru_cache(maxsize=65536)
def _number(text: str) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None
