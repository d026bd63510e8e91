"""`make bench`: what the whole way costs, beside the floor, in one run.

    python -m benchmarks.pipeline [ARCHIVE…] [--json FILE]

Reads ../shared/spase/*.zip, or where these are missing an archive of made records. CPU is that of
all processes together. A ratio is ours to what it is named after.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import tempfile
import time
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import mapping, pages
from benchmarks.floor import XSD
from benchmarks.measuring import Cost, python, run
from registry.graph.child import binary
from tests.whole.running import Installation

SHARED = XSD.parent
PAGES, PAGE_CLIENTS = 1000, 16
QUERIES = [
    "ACE magnetic field 16 second", "THEMIS", "solar wind plasma", "Cassini", "electron flux",
    "ground magnetometer", "Voyager", "ion composition", "radio wave spectra", "OMNI hourly",
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archives", nargs="*")
    parser.add_argument("--json", default="bench.json", help="file for the figures")
    options = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="parhelion-bench-"))
    try:
        archives = options.archives or [str(p) for p in sorted(SHARED.glob("*.zip"))]
        figures = measure(archives or [made(place / "made.zip")], place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    show(figures)
    Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")


def measure(archives: list[str], place: Path) -> dict[str, Any]:
    """All figures: costs by name, ratios by name."""
    data = str(place / "data")
    costs: dict[str, Cost] = {}
    costs["cold"], printed = run(python("app.py", "--data", data, "ingest", "--json", *archives))
    counts = json.loads(printed)
    costs["unchanged"], _ = run(python("app.py", "--data", data, "ingest", "--json", *archives))
    verdicts = ["app.py", "validate", "--select", "schema"]
    costs["verdicts"], _ = run(python(*verdicts, *archives))
    costs["verdicts and rules"], _ = run(python("app.py", "validate", *archives))
    floor = measure_floor(archives, place, data)
    bare = floor["parse and validate"]
    cold = costs["cold"].cpu
    ratios = {
        "cold to floor": cold / sum(floor.values()),
        "cold to bare parse and validate": cold / bare,
        "unchanged to cold": costs["unchanged"].cpu / cold,
        "verdicts to bare": costs["verdicts"].cpu / bare,
        "verdicts and rules to bare": costs["verdicts and rules"].cpu / bare,
    }
    return {
        "records": counts["read"],
        "triples": count_lines(place / "triples.nt"),
        "costs": {name: asdict(cost) | {"cores": cost.cores} for name, cost in costs.items()},
        "floor": floor,
        "ratios": ratios,
        "queries": measure_queries(data),
        "DataCite": mapping.measured(Path(data)),
        "landing pages": pages.figures(Installation(Path(data)), PAGE_CLIENTS, PAGES),
    }


def measure_floor(archives: list[str], place: Path, data: str) -> dict[str, float]:
    """CPU seconds of each engine alone, doing the same work."""
    floor: dict[str, float] = {}

    def bare(what: str, *arguments: str) -> str:
        return run(python("-m", "benchmarks.floor", what, *arguments))[1]

    floor["parse and validate"] = json.loads(bare("parse", *archives))["cpu"]
    floor["sqlite"] = json.loads(bare("sqlite", data, str(place / "bare.sqlite")))["cpu"]
    bare("values", data, str(place / "values"))
    floor["tantivy"] = json.loads(bare("tantivy", str(place / "values"), str(place / "bare")))[
        "cpu"
    ]
    triples = str(place / "triples.nt")
    bare("triples", data, triples)
    load = [binary(), "load", "--location", str(place / "graph"), "--file", triples]
    floor["oxigraph load"] = run(load)[0].cpu
    return floor


def measure_queries(data: str) -> dict[str, float]:
    """Milliseconds of searches with five facets through the port."""
    from registry.engines import open_index
    from registry.search.requests import query_from
    from registry.settings import read_settings

    index = open_index(read_settings(Path(data)))
    taken = []
    for _ in range(10):
        for words in QUERIES:
            query = query_from({"q": [words]})
            began = time.perf_counter()
            index.search(query)
            taken.append((time.perf_counter() - began) * 1000)
    index.close()
    taken.sort()
    return {"p50 ms": statistics.median(taken), "p99 ms": taken[int(len(taken) * 0.99) - 1]}


def measure_harvests(data: str) -> dict[str, dict[str, float]]:
    """CPU microseconds a record of whole harvests out, beside the `oaipmh` package's server."""
    from benchmarks import oai

    store, settings = oai.loaded(Path(data))
    found = oai.harvests(store, settings)
    store.close()
    return found


def count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def made(path: Path) -> str:
    """An archive of made records, from the examples, each a hundred times under its own name."""
    folder = Path(__file__).parents[1] / "examples" / "spase"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sorted(folder.rglob("*.xml")):
            text = source.read_text("utf-8")
            for number in range(100):
                name = f"{source.relative_to(folder).with_suffix('')}-{number}.xml"
                archive.writestr(name, text.replace("</ResourceID>", f"-{number}</ResourceID>", 1))
    return str(path)


def show(figures: dict[str, Any]) -> None:
    """The figures as a person reads them."""
    records, triples = figures["records"], figures["triples"]
    print(f"{records:,} records, {triples:,} triples ({triples / records:.1f} a record)\n")
    print(f"{'':<22}{'CPU s':>8}{'wall s':>8}{'cores':>7}{'memory MB':>11}{'engine MB':>11}")
    for name, cost in figures["costs"].items():
        print(
            f"{name:<22}{cost['cpu']:>8.2f}{cost['wall']:>8.2f}{cost['cores']:>7.2f}"
            f"{cost['memory'] / 1e6:>11,.0f}{cost['engine_memory'] / 1e6:>11,.0f}"
        )
    print("\nfloor")
    for name, cpu in figures["floor"].items():
        print(f"{name:<22}{cpu:>8.2f}")
    print(f"{'together':<22}{sum(figures['floor'].values()):>8.2f}\n\nratios")
    for name, ratio in figures["ratios"].items():
        print(f"{name:<34}{ratio:>6.2f}")
    print("\nsearch through the port, five facets")
    for name, value in figures["queries"].items():
        print(f"{name:<22}{value:>8.2f}")
    print("\nmapping to DataCite, one core")
    for name, value in figures["DataCite"].items():
        print(f"{name:<26}{value:>10,.0f}")
    print(f"\nlanding pages through HTTP, {PAGE_CLIENTS} clients, ms")
    pages.show(figures["landing pages"])


if __name__ == "__main__":
    main()
