"""SPARQL 1.1 over HTTP: Query, Update and Graph Store, the same for the child and any service.

An answer is taken whole or not at all. The engine sends 200 before it knows whether it will
finish, and glues the words of an error to half a body; so each answer is spooled (memory, then a
file) and given only when its end is the end of its format.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol
from urllib.parse import urlencode, urlsplit

from registry.graph.complaints import complaint
from registry.graph.connections import Connections
from registry.graph.errors import AnswerTooLarge, BadSPARQL, GraphUnavailable

ANSWER_LIMIT = 64 << 20
_IN_MEMORY = 8 << 20
_SAID_AT_MOST = 2000
_TAIL = 64
_RENEWED = 0.05  # seconds by which an answer may be late, so that not every piece asks the clock
_NEARLY = 1.0  # a service whose own limit is the same says so a little earlier than we do

# How a whole body ends, white space after it aside; '' is an empty graph.
_ENDS: Mapping[str, tuple[bytes, ...]] = {
    "application/sparql-results+json": (b"}",),
    "application/sparql-results+xml": (b"</sparql>",),
    "application/ld+json": (b"]", b"}"),
    "application/rdf+xml": (b"</rdf:RDF>", b"/>"),
    "text/turtle": (b".", b""),
    "application/n-triples": (b".", b""),
    "application/n-quads": (b".", b""),
}
_LINES = frozenset(("text/csv", "text/tab-separated-values"))


class Lost(Exception):
    """The connection broke before the answer was whole."""


class Overdue(Exception):
    """The answer was not whole when its time, and a second more, were over."""


class Unfit(Exception):
    """The service answered with an error; `status` and its words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


@dataclass(slots=True)
class Answer:
    """A whole answer: its media type, a file open at its beginning, its size in bytes.

    Whoever gets it closes the file.
    """

    media_type: str
    file: IO[bytes]
    size: int


@dataclass(slots=True, frozen=True)
class Endpoints:
    """The addresses of one SPARQL 1.1 service, and headers to send with each request."""

    query: str
    update: str
    store: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Call:
    """One request, to one of the three addresses (`query`, `update`, `store`)."""

    address: str
    body: bytes | IO[bytes] | None = None
    method: str = "POST"
    parameters: Sequence[tuple[str, str]] = ()
    content_type: str = ""
    accept: str = "*/*"
    seconds: float | None = None
    limit: int | None = None
    """The size in bytes that the answer may have."""


class Service(Protocol):
    """Whoever carries calls out: a service somewhere, or the supervised child."""

    def carry_out(self, call: Call, *, repeats: int = 0) -> Answer:
        """The answer. Raises Unfit, AnswerTooLarge, GraphUnavailable."""

    def close(self) -> None:
        """Let go of what is open."""


class RemoteService:
    """A SPARQL 1.1 service that somebody else runs."""

    def __init__(self, endpoints: Endpoints) -> None:
        self._endpoints = endpoints
        self._connections = Connections()

    def carry_out(self, call: Call, *, repeats: int = 0) -> Answer:
        """See `Service`; a call whose connection broke is sent again `repeats` times."""
        while True:
            try:
                return carry_out(self._endpoints, call, self._connections)
            except Overdue:
                raise overdue(call) from None
            except Lost as error:
                if not repeats:
                    raise GraphUnavailable(
                        f"The graph's service does not answer: {error}"
                    ) from None
                repeats -= 1

    def close(self) -> None:
        """End the connections."""
        self._connections.close()


def _gave_up(words: str, call: Call, deadline: float | None) -> GraphUnavailable:
    """What to say when the engine ended a call with these words: mostly the time was over."""
    if deadline is not None and time.monotonic() >= deadline - _NEARLY:
        return overdue(call)
    return GraphUnavailable(f"The graph's engine gave up: {words}")


def overdue(call: Call) -> GraphUnavailable:
    """What to say of a call that was ended."""
    return GraphUnavailable(
        f"The graph did not answer within {call.seconds:g} s, and the query was ended. Ask for "
        "less: fewer unbound variables, patterns that share variables, a LIMIT."
    )


def query(
    service: Service,
    text: str,
    accept: str,
    *,
    default_graphs: Sequence[str] = (),
    named_graphs: Sequence[str] = (),
    seconds: float | None = None,
    limit: int = ANSWER_LIMIT,
) -> Answer:
    """The answer to one query, by POST directly (SPARQL 1.1 Protocol, section 2.1.3).

    Raises BadSPARQL, AnswerTooLarge, GraphUnavailable. Checks nothing: see `graph.Graph.query`.
    """
    parameters = [("default-graph-uri", iri) for iri in default_graphs]
    parameters += [("named-graph-uri", iri) for iri in named_graphs]
    call = Call(
        "query",
        text.encode(),
        parameters=parameters,
        content_type="application/sparql-query",
        accept=accept,
        seconds=seconds,
        limit=limit,
    )
    try:
        return service.carry_out(call, repeats=1)
    except Unfit as error:
        if error.status in (400, 422):
            raise (complaint(error.words, text) or bad_sparql(error.words)) from None
        raise GraphUnavailable(
            f"The graph's engine answered {error.status}: {error.words}"
        ) from None


def update(service: Service, text: str, *, seconds: float | None = None, repeats: int = 2) -> None:
    """Carry out one update request, which has to be repeatable. Raises Unfit, GraphUnavailable."""
    call = Call("update", text.encode(), content_type="application/sparql-update", seconds=seconds)
    service.carry_out(call, repeats=repeats).file.close()


def load(service: Service, lines: IO[bytes], *, graph: str = "") -> None:
    """Add N-Triples to the default graph, or to `graph` (SPARQL 1.1 Graph Store, section 5.5)."""
    parameters = [("graph", graph)] if graph else [("default", "")]
    call = Call("store", lines, parameters=parameters, content_type="application/n-triples")
    service.carry_out(call).file.close()


def dump(service: Service, *, graph: str = "") -> Answer:
    """The default graph, or `graph`, as N-Triples (SPARQL 1.1 Graph Store, section 5.2)."""
    parameters = [("graph", graph)] if graph else [("default", "")]
    call = Call("store", method="GET", parameters=parameters, accept="application/n-triples")
    try:
        return service.carry_out(call, repeats=1)
    except Unfit as error:
        raise GraphUnavailable(f"The graph cannot be read: {error.words}") from None


def bad_sparql(words: str) -> BadSPARQL:
    """The engine's words of a malformed query, with line and column where they name them."""
    found = re.search(r"\b(\d+):(\d+)\b", words) or re.search(
        r"line (\d+),? col(?:umn)? (\d+)", words, re.IGNORECASE
    )
    line, column = (int(found[1]), int(found[2])) if found else (0, 0)
    return BadSPARQL(words, line, column)


def carry_out(endpoints: Endpoints, call: Call, connections: Connections) -> Answer:
    """Send one call and take its whole answer. Raises Lost, Overdue, Unfit, AnswerTooLarge."""
    deadline = None if call.seconds is None else time.monotonic() + call.seconds
    address = urlsplit(getattr(endpoints, call.address))
    target = address.path or "/"
    parameters = "&".join(filter(None, (address.query, urlencode(call.parameters))))
    headers = {"Accept": call.accept, **endpoints.headers}
    if call.content_type:
        headers["Content-Type"] = call.content_type
    connection = connections.take(address, _left(deadline))
    read = False
    try:
        if call.body is not None and not isinstance(call.body, bytes):
            call.body.seek(0)  # a repeated call sends it again
        connection.request(call.method, f"{target}?{parameters}".rstrip("?"), call.body, headers)
        _wait_no_longer(connection, deadline)
        response = connection.getresponse()
        try:
            return _answer(connection, response, call, deadline)
        finally:
            read = response.isclosed() or response.length == 0
            response.close()
    except TimeoutError:
        raise Overdue from None
    except (OSError, http.client.HTTPException) as error:
        raise Lost(str(error) or type(error).__name__) from None
    finally:
        if read:
            connections.give_back(address, connection)
        else:
            connection.close()


def _answer(
    connection: http.client.HTTPConnection,
    response: http.client.HTTPResponse,
    call: Call,
    deadline: float | None,
) -> Answer:
    """The whole answer of a response. Raises Unfit, and as `_taken` does."""
    if response.status < 300:
        return _taken(connection, response, call, deadline)
    words = response.read(_SAID_AT_MOST).decode("utf-8", "replace").strip()
    if response.status >= 500:
        raise _gave_up(f"{response.status} {words}", call, deadline)
    raise Unfit(response.status, words)


def _taken(
    connection: http.client.HTTPConnection,
    response: http.client.HTTPResponse,
    call: Call,
    deadline: float | None,
) -> Answer:
    """Spool a body to its end.

    Of one that is too large nothing more is kept, but it is read to its end: when we hang up,
    the engine does not always stop, and how it goes on then nobody sees.
    """
    media_type = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    file: IO[bytes] = io.BytesIO()
    size, tail, renewed = 0, b"", 0.0
    try:
        while True:
            now = time.monotonic()
            if now >= renewed:  # not for each piece: the engine sends a kilobyte at a time
                _wait_no_longer(connection, deadline)
                renewed = now + _RENEWED
            piece = response.read1(1 << 16)
            if not piece:
                break
            size += len(piece)
            tail = piece if len(piece) >= _TAIL else (tail + piece)[-_TAIL:]
            if call.limit is None or size <= call.limit:
                file.write(piece)
                if size > _IN_MEMORY and isinstance(file, io.BytesIO):
                    file = _on_disk(file)
        if response.length:
            raise Lost(f"{response.length} bytes of the answer are missing")
        if not _whole(media_type, tail, size):
            raise _gave_up("…" + tail[-_TAIL:].decode("utf-8", "replace"), call, deadline)
        if call.limit is not None and size > call.limit:
            raise AnswerTooLarge(
                f"The answer has {size:,} bytes; one answer may have {call.limit:,}. Ask for less, "
                "or in pages with ORDER BY, LIMIT and OFFSET."
            )
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return Answer(media_type, file, size)


def _on_disk(held: io.BytesIO) -> IO[bytes]:
    """A file without a name, with what was held in memory so far."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - handed out
    try:
        file.write(held.getbuffer())
    except BaseException:
        file.close()
        raise
    return file


def _whole(media_type: str, tail: bytes, size: int) -> bool:
    if media_type in _LINES:
        return tail.endswith(b"\n")
    ends = _ENDS.get(media_type)
    if ends is None:
        return True
    return tail.rstrip().endswith(tuple(end for end in ends if end)) or (not size and b"" in ends)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.001, deadline - time.monotonic())


def _wait_no_longer(connection: http.client.HTTPConnection, deadline: float | None) -> None:
    """Let the socket's next wait end at the deadline. Raises TimeoutError when that is past."""
    if deadline is None:
        return
    if time.monotonic() >= deadline:
        raise TimeoutError
    sock: socket.socket | None = connection.sock
    if sock is not None:
        sock.settimeout(_left(deadline))


def joined(lines: Iterable[str]) -> str:
    """Lines as one text, each ended."""
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)
