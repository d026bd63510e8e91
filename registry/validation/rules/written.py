"""A valid SPASE record's texts straight from its bytes, for a first look at what may be wrong.

Nearly every record of a registry is right in nearly every respect, and the bytes show it at a
fraction of what the model costs. What a first look leaves in doubt is judged by the model alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, Generic, TypeVar
from xml.sax.saxutils import unescape

from schemas.parts import Part

_LEAF = re.compile(rb"<(\w+)\s*>([^<]*)</")
_ONE_TAG = re.compile(b"/>")
_WIDE = b"\x00"
_MOST_KNOWN = 65536
_MOST_LETTERS = 1000
_T = TypeVar("_T")


class Written:
    """The texts of one record. `content` are its bytes, `begin` is where its parameters begin."""

    __slots__ = ("begin", "content", "part", "texts")

    def __init__(self, part: Part, root: int, begin: int, end: int) -> None:
        self.part = part
        self.content = part.content
        self.begin = begin
        self.texts: dict[bytes, list[bytes]] = defaultdict(list)
        """What stands in the elements without children, by their names, in their order; those
        of parameters are left out."""
        texts = self.texts
        for name, text in _LEAF.findall(part.content, root, begin):
            texts[name].append(text)
        for name, text in _LEAF.findall(part.content, end):
            texts[name].append(text)

    def named(self, *names: bytes) -> list[bytes]:
        """The texts of all elements of these names."""
        texts = self.texts
        return [text for name in names if name in texts for text in texts[name]]

    def first(self, name: bytes) -> str:
        """The first text of a name, as the model has it; '' if there is none."""
        found = self.texts.get(name)
        return decoded(found[0]) if found else ""

    def parameters(self, pattern: re.Pattern[bytes]) -> list[Any]:
        """What a pattern finds where the parameters are; tuples where it has several groups."""
        return pattern.findall(self.content, self.begin)


_last: Written | None = None
"""Several ask in turn about the same record."""


def written(part: Part) -> Written | None:
    """The texts of a record that is valid by its schema; None where bytes do not show them.

    They do for SPASE without a prefix, attributes, comments, CDATA sections or processing
    instructions, in an encoding that has ASCII's bytes.
    """
    global _last
    if _last is None or _last.part is not part:
        found = _written(part)
        if found is None:
            return None
        _last = found
    return _last


def _written(part: Part) -> Written | None:
    content = part.content
    if part.format != "spase" or _WIDE in content[:64] or not _in_ascii(content):
        return None
    root = content.find(b"<Spase", 0, 2000)
    if root < 0 or _stands(content, b"!", b"<!", 0) or _stands(content, b"?", b"<?", root):
        return None
    root = content.find(b">", root) + 1
    begin = content.find(b"<Parameter>", root)
    end = begin = len(content) if begin < 0 else begin
    if begin < len(content):
        end = content.rfind(b"</Parameter>")
        if content.find(b"OutputParameters>", root, begin) >= 0:
            # Lists of parameters with other things between them.
            return None
    if _has_attributes(content, root, begin) or _has_attributes(content, end, len(content)):
        return None
    return Written(part, root, begin, end)


def _stands(content: bytes, letter: bytes, sign: bytes, begin: int) -> bool:
    """Whether a sign stands in the content from `begin` on.

    One letter is looked for ten times as fast as two, and most records have not even that.
    """
    begin = content.find(letter, begin)
    return begin >= 0 and content.find(sign, begin - 1) >= 0


def _has_attributes(content: bytes, begin: int, end: int) -> bool:
    """Whether there may be attributes, or elements written as one tag."""
    first = content.find(b"=", begin, end)
    if first >= 0 and any(content.find(sign, first, end) >= 0 for sign in (b'="', b"='")):
        return True
    return _ONE_TAG.search(content, begin, end) is not None


def _in_ascii(content: bytes) -> bool:
    """Whether ASCII's bytes mean ASCII's letters: not so in UTF-7 or EBCDIC."""
    first = content[:100].lower()
    return b"encoding" not in first or b"utf-8" in first or b"iso-8859" in first


def decoded(raw: bytes) -> str:
    """A text as the model has it."""
    return _known(raw) if len(raw) < _MOST_LETTERS else _decoded(raw)


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    if "&" in text:
        text = unescape(_NUMBERED.sub(_character, text), _QUOTES)
    return text.strip()


def _character(found: re.Match[str]) -> str:
    # An ampersand by its number begins no other reference (XML 1.0, section 4.4).
    number = found[1]
    letter = chr(int(number[1:], 16) if number[0] == "x" else int(number))
    return "&amp;" if letter == "&" else letter


_NUMBERED = re.compile("&#(x[0-9A-Fa-f]+|[0-9]+);")
_QUOTES = {"&quot;": '"', "&apos;": "'"}
_known = lru_cache(maxsize=32768)(_decoded)


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
