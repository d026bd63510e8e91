"""An Elasticsearch that is away while records come: the graph goes on, and nothing is lost."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from registry.engines import Engines, opened
from registry.followers.checking import check
from registry.ingest.ingest import Ingest
from registry.search.elasticsearch_cluster import Address
from registry.search.elasticsearch_index import ElasticsearchIndex
from registry.search.query import SearchUnavailable
from registry.settings import IngestSettings, SearchSettings, Settings
from tests.search.clusters import ADDRESS, between, free_port, needs_elasticsearch
from tests.whole.corpus import EXAMPLES, dataset

DATA = "spase://MADE/Data/D"


def settings(folder: Path, url: str, prefix: str = "parhelion-test") -> Settings:
    return Settings(
        data=folder / "data",
        ingest=IngestSettings(workers=1),
        search=SearchSettings(
            engine="elasticsearch", url=[url], prefix=prefix, seconds=30, wait_seconds=0
        ),
    )


def put(engines: Engines, folder: Path, number: int) -> None:
    """Another dataset, in a file of its own."""
    path = folder / f"{number}.xml"
    path.write_bytes(dataset(f"{DATA}{number}", f"Sunspots {number}"))
    Ingest(engines.store, engines.settings).run([str(path)])


def last(engines: Engines) -> int:
    with engines.store.reading() as reader:
        return reader.last_change()


def in_graph(engines: Engines) -> set[int]:
    """The numbers of the datasets that the graph has."""
    lines = b"\n".join(engines.graph.lines())
    return {number for number in range(5) if f"<{DATA}{number}>".encode() in lines}


def test_the_graph_follows_without_a_cluster(tmp_path: Path) -> None:
    with opened(settings(tmp_path, f"http://127.0.0.1:{free_port()}")) as engines:
        for number in (1, 2):
            # At first it is built, then followed.
            put(engines, tmp_path, number)
            with pytest.raises(SearchUnavailable, match="cannot be reached"):
                engines.following().catch_up()
            assert engines.graph.marker()[0] == last(engines)
        assert in_graph(engines) == {1, 2}
        reached = engines.following().reached()
        assert reached.places == {"graph": last(engines)}
        assert "cannot be reached" in str(reached.fault)


@pytest.fixture
def prefix() -> Iterator[str]:
    made = f"parhelion-test-{secrets.token_hex(4)}"
    yield made
    with closing(ElasticsearchIndex(Address((ADDRESS,), seconds=60), made)) as index:
        index.remove()


@needs_elasticsearch
@pytest.mark.parametrize("at", ["", "_bulk", "_refresh"])
def test_when_the_cluster_is_back_both_are_complete(tmp_path: Path, prefix: str, at: str) -> None:
    """It goes as a whole, or in the middle of a batch, and comes back."""
    gone = False

    def instead(_: str, path: str) -> tuple[int, str] | None:
        if gone and at in path:
            return 503, '{"error": {"type": "unavailable", "reason": "gone"}, "status": 503}'
        return None

    with between(instead) as address, opened(settings(tmp_path, address, prefix)) as engines:
        Ingest(engines.store, engines.settings).run([str(EXAMPLES)])
        engines.following().catch_up()
        before = last(engines)
        gone = True
        for number in (1, 2):
            put(engines, tmp_path, number)
            with pytest.raises(SearchUnavailable, match="gone"):
                engines.following().catch_up()
            assert engines.graph.marker()[0] == last(engines) > before
        assert in_graph(engines) == {1, 2}
        gone = False
        assert engines.following().search.applied() == before
        engines.following().catch_up()
        reached = engines.following().reached()
        assert reached.places == {"search": last(engines), "graph": last(engines)}
        assert reached.fault is None
        for one in check(engines.store, engines.index, engines.graph, "", {}):
            assert one.clean, one
        assert {f"{DATA}1", f"{DATA}2"} <= {key for key, _ in engines.index.identifiers()}
