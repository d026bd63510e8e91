"""Connections that stay open: used again while they are whole, and only then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from registry.graph.connections import KEPT, Connections
from registry.graph.sparql import Call, Endpoints, Lost, carry_out

CSV = b"a\r\n1\r\n"


class Service:
    """A server on loopback that counts its connections; a query's text says how it answers."""

    def __init__(self) -> None:
        self.opened = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 10

            def setup(self) -> None:
                service.opened += 1
                super().setup()

            def do_POST(self) -> None:
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(400 if asked == b"wrong" else 200)
                self.send_header("Content-Type", "text/csv")
                if asked == b"in pieces":
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    for piece in (CSV, b""):
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                else:
                    self.send_header("Content-Length", str(len(CSV) + (asked == b"half")))
                    self.end_headers()
                    self.wfile.write(CSV)
                # An end that no header speaks of.
                self.close_connection = asked in (b"half", b"last")

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def endpoints(self) -> Endpoints:
        address = f"http://127.0.0.1:{self.server.server_address[1]}/query"
        return Endpoints(address, address, address)


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


def ask(service: Service, connections: Connections, query: bytes) -> bytes:
    answer = carry_out(service.endpoints, Call("query", query, seconds=10), connections)
    with answer.file:
        return answer.file.read()


def test_a_connection_is_used_again_after_a_whole_answer(service: Service) -> None:
    connections = Connections()
    for query in (b"once", b"in pieces", b"again"):
        assert ask(service, connections, query) == CSV
    with pytest.raises(Exception, match="a"):
        ask(service, connections, b"wrong")
    assert ask(service, connections, b"after a fault") == CSV
    assert service.opened == 1
    connections.close()
    assert ask(service, connections, b"anew") == CSV
    assert service.opened == 2
    connections.close()


def test_one_that_the_service_has_ended_is_not_used(service: Service) -> None:
    connections = Connections()
    assert ask(service, connections, b"last") == CSV
    connections._idle[0].connection.sock.settimeout(10)
    assert connections._idle[0].connection.sock.recv(1) == b""  # the end has come here by now
    assert ask(service, connections, b"next") == CSV
    assert service.opened == 2
    connections.close()


def test_one_with_half_an_answer_in_it_is_not_used(service: Service) -> None:
    connections = Connections()
    with pytest.raises(Lost):
        ask(service, connections, b"half")
    assert ask(service, connections, b"whole") == CSV
    assert service.opened == 2
    connections.close()


def test_only_so_many_are_kept(service: Service) -> None:
    connections = Connections()
    threads = [
        threading.Thread(target=ask, args=(service, connections, b"")) for _ in range(3 * KEPT)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(connections._idle) <= KEPT
    connections.close()
