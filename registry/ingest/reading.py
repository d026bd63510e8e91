"""From a document's bytes to what the store takes: parsed, judged, mapped. Touches no store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import astuple

from harvesters.documents import Document
from mappings.labels import label
from mappings.models import model_of, reference_keys
from registry import dates, identifiers
from registry.findings import Refusal
from registry.model import Record
from registry.store.kept import label_text
from registry.store.packing import packed
from registry.store.taken import Refused, Taken, TakenDocument, facts, provenance_text
from registry.validation.verdicts import judge
from schemas.canonical import canonical_digest
from schemas.documents import parts
from schemas.parts import Part

KEPT_REFUSED_BYTES = 1_000_000
"""How much of what was refused is kept for the curator."""

Described = Callable[[str, Record, list[tuple[str, str]]], None]
"""Called with (key, model, references) for each record that was mapped."""


def taken_document(
    document: Document, digest: bytes, described: Described | None = None
) -> TakenDocument:
    """The records of a document, ready for the store. Never raises for what a document holds."""
    try:
        found = parts(document.content)
    except Refusal as refusal:
        return refused_document(document.path, digest, refusal, document.content)
    own_place = has_place(document.path)
    result = TakenDocument(document.path, digest, complete=own_place)
    single = len(found) == 1 and found[0].whole and own_place
    names: dict[str, int] = {}
    for part in found:
        if part.deleted and part.element is None:
            continue  # a deleted header brings nothing: this place no longer holds the record
        name = "" if single else _unlike(part_name(part), names)
        if part.refusal is not None:
            result.refused.append(refused(name, part.refusal, part.content))
        else:
            known = digest if part.whole else None
            result.taken.append(taken(part, name, described, known))
    return result


def has_place(path: str) -> bool:
    """Whether a path names one document for good: standard input and pipes bring another each time.

    Records from there are kept apart by their identifiers, and what came before is not gone.
    """
    return path != "-" and not path.startswith(("/dev/", "/proc/"))


def _unlike(name: str, names: dict[str, int]) -> str:
    """A name of its own for each part, though two records of a document share an identifier."""
    number = names[name] = names.get(name, 0) + 1
    return name if number == 1 else f"{name} ({number})"


def taken_page(
    parts_of_page: list[Part], described: Described | None = None
) -> list[TakenDocument]:
    """The records of an OAI-PMH response: each is a place of its own, under its header."""
    documents = []
    for part in parts_of_page:
        path = part.header.identifier if part.header else part.identifier
        document = TakenDocument(path, hashlib.sha256(part.content).digest(), complete=False)
        if part.header:
            document.datestamp = part.header.datestamp
            document.provenance = provenance_text(map(astuple, part.header.provenance))
        if part.refusal is not None:
            document.refused.append(refused("", part.refusal, part.content))
        elif not part.deleted or part.element is not None:
            document.taken.append(taken(part, "", described))
        documents.append(document)
    return documents


def part_name(part: Part) -> str:
    """What tells one record of a document from the others."""
    if part.identifier:
        return identifiers.key(part.identifier)
    return f"line {part.line}"


def refused_document(
    path: str, digest: bytes, refusal: Refusal, content: bytes = b""
) -> TakenDocument:
    """A document of which nothing could be taken."""
    return TakenDocument(path, digest, [], [refused("", refusal, content)])


def refused(name: str, refusal: Refusal, content: bytes) -> Refused:
    body = packed(content) if 0 < len(content) <= KEPT_REFUSED_BYTES else None
    return Refused(
        name, refusal.reason, refusal.message, refusal.line, refusal.column, refusal.remedy, body
    )


def taken(
    part: Part, name: str, described: Described | None = None, digest: bytes | None = None
) -> Taken:
    """One record, judged and mapped; `digest` is its content's, where it is known already."""
    key = identifiers.key(part.identifier)
    judgement = judge(part)
    record = model_of(part.format, part.element)
    references = reference_keys(record)
    if described is not None and not part.deleted:
        described(key, record, references)
    item = Taken(
        part=name,
        key=key,
        identifier=part.identifier,
        format=part.format,
        kind=part.kind,
        version=part.version,
        authority=identifiers.authority(key),
        name=record.name,
        label=label_text(label(record)),
        status=record.status,
        verdict=judgement.verdict,
        note=judgement.note,
        released=dates.utc(record.released) or "",
        doi=identifiers.doi(record.doi) if record.doi else "",
        body=packed(part.content),
        size=len(part.content),
        digest=digest or hashlib.sha256(part.content).digest(),
        canonical=None if part.whole else canonical_digest(part.element),
        findings=judgement.findings,
        references=references,
        gone=part.deleted,
    )
    item.facts = facts(item)
    return item
