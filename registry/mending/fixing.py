"""What is certain, mended; every other byte as it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mappings.models import model_of
from registry.findings import ADVICE, ERROR, Finding, Judgement, Refusal
from registry.mending.mended import Edit, Mended
from registry.mending.records import places
from registry.mending.replacements import Replacement, replacements
from registry.mending.source import Element, Source, path, read
from registry.mending.verdict import judged, judged_parts, no_worse, worst
from registry.validation.lookup import NOTHING, Lookup
from registry.validation.rules.asking import findings as beyond_schema
from registry.validation.verdicts import verdict_of
from schemas.documents import parts
from schemas.parts import Part

Chosen = Callable[[Replacement], bool]


def fixed(content: bytes, lookup: Lookup = NOTHING) -> Mended:
    """A document with all replacements made that are certain; pure, touches nothing else.

    They come from the schema's findings, from the rules beyond the schema (`lookup` is what those
    may ask of other records), and from what is certain besides. No record gets a worse verdict or
    more errors than it had: an edit that would is dropped, and told in `left` with the findings
    that remain. Never raises for what the document holds.
    """
    try:
        source = read(content)
        found = parts(content)
        before = judged_parts(found)
    except Refusal as refusal:
        return refused(content, refusal)
    mended = Mended(content, before=worst(before))
    proposed: list[tuple[Replacement, Edit]] = []
    for part, place, judgement in zip(found, places(source.root, found), _each(found, before),
                                      strict=True):  # fmt: skip
        if part.element is None or judgement is None:
            continue
        if place is None:
            mended.left.append(_not_found(part))
            continue
        told = [*judgement.findings, *_beyond(part, lookup)]
        for one in replacements(part, place, told):
            where = path(one.element, place.resource or place.root)
            proposed.append((one, _edit(one, where)))
    after = _applied(source, proposed, before, mended)
    mended.after = worst(after)
    mended.left += [finding for one in after for finding in one.findings]
    return mended


def refused(content: bytes, refusal: Refusal) -> Mended:
    """A document that cannot be read is left as it is, with the reason."""
    finding = Finding(f"document.{refusal.reason}", ERROR, refusal.message, refusal.line,
                      refusal.column, remedy=refusal.remedy)  # fmt: skip
    verdict = verdict_of(refusal)
    return Mended(content, left=[finding], before=verdict, after=verdict)


def _each(found: Sequence[Part], before: Sequence[Judgement]) -> list[Judgement | None]:
    """The judgement of each part; None for those that have none (deletions)."""
    judgements = iter(before)
    return [
        next(judgements) if part.element is not None or part.refusal is not None else None
        for part in found
    ]


def _beyond(part: Part, lookup: Lookup) -> list[Finding]:
    return beyond_schema(part, model_of(part.format, part.element), lookup)


def _not_found(part: Part) -> Finding:
    message = f"{part.identifier or 'a record'} cannot be told apart within its document"
    return Finding("fix.place", ADVICE, message, part.line,
                   remedy="cut it out into a document of its own, and mend that")  # fmt: skip


def _edit(one: Replacement, where: str) -> Edit:
    where += f"/@{one.attribute}" if one.attribute else ""
    return Edit(one.rule, one.message, where, one.element.line, one.old, one.value)


@dataclass(slots=True)
class _State:
    """An element's characters before an edit."""

    element: Element
    opening: bytes
    gaps: list[bytes]
    closing: bytes

    def restore(self) -> None:
        self.element.opening = self.opening
        self.element.gaps = self.gaps
        self.element.closing = self.closing


def _kept(element: Element) -> _State:
    return _State(element, element.opening, list(element.gaps), element.closing)


def _applied(
    source: Source,
    proposed: Sequence[tuple[Replacement, Edit]],
    before: list[Judgement],
    mended: Mended,
) -> list[Judgement]:
    """Make the edits together, and where that makes a record worse, one by one."""
    if not proposed:
        return before
    states = [_kept(one.element) for one, _ in proposed]
    for one, _ in proposed:
        one.apply()
    after = _judged(source)
    if after is not None and no_worse(before, after):
        mended.edits = [edit for _, edit in proposed]
        mended.content = source.written()
        return after
    for state in reversed(states):
        state.restore()
    return _one_by_one(source, proposed, before, mended)


def _one_by_one(
    source: Source,
    proposed: Sequence[tuple[Replacement, Edit]],
    before: list[Judgement],
    mended: Mended,
) -> list[Judgement]:
    good = before
    for one, edit in proposed:
        state = _kept(one.element)
        one.apply()
        after = _judged(source)
        if after is not None and no_worse(good, after):
            mended.edits.append(edit)
            good = after
        else:
            state.restore()
            message = f"not done, because the record would be worse: {edit.message}"
            mended.left.append(Finding("fix.dropped", ADVICE, message, edit.line, path=edit.path))
    mended.content = source.written()
    return good


def _judged(source: Source) -> list[Judgement] | None:
    try:
        return judged(source.written())
    except Refusal:
        return None
