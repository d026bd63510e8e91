"""`make bench-sparql`: twelve queries through /sparql, beside bare `oxigraph serve` and rdflib.

    python -m benchmarks.sparql DATA [--json FILE] [--times N] [--without-rdflib]

DATA is a data folder that `parhelion ingest` filled; without one the records of ../shared/spase
are taken in first. The same triples stand in all three. Milliseconds are medians, each query by a
new connection, as clients ask, in turn of ours and the bare engine, so that both bear the same
load of the machine. Then what it costs to load and to replace one record.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measuring import python, run
from registry.engines import Engines, opened
from registry.graph.child import binary
from registry.settings import read_settings
from registry.web.sparql_examples import prefixed
from tests.shared import SHARED

ACE = "spase://SMWG/Observatory/ACE"
QUERIES = {
    "count of all": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "count of a class": "SELECT (COUNT(?s) AS ?n) { ?s a dcat:Dataset }",
    "filter and time": """SELECT ?d ?from { ?d a dcat:Dataset ; dcterms:temporal ?t .
        ?t dcat:startDate ?from FILTER(?from < "1970-01-01T00:00:00Z"^^xsd:dateTime) }
        ORDER BY ?from LIMIT 50""",
    "cadence": """SELECT ?d ?c { ?d dcat:temporalResolution ?c ;
        ph:measurementType spase-MeasurementType:MagneticField
        FILTER(?c <= "PT1S"^^xsd:duration) } LIMIT 100""",
    "path up": """SELECT (COUNT(DISTINCT ?d) AS ?n) {
        ?r skos:broader* spase-Region:Earth.Magnetosphere . ?d ph:observedRegion ?r }""",
    "finds": """SELECT (COUNT(DISTINCT ?d) AS ?n) {
        spase-Region:Earth.Magnetosphere ph:finds ?r . ?d ph:observedRegion ?r }""",
    "instruments of a platform": f"""SELECT ?i ?n {{ ?i sosa:isHostedBy <{ACE}> ;
        dcterms:title ?n }} ORDER BY ?n""",
    "regex": """SELECT ?s ?n { ?s a sosa:Sensor ; dcterms:title ?n
        FILTER(REGEX(?n, "magnetometer", "i")) } LIMIT 100""",
    "group by": """SELECT ?m (COUNT(DISTINCT ?d) AS ?n) { ?d a dcat:Dataset ;
        ph:measurementType ?m } GROUP BY ?m ORDER BY DESC(?n)""",
    "join of four": """SELECT ?d ?p ?o { ?d ph:referenceFrame frames:GSE ; sosa:madeBySensor ?i .
        ?i sosa:isHostedBy ?p . ?p dcterms:title ?o } LIMIT 200""",
    "optional": """SELECT ?p ?n ?o { ?p a foaf:Person ; foaf:name ?n
        OPTIONAL { ?p owl:sameAs ?o } } ORDER BY ?n LIMIT 100""",
    "describe": f"DESCRIBE <{ACE}>",
}
JSON = "application/sparql-results+json, text/turtle;q=0.9"


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
        with triples.open("wb") as file:
            file.writelines(engines.graph.lines())
        replaced = _replaced(engines)
    with _served(data) as ours, _bare(place, triples) as (bare, load):
        rows = {
            name: _compared(ours, bare, prefixed(text), times) for name, text in QUERIES.items()
        }
    if rdflib:
        for name, milliseconds in _in_rdflib(triples).items():
            rows[name]["rdflib"] = milliseconds
    with triples.open("rb") as file:
        count = sum(1 for _ in file)
    return {
        "triples": count,
        "queries": rows,
        "oxigraph load CPU s": load,
        "mapping and writing CPU s": _mapped(data, place),
        "one record replaced ms": replaced,
    }


def _compared(ours: str, bare: str, text: str, times: int) -> dict[str, float]:
    """Medians of so many askings in milliseconds, one before them left out."""
    taken: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(times + 1):
        for name, address in (("ours", ours), ("bare", bare)):
            taken[name].append(_asked(address, text))
    return {name: statistics.median(found[1:]) for name, found in taken.items()}


def _asked(address: str, text: str) -> float:
    headers = {"Content-Type": "application/sparql-query", "Accept": JSON}
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(address, text.encode(), headers)) as answer:
        answer.read()
    return (time.perf_counter() - began) * 1000


@contextmanager
def _served(data: Path) -> Iterator[str]:
    """The address of `/sparql` of a server of its own."""
    process = subprocess.Popen(
        python("app.py", "--data", str(data), "serve", "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().split(" at ")[1].split(" ")[0] + "/sparql"
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _bare(place: Path, triples: Path) -> Iterator[tuple[str, float]]:
    """The address of a bare `oxigraph serve` on these triples, and the CPU s of loading them."""
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
        yield f"http://127.0.0.1:{port}/query", load
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


def _in_rdflib(triples: Path) -> dict[str, float]:
    """Milliseconds of each query, asked once, in a process of its own; -1: more than a minute."""
    code = (
        "import json, sys, time, rdflib\n"
        "graph = rdflib.Graph().parse(sys.argv[1], format='nt')\n"
        "for name, text in json.load(sys.stdin).items():\n"
        "    began = time.perf_counter()\n"
        "    answer = graph.query(text)\n"
        "    answer.serialize(format='json' if answer.type == 'SELECT' else 'turtle')\n"
        "    print(json.dumps([name, (time.perf_counter() - began) * 1000]), flush=True)\n"
    )
    asked_for = json.dumps({name: prefixed(text) for name, text in QUERIES.items()})
    said = subprocess.run(
        python("-c", code, str(triples)),
        input=asked_for,
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(json.loads(line) for line in said.stdout.splitlines())


def show(figures: dict[str, Any]) -> None:
    print(f"{figures['triples']:,} triples\n")
    print(f"{'ms':<28}{'ours':>9}{'bare':>9}{'allowed':>9}{'rdflib':>11}{'faster':>9}")
    for name, row in figures["queries"].items():
        allowed = 1.2 * row["bare"] + 2
        late = " !" if row["ours"] > allowed else ""
        slow = row.get("rdflib")
        compared = f"{slow:>11.0f}{slow / row['ours']:>8.0f}×" if slow else ""
        print(f"{name:<28}{row['ours']:>9.1f}{row['bare']:>9.1f}{allowed:>9.1f}{compared}{late}")
    load, mapped = figures["oxigraph load CPU s"], figures["mapping and writing CPU s"]
    print(
        f"\nmapping and writing {mapped:.2f} CPU s, oxigraph load {load:.2f}: {mapped / load:.2f}"
    )
    print(f"one record replaced {figures['one record replaced ms']:.1f} ms")


if __name__ == "__main__":
    main()
