"""An OAI-PMH answer that lies in a file: of any size, read a record at a time.

Records are found by their tags. In well-formed XML a `<` begins markup everywhere but in comments,
CDATA sections and processing instructions, which are passed over, so nothing is guessed; and a
record that is not well-formed costs itself only, where its neighbours and what stands round them
are. In memory are one record, and what is no record.
"""

from __future__ import annotations

import codecs
import hashlib
import html
import mmap
import re
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.parsers import expat

from lxml import etree
from lxml.etree import _Element

from harvesters.oai_envelope import OAI
from registry.findings import Refusal
from schemas.documents import parts
from schemas.parsing import MAX_BYTES
from schemas.parts import Header, Part

_BLOCK = 1 << 20
_KEPT_MAPPED = 32 << 20
_ROUND_BYTES = 10_000_000
_TAG_BYTES = 10_000
_HEADER_BYTES = 100_000

_MARKUP = re.compile(rb"<!--|<!\[CDATA\[|<\?|<(/?)(?:[^\s<>/:!?\"'=]+:)?record(?=[\s/>])")
_CLOSED_BY = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
_TAG_END = re.compile(rb"(?:[^>\"'/]|/(?!>)|\"[^\"]*\"|'[^']*')*(/?)>")
_HEADER_END = re.compile(rb"</(?:[^\s<>/:]+:)?header\s*>")
_IDENTIFIER = re.compile(rb"<(?:[^\s<>/:]+:)?identifier[^<>]*>\s*([^<]{1,2000}?)\s*</")
_DECLARATION = re.compile(rb"<\?xml\s[^>]*?\?>")
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z][\w.:-]*)")
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}
_UTF8 = frozenset({"utf-8", "ascii"})


class Answer:
    """One answer, its bytes in UTF-8 wherever they lie.

    `listing`: whether it is to hold records, so that these are kept apart from the rest. `fault`
    is why it is not well-formed, None if it is; `remarks` what was wrong and could be read all the
    same. `round` is the document without its records, `mark` what tells its records from those of
    another page. Raises Refusal for what is no text that can be read at all.
    """

    def __init__(
        self, file: IO[bytes], charset: str = "", *, listing: bool, folder: Path | None = None
    ) -> None:
        self.remarks: list[str] = []
        self.fault: Refusal | None = None
        self._folder = folder
        self._text: mmap.mmap | bytes = b""
        self._dropped = 0
        self._begin = self._open(file, charset)
        self._spans = array("Q")
        self._whole = True
        """Whether every record that begins has an end."""
        digest = hashlib.sha256()
        if listing:
            self._find(digest)
        self.mark = digest.digest()
        self.round = self._without_records()

    def __len__(self) -> int:
        return len(self._spans) // 2

    @property
    def repairable(self) -> bool:
        """Whether each record can be told from what stands round it, though one is damaged."""
        return self._whole

    def close(self) -> None:
        """Gives the file back."""
        if isinstance(self._text, mmap.mmap):
            self._text.close()
        self._text = b""

    def parts(self, largest: int = MAX_BYTES) -> Iterator[Part]:
        """The records, each by itself: one that cannot be taken is a part with a refusal."""
        opened = self._opened()
        if opened is None:
            return
        before, after = opened
        for start, end in self._every():
            self._forget(start)
            if end - start > largest:
                yield _too_large(self._text[start : start + _HEADER_BYTES], end - start, largest)
            else:
                yield _part(self._text[start:end], before, after)

    # The text

    def _open(self, file: IO[bytes], charset: str) -> int:
        """Sets text and fault; gives where the document begins."""
        self._text = _mapped(file)
        begin = _begin(self._text)
        if begin:
            self.remarks.append("white space stands before the answer's XML")
        codec = _codec(self._text[begin : begin + 1000])
        if codec not in _UTF8:
            self._text, begin = self._recoded(codec, begin), 0
        self.fault = self._why_not(begin)
        if self.fault is None or not charset or not self._misfits(begin):
            return begin
        # The document says one encoding (or, by saying none, UTF-8), the header of HTTP another
        # (RFC 7303, section 3): where the first cannot be, the second is taken.
        try:
            other = codecs.lookup(charset).name
            self._text = self._recoded(other, begin)
        except (LookupError, Refusal):
            return begin
        self.remarks.append(f"the answer is not in UTF-8, as it says, but in {other}")
        self.fault = self._why_not(0)
        return 0

    def _recoded(self, codec: str, begin: int) -> mmap.mmap | bytes:
        """The text in UTF-8. Raises Refusal."""
        decoder = codecs.getincrementaldecoder(codec)()
        with tempfile.TemporaryFile(dir=self._folder) as file:
            try:
                for place in range(begin, len(self._text), _BLOCK):
                    self._forget(place)
                    file.write(decoder.decode(self._text[place : place + _BLOCK]).encode())
                file.write(decoder.decode(b"", final=True).encode())
            except (UnicodeError, ValueError) as error:
                raise Refusal("encoding", f"the answer is not in {codec}, as it says") from error
            file.flush()
            self._dropped = 0
            return _mapped(file)

    def _misfits(self, begin: int) -> bool:
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            for place in range(begin, len(self._text), _BLOCK):
                decoder.decode(self._text[place : place + _BLOCK])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return True
        return False

    def _why_not(self, begin: int) -> Refusal | None:
        """Why the document is not well-formed. Raises Refusal where it has a document type."""
        parser = expat.ParserCreate("UTF-8", namespace_separator=" ")
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            for place in range(begin, len(self._text), _BLOCK):
                self._forget(place)
                parser.Parse(self._text[place : place + _BLOCK], False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            line, column = error.lineno, error.offset + 1
            message = (
                f"not well-formed XML in line {line}, column {column}: "
                f"{expat.ErrorString(error.code)}"
            )
            return Refusal("not-well-formed", message, line=line, column=column)
        return None

    def _forget(self, place: int) -> None:
        """Lets go of the pages of a long file that were read: they are no memory of ours."""
        text = self._text
        if isinstance(text, mmap.mmap) and abs(place - self._dropped) > _KEPT_MAPPED:
            self._dropped = place
            if hasattr(mmap, "MADV_DONTNEED"):
                text.madvise(mmap.MADV_DONTNEED)

    # Its records

    def _find(self, digest: hashlib._Hash) -> None:
        text, place, depth, begun = self._text, self._begin, 0, 0
        while found := _MARKUP.search(text, place):
            self._forget(place)
            closing = _CLOSED_BY.get(found[0])
            if closing is not None:
                end = text.find(closing, found.end())
                place = end + len(closing)
                if end < 0:
                    self._whole = False
                    return
                continue
            tag = _TAG_END.match(text, found.end(), found.end() + _TAG_BYTES)
            if tag is None or (found[1] and not depth):
                self._whole = False
                return
            place = tag.end()
            if not depth:
                begun = found.start()
            depth += -1 if found[1] else 0 if tag[1] else 1
            if not depth:
                self._spans.extend((begun, place))
                header = _HEADER_END.search(text, begun, min(place, begun + _HEADER_BYTES))
                digest.update(text[begun : header.end() if header else place])
        self._whole = not depth

    def _every(self) -> Iterator[tuple[int, int]]:
        for number in range(0, len(self._spans), 2):
            yield self._spans[number], self._spans[number + 1]

    def _without_records(self) -> bytes:
        pieces, place, size = [], self._begin, 0
        for start, end in (*self._every(), (len(self._text), 0)):
            size += start - place
            if size > _ROUND_BYTES:
                raise Refusal(
                    "too-large",
                    f"the answer has more than {_ROUND_BYTES:,} bytes beside its records",
                )
            pieces.append(self._text[place:start])
            place = end
        return _DECLARATION.sub(b"", b"".join(pieces), count=1)

    def _opened(self) -> tuple[bytes, bytes] | None:
        """Start and end tags for a record to stand in by itself, all namespaces declared.

        None where the records stand in no list of OAI-PMH.
        """
        if not self._spans:
            return None
        head = _DECLARATION.sub(b"", self._text[self._begin : self._spans[0]], count=1)
        stack = _standing_open(head)
        lists = (f"{{{OAI}}}ListRecords", f"{{{OAI}}}GetRecord")
        if len(stack) != 2 or stack[0].tag != f"{{{OAI}}}OAI-PMH" or stack[1].tag not in lists:
            return None
        return _tags(stack[1])


def _standing_open(head: bytes) -> list[_Element]:
    """The elements that a document's beginning leaves open, from the root inwards.

    A damaged text between their tags (a responseDate …) changes nothing about them.
    """
    stack: list[_Element] = []
    parser = etree.XMLPullParser(
        ("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
        huge_tree=False, recover=True,
    )  # fmt: skip
    parser.feed(head)
    for event, element in parser.read_events():
        if event == "end":
            del stack[-1:]
        elif isinstance(element, _Element):
            stack.append(element)
    return stack


def _mapped(file: IO[bytes]) -> mmap.mmap | bytes:
    file.flush()
    file.seek(0, 2)
    if not file.tell():
        raise Refusal("empty", "the answer is empty")
    return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)


def _begin(text: mmap.mmap | bytes) -> int:
    head = text[:_TAG_BYTES]
    stripped = head.lstrip(b" \t\r\n")
    # A byte order mark, and the zero bytes of wide characters, are no white space.
    return len(head) - len(stripped) if stripped.startswith((b"<", codecs.BOM_UTF8)) else 0


def _codec(head: bytes) -> str:
    """The encoding a document says it is in, as Python names it. Raises Refusal."""
    for mark, codec in _MARKS.items():
        if head.startswith(mark):
            return codec
    declared = _ENCODING.match(head)
    if declared is None:
        return "utf-8"
    name = declared[1].decode("ascii")
    try:
        found = codecs.lookup(name)
    except LookupError:
        found = None
    if found is None or not found._is_text_encoding:
        raise Refusal("encoding", f"the answer says that it is in {name}, which is not known here")
    if re.match(r"utf-?(16|32)", found.name):
        # Each of its characters is one byte, else the declaration could not have been read.
        return "utf-8"
    return found.name


def _refuse_doctype(*_: object) -> None:
    raise Refusal(
        "dtd", "the answer has a document type definition (<!DOCTYPE), and is not read for that"
    )


def _tags(element: _Element) -> tuple[bytes, bytes]:
    """Start and end tags of a list in an answer, with the namespaces that the element sees."""
    spaces = dict(element.nsmap)
    prefix = next(name for name, address in spaces.items() if address == OAI)
    own = f"{prefix}:" if prefix else ""
    declared = "".join(
        f' xmlns{":" + name if name else ""}="{html.escape(address)}"'
        for name, address in spaces.items()
    )
    return (
        f"<{own}OAI-PMH{declared}><{own}ListRecords>".encode(),
        f"</{own}ListRecords></{own}OAI-PMH>".encode(),
    )


def _part(record: bytes, before: bytes, after: bytes) -> Part:
    try:
        found = parts(b"".join((before, record, after)))
    except Refusal as refusal:
        if refusal.line == 1:
            refusal.column = max(refusal.column - len(before), 0)
        return _refused(record, refusal)
    if len(found) != 1:
        return _refused(record, Refusal("unrecognised", "the record is none of OAI-PMH's"))
    if found[0].refusal is not None and not found[0].content:
        found[0].content = record  # for whoever looks into the quarantine
    return found[0]


def _too_large(head: bytes, size: int, largest: int) -> Part:
    message = f"the record has {size:,} bytes, more than the {largest:,} that are taken"
    return _refused(head, Refusal("too-large", message), kept=False)


def _refused(record: bytes, refusal: Refusal, *, kept: bool = True) -> Part:
    """A record that cannot be read, named by what its header seems to say."""
    header = _HEADER_END.search(record, 0, _HEADER_BYTES)
    named = _IDENTIFIER.search(record, 0, header.end() if header else len(record))
    name = html.unescape(named[1].decode("utf-8", "replace")) if named else ""
    content = record if kept else b""
    return Part(header=Header(name), content=content, whole=False, refusal=refusal)
