"""What is current follows from the places, whatever the order of commits (docs/decisions.md, 2)."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.store import sources
from registry.store.store import Reader, Store
from registry.store.taken import Refused, TakenDocument
from tests.registry.store.taken_documents import at, taken

A, B = "spase://A/X", "spase://A/Y"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "data", clock=lambda: 1_000_000_000.0)
    yield store
    store.close()


def take(store: Store, *documents: TakenDocument, source_id: int = 1) -> None:
    with store.writing() as writer:
        writer.take(source_id, documents)


def current_body(reader: Reader, key: str) -> bytes:
    record = reader.record(key)
    assert record is not None
    assert not record.deleted
    return reader.body(record)


def test_the_same_place_with_new_bytes_is_current_whatever_its_date(store: Store) -> None:
    take(store, at("/x", taken(A, "new", released="2021-01-01T00:00:00Z")))
    take(store, at("/x", taken(A, "newer", released="2001-01-01T00:00:00Z")))
    with store.reading() as reader:
        assert current_body(reader, A) == b"newer"
        record = reader.record(A)
        assert record is not None
        assert len(reader.revisions(record.id)) == 2


CANDIDATES = [
    ("/b", "later", {"released": "2021-01-01T00:00:00Z"}),
    ("/c", "invalid", {"released": "2021-01-01T00:00:00Z", "verdict": "invalid"}),
    ("/a", "earlier", {"released": "2020-01-01T00:00:00Z"}),
    ("/d", "same as b, later path", {"released": "2021-01-01T00:00:00Z"}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_of_two_places_the_later_then_the_valid_then_the_first_path(
    store: Store, order: tuple[int, ...]
) -> None:
    for number in order:
        path, text, values = CANDIDATES[number]
        take(store, at(path, taken(A, text, **values)))
    with store.reading() as reader:
        assert current_body(reader, A) == b"later"
        assert reader.duplicates() == [(A, 4)]


def test_precedence_of_sources_counts_before_dates(store: Store) -> None:
    with store.writing() as writer:
        peer = sources.add_source(writer.connection, "peer", "oai-pmh", "", now=1, precedence=50)
    take(store, at("/x", taken(A, "local", released="2022-01-01T00:00:00Z")))
    take(store, at("oai:x", taken(A, "peer"), complete=False), source_id=peer.id)
    with store.reading() as reader:
        assert current_body(reader, A) == b"peer"


def test_a_deletion_removes_one_place_and_the_next_best_becomes_current(store: Store) -> None:
    take(store, at("/x", taken(A, "first", references=[("InstrumentID", B)])))
    take(store, at("/y", taken(A, "second", released="2021-01-01T00:00:00Z")))
    with store.writing() as writer:
        assert writer.remove(1, ["/y"]).changed == 1
    with store.reading() as reader:
        assert current_body(reader, A) == b"first"
        assert [element for element, _ in reader.referring(B)] == ["InstrumentID"]
    with store.writing() as writer:
        assert writer.remove(1, ["/x"]).deleted == 1
    with store.reading() as reader:
        record = reader.record(A)
        assert record is not None
        assert record.deleted
        assert len(reader.revisions(record.id)) == 2
        assert reader.referring(B) == []


def test_known_bytes_bring_a_deleted_record_back(store: Store) -> None:
    take(store, at("/x", taken(A, "text")))
    with store.writing() as writer:
        writer.remove(1, ["/x"])
    take(store, at("/x", taken(A, "text")))
    with store.reading() as reader:
        assert current_body(reader, A) == b"text"


def test_a_file_whose_identifier_was_mended_leaves_no_ghost(store: Store) -> None:
    take(store, at("/x", taken(A)))
    take(store, at("/x", taken(B)))
    with store.reading() as reader:
        gone = reader.record(A)
        assert gone is not None
        assert gone.deleted
        assert current_body(reader, B) == B.encode()


def test_what_cannot_be_read_replaces_nothing(store: Store) -> None:
    take(store, at("/x", taken(A, "good")))
    broken = TakenDocument("/x", b"d", [], [Refused("", "not-well-formed", "it ends early")])
    take(store, broken)
    with store.reading() as reader:
        assert current_body(reader, A) == b"good"
        assert [entry.path for entry in reader.quarantined()] == ["/x"]
    take(store, at("/x", taken(A, "mended")))
    with store.reading() as reader:
        assert current_body(reader, A) == b"mended"
        assert reader.quarantined() == []


def test_the_same_canonical_xml_changes_nothing(store: Store) -> None:
    first = taken(A, "<a  />", canonical=b"same")
    take(store, at("oai:x", first, complete=False))
    with store.reading() as reader:
        before = reader.last_change()
    take(store, at("oai:x", taken(A, "<a/>", canonical=b"same"), complete=False))
    with store.reading() as reader:
        assert reader.last_change() == before


def test_a_deletion_that_the_record_itself_states(store: Store) -> None:
    take(store, at("/x", taken(A)))
    take(store, at("/x", taken(A, "deleted", gone=True)))
    with store.reading() as reader:
        record = reader.record(A)
        assert record is not None
        assert record.deleted


class TestChanges:
    def test_neighbours_change_when_a_label_moves(self, store: Store) -> None:
        take(store, at("/d", taken(A, references=[("PersonID", B)])))
        take(store, at("/p", taken(B, "1", kind="Person", name="Old Name")))
        take(store, at("/q", taken("spase://A/Z")))
        with store.reading() as reader:
            before = reader.last_change()
        take(store, at("/p", taken(B, "2", kind="Person", name="New Name")))
        with store.reading() as reader:
            changed, upto = reader.changed(before)
        assert {record.key for record in changed} == {A, B}
        assert upto > before

    def test_a_new_text_under_the_same_label_moves_no_neighbour(self, store: Store) -> None:
        take(store, at("/d", taken(A, references=[("PersonID", B)])))
        take(store, at("/p", taken(B, "1", name="Name")))
        with store.reading() as reader:
            before = reader.last_change()
        take(store, at("/p", taken(B, "2", name="Name")))
        with store.reading() as reader:
            assert [record.key for record in reader.changed(before)[0]] == [B]

    def test_a_dataset_is_the_neighbour_of_its_instruments_observatory(self, store: Store) -> None:
        instrument, observatory = "spase://A/I", "spase://A/O"
        take(store, at("/d", taken(A, references=[("InstrumentID", instrument)])))
        made = taken(instrument, kind="Instrument", references=[("ObservatoryID", observatory)])
        take(store, at("/i", made))
        with store.reading() as reader:
            before = reader.last_change()
        take(store, at("/o", taken(observatory, kind="Observatory")))
        with store.reading() as reader:
            keys = {record.key for record in reader.changed(before)[0]}
        assert keys == {A, instrument, observatory}

    def test_datestamps_never_decrease_when_the_clock_does(self, tmp_path: Path) -> None:
        clock = iter([100.0, 100.0, 100.0, 100.0, 50.0, 50.0, 50.0, 50.0])
        store = Store(tmp_path / "d", clock=lambda: next(clock, 50.0))
        take(store, at("/x", taken(A)))
        take(store, at("/y", taken(B)))
        with store.reading() as reader:
            records = reader.records_by_key([A, B])
        assert records[B].datestamp >= records[A].datestamp == 100

    def test_an_open_write_holds_the_response_date_back(self, tmp_path: Path) -> None:
        now = [1000.0]
        store = Store(tmp_path / "d", clock=lambda: now[0])
        other = Store(tmp_path / "d", clock=lambda: now[0] + 30)
        with store.writing() as writer:
            assert other.response_moment() == 1000.0
            writer.take(1, [at("/x", taken(A))])
        assert other.response_moment() == 1030.0

    def test_a_failed_write_leaves_nothing_behind(self, store: Store) -> None:
        with pytest.raises(ZeroDivisionError), store.writing() as writer:  # noqa: PT012
            writer.take(1, [at("/x", taken(A))])
            raise ZeroDivisionError
        with store.reading() as reader:
            assert reader.record(A) is None
            assert reader.last_change() == 0
        assert store.response_moment() == 1_000_000_000.0


def test_facts_are_json(store: Store) -> None:
    take(store, at("/x", taken(A, references=[("PersonID", B)])))
    from registry.store import tables

    with store.reading() as reader:
        row = reader.connection.execute(tables.revision.select()).one()
    assert json.loads(row.facts)[0] == A
