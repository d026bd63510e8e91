"""What the records of a document are, before anybody judges or maps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from registry.findings import Refusal


@dataclass(slots=True, frozen=True)
class OriginDescription:
    """One hop of a record's way through repositories (OAI-PMH's guidelines for provenance): where
    it was fetched, under which identifier and datestamp, in which format, when, and whether
    whoever fetched it `altered` it."""

    base_url: str
    identifier: str
    datestamp: str
    namespace: str
    harvested: str
    altered: bool


@dataclass(slots=True)
class Header:
    """An OAI-PMH record header (OAI-PMH 2.0, section 2.5).

    `provenance` is what the record's `about` says of its way, the last hop first.
    """

    identifier: str
    datestamp: str = ""
    sets: tuple[str, ...] = ()
    deleted: bool = False
    provenance: tuple[OriginDescription, ...] = ()


@dataclass(slots=True)
class Part:
    """One record as it stands in a document, or the refusal of one.

    `element` is the root of a self-standing record document (a `Spase` with one resource, a
    VOResource `Resource`), None when there is nothing to read: a deleted OAI header, or a
    `refusal`. Where only the identifier is refused the element is there, so that the rest can be
    judged. `content` is what is kept: the document's bytes when the document is this one
    record (`whole`), else the source's characters cut out, in UTF-8, with the namespace
    declarations in scope on its root. `line` is the line of the document at which `content`
    begins, so that findings can name the document's lines; `pieces` tells of what was cut out
    where it stood: for each piece the byte of `content` at which it begins, its line and column.
    `path` is where the document lies, as its harvester names it, when whoever took it apart has
    said so.
    """

    format: str = ""
    version: str = ""
    kind: str = ""
    identifier: str = ""
    element: Any = None
    content: bytes = b""
    whole: bool = True
    line: int = 1
    pieces: tuple[tuple[int, int, int], ...] = ()
    header: Header | None = None
    deleted: bool = False
    refusal: Refusal | None = None
    path: str = ""
