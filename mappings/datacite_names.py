"""Names of authors, read out of one text and joined to the people a record names.

SPASE has one text for all authors (PublicationInfo/Authors). Only `;` parts them, as names hold
commas: `Burch, James, L.` is one person. What looks like several people between two semicolons
is kept whole and marked, never guessed at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from registry.model import Label

PERSONAL, ORGANIZATIONAL = "Personal", "Organizational"

_ORGANISATION = re.compile(
    r"\b(?:institute?s?|instituto|universit\w+|college|laborator(?:y|ies|io)|laboratoire|cent(?:er|re|ro)s?"
    r"|consortium|collaboration|team|agency|observator(?:y|ies|io)|osservatorio|observatoire|department|division"
    r"|facility|survey|administration|organi[sz]ation|network|academy|society|corporation|inc|gmbh"
    r"|ltd|project|mission|group|committee|council|office|program(?:me)?|services?|archive|nasa|esa"
    r"|noaa|jaxa|cnes|cnrs|usgs|intermagnet|superdarn)\b",
    re.IGNORECASE,
)
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV)\.?", re.IGNORECASE)
_INITIALS = r"(?:[^\W\d_]\.[-\s]?)+"
_INITIALS_FIRST = re.compile(rf"({_INITIALS}(?:\s*{_INITIALS})*)\s*([^\W\d_][^.,]+)")
_MIDDLE_INITIAL = re.compile(rf"([^\W\d_][^.,]*?\s{_INITIALS})\s*([^\W\d_]{{2}}[^.,]*\.?)")
_INITIALS_LAST = re.compile(r"([^\W\d_]{2}[^\s.,]*)\s+((?:[^\W\d_]\.[-\s]?)+)")
_BEFORE = re.compile(r"^(?:(?:and\s+|&\s*)|(?:dr|prof)\.?\s+)+", re.IGNORECASE)
_HEAD = re.compile(r"(.*\b(?:consortium|collaboration|team)\s*):(.*)", re.IGNORECASE | re.DOTALL)
_NOBODY = re.compile(
    r"et\.?\s+al\.?|tb[acd]|unknown|anonymous|none|n/a|not provided|\W*", re.IGNORECASE
)
_SEVERAL = re.compile(r"(?:,|\s)\s*(?:and|&)\s|\bet\.?\s+al\b", re.IGNORECASE)
_SEVERAL_BODIES = re.compile(r",\s*(?:and|&)\s", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class Author:
    """One author. `family` and `given` are empty where the text does not tell them apart.

    `kind` is Personal, Organizational, or '' when the text does not say; `several` marks what
    looks like several people with commas between them.
    """

    name: str
    family: str = ""
    given: str = ""
    kind: str = ""
    several: bool = False


def authors(text: str) -> list[Author]:
    """The authors in a text, in its order."""
    pieces = [_BEFORE.sub("", " ".join(piece.split())) for piece in _parted(text)]
    return [author(piece) for piece in pieces if not _NOBODY.fullmatch(piece)]


@lru_cache(maxsize=16384)
def author(text: str) -> Author:
    """One name, in either order: `Burch, James, L.`, `R.L. Richard`, `The AIA Consortium`."""
    if _ORGANISATION.search(text):
        return Author(text, kind=ORGANIZATIONAL, several=bool(_SEVERAL_BODIES.search(text)))
    parts = [part for part in (part.strip() for part in text.split(",")) if part]
    if len(parts) > 1:
        return _family_first(text, parts)
    if _SEVERAL.search(text):
        return Author(text, several=True)
    found = _INITIALS_FIRST.fullmatch(text) or _MIDDLE_INITIAL.fullmatch(text)
    if found:
        given, family = found[1].strip(), found[2].strip()
        return Author(f"{family}, {given}", family, given, PERSONAL)
    found = _INITIALS_LAST.fullmatch(text)
    if found:
        return Author(f"{found[1]}, {found[2]}", found[1], found[2], PERSONAL)
    return Author(text)


def person(name: str) -> Author:
    """The name of somebody who is known to be a person (a Person record's PersonName)."""
    found = author(name)
    if found.kind != ORGANIZATIONAL and (found.family or found.several):
        return found
    words = name.split()
    # Of three words and more nobody can say where the family's begin: Dudok de Wit.
    if len(words) != 2 or _SUFFIX.fullmatch(words[1]):
        return Author(name, kind=PERSONAL)
    return Author(f"{words[1]}, {words[0]}", words[1], words[0], PERSONAL)


def is_organisation(name: str) -> bool:
    """Whether the words of a name say that it is an organisation's."""
    return bool(_ORGANISATION.search(name))


def joined(found: Sequence[Author], people: Sequence[Label]) -> list[Label | None]:
    """For each author the Person record that is meant, None unless exactly one can be.

    An author is joined when one person alone fits the name, and no second author fits that
    person as well (then none of the two is, unless one name is the person's to the letter).
    """
    fits = [[one for one in people if _fits(name, one.name)] for name in found]
    result: list[Label | None] = []
    for number, (name, candidates) in enumerate(zip(found, fits, strict=True)):
        exact = [one for one in candidates if _same(name, one.name)]
        chosen = exact if len(exact) == 1 else candidates
        if len(chosen) != 1:
            result.append(None)
            continue
        rivals = [found[n] for n, others in enumerate(fits) if n != number and chosen[0] in others]
        alone = not rivals or (exact and not any(_same(one, chosen[0].name) for one in rivals))
        result.append(chosen[0] if alone else None)
    return result


def _parted(text: str) -> list[str]:
    found: list[str] = []
    for piece in text.split(";"):
        # `The HMI Consortium: Stanford University (USA); …`: the consortium, then its members.
        head = _HEAD.fullmatch(piece)
        found += [head[1], head[2]] if head else [piece]
    return found


def _family_first(text: str, parts: list[str]) -> Author:
    family, *given = parts
    suffix = [part for part in given if _SUFFIX.fullmatch(part)]
    given = [part for part in given if not _SUFFIX.fullmatch(part)]
    third = given[1] if len(given) == 2 else ""
    if (
        not given
        or len(given) > 2
        or _SEVERAL.search(text)
        or (third and _INITIALS_FIRST.fullmatch(third))
    ):
        return Author(text, several=bool(given))
    names = " ".join(given)
    return Author(", ".join([family, names, *suffix]), family, names, PERSONAL)


@lru_cache(maxsize=16384)
def _tokens(text: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return tuple(token for token in re.split(r"[\s.,\-‐’']+", plain) if token)


def _split_suffix(tokens: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    for number, token in enumerate(tokens):
        if number and _SUFFIX.fullmatch(token):
            return tokens[:number] + tokens[number + 1 :], token
    return tokens, ""


def _in_natural_order(name: Author) -> tuple[str, ...]:
    if not name.family:
        return _tokens(name.name)
    # A suffix may stand behind either half: `Stone Jr, Edward C.`, `Langel, Robert A., III`.
    beyond = name.name.removeprefix(f"{name.family}, {name.given}")
    return _tokens(f"{name.given} {name.family} {beyond}")


def _fits(name: Author, known: str) -> bool:
    if name.several or name.kind == ORGANIZATIONAL:
        return False
    known_tokens, known_suffix = _split_suffix(_in_natural_order(author(known)))
    tokens, suffix = _split_suffix(_in_natural_order(name))
    if suffix != known_suffix:
        return False
    if not name.family:
        return tokens == known_tokens
    family, _ = _split_suffix(_tokens(name.family))
    given = tokens[: len(tokens) - len(family)]
    first_names = known_tokens[: len(known_tokens) - len(family)]
    if not family or known_tokens[len(first_names) :] != family or not given or not first_names:
        return False
    return all(_compatible(one, other) for one, other in zip(given, first_names, strict=False))


def _same(name: Author, known: str) -> bool:
    return _in_natural_order(name) == _in_natural_order(author(known))


def _compatible(one: str, other: str) -> bool:
    """Whether two given names can be one: the same, or one the other's initial."""
    return one == other or (1 in (len(one), len(other)) and one[0] == other[0])
