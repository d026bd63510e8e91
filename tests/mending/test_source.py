"""The source's own characters: read, found again, and written back as they were."""

from __future__ import annotations

import random
import zipfile

import pytest
from lxml import etree

from registry.findings import Refusal
from registry.mending.source import at, paths, read
from tests.shared import needs_shared, shared

ODD = (
    '<?xml version="1.0" encoding="{}"?>\r\n<!-- before: é -->\r\n<?style a="b"?>\r\n'
    '<r a = \'x>y\' xmlns:p="urn:p">\r\n\t<p:b/><b  c="1" />text &amp; &#233;'
    "<![CDATA[<&]]><!-- <b> --><b>é</b >\r\n</r >\r\n<!-- after -->\r\n"
)


@pytest.mark.parametrize(
    "encoding",
    ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16", "UTF-16LE", "UTF-16BE", "ISO-8859-15"],
)
def test_what_is_not_changed_is_written_as_it_was(encoding: str) -> None:
    content = ODD.format(encoding).encode(encoding)
    assert read(content).written() == content


def test_a_byte_order_mark_stays() -> None:
    content = b"\xef\xbb\xbf<r><a>1</a></r>"
    source = read(content)
    source.root.children[0].write("2")
    assert source.written() == b"\xef\xbb\xbf<r><a>2</a></r>"


def test_one_text_changes_and_no_other_byte() -> None:
    content = ODD.format("ISO-8859-1").encode("ISO-8859-1")
    source = read(content)
    source.root.children[2].write("è & 中")
    assert source.written() == content.replace(b"\xe9</b >", b"\xe8 &amp; &#20013;</b >")


def test_references_in_a_text_stay_when_white_space_goes() -> None:
    source = read(b"<r><a> &#10; A &amp;#38; B &#x41; \n</a></r>")
    element = source.root.children[0]
    element.write("A &#38; B A")
    assert source.written() == b"<r><a>A &amp;#38; B &#x41;</a></r>"


def test_text_is_what_a_parser_gives() -> None:
    content = ODD.format("UTF-8").encode()
    root = etree.fromstring(content)
    source = read(content)
    assert [element.text for element in source.root.every()] == [
        "".join(element.xpath("text()")) for element in root.iter(etree.Element)
    ]
    assert source.root.attribute("a") == "x>y"


def test_an_attribute_changes_between_its_own_quotes() -> None:
    source = read(b"<r xmlns:x='u'><a   x:b = 'one  two'  c=\"3\"/></r>")
    source.root.children[0].write_attribute("b", "it's three")
    assert source.written() == b"<r xmlns:x='u'><a   x:b = 'it&#39;s  three'  c=\"3\"/></r>"


def test_an_empty_element_gets_a_text() -> None:
    source = read(b'<p:r xmlns:p="u"><p:a b="1" /></p:r>')
    source.root.children[0].write("x")
    assert source.written() == b'<p:r xmlns:p="u"><p:a b="1">x</p:a></p:r>'


def test_paths_lead_back() -> None:
    source = read(b"<r><a><b/><b/></a><c/></r>")
    found = paths(source.root)
    assert sorted(found.values()) == ["r", "r/a", "r/a/b[1]", "r/a/b[2]", "r/c"]
    assert all(at(source.root, found[id(one)]) is one for one in source.root.every())
    assert at(source.root, "r/a/b[3]") is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!DOCTYPE r [<!ENTITY a 'b'>]><r>&a;</r>", "dtd"),
        (b"<r><a></r>", "not-well-formed"),
        (b"", "empty"),
        (b"<r>" * 300 + b"</r>" * 300, "too-deep"),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(content)
    assert refused.value.reason == reason


@needs_shared
def test_real_records_are_written_as_they_were() -> None:
    chance = random.Random(4)
    for name in ("NASA.zip", "SMWG.zip", "CNES.zip"):
        with zipfile.ZipFile(shared("spase", name)) as archive:
            names = sorted(one for one in archive.namelist() if one.endswith(".xml"))
            for member in chance.sample(names, 300):
                content = archive.read(member)
                source = read(content)
                assert source.written() == content
                # libxml2 names the line in which a start tag ends, we the one where it begins.
                lines = [one.sourceline for one in etree.fromstring(content).iter(etree.Element)]
                every = source.root.every()
                assert [one.line + one.opening.count(b"\n") for one in every] == lines
