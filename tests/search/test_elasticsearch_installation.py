"""An installation whose search is an Elasticsearch: ingest, drift, reindex, and a cluster gone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from app import create_app
from registry.search.elasticsearch_cluster import Address
from registry.search.elasticsearch_documents import identity
from registry.search.elasticsearch_index import ElasticsearchIndex
from registry.settings import SearchSettings, read_settings
from tests.search.clusters import ADDRESS, free_port, needs_elasticsearch
from tests.whole.running import Installation

EXAMPLES = Path(__file__).parents[2] / "examples"
ACE = "spase://PARHELION/NumericalData/ACE/MAG/PT16S"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    prefix = f"parhelion-test-{secrets.token_hex(4)}"
    (tmp_path / "parhelion.toml").write_text(
        f'[search]\nengine = "elasticsearch"\nurl = ["{ADDRESS}"]\nprefix = "{prefix}"\n'
        "seconds = 60\n"
    )
    yield Installation(tmp_path)
    with closing(ElasticsearchIndex(Address((ADDRESS,), seconds=60), prefix)) as index:
        index.remove()


@needs_elasticsearch
def test_drift_is_found_and_mended_by_reindex(installation: Installation) -> None:
    ended = installation.run("ingest", str(EXAMPLES))
    assert ended.status == 0, ended.said
    ended = installation.run("check")
    assert ended.status == 0, ended.said
    prefix = read_settings(installation.data).search.prefix
    with closing(Elasticsearch(ADDRESS, request_timeout=60)) as client:
        client.delete(index=prefix, id=identity(ACE), refresh=True)
    ended = installation.run("check")
    assert ended.status == 1
    assert ACE in ended.said
    ended = installation.run("reindex", "search")
    assert ended.status == 0, ended.said
    ended = installation.run("check")
    assert ended.status == 0, ended.said


def test_the_site_works_without_its_search(tmp_path: Path) -> None:
    ended = Installation(tmp_path).run("ingest", str(EXAMPLES))
    assert ended.status == 0, ended.said
    gone = SearchSettings(
        engine="elasticsearch", url=[f"http://127.0.0.1:{free_port()}"], seconds=1, wait_seconds=0
    )
    app = create_app(read_settings(tmp_path, search=gone))
    client = app.test_client()
    for path in ("/search?q=ace", "/api/v1/search?q=ace"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "cannot be reached" in answer.text
        assert answer.headers["Retry-After"]
    for path in ("/", "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S", "/oai?verb=Identify"):
        assert client.get(path).status_code == 200
