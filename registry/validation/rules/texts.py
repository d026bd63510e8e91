"""Rules about texts: what is empty, left from a template, or garbled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mappings.elements import local_name, text
from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import about, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Written
from schemas.parts import Part
from schemas.spase.tables import EXTENSIONS, NEWEST, type_of

_PLACEHOLDER = re.compile(r"[\s\[(]*(?:TBD|TBA|TBC|FIXME|\?{2,}|unknown\?\?+)[\s.!\])]*")
_INSIDE = re.compile(r"[Ll]orem ipsum|\bTBD\b|\bFIXME\b|\?{4,}")
_HINT = re.compile(rb"TB[DAC]")
# Two signs are found twice as fast so as by looking for them in bytes.
_MARKS = re.compile(rb"\?\?")
_HAS_A_RULE = frozenset(
    ("DOI", "ORCIdentifier", "RORIdentifier", "URL", "Units", "UCD", "ucd", "unit")
)
"""Elements of which another rule says that a placeholder is none of theirs."""
# UTF-8 read as Windows-1252 and written again: a capital of the first and a sign of the second.
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
    "|\u00e2(?:\u20ac|\u0080)[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017e\u02dc"
    "\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u2122]?|\ufffd"
)


def _leaves(document: Part) -> Iterator[Any]:
    for element in document.element.iter("*"):
        if not len(element):
            yield element


def _with_a_hint(document: Part) -> Iterator[Any]:
    """Those leaves whose text may be left from a template."""
    for element in _leaves(document):
        words = element.text
        if words and ("TB" in words or "??" in words or "FIXME" in words or "orem ip" in words):
            yield element


def may_be_placeholder(texts: Written) -> bool:
    content = texts.content
    if _HINT.search(content) is not None or b"FIXME" in content or b"orem ipsum" in content:
        return True
    return _MARKS.search(content) is not None and (
        b"????" in content or b"??" in content[: texts.begin]
    )


@rule("text.placeholder", WARNING, "a text left from a template", first=may_be_placeholder)
def placeholder(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for element in _with_a_hint(document):
        words = element.text
        if local_name(element.tag) in _HAS_A_RULE:
            continue
        whole = _PLACEHOLDER.fullmatch(words) if len(words) < 100 else None
        found = whole or _INSIDE.search(words)
        if found:
            name = local_name(element.tag)
            what = short(words) if whole else found.group()
            where = f"is {what!r}" if whole else f"contains {what!r}"
            message = f"`{name}` {where}, which was to be replaced"
            yield about(document, element, message, "write what is meant, or leave it out")


_HIGH = (b"\xc3\x82", b"\xc3\x83", b"\xc3\xa2")


def may_be_garbled(texts: Written) -> bool:
    content = texts.content
    if content.isascii():
        return False
    return (
        not _says_utf8(content)
        or (b"\xc3" in content and any(hint in content for hint in _HIGH))
        or (b"\xef" in content and b"\xef\xbf\xbd" in content)
    )


def _says_utf8(content: bytes) -> bool:
    return b"encoding" not in content[:100] or b"utf-8" in content[:100].lower()


@rule("text.mojibake", WARNING, "letters garbled by a wrong encoding", first=may_be_garbled)
def mojibake(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for element in _leaves(document):
        words = element.text or ""
        found = _MOJIBAKE.search(words)
        if not found:
            continue
        name = local_name(element.tag)
        begin = max(found.start() - 15, 0)
        around = words[begin : found.end() + 15]
        right = repaired(words)
        message = f"`{name}` has garbled letters: {short(around)!r}"
        remedy = "copy the text again from where it came"
        if right:
            # The repaired text may be shorter: what stands round the place is enough.
            remedy = f"write {short(right[begin : begin + len(around)])!r}"
        yield about(document, element, message, remedy, right or None)


_RUN = re.compile("[^\x00-\x7f]+")


def repaired(words: str) -> str:
    """The text before UTF-8 was read as Windows-1252 (once); '' where that cannot be known."""
    right = _RUN.sub(_undone, words)
    return right if right != words and not _MOJIBAKE.search(right) else ""


def _undone(found: re.Match[str]) -> str:
    # Five bytes have no sign in Windows-1252 and come through as they are.
    try:
        raw = b"".join(
            sign.encode("latin-1") if "\x80" <= sign <= "\x9f" else sign.encode("cp1252")
            for sign in found.group()
        )
        return raw.decode("utf-8")
    except UnicodeError:
        return found.group()


_EMPTY = re.compile(b"></")


def may_be_empty(texts: Written) -> bool:
    """Whether there is an empty element.

    One with nothing but space in it does not count among parameters, where a quantity without a
    unit is often given so.
    """
    if _EMPTY.search(texts.content, texts.begin):
        return True
    return any(not all(map(bytes.strip, some)) for some in texts.texts.values())


def _told_by_schema(name: str, version: str) -> bool:
    """Whether nothing is no value of the element's type (a date, a number, one of a list), or the
    version has no such element at all."""
    kind = type_of(name, version if version in EXTENSIONS else NEWEST)
    return kind[:1] != "@" and kind != "xsd:string"


@rule("text.empty", ADVICE, "an element with nothing in it", formats=["spase"],
      first=may_be_empty)  # fmt: skip
def empty(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    names: dict[str, Any] = {}
    counts: dict[str, int] = {}
    for element in _leaves(document):
        if not text(element):
            if element.text and next(element.iterancestors("{*}Parameter"), None) is not None:
                continue
            name = local_name(element.tag)
            names.setdefault(name, element)
            counts[name] = counts.get(name, 0) + 1
    for name, element in names.items():
        if _told_by_schema(name, document.version):
            continue
        often = f" ({counts[name]:,} times in this record)" if counts[name] > 1 else ""
        yield about(document, element, f"`{name}` is empty{often}",
                    "write what belongs there, or remove the element")  # fmt: skip
