"""The graph port: SPARQL in, whole answers out, and what a follower needs to keep it in step.

`query` is for everybody and refuses updates and SERVICE; `marker`, `apply`, `build` and
`set_vocabularies` are for the one follower; `lines` is for `check` and `export`.
"""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from registry.graph import kept_answers, lexer, protocol, sparql
from registry.graph.errors import BadSPARQL, GraphUnavailable, NotAcceptable, QueryRefused
from registry.graph.kept_answers import KeptAnswers
from registry.graph.sparql import Answer, Service

MARKER = "x-parhelion:marker"
"""The named graph of the marker: queries of the default graph do not see it."""
VOCABULARIES = "x-parhelion:vocabularies"
"""The named graph that names again which triples of the default graph are vocabulary."""
MAX_QUERY = 100_000
"""Characters of one query."""

_UPDATE_SECONDS = 120.0
_MAY_WAIT = 2  # queries that wait for another to end; each keeps a thread of the web server
_INTEGER = "<http://www.w3.org/2001/XMLSchema#integer>"
_IRI = r"<[A-Za-z][A-Za-z0-9+.\-]*:[^<>\"{}|^`\\\x00-\x20]*>"
_LINE = re.compile(
    rf'{_IRI} {_IRI} (?:{_IRI}|"(?>[^"\\\r\n]|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{{4}}|'
    rf"\\U[0-9A-Fa-f]{{8}})*+\"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^{_IRI})?) ?\.\n?"
)
_WHOLE_IRI = re.compile(_IRI)

Record = tuple[str, Sequence[str]]
"""A record's IRI, and its lines of N-Triples: about itself and its parts (`iri#…`)."""


class Graph(ABC):
    """A graph behind the port. Thread-safe for queries; one writer at a time."""

    @abstractmethod
    def query(
        self,
        text: str,
        accept: str = "*/*",
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Answer:
        """The whole answer to a query, in the first acceptable media type.

        `accept` is an Accept header or one media type; `timeout` in seconds may shorten the
        limit. Raises BadSPARQL, QueryRefused, AnswerTooLarge, NotAcceptable, GraphUnavailable.
        """

    @abstractmethod
    def marker(self) -> tuple[int, str]:
        """(change number applied, fingerprint it was built with); (0, '') when new."""

    @abstractmethod
    def apply(
        self, records: Sequence[Record], gone: Sequence[str], marker: tuple[int, str]
    ) -> list[tuple[str, str]]:
        """Replace these records' triples, remove those of the IRIs in `gone`, set the marker.

        All or nothing, and repeatable. Gives (IRI, reason) of records that the engine refuses:
        they are left out, the rest goes in. Raises GraphUnavailable.
        """

    @abstractmethod
    def build(self, files: Iterable[Path], marker: tuple[int, str]) -> list[tuple[str, str]]:
        """Make the graph anew of files of N-Triples, with the vocabularies and the marker.

        Gives (IRI, reason) of records that the engine refuses: they are left out. An
        interrupted build leaves the old graph, or one whose marker is (0, '').
        """

    @abstractmethod
    def set_vocabularies(self, lines: Iterable[str], fingerprint: str) -> None:
        """Let the vocabularies be these lines of N-Triples, in the default graph.

        Written now when the graph holds others; a new graph gets them with its first records.
        """

    @abstractmethod
    def lines(self) -> Iterator[bytes]:
        """The default graph as N-Triples, a line at a time, in no order."""

    @abstractmethod
    def close(self) -> None:
        """Let go of processes and connections."""


class SparqlGraph(Graph):
    """The port on any SPARQL 1.1 service that answers Query, Update and Graph Store.

    `seconds` and `answer_limit` bound one query, `parallel` how many are asked at once. With two
    more that wait, they have to be fewer than the web server's threads, so that pages are served
    while queries run. `kept` is the memory in bytes for answers that are given again while nothing
    is written; only where nobody else writes.
    """

    def __init__(
        self,
        service: Service,
        *,
        seconds: float = 30.0,
        answer_limit: int = sparql.ANSWER_LIMIT,
        parallel: int = 4,
        kept: int = 0,
    ) -> None:
        self._service = service
        self._answers = KeptAnswers(kept)
        self._seconds = seconds
        self._answer_limit = answer_limit
        self._parallel = parallel
        self._slots = threading.BoundedSemaphore(parallel)
        self._waiting = threading.BoundedSemaphore(parallel + _MAY_WAIT)
        self._vocabularies: tuple[list[str], str] = ([], "")
        self._stale = False  # whether the graph still has to get its vocabularies

    def query(
        self,
        text: str,
        accept: str = "*/*",
        *,
        default_graphs: Sequence[str] = (),
        named_graphs: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Answer:
        """See `Graph.query`."""
        try:
            media_type = protocol.negotiate(accept, lexer.form(text))
        except NotAcceptable:
            check(text)  # what is never answered is not to be asked for in another format
            raise
        key = kept_answers.key(text, media_type, default_graphs, named_graphs)
        found = self._answers.get(key) if key else None
        if found is not None:
            return found
        check(text)
        protocol.check_graphs(default_graphs, named_graphs)
        seconds = self._seconds if timeout is None else min(timeout, self._seconds)
        version = self._answers.version()
        with self._slot(seconds):
            answer = sparql.query(
                self._service,
                text,
                media_type,
                default_graphs=default_graphs,
                named_graphs=named_graphs,
                seconds=seconds,
                limit=self._answer_limit,
            )
        return self._answers.keep(key, answer, version) if key else answer

    @contextmanager
    def _slot(self, seconds: float) -> Iterator[None]:
        busy = GraphUnavailable(
            f"{self._parallel} queries are being answered, and no more at once. Try again."
        )
        if not self._waiting.acquire(blocking=False):
            raise busy
        try:
            if not self._slots.acquire(timeout=seconds):
                raise busy
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._waiting.release()

    def marker(self) -> tuple[int, str]:
        """See `Graph.marker`."""
        found = self._marked("change", "fingerprint")
        return (
            (int(found["change"]), found.get("fingerprint", "")) if "change" in found else (0, "")
        )

    def _marked(self, *names: str) -> dict[str, str]:
        """What the marker's graph says under these names."""
        listed = " ".join(f"<x-parhelion:{name}>" for name in names)
        text = (
            f"SELECT ?p ?o {{ GRAPH <{MARKER}> {{ <{MARKER}> ?p ?o }} VALUES ?p {{ {listed} }} }}"
        )
        answer = sparql.query(self._service, text, protocol.RESULTS_JSON, seconds=_UPDATE_SECONDS)
        return {row["p"].removeprefix("x-parhelion:"): row["o"] for row in protocol.rows(answer)}

    def apply(
        self, records: Sequence[Record], gone: Sequence[str], marker: tuple[int, str]
    ) -> list[tuple[str, str]]:
        """See `Graph.apply`."""
        if self._stale:
            self._write_vocabularies()
        refused: list[tuple[str, str]] = []
        fit: list[Record] = []
        for record in records:
            reason = unfit(record)
            if reason:
                refused.append((record[0], reason))
                record = (record[0], ())
            if _WHOLE_IRI.fullmatch(f"<{record[0]}>"):
                fit.append(record)
        # An IRI that cannot be written cannot stand in the graph either.
        fit += [(iri, ()) for iri in gone if _WHOLE_IRI.fullmatch(f"<{iri}>")]
        with self._answers.changing():
            self._replace(fit, _marking(marker), refused)
        return refused

    def _replace(
        self, records: Sequence[Record], marking: str, refused: list[tuple[str, str]]
    ) -> None:
        """One request for all of them; halves of it where the engine refuses the whole."""
        try:
            self._update(_replacing(records) + marking)
            return
        except sparql.Unfit as error:
            if not records:
                raise GraphUnavailable(f"The graph's engine refuses to write: {error}") from None
            reason = error.words
        if len(records) > 1:
            half = len(records) // 2
            self._replace(records[:half], "", refused)
            self._replace(records[half:], marking, refused)
        else:
            (iri, lines), *_ = records
            if not lines:
                raise GraphUnavailable(f"The graph's engine refuses to remove {iri}: {reason}")
            refused.append((iri, reason))
            self._replace([(iri, ())], marking, refused)

    def _update(self, text: str) -> None:
        sparql.update(self._service, text, seconds=_UPDATE_SECONDS)

    def build(self, files: Iterable[Path], marker: tuple[int, str]) -> list[tuple[str, str]]:
        """See `Graph.build`. A service has no places: an interrupted build leaves no marker."""
        with self._answers.changing():
            self._fill(files, marker)
        return []

    def _fill(self, files: Iterable[Path], marker: tuple[int, str]) -> None:
        self._update(f"CLEAR SILENT GRAPH <{MARKER}> ;\nCLEAR DEFAULT")
        for path in files:
            with path.open("rb") as file:
                try:
                    sparql.load(self._service, file)
                except sparql.Unfit as error:
                    raise GraphUnavailable(f"{path.name} cannot be loaded: {error}") from None
        self._write_vocabularies()
        self._update(_marking(marker))

    def set_vocabularies(self, lines: Iterable[str], fingerprint: str) -> None:
        """See `Graph.set_vocabularies`."""
        self._vocabularies = ([line.rstrip("\n") for line in lines], fingerprint)
        found = self._marked("change", "vocabularies")
        self._stale = found.get("vocabularies", "") != fingerprint
        if self._stale and "change" in found:
            self._write_vocabularies()

    def _write_vocabularies(self) -> None:
        lines, fingerprint = self._vocabularies
        try:
            with self._answers.changing():
                self._update(_vocabularies(lines, fingerprint))
        except sparql.Unfit as error:
            raise GraphUnavailable(f"The vocabularies cannot be written: {error}") from None
        self._stale = False

    def lines(self) -> Iterator[bytes]:
        """See `Graph.lines`."""
        answer = sparql.dump(self._service)
        with answer.file:
            yield from answer.file

    def close(self) -> None:
        """See `Graph.close`."""
        self._service.close()


def check(text: str) -> None:
    """Raise QueryRefused or BadSPARQL for what is never forwarded."""
    if len(text) > MAX_QUERY:
        raise BadSPARQL(f"The query has {len(text):,} characters; it may have {MAX_QUERY:,}.")
    reason = lexer.refusal(text)
    if reason:
        raise QueryRefused(reason)
    deep = lexer.too_deep(text)
    if deep >= 0:
        line, column = lexer.place(text, deep)
        raise BadSPARQL(
            f"More than {lexer.MAX_DEPTH} brackets are open at line {line}, column {column}.",
            line,
            column,
        )


def unfit(record: Record) -> str:
    """Why a record's lines are no N-Triples of this graph (blank nodes are none), or ''.

    What passes can end neither a literal nor the update that it is written into.
    """
    for line in record[1]:
        if not _LINE.fullmatch(line):
            return f"no line of N-Triples without blank nodes: {line[:200]!r}"
    return ""


def _replacing(records: Sequence[Record]) -> str:
    """The update that removes what these records have, along one step, and inserts their lines.

    A record's parts are named `record#…` and each is reached from its record by one triple, so
    that the deletion needs no search by prefix.
    """
    if not records:
        return ""
    listed = " ".join(f"<{iri}>" for iri, _ in records)
    lines = sparql.joined(line for _, lines in records for line in lines)
    return (
        "DELETE { ?part ?q ?o } WHERE { VALUES ?r { " + listed + " } ?r ?p ?part . "
        'FILTER(isIRI(?part) && STRSTARTS(STR(?part), CONCAT(STR(?r), "#"))) ?part ?q ?o } ;\n'
        "DELETE { ?r ?p ?o } WHERE { VALUES ?r { " + listed + " } ?r ?p ?o } ;\n"
        "INSERT DATA {\n" + lines + "} ;\n"
    )


def _marking(marker: tuple[int, str]) -> str:
    """The update that sets the marker; other marks stay."""
    number, fingerprint = marker
    return (
        f"DELETE {{ GRAPH <{MARKER}> {{ ?s ?p ?o }} }} WHERE {{ GRAPH <{MARKER}> {{ ?s ?p ?o }} "
        "VALUES ?p { <x-parhelion:change> <x-parhelion:fingerprint> } } ;\n"
        f"INSERT DATA {{ GRAPH <{MARKER}> {{\n{marks(number, fingerprint)}}} }}"
    )


def marks(number: int, fingerprint: str) -> str:
    """The marker's triples, as lines of N-Triples."""
    return (
        f'<{MARKER}> <x-parhelion:change> "{int(number)}"^^{_INTEGER} .\n'
        f"<{MARKER}> <x-parhelion:fingerprint> {literal(fingerprint)} .\n"
    )


def literal(text: str) -> str:
    """`text` as a plain literal of N-Triples."""
    for sign, written in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(sign, written)
    return f'"{text}"'


def _vocabularies(lines: Sequence[str], fingerprint: str) -> str:
    """The update that puts these vocabulary triples in the place of those that were there."""
    written = sparql.joined(lines)
    return (
        f"DELETE {{ ?s ?p ?o }} WHERE {{ GRAPH <{VOCABULARIES}> {{ ?s ?p ?o }} }} ;\n"
        f"CLEAR SILENT GRAPH <{VOCABULARIES}> ;\n"
        f"DELETE WHERE {{ GRAPH <{MARKER}> {{ ?s <x-parhelion:vocabularies> ?o }} }} ;\n"
        f"INSERT DATA {{\n{written}GRAPH <{VOCABULARIES}> {{\n{written}}} "
        f"GRAPH <{MARKER}> {{ {vocabulary_mark(fingerprint)} }} }}"
    )


def vocabulary_mark(fingerprint: str) -> str:
    """The triple that says which vocabularies the graph holds."""
    return f"<{MARKER}> <x-parhelion:vocabularies> {literal(fingerprint)} ."
