"""Pages that were written before, and gzip made of pieces."""

from __future__ import annotations

import gzip
import random
import sqlite3
import zlib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import etree

from registry.oai import formats
from registry.oai.pages import FOLDER, PageFiles, Pages
from registry.oai.stitched import gzipped, piece
from registry.oai.stretches import from_bytes, stretch
from registry.web import oai
from schemas.oai_pmh.envelope import OAI, validate_envelope
from tests.oai.registries import Clock, documents_at, get, put, remove, served, service

NS = {"o": OAI}


@pytest.mark.parametrize("seed", range(20))
def test_pieces_are_one_gzip_stream(seed: int) -> None:
    """RFC 1952: one member, whose checksum and length are those of the whole content."""
    chance = random.Random(seed)
    contents = [chance.randbytes(chance.choice((0, 1, 7, 900, 70_000))) for _ in range(seed % 6)]
    whole = b"".join(contents)
    packed = gzipped(map(piece, contents))
    assert gzip.decompress(packed) == whole
    reader = zlib.decompressobj(31)
    assert reader.decompress(packed) == whole
    assert reader.eof
    assert reader.unused_data == b""


def key(number: int) -> tuple[str, str, str, str, int, int]:
    return "/oai", "ListRecords", "oai_dc", "", 10, number


def test_what_was_unused_longest_is_forgotten() -> None:
    text = random.Random(1).randbytes(1000)
    size = len(stretch([(1, text)], 1, full=True).piece.deflated)
    pages = Pages(2 * size)
    for number in (1, 2):
        pages.put(key(number), stretch([(number, text)], number, full=True))
    assert pages.get(key(1)) is not None
    pages.put(key(3), stretch([(3, text)], 3, full=True))
    assert [pages.get(key(number)) is None for number in (1, 2, 3)] == [False, True, False]


@pytest.mark.parametrize("seed", range(8))
def test_records_are_cut_out_of_a_stretch(seed: int) -> None:
    """What is left stands as it was, in one gzip member, and reads the same from its file."""
    chance = random.Random(seed)
    records = [(n, chance.randbytes(chance.choice((1, 300, 40_000)))) for n in range(1, 60)]
    whole = stretch(records, 77, full=True, stamp="s")
    kept = {n for n, _ in records if chance.random() < chance.choice((0.1, 0.9))}
    left = whole.only(kept)
    expected = b"".join(text for n, text in records if n in kept)
    assert gzip.decompress(gzipped([left.piece])) == expected
    assert left.numbers == tuple(n for n, _ in records if n in kept)
    assert (left.last, left.full, left.stamp) == (77, True, "s")
    behind = stretch([(80, b"x"), (81, b"yz")], 90, full=False, stamp="t")
    both = left.followed_by(behind)
    assert gzip.decompress(gzipped([both.piece])) == expected + b"xyz"
    assert (both.numbers[-2:], both.last, both.full) == ((80, 81), 90, False)
    assert from_bytes(both.as_bytes()).as_bytes() == both.as_bytes()
    assert both.only([81]).piece.plain() == b"yz"


def test_files_are_read_by_another_process_and_bounded(tmp_path: Path) -> None:
    text = random.Random(1).randbytes(10_000)
    for number in range(20):
        files = PageFiles(tmp_path, 100_000, "one")
        files.put(key(number), stretch([(number, text)], number, full=True))
    held = list((tmp_path / FOLDER / "one").iterdir())
    assert 5 < len(held) < 11
    assert sum(path.stat().st_size for path in held) <= 100_000
    found = PageFiles(tmp_path, 100_000, "one").get(key(19))
    assert found is not None
    assert found.piece.plain() == text
    # Other settings: what was written by these is of no use any more.
    assert PageFiles(tmp_path, 100_000, "two").get(key(19)) is None
    assert not (tmp_path / FOLDER / "one").exists()


@pytest.mark.parametrize("keep", [0, 5, -3, -1])
def test_a_damaged_file_is_not_used(keep: int, tmp_path: Path) -> None:
    files = PageFiles(tmp_path, 100_000, "one")
    files.put(key(1), stretch([(1, b"text" * 200)], 1, full=True))
    (path,) = (tmp_path / FOLDER / "one").iterdir()
    content = path.read_bytes()
    path.write_bytes(content[:-9] + b"\0" + content[-8:] if keep == -1 else content[:keep])
    assert files.get(key(1)) is None
    assert not path.exists()


def test_a_folder_that_cannot_be_written_stops_no_answer(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("no folder")
    files = PageFiles(tmp_path, 100_000, "one")
    files.put(key(1), stretch([(1, b"text")], 1, full=True))
    assert files.get(key(1)) is None


def walk(app: Flask, **arguments: str) -> list[list[tuple[str, str | None]]]:
    """(identifier, title) of each record, page by page."""
    pages = []
    given = {"verb": "ListRecords", "metadataPrefix": "oai_dc"} | arguments
    while True:
        root = etree.fromstring(get(app, **given))
        assert validate_envelope(root) == []
        pages.append(
            [
                (one.findtext("o:header/o:identifier", "", NS), one.findtext(".//{*}title"))
                for one in root.findall("*/o:record", NS)
            ]
        )
        token = root.findtext("*/o:resumptionToken", "", NS)
        if not token:
            return pages
        given = {"verb": "ListRecords", "resumptionToken": token}


def flat(pages: list[list[tuple[str, str | None]]]) -> list[tuple[str, str | None]]:
    return list(chain.from_iterable(pages))


@pytest.mark.parametrize("seed", range(4))
def test_a_kept_page_says_what_the_store_says(seed: int, tmp_path: Path) -> None:
    """One application keeps its pages, one has those of processes before it, one none: after
    every write all say the same."""
    chance, clock = random.Random(seed), Clock()
    with (
        served(tmp_path, page_size=5, clock=clock) as (store, keeping),
        served(tmp_path, page_size=5, clock=clock) as (_, later),
        served(tmp_path, page_size=5, clock=clock, pages_bytes=0) as (_, plain),
    ):
        put(store, documents_at(f"m{n}" for n in range(23)))
        for turn in range(9):
            later.extensions.pop(oai._MADE, None)
            for more in ({}, {"set": "spase"}):
                said = [walk(one, **more) for one in chance.sample([keeping, later], 2)]
                expected = flat(walk(plain, **more))
                assert [flat(pages) for pages in said] == [expected] * 2
                assert {len(page) for pages in said for page in pages} <= {1, 2, 3, 4, 5}
            clock.now += chance.choice((0, 1))
            names = [f"m{n}" for n in chance.sample(range(30), 2 if turn % 4 else 12)]
            made = documents_at(names)
            put(store, {one: made[one].replace(b"Made<", b"Other<") for one in names[::2]})
            remove(store, *names[1::2])


def test_a_change_costs_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After one record of forty changed, one is written, not forty."""
    written: list[int] = []
    with served(tmp_path, page_size=10) as (store, app):
        put(store, documents_at(f"m{n}" for n in range(40)))
        write = formats.dublin_core_text

        def counted(*arguments: Any) -> str:
            written.append(1)
            return write(*arguments)

        monkeypatch.setattr(formats, "dublin_core_text", counted)
        walk(app)
        assert len(written) == 40
        put(store, {"m3": documents_at(["m3"])["m3"].replace(b"Made<", b"Other<")})
        pages = walk(app)
        assert len(written) == 41
        assert [len(page) for page in pages] == [9, 10, 10, 10, 1]
        remove(store, "m11", "m12", "m13", "m14", "m15", "m16")
        assert [len(page) for page in walk(app)] == [9, 4, 10, 10, 7]
        remove(store, *(f"m{n}" for n in range(20, 28)))
        # What is left of two pages is one.
        assert [len(page) for page in walk(app)] == [9, 6, 10, 10, 5]
        assert len(written) == 41


def test_lists_are_written_before_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one process; in another nothing is left to be written."""
    with served(tmp_path, page_size=5) as (store, app):
        put(store, documents_at(f"m{n}" for n in range(12)) | {"s": service("s")})
        with app.app_context():
            assert oai.write_lists() > 12
        app.extensions.pop(oai._MADE)

        def written(*_: Any) -> Any:
            raise AssertionError("a record is written again")

        monkeypatch.setattr(formats, "_embedded", written)
        monkeypatch.setattr(formats, "dublin_core_text", written)
        client = app.test_client()
        for where, prefixes in (
            ("/oai", ("oai_dc", "spase", "ivo_vor")),
            ("/oai/ivoa", ("ivo_vor", "ivo_vor&set=ivo_managed", "oai_dc")),
        ):
            for prefix in prefixes:
                answer = client.get(f"{where}?verb=ListRecords&metadataPrefix={prefix}")
                assert b"<metadata>" in answer.data


def test_pages_of_a_store_that_was_put_back_are_not_used(tmp_path: Path) -> None:
    """The same change numbers, another content: the change log's stamps tell them apart."""
    with served(tmp_path, page_size=5) as (store, app):
        put(store, documents_at(f"m{n}" for n in range(9)))
        with (
            sqlite3.connect(tmp_path / "store.sqlite") as raw,
            raw,
            sqlite3.connect(tmp_path / "backup") as backup,
        ):
            raw.backup(backup)
        put(store, {"m8": documents_at(["m8"])["m8"].replace(b"Made<", b"First<")})
        assert ("spase://Made/m8", "First") in flat(walk(app))
    for path in tmp_path.glob("store.sqlite*"):
        path.unlink()
    (tmp_path / "backup").rename(tmp_path / "store.sqlite")
    with served(tmp_path, page_size=5) as (store, app):
        put(store, {"m8": documents_at(["m8"])["m8"].replace(b"Made<", b"Second<")})
        assert ("spase://Made/m8", "Second") in flat(walk(app))


def test_kept_pages_are_sent_compressed_and_plain(tmp_path: Path) -> None:
    with served(tmp_path, page_size=5) as (store, app):
        put(store, documents_at(f"m{n}" for n in range(9)))
        client = app.test_client()
        address = "/oai?verb=ListRecords&metadataPrefix=oai_dc"
        plain = [client.get(address) for _ in range(2)]
        packed = [client.get(address, headers={"Accept-Encoding": "gzip"}) for _ in range(2)]
        assert [one.headers.get("Content-Encoding") for one in plain] == [None, None]
        assert [one.headers.get("Content-Encoding") for one in packed] == ["gzip", "gzip"]

        def records(content: bytes) -> list[str | None]:
            return [one.text for one in etree.fromstring(content).iter(f"{{{OAI}}}identifier")]

        said = [one.data for one in plain] + [gzip.decompress(one.data) for one in packed]
        assert [records(one) for one in said] == [records(said[0])] * 4
        assert len(records(said[0])) == 5
