"""Rules about parameters: their keys, and the numbers that bound their values."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from mappings.elements import local_name, text
from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import about, listed, said, short
from registry.validation.rules.registry import rule
from schemas.parts import Part

_ISTP = re.compile(r"[A-Za-z]\w*")
_FITS = re.compile(r"[\w-]+")
_PLAIN_FORMATS = ("CDF", "NetCDF", "HDF", "HDF4", "HDF5")


def has_parameters(document: Part, model: Record, lookup: Lookup) -> bool:
    return bool(model.parameters) and model.format == "spase"


def _formats(model: Record) -> set[str]:
    return {one for access in model.access for one in access.formats}


@rule("parameter.key", ADVICE, "a key that no variable of the data's format can have",
      formats=["spase"], when=has_parameters)  # fmt: skip
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
    message += f"; so are {len(bad) - 1} others of this record" if len(bad) > 1 else ""
    yield said(document, "ParameterKey", bad[0], message,
               "write the variable's name as it stands in the files")  # fmt: skip


@rule("parameter.repeated", ADVICE, "several parameters with the same key", formats=["spase"],
      when=has_parameters)  # fmt: skip
def repeated(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    keys = [one.key for one in model.parameters if one.key]
    if len(set(keys)) == len(keys):
        return
    more = [one for one, count in Counter(keys).items() if count > 1]
    message = f"several parameters have the ParameterKey {listed(list(map(short, more[:5])), 'or')}"
    yield said(document, "ParameterKey", more[0], message,
               "give each the key by which it is found in the data")  # fmt: skip


@rule("parameter.range", WARNING, "a smallest value greater than the greatest", formats=["spase"],
      when=has_parameters)  # fmt: skip
def range_(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    if not any(
        _exchanged(one.valid_min, one.valid_max)
        or any(_exchanged(span.low, span.high) for span in one.ranges)
        for one in model.parameters
    ):
        return
    for low, high in (("ValidMin", "ValidMax"), ("Low", "High")):
        for element in document.element.iter("{*}" + low):
            above = element.getparent()
            other = above.find("{*}" + high)
            least, most = text(element), text(other) if other is not None else ""
            if _exchanged(least, most):
                name = local_name(above.tag)
                message = f"`{low}` is {least}, greater than {high} {most}, in `{name}`"
                yield about(document, element, message, "exchange the two")


def _exchanged(low: str, high: str) -> bool:
    if not (low and high):
        return False
    least, most = _number(low), _number(high)
    return least is not None and most is not None and least > most


@rule("parameter.fill", ADVICE, "a fill value that is a possible value", formats=["spase"],
      when=has_parameters)  # fmt: skip
def fill(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """ISTP guidelines: FILLVAL lies outside VALIDMIN to VALIDMAX."""
    bad = []
    for one in model.parameters:
        if not (one.fill_value and one.valid_min and one.valid_max):
            continue
        numbers = [_number(text) for text in (one.valid_min, one.fill_value, one.valid_max)]
        low, value, high = numbers
        if low is not None and value is not None and high is not None and low <= value <= high:
            bad.append(one)
    if bad:
        one = bad[0]
        message = (
            f"`FillValue` is {one.fill_value}, which lies between {one.valid_min} and "
            f"{one.valid_max}, the bounds of {short(one.name)}"
        )
        message += f"; so do those of {len(bad) - 1} others" if len(bad) > 1 else ""
        yield said(document, "FillValue", one.fill_value, message,
                   "use a value that cannot be measured, such as -1.0E31")  # fmt: skip


@lru_cache(maxsize=65536)
def _number(text: str) -> float | None:
    try:
        value = float(text) if text else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None
