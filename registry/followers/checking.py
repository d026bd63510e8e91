"""Comparing the store with what follows it, record by record, by digests of the contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from registry import identifiers
from registry.followers.described import every_described
from registry.graph.graph import Graph
from registry.search.query import SearchIndex
from registry.store.store import Store

NAMED = 20
"""How many of the records that differ are named."""


@dataclass(slots=True)
class Difference:
    """How one follower differs from the store; empty lists when it does not."""

    follower: str
    in_store: int
    held: int
    missing: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What the engine left out, and named: no difference."""

    @property
    def clean(self) -> bool:
        return not (self.missing or self.differing or self.surplus)


def check(
    store: Store, index: SearchIndex, graph: Graph, public_url: str, refused: dict[str, set[str]]
) -> list[Difference]:
    """Compares store, index and graph; `refused` are the keys each engine left out, by name."""
    documents: dict[str, str | None] = {}
    triples: dict[str, int | None] = {}
    with store.reading() as reader:
        for item in every_described(reader):
            key = item.kept.key
            # What cannot be mapped is missing there, and named among the refused.
            document, lines = item.try_document([]), item.try_triples(public_url, [])
            documents[key] = str(document["digest"]) if document else None
            triples[identifiers.iri(key)] = _sum(lines) if lines is not None else None
    return [
        _compare("search", documents, dict(index.identifiers()), refused.get("search", set())),
        _compare(
            "graph",
            triples,
            _held_triples(graph, triples),
            {identifiers.iri(key) for key in refused.get("graph", set())},
        ),
    ]


def _sum(lines: Iterable[str]) -> int:
    """The same for the same set of lines in any order."""
    total = 0
    for line in lines:
        total += int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8).digest(), "big")
    return total % 2**64


def _held_triples(graph: Graph, known: Mapping[str, object]) -> dict[str, int]:
    """Sums of the graph's lines by record; subjects `record#part` belong to the record."""
    sums: dict[str, int] = {}
    for raw in graph.lines():
        line = raw.decode().rstrip("\n")
        subject = line[1 : line.index(">")]
        record = subject.partition("#")[0]
        if record in known or record.startswith(("spase://", "ivo://")):
            number = int.from_bytes(hashlib.blake2b(line.encode(), digest_size=8).digest(), "big")
            sums[record] = (sums.get(record, 0) + number) % 2**64
    return sums


def _compare(
    follower: str, wanted: Mapping[str, object], held: Mapping[str, object], refused: set[str]
) -> Difference:
    difference = Difference(follower, len(wanted), len(held))
    for key, digest in wanted.items():
        if key not in held:
            (difference.refused if key in refused else difference.missing).append(key)
        elif held[key] != digest:
            difference.differing.append(key)
    difference.surplus = [key for key in held if key not in wanted]
    return difference
