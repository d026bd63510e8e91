"""What every graph behind the port does; run on the child, and on a service of somebody else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rdflib

from registry.graph import sparql
from registry.graph.child import Child
from registry.graph.errors import AnswerTooLarge, BadRequest, BadSPARQL, NotAcceptable, QueryRefused
from registry.graph.graph import MARKER, Graph, SparqlGraph
from registry.graph.oxigraph_graph import OxigraphGraph
from registry.graph.sparql import Endpoints, RemoteService
from tests.graph.engines import text
from tests.graph.fuseki import running

A, B = "spase://A/NumericalData/a", "ivo://b/ü"
A_LINES = [
    f'<{A}> <http://x/name> "first"@en .',
    f"<{A}> <http://x/access> <{A}#access1> .",
    f'<{A}#access1> <http://x/url> "a \\"quoted\\" \\\\ \\u00e9\\n}} DROP ALL" .',
    f"<{A}> <http://x/about> <{B}> .",
]
B_LINES = [f'<{B}> <http://x/name> "5"^^<http://www.w3.org/2001/XMLSchema#integer> .']


def child_graph(folder: Path) -> tuple[Graph, Callable[[], None]]:
    return OxigraphGraph(folder, answer_limit=20_000), lambda: None


def service_graph(folder: Path) -> tuple[Graph, Callable[[], None]]:
    (folder / "data").mkdir(parents=True)
    child = Child(folder)
    child.serve(folder / "data")
    root = f"http://127.0.0.1:{child.address()[0]}"
    endpoints = Endpoints(f"{root}/query", f"{root}/update", f"{root}/store")
    return SparqlGraph(RemoteService(endpoints), answer_limit=20_000), child.close


@pytest.fixture(scope="module")
def fuseki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with running(tmp_path_factory.mktemp("fuseki")) as endpoints:
        yield endpoints


@pytest.fixture(params=["child", "service", "fuseki"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Graph]:
    if request.param == "fuseki":
        service = RemoteService(request.getfixturevalue("fuseki"))
        sparql.update(service, "CLEAR ALL")
        yield SparqlGraph(service, answer_limit=20_000)
        return
    start = child_graph if request.param == "child" else service_graph
    made, end = start(tmp_path / "graph")
    yield made
    made.close()
    end()


def parsed(lines: object) -> set[tuple[object, ...]]:
    """Triples as rdflib reads them."""
    if isinstance(lines, list):
        lines = "\n".join(lines).encode()
    elif not isinstance(lines, bytes):
        lines = b"".join(lines)  # type: ignore[arg-type]
    return set(rdflib.Graph().parse(data=lines, format="nt"))


def test_a_new_graph_is_empty(graph: Graph) -> None:
    assert graph.marker() == (0, "")
    assert list(graph.lines()) == []


def test_what_is_applied_is_there_to_the_letter(graph: Graph) -> None:
    assert graph.apply([(A, A_LINES), (B, B_LINES)], [], (7, 'print "1"')) == []
    assert parsed(graph.lines()) == parsed(A_LINES + B_LINES)
    assert graph.marker() == (7, 'print "1"')


def test_a_change_replaces_exactly_the_records_triples(graph: Graph) -> None:
    graph.apply([(A, A_LINES), (B, B_LINES)], [], (1, "f"))
    new = [
        f"<{A}> <http://x/access> <{A}#access2> .",
        f'<{A}#access2> <http://x/url> "other" .',
    ]
    for _ in range(2):  # repeatable
        graph.apply([(A, new)], [], (2, "f"))
        assert parsed(graph.lines()) == parsed(new + B_LINES)
    assert graph.marker() == (2, "f")


def test_what_is_gone_takes_its_parts_along_and_nothing_else(graph: Graph) -> None:
    near = f"{A}b"  # its IRI begins with the other's
    near_lines = [
        f"<{near}> <http://x/access> <{near}#access1> .",
        f"<{near}> <http://x/about> <{A}#access1> .",
        f'<{near}#access1> <http://x/url> "near" .',
    ]
    graph.apply([(A, A_LINES), (near, near_lines), (B, B_LINES)], [], (1, "f"))
    graph.apply([], [A, "spase://never/there", "no iri"], (2, "f"))
    assert parsed(graph.lines()) == parsed(near_lines + B_LINES)


def test_nothing_to_do_moves_the_marker(graph: Graph) -> None:
    graph.apply([], [], (12, "g"))
    assert graph.marker() == (12, "g")


def test_records_that_the_engine_refuses_are_left_out_and_named(graph: Graph) -> None:
    records = [(f"spase://A/{n}", [f'<spase://A/{n}> <http://x/p> "{n}" .']) for n in range(9)]
    good = parsed(
        [line for n, (_, lines) in enumerate(records) if n not in (3, 8) for line in lines]
    )
    graph.apply(records, [], (1, "f"))
    records[3] = ("spase://A/3", ["<spase://A/3> <http://x/p> <http://[broken> ."])
    records[8] = ("spase://A/8", ['<spase://A/8> <http://x/p> "open } ; DROP ALL .'])
    refused = graph.apply(records, [], (2, "f"))
    named = sorted(iri for iri, _ in refused)
    if "spase://A/3" not in named:  # not every store minds an IRI that RFC 3987 does not allow
        good |= parsed(records[3][1])
        named.insert(0, "spase://A/3")
    assert named == ["spase://A/3", "spase://A/8"]
    assert all(reason for _, reason in refused)
    assert parsed(graph.lines()) == good
    assert graph.marker() == (2, "f")


def test_a_build_replaces_everything(graph: Graph, tmp_path: Path) -> None:
    graph.apply([(A, A_LINES)], [], (1, "old"))
    files = [tmp_path / "one.nt", tmp_path / "two.nt"]
    files[0].write_text("\n".join(B_LINES) + "\n", "utf-8")
    files[1].write_text('<spase://A/c> <http://x/p> "c" .\n', "utf-8")
    vocabulary = ['<http://v/a> <http://v/label> "a" .']
    graph.set_vocabularies(vocabulary, "v1")
    assert graph.build(files, (33, "new")) == []
    expected = [*B_LINES, '<spase://A/c> <http://x/p> "c" .', *vocabulary]
    assert parsed(graph.lines()) == parsed(expected)
    assert graph.marker() == (33, "new")


def test_vocabularies_are_replaced_as_a_whole(graph: Graph) -> None:
    graph.set_vocabularies(
        ['<http://v/a> <http://v/b> "1" .', '<http://v/c> <http://v/b> "2" .'], "1"
    )
    graph.apply([(B, B_LINES)], [], (1, "f"))
    graph.set_vocabularies(['<http://v/a> <http://v/b> "3" .'], "2")
    assert parsed(graph.lines()) == parsed(['<http://v/a> <http://v/b> "3" .', *B_LINES])
    assert graph.marker() == (1, "f")


def test_the_marker_is_in_no_default_query(graph: Graph) -> None:
    graph.apply([(B, B_LINES)], [], (1, "f"))
    answer = json.loads(text(graph.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")))
    assert answer["results"]["bindings"][0]["n"]["value"] == "1"


def test_the_dataset_that_a_client_names_is_honoured(graph: Graph) -> None:
    graph.apply([(B, B_LINES)], [], (1, "f"))
    assert "true" in text(graph.query("ASK { ?s ?p 1 }", default_graphs=[MARKER]))
    assert "false" in text(graph.query("ASK { ?s ?p 5 }", default_graphs=[MARKER]))
    assert "false" in text(graph.query("ASK { GRAPH ?g { ?s ?p ?o } }", named_graphs=["x:none"]))
    with pytest.raises(BadRequest):
        graph.query("ASK {}", default_graphs=["no iri"])


def test_a_select_in_all_its_formats(graph: Graph) -> None:
    graph.apply([(A, A_LINES)], [], (1, "f"))
    query = "SELECT ?o { ?s <http://x/url> ?o }"
    value = 'a "quoted" \\ é\n} DROP ALL'
    for kind, read in {
        "application/sparql-results+json": lambda t: json.loads(t)["results"]["bindings"][0]["o"][
            "value"
        ],
        "application/sparql-results+xml": lambda t: str(
            next(iter(rdflib.query.Result.parse(io.BytesIO(t.encode()), format="xml")))[0]
        ),
        "text/csv": lambda t: list(csv.reader(io.StringIO(t, newline="")))[1][0],
        "text/tab-separated-values": lambda t: str(
            rdflib.util.from_n3(t.splitlines()[1].replace("\\n", "\n"))
        ).replace("\\n", "\n"),
    }.items():
        answer = graph.query(query, kind)
        assert answer.media_type == kind
        assert read(text(answer)) == value, kind


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text/turtle", "turtle"),
        ("application/n-triples", "nt"),
        ("application/ld+json", "json-ld"),
        ("application/rdf+xml", "xml"),
    ],
)
def test_a_graph_in_all_its_formats(graph: Graph, kind: str, name: str) -> None:
    graph.apply([(A, A_LINES), (B, B_LINES)], [], (1, "f"))
    answer = graph.query("CONSTRUCT WHERE { ?s ?p ?o }", kind)
    assert answer.media_type == kind
    assert set(rdflib.Graph().parse(data=text(answer), format=name)) == parsed(A_LINES + B_LINES)
    empty = graph.query("CONSTRUCT WHERE { ?s <x:y> ?o }", kind)
    assert len(rdflib.Graph().parse(data=text(empty), format=name)) == 0


def test_describe_and_ask(graph: Graph) -> None:
    graph.apply([(B, B_LINES)], [], (1, "f"))
    assert parsed(text(graph.query(f"DESCRIBE <{B}>", "application/n-triples")).encode()) == parsed(
        B_LINES
    )
    assert json.loads(text(graph.query("ASK { ?s ?p 5 }")))["boolean"] is True


def test_a_malformed_query_is_named_with_its_place(graph: Graph) -> None:
    with pytest.raises(BadSPARQL) as caught:
        graph.query("SELECT * {\n ?s ?p }")
    assert caught.value.line == 2
    # The brace at column 8 comes too early for the triple that begins at column 2.
    assert 2 <= caught.value.column <= 8
    with pytest.raises(BadSPARQL):
        graph.query("")


def test_updates_and_service_are_refused_and_change_nothing(graph: Graph) -> None:
    graph.apply([(B, B_LINES)], [], (1, "f"))
    for refused in ("CLEAR ALL", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"):
        with pytest.raises(QueryRefused):
            graph.query(refused)
    assert parsed(graph.lines()) == parsed(B_LINES)


def test_ask_has_no_tables(graph: Graph) -> None:
    with pytest.raises(NotAcceptable):
        graph.query("ASK {}", "text/csv, text/tab-separated-values;q=0.5")


def test_an_answer_has_a_largest_size(graph: Graph) -> None:
    lines = [f'<{B}> <http://x/p> "{n:0100}" .' for n in range(500)]
    graph.apply([(B, lines)], [], (1, "f"))
    with pytest.raises(AnswerTooLarge):
        graph.query("SELECT * { ?s ?p ?o }")
    assert graph.query("SELECT * { ?s ?p ?o } LIMIT 10").size < 20_000


def test_deep_nesting_never_reaches_the_engine(graph: Graph) -> None:
    with pytest.raises(BadSPARQL, match="brackets"):
        graph.query("SELECT * " + "{" * 20_000 + "}" * 20_000)
