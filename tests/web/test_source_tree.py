"""The source of a record, element by element."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from lxml import etree

from registry.engines import Engines
from registry.web import source_tree
from registry.web.source_tree import source_tree as tree
from tests.web.conftest import EXAMPLES


@pytest.fixture(autouse=True)
def _inside_a_request(app: Flask, engines: Engines) -> object:
    with app.test_request_context("/"):
        yield


def test_steps_open_and_close_as_the_document_does() -> None:
    root = etree.fromstring(b"<a x='1'>\n<b>text</b>after<c/><!-- aside --><d>\n<e/></d></a>")
    steps, cut = tree(root, {})
    assert not cut
    told = [(step, node.kind if node.kind != "element" else node.name) for step, node in steps]
    assert told == [
        ("open", "a"), ("leaf", "b"), ("leaf", "c"), ("leaf", "comment"), ("open", "d"),
        ("leaf", "e"), ("close", "d"), ("close", "a"),
    ]  # fmt: skip
    nodes = {node.name: node for _, node in steps}
    assert nodes["a"].attributes == [("x", "1")]
    assert (nodes["b"].text, nodes["b"].after) == ("text", "after")
    assert (nodes["b"].line, nodes["e"].line) == (2, 3)
    assert (nodes["b"].anchor, nodes["c"].anchor) == (True, False)


def test_namespaces_are_told_where_they_are_declared() -> None:
    root = etree.fromstring(
        b"<r xmlns='urn:a' xmlns:p='urn:b' xml:lang='en'><p:s p:t='u'/><v xmlns='urn:c'/></r>"
    )
    nodes = {node.name: node for step, node in tree(root, {})[0] if step != "close"}
    assert sorted(nodes["r"].attributes or []) == [
        ("xml:lang", "en"), ("xmlns", "urn:a"), ("xmlns:p", "urn:b"),
    ]  # fmt: skip
    assert nodes["s"].attributes == [("p:t", "u")]
    assert nodes["v"].attributes == [("xmlns", "urn:c")]


def test_what_is_known_becomes_a_link() -> None:
    root = etree.fromstring(
        b"<a><b>spase://X/Y</b><c>spase://X/Z</c><d>https://e.org/</d><e>javascript://e/</e></a>"
    )
    nodes = {node.name: node for _, node in tree(root, {"spase://X/Y": "spase://X/Y"})[0]}
    assert nodes["b"].link.endswith("/records/spase/X/Y")
    assert [nodes[name].link for name in "cde"] == ["", "https://e.org/", ""]


def test_a_long_record_is_cut_and_still_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_tree, "MOST", 10)
    root = etree.fromstring(b"<a><b>" + b"<c/>" * 100 + b"</b></a>")
    steps, cut = tree(root, {})
    assert cut
    told = [step for step, _ in steps]
    assert told.count("open") == told.count("close") == 2


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("*.xml"))[:20], ids=lambda path: path.name)
def test_every_element_of_an_example_comes_once_in_order(path: Path) -> None:
    root = etree.parse(path).getroot()
    steps, _ = tree(root, {})
    names = [node.name for step, node in steps if step != "close" and node.kind == "element"]
    assert names == [etree.QName(one).localname for one in root.iter(etree.Element)]
