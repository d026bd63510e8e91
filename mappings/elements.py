"""Elements read into fields, by tables that say what each child of a container fills.

Tags are matched by local name: the namespaces of a dialect change with its versions, and a
record that is invalid for its namespace is still read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree

Fill = Callable[[Any, Any], None]
"""Takes what is being filled and the child element."""

_whole = etree.XPath("string()")
_KNOWN_TAGS = 4096


class Table(dict[Any, "str | Fill | None"]):
    """What the children of one container fill, by tag: a text attribute's name, or a function.

    `others` takes the children that have no entry. Tags are resolved once and then remembered
    with their namespace; the number remembered is bounded, since documents choose the names.
    """

    def __init__(self, named: Mapping[str, str | Fill], others: Fill | None = None) -> None:
        super().__init__()
        self._named = dict(named)
        self._others = others

    def __missing__(self, tag: Any) -> str | Fill | None:
        # A comment's, processing instruction's or entity's tag is a function.
        found = self._named.get(local_name(tag), self._others) if isinstance(tag, str) else None
        if len(self) < _KNOWN_TAGS:
            self[tag] = found
        return found


def local_name(tag: Any) -> str:
    """The tag without its namespace; '' for a comment or a processing instruction."""
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text(element: Any) -> str:
    """An element's text without the white space round it, comments left out."""
    if len(element):
        return str(_whole(element)).strip()
    found = element.text
    return found.strip() if found else ""


def fill(into: Any, element: Any, table: Table) -> None:
    """Fill `into` from the children of `element`; of doubled texts the last one stays.

    Most of the time that a corpus takes is spent in this loop: each step counts.
    """
    for child in element:
        what = table[child.tag]
        if type(what) is str:
            found = str(_whole(child)) if len(child) else child.text
            if found:
                setattr(into, what, found.strip())  # type: ignore[arg-type]
        elif what is not None:
            what(into, child)  # type: ignore[operator]


def each(attribute: str) -> Fill:
    """A function that appends the child's text to a list attribute; empty texts say nothing."""

    def append(into: Any, element: Any) -> None:
        found = str(_whole(element)) if len(element) else element.text
        if found and not found.isspace():
            getattr(into, attribute).append(found.strip())

    return append


def one(make: Callable[[], Any], attribute: str, table: Table) -> Fill:
    """A function that makes a part from the child and puts it into an attribute that is None."""

    def put(into: Any, element: Any) -> None:
        if getattr(into, attribute) is None:
            part = make()
            fill(part, element, table)
            setattr(into, attribute, part)

    return put


def several(make: Callable[[], Any], attribute: str, table: Table) -> Fill:
    """A function that makes a part from the child and appends it to a list attribute."""

    def append(into: Any, element: Any) -> None:
        part = make()
        fill(part, element, table)
        getattr(into, attribute).append(part)

    return append


def inside(table: Table) -> Fill:
    """A function that fills the same thing from the child's own children."""

    def descend(into: Any, element: Any) -> None:
        fill(into, element, table)

    return descend


def leaves(element: Any) -> list[tuple[str, str]]:
    """(`Top/Leaf`, text) of every element without children in `element`, itself included."""
    top = local_name(element.tag)
    found = []
    for node in element.iter(etree.Element):
        if next(node.iterchildren(etree.Element), None) is None:
            words = text(node)
            if words:
                name = local_name(node.tag)
                found.append((top if node is element else f"{top}/{name}", words))
    return found
