"""Index and graph follow the store: in bulk, anew and change by change they come to the same."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from harvesters.documents import Document
from registry.engines import Engines, opened
from registry.followers.checking import check
from registry.followers.state import status
from registry.ingest.ingest import Ingest
from registry.ingest.reading import taken_document
from registry.ingest.spool import Spool
from registry.search.query import Filter, Query, Text
from registry.settings import Settings
from registry.sources.adding import add_source
from tests.registry.followers.conftest import Put
from tests.whole.corpus import EXAMPLES, dataset, instrument, observatory, spase
from tests.whole.states import derived

OBSERVATORY, INSTRUMENT = "spase://MADE/Observatory/O", "spase://MADE/Instrument/I"
DATA, PERSON = "spase://MADE/Data/D", "spase://MADE/Person/0"


def found(engines: Engines, words: str) -> set[str]:
    page = engines.index.search(Query(Text(words), limit=100))
    return {hit.identifier for hit in page.hits}


def clean(engines: Engines) -> None:
    with engines.store.reading() as reader:
        refused: dict[str, set[str]] = {}
        for follower, key, _ in reader.refused():
            refused.setdefault(follower, set()).add(key)
    for one in check(engines.store, engines.index, engines.graph, "", refused):
        assert one.clean, one


def up_to_date(engines: Engines) -> None:
    with engines.store.reading() as reader:
        last = reader.last_change()
    assert [one.applied() for one in engines.following().followers] == [last, last]


def subjects(engines: Engines, about: str) -> set[bytes]:
    start = f"<{about}".encode()
    return {line for line in engines.graph.lines() if line.startswith((start + b">", start + b"#"))}


# -- three ways to the same -----------------------------------------------------------------------


def test_spool_store_and_single_changes_give_the_same(
    engines: Engines, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    following = engines.following()
    spool = Spool(settings.data / "spool")
    Ingest(engines.store, settings, spool=spool).run([str(EXAMPLES)])
    with engines.store.reading() as reader:
        total = sum(number for *_, number in reader.counts())
    assert total > 50
    assert spool.holds_exactly(total)
    read: list[str] = []
    fields = spool.search_fields

    def seen() -> Any:
        read.append("spool")
        return fields()

    monkeypatch.setattr(spool, "search_fields", seen)
    following.catch_up(spool=spool)
    assert read == ["spool"], "the first build did not take what the workers had made"
    from_spool = derived(following)
    assert len(from_spool["index"]) == total
    following.rebuild(["search", "graph"])
    assert derived(following) == from_spool
    up_to_date(engines)
    clean(engines)

    # Emptied, and the records brought back as changes, a few at a time.
    following.search.index.build([], (0, following.search.fingerprint))
    following.graph.graph.build([], (0, following.graph.fingerprint))
    assert derived(following)["index"] == {}
    monkeypatch.setattr("registry.followers.following.BATCH", 3)
    reached = following.reached()
    while following._step(reached, None):
        pass
    assert derived(following) == from_spool
    up_to_date(engines)


def test_spool_with_a_record_twice_is_not_used(engines: Engines, settings: Settings) -> None:
    spool = Spool(settings.data / "spool")
    Ingest(engines.store, settings, spool=spool).run([str(EXAMPLES)])
    other = settings.data.parent / "twin.xml"
    twin = next(path for path in sorted(EXAMPLES.rglob("*.xml")) if "Person" in str(path))
    other.write_bytes(twin.read_bytes().replace(b"</PersonName>", b" Twin</PersonName>"))
    Ingest(engines.store, settings, spool=spool).run([str(other)])
    with engines.store.reading() as reader:
        assert not spool.holds_exactly(sum(number for *_, number in reader.counts()))
    engines.following().catch_up(spool=spool)
    clean(engines)


def test_content_of_another_process_makes_the_spool_useless(
    engines: Engines, settings: Settings, tmp_path: Any
) -> None:
    """The keys are those of the spool, the current content of one is not."""
    first, second = tmp_path / "a.xml", tmp_path / "b.xml"
    first.write_bytes(dataset(DATA, "Ours"))
    second.write_bytes(dataset(DATA, "Theirs", released="2030-01-01T00:00:00Z"))
    spool = Spool(settings.data / "spool")
    Ingest(engines.store, settings, spool=spool).run([str(first)])
    Ingest(engines.store, settings).run([str(second)])
    engines.following().catch_up(spool=spool)
    assert found(engines, "Theirs") == {DATA}
    assert found(engines, "Ours") == set()
    clean(engines)


# -- changes --------------------------------------------------------------------------------------


def test_renamed_neighbours_are_found_through_a_dataset(engines: Engines, put: Put) -> None:
    put(
        p=spase(PERSON, name="Ada Lovelace"),
        o=observatory(OBSERVATORY, "Sputnik"),
        i=instrument(INSTRUMENT, "Fluxgate", OBSERVATORY),
        d=dataset(DATA, "Field", INSTRUMENT),
    )
    engines.following().catch_up()
    assert DATA in found(engines, "Sputnik field")
    put(o=observatory(OBSERVATORY, "Explorer"))
    engines.following().catch_up()
    assert DATA in found(engines, "Explorer field")
    assert DATA not in found(engines, "Sputnik")
    put(i=instrument(INSTRUMENT, "Searchcoil", OBSERVATORY))
    engines.following().catch_up()
    assert DATA in found(engines, "Searchcoil field")
    assert DATA not in found(engines, "Fluxgate")
    assert DATA in found(engines, "Lovelace field")
    put(p=spase(PERSON, name="Grace Hopper"))
    engines.following().catch_up()
    assert DATA in found(engines, "Hopper field")
    assert found(engines, "Lovelace") == set()
    clean(engines)


def test_neighbour_that_comes_later_and_goes(engines: Engines, put: Put) -> None:
    put(i=instrument(INSTRUMENT, "Fluxgate", OBSERVATORY), d=dataset(DATA, "Field", INSTRUMENT))
    engines.following().catch_up()
    assert found(engines, "Sputnik") == set()
    put(o=observatory(OBSERVATORY, "Sputnik"))
    engines.following().catch_up()
    assert found(engines, "Sputnik") == {OBSERVATORY, INSTRUMENT, DATA}
    put(o=None)
    engines.following().catch_up()
    assert found(engines, "Sputnik") == set()
    clean(engines)


def test_deleted_record_leaves_index_and_graph(engines: Engines, put: Put) -> None:
    put(d=dataset(DATA, "Sunspots"), e=dataset(DATA + "2", "Other"))
    engines.following().catch_up()
    assert subjects(engines, DATA)
    put(d=None)
    engines.following().catch_up()
    assert dict(engines.index.identifiers()).keys() == {DATA + "2"}
    assert subjects(engines, DATA) == set()
    assert subjects(engines, DATA + "2")
    clean(engines)
    put(d=dataset(DATA, "Sunspots"))
    engines.following().catch_up()
    assert found(engines, "Sunspots") == {DATA}
    assert subjects(engines, DATA)


def test_verdict_that_changes_reaches_the_index(engines: Engines, put: Put) -> None:
    def by_verdict(verdict: str) -> int:
        return engines.index.search(Query(Filter("verdict", (verdict,)))).total

    put(p=spase(PERSON))
    engines.following().catch_up()
    assert (by_verdict("valid"), by_verdict("invalid")) == (1, 0)
    put(p=spase(PERSON).replace(b"<PersonName>", b"<Nickname>N</Nickname><PersonName>"))
    engines.following().catch_up()
    assert (by_verdict("valid"), by_verdict("invalid")) == (0, 1)


def test_whose_a_record_is_reaches_the_index(engines: Engines, put: Put) -> None:
    def sources() -> list[tuple[str, int]]:
        return engines.index.search(Query(facets=("source",))).facets["source"]

    put(d=dataset(DATA, "Field"), p=spase(PERSON))
    engines.following().catch_up()
    assert sources() == [("local", 2)]
    content = dataset(DATA, "Field")
    peer = add_source(engines.store, "peer", "oai-pmh", "http://a.example.org/", precedence=-1)
    brought = taken_document(Document("d", content), hashlib.sha256(content).digest())
    with engines.store.writing() as writer:
        # The same characters: only whose they are has changed.
        writer.take(peer.id, [brought])
    engines.following().catch_up()
    assert sources() == [("local", 1), ("peer", 1)]
    clean(engines)


# -- when all is built anew -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["search", "graph"])
def test_another_fingerprint_means_a_rebuild(engines: Engines, put: Put, name: str) -> None:
    put(d=dataset(DATA, "Field"))
    engines.following().catch_up()
    following = engines.following()
    follower = getattr(following, name)
    before = getattr(engines, "index" if name == "search" else "graph")._places.current()
    follower.fingerprint += " of another version"
    assert follower.applied() == -1
    following.catch_up()
    assert getattr(engines, "index" if name == "search" else "graph")._places.current() != before
    up_to_date_with = [one.applied() for one in following.followers]
    assert min(up_to_date_with) > 0
    clean(engines)


def test_marker_ahead_of_the_store_means_a_rebuild(engines: Engines, put: Put) -> None:
    """The store was put back from a backup; index and graph still hold what came after it."""
    put(a=dataset(DATA, "Field"))
    with engines.store.reading() as reader:
        last = reader.last_change()
    following = engines.following()
    document = {**_document(engines), "key": "spase://MADE/Gone", "identifier": "spase://MADE/Gone"}
    ahead = last + 100
    following.search.index.build([document], following.search.mark(ahead))
    following.graph.graph.build([], following.graph.mark(ahead))
    following.catch_up()
    up_to_date(engines)
    assert dict(engines.index.identifiers()).keys() == {DATA}
    clean(engines)


def _document(engines: Engines) -> dict[str, object]:
    from registry.followers.described import every_described

    with engines.store.reading() as reader:
        return next(every_described(reader)).document()


def test_empty_store_builds_nothing_again_and_again(engines: Engines) -> None:
    engines.following().catch_up()
    before = engines.graph._places.current()  # type: ignore[attr-defined]
    engines.following().catch_up()
    assert engines.graph._places.current() == before  # type: ignore[attr-defined]
    assert engines.index.search(Query()).total == 0


# -- what an engine refuses -----------------------------------------------------------------------


@pytest.mark.parametrize("way", ["step", "rebuild"])
def test_record_that_the_graph_refuses_is_left_out_and_named(
    engines: Engines, put: Put, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    put(a=dataset(DATA, "Field"))
    engines.following().catch_up()
    bad = "spase://MADE/Data/With Space"
    with monkeypatch.context() as patch:
        from registry.followers.described import Described

        triples = Described.triples

        def spoilt(item: Described, public_url: str) -> list[str]:
            lines = triples(item, public_url)
            if item.kept.key == bad:
                lines.append(f"<{bad.replace(' ', '%20')}> <http://example.org/p> <no IRI> .")
            return lines

        patch.setattr(Described, "triples", spoilt)
        put(b=dataset(bad, "Bad"), c=dataset(DATA + "3", "Third"))
        if way == "step":
            engines.following().catch_up()
        else:
            engines.following().rebuild(["graph"])
        with engines.store.reading() as reader:
            refused = reader.refused()
        assert [(follower, key) for follower, key, _ in refused] == [("graph", bad)]
        assert refused[0][2], "no reason is given"
        assert subjects(engines, DATA + "3"), "the follower did not go on"
        assert not subjects(engines, bad.replace(" ", "%20"))
        if way == "step":
            up_to_date(engines)
            clean(engines)
    put(b=dataset(bad, "Mended"))
    engines.following().catch_up()
    with engines.store.reading() as reader:
        assert reader.refused() == []
    assert subjects(engines, bad.replace(" ", "%20"))
    clean(engines)


@pytest.mark.parametrize("way", ["step", "rebuild"])
def test_record_that_the_index_refuses_is_left_out_and_named(
    engines: Engines, put: Put, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    put(a=dataset(DATA, "Field"))
    engines.following().catch_up()
    bad = DATA + "2"
    with monkeypatch.context() as patch:
        from registry.followers.described import Described

        document = Described.document

        def spoilt(item: Described) -> dict[str, object]:
            fields = document(item)
            return {**fields, "name": "\udcff"} if item.kept.key == bad else fields

        patch.setattr(Described, "document", spoilt)
        put(b=dataset(bad, "Bad"), c=dataset(DATA + "3", "Third"))
        if way == "step":
            engines.following().catch_up()
        else:
            engines.following().rebuild(["search"])
        with engines.store.reading() as reader:
            refused = reader.refused()
        assert [(follower, key) for follower, key, _ in refused] == [("search", bad)]
        assert dict(engines.index.identifiers()).keys() == {DATA, DATA + "3"}
    put(b=dataset(bad, "Mended"))
    engines.following().catch_up()
    with engines.store.reading() as reader:
        assert reader.refused() == []
    clean(engines)


# -- the lock -------------------------------------------------------------------------------------


def test_only_one_holds_the_lock(engines: Engines, settings: Settings) -> None:
    with opened(settings) as other:
        assert not other.writes
        assert not other.take_lock()
        engines.lock.free()
        assert other.lock.take()
        assert not engines.lock.take()


# -- what must not stop a follower, or go unnoticed -----------------------------------------------


def test_a_backup_put_back_and_gone_on_from_means_a_rebuild(
    engines: Engines, put: Put, tmp_path: Path
) -> None:
    """The log is as long as the one followed, or longer, and tells of other records."""
    put(a=dataset(DATA, "Field"))
    engines.following().catch_up()
    with sqlite3.connect(engines.settings.data / "store.sqlite") as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        backup = sqlite3.connect(tmp_path / "backup.sqlite")
        store.backup(backup)
        backup.close()
    put(b=spase(PERSON, name="Ada Lovelace"))
    engines.following().catch_up()
    assert PERSON in found(engines, "Lovelace")
    with engines.store.reading() as reader:
        followed = reader.last_change()
    with sqlite3.connect(tmp_path / "backup.sqlite") as backup:
        restored = sqlite3.connect(engines.settings.data / "store.sqlite")
        backup.backup(restored)
        restored.close()
    put(c=observatory(OBSERVATORY, "Sputnik"), i=instrument(INSTRUMENT, "Fluxgate", OBSERVATORY))
    with engines.store.reading() as reader:
        assert reader.last_change() >= followed, "the old number is one of the new log's, too"
        assert reader.record(PERSON) is None
    engines.following().catch_up()
    assert found(engines, "Lovelace") == set()
    assert found(engines, "Sputnik") >= {OBSERVATORY}
    clean(engines)


def left_out(engines: Engines, follower: str) -> None:
    """PERSON is, of this follower or both, and named; all the rest is there."""
    assert (PERSON in found(engines, "Lovelace")) == (follower == "graph")
    assert OBSERVATORY in found(engines, "Sputnik")
    refused = status(engines.store, engines.following())["refused"]
    names = ["graph", "search"] if follower == "both" else [follower]
    assert sorted((one["follower"], one["record"]) for one in refused) == [
        (one, PERSON) for one in names
    ]
    assert all("not foreseen" in one["reason"] for one in refused)
    keys = {name: {PERSON} for name in names}
    compared = check(engines.store, engines.index, engines.graph, "", keys)
    assert all(one.clean for one in compared)
    assert sum(len(one.refused) for one in compared) == len(names)


@pytest.mark.parametrize(
    ("mapping", "follower"), [("to_search", "search"), ("rdf.to_rdf", "graph"), ("model", "both")]
)
def test_a_fault_of_ours_leaves_one_record_out_and_names_it(
    engines: Engines,
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
    mapping: str,
    follower: str,
) -> None:
    from registry.followers import described

    place, _, name = mapping.rpartition(".")
    module = getattr(described, place) if place else described
    whole = getattr(module, name)

    def failing(one: Any, *more: Any, **named: Any) -> Any:
        if getattr(one, "identifier", "") == PERSON:
            raise ValueError("not foreseen")
        return whole(one, *more, **named)

    put(d=dataset(DATA, "Field"))
    engines.following().catch_up()
    monkeypatch.setattr(module, name, failing)
    put(p=spase(PERSON, name="Ada Lovelace"), o=observatory(OBSERVATORY, "Sputnik"))
    following = engines.following()
    following.catch_up()
    left_out(engines, follower)
    following.rebuild(["search", "graph"])
    left_out(engines, follower)
    monkeypatch.undo()
    put(p=spase(PERSON, name="Ada King"))
    engines.following().catch_up()
    assert PERSON in found(engines, "King")
    assert status(engines.store, engines.following())["refused"] == []
    clean(engines)
