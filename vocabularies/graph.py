"""The vocabularies as lines of N-Triples, for the graph beside the records.

This is the one place that parses Turtle with a library, which takes a second to load: a graph is
seldom built anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from vocabularies import spase, turtle

FILES = (
    "coordinate_representations.ttl",
    "ivoa_refframe.ttl",
    "ontology.ttl",
    "reference_frames.ttl",
    "voresource_types.ttl",
)


VERSION = "1"
"""Raised when the lines change in a way that the files do not show."""


def fingerprint() -> str:
    """Changes when any vocabulary does."""
    digest = hashlib.sha256(VERSION.encode())
    for file in FILES:
        digest.update(turtle.text(file).encode())
    digest.update(repr(spase.lists()).encode())
    return digest.hexdigest()[:16]


def graph_lines() -> list[str]:
    """All vocabularies, one triple a line, sorted and without duplicates; no blank nodes."""
    return sorted({*_parsed(), *(f"{s} {p} {o} ." for s, p, o in spase.triples())})


def _parsed() -> Iterator[str]:
    import rdflib

    for file in FILES:
        for triple in rdflib.Graph().parse(data=turtle.text(file), format="turtle"):
            yield " ".join(term.n3() for term in triple) + " ."
