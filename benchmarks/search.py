"""`make searches`: what a search costs, embedded and beside a real Elasticsearch, in one run.

    python -m benchmarks.search [DATA] [--times 1] [--number 500] [--json search.json]

Five hundred mixed queries (words, phrases, prefixes, spans, restrictions, values), each with five
facets, through the port, from 1 and 16 clients. DATA is a data folder whose records are indexed
anew; without it the shared archives are taken in. `--times 10` searches ten times as many records,
made from these. CPU (the server's included) says more than time where others are at work.
Elasticsearch is the one that PARHELION_TEST_ELASTICSEARCH names; without it only
the embedded engine is measured. Times are in milliseconds; a client waits for its answer.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import tantivy
from elasticsearch import Elasticsearch

from benchmarks.floor import XSD
from benchmarks.measuring import python, run
from registry.engines import open_store
from registry.followers.described import every_described
from registry.search import fields
from registry.search.elasticsearch_cluster import Address
from registry.search.elasticsearch_index import ElasticsearchIndex
from registry.search.query import Query, SearchIndex
from registry.search.requests import query_from
from registry.search.tantivy_index import TantivyIndex
from registry.settings import read_settings

FACETS = ("kind", "measurement", "region", "observatory", "access")
WORDS = [
    "magnetic", "field", "solar", "wind", "plasma", "electron", "ion", "flux", "ACE", "Wind",
    "THEMIS", "Cluster", "Voyager", "Ulysses", "magnetometer", "energetic", "particles", "radio",
    "aurora", "density", "proton", "spectra", "Cassini", "Jupiter", "corona", "hourly", "survey",
]  # fmt: skip
KINDS = ("NumericalData", "DisplayData", "Catalog", "Instrument", "Observatory")
REGIONS = ("Heliosphere.NearEarth", "Earth.Magnetosphere", "Sun", "Jupiter")
CLIENTS = (1, 16)
ENGINES = ("tantivy", "elasticsearch")

Document = dict[str, object]
Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--number", type=int, default=500)
    parser.add_argument("--json", default="search.json", help="file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parhelion-bench-") as place:
        data = options.data or _ingested(Path(place))
        documents = list(_many(_documents(data), options.times))
        told = measured(documents, queries(options.number), Path(place))
    Path(options.json).write_text(json.dumps(told, indent=2) + "\n")
    _show(told)


def queries(number: int, seed: int = 3) -> list[Query]:
    """Mixed queries as people and programs ask them, the same in every run."""
    chance = random.Random(seed)
    return [query_from(_asked(chance), facets=FACETS) for _ in range(number)]


def _asked(chance: random.Random) -> dict[str, list[str]]:
    two = " ".join(chance.sample(WORDS, 2))
    asked: dict[str, list[str]] = {"q": [two]}
    match chance.randrange(8):
        case 0:
            asked = {"q": [chance.choice(WORDS)]}
        case 1:
            asked = {"q": [f'"{two}"']}
        case 2:
            asked = {"q": [f"{two[:5]}*"]}
        case 3:
            asked |= {"kind": [chance.choice(KINDS)]}
        case 4:
            year = chance.randint(1980, 2015)
            asked |= {"from": [str(year)], "to": [str(year + 3)]}
        case 5:
            asked = {"region": chance.sample(REGIONS, 2), "kind": ["NumericalData"]}
        case 6:
            asked |= {"sort": [chance.choice(("name", "released", "start"))]}
    return asked


def measured(documents: Sequence[Document], asked: Sequence[Query], place: Path) -> dict[str, Any]:
    """Figures of every engine at hand: building, and each number of clients."""
    told: dict[str, Any] = {"records": len(documents), "queries": len(asked)}
    engines: dict[str, SearchIndex] = {"tantivy": TantivyIndex(place / "search")}
    address = os.environ.get("PARHELION_TEST_ELASTICSEARCH", "")
    if address:
        reached = Address((address,), seconds=120.0, wait_seconds=120.0)
        engines["elasticsearch"] = ElasticsearchIndex(reached, "parhelion-bench")
    told["bare tantivy build, CPU s"] = _bare_build(documents, place / "bare")
    for name, index in engines.items():
        before = _cpu()
        index.build(documents, (1, "bench"))
        told[f"{name} build, CPU s here"] = round(_cpu() - before, 2)
        for query in (*asked, *asked):
            # Both engines warm: a JVM compiles what it has run often enough.
            index.search(query)
        for clients in CLIENTS:
            theirs = _server_cpu(address) if name == "elasticsearch" else 0.0
            before = _cpu()
            told[f"{name}, {clients} clients, ms"] = _timed(index, asked, clients)
            theirs = (_server_cpu(address) if name == "elasticsearch" else 0.0) - theirs
            used = (_cpu() - before + theirs) * 1000 / len(asked)
            told[f"{name}, {clients} clients, ms of CPU a query"] = round(used, 2)
        told[f"{name}, memory here, MB"] = psutil.Process().memory_info().rss // 1_000_000
        if isinstance(index, ElasticsearchIndex):
            index.remove()
        index.close()
    return told


def _timed(index: SearchIndex, asked: Sequence[Query], clients: int) -> Figures:
    """p50 and p99 of a query, and how many a second are answered, from so many clients."""

    def one(query: Query) -> float:
        began = time.perf_counter()
        index.search(query)
        return (time.perf_counter() - began) * 1000

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        times = list(pool.map(one, asked))
    wall = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return {
        "p50": round(cuts[49], 2),
        "p99": round(cuts[98], 2),
        "a second": round(len(times) / wall, 1),
    }


def _bare_build(documents: Sequence[Document], place: Path) -> float:
    """CPU of tantivy alone over the same values, as its own example would write them."""
    builder = tantivy.SchemaBuilder()
    for text in fields.TEXT_FIELDS:
        builder.add_text_field(text.name)
    for word in fields.KEYWORD_FIELDS:
        builder.add_text_field(word.name, fast=word.facet, tokenizer_name="raw")
    for number in fields.NUMBER_FIELDS:
        builder.add_float_field(number.name, fast=True)
    builder.add_bytes_field("shown", stored=True)
    schema = builder.build()
    place.mkdir()
    before = _cpu()
    writer = tantivy.Index(schema, str(place)).writer(150_000_000, 1)
    known = (*fields.TEXT_FIELDS, *fields.KEYWORD_FIELDS, *fields.NUMBER_FIELDS)
    for document in documents:
        values: dict[str, Any] = {
            one.name: value if isinstance(value, list) else [value]
            for one in known
            if (value := document.get(one.name))
        }
        values["shown"] = [json.dumps(fields.shown(document)).encode()]
        writer.add_document(tantivy.Document.from_dict(values, schema))
    writer.commit()
    writer.wait_merging_threads()
    return round(_cpu() - before, 2)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _server_cpu(address: str) -> float:
    """CPU seconds that the nodes of a cluster have used so far."""
    with Elasticsearch(address) as client:
        nodes = client.nodes.stats(metric="process").body["nodes"]
    return float(sum(node["process"]["cpu"]["total_in_millis"] for node in nodes.values())) / 1000


def _ingested(place: Path) -> Path:
    data = place / "data"
    archives = [str(path) for path in sorted(XSD.parent.glob("*.zip"))]
    run(python("-m", "app", "--data", str(data), "ingest", "--no-follow", *archives))
    return data


def _documents(data: Path) -> Iterator[Document]:
    with open_store(read_settings(data)).reading() as reader:
        for item in every_described(reader):
            if item.record is not None:
                yield item.document()


def _many(documents: Iterator[Document], times: int) -> Iterator[Document]:
    for document in documents:
        yield document
        for copy in range(1, times):
            named = {"key": f"{document['key']}/copy{copy}", "name": f"{document['name']} {copy}"}
            yield document | named


def _show(told: dict[str, Any]) -> None:
    for name, figure in told.items():
        print(f"{name:44} {figure}")
    for clients in CLIENTS:
        theirs = told.get(f"elasticsearch, {clients} clients, ms")
        if theirs:
            ours = told[f"tantivy, {clients} clients, ms"]
            ratios = {cut: round(ours[cut] / theirs[cut], 3) for cut in ("p50", "p99")}
            print(f"embedded / Elasticsearch, {clients} clients: {ratios} (goal 0.15)")
            used = [told[f"{name}, {clients} clients, ms of CPU a query"] for name in ENGINES]
            print(f"embedded / Elasticsearch, CPU: {used[0] / used[1]:.3f}")
    ratio = told["tantivy build, CPU s here"] / told["bare tantivy build, CPU s"]
    print(f"build / bare tantivy: {ratio:.2f} (goal 1.5)")


if __name__ == "__main__":
    main()
