"""Sets, by what does not change in a record's life (OAI-PMH 2.0, section 2.6).

`spase` and `voresource` by format; below each, `spase:type.Person` by resource type and
`spase:authority.NASA` by naming authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from registry.store import listing
from registry.store.kept import KeptRecord
from registry.store.listing import Selection
from registry.store.reading import Reader

_NAMES = {"spase": "SPASE", "voresource": "VOResource"}
_UNFIT = re.compile(r"[^A-Za-z0-9\-_.!*'()]")
_ESCAPED = re.compile(r"(?:[A-Za-z0-9\-_.!*'()]|~[0-9A-F]{2})+")


def sets_of(record: KeptRecord) -> list[str]:
    """The setSpecs of the sets that a record is in."""
    return _specs(record.format, record.authority, record.kind)


@lru_cache(maxsize=4096)
def _specs(format_: str, authority: str, kind: str) -> list[str]:
    return [
        format_,
        f"{format_}:authority.{_escaped(authority)}",
        f"{format_}:type.{_escaped(kind)}",
    ]


def every_set(reader: Reader) -> Iterator[tuple[str, str]]:
    """(setSpec, setName) of every set that has a record, in order."""
    kinds, authorities = listing.kinds(reader), listing.authorities(reader)
    for format_ in dict.fromkeys(name for name, _ in kinds):
        yield _whole(format_)
        for name, authority in authorities:
            if name == format_:
                yield _by_authority(format_, authority)
        for name, kind in kinds:
            if name == format_:
                yield _by_type(format_, kind)


def named(record: KeptRecord) -> list[tuple[str, str]]:
    """(setSpec, setName) of the sets that a record is in."""
    return [
        _whole(record.format),
        _by_authority(record.format, record.authority),
        _by_type(record.format, record.kind),
    ]


def _whole(format_: str) -> tuple[str, str]:
    return format_, f"{_NAMES.get(format_, format_)} records"


def _by_authority(format_: str, authority: str) -> tuple[str, str]:
    spec = f"{format_}:authority.{_escaped(authority)}"
    return spec, f"{_NAMES.get(format_, format_)} records of the naming authority {authority}"


def _by_type(format_: str, kind: str) -> tuple[str, str]:
    spec = f"{format_}:type.{_escaped(kind)}"
    return spec, f"{_NAMES.get(format_, format_)} records of the type {kind}"


def selection(set_: str) -> Selection | None:
    """The records of a set; None for a setSpec that is none of ours. All records for ''."""
    if not set_:
        return Selection()
    format_, colon, below = set_.partition(":")
    if format_ not in _NAMES:
        return None
    found = Selection(format=format_)
    if not colon:
        return found
    by, _, value = below.partition(".")
    if by not in ("authority", "type") or not _ESCAPED.fullmatch(value):
        return None
    text = unquote(value.replace("~", "%"))
    return replace(found, authority=text) if by == "authority" else replace(found, kind=text)


def is_in(set_: str, specs: Iterable[str]) -> bool:
    """Whether what is in the sets `specs` is in this one (section 2.6: a set holds those below)."""
    return any(one == set_ or one.startswith(f"{set_}:") for one in specs)


def _escaped(value: str) -> str:
    """A value in the characters of a setSpec; `~` and two digits stand for any other byte."""
    return _UNFIT.sub(
        lambda one: "".join(f"~{byte:02X}" for byte in one.group().encode("utf-8")), value
    )
