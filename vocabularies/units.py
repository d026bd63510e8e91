"""What a unit means that a record spells in its own way, in the syntax of VOUnits 1.1.

`cm^-3`, `1/cc`, `#/cm3` and `cm!E-3!N` are one unit, `cm**-3`. What can be read in two ways
(`counts/s cm^2`) is said to be so and not guessed; what is no unit (`flag`, `(0=off)`) is none.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from vocabularies.unit_words import COUNTED, FORMATS, NO_UNIT, OTHERS, PER_COUNTED, PHRASES, WORDS
from vocabularies.vounits import SYMBOLS

EXACT, READ, OTHER = "exact", "read", "other"
AMBIGUOUS, UNKNOWN, NONE = "ambiguous", "unknown", "none"


@dataclass(slots=True, frozen=True)
class Reading:
    """How a spelling is read.

    `sort`: exact (it is a VOUnit), read (`unit` is what it means), other (a unit that VOUnits
    does not have; `about` is its name), ambiguous, unknown (`about` is the word that nobody
    knows), none (it says that there is no unit). `counted` are things, such as nucleons, that a
    unit cannot name.
    """

    sort: str
    unit: str = ""
    about: str = ""
    counted: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def reading(text: str) -> Reading:
    """How a unit is read; its white space is of no matter."""
    text = text.strip()
    if text.lower().strip("'\" ") in NO_UNIT:
        return Reading(NONE)
    other = OTHERS.get(text) or OTHERS.get(text.lower())
    if other:
        return Reading(OTHER, about=other)
    if len(text) > 80 or text.lower() in FORMATS:
        return Reading(UNKNOWN, about=text[:20])
    try:
        unit, counted = _Reader(text).read()
    except _Ambiguous:
        return Reading(AMBIGUOUS)
    except _Unread as unread:
        return Reading(UNKNOWN, about=str(unread))
    except (OverflowError, ValueError):
        return Reading(UNKNOWN, about="a number too large")
    if not unit:
        return Reading(NONE, counted=counted)
    return Reading(EXACT if is_vounit(text) else READ, unit, counted=counted)


_FACTOR = r"(?:[A-Za-z]+(?:\*\*(?:-?\d+|\(-?\d+(?:/\d+|\.\d+)?\)))?|sqrt\([A-Za-z]+\))"
_VOUNIT = re.compile(rf"(?:10(?:\*\*-?\d+)?|\d*\.?\d+)?{_FACTOR}(?:[./]{_FACTOR})*")


def is_vounit(text: str) -> bool:
    """Whether a text is a unit as VOUnits writes them (without parentheses round products)."""
    if not _VOUNIT.fullmatch(text) or text.count("/") > 1:
        return False
    names = [name for name in re.findall(r"[A-Za-z]+", text) if name != "sqrt"]
    return all(name in SYMBOLS and name not in WORDS for name in names)


class _Unread(Exception):
    """A word that is no unit."""


class _Ambiguous(Exception):
    """Two ways to read it."""


_TOKEN = re.compile(
    r"(?P<power>\^|\*\*)"
    r"|(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<word>[A-Za-zÅ°%#_]+\.?(?![A-Za-z\d-]))|(?P<symbol>[A-Za-zÅ°%#_]+)"
    r"|(?P<mark>[()*/.+-])|(?P<space>\s+)"
)
_IDL = re.compile(r"![Eeu]([^!]*)![Nn]")
_SUPERSCRIPT = {ord(c): d for c, d in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)}


def _plain(text: str) -> str:
    """The same text in ASCII's notation: superscripts, IDL's codes, brackets, `per`."""
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+", lambda one: "^" + one.group().translate(_SUPERSCRIPT), text)
    text = _IDL.sub(lambda one: f"^({one[1]})" if re.match(r"[-\d]", one[1]) else one[1], text)
    text = unicodedata.normalize("NFKC", text).replace("μ", "u").replace("−", "-")
    for phrase, unit in PHRASES:
        text = phrase.sub(unit, text)
    text = text.translate(str.maketrans("[]{}·×", "()()**"))
    return re.sub(r"\s+per\s+", "/", text, flags=re.IGNORECASE).strip("'\" ")


class _Reader:
    """A descent over: term { (/ | * | . | space) term }, term: factor { - factor }."""

    def __init__(self, text: str) -> None:
        self.counted: dict[str, None] = {}
        self.tokens = list(_tokens(PER_COUNTED.sub(self._count, _plain(text))))
        self.at = 0

    def _count(self, found: re.Match[str]) -> str:
        # A nucleon binds to the energy before it, whatever hyphens and slashes follow.
        what = COUNTED.get(found[1].lower().rstrip("."), "")
        if what:
            self.counted[what] = None
        return ""

    def read(self) -> tuple[str, tuple[str, ...]]:
        factors = self._quotient()
        if self.at < len(self.tokens):
            raise _Unread(self.tokens[self.at][1])
        return self._written(factors), tuple(self.counted)

    def _written(self, factors: list[tuple[str, float]]) -> str:
        scale = math.prod(float(name) ** power for name, power in factors if _is_number(name))
        units = [(name, power) for name, power in factors if not _is_number(name)]
        if len(units) > 1 and any(name == "dB" for name, _ in units):
            raise _Unread("dB")
        told = ".".join(_factor(name, power) for name, power in units)
        if not 1e-300 < scale < 1e300 or any(not -99 < power < 99 for _, power in units):
            raise OverflowError
        return ("" if scale == 1 else _scale(scale)) + told if told else ""

    def _peek(self, skip: bool = True) -> tuple[str, str]:
        at = self.at
        while skip and at < len(self.tokens) and self.tokens[at][0] == "space":
            at += 1
        return self.tokens[at] if at < len(self.tokens) else ("", "")

    def _skip(self) -> bool:
        before = self.at
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "space":
            self.at += 1
        return self.at > before

    def _quotient(self) -> list[tuple[str, float]]:
        factors = self._product()
        below = False
        while True:
            spaced = self._skip()
            kind, mark = self._peek()
            if mark == "/":
                self.at += 1
                self._skip()
                divisor = self._product()
                # `1/cm^-3` says twice that it is below, and means it once.
                if any(power < 0 for _, power in divisor) and self.tokens[self.at - 1][1] != ")":
                    raise _Ambiguous
                factors += _raised(divisor, -1)
                below = True
            elif mark in ("*", ".") and kind == "mark":
                self.at += 1
                self._skip()
                if below:
                    raise _Ambiguous
                factors += self._product()
            elif kind in ("word", "symbol", "number") or mark == "(":
                if not spaced and kind == "number":
                    raise _Unread(mark)
                if below:
                    raise _Ambiguous
                factors += self._product()
            else:
                return factors

    def _product(self) -> list[tuple[str, float]]:
        """Factors joined by hyphens, which bind them more closely than anything else."""
        factors = self._factor()
        while self._peek(False)[1] == "-":
            self.at += 1
            factors += self._factor()
        return factors

    def _factor(self) -> list[tuple[str, float]]:
        kind, text = self._peek(False)
        if not kind:
            raise _Unread("nothing after a sign")
        self.at += 1
        if text == "(" and kind == "mark":
            factors = self._quotient()
            self._skip()
            if self._peek()[1] != ")":
                raise _Unread("a parenthesis without its end")
            self.at += 1
            return _raised(factors, self._power(False))
        if kind == "number":
            after = self._peek(False)[1]
            power = self._power(after != "-")
            if not float(text) or (after == "-" and text != "10"):
                raise _Unread(text)
            return [(text, power)]
        if kind in ("word", "symbol"):
            return self._named(text)
        raise _Unread(text)

    def _named(self, text: str) -> list[tuple[str, float]]:
        power = self._power(False)
        counted = COUNTED.get(text.lower().rstrip("."))
        if counted == "nucleons" and len(text) == 1:
            counted = ""  # `n/cc` is a number
        if counted is not None:
            if counted:
                self.counted[counted] = None
            return []
        return _raised(_unit(text), power)

    def _power(self, written: bool) -> float:
        """The exponent that stands here; 1 without one. Numbers need a sign for it."""
        kind, text = self._peek(False)
        signed = kind == "power"
        if signed:
            self.at += 1
        elif written or not (kind == "number" or (text == "-" and self._number_after())):
            return 1
        inside = self._peek(False)[1] == "("
        self.at += inside
        minus = self._peek(False)[1] == "-"
        self.at += minus
        value = self._number()
        if self._peek(False)[1] == "/" and (inside or self._is_half()):
            self.at += 1
            value /= self._number()
        if inside:
            if self._peek(False)[1] != ")":
                raise _Unread("(")
            self.at += 1
        return -value if minus else value

    def _number_after(self) -> bool:
        return self.at + 1 < len(self.tokens) and self.tokens[self.at + 1][0] == "number"

    def _is_half(self) -> bool:
        return self._number_after() and self.tokens[self.at + 1][1] == "2"

    def _number(self) -> float:
        kind, text = self._peek(False)
        if kind != "number" or not float(text):
            raise _Unread(text or "an exponent without its number")
        self.at += 1
        return float(text)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise _Unread(text[at])
        yield found.lastgroup or "", found.group()
        at = found.end()


def _unit(text: str) -> list[tuple[str, float]]:
    """The symbol or symbols that a word stands for."""
    for name in (text, text.rstrip(".")):
        known = WORDS.get(name) or WORDS.get(name.lower() if len(name) > 2 else name)
        if known is not None:
            return list(known)
        if name in SYMBOLS:
            return [(name, 1.0)]
    raise _Unread(text)


def _is_number(name: str) -> bool:
    return name[0].isdigit() or name[0] == "."


def _raised(factors: list[tuple[str, float]], power: float) -> list[tuple[str, float]]:
    return [(name, exponent * power) for name, exponent in factors]


def _factor(name: str, power: float) -> str:
    if power == 1:
        return name
    if power == int(power):
        return f"{name}**{int(power)}"
    doubled = power * 2
    return f"{name}**({int(doubled)}/2)" if doubled == int(doubled) else f"{name}**({power:g})"


def _scale(value: float) -> str:
    """A scale factor as VOUnits writes it: a power of ten, or the number."""
    told = f"{value:e}"
    mantissa, _, exponent = told.partition("e")
    if float(mantissa) == 1:
        return f"10**{int(exponent)}"
    if int(exponent) and abs(int(exponent)) > 4:
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:g}"
