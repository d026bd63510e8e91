"""The lists of SPASE as SKOS schemes, made from the tables of `schemas/spase`.

A list is the enumeration's name in the schemas (`Region` is what ObservedRegion and
ObservatoryRegion take their values from); a value is a concept, and the dots in its name are its
place in the hierarchy. Frames and representations are no lists here: `frames` has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from vocabularies import namespaces

_NOT_LISTS = frozenset({"Version", "YN", "CoordinateSystemName", "CoordinateRepresentation"})


@cache
def lists() -> dict[str, tuple[str, ...]]:
    """Every list, and every value that it has had in any version, in the order of the tables."""
    found: dict[str, dict[str, None]] = {}
    for line in files("schemas.spase").joinpath("members.txt").read_text("utf-8").splitlines():
        name, _, values = line.split("\t")
        if name not in _NOT_LISTS:
            found.setdefault(name, {}).update(dict.fromkeys(values.split()))
    return {name: tuple(values) for name, values in found.items()}


@cache
def iris(name: str) -> dict[str, str]:
    """The concept IRI of each value of a list; empty for a list that SPASE does not have."""
    base = f"{namespaces.SPASE}{name}#"
    return {value: base + value for value in lists().get(name, ())}


def concept(name: str, value: str) -> str | None:
    """The concept IRI of a value of a list, None where no version has it."""
    return iris(name).get(value)


def broader(value: str, values: frozenset[str]) -> str | None:
    """The nearest value above a dotted one that is in the list itself; None for a top value."""
    above = value
    while "." in above:
        above = above.rpartition(".")[0]
        if above in values:
            return above
    return None


def label(value: str) -> str:
    """A value as words: `Earth.NearSurface.AuroralRegion` is `Earth, Near Surface, …`."""
    return ", ".join(_WORDS.sub(" ", part) for part in value.split("."))


def triples() -> Iterator[tuple[str, str, str]]:
    """(subject, predicate, object) of all lists as N-Triples terms, without duplicates."""
    for name, values in lists().items():
        scheme = f"<{namespaces.SPASE}{name}>"
        yield scheme, _A, f"<{_SKOS}ConceptScheme>"
        yield scheme, f"<{_SKOS}prefLabel>", f'"SPASE {name}"@en'
        known = frozenset(values)
        for value in values:
            yield from _concept(name, value, broader(value, known))


_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_SKOS = "http://www.w3.org/2004/02/skos/core#"


def _concept(name: str, value: str, above: str | None) -> Iterator[tuple[str, str, str]]:
    base = f"{namespaces.SPASE}{name}"
    term = f"<{base}#{value}>"
    yield term, _A, f"<{_SKOS}Concept>"
    yield term, f"<{_SKOS}inScheme>", f"<{base}>"
    yield term, f"<{_SKOS}prefLabel>", f'"{label(value)}"@en'
    yield term, f"<{_SKOS}notation>", f'"{value}"'
    if above is None:
        yield term, f"<{_SKOS}topConceptOf>", f"<{base}>"
    else:
        yield term, f"<{_SKOS}broader>", f"<{base}#{above}>"
