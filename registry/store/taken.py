"""What the store is given: documents as they were read, judged and mapped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.findings import Finding

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(slots=True)
class Taken:
    """One record of a document, ready to be kept.

    `part` tells the records of one document apart ('' when the document is this one record);
    `body` is the content, packed (`registry.store.packing`), `digest` its SHA-256; `canonical`
    is the SHA-256 of its canonical XML without xsi:schemaLocation, for records cut out of a
    larger document. `released` is canonical UTC or ''. `label` is `labels.label` as JSON.
    `references` are (element, identifier key). `gone`: the record says itself that it is deleted.
    """

    part: str
    key: str
    identifier: str
    format: str
    kind: str
    version: str
    authority: str
    name: str
    label: str
    status: str
    verdict: str
    note: str
    released: str
    doi: str
    body: bytes
    size: int
    digest: bytes
    canonical: bytes | None = None
    findings: list[Finding] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    gone: bool = False
    facts: str = ""
    """`facts(item)`, where it was made already."""


@dataclass(slots=True)
class Refused:
    """What could not be taken in, and why."""

    part: str
    reason: str
    message: str
    line: int = 0
    column: int = 0
    remedy: str = ""
    body: bytes | None = None


@dataclass(slots=True)
class TakenDocument:
    """A document at its place. `digest` is of the whole document.

    `complete`: what the place held and the document no longer holds loses this place. An OAI-PMH
    page is not complete: each of its records is a place of its own, and only a deleted header
    takes one away.
    """

    path: str
    digest: bytes
    taken: list[Taken] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    complete: bool = True
    datestamp: str = ""
    """The datestamp that the record has at the peer; '' where it came from none."""
    provenance: str = ""
    """Its way there, as `provenance_text` writes it; '' where nothing is known of it."""


@dataclass(slots=True)
class Counts:
    """What an ingest did, by record: a record counts once."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    valid: int = 0
    invalid: int = 0
    no_schema: int = 0
    quarantined: int = 0

    def add(self, other: Counts) -> None:
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def provenance_text(hops: Iterable[Sequence[object]]) -> str:
    """The hops of a record's way, each the values of an OriginDescription, as they are kept."""
    every = [list(one) for one in hops]
    return _JSON(every) if every else ""


def facts(item: Taken) -> str:
    """What a revision needs to become current again without being parsed, as JSON."""
    return _JSON(
        [
            item.key, item.identifier, item.format, item.kind, item.authority, item.name,
            item.label, item.status, item.doi, item.references,
        ]
    )  # fmt: skip


def from_facts(row: Any) -> Taken:
    """The item that `row`, a revision, was made from; its body stays where it is."""
    key, identifier, format_, kind, authority, name, label, status, doi, references = json.loads(
        row.facts
    )
    return Taken(
        part="", key=key, identifier=identifier, format=format_, kind=kind, version=row.version,
        authority=authority, name=name, label=label, status=status, verdict=row.verdict,
        note=row.note, released=row.released, doi=doi, body=b"", size=row.size,
        digest=row.digest, references=[(element, target) for element, target in references],
    )  # fmt: skip
