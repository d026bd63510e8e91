"""A document as the characters that its author wrote, to be changed in places.

Each element holds the bytes of its start tag, of its end tag and of all that stands between its
children: what is written back is the source byte for byte, except where a change was made.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from registry.findings import Refusal
from schemas.parsing import parse

_TAG = re.compile(rb"<[^\s/>]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_NAME = re.compile(rb"(</?(?:[^\s/>:]+:)?)[^\s/>:]+")
_ATTRIBUTE = re.compile(rb"\s(?:[^\s=:]+:)?([^\s=:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_MARKUP = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[(.*?)\]\]>", re.S)
_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#([0-9]+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


@dataclass(slots=True, eq=False)
class Element:
    """An element: `gaps` are the bytes (UTF-8) before, between and after its `children`.

    There is one gap more than children; an element without children has all its text in one.
    """

    namespace: str
    name: str
    line: int
    opening: bytes
    parent: Element | None = None
    gaps: list[bytes] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)
    closing: bytes = b""

    def find(self, name: str) -> Element | None:
        """The first child of that name in the same namespace."""
        return next(self.all(name), None)

    def all(self, name: str) -> Iterator[Element]:
        for child in self.children:
            if child.name == name and child.namespace == self.namespace:
                yield child

    def every(self) -> Iterator[Element]:
        """The element and all in it, in document order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting += reversed(element.children)

    @property
    def raw(self) -> bytes | None:
        """The text as it is written; None beside elements, comments and CDATA sections."""
        return None if self.children or b"<" in self.gaps[0] else self.gaps[0]

    @property
    def text(self) -> str:
        """The element's own text, as a parser gives it."""
        if not self.children:
            return _characters(self.gaps[0])
        return "".join(map(_characters, self.gaps))

    def write(self, text: str) -> None:
        """Give a plain element another text. White space round it and entities in it stay
        as they are written where the text itself stays."""
        old = self.raw
        trimmed = _trimmed(old) if old is not None else None
        if trimmed is not None and text and text == unescaped(trimmed.decode()):
            self.gaps = [trimmed]
            return
        self._open()
        self.gaps = [escaped(text).encode()]

    def _open(self) -> None:
        if not self.closing:
            self.opening = re.sub(rb"\s*/>$", b">", self.opening)
            self.closing = b"</" + self.opening[1 : _name_end(self.opening)] + b">"

    def rename(self, name: str) -> None:
        """Another local name; the prefix and the attributes stay."""
        self.name = name
        self.opening = _NAME.sub(lambda found: found[1] + name.encode(), self.opening, count=1)
        self.closing = _NAME.sub(lambda found: found[1] + name.encode(), self.closing, count=1)

    def attribute(self, name: str) -> str | None:
        """The value of the attribute with this local name, with any prefix; None without one."""
        for found in _ATTRIBUTE.finditer(self.opening):
            if found[1].decode() == name:
                raw = found[2] if found[2] is not None else found[3]
                return unescaped(re.sub(rb"[\t\r\n]", b" ", raw.replace(b"\r\n", b"\n")).decode())
        return None

    def write_attribute(self, name: str, value: str) -> None:
        """Another value for an attribute that stands there, between the quotes that it has."""
        for found in _ATTRIBUTE.finditer(self.opening):
            if found[1].decode() == name:
                group = 2 if found[2] is not None else 3
                quote = '"' if group == 2 else "'"
                new = escaped(value).replace(quote, f"&#{ord(quote)};")
                begin, end = found.span(group)
                kept = _tokens(self.opening[begin:end], new.encode())
                self.opening = self.opening[:begin] + kept + self.opening[end:]
                return

    def index(self) -> int:
        """The element's place among its parent's children."""
        assert self.parent is not None
        return next(i for i, child in enumerate(self.parent.children) if child is self)

    def detach(self) -> bytes:
        """Take the element out of its parent; the gap before it goes along and is returned."""
        assert self.parent is not None
        place = self.index()
        del self.parent.children[place]
        gap = self.parent.gaps.pop(place)
        self.parent = None
        return gap

    def insert(self, place: int, gap: bytes, element: Element) -> None:
        """Put an element among the children, with a gap before it."""
        if not self.children:
            self._open()
        self.children.insert(place, element)
        self.gaps.insert(place, gap)
        element.parent = self

    def written(self) -> bytes:
        """The element as it is written."""
        parts: list[bytes] = []
        self._collect(parts)
        return b"".join(parts)

    def _collect(self, parts: list[bytes]) -> None:
        parts.append(self.opening)
        for gap, child in zip(self.gaps, self.children, strict=False):
            parts.append(gap)
            child._collect(parts)
        parts.append(self.gaps[-1])
        parts.append(self.closing)


@dataclass(slots=True)
class Source:
    """A document: what stands before the root, the root, what stands after it."""

    root: Element
    before: bytes
    after: bytes
    codec: str
    mark: bytes

    def written(self) -> bytes:
        """The document in its own encoding. A character that it lacks is written as a reference."""
        text = self.before + self.root.written() + self.after
        if self.codec == "utf-8":
            return self.mark + text
        return self.mark + text.decode("utf-8").encode(self.codec, "xmlcharrefreplace")

    @property
    def line_end(self) -> bytes:
        return b"\r\n" if b"\r\n" in self.before + self.root.gaps[0] else b"\n"


def read(content: bytes) -> Source:
    """The source of a well-formed document. Raises Refusal as `schemas.parsing.parse` does."""
    name = parse(content).docinfo.encoding or "UTF-8"
    mark = next((mark for mark in _MARKS if content.startswith(mark)), b"")
    codec = _MARKS[mark] if mark else codecs.lookup(_unmarked(name, content)).name
    text = content[len(mark) :]
    if codec != "utf-8":
        decoded = text.decode(codec)
        if decoded.encode(codec) != text:
            raise Refusal("encoding", f"the document cannot be written back in {name} unchanged",
                          remedy="write it in UTF-8")  # fmt: skip
        text = decoded.encode("utf-8")
    try:
        root, begin, end = _Reader(text).read()
    except expat.ExpatError as error:
        raise Refusal("not-well-formed", f"the document cannot be read for mending: {error}",
                      line=error.lineno, column=error.offset + 1) from None  # fmt: skip
    return Source(root, text[:begin], text[end:], codec, mark)


def _unmarked(name: str, content: bytes) -> str:
    """The codec of a document without a byte order mark."""
    if re.match(r"(?i)utf-?(16|32)$", name):
        return name.rstrip("lbeLBE") + ("-le" if content[:1] == b"<" else "-be")
    return name


class _Reader:
    """Elements with their bytes, from the places that expat names."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._parser = expat.ParserCreate("UTF-8", " ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[Element] = []
        self._root: tuple[Element, int, int] | None = None
        self._here = 0
        self._begin = 0

    def read(self) -> tuple[Element, int, int]:
        self._parser.Parse(self._text, True)
        assert self._root is not None
        return self._root

    def _start(self, qualified: str, _attributes: Any) -> None:
        namespace, _, name = qualified.rpartition(" ")
        begin = self._parser.CurrentByteIndex
        tag = _TAG.match(self._text, begin)
        assert tag is not None
        element = Element(namespace, name, self._parser.CurrentLineNumber, tag[0])
        if self._open:
            above = self._open[-1]
            element.parent = above
            above.gaps.append(self._text[self._here : begin])
            above.children.append(element)
        else:
            self._begin = begin
        self._open.append(element)
        self._here = tag.end()

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        if element.opening.endswith(b"/>") and not element.children:
            element.gaps.append(b"")
        else:
            begin = self._parser.CurrentByteIndex
            element.gaps.append(self._text[self._here : begin])
            self._here = self._text.index(b">", begin) + 1
            element.closing = self._text[begin : self._here]
        if not self._open:
            self._root = element, self._begin, self._here

    def _doctype(self, *_: object) -> None:
        raise Refusal("dtd", "the document has a document type definition, which is not read")


def path(element: Element, root: Element | None = None) -> str:
    """An element's path from `root` (else the document's), as findings write it."""
    steps = []
    here: Element | None = element
    while here is not None:
        above = None if here is root else here.parent
        place = ""
        if above is not None and sum(child.name == here.name for child in above.children) > 1:
            alike = [child for child in above.children if child.name == here.name]
            place = f"[{next(i for i, one in enumerate(alike, 1) if one is here)}]"
        steps.append(here.name + place)
        here = above
    return "/".join(reversed(steps))


_STEP = re.compile(r"(?P<name>[^\[]+)(?:\[(?P<place>\d+)\])?$")


def at(root: Element, path: str) -> Element | None:
    """The element that a finding's path names; None where there is none."""
    here = root
    for number, step in enumerate(path.partition("/@")[0].split("/")):
        found = _STEP.match(step)
        if found is None:
            return None
        if number == 0:
            if found["name"] != root.name:
                return None
            continue
        alike = [child for child in here.children if child.name == found["name"]]
        place = int(found["place"] or 1)
        if len(alike) < place:
            return None
        here = alike[place - 1]
    return here


def paths(root: Element) -> dict[int, str]:
    """The path of every element below `root`, by `id`: told before anything moves."""
    found = {id(root): root.name}
    for element in root.every():
        counts = Counter(child.name for child in element.children)
        seen: Counter[str] = Counter()
        for child in element.children:
            seen[child.name] += 1
            place = f"[{seen[child.name]}]" if counts[child.name] > 1 else ""
            found[id(child)] = f"{found[id(element)]}/{child.name}{place}"
    return found


def _name_end(tag: bytes) -> int:
    found = re.match(rb"<[^\s/>]+", tag)
    assert found is not None
    return found.end()


def _tokens(old: bytes, new: bytes) -> bytes:
    """The new value with the old one's white space, where both are lists of as many words."""
    words = new.split()
    if len(words) < 2 or len(words) != len(old.split()):
        return new
    following = iter(words)
    return re.sub(rb"[^ \t\r\n]+", lambda _: next(following), old)


def _trimmed(raw: bytes) -> bytes:
    """Raw text without the white space round it, references to white space included."""
    space = rb"(?:[ \t\r\n]|&#(?:x0*(?:9|[aA]|[dD]|20)|0*(?:9|10|13|32));)"
    return re.sub(rb"^" + space + rb"+|" + space + rb"+$", b"", raw)


def _characters(gap: bytes) -> str:
    """The characters of a piece between tags."""
    if b"<" not in gap and b"&" not in gap and b"\r" not in gap:
        return gap.decode()
    parts: list[str] = []
    here = 0
    gap = gap.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for found in _MARKUP.finditer(gap):
        parts.append(unescaped(gap[here : found.start()].decode()))
        parts.append((found[1] or b"").decode())
        here = found.end()
    parts.append(unescaped(gap[here:].decode()))
    return "".join(parts)


def escaped(text: str) -> str:
    """Text as it may stand between tags and in attributes (quotes apart)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """What stands for references in text; there are no entities but XML's own five."""
    return _REFERENCE.sub(
        lambda found: (
            _NAMED[found[3]] if found[3] else chr(int(found[1], 16) if found[1] else int(found[2]))
        ),
        text,
    )
