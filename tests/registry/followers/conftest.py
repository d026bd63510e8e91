"""Stores with real engines, and documents put into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry.engines import Engines, opened
from registry.ingest.ingest import Ingest
from registry.settings import IngestSettings, Settings
from registry.store.sources import LOCAL_SOURCE

Put = Callable[..., None]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", ingest=IngestSettings(workers=1))


@pytest.fixture
def engines(settings: Settings) -> Iterator[Engines]:
    """Store, index and graph, with the followers' lock."""
    with opened(settings) as engines:
        assert engines.writes
        yield engines


@pytest.fixture
def put(engines: Engines, tmp_path: Path) -> Put:
    """Writes files and takes them in; None takes a file's place away."""

    def putting(**contents: bytes | None) -> None:
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        paths = []
        for name, content in contents.items():
            path = folder / f"{name}.xml"
            if content is None:
                with engines.store.writing() as writer:
                    writer.remove(LOCAL_SOURCE, [str(path)])
            else:
                path.write_bytes(content)
                paths.append(str(path))
        Ingest(engines.store, engines.settings).run(paths)

    return putting
