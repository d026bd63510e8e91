"""Every adapter of the search port, filled and empty."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry.search.elasticsearch_cluster import Address
from registry.search.elasticsearch_index import ElasticsearchIndex
from registry.search.memory import MemoryIndex
from registry.search.query import SearchIndex
from registry.search.tantivy_index import TantivyIndex
from tests.contracts.search.documents import DOCUMENTS

ELASTICSEARCH = os.environ.get("PARHELION_TEST_ELASTICSEARCH", "")
"""Address of an Elasticsearch whose indexes `parhelion-test-…` are the tests' own."""


def elasticsearch(folder: Path) -> SearchIndex:
    """A new index in the real cluster; skips where there is none."""
    if not ELASTICSEARCH:
        pytest.skip("needs an Elasticsearch: set PARHELION_TEST_ELASTICSEARCH to its address")
    prefix = f"parhelion-test-{secrets.token_hex(4)}"
    return _Swept(Address((ELASTICSEARCH,), seconds=60.0), prefix)


class _Swept(ElasticsearchIndex):
    """An index that is gone from the cluster when it is closed."""

    def close(self) -> None:
        self.remove()
        super().close()


ADAPTERS: dict[str, Callable[[Path], SearchIndex]] = {
    "memory": lambda folder: MemoryIndex(),
    "tantivy": lambda folder: TantivyIndex(folder / "search"),
    "elasticsearch": elasticsearch,
}


@pytest.fixture(params=ADAPTERS, scope="session")
def index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SearchIndex]:
    """An index of `DOCUMENTS`, for tests that only read."""
    made = ADAPTERS[request.param](tmp_path_factory.mktemp("index"))
    assert made.build(DOCUMENTS, (1, "table")) == []
    yield made
    made.close()


@pytest.fixture(params=ADAPTERS)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    """A new index, for tests that write."""
    made = ADAPTERS[request.param](tmp_path)
    yield made
    made.close()
