"""Identifiers that look like one that nobody has: for who mistyped, or followed an old link."""

from __future__ import annotations

import difflib

from registry.store.reading import Reader
from registry.web.forms import FORMS

MOST = 8
_LONGEST = 300
_LISTED = 20_000
# Comparing letter by letter is slow: so many identifiers are compared at most.
_COMPARED = 1500


def near_matches(reader: Reader, identifier: str) -> list[str]:
    """Identifiers of current records that look like this one, best first.

    Looks among those of the same folder, then of the folders above, then under an authority that
    is spelled much the same.
    """
    scheme, _, path = identifier[:_LONGEST].partition("://")
    stem, _, suffix = path.rpartition(".")
    if suffix in FORMS:
        path = stem
    found = _near(reader, scheme, path)
    if found:
        return found
    authority, slash, rest = path.partition("/")
    others = {one.lower(): one for _, one in reader.authorities() if one != authority}
    for other in difflib.get_close_matches(authority.lower(), others, n=2, cutoff=0.7):
        found += _near(reader, scheme, f"{others[other]}{slash}{rest}")
    return found[:MOST]


def _near(reader: Reader, scheme: str, path: str) -> list[str]:
    folders = path.split("/")
    wanted = f"{scheme}://{path}".lower()
    for depth in range(len(folders) - 1, 0, -1):
        start = f"{scheme}://{'/'.join(folders[:depth])}/"
        known = {one.lower(): one for one in reader.identifiers_like(start, _LISTED)}
        near = _closest(wanted, list(known))
        if near:
            return [known[one] for one in near]
    return []


def _closest(wanted: str, known: list[str]) -> list[str]:
    """Those that end alike count first, even where a folder is wrong."""
    last = wanted.rpartition("/")[2]
    alike = [one for one in known if one.rpartition("/")[2] == last]
    near = difflib.get_close_matches(wanted, alike[:_COMPARED], n=MOST, cutoff=0.6)
    if near:
        return near
    known.sort(key=lambda one: abs(len(one) - len(wanted)))
    return difflib.get_close_matches(wanted, known[:_COMPARED], n=MOST, cutoff=0.8)
