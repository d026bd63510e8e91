"""What follows from the vocabularies by rule, as triples, so that a query needs no long path.

Three properties, and nothing else in the graph, are inferred; each is so by its definition:

- `skos:broaderTransitive` and `skos:narrowerTransitive`: the closure of skos:broader (SKOS
  Reference, S22 to S24), without a concept's own self;
- `ph:finds`: A finds B when who asks for A wants what is said to be B, by the rule of
  `vocabularies.closure`, which search follows too. Every term finds itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from mappings.rdf_names import name
from vocabularies import closure, terms

VERSION = "2"
"""Raised when the rules change."""

_LINE = re.compile(r"(<[^>]*>) (<[^>]*>) (<[^>]*>) \.")
_BROADER = name("skos:broader")
_BROADER_TRANSITIVE = name("skos:broaderTransitive")
_NARROWER_TRANSITIVE = name("skos:narrowerTransitive")
_FINDS = name("ph:finds")


def inferred(lines: Iterable[str]) -> list[str]:
    """The triples that follow from the vocabularies' lines of N-Triples, sorted, each once."""
    return sorted({*_hierarchy(lines), *_finds()})


def _hierarchy(lines: Iterable[str]) -> set[str]:
    """The closure of skos:broader in both directions; a loop among the broader ones ends."""
    below: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        parts = _LINE.match(line)
        if parts and parts[2] == _BROADER:
            below[parts[3]].add(parts[1])
    found: set[str] = set()
    for term in list(below):
        for member in _reached(below, term) - {term}:
            found.add(f"{member} {_BROADER_TRANSITIVE} {term} .")
            found.add(f"{term} {_NARROWER_TRANSITIVE} {member} .")
    return found


def _reached(steps: Mapping[str, set[str]], start: str) -> set[str]:
    """The start, and all that any number of steps leads to."""
    reached, waiting = {start}, [start]
    while waiting:
        new = steps.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _finds() -> Iterable[str]:
    for asked in terms.all_iris():
        for found in closure.found_by(asked):
            yield f"<{asked}> {_FINDS} <{found}> ."
