"""Texts of elements straight from a record's bytes, for a first look at what is long.

Only where the bytes show them plainly: SPASE without a prefix, in an encoding that has ASCII's
bytes, without comments or CDATA sections. Elsewhere there is no answer, and the model is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Generic, TypeVar
from xml.sax.saxutils import unescape

from schemas.parts import Part

_DECLARED = re.compile(rb"<!")
_WIDE = b"\x00"
_MOST_KNOWN = 65536
_T = TypeVar("_T")
_last: tuple[bytes, int] = (b"", -1)


def plain(part: Part) -> int:
    """Where the parameters begin in a record's bytes (their end if there are none); -1 where
    the bytes cannot be taken as they are."""
    global _last
    content, at = _last
    if content is not part.content:
        content, at = part.content, _plain(part)
        _last = (content, at)
    return at


def _plain(part: Part) -> int:
    content = part.content
    if part.format != "spase" or _WIDE in content[:64]:
        return -1
    if b"<Spase" not in content[:2000] or not _in_ascii(content):
        return -1
    begin = content.find(b"Parameter>")
    if begin < 0:
        return len(content)
    # A comment may also have begun before what looks like the first parameter.
    if _DECLARED.search(content, begin) or (
        content.find(b"<!--", 0, begin) >= 0 and content.find(b"-->", begin) >= 0
    ):
        return -1
    return begin


def _in_ascii(content: bytes) -> bool:
    """Whether ASCII's bytes mean ASCII's letters: not so in UTF-7 or EBCDIC."""
    first = content[:100].lower()
    return b"encoding" not in first or b"utf-8" in first or b"iso-8859" in first


def texts(part: Part, pattern: re.Pattern[bytes]) -> list[bytes] | None:
    """What a pattern finds where the parameters are; None where the bytes cannot be asked."""
    begin = plain(part)
    return None if begin < 0 else pattern.findall(part.content, begin)


@lru_cache(maxsize=16384)
def decoded(raw: bytes) -> str:
    """A text as the model has it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return (unescape(text) if "&" in text else text).strip()


class Fine(Generic[_T]):
    """Texts of which there is nothing to say; most of a registry's are, again and again.

    Bounded, since documents choose the texts. `is_fine` judges one that is new.
    """

    def __init__(self, is_fine: Callable[[_T], bool]) -> None:
        self._is_fine = is_fine
        self._known: set[_T] = set()

    def all(self, given: Collection[_T]) -> bool:
        """Whether all of them are fine."""
        known = self._known
        if known.issuperset(given):
            return True
        for one in set(given) - known:
            if not self._is_fine(one):
                return False
            if len(known) < _MOST_KNOWN:
                known.add(one)
        return True
