"""Which vocabularies there are, where they come from, and under which path they are served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from vocabularies import namespaces, spase, turtle
from vocabularies.turtle import Triple

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
TERM_TYPES = frozenset(
    (
        "<http://www.w3.org/2004/02/skos/core#Concept>",
        "<http://www.w3.org/2000/01/rdf-schema#Class>",
    )
)
OURS, SPASE, IVOA = "Parhelion", "SPASE", "IVOA"

FILES = (
    "coordinate_representations.ttl",
    "ivoa_refframe.ttl",
    "ontology.ttl",
    "reference_frames.ttl",
    "vocabulary_properties.ttl",
    "voresource_types.ttl",
)
"""The Turtle files, which people edit."""


@dataclass(slots=True, frozen=True)
class Vocabulary:
    """One vocabulary: `path` is its place under /vocabularies/, `iri` that of the scheme."""

    path: str
    iri: str
    title: str
    description: str
    keeper: str
    """Who decides about its terms."""
    made_from: str
    """The Turtle file with its terms; '' for lists that are made."""


_WRITTEN = (
    Vocabulary(
        "frames", namespaces.FRAMES[:-1], "Reference frames of heliophysics",
        "The frames in which heliophysics writes positions and vectors: origin, axes, epoch and "
        "rotation of each, its names in other systems, and bridges to the reference frames of "
        "the International Virtual Observatory Alliance where they are true.",
        OURS, "reference_frames.ttl",
    ),
    Vocabulary(
        "representations", namespaces.REPRESENTATIONS[:-1], "Coordinate representations",
        "Ways to write the components of a vector in a frame.",
        OURS, "coordinate_representations.ttl",
    ),
    Vocabulary(
        "voresource/ResourceType", namespaces.VORESOURCE_TYPES[:-1], "Types of VOResource records",
        "What a VOResource record can describe, in the hierarchy of the schemas' types.",
        OURS, "voresource_types.ttl",
    ),
    Vocabulary(
        "status", namespaces.STATUS[:-1], "States of a record",
        "Why a record that is kept is not active.",
        OURS, "ontology.ttl",
    ),
    Vocabulary(
        "ivoa/refframe", namespaces.IVOA + "refframe", "IVOA: reference frames",
        "The reference frames of the Virtual Observatory.",
        IVOA, "ivoa_refframe.ttl",
    ),
)  # fmt: skip


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """Every vocabulary by its path: those written as Turtle, UCD1+, and SPASE's lists."""
    found = {one.path: one for one in _WRITTEN}
    for name in spase.lists():
        path = f"spase/{name}"
        found[path] = Vocabulary(
            path,
            namespaces.SPASE + name,
            f"SPASE: {spase.label(name)}",
            spase.list_definition(name),
            SPASE,
            "",
        )
    return found


@cache
def _paths() -> dict[str, str]:
    return {one.iri: path for path, one in vocabularies().items()}


def path_of(iri: str) -> str | None:
    """The path of the vocabulary of a term or of a scheme; None for one that is not held."""
    return _paths().get(iri.partition("#")[0])


def sources() -> Iterator[Iterable[Triple]]:
    """The triples of every vocabulary, a source at a time."""
    for file in FILES:
        yield turtle.triples(file)
    yield spase.triples()
