"""The ivoids of SPASE records (IVOA Identifiers 2.0), and back again.

`spase://NASA/NumericalData/X` is `ivo://{authority}/spase/NASA/NumericalData/X`: it can be told
from the ResourceID alone, and stays for ever. A character that an ivoid cannot have is written as
`~` and two hexadecimal digits for each byte. ivoids compare without regard to case, ResourceIDs
with it: of several that differ in case alone, all but the one that came first have a segment more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import unquote

from registry import identifiers
from registry.store import listing
from registry.store.reading import Reader

BELOW = "spase"
"""The first segment of every ivoid that is made here."""

_START = "spase://"
_UNFIT = re.compile(r"[^A-Za-z0-9\-_.!*'()+=]")
_DOTS = re.compile(r"\.{1,2}")
_OTHER = re.compile(r"/~~[0-9a-f]{16}$")
_WRITTEN = re.compile(r"~([0-9A-Fa-f]{2})")


class Ivoids:
    """The ivoids under one authority; in `later` the keys that others differ from in case alone."""

    def __init__(self, authority: str, later: frozenset[str] = frozenset()) -> None:
        self._start = f"ivo://{authority}/{BELOW}/"
        self._later = later

    def ivoid(self, identifier: str) -> str:
        """The ivoid of a SPASE ResourceID; any other identifier as it is."""
        key = identifiers.key(identifier)
        if not key.startswith(_START):
            return identifier
        segments = "/".join(map(_segment, key[len(_START) :].split("/")))
        more = f"/~~{sha256(key.encode()).hexdigest()[:16]}" if key in self._later else ""
        return self._start + segments + more


def ivoids(reader: Reader, authority: str, keys: Iterable[str]) -> Ivoids:
    """The ivoids of these keys: what is near-equal to one of them is asked for in one query."""
    wanted = [key for key in keys if key.startswith(_START)]
    return Ivoids(authority, frozenset(listing.later_near_equals(reader, wanted)))


def key_of(reader: Reader, authority: str, ivoid: str) -> str:
    """The key of the SPASE record that has this ivoid, in any case; '' if none has."""
    start = f"ivo://{authority}/{BELOW}/".lower()
    if not ivoid.lower().startswith(start):
        return ""
    path = _OTHER.sub("", ivoid[len(start) :].lower())
    text = "/".join("" if one == "~" else _plain(one) for one in path.split("/"))
    near = listing.near_equals(reader, _START + text)
    known = ivoids(reader, authority, near)
    return next((one for one in near if known.ivoid(one).lower() == ivoid.lower()), "")


def _segment(text: str) -> str:
    if not text:
        return "~"  # an empty segment is none to an ivoid
    if _DOTS.fullmatch(text):
        return text.replace(".", "~2e")
    return _UNFIT.sub(
        lambda one: "".join(f"~{byte:02x}" for byte in one.group().encode("utf-8")), text
    )


def _plain(segment: str) -> str:
    return unquote(_WRITTEN.sub(r"%\1", segment.replace("%", "%25")))
