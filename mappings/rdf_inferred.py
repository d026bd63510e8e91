"""What follows from the vocabularies by rule, as triples, so that a query needs no long path.

Three properties, and nothing else in the graph, are inferred; each is so by its definition:

- `skos:broaderTransitive` and `skos:narrowerTransitive`: the closure of skos:broader (SKOS
  Reference, S22 to S24), without a concept's own self;
- `ph:finds`: A finds B when who asks for A wants what is said to be B. Every concept finds
  itself, what is narrower (skos:broader, and across schemes skos:broadMatch and
  skos:narrowMatch), what is the same (skos:exactMatch), and so on from there; and, once on the
  way and not more, because it is not transitive, what is close (skos:closeMatch).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from mappings.rdf_names import TYPE, name

VERSION = "1"
"""Raised when the rules change."""

_LINE = re.compile(r"(<[^>]*>) (<[^>]*>) (<[^>]*>) \.")
_CONCEPT = name("skos:Concept")
_BROADER = name("skos:broader")
_NARROWER = name("skos:narrower")
_CLOSE = name("skos:closeMatch")
_EXACT = name("skos:exactMatch")
_DOWN = frozenset({_NARROWER, name("skos:narrowMatch")})
_UP = frozenset({_BROADER, name("skos:broadMatch")})

Steps = Mapping[str, set[str]]


def inferred(lines: Iterable[str]) -> list[str]:
    """The triples that follow from these lines of N-Triples, sorted, without duplicates.

    A loop among the broader ones ends; its members then all find each other.
    """
    concepts: set[str] = set()
    below: Steps = defaultdict(set)  # within a scheme
    includes: Steps = defaultdict(set)
    close: Steps = defaultdict(set)
    for subject, predicate, other in _resources(lines):
        if predicate == TYPE and other == _CONCEPT:
            concepts.add(subject)
        elif predicate == _BROADER:
            below[other].add(subject)
        elif predicate == _NARROWER:
            below[subject].add(other)
        if predicate in _UP:
            includes[other].add(subject)
        elif predicate in _DOWN:
            includes[subject].add(other)
        elif predicate in (_EXACT, _CLOSE):
            steps = includes if predicate == _EXACT else close
            steps[subject].add(other)
            steps[other].add(subject)
    found: set[str] = set()
    for term, members in _reached(below, list(below)).items():
        for member in members - {term}:
            found.add(f"{member} {_BROADER_TRANSITIVE} {term} .")
            found.add(f"{term} {_NARROWER_TRANSITIVE} {member} .")
    for term, members in _found(includes, close, concepts).items():
        found.update(f"{term} {_FINDS} {member} ." for member in members)
    return sorted(found)


def _resources(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for line in lines:
        parts = _LINE.match(line)
        if parts:
            yield parts[1], parts[2], parts[3]


def _reached(steps: Steps, starts: Iterable[str]) -> dict[str, set[str]]:
    """From each start, itself and all that any number of steps leads to."""
    found: dict[str, set[str]] = {}
    for start in starts:
        reached, waiting = {start}, [start]
        while waiting:
            for one in steps.get(waiting.pop(), ()):
                if one not in reached:
                    reached.add(one)
                    waiting.append(one)
        found[start] = reached
    return found


def _found(includes: Steps, close: Steps, concepts: set[str]) -> dict[str, set[str]]:
    """What each term finds, with at most one close match on the way."""
    terms = concepts | includes.keys() | close.keys()
    terms |= {one for steps in (includes, close) for ends in steps.values() for one in ends}
    strictly = _reached(includes, terms)
    return {
        term: members.union(*(strictly[near] for one in members for near in close.get(one, ())))
        for term, members in strictly.items()
    }


_BROADER_TRANSITIVE = name("skos:broaderTransitive")
_NARROWER_TRANSITIVE = name("skos:narrowerTransitive")
_FINDS = name("ph:finds")
