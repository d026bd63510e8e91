"""Rules about UCDs (Unified Content Descriptors)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from registry.findings import WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Fine, Written, decoded, written
from schemas.parts import Part
from vocabularies import ucds

_MOST_WORDS = 20
_FIRST_GENERATION = re.compile(r"[A-Z0-9]+(?:[_-][A-Z0-9/]+)*")


_WRITTEN = re.compile(rb"<UCD>([^<]*)<")


def _given(document: Part, model: Record) -> Iterator[str]:
    texts = written(document)
    if texts is not None:
        yield from map(decoded, texts.parameters(_WRITTEN))
        return
    for parameter in model.parameters:
        yield parameter.ucd
    for table in model.tables:
        for column in table.columns:
            yield column.ucd


def in_doubt(texts: Written) -> bool:
    return not _fine.all(texts.parameters(_WRITTEN))


def has_doubtful(document: Part, model: Record, lookup: Lookup) -> bool:
    return any(ucd and (_faults(ucd) or _old(ucd)[0]) for ucd in _given(document, model))


def _is_fine(raw: bytes) -> bool:
    ucd = decoded(raw)
    return not ucd or not (_faults(ucd) or _old(ucd)[0])


_fine: Fine[bytes] = Fine(_is_fine)


def _words(ucd: str) -> list[str]:
    return [word.strip().removeprefix("ivoa:") for word in ucd.split(";")]


@lru_cache(maxsize=4096)
def _faults(ucd: str) -> tuple[tuple[str, str], ...]:
    """(message, remedy) of each word that does not stand where it may (UCD1+, section 2)."""
    found = []
    known = ucds.words()
    for place, word in enumerate(_words(ucd)[:_MOST_WORDS]):
        entry = known.get(word.lower())
        if entry is None:
            if word.lower() not in ucds.successors():
                if _FIRST_GENERATION.fullmatch(word):
                    found.append((f"`{short(word)}` is of the old UCD1", "use words of UCD1+"))
                    continue
                near = get_close_matches(word.lower()[:60], known, 1, 0.8)
                remedy = f"did you mean `{known[near[0]][0]}`?" if near else "see the IVOA's list"
                told = f"`{short(word)}` is no UCD word" if word else "a word is missing at a `;`"
                found.append((told, remedy))
        elif place == 0 and entry[1] == ucds.NOT_FIRST:
            found.append((f"`{word}` may not stand first", "put the main word before it"))
        elif place and entry[1] == ucds.FIRST_ONLY:
            found.append((f"`{word}` may stand only first", "put it first, or use another word"))
    return tuple(found)


@lru_cache(maxsize=4096)
def _old(ucd: str) -> tuple[str, str]:
    """The first deprecated word, and the whole UCD without any; ('', '') if there is none."""
    after = ucds.successors()
    old = [word for word in _words(ucd) if word.lower() in after]
    if not old:
        return "", ""
    return old[0], ";".join(after.get(word.lower(), word) for word in _words(ucd))


def _element(model: Record) -> str:
    return "UCD" if model.format == "spase" else "ucd"


@rule("ucd.word", WARNING, "a UCD with a word that is none, or stands where it may not",
      first=in_doubt, when=has_doubtful)  # fmt: skip
def word(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    name = _element(model)
    for ucd in dict.fromkeys(filter(None, _given(document, model))):
        for told, remedy in _faults(ucd):
            yield said(document, name, ucd, f"`{name}` is {short(ucd)}: {told}", remedy)


@rule("ucd.deprecated", WARNING, "a UCD with a word that another has replaced",
      first=in_doubt, when=has_doubtful)  # fmt: skip
def deprecated(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    name = _element(model)
    for ucd in dict.fromkeys(filter(None, _given(document, model))):
        old, right = _old(ucd)
        if old:
            message = f"`{name}` is {short(ucd)}: the word `{old}` is deprecated"
            sure = right if not _faults(right) else None
            yield said(document, name, ucd, message, f"write {right}", sure)
