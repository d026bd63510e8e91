"""Suffixes of DOIs: random, short, and checkable by whoever types one.

Six symbols of Crockford's base 32 (no i, l, o, u) and two check digits by ISO/IEC 7064
MOD 97-10, as ROR ids and DataCite's own suggestions have them: `x2jh-0q34`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

_SYMBOLS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 6


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
