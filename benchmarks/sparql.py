"""`make bench-sparql`: twelve queries through /sparql, beside bare `oxigraph serve` and rdflib.

    python -m benchmarks.sparql DATA [--json FILE] [--times N] [--without-rdflib]

DATA is a data folder that `parhelion ingest` filled; without one the records of ../shared/spase
are taken in first. The same triples stand in all three. Milliseconds are the quickest of N times,
for what else the machine does only adds to them; each query by a new connection, as clients ask,
now ours before the bare engine, now after it. `first` is a query that nobody has asked before (a
comment makes it another one), `again` the same query once more. Beside them the CPU time of the
server and its engine, and of the bare engine, which a busy machine lengthens less.

rdflib has the triples in memory and is asked in its own process, without HTTP; its answer is read
to the end but not written in any format, and its CPU time counts. The first asking, which fills
its caches, is left out. Then what it costs to load and to replace one record.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import python, run
from registry.engines import Engines, opened
from registry.graph.child import binary, read_server
from registry.settings import read_settings
from registry.web.sparql_examples import prefixed
from tests.shared import SHARED

QUERIES = {
    "count of all": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "count of a class": "SELECT (COUNT(?s) AS ?n) { ?s a dcat:Dataset }",
    "filter and time": """SELECT ?d ?from { ?d a dcat:Dataset ; dcterms:temporal ?t .
        ?t dcat:startDate ?from ; dcat:endDate ?to
        FILTER(?from <= "2003-10-28T00:00:00Z"^^xsd:dateTime
            && ?to >= "2003-11-04T00:00:00Z"^^xsd:dateTime) } ORDER BY ?from ?d LIMIT 100""",
    "changed since": """SELECT (COUNT(?r) AS ?n) { ?r foaf:isPrimaryTopicOf/dcterms:modified ?m
        FILTER(?m >= "2024-01-01T00:00:00Z"^^xsd:dateTime) }""",
    "path up": """SELECT (COUNT(DISTINCT ?d) AS ?n) {
        ?r skos:broader* spase-Region:Earth.Magnetosphere . ?d ph:observedRegion ?r }""",
    "finds": """SELECT (COUNT(DISTINCT ?d) AS ?n) {
        spase-Region:Earth.Magnetosphere ph:finds ?r . ?d ph:observedRegion ?r }""",
    "path and group": """SELECT ?p (COUNT(DISTINCT ?d) AS ?n) {
        ?d sosa:madeBySensor/sosa:isHostedBy ?p } GROUP BY ?p ORDER BY DESC(?n) ?p LIMIT 20""",
    "regex": """SELECT (COUNT(?s) AS ?n) { ?s dcterms:title ?t
        FILTER(REGEX(?t, "solar wind|interplanetary", "i")) }""",
    "group by": """SELECT ?m (COUNT(DISTINCT ?d) AS ?n) { ?d a dcat:Dataset ;
        ph:measurementType ?m } GROUP BY ?m ORDER BY DESC(?n) ?m""",
    "join of four": """SELECT (COUNT(*) AS ?n) { ?d ph:referenceFrame frames:GSE ;
        sosa:madeBySensor ?i . ?i sosa:isHostedBy ?p . ?p dcterms:title ?o }""",
    "optional": """SELECT ?p ?n ?o { ?p a foaf:Person ; foaf:name ?n
        OPTIONAL { ?p owl:sameAs ?o } } ORDER BY ?n ?p LIMIT 100""",
    "describe": "DESCRIBE ?d { ?d ph:observedRegion spase-Region:Jupiter }",
}
"""Answers that are the same in every engine: whole, or in an order that leaves no choice."""
ACCEPTED = "application/sparql-results+json, application/n-triples;q=0.9"


@dataclass(slots=True, frozen=True)
class Service:
    """A service of SPARQL: its address, and the processes that answer there."""

    address: str
    processes: tuple[int, ...]

    def cpu(self) -> float:
        """Seconds of CPU that its processes have used so far."""
        # The clock of another process, as clock_getcpuclockid(3) names it on Linux.
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.processes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--json", default="", help="file for the figures")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--without-rdflib", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parhelion-sparql-") as folder:
        place = Path(folder)
        data = options.data or _ingested(place)
        figures = measure(data, place, options.times, rdflib=not options.without_rdflib)
    show(figures)
    if options.json:
        Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")


def _ingested(place: Path) -> Path:
    if SHARED is None:
        sys.exit("name a data folder: the shared records are missing")
    archives = [str(path) for path in sorted(SHARED.glob("spase/*.zip"))]
    run(python("app.py", "--data", str(place / "data"), "ingest", *archives))
    return place / "data"


def measure(data: Path, place: Path, times: int, *, rdflib: bool) -> dict[str, Any]:
    """Milliseconds of each query by each way, and the costs of loading and replacing."""
    triples = place / "triples.nt"
    with opened(read_settings(data)) as engines:
        engines.following().catch_up()  # a graph that is built anew meanwhile would be measured too
        with triples.open("wb") as file:
            file.writelines(engines.graph.lines())
    with _served(data) as ours, _bare(place, triples) as (bare, load):
        rows = {
            name: _compared(ours, bare, prefixed(text), times) for name, text in QUERIES.items()
        }
        sizes = {name: _size(ours.address, prefixed(text)) for name, text in QUERIES.items()}
    with opened(read_settings(data)) as engines:  # last, because a store that was written is slower
        replaced = _replaced(engines)
    if rdflib:
        for name, (milliseconds, size) in _in_rdflib(triples).items():
            rows[name]["rdflib"] = milliseconds
            if size != sizes[name]:
                sys.exit(f"{name}: {sizes[name]} rows or triples here, {size} in rdflib")
    with triples.open("rb") as file:
        count = sum(1 for _ in file)
    return {
        "triples": count,
        "queries": rows,
        "oxigraph load CPU s": load,
        "mapping and writing CPU s": _mapped(data, place),
        "one record replaced ms": replaced,
    }


def _compared(ours: Service, bare: Service, text: str, times: int) -> dict[str, float]:
    """The quickest of so many askings in milliseconds, one before them left out; CPU likewise."""
    taken: dict[str, list[float]] = {}
    for turn in range(times + 1):
        another = f"{text}\n# {turn}"
        both = [("first", ours, another), ("bare", bare, another)]
        if turn % 2:
            both.reverse()
        for name, service, query in (*both, ("again", ours, text)):
            used, began = service.cpu(), time.perf_counter()
            _asked(service.address, query)
            taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)
            taken.setdefault(f"{name} CPU", []).append((service.cpu() - used) * 1000)
    return {name: min(found[1:]) for name, found in taken.items()}


def _asked(address: str, text: str) -> bytes:
    headers = {"Content-Type": "application/sparql-query", "Accept": ACCEPTED}
    with urllib.request.urlopen(urllib.request.Request(address, text.encode(), headers)) as answer:
        return bytes(answer.read())


def _size(address: str, text: str) -> int:
    """Rows of an answer's table, or triples of its graph."""
    body = _asked(address, text)
    if body.startswith(b"{"):
        return len(json.loads(body)["results"]["bindings"])
    return body.count(b" .\n")


@contextmanager
def _served(data: Path) -> Iterator[Service]:
    """`/sparql` of a server of its own."""
    process = subprocess.Popen(
        python("app.py", "--data", str(data), "serve", "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # A process beside it that makes pages ahead would be measured too.
        env=os.environ | {"PARHELION_PAGES__PREPARE": "false"},
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split(" at ")[1].split(" ")[0] + "/sparql"
        engine = read_server(data / "graph")
        assert engine is not None
        yield Service(address, (process.pid, engine.pid))
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _bare(place: Path, triples: Path) -> Iterator[tuple[Service, float]]:
    """A bare `oxigraph serve` on these triples, and the CPU s of loading them."""
    location = str(place / "bare")
    load = run([binary(), "load", "--location", location, "--file", str(triples)])[0].cpu
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [binary(), "serve", "--location", location, "--bind", f"127.0.0.1:{port}"],
        stderr=subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        process.stderr.readline()  # it says when it listens
        yield Service(f"http://127.0.0.1:{port}/query", (process.pid,)), load
    finally:
        process.kill()
        process.wait()


def _replaced(engines: Engines) -> float:
    """Milliseconds for one record replaced as the follower does it, a new process aside."""
    from registry import identifiers
    from registry.followers.described import described

    graph, taken = engines.graph, []
    with engines.store.reading() as reader:
        marker = graph.marker()
        batch, _ = reader.changed(0, 400)
        items = [one for one in described(reader, batch) if one.record is not None][::8]
        for item in items:
            began = time.perf_counter()
            lines = item.triples(engines.settings.public_url)
            graph.apply([(identifiers.iri(item.kept.key), lines)], [], marker)
            taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def _mapped(data: Path, place: Path) -> float:
    """CPU s of making the triples of all records from their models, and of writing them."""
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from registry.engines import open_store\n"
        "from registry.followers.described import every_described\n"
        "from registry.settings import read_settings\n"
        "store = open_store(read_settings(Path(sys.argv[1])))\n"
        "taken = 0.0\n"
        "with store.reading() as reader, open(sys.argv[2], 'w') as file:\n"
        "    for item in every_described(reader):\n"
        "        if item.record is None: continue\n"
        "        began = time.process_time()\n"
        "        file.write('\\n'.join(item.triples('')) + '\\n')\n"
        "        taken += time.process_time() - began\n"
        "print(taken)\n"
    )
    return float(run(python("-c", code, str(data), str(place / "mapped.nt")))[1])


def _in_rdflib(triples: Path) -> dict[str, tuple[float, int]]:
    """(milliseconds, rows or triples) of each query; the quickest of three after one left out."""
    code = (
        "import json, sys, time, rdflib\n"
        "graph = rdflib.Graph().parse(sys.argv[1], format='nt')\n"
        "for name, text in json.load(sys.stdin).items():\n"
        "    taken = []\n"
        "    for turn in range(4):\n"
        "        began = time.process_time()\n"
        "        size = len(list(graph.query(text)))\n"
        "        taken.append((time.process_time() - began) * 1000)\n"
        "    print(json.dumps([name, [min(taken[1:]), size]]), flush=True)\n"
    )
    asked_for = json.dumps({name: prefixed(text) for name, text in QUERIES.items()})
    said = subprocess.run(
        python("-c", code, str(triples)),
        input=asked_for,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in said.stdout.splitlines()]
    return {name: (milliseconds, size) for name, (milliseconds, size) in found}


def show(figures: dict[str, Any]) -> None:
    print(f"{figures['triples']:,} triples\n")
    print(
        f"{'ms':<18}{'first':>8}{'bare':>8}{'allowed':>8}{'CPU':>8}{'bare':>8}{'again':>8}"
        f"{'rdflib':>9}{'/first':>8}{'/again':>8}"
    )
    for name, row in figures["queries"].items():
        allowed = 1.2 * row["bare"] + 2
        numbers = row["first"], row["bare"], allowed, row["first CPU"], row["bare CPU"]
        line = f"{name:<18}" + "".join(f"{one:>8.1f}" for one in (*numbers, row["again"]))
        slow = row.get("rdflib")
        if slow:
            line += f"{slow:>9.0f}{slow / row['first']:>7.0f}×{slow / row['again']:>7.0f}×"
        print(line + (" !" if row["first"] > allowed else ""))
    load, mapped = figures["oxigraph load CPU s"], figures["mapping and writing CPU s"]
    print(
        f"\nmapping and writing {mapped:.2f} CPU s, oxigraph load {load:.2f}: {mapped / load:.2f}"
    )
    print(f"one record replaced {figures['one record replaced ms']:.1f} ms")


if __name__ == "__main__":
    main()
