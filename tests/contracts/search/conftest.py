"""Every adapter of the search port, filled and empty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry.search.memory import MemoryIndex
from registry.search.query import SearchIndex
from registry.search.tantivy_index import TantivyIndex
from tests.contracts.search.documents import DOCUMENTS

ADAPTERS: dict[str, Callable[[Path], SearchIndex]] = {
    "memory": lambda folder: MemoryIndex(),
    "tantivy": lambda folder: TantivyIndex(folder / "search"),
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
