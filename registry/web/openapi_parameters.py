"""The API's parameters: what each may be, so that what is described is what is taken."""

from __future__ import annotations

from typing import Any

from registry.search import requests
from registry.search.fields import SORTS
from registry.search.requests import FACET_PARAMETERS, PARAMETERS
from registry.web import api_records

Object = dict[str, Any]

AFTER = "after"
_TEXT: Object = {"type": "string"}

# A day that the Gregorian calendar has.
_LEAP = r"(\d\d(0[48]|[2468][048]|[13579][26])|([02468][48]|[2468]0|[13579][26])00)"
_YEAR = r"(\d{3}[1-9]|\d{2}[1-9]0|\d[1-9]00|[1-9]000)"
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = (
    rf"({_YEAR}-({_MONTH}-(0[1-9]|1\d|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    rf"|{_LEAP}-02-29)"
)
_TIME = r"T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,9})?)?Z?"
_DATE = rf"({_YEAR}(-{_MONTH})?|{_DAY}({_TIME})?)"
_NUMBER = r"[1-9]\d{0,4}(\.\d{1,3})?"
_LENGTH = rf"PT({_NUMBER}S|[1-9]\d{{0,4}}[MH])"


def _given(pattern: str) -> Object:
    """A text of this form, or none at all: forms send empty fields too."""
    return {"type": "string", "pattern": rf"^({pattern})?$"}


def _between(end: str) -> str:
    """Two ends with a slash between them, one of which may be open."""
    return rf"{end}/({end}|\.\.)?|(\.\.)?/{end}"


def _one_of(*values: str) -> Object:
    return {"type": "string", "enum": ["", *values]}


def _any_of(*values: str) -> Object:
    items = [*values, *(f"-{one}" for one in values), ""]
    return {"type": "array", "items": {"type": "string", "enum": items}}


def _up_to(most: int, otherwise: int) -> Object:
    return {"type": "integer", "minimum": 0, "maximum": most, "default": otherwise}


def _any_case(*words: str) -> str:
    """These words, whatever their case."""
    return "|".join("".join(f"[{one.upper()}{one}]" for one in word) for word in words)


_YES_NO = _given(_any_case("yes", "true", "on", "no", "false", "off") + "|0|1")
_SCHEMAS: dict[str, Object] = {
    "limit": _up_to(requests.MOST, requests.LIMIT),
    "sort": _one_of(*SORTS),
    "from": _given(_DATE),
    "to": _given(_DATE),
    "covers": _given(_between(_DATE)),
    "within": _given(_between(_DATE)),
    "cadence_range": _given(_between(_LENGTH)),
    "spectrum": _given(rf"{_NUMBER}(-{_NUMBER})? ?(nm|Å|keV|MHz)"),
    "particle_energy": _given(rf"{_NUMBER}(-{_NUMBER})? ?(eV|keV|MeV)"),
    "inactive": _YES_NO,
    "verdict": _any_of("valid", "invalid", "no-schema"),
    "format": _any_of("spase", "voresource"),
    "status": _any_of("active", "inactive", "deprecated", "withdrawn", "unavailable"),
    "has_hapi": _any_of("yes", "no"),
    "has_doi": _any_of("yes", "no"),
    "has_preview": _any_of("yes", "no"),
}
_EXAMPLES: Object = {
    "q": "ACE magnetic field 16 second",
    "from": "2003-10-28",
    "to": "2003-11",
    "covers": "2003-10-28/2003-11-05",
    "within": "2003/2004",
    "cadence_range": "PT1S/PT1M",
    "spectrum": "171 Å",
    "particle_energy": "50-500 keV",
    "kind": ["NumericalData"],
    "measurement": ["MagneticField"],
    "region": ["Heliosphere.NearEarth"],
}


def search_parameters() -> list[Object]:
    """Those of a search, from the table that reads them."""
    return [_search_parameter(name, said) for name, said in PARAMETERS.items()]


def facet_parameters() -> list[Object]:
    """Those of the values of a facet: a search's, and its own."""
    of_search = [
        _search_parameter(name, said)
        for name, said in PARAMETERS.items()
        if name not in (AFTER, "limit", "sort")
    ]
    return [
        path_parameter("name"),
        _query(
            "contains", "values with this in them, or in the names of what they identify", _TEXT
        ),
        _query("limit", "how many values there are", _up_to(10_000, 100)),
        *of_search,
    ]


def suggest_parameters() -> list[Object]:
    """Those of suggestions."""
    typed = _query("q", "what was typed until now", _TEXT) | {"example": "magn"}
    return [typed, _query("limit", "how many suggestions there are", _up_to(50, 8))]


def records_parameters() -> list[Object]:
    """Those of the list of records."""
    own: dict[str, Object] = {
        "format": _one_of("spase", "voresource"),
        "since": _given(rf"{_DAY}({_TIME})?"),
        AFTER: _given(r"\d{1,18}"),
        "limit": _up_to(api_records.MOST, api_records.LIMIT),
    }
    return [
        _query(name, said, own.get(name, _TEXT)) for name, said in api_records.PARAMETERS.items()
    ]


def path_parameter(name: str, example: str = "") -> Object:
    """A part of an address; `example` is one that is held, where there is one."""
    said, schema, otherwise = _IN_PATHS[name]
    return {
        "name": "name" if name == "source" else name,
        "in": "path",
        "required": True,
        "description": said,
        "schema": schema,
        "example": example or otherwise,
    }


_IN_PATHS: dict[str, tuple[str, Object, str]] = {
    "scheme": (
        "the scheme of the identifier",
        {"type": "string", "enum": ["spase", "ivo"]},
        "spase",
    ),
    "authority": ("the naming authority", _TEXT, "NASA"),
    "path": (
        "the rest of the identifier; its slashes may stand as they are",
        _TEXT,
        "NumericalData/ACE/MAG/L2/PT16S",
    ),
    "name": ("a facet", {"type": "string", "enum": list(FACET_PARAMETERS)}, "kind"),
    "source": ("a source", _TEXT, "local"),
}


def _search_parameter(name: str, said: str) -> Object:
    several = name in FACET_PARAMETERS
    texts: Object = {"type": "array", "items": _TEXT}
    found = _query(name, said, _SCHEMAS.get(name, texts if several else _TEXT))
    if several:
        found |= {"style": "form", "explode": True}
    return found


def _query(name: str, said: str, schema: Object) -> Object:
    found: Object = {
        "name": name,
        "in": "query",
        "description": said,
        "required": False,
        "schema": schema,
    }
    example = _EXAMPLES.get(name)
    if example is not None:
        several = schema.get("type") == "array"
        found["example"] = example if several or isinstance(example, str) else example[0]
    return found
