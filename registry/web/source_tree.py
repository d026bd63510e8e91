"""A record's source, element by element, for the page: everything that stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from lxml import etree

from registry.web.presentation import outward, page_of

_XML = "http://www.w3.org/XML/1998/namespace"
MOST = 20_000
"""So many elements are shown on a page; a larger record is left to its XML form."""

_EVENTS = ("start", "end", "start-ns", "comment", "pi")

Step = Literal["open", "leaf", "close"]


@dataclass(slots=True)
class Node:
    """An element, a comment or a processing instruction; `text` is what stands in it."""

    kind: str
    name: str
    line: int
    text: str = ""
    link: str = ""
    attributes: list[tuple[str, str]] | None = None
    anchor: bool = False
    """Whether it is the first element of its line, which links to lines lead to."""
    after: str = ""
    """Text that follows the element inside its parent, where a record mixes the two."""


def source_tree(root: Any, known: dict[str, str]) -> tuple[list[tuple[Step, Node]], bool]:
    """The steps through a record document in its order, and whether it was cut at MOST.

    An element with children comes as `open` and `close`, one without as `leaf`: nothing here
    calls itself, however deep the document. `known` maps identifiers as written in the record
    to keys of records held here; their text becomes a link.
    """
    steps: list[tuple[Step, Node]] = []
    opened: list[Node] = []
    lines: set[int] = set()
    declared: list[tuple[str, str]] = []
    for event, element in etree.iterwalk(root, events=_EVENTS):
        if event == "start":
            if len(steps) >= 2 * MOST:
                return _closed(steps, opened), True
            node = _node(element, declared, known)
            node.anchor = node.line not in lines
            lines.add(node.line)
            declared = []
            opened.append(node)
            steps.append(("open", node))
        elif event == "end":
            steps.append(("close", opened.pop()))
        elif event == "start-ns":
            prefix, address = element
            declared.append((f"xmlns:{prefix}" if prefix else "xmlns", address))
        else:
            steps.append(("leaf", _aside(element, event)))
    return _closed(steps, opened), False


def _closed(steps: list[tuple[Step, Node]], opened: list[Node]) -> list[tuple[Step, Node]]:
    return list(_folded(steps + [("close", node) for node in reversed(opened)]))


def _folded(steps: list[tuple[Step, Node]]) -> Iterator[tuple[Step, Node]]:
    """Elements without anything inside as one step."""
    passed = False
    for index, (step, node) in enumerate(steps):
        if passed:
            passed = False
        elif step == "open" and steps[index + 1][1] is node:
            passed = True
            yield "leaf", node
        else:
            yield step, node


def _node(element: Any, declared: list[tuple[str, str]], known: dict[str, str]) -> Node:
    text = (element.text or "").strip()
    key = known.get(text)
    attributes = declared + _attributes(element) if element.attrib else declared
    return Node(
        kind="element",
        name=element.tag.rpartition("}")[2],
        line=element.sourceline or 0,
        text=text,
        link=page_of(key) if key else outward(text) if "://" in text else "",
        attributes=attributes,
        after=(element.tail or "").strip(),
    )


def _attributes(element: Any) -> list[tuple[str, str]]:
    """Attributes, with the document's prefixes."""
    found = []
    for attribute, value in element.attrib.items():
        address, _, local = attribute.rpartition("}")
        found.append((f"{_prefix(element, address[1:])}:{local}" if address else local, value))
    return found


def _prefix(element: Any, address: str) -> str:
    if address == _XML:
        return "xml"
    return next((p for p, each in element.nsmap.items() if p and each == address), "")


def _aside(element: Any, event: str) -> Node:
    text = (element.text or "").strip()
    name = "" if event == "comment" else str(element.target)
    return Node(event, name, element.sourceline or 0, text, after=(element.tail or "").strip())
