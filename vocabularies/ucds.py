"""The words of UCD1+ (list 1.6), where each may stand, and what took the place of old ones.

`ucd_words.txt` has a line a word: its flag (P first only, S not first, Q, E, V, C both), or `>`
and the words to use instead.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

FIRST_ONLY, NOT_FIRST = "P", "S"


@cache
def _lines() -> list[list[str]]:
    text = files("vocabularies").joinpath("ucd_words.txt").read_text("utf-8")
    return [line.split() for line in text.splitlines()]


@cache
def words() -> dict[str, tuple[str, str]]:
    """Each word in lower case (UCDs are read so), as it is written, and its flag."""
    return {line[0].lower(): (line[0], line[1]) for line in _lines() if line[1] != ">"}


@cache
def successors() -> dict[str, str]:
    """Words of older lists in lower case, and the word or words, with `;`, to use instead."""
    return {line[0].lower(): line[2] for line in _lines() if line[1] == ">"}
