"""Judging a document before and after mending."""

from __future__ import annotations

from collections.abc import Sequence

from registry.findings import (
    ERROR,
    INVALID,
    NO_SCHEMA,
    NOT_WELL_FORMED,
    UNRECOGNISED,
    VALID,
    Finding,
    Judgement,
)
from registry.validation.verdicts import judge, verdict_of
from schemas.documents import parts
from schemas.parts import Part

_ORDER = (VALID, NO_SCHEMA, INVALID, UNRECOGNISED, NOT_WELL_FORMED)


def judged(content: bytes) -> list[Judgement]:
    """The judgement on each record of a document, in its order.

    Raises Refusal where nothing of the document can be taken.
    """
    return judged_parts(parts(content))


def judged_parts(records: Sequence[Part]) -> list[Judgement]:
    """The judgement on each record; none on deletions, which have neither element nor refusal."""
    found = []
    for part in records:
        refusal = part.refusal
        said = [] if refusal is None else [
            Finding(f"document.{refusal.reason}", ERROR, refusal.message, refusal.line,
                    refusal.column, refusal.path, refusal.remedy)
        ]  # fmt: skip
        if part.element is not None:
            judgement = judge(part)
            found.append(Judgement(judgement.verdict, said + judgement.findings, judgement.note))
        elif refusal is not None:
            found.append(Judgement(verdict_of(refusal), said))
    return found


def worst(judgements: Sequence[Judgement]) -> str:
    """The worst of the verdicts; '' without any."""
    verdicts = {judgement.verdict for judgement in judgements}
    return next((verdict for verdict in reversed(_ORDER) if verdict in verdicts), "")


def no_worse(before: Sequence[Judgement], after: Sequence[Judgement]) -> bool:
    """Whether no record has a worse verdict, or more errors, than it had."""
    return len(before) == len(after) and all(
        _ORDER.index(new.verdict) <= _ORDER.index(old.verdict) and _errors(new) <= _errors(old)
        for old, new in zip(before, after, strict=True)
    )


def _errors(judgement: Judgement) -> int:
    return sum(finding.severity == ERROR for finding in judgement.findings)
