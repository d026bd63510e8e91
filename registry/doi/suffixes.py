"""Suffixes of DOIs: random, short, and checkable by whoever types one; or from an identifier.

Six symbols of Crockford's base 32 (no i, l, o, u) and two check digits by ISO/IEC 7064
MOD 97-10, as ROR ids and DataCite's own suggestions have them: `x2jh-0q34`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from itertools import count

_SYMBOLS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 6
_LONGEST = 200


def random_suffix(below: Callable[[int], int] = secrets.randbelow) -> str:
    """A new suffix; `below(n)` gives a number from 0 to n - 1."""
    number = below(len(_SYMBOLS) ** _LENGTH)
    symbols = ""
    rest = number
    for _ in range(_LENGTH):
        rest, digit = divmod(rest, len(_SYMBOLS))
        symbols = _SYMBOLS[digit] + symbols
    text = f"{symbols}{_check(number):02d}"
    return f"{text[:4]}-{text[4:]}"


def is_sound(suffix: str) -> bool:
    """Whether a suffix is of this form and its check digits agree with the rest."""
    text = suffix.lower().replace("-", "")
    if len(text) != _LENGTH + 2 or not text[_LENGTH:].isdecimal() or not text.isascii():
        return False
    number = 0
    for symbol in text[:_LENGTH]:
        place = _SYMBOLS.find(symbol)
        if place < 0:
            return False
        number = number * len(_SYMBOLS) + place
    return int(text[_LENGTH:]) == _check(number)


def _check(number: int) -> int:
    return 98 - number * 100 % 97


def suffix_from(identifier: str) -> Iterator[str]:
    """Suffixes made from a record's identifier: its authority and path in lower case, then the
    same with a number for what another record has already.

    DOI names compare without regard to case; DataCite takes letters, digits and `-._;()/:`.
    """
    rest = identifier.partition("://")[2].lower().rstrip("/")
    plain = re.sub(r"[^a-z0-9._/-]+", "-", rest)[:_LONGEST]
    yield plain
    for number in count(2):
        yield f"{plain}.{number}"
