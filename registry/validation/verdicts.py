"""The verdict on a record: the published schema's, as the XSD recommendation reads it."""

from __future__ import annotations

from importlib import import_module

from registry.findings import NOT_WELL_FORMED, UNRECOGNISED, Finding, Judgement, Refusal
from schemas.parts import Part
from schemas.positions import positioned

_JUDGES = {
    "spase": ("registry.validation.spase", "judge_spase"),
    "voresource": ("registry.validation.voresource", "judge_voresource"),
}


def judge(part: Part) -> Judgement:
    """The schema's verdict on one record with an `element`, and findings at the document's lines.

    Raises ValueError for a part with nothing to judge.
    """
    if part.element is None or part.format not in _JUDGES:
        raise ValueError(f"nothing to judge in a part of format {part.format!r}")
    # Each format's tables are read when the first record of that format comes.
    module, name = _JUDGES[part.format]
    judgement: Judgement = getattr(import_module(module), name)(part)
    refusal = part.refusal
    if refusal is not None:
        # One cause is one finding: whoever tells the refusal tells this.
        judgement.findings = [one for one in judgement.findings if not _repeats(one, refusal)]
    if judgement.findings:
        judgement.findings = positioned(part, judgement.findings)
    return judgement


def _repeats(finding: Finding, refusal: Refusal) -> bool:
    """Whether a finding of the schema's is about the identifier that was refused."""
    if finding.path == refusal.path and finding.rule in ("schema.type", "schema.value"):
        return True
    named = ("`ResourceID`", "`identifier`")
    return finding.rule == "schema.occurrence" and any(name in finding.message for name in named)


def verdict_of(refusal: Refusal) -> str:
    """The verdict that stands for a document which was refused before any schema was asked."""
    recognisable = ("unrecognised", "obsolete", "no-identifier", "identifier")
    return UNRECOGNISED if refusal.reason in recognisable else NOT_WELL_FORMED
