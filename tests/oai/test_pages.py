"""Pages that were written before, and gzip made of pieces."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path

import pytest
from flask import Flask
from lxml import etree

from registry.oai.pages import Pages, Stretch
from registry.oai.stitched import gzipped, piece
from schemas.oai_pmh.envelope import OAI, validate_envelope
from tests.oai.registries import Clock, documents_at, get, put, remove, served

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


def test_what_was_unused_longest_is_forgotten() -> None:
    made = piece(random.Random(1).randbytes(1000))
    size = len(made.deflated)
    pages = Pages(2 * size)

    def key(number: int) -> tuple[str, str, str, str, int, int]:
        return "/oai", "ListRecords", "oai_dc", "", 10, number

    for number in (1, 2):
        pages.put(key(number), Stretch(made, 1, number, True))
    assert pages.get(key(1)) is not None
    pages.put(key(3), Stretch(made, 1, 3, True))
    assert [pages.get(key(number)) is None for number in (1, 2, 3)] == [False, True, False]
    pages.put(key(3), Stretch(made, 2, 3, True))
    assert pages.get(key(1)) is not None


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


@pytest.mark.parametrize("seed", range(4))
def test_a_kept_page_says_what_the_store_says(seed: int, tmp_path: Path) -> None:
    """One application keeps its pages, the other none: after every write both say the same."""
    chance, clock = random.Random(seed), Clock()
    with (
        served(tmp_path, page_size=5, clock=clock) as (store, keeping),
        served(tmp_path, page_size=5, clock=clock, pages_bytes=0) as (_, plain),
    ):
        put(store, documents_at(f"m{n}" for n in range(23)))
        for _ in range(12):
            assert walk(keeping) == walk(plain)
            assert walk(keeping, set="spase") == walk(plain, set="spase")
            clock.now += chance.choice((0, 1))
            names = [f"m{n}" for n in chance.sample(range(30), 2)]
            put(store, {names[0]: documents_at(names)[names[0]].replace(b"Made<", b"Other<")})
            remove(store, names[1])


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
