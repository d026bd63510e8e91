"""The SPARQL 1.1 Protocol's requests and media types, without a web server."""

from __future__ import annotations

import pytest

from registry.graph.errors import BadRequest, NotAcceptable, QueryRefused
from registry.graph.protocol import ProtocolRequest, negotiate, read_request

FORM = "application/x-www-form-urlencoded"


def test_the_three_ways_of_asking() -> None:
    wanted = ProtocolRequest("ASK { 'é' }", ("http://a/#g",), ("urn:b", "urn:c"))
    graphs = "default-graph-uri=http%3A%2F%2Fa%2F%23g&named-graph-uri=urn:b&named-graph-uri=urn:c"
    asked = "query=ASK+%7B+%27%C3%A9%27+%7D"
    assert read_request("GET", f"{asked}&{graphs}") == wanted
    assert read_request("POST", "", FORM, f"{asked}&{graphs}".encode()) == wanted
    direct = "application/sparql-query; charset=UTF-8"
    assert read_request("POST", graphs, direct, "ASK { 'é' }".encode()) == wanted


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (("GET", ""), 400),
        (("GET", "query="), 400),
        (("GET", "query=ASK{}&query=ASK{}"), 400),
        (("GET", "query=%FF"), 400),
        (("GET", "query=ASK{}&default-graph-uri=relative"), 400),
        (("GET", "query=ASK{}&named-graph-uri=a%3Ab%3Ec"), 400),
        (("PUT", "query=ASK{}"), 405),
        (("POST", "", "text/plain", b"ASK {}"), 415),
        (("POST", "", "", b"ASK {}"), 415),
        (("POST", "", "application/sparql-query; charset=latin-1", b"ASK {}"), 415),
        (("POST", "", "application/sparql-query", b"\xff"), 400),
        (("POST", "query=ASK{}", "application/sparql-query", b"ASK {}"), 400),
    ],
)
def test_requests_that_are_none(request_: tuple[object, ...], status: int) -> None:
    with pytest.raises(BadRequest) as caught:
        read_request(*request_)  # type: ignore[arg-type]
    assert caught.value.status == status


def test_updates_are_refused() -> None:
    for request in (
        ("POST", "", "application/sparql-update", b"DROP ALL"),
        ("POST", "", FORM, b"update=DROP+ALL"),
        ("GET", "update=DROP+ALL"),
    ):
        with pytest.raises(QueryRefused) as caught:
            read_request(*request)
        assert caught.value.status == 403


@pytest.mark.parametrize(
    ("accept", "form", "given"),
    [
        ("", "SELECT", "application/sparql-results+json"),
        ("*/*", "CONSTRUCT", "text/turtle"),
        ("text/csv", "SELECT", "text/csv"),
        (
            "text/csv;q=0.5, application/sparql-results+xml;q=0.6",
            "SELECT",
            "application/sparql-results+xml",
        ),
        ("application/json", "SELECT", "application/sparql-results+json"),
        ("application/json", "DESCRIBE", "application/ld+json"),
        ("application/xml", "ASK", "application/sparql-results+xml"),
        ("application/xml", "CONSTRUCT", "application/rdf+xml"),
        ("text/*", "SELECT", "text/csv"),
        ("text/html, */*;q=0.1", "ASK", "application/sparql-results+json"),
        ("application/sparql-results+json;q=0, */*", "ASK", "application/sparql-results+xml"),
        ("Application/N-Triples ; q=1.0", "CONSTRUCT", "application/n-triples"),
    ],
)
def test_the_best_type_is_given(accept: str, form: str, given: str) -> None:
    assert negotiate(accept, form) == given


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/csv", "ASK"),
        ("text/tab-separated-values", "ASK"),
        ("text/turtle", "SELECT"),
        ("text/csv", "CONSTRUCT"),
        ("image/png", "SELECT"),
        ("*/*;q=0", "SELECT"),
        ("text/csv;q=nonsense", "SELECT"),
    ],
)
def test_what_cannot_be_given_is_not_acceptable(accept: str, form: str) -> None:
    with pytest.raises(NotAcceptable):
        negotiate(accept, form)
