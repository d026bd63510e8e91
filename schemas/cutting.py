"""Records cut out of a larger document, as the characters that its author wrote.

Comments, white space, character references and CDATA sections stay as they are; only the
namespace declarations in scope are added to the record's root, because values such as that of
xsi:type use prefixes that no element uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from xml.parsers import expat

from lxml import etree
from lxml.etree import _Element, _ElementTree

Path = tuple[int, ...]
"""Where an element stands: its place among the elements of its parent, from the root's child on."""

Span = tuple[int, int]
"""First byte and the byte after the last."""

_TAG = re.compile(rb"<([^\s/>]+)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_DECLARES = re.compile(rb"\sxmlns(?::([^\s=]+))?\s*=")


def characters(content: bytes, tree: _ElementTree) -> bytes:
    """A parsed document's characters in UTF-8, with no byte order mark."""
    name = (tree.docinfo.encoding or "UTF-8").upper()
    if name in ("UTF-8", "ASCII", "US-ASCII"):
        return content.removeprefix(b"\xef\xbb\xbf")
    # Of UTF-16 the parser names only the kind with its order of bytes; the mark settles it.
    marked = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        text = content.decode("UTF-16" if marked else name)
    except (LookupError, UnicodeDecodeError):
        return etree.tostring(tree, encoding="UTF-8")
    return text.removeprefix("\ufeff").encode("utf-8")


def spans(text: bytes, paths: Iterable[Path]) -> dict[Path, Span]:
    """Where the elements at these paths stand in a well-formed document in UTF-8.

    The root's own path is the empty one. Raises expat.ExpatError.
    """
    wanted = set(paths)
    depths = {len(path) for path in wanted}
    deepest = max(depths, default=-1)
    begun: dict[Path, int] = {}
    found: dict[Path, Span] = {}
    counts: list[int] = []
    level = -1
    parser = expat.ParserCreate("UTF-8")

    def start(_name: str, _attributes: Any) -> None:
        nonlocal level
        level += 1
        if level > deepest:
            return
        if level:
            del counts[level:]
            if len(counts) < level:
                counts.append(0)
            else:
                counts[level - 1] += 1
        if level in depths and tuple(counts) in wanted:
            begun[tuple(counts)] = parser.CurrentByteIndex

    def end(_name: str) -> None:
        nonlocal level
        if level in depths:
            path = tuple(counts[:level])
            if path in wanted:
                found[path] = begun[path], _end(text, begun[path], parser.CurrentByteIndex)
        level -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(text, True)
    return found


def _end(text: bytes, begun: int, index: int) -> int:
    """The byte after an element whose end the parser met at `index`."""
    tag = _TAG.match(text, begun)
    if tag and tag[2].endswith(b"/"):
        return tag.end()
    return text.index(b">", index) + 1


def start_tag(text: bytes, begun: int, element: _Element) -> tuple[bytes, int]:
    """An element's start tag with every declaration in scope on it, and the byte after it."""
    tag = _TAG.match(text, begun)
    assert tag is not None
    own = {name.decode() for name in _DECLARES.findall(tag[2])}
    missing = "".join(
        f' xmlns{":" + prefix if prefix else ""}="{_escaped(address)}"'
        for prefix, address in element.nsmap.items()
        if (prefix or "") not in own
    )
    return b"<" + tag[1] + missing.encode() + tag[2] + b">", tag.end()


def name_end(tag: bytes) -> int:
    """The byte after the name in a start tag."""
    name = re.match(rb"<[^\s/>]+", tag)
    assert name is not None
    return name.end()


def _escaped(address: str) -> str:
    return address.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def standing(text: bytes, span: Span, element: _Element) -> bytes:
    """The element's own characters, able to stand alone."""
    tag, after = start_tag(text, span[0], element)
    return tag + text[after : span[1]]
