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
    many = False
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            steps.append(("leaf", _aside(element, event)))
        elif event == "end":
            steps.append(("close", opened.pop()))
        elif len(steps) >= 2 * MOST:
            many = True
            break
        else:
            node = _node(element, known)
            node.anchor = node.line not in lines
            lines.add(node.line)
            opened.append(node)
            steps.append(("open", node))
    steps += [("close", node) for node in reversed(opened)]
    return list(_folded(steps)), many


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


def _node(element: Any, known: dict[str, str]) -> Node:
    name = etree.QName(element)
    text = (element.text or "").strip()
    key = known.get(text)
    return Node(
        kind="element",
        name=name.localname,
        line=element.sourceline or 0,
        text=text,
        link=page_of(key) if key else outward(text),
        attributes=_attributes(element),
        after=(element.tail or "").strip(),
    )


def _attributes(element: Any) -> list[tuple[str, str]]:
    """Attributes with the document's prefixes, and namespaces that the element declares."""
    parent = element.getparent()
    outer = parent.nsmap if parent is not None else {}
    found = [
        (f"xmlns:{prefix}" if prefix else "xmlns", address)
        for prefix, address in element.nsmap.items()
        if outer.get(prefix) != address
    ]
    prefixes = {address: prefix for prefix, address in element.nsmap.items() if prefix}
    prefixes[_XML] = "xml"
    for attribute, value in element.attrib.items():
        name = etree.QName(attribute)
        prefix = prefixes.get(name.namespace or "", "")
        found.append((f"{prefix}:{name.localname}" if prefix else name.localname, value))
    return found


def _aside(element: Any, event: str) -> Node:
    text = (element.text or "").strip()
    name = "" if event == "comment" else str(element.target)
    return Node(event, name, element.sourceline or 0, text, after=(element.tail or "").strip())
