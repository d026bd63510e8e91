"""The vocabularies as lines of N-Triples, for the graph beside the records."""

from __future__ import annotations

import hashlib

from vocabularies import catalogue

VERSION = "2"
"""Raised when the lines change in a way that the vocabularies do not show."""


def fingerprint() -> str:
    """Changes when any vocabulary does."""
    digest = hashlib.sha256(VERSION.encode())
    for line in graph_lines():
        digest.update(line.encode())
    return digest.hexdigest()[:16]


def graph_lines() -> list[str]:
    """All vocabularies, one triple a line, sorted and without duplicates; no blank nodes."""
    return sorted({f"{s} {p} {o} ." for triples in catalogue.sources() for s, p, o in triples})
