"""`make relevance`: whether the search finds what it should, for the queries of `judged.tsv`.

    python -m benchmarks.relevance [DATA] [--elasticsearch URL] [--missed] [--json relevance.json]

Each query is asked as the page asks it (`parsing`, `asking`), of the embedded engine and, with the
address of an Elasticsearch (or PARHELION_TEST_ELASTICSEARCH), of the other engine; beside them
stands a plain multi_match of Elasticsearch: its default analyser and its default weights over the
same texts. Figures are given for the half of the queries by which weights were chosen and for the
half that was not looked at. DATA is a data folder; without it the shared archives are taken in.
`--missed` names the queries of the first half whose answer is not among the first five.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk

from benchmarks.floor import XSD
from benchmarks.measuring import python, run
from benchmarks.relevance.judged import FIRST, SEEN, Found, Judged, judged, ranks, worth
from registry.engines import open_store
from registry.followers.described import every_described
from registry.search import fields
from registry.search.asking import ask
from registry.search.elasticsearch_cluster import Address
from registry.search.elasticsearch_index import ElasticsearchIndex
from registry.search.query import SearchIndex
from registry.search.requests import query_from
from registry.search.tantivy_index import TantivyIndex
from registry.settings import read_settings

MARKER = (1, "relevance")
PLAIN = "parhelion-relevance-plain"
PLAIN_FIELDS = (*(one.name for one in fields.TEXT_FIELDS), "identifier", "doi", "also")

Document = dict[str, object]
Ranks = list[tuple[Judged, int]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", type=Path)
    given = os.environ.get("PARHELION_TEST_ELASTICSEARCH", "")
    parser.add_argument("--elasticsearch", default=given, help="address of a cluster")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--json", default="relevance.json", help="file for the figures")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parhelion-bench-") as place:
        documents = list(_documents(options.data or _ingested(Path(place))))
        found = measured(documents, judged(), Path(place), options.elasticsearch)
    told = {name: figures(each) for name, each in found.items()}
    Path(options.json).write_text(json.dumps(told, indent=2) + "\n")
    _show(found, missed=options.missed)


def measured(
    documents: Sequence[Document], queries: Sequence[Judged], place: Path, address: str = ""
) -> dict[str, Ranks]:
    """The ranks that each way of searching gives; only the embedded one without an address."""
    embedded = TantivyIndex(place / "search")
    found = {"tantivy": _by_port(embedded, documents, queries)}
    embedded.close()
    if address:
        reached = Address((address,), seconds=60.0, wait_seconds=60.0)
        index = ElasticsearchIndex(reached, "parhelion-relevance")
        try:
            found["elasticsearch"] = _by_port(index, documents, queries)
        finally:
            index.remove()
            index.close()
        found["plain multi_match"] = _by_plain(address, documents, queries)
    return found


def figures(found: Ranks) -> dict[str, Any]:
    """MRR and share in the first five: each half, all, and each kind of query."""
    told: dict[str, Any] = {}
    for name, chosen in (
        ("tuned on", [rank for one, rank in found if one.tuned]),
        ("not looked at", [rank for one, rank in found if not one.tuned]),
        *((kind, [r for one, r in found if one.kind == kind]) for kind in _kinds(found)),
    ):
        each = worth(chosen)
        told[name] = {"queries": each.number, "MRR": each.mrr, f"first {FIRST}": each.first}
    return told


def _kinds(found: Ranks) -> list[str]:
    return sorted({one.kind for one, _ in found})


def _by_port(index: SearchIndex, documents: Sequence[Document], queries: Sequence[Judged]) -> Ranks:
    index.build(documents, MARKER)

    def found(text: str) -> list[str]:
        page = ask(index, query_from({"q": [text], "limit": [str(SEEN)]}, facets=())).page
        return [hit.identifier for hit in page.hits]

    return ranks(queries, found)


def _by_plain(address: str, documents: Sequence[Document], queries: Sequence[Judged]) -> Ranks:
    """multi_match as it comes, over the same texts, of the records that are not hidden."""
    with Elasticsearch(address, request_timeout=60) as client:
        client.options(ignore_status=404).indices.delete(index=PLAIN)
        steps = (
            {
                "_index": PLAIN,
                "_id": str(number),
                **{name: document[name] for name in PLAIN_FIELDS if document.get(name)},
            }
            for number, document in enumerate(documents)
            if document.get("status") == ["active"]
        )
        bulk(client, steps)
        client.indices.refresh(index=PLAIN)
        try:
            return ranks(queries, _plainly(client))
        finally:
            client.indices.delete(index=PLAIN)


def _plainly(client: Elasticsearch) -> Found:
    def found(text: str) -> list[str]:
        query = {"multi_match": {"query": text, "fields": list(PLAIN_FIELDS)}}
        answer = client.search(index=PLAIN, query=query, size=SEEN)
        return [str(hit["_source"]["identifier"]) for hit in answer["hits"]["hits"]]

    return found


def _ingested(place: Path) -> Path:
    data = place / "data"
    shared = XSD.parent
    given = [*map(str, sorted(shared.glob("*.zip"))), str(shared.parent / "ivoa" / "records")]
    run(python("-m", "app", "--data", str(data), "ingest", "--no-follow", *given))
    return data


def _documents(data: Path) -> list[Document]:
    with open_store(read_settings(data)).reading() as reader:
        return [item.document() for item in every_described(reader) if item.record is not None]


def _show(found: dict[str, Ranks], *, missed: bool) -> None:
    for name, each in found.items():
        tuned = worth(rank for one, rank in each if one.tuned)
        other = worth(rank for one, rank in each if not one.tuned)
        print(f"{name:18} tuned on ({tuned.number}): {tuned}")
        print(f"{'':18} not looked at ({other.number}): {other} (goal 95 %)")
        for kind in _kinds(each):
            of_kind = [rank for one, rank in each if one.kind == kind]
            print(f"{'':20} {kind:24} {len(of_kind):3}  {worth(of_kind)}")
        if missed:
            for one, rank in each:
                if one.tuned and not 0 < rank <= FIRST:
                    print(f"{'':20} rank {rank or 'none':>4}  {one.query}")


if __name__ == "__main__":
    main()
