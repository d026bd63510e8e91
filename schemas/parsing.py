"""Bytes from anywhere, parsed without trusting them.

No document type definition, no entity but the five of XML, nothing fetched; bounded depth, text
and size. What cannot be parsed is refused in words that say where and what to do.
"""

from __future__ import annotations

import codecs
import re

from lxml import etree

from registry.findings import Refusal

MAX_BYTES = 100_000_000
"""The largest document taken; its tree needs about five times as much memory."""

_PARSER_LIMITS = "at most 256 levels deep, 10 million characters in one text"
# Without huge_tree libxml2 stops at 256 levels and at 10 MB in one text, comment or attribute.
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    collect_ids=False,
)
_DOCTYPE = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s++|<!--(?>.*?-->)|<\?(?>.*?\?>))*+<!DOCTYPE", re.DOTALL
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([A-Za-z][\w.:-]*)")
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<", b"\0\0\xfe\xff", b"\0\0\0<")
_SPACE = b" \t\r\n"


def parse(content: bytes) -> etree._ElementTree:
    """The tree of an XML document (XML 1.0, fifth edition; Namespaces in XML 1.0).

    Raises `Refusal` with reason empty, binary, encoding, not-well-formed, dtd, too-deep or
    too-large. Costs what lxml's own `fromstring` costs.
    """
    if len(content) > MAX_BYTES:
        raise Refusal(
            "too-large",
            f"the document has {len(content):,} bytes, more than the {MAX_BYTES:,} that are taken",
            remedy="split it into documents of one record each",
        )
    if b"<!DOCTYPE" in content and _DOCTYPE.match(content):
        raise _dtd(content)
    try:
        tree = etree.fromstring(content, _PARSER).getroottree()
    except etree.XMLSyntaxError as error:
        raise _refusal(content, error) from None
    except (ValueError, LookupError, AssertionError) as error:
        raise Refusal("not-well-formed", f"the document cannot be parsed: {error}") from None
    # In UTF-16 and the like the bytes above say nothing; the parser did not follow it either.
    if tree.docinfo.doctype:
        raise _dtd(content)
    return tree


def _dtd(content: bytes) -> Refusal:
    line, column = _position(content, max(content.find(b"<!DOCTYPE"), 0))
    return Refusal(
        "dtd",
        "the document has a document type definition (<!DOCTYPE), which no metadata record needs "
        "and which can name files and grow without bound: it is not read",
        line=line,
        column=column,
        remedy="remove the <!DOCTYPE …> and write the characters themselves instead of entities",
    )


def _position(content: bytes, place: int) -> tuple[int, int]:
    """Line and column, from 1, of a byte."""
    before = content[:place]
    return before.count(b"\n") + 1, place - before.rfind(b"\n")


def _refusal(content: bytes, error: etree.XMLSyntaxError) -> Refusal:
    """Why the parser gave up, the likeliest reason first."""
    return (
        _no_xml(content)
        or _encoding(content, error)
        or _limit(error)
        or _control_character(content, error)
        or _broken_off(content, error)
        or _syntax(content, error)
    )


def _no_xml(content: bytes) -> Refusal | None:
    text = content.removeprefix(codecs.BOM_UTF8).lstrip(_SPACE)
    if not text:
        return Refusal("empty", "the document is empty")
    if text.startswith((b"<", *_WIDE)):
        return None
    if _CONTROL.search(text[:1000]) or (text[0] >= 0x80 and not _decodes(text[:1000])):
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


def _encoding(content: bytes, error: etree.XMLSyntaxError) -> Refusal | None:
    """Bytes that are not what the declaration says, or, without one, not UTF-8."""
    found = _DECLARED.match(content.removeprefix(codecs.BOM_UTF8))
    name = found.group(1).decode("ascii") if found else ""
    if error.code == etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING:
        return Refusal(
            "encoding",
            f"the document says that its encoding is {name or 'one'} that is not known here",
            line=1,
            remedy="write it in UTF-8 and say so, or leave the encoding out",
        )
    if found and re.match(r"(?i)utf-?(16|32)|ucs-?[24]", name):
        return Refusal(
            "encoding",
            f"the document says {name}, but its characters are single bytes",
            line=1,
            remedy='say encoding="UTF-8" if it is that',
        )
    if error.code != etree.ErrorTypes.ERR_INVALID_ENCODING:
        return None
    return _misfit(content, name, error)


def _misfit(content: bytes, name: str, error: etree.XMLSyntaxError) -> Refusal:
    codec = name or "UTF-8"
    if content.startswith(_WIDE):
        codec = "UTF-16" if content[:2] in _WIDE[:2] else "UTF-16LE"
    says = f"the document says that it is {name}" if name else "the document, which says no other,"
    line, column = error.position
    try:
        content.decode(codec)
    except UnicodeDecodeError as found:
        place = found.start
        if not codec.upper().startswith("UTF-16"):
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


def _limit(error: etree.XMLSyntaxError) -> Refusal | None:
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


def _control_character(content: bytes, error: etree.XMLSyntaxError) -> Refusal | None:
    line, column = error.position
    if content.startswith(_WIDE):
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


def _broken_off(content: bytes, error: etree.XMLSyntaxError) -> Refusal | None:
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


_IN_WORDS = {
    "ERR_TAG_NAME_MISMATCH": "an end tag does not match its start tag",
    "ERR_DOCUMENT_END": "something follows the end of the root element",
    "ERR_UNDECLARED_ENTITY": "an entity is used that XML does not know",
    "ERR_ATTRIBUTE_REDEFINED": "an attribute is written twice",
    "NS_ERR_UNDEFINED_NAMESPACE": "a namespace prefix is not declared",
    "ERR_NAME_REQUIRED": "a < or & stands in text, where &lt; or &amp; belongs",
    "ERR_RESERVED_XML_NAME": "the XML declaration is not at the very beginning",
    "ERR_DOCUMENT_EMPTY": "there is no root element",
}


def _syntax(content: bytes, error: etree.XMLSyntaxError) -> Refusal:
    line, column = error.position
    detail = re.sub(r", line \d+, column \d+\s*$", "", error.msg or "not well-formed").strip()
    words = ""
    for name, said in _IN_WORDS.items():
        if error.code == getattr(etree.ErrorTypes, name, None):
            words = f"{said} ({detail})"
    return Refusal(
        "not-well-formed",
        f"not well-formed XML in line {line}, column {column}: {words or detail}",
        line=line,
        column=column,
    )
