"""What the parser refuses, and how it says so."""

from __future__ import annotations

import codecs
import resource

import pytest

from registry.findings import Refusal
from schemas.parsing import MAX_BYTES, parse
from tests.schemas.made import DATASET, dataset


def _refused(content: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(content)
    return caught.value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\t", "empty"),
        (b"PK\x03\x04\x14\x00\x00\x00", "binary"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"%PDF-1.7 and so on", "not-well-formed"),
        (b'{"ResourceID": 1}', "not-well-formed"),
        (b"<a><b></a>", "not-well-formed"),
        (b"<a/><a/>", "not-well-formed"),
        (b"<a b='1' b='2'/>", "not-well-formed"),
        (b"<x:a/>", "not-well-formed"),
        (b"<a>&nbsp;</a>", "not-well-formed"),
        (b"<a>&#0;</a>", "not-well-formed"),
        ("<a>\ufffe</a>".encode(), "not-well-formed"),
    ],
)
def test_refused(content: bytes, reason: str) -> None:
    refusal = _refused(content)
    assert refusal.reason == reason
    assert "Traceback" not in refusal.message


@pytest.mark.parametrize("length", [130, 400, 900, 1500, len(DATASET) - 4])
def test_truncated_says_where_it_breaks_off(length: int) -> None:
    content = DATASET[:length].encode()
    refusal = _refused(content)
    assert refusal.reason == "not-well-formed"
    assert "breaks off" in refusal.message
    assert refusal.line == content.count(b"\n") + 1


def test_bytes_that_are_not_utf8_are_named() -> None:
    content = dataset(("Probe magnetic", "Sonde magnétique"), encoding="iso-8859-1")
    refusal = _refused(content)
    place = content.index(b"\xe9")
    assert refusal.reason == "encoding"
    assert f"byte {place + 1} (0xE9) in line 8" in refusal.message
    assert refusal.line == 8


def test_iso_8859_1_is_read() -> None:
    content = dataset(
        ("UTF-8", "ISO-8859-1"), ("Probe magnetic", "Sonde magnétique"), encoding="iso-8859-1"
    )
    name = parse(content).getroot().find(".//{*}ResourceName")
    assert name.text == "Sonde magnétique field"


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read(codec: str) -> None:
    content = dataset(("UTF-8", "UTF-16"), ("Probe magnetic", "Sondé magnetic"), encoding=codec)
    assert parse(content).getroot().find(".//{*}ResourceName").text.startswith("Sondé")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (dataset(("UTF-8", "UTF-16")), "UTF-16"),
        (dataset(("UTF-8", "US-ASCII"), ("Probe", "Sondé")), "US-ASCII"),
        (dataset(("UTF-8", "KLINGON-1")), "KLINGON-1"),
        (codecs.BOM_UTF16_LE + "<a>x</a>".encode("utf-16-le") + b"\0", "UTF-16"),
        (b"<a>\xed\xa0\x80</a>", "UTF-8"),
        (b"<a>\xc0\xaf</a>", "UTF-8"),
    ],
)
def test_lying_encodings(content: bytes, word: str) -> None:
    refusal = _refused(content)
    assert refusal.reason == "encoding"
    assert word in refusal.message


@pytest.mark.parametrize("character", [0, 1, 8, 11, 31])
def test_control_characters_are_named(character: int) -> None:
    refusal = _refused(dataset(("Made for", f"Made{chr(character)}for")))
    assert refusal.reason == "not-well-formed"
    assert f"U+{character:04X}" in refusal.message
    assert (refusal.line, refusal.column) == (10, 24)


BOMB = (
    '<!DOCTYPE Spase [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + "]>"
)


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE Spase>",
        '<!DOCTYPE Spase SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE Spase [<!ENTITY Probe SYSTEM "file:///etc/passwd">]>',
        "<!-- <!DOCTYPE --> <?x <!DOCTYPE ?> <!DOCTYPE Spase>",
        BOMB,
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_document_types_are_refused(prolog: str, codec: str) -> None:
    text = DATASET.replace("UTF-8", codec).replace("<Spase", prolog + "<Spase", 1)
    assert _refused(text.encode(codec)).reason == "dtd"


def test_an_entity_bomb_in_attributes_is_refused() -> None:
    text = DATASET.replace("<Spase", BOMB + "<Spase", 1).replace("<Name>", "<Name x='&m;'>")
    assert _refused(text.encode()).reason == "dtd"


def test_a_doctype_in_text_is_only_text() -> None:
    content = dataset(("Made for a test.", "<![CDATA[<!DOCTYPE html>]]> <!-- <!DOCTYPE -->"))
    assert parse(content).getroot().find(".//{*}Description").text == "<!DOCTYPE html> "


def test_100_000_levels() -> None:
    refusal = _refused(b"<a>" * 100_000 + b"</a>" * 100_000)
    assert refusal.reason == "too-deep"


@pytest.mark.parametrize(
    "content",
    [
        b"<a>" + b"x" * 30_000_000 + b"</a>",
        b"<a b='" + b"x" * 30_000_000 + b"'/>",
        b"<a><!--" + b"x" * 30_000_000 + b"--></a>",
        b"<a><![CDATA[" + b"x" * 30_000_000 + b"]]></a>",
        b"<a>" + b"x&amp;" * 15_000_000 + b"</a>",
    ],
    ids=["text", "attribute", "comment", "cdata", "references"],
)
def test_huge_texts_take_bounded_memory(content: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert _refused(content).reason == "too-large"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000


def test_a_300_mb_text() -> None:
    refusal = _refused(b"<a>" + b"x" * 300_000_000 + b"</a>")
    assert refusal.reason == "too-large"
    assert f"{MAX_BYTES:,}" in refusal.message


def test_a_refusal_stays_the_same_on_its_way_from_a_worker() -> None:
    import pickle

    refusal = _refused(b"<a>\n</b>")
    again = pickle.loads(pickle.dumps(refusal))
    assert (again.reason, again.message, again.line) == ("not-well-formed", refusal.message, 2)


@pytest.mark.parametrize(
    "content",
    ["<a>\n<é>ééé\x01x</é></a>", "<a>\n<é>äöü & x</é></a>", "<a>\n<!-- Ω -->\x02</a>"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-7"])
def test_columns_count_characters(content: str, encoding: str) -> None:
    content = (
        content
        if encoding == "utf-8"
        else content.translate({0xE9: 0x3B1, 0xE4: 0x3B2, 0xF6: 0x3B3, 0xFC: 0x3B4})
    )
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' + content
    with pytest.raises(Refusal) as caught:
        parse(declared.encode(encoding))
    line = content.split("\n")[1]
    (wrong,) = [at for at, sign in enumerate(line, 1) if sign in "&\x01\x02"]
    # The parser stops at the sign, or behind it.
    assert caught.value.line == 2
    assert wrong <= caught.value.column <= wrong + 1
