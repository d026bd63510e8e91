"""SPARQL over HTTP with services that misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from registry.graph import protocol, sparql
from registry.graph.errors import AnswerTooLarge, BadSPARQL, GraphUnavailable
from registry.graph.oxigraph_graph import SupervisedService
from registry.graph.sparql import Call, Endpoints, RemoteService
from tests.graph.engines import text

Reply = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def service() -> Iterator[Callable[[Reply], int]]:
    """Starts a server on loopback that answers each request by the function given; its port."""
    started: list[ThreadingHTTPServer] = []

    def start(reply: Reply) -> int:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                reply(self)

            def log_message(self, *args: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server.server_address[1]

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def remote(port: int) -> RemoteService:
    root = f"http://127.0.0.1:{port}"
    return RemoteService(Endpoints(f"{root}/q", f"{root}/u", f"{root}/s"))


def body(media_type: str, content: bytes, *, promised: int = 0, status: int = 200) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", str(promised or len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return reply


WORDS = b"The SPARQL operation has been cancelled"


@pytest.mark.parametrize(
    ("media_type", "half"),
    [
        (protocol.RESULTS_JSON, b'{"head":{"vars":["n"]},"results":{"bindings":['),
        (protocol.RESULTS_XML, b"<?xml version='1.0'?><sparql><head></head><results>"),
        (protocol.CSV, b"a,b\r\n1,2\r\n"),
        (protocol.TSV, b"?a\t?b\n1\t2\n"),
        (protocol.TURTLE, b"<a:a> <a:b> <a:c> .\n"),
        (protocol.N_TRIPLES, b"<a:a> <a:b> <a:c> .\n"),
        (protocol.JSON_LD, b'[{"@id":"a:a"},'),
        (protocol.RDF_XML, b"<rdf:RDF><rdf:Description/>"),
    ],
)
def test_an_error_glued_to_half_a_body_is_no_answer(
    service: Callable[[Reply], int], media_type: str, half: bytes
) -> None:
    port = service(body(media_type, half + WORDS))
    with pytest.raises(GraphUnavailable, match="cancelled"):
        sparql.query(remote(port), "ASK {}", media_type)


def test_a_body_that_is_cut_off_is_no_answer(service: Callable[[Reply], int]) -> None:
    port = service(body(protocol.TURTLE, b"<a:a> <a:b> <a:c> .\n", promised=1000))
    with pytest.raises(GraphUnavailable):
        sparql.query(remote(port), "ASK {}", protocol.TURTLE)


def test_errors_keep_their_words_and_place(service: Callable[[Reply], int]) -> None:
    port = service(body("text/plain", b"error at 3:14: expected }", status=400))
    with pytest.raises(BadSPARQL, match="expected }") as caught:
        sparql.query(remote(port), "ASK {}", "*/*")
    assert (caught.value.line, caught.value.column) == (3, 14)
    port = service(body("text/plain", b"Encountered at line 2, column 5.", status=400))
    with pytest.raises(BadSPARQL) as caught:
        sparql.query(remote(port), "ASK {}", "*/*")
    assert (caught.value.line, caught.value.column) == (2, 5)
    port = service(body("text/plain", b"broken", status=500))
    with pytest.raises(GraphUnavailable, match="broken"):
        sparql.query(remote(port), "ASK {}", "*/*")


def test_too_large_is_said_with_the_size(service: Callable[[Reply], int]) -> None:
    port = service(body(protocol.CSV, b"a\r\n" + b"1\r\n" * 1000))
    with pytest.raises(AnswerTooLarge, match="3,003"):
        sparql.query(remote(port), "ASK {}", protocol.CSV, limit=3002)
    assert sparql.query(remote(port), "ASK {}", protocol.CSV, limit=3003).size == 3003


def test_nobody_there() -> None:
    with pytest.raises(GraphUnavailable):
        sparql.query(remote(1), "ASK {}", "*/*")


def test_a_service_that_never_answers_is_given_up(service: Callable[[Reply], int]) -> None:
    hold = threading.Event()
    port = service(lambda handler: (hold.wait(30), None)[1])
    ended: list[int] = []
    supervised = SupervisedService(lambda: (port, 5), ended.append)
    with pytest.raises(GraphUnavailable, match="did not answer within"):
        supervised.carry_out(Call("query", b"ASK {}", seconds=0.0), repeats=1)
    hold.set()
    assert ended == [5]  # ended once, and not repeated


def test_a_lost_call_is_repeated_as_often_as_said(service: Callable[[Reply], int]) -> None:
    bodies: list[int] = []

    def reply(handler: BaseHTTPRequestHandler) -> None:
        bodies.append(1)
        if len(bodies) % 2 == 0:
            body(protocol.CSV, b"a\r\n")(handler)  # else: hang up

    port = service(reply)
    lost: list[int] = []
    supervised = SupervisedService(lambda: (port, 5), lambda generation: None, lost.append)
    assert text(supervised.carry_out(Call("query", b"ASK {}"), repeats=1)) == "a\r\n"
    assert lost == [5]
    with pytest.raises(GraphUnavailable):
        supervised.carry_out(Call("query", b"ASK {}"), repeats=0)
