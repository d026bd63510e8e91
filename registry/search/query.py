"""The search port: a query tree of our own, what comes back, and what an adapter must do.

No engine's query string ever crosses this port. Adapters: `tantivy_index` (default), `memory`
(brute force, the oracle of the contract suite), `elasticsearch_index`. `fields.FIELDS` is the one
table of field names, kinds and weights that all of them are made from.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, frozen=True)
class Text:
    """Words, all of which must be found somewhere in the text fields (or in `field` alone).

    What a word is says `words.tokens`; without any word it is everything.
    """

    words: str
    field: str = ""


@dataclass(slots=True, frozen=True)
class Phrase:
    """Words that must stand one after the other."""

    words: str
    field: str = ""


@dataclass(slots=True, frozen=True)
class Prefix:
    """A word that begins like this."""

    start: str
    field: str = ""


@dataclass(slots=True, frozen=True)
class Fuzzy:
    """A word with at most `distance` letters wrong."""

    word: str
    distance: int = 1
    field: str = ""


@dataclass(slots=True, frozen=True)
class Filter:
    """A keyword field has one of these exact values; scores the field's weight."""

    field: str
    values: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Overlap:
    """The record's time coverage meets [start, stop] (seconds since 1970, UTC; None is open).

    A record has the coverage from `start` to `stop`, gaps included; an open end counts as still
    running, a relative one (`-P1M`) is resolved when asked. Without coverage it is never met.
    """

    start: float | None = None
    stop: float | None = None


@dataclass(slots=True, frozen=True)
class Covers:
    """The record's time coverage holds all of [start, stop]; an end that is None is not asked."""

    start: float | None = None
    stop: float | None = None


@dataclass(slots=True, frozen=True)
class Within:
    """The record's time coverage lies in [start, stop]; an end that is None is not asked."""

    start: float | None = None
    stop: float | None = None


@dataclass(slots=True, frozen=True)
class Meets:
    """One of an interval field's ranges meets [low, high], the ends included; None is open."""

    field: str
    low: float | None = None
    high: float | None = None


@dataclass(slots=True, frozen=True)
class And:
    """All of these (none means everything), or at least `least` of them. The scores add up."""

    nodes: tuple[Node, ...]
    least: int | None = None


@dataclass(slots=True, frozen=True)
class Or:
    """Any of these; none means nothing. The best one's score counts."""

    nodes: tuple[Node, ...]


@dataclass(slots=True, frozen=True)
class Either:
    """At least one of these, none means nothing. The scores of all that are met add up."""

    nodes: tuple[Node, ...]


@dataclass(slots=True, frozen=True)
class Weighted:
    """The same, counting `by` times as much."""

    node: Node
    by: float


@dataclass(slots=True, frozen=True)
class Scored:
    """The same, each hit counting `score`."""

    node: Node
    score: float


@dataclass(slots=True, frozen=True)
class Not:
    """Everything but this."""

    node: Node


@dataclass(slots=True, frozen=True)
class Everything:
    """Every record that is not hidden."""


Span = Overlap | Covers | Within
Written = Text | Phrase | Prefix | Fuzzy
Joined = And | Or | Either
Changed = Not | Weighted | Scored
Node = Written | Filter | Span | Meets | Joined | Changed | Everything


@dataclass(slots=True, frozen=True)
class Query:
    """One search.

    `restrictions` are facet filters by field: values of one field are alternatives, fields add
    up, and the counts of a field are made without that field's own restriction.
    `sort` is relevance, name, released (newest first) or start; ties go by key, and so do all
    hits where relevance says nothing. Where a value is missing the hit comes last.
    `after` is the `next` of the page before; pages go by key, never by offset.
    """

    node: Node = field(default_factory=Everything)
    restrictions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    excluded: dict[str, tuple[str, ...]] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    facet_size: int = 20
    sort: str = "relevance"
    limit: int = 20
    after: str | None = None
    inactive: bool = False
    """Whether records that are inactive, deprecated or withdrawn are wanted too."""
    typed: str = ""
    """The words of which `node` was made, for who makes it anew (`asking`); no engine reads it."""


@dataclass(slots=True, frozen=True)
class Hit:
    identifier: str
    score: float
    fields: dict[str, object]
    """The stored fields, as `fields.FIELDS` marks them."""


@dataclass(slots=True)
class Page:
    """What a search gives: hits, how many there are in all, facet counts (value, count), next."""

    hits: list[Hit]
    total: int
    facets: dict[str, list[tuple[str, int]]]
    next: str | None


class SearchUnavailable(Exception):
    """The engine cannot answer now; the message says why, in words."""


class BadQuery(Exception):
    """The query names a field, sort or `after` that does not exist; the message says which."""


class SearchIndex(ABC):
    """A search engine behind the port. Thread-safe for reading; one writer at a time."""

    @abstractmethod
    def search(self, query: Query) -> Page:
        """The page of hits that `query` asks for. Raises BadQuery, SearchUnavailable."""

    @abstractmethod
    def every(self, query: Query) -> Iterator[Hit]:
        """All hits of a query in its order, as of one moment, however many there are.

        What the query says of pages and facets is passed over. Raises BadQuery at the first hit,
        SearchUnavailable at any.
        """

    @abstractmethod
    def identifiers(self) -> Iterable[tuple[str, str]]:
        """(key, digest) of every document held, for `check`; in no order."""

    @abstractmethod
    def marker(self) -> tuple[int, str]:
        """(change number applied, fingerprint it was built with); (0, '') when new."""

    @abstractmethod
    def apply(
        self, documents: Sequence[dict[str, object]], gone: Sequence[str], marker: tuple[int, str]
    ) -> list[tuple[str, str]]:
        """Replace these documents (each has `key`), remove the keys in `gone`, set the marker.

        Repeatable, and in one commit; an engine without commits writes the marker last, when all
        the rest is in. Gives (key, reason) of documents that the
        engine refuses: they are left out (what was held under their keys too), the rest goes in.
        Where a key comes twice, the last document counts.
        """

    @abstractmethod
    def build(
        self, documents: Iterable[dict[str, object]], marker: tuple[int, str]
    ) -> list[tuple[str, str]]:
        """Build a fresh index behind the old one, which answers meanwhile, and switch to it.

        No two documents have the same key. Gives (key, reason) of documents that the engine
        refuses. An interrupted build leaves the old index as it was.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""
