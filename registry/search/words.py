"""What a word is to every engine, and the other ways in which it may be written.

Documents and queries go through the same steps: `folded` here, then the split at everything that
is neither a letter nor a digit (`tokens`; an engine may do that part by itself).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from mappings.to_search import UNITS

LONGEST = 200
"""Words of this many bytes or more are no words: encoded data, identifiers run wild."""

STOP = frozenset(
    ["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
"""Words that nobody means when they stand among others."""

_ENGLISH = """
    about any are can contain could did do does each every exist find get give has have how is it
    its like me much many my need should show shows tell that their there these they this those
    want was we were what when where whether which who whose why you
"""
_FRENCH = """
    aux avec dans de des du et la le les ou pour quel quelle quelles quels qui sont sur un une
"""
_GERMAN = """
    das der die ein eine einer es finde fur gibt ich im ist mich sind und vom von welche welcher
    welches wer wie wo zu zum zur
"""
QUESTION = frozenset(f"{_ENGLISH} {_FRENCH} {_GERMAN}".split())
"""Words of which questions are made, which nobody means either. No acronyms (MIT, DEM, EST)."""

# What Unicode's decomposition leaves as it is, and people type without.
_LETTERS = {
    **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th"},
    **{"ı": "i", "ς": "σ"},
}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_WORD = re.compile(r"[^\W_]+")
_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBER_UNIT = re.compile(r"(\d+(?:\.\d+)?)[\s-]*([a-z]+)", re.IGNORECASE)
_ISO = re.compile(r"PT?(\d+(?:\.\d+)?)([SMHD])", re.IGNORECASE)
_BY_WORD = {name: (letter, names) for _, letter, names in UNITS for name in names}
_STEPS = {"hourly": ("1", "hour"), "daily": ("1", "day")}
"""Adverbs that say a cadence."""
_BY_LETTER = {letter: names for _, letter, names in UNITS}


def folded(text: str) -> str:
    """The text in lower case, accents and marks taken off, compatibility forms resolved."""
    if text.isascii():
        return text.lower()
    return _BEYOND_ASCII.sub(_plain_run, text).lower()


def _plain_run(found: re.Match[str]) -> str:
    return "".join(map(_plain, found.group()))


@lru_cache(maxsize=8192)
def _plain(letter: str) -> str:
    """One letter beyond ASCII, plain: as many letters as it stands for, none for a mark."""
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).lower())
    kept = (one for one in apart if unicodedata.category(one)[0] != "M")
    return "".join(_LETTERS.get(one, one) for one in kept if unicodedata.category(one) != "Cf")


def tokens(text: str) -> list[str]:
    """The words of a text, in order, as every engine holds them."""
    return [word for word in _WORD.findall(folded(text)) if len(word.encode()) < LONGEST]


def variants(word: str) -> list[str]:
    """Other spellings of one written word that mean the same; each may be several words.

    Covers what is run together or apart (MagneticField, THEMIS-A), numbers with a unit (16s,
    PT16S) and the plural.
    """
    found = [*_quantities(word), *_together(word)]
    *before, last = tokens(word) or [""]
    if before or not found:
        found += [" ".join((*before, one)) for one in _numbers(last)]
    own = " ".join(tokens(word))
    return [one for one in dict.fromkeys(found) if one != own]


def quantity(number: str, unit: str) -> list[str]:
    """A number and a unit in the ways they are written, `16 second` and `16s` and `pt16s`."""
    known = _BY_WORD.get(unit.lower())
    if known is None:
        return []
    letter, names = known
    iso = f"p{number}d" if letter == "D" else f"pt{number}{letter.lower()}"
    written = " ".join(tokens(iso))
    short = " ".join(tokens(f"{number}{names[0]}"))
    return [written, short, *(" ".join(tokens(f"{number} {name}")) for name in names)]


def _quantities(word: str) -> list[str]:
    iso = _ISO.fullmatch(word)
    if iso:
        letter = "M" if iso[2].upper() == "M" else iso[2].upper()
        return quantity(iso[1], _BY_LETTER[letter][0])
    plain = _NUMBER_UNIT.fullmatch(word)
    if plain:
        return quantity(plain[1], plain[2])
    step = _STEPS.get(word.lower())
    return quantity(*step) if step else []


def _together(word: str) -> list[str]:
    apart = " ".join(tokens(_SEAM.sub(" ", word)))
    plain = tokens(word)
    if len(plain) > 1:
        return ["".join(plain)] if len(plain) < 4 else []
    return [apart] if " " in apart else []


def _numbers(token: str) -> list[str]:
    """The other grammatical number of an English word, by its ending."""
    if len(token) < 4 or not token.isascii() or not token.isalpha():
        return []
    if token.endswith("ies"):
        return [f"{token[:-3]}y"]
    if token.endswith(("ss", "us", "is")):
        return []
    if token.endswith(("ches", "shes", "sses", "xes")):
        return [token[:-2]]
    if token.endswith("s"):
        return [token[:-1]]
    if token.endswith("y") and token[-2] not in "aeiou":
        return [f"{token[:-1]}ies"]
    return [f"{token}es" if token.endswith(("ch", "sh", "x")) else f"{token}s"]
