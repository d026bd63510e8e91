"""The judged queries of `judged.tsv`, their two halves, and what an answer to them is worth."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("judged.tsv")
SEED = "parhelion"
FIRST = 5
"""So many records are seen without scrolling: one that answers has to be among them."""
SEEN = 20
"""Behind these a record counts as not found."""


@dataclass(slots=True, frozen=True)
class Judged:
    """A query, and the identifiers (`*` stands for any characters) of records that answer it."""

    kind: str
    query: str
    records: tuple[str, ...]

    @property
    def tuned(self) -> bool:
        """Whether it is of the half by which weights may be chosen: a rule, so that it stays so."""
        return hashlib.sha256(f"{SEED} {self.query}".encode()).digest()[0] % 2 == 0

    def rank(self, found: Sequence[str]) -> int:
        """The place of the first record that answers, from 1; 0 where none of the first does."""
        for place, identifier in enumerate(found[:SEEN], start=1):
            if _pattern(self.records).fullmatch(identifier):
                return place
        return 0


@cache
def _pattern(records: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(one).replace(r"\*", ".*") for one in records))


def judged(file: Path = FILE) -> list[Judged]:
    """The judged queries of a file. Raises ValueError, with the line, for what cannot be read."""
    found = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith(("#", "kind\t")):
            continue
        parts = line.split("\t")
        if len(parts) != 3 or not all(part.strip() for part in parts):
            raise ValueError(f"{file.name}, line {number}: kind, query and records are needed")
        found.append(Judged(parts[0], parts[1], tuple(parts[2].split())))
    return found


@dataclass(slots=True, frozen=True)
class Worth:
    """How good answers are: the mean of 1 / rank, and the share with a record in the first five."""

    number: int
    mrr: float
    first: float

    def __str__(self) -> str:
        return f"MRR {self.mrr:.3f}, first five {self.first:6.1%}"


def worth(ranks: Iterable[int]) -> Worth:
    """What ranks (0: not found) are worth together."""
    listed = list(ranks)
    number = max(len(listed), 1)
    mrr = sum(1 / rank for rank in listed if rank) / number
    return Worth(len(listed), mrr, sum(0 < rank <= FIRST for rank in listed) / number)


Found = Callable[[str], Sequence[str]]
"""Gives the identifiers of the first records for a query."""


def ranks(queries: Iterable[Judged], found: Found) -> list[tuple[Judged, int]]:
    """The rank that a way of searching gives each judged query."""
    return [(one, one.rank(found(one.query))) for one in queries]
