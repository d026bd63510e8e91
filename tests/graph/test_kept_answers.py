"""Answers that are given again: the same ones, never old ones, and no more than there is room."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.graph import kept_answers, protocol
from registry.graph.kept_answers import KeptAnswers
from registry.graph.oxigraph_graph import OxigraphGraph
from registry.graph.sparql import Answer, Call, Service
from tests.graph.engines import text

NAMES = "SELECT ?name { ?s <x:name> ?name } ORDER BY ?name"


class Counted:
    """A service that counts the queries that reach it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.queries = 0

    def carry_out(self, call: Call, *, repeats: int = 0) -> Answer:
        self.queries += call.address == "query"
        return self.service.carry_out(call, repeats=repeats)

    def close(self) -> None:
        self.service.close()


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[OxigraphGraph]:
    made = OxigraphGraph(tmp_path / "graph", kept=100_000)
    made._service = Counted(made._service)
    made.apply([("x:a", ['<x:a> <x:name> "a" .'])], [], (1, "f"))
    yield made
    made.close()


def asked(graph: OxigraphGraph, query: str, accept: str = protocol.CSV) -> tuple[str, int]:
    """The answer, and how many queries reached the engine for it."""
    service = graph._service
    assert isinstance(service, Counted)
    before = service.queries
    return text(graph.query(query, accept)), service.queries - before


def test_an_answer_is_given_again_until_something_is_written(graph: OxigraphGraph) -> None:
    assert asked(graph, NAMES) == ("name\r\na\r\n", 1)
    assert asked(graph, NAMES) == ("name\r\na\r\n", 0)
    graph.apply([("x:b", ['<x:b> <x:name> "b" .'])], [], (2, "f"))
    assert asked(graph, NAMES) == ("name\r\na\r\nb\r\n", 1)
    graph.apply([], ["x:a"], (3, "f"))
    assert asked(graph, NAMES) == ("name\r\nb\r\n", 1)


def test_a_new_graph_has_new_answers(graph: OxigraphGraph, tmp_path: Path) -> None:
    assert asked(graph, NAMES)[1] == 1
    (tmp_path / "new.nt").write_text('<x:c> <x:name> "c" .\n')
    graph.build([tmp_path / "new.nt"], (4, "f"))
    assert asked(graph, NAMES) == ("name\r\nc\r\n", 1)
    graph.set_vocabularies(['<x:v> <x:name> "v" .'], "new words")
    assert asked(graph, NAMES) == ("name\r\nc\r\nv\r\n", 1)


def test_another_format_or_graph_is_another_answer(graph: OxigraphGraph) -> None:
    assert asked(graph, NAMES)[1] == 1
    assert asked(graph, NAMES, protocol.TSV) == ('?name\n"a"\n', 1)
    empty = graph.query(NAMES, protocol.CSV, default_graphs=["x:none"])
    assert text(empty) == "name\r\n"
    assert asked(graph, NAMES) == ("name\r\na\r\n", 0)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (RAND() AS ?x) {}",
        "SELECT (now # and then\n() AS ?x) {}",
        "SELECT (struuid () AS ?x) {}",
        "SELECT ?x { BIND(bnode('a') AS ?x) }",
    ],
)
def test_what_has_another_answer_each_time_is_asked_each_time(
    graph: OxigraphGraph, query: str
) -> None:
    assert [asked(graph, query)[1] for _ in range(2)] == [1, 1]


def test_an_escape_may_hide_what_has_another_answer_each_time() -> None:
    assert kept_answers.key(r"SELECT (\u004eOW() AS ?x) {}", protocol.CSV, (), ()) is None


def kept(answers: KeptAnswers, query: str, body: bytes, version: int | None = None) -> bytes | None:
    """What the answers have of a query after one was to be kept."""
    key = kept_answers.key(query, protocol.CSV, (), ())
    assert key is not None
    at = answers.version() if version is None else version
    given = answers.keep(key, Answer(protocol.CSV, io.BytesIO(body), len(body)), at)
    assert given.file.read() == body
    found = answers.get(key)
    return found.file.read() if found else None


def test_nothing_is_kept_of_what_was_asked_before_or_during_a_change() -> None:
    answers = KeptAnswers(100_000)
    before = answers.version()
    with answers.changing():
        assert kept(answers, "ASK {}", b"old", before) is None
        during = answers.version()
        assert kept(answers, "ASK {}", b"between", during) is None
    assert kept(answers, "ASK {}", b"between", during) is None
    assert kept(answers, "ASK {}", b"new") == b"new"


def test_there_is_room_for_so_much_and_no_more() -> None:
    answers = KeptAnswers(16_000)
    assert kept(answers, "ASK {}", b"x" * 2_001) is None  # an eighth for one at most
    for number in range(100):
        assert kept(answers, f"ASK {{ ?s ?p {number} }}", b"x" * 1000) == b"x" * 1000
        key = kept_answers.key("ASK { ?s ?p 0 }", protocol.CSV, (), ())
        assert key is not None
        assert answers.get(key) is not None  # asked for all the time, so it stays
    assert 5 < len(answers._kept) <= 16
    assert kept(KeptAnswers(0), "ASK {}", b"") is None
