"""Identifiers that look like one that leads nowhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from difflib import SequenceMatcher
from functools import lru_cache

_PLAIN = re.compile(r"[\W_]+")
_ENDS = 3
_MOST_COMPARED = 200
_ALIKE = 0.85


class NearMisses:
    """An index of identifiers by what slips of the pen leave as it was.

    A slip in the last segment leaves its beginning or its end; a wrong folder leaves the last
    segment; case, dots and underscores are nothing. Only what shares one of these is compared.
    """

    def __init__(self, records: Iterable[tuple[str, str]]) -> None:
        self._by_trait: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        for identifier, kind in records:
            for trait in _traits(identifier):
                self._by_trait.setdefault(trait, []).append((identifier, kind))
        self._of = lru_cache(maxsize=4096)(self._compared)

    def __reduce__(self) -> tuple[object, ...]:
        every = {one for some in self._by_trait.values() for one in some}
        return NearMisses, (sorted(every),)

    def of(self, identifier: str, kinds: Collection[str] = ()) -> list[str]:
        """The likeliest first, at most three; of `kinds` alone where any are given."""
        return list(self._of(identifier, tuple(sorted(kinds))))

    def _compared(self, identifier: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
        candidates: dict[str, None] = {}
        for trait in _traits(identifier):
            for other, kind in self._by_trait.get(trait, ())[:_MOST_COMPARED]:
                if other != identifier and (not kinds or not kind or kind in kinds):
                    candidates[other] = None
        plain = _plain(identifier)
        rated = []
        for other in candidates:
            matcher = SequenceMatcher(None, plain, _plain(other), autojunk=False)
            if matcher.real_quick_ratio() > _ALIKE and matcher.ratio() > _ALIKE:
                rated.append((-matcher.ratio(), other))
        return tuple(other for _, other in sorted(rated)[:3])


def _plain(identifier: str) -> str:
    return _PLAIN.sub("", identifier.partition("://")[2]).lower()


def _traits(identifier: str) -> list[tuple[str, ...]]:
    above, _, last = identifier.rstrip("/").rpartition("/")
    plain = _PLAIN.sub("", last).lower()
    above = above.lower()
    return [("last", plain), ("start", above, plain[:_ENDS]), ("end", above, plain[-_ENDS:])]
