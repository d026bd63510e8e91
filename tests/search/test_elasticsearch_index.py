"""What is Elasticsearch's alone: aliases, versions, and a cluster that is in trouble."""

from __future__ import annotations

import json
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from elasticsearch import Elasticsearch

from registry.search import elasticsearch_documents
from registry.search.elasticsearch_cluster import Address
from registry.search.elasticsearch_index import ElasticsearchIndex
from registry.search.query import Query, SearchUnavailable, Text
from tests.contracts.search.documents import document
from tests.search.clusters import ADDRESS, between, free_port, needs_elasticsearch, own_server

A, B, C = (f"spase://X/NumericalData/{letter}" for letter in "ABC")


@pytest.fixture
def client() -> Iterator[Elasticsearch]:
    """The tests' own way into the cluster, beside the adapter."""
    with closing(Elasticsearch(ADDRESS, request_timeout=60)) as made:
        yield made


@pytest.fixture
def index() -> Iterator[ElasticsearchIndex]:
    made = ElasticsearchIndex(
        Address((ADDRESS,), seconds=60), f"parhelion-test-{secrets.token_hex(4)}"
    )
    yield made
    made.remove()
    made.close()


def at(index: ElasticsearchIndex, address: str, **more: float) -> ElasticsearchIndex:
    """The same index, reached another way."""
    given = {"seconds": 60.0, "wait_seconds": 30.0} | more
    return ElasticsearchIndex(Address((address,), **given), index._alias)  # type: ignore[arg-type]


def names(index: ElasticsearchIndex) -> list[object]:
    page = index.search(Query(sort="name", limit=100))
    return [hit.fields.get("name") for hit in page.hits]


def answering(index: ElasticsearchIndex, client: Elasticsearch) -> str:
    (name,) = client.indices.get_alias(name=index._alias).body
    return str(name)


# -- troubles that need no cluster ---------------------------------------------------------------


def unreachable(address: str, **more: float) -> ElasticsearchIndex:
    given = {"seconds": 0.3, "wait_seconds": 0.0} | more
    return ElasticsearchIndex(Address((address,), **given), "parhelion-test-none")  # type: ignore[arg-type]


EVERY_VERB: dict[str, Callable[[ElasticsearchIndex], object]] = {
    "search": lambda index: index.search(Query(Text("x"))),
    "marker": lambda index: index.marker(),
    "identifiers": lambda index: list(index.identifiers()),
    "apply": lambda index: index.apply([document(A)], [], (1, "t")),
    "build": lambda index: index.build([document(A)], (1, "t")),
}


@pytest.mark.parametrize("verb", EVERY_VERB.values(), ids=EVERY_VERB)
def test_a_cluster_that_is_gone_is_said(verb: Callable[[ElasticsearchIndex], object]) -> None:
    with closing(unreachable(f"http://127.0.0.1:{free_port()}")) as index:
        with pytest.raises(SearchUnavailable, match=r"127\.0\.0\.1.*cannot be reached"):
            verb(index)
        assert "cannot be reached" in index.state()


@pytest.mark.parametrize("verb", EVERY_VERB.values(), ids=EVERY_VERB)
def test_a_cluster_that_is_slow_is_said(verb: Callable[[ElasticsearchIndex], object]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with (
            closing(unreachable(f"http://127.0.0.1:{port}")) as index,
            pytest.raises(SearchUnavailable, match=r"is slow.*search\.seconds"),
        ):
            verb(index)


TROUBLES = {
    "credentials": (401, "security_exception", "missing authentication", "credentials"),
    "permission": (403, "security_exception", "action [x] is unauthorized", "does not permit"),
    "too busy": (429, "es_rejected_execution_exception", "rejected", "too busy"),
    "no memory": (429, "circuit_breaking_exception", "Data too large", "too busy"),
    "red": (503, "no_shard_available_action_exception", "", "is red"),
    "no master": (503, "master_not_discovered_exception", "", "is red"),
    "something new": (500, "odd_exception", "an odd thing", "500: an odd thing"),
}


@pytest.mark.parametrize(("status", "kind", "reason", "said"), TROUBLES.values(), ids=TROUBLES)
def test_what_the_cluster_refuses_is_said_in_words(
    status: int, kind: str, reason: str, said: str
) -> None:
    fault = {"type": kind, "reason": reason}
    told = json.dumps({"error": {"root_cause": [fault], **fault}, "status": status})
    with (
        between(lambda method, path: (status, told)) as address,
        closing(unreachable(address, seconds=30.0)) as index,
    ):
        for verb in EVERY_VERB.values():
            with pytest.raises(SearchUnavailable, match=said):
                verb(index)


def test_credentials_are_never_told() -> None:
    address = Address(("http://127.0.0.1:9",), username="me", password="secret", seconds=0.3)
    with closing(ElasticsearchIndex(address, "parhelion-test-none")) as index:
        assert "secret" not in index.state()


# -- aliases and versions ------------------------------------------------------------------------


@needs_elasticsearch
def test_a_rebuild_has_no_gap(index: ElasticsearchIndex) -> None:
    documents = [document(f"spase://X/Y/{n}", name="x") for n in range(50)]
    index.build(documents, (1, "t"))
    ended = threading.Event()
    totals: set[int] = set()

    def read() -> None:
        while not ended.is_set():
            totals.add(index.search(Query(Text("x"), facets=("kind",))).total)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(2, 6):
        index.build(documents, (number, "t"))
    ended.set()
    reader.join()
    assert totals == {50}


@needs_elasticsearch
def test_old_and_half_built_indexes_are_swept(
    index: ElasticsearchIndex, client: Elasticsearch
) -> None:
    other = f"{index._alias}-notes"
    client.indices.create(index=other)
    client.indices.create(index=f"{index._alias}-{'0' * 12}")
    try:
        for number in range(1, 4):
            index.build([document(A)], (number, "t"))
        there = set(client.indices.get(index=f"{index._alias}-*").body)
        assert there == {answering(index, client), other}
    finally:
        client.indices.delete(index=other)


@needs_elasticsearch
def test_an_older_change_does_not_undo_a_newer_one(index: ElasticsearchIndex) -> None:
    index.apply([document(C, name="c")], [], (1, "t"))
    index.apply([document(A, name="new"), document(B, name="b")], [C], (9, "t"))
    # A writer that was held up sends what it had: version conflicts, and nothing is refused.
    assert index.apply([document(A, name="old"), document(C, name="back")], [B], (5, "t")) == []
    assert names(index) == ["b", "new"]


@needs_elasticsearch
def test_an_index_of_another_layout_is_built_anew(
    index: ElasticsearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.apply([document(A, name="a")], [], (3, "t"))
    assert index.marker() == (3, "t")
    monkeypatch.setattr(elasticsearch_documents, "LAYOUT", "of another version")
    assert index.marker() == (0, "")


@needs_elasticsearch
def test_identifiers_of_more_than_one_request(index: ElasticsearchIndex) -> None:
    documents = [document(f"spase://X/Y/{n:04}") for n in range(2500)]
    index.build(documents, (1, "t"))
    assert sorted(key for key, _ in index.identifiers()) == [str(one["key"]) for one in documents]


@needs_elasticsearch
def test_a_key_longer_than_an_id_may_be(index: ElasticsearchIndex) -> None:
    keys = [f"spase://X/{'y' * 600}/{n}" for n in range(3)]
    assert index.apply([document(key, name=key[-1]) for key in keys], [], (1, "t")) == []
    index.apply([], keys[:1], (2, "t"))
    assert names(index) == ["1", "2"]


@needs_elasticsearch
def test_what_the_engine_alone_refuses_is_named(index: ElasticsearchIndex) -> None:
    index.apply([document(B, name="as it was")], [], (1, "t"))
    # Lucene's longest term has 32,766 bytes.
    refused = index.apply([document(A, name="a"), document(B, kind=["k" * 40_000])], [], (2, "t"))
    assert [key for key, _ in refused] == [B]
    assert "kind" in refused[0][1]
    assert names(index) == ["a"]


# -- a real cluster in trouble -------------------------------------------------------------------


@needs_elasticsearch
def test_what_the_cluster_is_too_busy_for_is_sent_again_in_smaller_pieces(
    index: ElasticsearchIndex,
) -> None:
    sent: list[str] = []
    busy = {"type": "es_rejected_execution_exception", "reason": "rejected"}

    def instead(method: str, path: str) -> tuple[int, str] | None:
        if "_bulk" not in path:
            return None
        sent.append(path)
        return (429, json.dumps({"error": busy, "status": 429})) if len(sent) < 3 else None

    with between(instead) as address, closing(at(index, address)) as there:
        documents = [document(f"spase://X/Y/{n:04}") for n in range(100)]
        assert there.build(documents, (1, "t")) == []
        assert there.search(Query()).total == 100
    assert len(sent) >= 3


@needs_elasticsearch
def test_one_document_that_is_rejected_is_sent_again(index: ElasticsearchIndex) -> None:
    """A bulk request may be answered with some of it done and some not."""
    asked = 0

    def instead(method: str, path: str) -> tuple[int, str] | None:
        nonlocal asked
        asked += "_bulk" in path
        if "_bulk" not in path or asked > 1:
            return None
        rejected = {"type": "es_rejected_execution_exception", "reason": "full queue"}
        items = [
            {"index": {"_id": "1", "status": 201}},
            {"index": {"_id": "2", "status": 429, "error": rejected}},
            {"index": {"_id": "3", "status": 400, "error": {"type": "x", "reason": "odd"}}},
        ]
        return 200, json.dumps({"errors": True, "took": 1, "items": items})

    index.build([document(A)], (1, "t"))
    with between(instead) as address, closing(at(index, address)) as there:
        refused = there.apply([document(A), document(B), document(C)], [], (2, "t"))
        assert [key for key, _ in refused] == [C]
        assert "odd" in refused[0][1]
        assert {hit.identifier for hit in there.search(Query()).hits} == {A, B}


@needs_elasticsearch
def test_a_full_disk_is_said_and_waited_for(
    index: ElasticsearchIndex, client: Elasticsearch, caplog: pytest.LogCaptureFixture
) -> None:
    index.apply([document(A, name="a")], [], (1, "t"))
    name = answering(index, client)
    # What the server itself sets when its disks pass the flood stage.
    full = {"index.blocks.read_only_allow_delete": True}
    client.indices.put_settings(index=name, settings=full)
    with closing(at(index, ADDRESS, wait_seconds=0.0)) as impatient:
        with pytest.raises(SearchUnavailable, match="full: its disks"):
            impatient.apply([document(B, name="b")], [], (2, "t"))
        assert names(impatient) == ["a"]
        assert impatient.marker() == (1, "t")

    class Mend(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            empty = {"index.blocks.read_only_allow_delete": None}
            client.indices.put_settings(index=name, settings=empty)

    log, mend = logging.getLogger("registry.search.elasticsearch_cluster"), Mend()
    log.addHandler(mend)
    try:
        index.apply([document(B, name="b")], [], (2, "t"))
    finally:
        log.removeHandler(mend)
    assert "full: its disks" in caplog.text
    assert names(index) == ["a", "b"]


@needs_elasticsearch
def test_yellow_is_said_and_searched(index: ElasticsearchIndex, client: Elasticsearch) -> None:
    index.apply([document(A, name="a")], [], (1, "t"))
    assert index.state() == ""
    copies = {"index.auto_expand_replicas": False, "index.number_of_replicas": 1}
    client.indices.put_settings(index=answering(index, client), settings=copies)
    assert "yellow" in index.state()
    assert names(index) == ["a"]


@needs_elasticsearch
def test_red_is_said(index: ElasticsearchIndex, client: Elasticsearch) -> None:
    nowhere = elasticsearch_documents.settings(1)
    nowhere["index"]["routing.allocation.require._name"] = "no such node"
    client.indices.create(
        index=f"{index._alias}-{'0' * 12}",
        settings=nowhere,
        mappings=elasticsearch_documents.mapping(),
        aliases={index._alias: {}},
        wait_for_active_shards="0",
    )
    assert "red" in index.state()
    with pytest.raises(SearchUnavailable, match="red: a part of the index"):
        index.search(Query(Text("a")))
    with (
        closing(at(index, ADDRESS, wait_seconds=0.0)) as impatient,
        pytest.raises(SearchUnavailable, match="red: a part of the index"),
    ):
        impatient.apply([document(B)], [], (2, "t"))


def test_a_server_killed_in_the_middle_of_a_build_is_waited_for() -> None:
    with own_server() as server:
        address = Address((server.address,), seconds=60, wait_seconds=120)
        with closing(ElasticsearchIndex(address, "parhelion-test")) as index:
            index.apply([document(A, name="before")], [], (1, "t"))
            started = threading.Thread(target=server.start)

            def documents() -> Iterator[dict[str, object]]:
                for number in range(3000):
                    if number == 1700:
                        server.kill()
                        started.start()
                    yield document(f"spase://X/Y/{number:04}", name=f"number {number}")

            assert index.build(documents(), (2, "t")) == []
            started.join()
            assert index.marker() == (2, "t")
            held = dict(index.identifiers())
            assert len(held) == 3000
            assert index.search(Query(Text("number"), limit=0)).total == 3000
