"""The supervised child: hostile queries, deaths of every kind, and what it may not do."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.graph import bulk, child, sparql
from registry.graph.errors import GraphUnavailable
from registry.graph.oxigraph_graph import OxigraphGraph, SupervisedService, attach
from registry.places import Places
from tests.graph.engines import crowd, text

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="what Linux alone can do")

_DOUBLED = " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(36))
HOSTILE = {
    "cross product, counted": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "cross product, written": "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "cross product, ordered": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f",
    "cross product, distinct": "SELECT DISTINCT ?c ?f ?i { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "cross product, grouped": (
        "SELECT ?a (GROUP_CONCAT(?f) AS ?x) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } GROUP BY ?a"
    ),
    "negated property path": "SELECT (COUNT(*) AS ?n) { ?a (!<x:y>)* ?b . ?c (!<x:z>)* ?d }",
    "nested OPTIONAL": (
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c OPTIONAL { ?d ?e ?f "
        "OPTIONAL { ?g ?h ?i FILTER(?i = ?c) } } }"
    ),
    "doubled CONCAT": f'SELECT ?x36 {{ BIND("a" AS ?x0) {_DOUBLED} }}',
    "rows of VALUES": (
        "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"VALUES ?v{n} {{ 0 1 2 3 4 5 6 7 8 9 }}" for n in range(14))
        + " }"
    ),
}


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OxigraphGraph]:
    """A graph of 4,000 triples, with a second for each query."""
    folder: Path = tmp_path_factory.mktemp("crowded")
    graph = OxigraphGraph(folder / "graph", seconds=1.0)
    graph.build([crowd(folder / "crowd.nt")], (1, "f"))
    yield graph
    graph.close()


@pytest.fixture
def graph(tmp_path: Path) -> Iterator[OxigraphGraph]:
    made = OxigraphGraph(tmp_path / "graph")
    made.apply([("x:a", ['<x:a> <x:b> "c" .'])], [], (1, "f"))
    yield made
    made.close()


def count(graph: object) -> int:
    answer = json.loads(text(graph.query(COUNT)))  # type: ignore[attr-defined]
    return int(answer["results"]["bindings"][0]["n"]["value"])


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_hostile_queries_end_and_the_next_one_is_answered(
    crowded: OxigraphGraph, query: str
) -> None:
    with pytest.raises(GraphUnavailable):
        crowded.query(query, timeout=0.1)
    assert count(crowded) == 4000


def test_memory_has_an_end(tmp_path: Path) -> None:
    graph = OxigraphGraph(tmp_path / "graph", seconds=60.0, memory=1 << 30)
    try:
        with pytest.raises(GraphUnavailable, match="memory"):
            graph.query(HOSTILE["doubled CONCAT"])
        assert count(graph) == 0
    finally:
        graph.close()


@linux
def test_a_child_that_is_killed_is_replaced_with_its_data(graph: OxigraphGraph) -> None:
    before = graph.pid()
    os.kill(before, signal.SIGKILL)
    assert count(graph) == 1
    assert graph.pid() not in (0, before)
    assert graph.marker() == (1, "f")


def test_a_call_in_flight_survives_the_kill_of_another(crowded: OxigraphGraph) -> None:
    """Somebody counts without a pause while hostile queries get the child killed beside them."""
    stop = threading.Event()
    counts: list[object] = []

    def ask() -> None:
        while not stop.is_set():
            try:
                counts.append(count(crowded))
            except GraphUnavailable as error:
                counts.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    for _ in range(2):
        with pytest.raises(GraphUnavailable):
            crowded.query(HOSTILE["doubled CONCAT"], timeout=0.1)
    stop.set()
    thread.join()
    assert set(counts) == {4000}


@linux
def test_other_processes_find_the_child_and_its_successor(graph: OxigraphGraph) -> None:
    folder = Places(graph._places.folder).folder
    reader = attach(folder)
    assert count(reader) == 1
    named = json.loads((folder / "server.json").read_text())
    assert named["pid"] == graph.pid()
    assert stat.S_IMODE((folder / "server.json").stat().st_mode) == 0o600
    os.kill(graph.pid(), signal.SIGKILL)
    count(graph)  # its supervisor has started another by now
    assert count(reader) == 1
    graph.close()
    with pytest.raises(GraphUnavailable, match="parhelion serve"):
        reader.query(COUNT)
    with pytest.raises(GraphUnavailable):
        graph.query(COUNT)


def test_a_reader_ends_what_outlives_its_limit(crowded: OxigraphGraph) -> None:
    reader = attach(crowded._places.folder)
    before = crowded.pid()
    for _ in range(2):  # the second child lives for less than a second
        with pytest.raises(GraphUnavailable, match="did not answer"):
            reader.query(HOSTILE["doubled CONCAT"], timeout=0.1)
        assert count(reader) == 4000  # nobody but the supervisor itself starts the next one
    assert crowded.pid() != before


_HOLDER = """
import sys
from pathlib import Path
from registry.graph.oxigraph_graph import OxigraphGraph
graph = OxigraphGraph(Path(sys.argv[1]))
print(graph.pid(), flush=True)
sys.stdin.read()
"""


@linux
def test_a_parent_that_is_killed_leaves_no_child(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    parent = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    handle = os.pidfd_open(pid)  # while it is surely that process
    parent.kill()
    parent.communicate()
    assert select.select([handle], [], [], 20)[0]
    os.close(handle)
    again = OxigraphGraph(folder)  # its lock is free
    assert count(again) == 0
    again.close()


def test_an_orphan_is_ended_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    first = OxigraphGraph(folder)
    first.apply([("x:a", ['<x:a> <x:b> "c" .'])], [], (1, "f"))
    place = Places(folder).current()
    first.close()
    port = child._free_port()
    orphan = subprocess.Popen(
        [child.binary(), "serve", "--location", str(place), "--bind", f"127.0.0.1:{port}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert orphan.stderr is not None
    while not orphan.stderr.readline().startswith("Listening"):
        assert orphan.poll() is None
    named = {"pid": orphan.pid, "port": port, "location": str(place), "ready": True}
    (folder / "server.json").write_text(json.dumps(named))
    graph = OxigraphGraph(folder)
    assert orphan.wait(20) == -signal.SIGKILL
    orphan.stderr.close()
    assert count(graph) == 1
    graph.close()


def test_another_process_with_the_number_of_an_orphan_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    folder.mkdir()
    other = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()", "serve", str(folder / "1")],
        stdin=subprocess.PIPE,
    )
    named = {"pid": other.pid, "port": 1, "location": str(folder / "1"), "ready": True}
    (folder / "server.json").write_text(json.dumps(named))
    OxigraphGraph(folder).close()
    assert other.poll() is None
    other.communicate(b"")
    assert other.returncode == 0


@linux
def test_the_child_cannot_connect_even_when_it_is_told_to(graph: OxigraphGraph) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        service = SupervisedService(graph._child.address, graph._child.restart)
        # Past every guard of ours, straight to the engine.
        query = f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}"
        with pytest.raises(GraphUnavailable, match="not permitted"):
            sparql.query(service, query, "application/sparql-results+json")
        assert not select.select([listener], [], [], 0)[0]


def test_a_build_that_fails_leaves_the_old_graph(graph: OxigraphGraph, tmp_path: Path) -> None:
    with pytest.raises(GraphUnavailable):
        graph.build([tmp_path / "missing.nt"], (2, "g"))
    assert count(graph) == 1
    assert graph.marker() == (1, "f")
    folder = graph._places.folder
    graph.close()
    again = OxigraphGraph(folder)
    assert again.marker() == (1, "f")
    again.close()
    assert sorted(path.name for path in folder.iterdir()) == ["1", "current"]


def test_a_build_leaves_out_bad_records_whole_and_names_them(tmp_path: Path) -> None:
    one, two = tmp_path / "one.nt", tmp_path / "two.nt"
    one.write_text(
        '<x:a> <x:p> "1" .\n<x:b> <x:part> <x:b#c> .\n<x:b#c> <x:p> <no scheme> .\n'
        '<x:b> <x:p> "2" .\n<x:bb> <x:p> "3" .\n<x:d> <x:p> "open .\n'
    )
    two.write_text('<x:e> <x:p> "4"^^<http://[> .\n<x:f> <x:p> "5" .\n')
    graph = OxigraphGraph(tmp_path / "graph")
    try:
        refused = graph.build([one, two], (3, "f"))
        assert sorted(iri for iri, _ in refused) == ["x:b", "x:d", "x:e"]
        expected = [b'<x:a> <x:p> "1" .\n', b'<x:bb> <x:p> "3" .\n', b'<x:f> <x:p> "5" .\n']
        assert sorted(graph.lines()) == expected
        assert graph.marker() == (3, "f")
    finally:
        graph.close()


def test_a_file_of_nothing_but_faults_stops_the_build(tmp_path: Path) -> None:
    bad = tmp_path / "bad.nt"
    bad.write_text("".join(f"<x:{n}> <x:p> <no> .\n" for n in range(40)))
    with pytest.raises(GraphUnavailable, match="more than 20 records"):
        bulk.load(tmp_path / "place", [bad])


def test_only_so_many_queries_at_once(tmp_path: Path) -> None:
    graph = OxigraphGraph(tmp_path / "graph", parallel=1)
    try:
        with graph._slot(1.0), pytest.raises(GraphUnavailable, match="no more at once"):
            graph.query("ASK {}", timeout=0.0)
        assert "true" in text(graph.query("ASK {}"))
    finally:
        graph.close()


def test_without_the_program_it_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraphUnavailable, match="not installed"):
        child.binary()


@linux
def test_queries_leave_no_threads_behind(graph: OxigraphGraph) -> None:
    """With a limit of the engine's own, each query left one that slept until the limit."""
    for _ in range(50):
        count(graph)
    assert len(list(Path(f"/proc/{graph.pid()}/task").iterdir())) < 40
