"""Bytes from anywhere, parsed without trusting them.

No document type definition, no entity but the five of XML, nothing fetched; bounded depth, text
and size. What cannot be parsed is refused in words that say where and what to do.
"""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree

from registry.findings import Refusal

MAX_BYTES = 100_000_000
"""The largest document taken; its tree needs about five times as much memory."""

_PARSER_LIMITS = "at most 256 levels deep, 10 million characters in one text"
# Without huge_tree libxml2 stops at 256 levels and at 10 MB in one text, comment or attribute.
_OPTIONS: Any = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "collect_ids": False,
}
_PARSER = etree.XMLParser(**_OPTIONS)
_PARSER_WITHOUT_LAYOUT = etree.XMLParser(remove_blank_text=True, **_OPTIONS)
_DOCTYPE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<!--(?>.*?-->)|<\?(?>.*?\?>))*+<!DOCTYPE", re.DOTALL
)
_DECLARED = re.compile(
    rb"(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z][\w.:-]*)"
)
_WEB_PAGE = re.compile(rb"<!DOCTYPE\s+html", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
# How a document in UTF-32 or UTF-16 begins, and Python's name for what it is then in.
_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*<")
# Encodings in which the bytes of ASCII mean ASCII, so that no <!DOCTYPE can hide in others.
_KNOWN = re.compile(
    r"utf-?8|(us-)?ascii|iso[-_]?8859-\d+|latin-?\d+|windows-\d+|cp(125\d|437|85[0-8]|86\d)"
    r"|koi8-\w+|gb2312|gbk|gb18030|big5|euc-\w+|shift[-_]jis|sjis|tis-620|mac\w*",
    re.IGNORECASE,
)
_SPACE = b" \t\r\n"


def parse(content: bytes, *, layout: bool = True) -> etree._ElementTree:
    """The tree of an XML document (XML 1.0, fifth edition; Namespaces in XML 1.0).

    Without `layout` white space that only stands between tags is left out of it, where that is
    certain: half of a record's nodes, and a fifth of what it costs to parse and to judge.

    Raises `Refusal` with reason empty, binary, encoding, not-well-formed, dtd, too-deep or
    too-large. Costs what lxml's own `fromstring` costs.
    """
    if len(content) > MAX_BYTES:
        raise Refusal(
            "too-large",
            f"the document has {len(content):,} bytes, more than the {MAX_BYTES:,} that are taken",
            remedy="split it into documents of one record each",
        )
    _guard(content)
    parser = _PARSER if layout or _has_more_than_tags(content) else _PARSER_WITHOUT_LAYOUT
    try:
        tree = etree.fromstring(content, parser).getroottree()
    except etree.XMLSyntaxError as error:
        raise _refusal(content, error) from None
    except (ValueError, LookupError, AssertionError) as error:
        raise Refusal("not-well-formed", f"the document cannot be parsed: {error}") from None
    return tree


def _has_more_than_tags(content: bytes) -> bool:
    """Whether there may be comments, CDATA sections or processing instructions: white space
    beside them belongs to the text, and the parser would not know."""
    # One letter is looked for ten times as fast as two, and most records have not even that.
    mark = content.find(b"!")
    if mark >= 0 and content.find(b"<!", mark - 1) >= 0:
        return True
    declared = content.find(b"?>", 0, 300) + 2 if content.startswith(b"<?xml") else 0
    mark = content.find(b"?", declared)
    return mark >= 0 and content.find(b"<?", mark - 1) >= 0


def _guard(content: bytes) -> None:
    """Refuse what the parser must not even begin: no XML, strange encodings, DTDs."""
    if _BEGINS.match(content):
        declared = _DECLARED.match(content)
        name = declared.group(1).decode("ascii") if declared else "utf-8"
        text = content
        if content[1:2] == b"\0":
            text = _utf8(content)
        elif not _KNOWN.fullmatch(name):
            raise _strange(name)
    elif content.startswith(tuple(_WIDE)):
        text = _utf8(content)
    else:
        raise _no_xml(content)
    if b"<!DOCTYPE" in text and _DOCTYPE.match(text):
        raise _dtd(text)


def _utf8(content: bytes) -> bytes:
    """What is in UTF-16 or UTF-32, in UTF-8; only for looking at."""
    codec = next(codec for begin, codec in _WIDE.items() if content.startswith(begin))
    return content.decode(codec, "replace").encode("utf-8", "replace")


def _strange(name: str) -> Refusal:
    if re.match(r"(?i)utf-?(16|32)|ucs-?[24]", name):
        message = f"the document says {name}, but its characters are single bytes"
        remedy = 'say encoding="UTF-8" if it is that'
    else:
        message = f"the document says that its encoding is {name}, which is not known here"
        remedy = "write it in UTF-8 and say so, or leave the encoding out"
    return Refusal("encoding", message, line=1, remedy=remedy)


def _dtd(content: bytes) -> Refusal:
    line, column = _position(content, max(content.find(b"<!DOCTYPE"), 0))
    if _WEB_PAGE.search(content, 0, 2000):
        return Refusal(
            "dtd",
            "the document is a web page (<!DOCTYPE html>), not a record",
            line=line,
            column=column,
            remedy="fetch the record's XML: servers often answer with a page when a file is gone",
        )
    return Refusal(
        "dtd",
        "the document has a document type definition (<!DOCTYPE), which no metadata record needs "
        "and which can name files and grow without bound: it is not read",
        line=line,
        column=column,
        remedy="remove the <!DOCTYPE …> and write the characters themselves instead of entities",
    )


def _position(content: bytes, place: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte; columns are characters, of UTF-8 or of single bytes."""
    begin = content.rfind(b"\n", 0, place) + 1
    before = content[begin:place]
    try:
        column = len(before.removeprefix(codecs.BOM_UTF8).decode()) + 1
    except UnicodeDecodeError:
        column = len(before) + 1
    return content.count(b"\n", 0, place) + 1, column


def _refusal(content: bytes, error: Any) -> Refusal:
    """Why the parser gave up, the likeliest reason first."""
    return (
        _encoding(content, error)
        or _limit(error)
        or _control_character(content, error)
        or _broken_off(content, error)
        or _syntax(content, error)
    )


def _no_xml(content: bytes) -> Refusal:
    """For what does not begin with a <."""
    text = content.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
    if not text:
        return Refusal("empty", "the document is empty")
    if _CONTROL.search(text[:1000]) or not _decodes(text[:1000]):
        return Refusal(
            "binary", f"the document is no text: it begins with the bytes {content[:8].hex(' ')}"
        )
    begin = text[:30].decode("utf-8", "replace").splitlines()[0]
    line, column = _position(content, len(content) - len(text))
    return Refusal(
        "not-well-formed",
        f"the document is no XML: it begins with {begin!r} and not with <",
        line=line,
        column=column,
    )


def _decodes(text: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(text)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(content: bytes, error: Any) -> Refusal | None:
    """Bytes that are not what the declaration says, or, without one, not UTF-8."""
    found = _DECLARED.match(content)
    name = found.group(1).decode("ascii") if found else ""
    if error.code == etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING:
        return _strange(name)
    if error.code != etree.ErrorTypes.ERR_INVALID_ENCODING:
        return None
    return _misfit(content, name, error)


def _misfit(content: bytes, name: str, error: Any) -> Refusal:
    wide = next((codec for begin, codec in _WIDE.items() if content.startswith(begin)), "")
    codec = (wide or name or "UTF-8").upper()
    says = f"the document says that it is {name}" if name else "the document, which says no other,"
    line, column = error.position
    try:
        content.decode(codec)
    except UnicodeDecodeError as found:
        place = found.start
        if not wide:
            line, column = _position(content, place)
        says = f"{says} and" if name else f"{says} should be {codec}, and"
        what = f"byte {place + 1} (0x{content[place]:02X}) in line {line} does not fit it"
        return Refusal("encoding", f"{says} {what}", line=line, column=column, remedy=_RECODE)
    except LookupError:
        pass
    return Refusal(
        "encoding",
        f"bytes in line {line} do not fit the document's encoding, {codec}",
        line=line,
        column=column,
        remedy=_RECODE,
    )


_RECODE = 'say the encoding it is really in (often encoding="ISO-8859-1"), or write it in UTF-8'


def _limit(error: Any) -> Refusal | None:
    line, column = error.position
    message = error.msg or ""
    if "depth" in message.lower() and error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
        return Refusal(
            "too-deep",
            f"elements are nested more than 256 levels deep at line {line}",
            line=line,
            column=column,
        )
    limits = (etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG)
    if error.code in limits or "too big" in message or "too long" in message:
        return Refusal(
            "too-large",
            f"a text, comment, attribute or name at line {line} is too long ({_PARSER_LIMITS})",
            line=line,
            column=column,
        )
    return None


def _control_character(content: bytes, error: Any) -> Refusal | None:
    line, column = error.position
    if content.startswith(tuple(_WIDE)):
        return None
    found = _CONTROL.search(content)
    if found and _position(content, found.start())[0] <= line:
        line, column = _position(content, found.start())
        character = f"U+{found.group()[0]:04X}"
    elif error.code == etree.ErrorTypes.ERR_INVALID_CHAR:
        number = re.search(r"(?:0x([0-9A-Fa-f]+)|[vV]alue (\d+))", error.msg or "")
        code = int(number[1], 16) if number and number[1] else int(number[2]) if number else -1
        character = f"U+{code:04X}" if code >= 0 else "one"
    else:
        return None
    return Refusal(
        "not-well-formed",
        f"the control character {character} in line {line}, column {column} may not stand in XML",
        line=line,
        column=column,
        remedy="remove it, or write the character that was meant",
    )


def _broken_off(content: bytes, error: Any) -> Refusal | None:
    """A document that ends before its root element does."""
    message = re.sub(r", line \d+, column \d+\s*$", "", error.msg or "")
    line, column = error.position
    last = content.rstrip(_SPACE + b"\0").count(b"\n") + 1
    unclosed = re.search(r"(?:in tag|Start Tag) (\S+) line (\d+)", message)
    ended = error.code == etree.ErrorTypes.ERR_TAG_NOT_FINISHED
    unfinished = line >= last and not content.rstrip(_SPACE).endswith(b">")
    if not (ended or (unfinished and b">" not in content.splitlines()[-1][max(column, 0) :])):
        return None
    if error.code == etree.ErrorTypes.ERR_DOCUMENT_END:
        return None
    opened = f": <{unclosed[1]}>, begun in line {unclosed[2]}, has no end" if unclosed else ""
    return Refusal(
        "not-well-formed",
        f"the document breaks off in line {line}{opened}",
        line=line,
        column=column,
        remedy="fetch or copy it again: it was probably cut off",
    )


_BARE = "write &amp; for a & and &lt; for a < that stand for themselves"
_IN_WORDS = {
    "ERR_TAG_NAME_MISMATCH": ("an end tag does not match its start tag", "close each element"),
    "ERR_DOCUMENT_END": (
        "something follows the end of the root element",
        "keep one root element, with everything in it",
    ),
    "ERR_UNDECLARED_ENTITY": (
        "an entity is used that XML does not know",
        "write the character itself; XML knows &lt; &gt; &amp; &quot; and &apos; only",
    ),
    "ERR_ATTRIBUTE_REDEFINED": ("an attribute is written twice", "keep one of the two"),
    "ERR_ATTRIBUTE_NOT_STARTED": (
        "the value of an attribute has no quotes",
        'set quotes round it: name="value"',
    ),
    "ERR_ATTRIBUTE_WITHOUT_VALUE": ("an attribute has no value", 'write name="value"'),
    "ERR_LT_IN_ATTRIBUTE": ("a < stands in the value of an attribute", _BARE),
    "ERR_COMMENT_NOT_FINISHED": ("a comment has no end", "end it with -->"),
    "ERR_HYPHEN_IN_COMMENT": ("-- stands inside a comment", "write - - there"),
    "NS_ERR_UNDEFINED_NAMESPACE": (
        "a namespace prefix is not declared",
        'declare it on the root element: xmlns:prefix="…"',
    ),
    "ERR_NAME_REQUIRED": ("a < or & stands in text, where &lt; or &amp; belongs", _BARE),
    "ERR_ENTITYREF_SEMICOL_MISSING": ("a & stands in text, where &amp; belongs", _BARE),
    "ERR_RESERVED_XML_NAME": (
        "the XML declaration is not at the very beginning",
        "remove what stands before it, empty lines too",
    ),
    "ERR_DOCUMENT_EMPTY": ("there is no root element", "fetch or write the record again"),
}
_MISMATCH = re.compile(r"tag mismatch: (\S+) line (\d+) and (\S+)")


def _syntax(content: bytes, error: Any) -> Refusal:
    line, column = error.position
    detail = re.sub(r", line \d+, column \d+\s*$", "", error.msg or "not well-formed").strip()
    words, remedy = "", ""
    for name, said in _IN_WORDS.items():
        if error.code == getattr(etree.ErrorTypes, name, None):
            words, remedy = said
    unclosed = _MISMATCH.search(detail)
    if unclosed:
        begun, begins, closed = unclosed.groups()
        words = f"<{begun}>, begun in line {begins}, is not closed before </{closed}>"
        remedy = f"write </{begun}> where it ends, or correct one of the two names"
    elif words == _IN_WORDS["ERR_UNDECLARED_ENTITY"][0]:
        named = re.search(r"'([^']+)'", detail)
        words += f": &{named[1]};" if named else ""
    return Refusal(
        "not-well-formed",
        f"not well-formed XML in line {line}, column {column}: {words or detail}",
        line=line,
        column=column,
        remedy=remedy,
    )
