"""What others may ask of the records in a document, found in its bytes without parsing it.

A first pass over all documents of a call makes these, at a fraction of what reading them costs,
so that the second pass knows every identifier. What the bytes do not show plainly (other
encodings than ASCII's family) is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import unescape

from mappings.from_spase import KINDS
from mappings.models import model_of, reference_keys
from registry import identifiers
from registry.findings import Refusal
from registry.model import Record
from registry.validation.followed import FOLLOWED
from registry.validation.rules.written import Written, decoded
from schemas.documents import parts
from schemas.parts import Part


@dataclass(slots=True, frozen=True)
class Entry:
    """One record: who it is, where it lies, its DOI, and whom it names by `FOLLOWED` elements."""

    key: str
    identifier: str
    kind: str
    path: str = ""
    doi: str = ""
    targets: tuple[tuple[str, str], ...] = ()


_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_SPASE = re.compile(rb"<(?:\w+:)?Spase[\s>]")
_KIND = re.compile(rb"<(?:\w+:)?(" + "|".join(sorted(KINDS)).encode() + rb")[\s>]")
_IDENTIFIER = re.compile(rb"ResourceID(?:\s[^<>]*)?>([^<]*)<")
_DOI = re.compile(rb"[<:]DOI>([^<]*)<")
_PARAMETERS = b"<Parameter>"
_ROUND_ONE = 2
"""How often `Spase` stands in a document of one record: at its start and at its end."""
_FOLLOWED = tuple((name, name.encode() + b">") for name in FOLLOWED)
_FOLLOWED_TAGS = tuple((name, name.encode()) for name in FOLLOWED)


def entries(content: bytes, path: str = "") -> Iterator[Entry]:
    """The records of a document, in order. Raises nothing: what cannot be read has none.

    Of a document of one record only what stands before its first Parameter is looked at, so the
    content may end there.
    """
    whole = content
    if content.count(b"Spase") <= _ROUND_ONE:
        content = content.partition(_PARAMETERS)[0]
    if b"<!--" in content:
        content = _COMMENT.sub(b"", content)
    first = None if b"\x00" in content[:64] else _SPASE.search(content)
    if first is None:
        yield from _parsed(whole, path)
        return
    starts = [first.start()]
    if content.count(b"Spase") > _ROUND_ONE:
        starts = [found.start() for found in _SPASE.finditer(content)]
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        entry = _entry(content[start:end] if len(starts) > 1 else content, path)
        if entry is not None:
            yield entry


def _entry(content: bytes, path: str) -> Entry | None:
    found = _IDENTIFIER.search(content)
    identifier = _text(found[1]) if found else ""
    if not identifier:
        return None
    kind = _KIND.search(content)
    doi = _DOI.search(content) if b"DOI>" in content else None
    targets = [
        one for name, tag in _FOLLOWED if tag in content for one in _named(content, name, tag)
    ]
    return Entry(
        identifiers.key(identifier),
        identifier,
        kind[1].decode() if kind else "",
        path,
        identifiers.doi(_text(doi[1])) if doi else "",
        tuple(dict.fromkeys(targets)),
    )


def _named(content: bytes, name: str, tag: bytes) -> Iterator[tuple[str, str]]:
    """(name, key) of what stands in the elements of one name."""
    # Tags come in pairs: what stands between two of them is every second one's.
    pieces = content.split(tag)
    for before, inside in zip(pieces[0::2], pieces[1::2], strict=False):
        if before.endswith((b"<", b":")):
            yield name, identifiers.key(_text(inside.partition(b"<")[0]))


def _text(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace").strip()
    return unescape(text) if "&" in text else text


def _parsed(content: bytes, path: str) -> Iterator[Entry]:
    try:
        found = parts(content)
    except Refusal:
        return
    for part in found:
        if part.element is None or not part.identifier or part.deleted:
            continue
        part.path = path
        yield entry_of(part, model_of(part.format, part.element))


def entry_of(part: Part, record: Record) -> Entry:
    """The entry of a record that has an identifier."""
    return Entry(
        identifiers.key(part.identifier),
        part.identifier,
        part.kind,
        part.path,
        identifiers.doi(record.doi) if record.doi else "",
        tuple(one for one in reference_keys(record) if one[0] in FOLLOWED),
    )


def entry_from(texts: Written) -> Entry:
    """The same from the texts of a record."""
    part = texts.part
    there = texts.texts
    targets = [
        (name, identifiers.key(decoded(raw)))
        for name, tag in _FOLLOWED_TAGS
        if tag in there
        for raw in there[tag]
    ]
    return Entry(
        identifiers.key(part.identifier),
        part.identifier,
        part.kind,
        part.path,
        identifiers.doi(texts.first(b"DOI")) if b"DOI" in there else "",
        tuple(dict.fromkeys(one for one in targets if one[1])),
    )
