"""What is tantivy's alone: places and readers, writers in the way, damage, batches refused."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import tantivy

from registry.places import Places
from registry.search import tantivy_index
from registry.search.query import Query, SearchUnavailable, Text
from registry.search.refusals import refused_by
from registry.search.tantivy_index import TantivyIndex
from tests.contracts.search.documents import document

A, B, C = (f"spase://X/NumericalData/{letter}" for letter in "ABC")


def names(index: TantivyIndex) -> list[object]:
    return [hit.fields["name"] for hit in index.search(Query(sort="name", limit=100)).hits]


def test_another_reader_sees_every_change_at_once(tmp_path: Path) -> None:
    writer, reader = TantivyIndex(tmp_path), TantivyIndex(tmp_path)
    assert reader.search(Query()).total == 0
    writer.apply([document(A, name="one")], [], (1, "t"))
    assert names(reader) == ["one"]
    writer.apply([document(B, name="two")], [], (2, "t"))
    assert names(reader) == ["one", "two"]
    writer.build([document(C, name="three")], (3, "t"))
    assert names(reader) == ["three"]
    writer.apply([], [C], (4, "t"))
    assert names(reader) == []
    assert reader.marker() == (4, "t")


_READER = """
import sys
from pathlib import Path
from registry.search.query import Query
from registry.search.tantivy_index import TantivyIndex
index = TantivyIndex(Path(sys.argv[1]))
for line in sys.stdin:
    print(index.marker()[0], index.search(Query(limit=3)).total, flush=True)
"""


def test_another_process_reads_while_this_one_writes(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", _READER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def seen() -> list[int]:
            assert reader.stdin is not None
            assert reader.stdout is not None
            reader.stdin.write("\n")
            reader.stdin.flush()
            return list(map(int, reader.stdout.readline().split()))

        assert seen() == [0, 0]
        for number in range(1, 15):
            index.apply([document(f"spase://X/Y/{number}")], [], (number, "t"))
            assert seen() == [number, number]
            if number == 7:
                index.build((document(f"spase://X/Y/{n}") for n in range(1, 8)), (number, "t"))
                assert seen() == [7, 7]
        reader.stdin.close()


def test_threads_read_while_one_writes(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    index.apply([document(f"spase://X/Y/{n}", name="x") for n in range(50)], [], (1, "t"))
    wrong: list[object] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            page = index.search(Query(Text("x"), facets=("kind",), limit=60))
            if page.total != len(page.hits) or page.total not in (50, 40):
                wrong.append(page)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for one in readers:
        one.start()
    for number in range(2, 12):
        gone = [f"spase://X/Y/{n}" for n in range(10)]
        back = [document(key, name="x") for key in gone]
        index.apply([], gone, (number, "t"))
        index.apply(back, [], (number, "t"))
        index.build([document(f"spase://X/Y/{n}", name="x") for n in range(50)], (number, "t"))
    ended.set()
    for one in readers:
        one.join()
    assert wrong == []


def test_old_places_are_swept(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    for number in range(4):
        index.build([document(A)], (number, "t"))
    places = [one.name for one in tmp_path.iterdir() if one.is_dir()]
    assert places == [Places(tmp_path).current().name]  # type: ignore[union-attr]


def test_a_build_that_breaks_leaves_no_place(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)

    def breaking() -> Iterable[dict[str, object]]:
        yield document(A)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        index.build(breaking(), (1, "t"))
    assert [one for one in tmp_path.iterdir() if one.is_dir()] == []
    assert index.marker() == (0, "")


def test_an_index_of_another_table_is_not_written(tmp_path: Path) -> None:
    places = Places(tmp_path)
    place = places.fresh()
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("other", stored=True)
    writer = tantivy.Index(builder.build(), str(place)).writer(20_000_000, 1)
    writer.commit()
    writer.wait_merging_threads()
    places.switch(place)
    index = TantivyIndex(tmp_path)
    with pytest.raises(SearchUnavailable, match="reindex search"):
        index.apply([document(A)], [], (1, "t"))
    with pytest.raises(SearchUnavailable, match="reindex search"):
        index.search(Query())
    assert index.marker() == (0, "")
    index.build([document(A, name="one")], (1, "t"))
    assert names(index) == ["one"]


def test_a_damaged_index_is_said_and_can_be_built_anew(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    index.apply([document(A)], [], (1, "t"))
    place = Places(tmp_path).current()
    assert place is not None
    (place / "meta.json").write_text("{")
    with pytest.raises(SearchUnavailable, match="cannot be opened"):
        TantivyIndex(tmp_path).search(Query())
    assert TantivyIndex(tmp_path).marker() == (0, "")
    index.build([document(A, name="one")], (2, "t"))
    assert names(index) == ["one"]


def test_a_place_that_has_vanished_is_said(tmp_path: Path) -> None:
    places = Places(tmp_path)
    places.switch(places.fresh())
    with pytest.raises(SearchUnavailable, match="cannot be opened"):
        TantivyIndex(tmp_path).search(Query())


def test_a_second_writer_is_told(tmp_path: Path) -> None:
    index = TantivyIndex(tmp_path)
    index.apply([document(A)], [], (1, "t"))
    place = Places(tmp_path).current()
    held = tantivy.Index.open(str(place)).writer(20_000_000, 1)
    with pytest.raises(SearchUnavailable, match="cannot be written"):
        index.apply([document(B)], [], (2, "t"))
    assert index.marker() == (1, "t")
    held.wait_merging_threads()
    index.apply([document(B)], [], (2, "t"))
    assert index.marker() == (2, "t")


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "search").write_text("a file")
    with pytest.raises(SearchUnavailable, match="cannot be built"):
        TantivyIndex(tmp_path / "search").build([document(A)], (1, "t"))


def test_what_spoils_a_batch_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = TantivyIndex(tmp_path)
    index.apply([document(A, name="as it was")], [], (1, "t"))
    write = tantivy_index._write

    def poisoned(where: Any, made: dict[str, Any], *more: Any) -> str:
        if any("poison" in str(one.to_dict().get("name", "")) for one in made.values()):
            return "a worker has died"
        return write(where, made, *more)

    monkeypatch.setattr(tantivy_index, "_write", poisoned)
    batch = [document(f"spase://X/Y/{n}", name=f"good {n}") for n in range(9)]
    bad = [document(key, name="706f69736f6e poison") for key in (A, B)]
    refused = index.apply([*batch[:3], bad[0], *batch[3:], bad[1]], [], (2, "t"))
    assert [key for key, _ in refused] == [A, B]
    assert "a worker has died" in refused[0][1]
    assert index.marker() == (2, "t")
    assert len(names(index)) == 9


def test_halving_finds_each_and_only_those() -> None:
    for bad in ([], [0], [7], [3, 4], [0, 9], list(range(10))):
        keys = [str(number) for number in range(10)]
        spoilt = {str(number) for number in bad}
        assert refused_by(keys, lambda some, s=spoilt: not s & set(some)) == sorted(spoilt)
