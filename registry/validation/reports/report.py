"""What is said of the records of a document. Touches no store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harvesters.documents import Document, Unreadable
from registry.findings import ERROR, UNRECOGNISED, Finding, Refusal
from registry.validation.verdicts import judge, verdict_of
from schemas.documents import parts
from schemas.parts import Part

BeyondSchema = Callable[[Part], list[Finding]]
"""What the rules beyond the schema say of a part with an element."""


@dataclass(slots=True)
class Report:
    """The verdict on one record, or on a document of which nothing could be taken."""

    file: str
    id: str
    format: str
    version: str
    verdict: str
    findings: list[Finding]

    @property
    def unreadable(self) -> bool:
        """Whether the document could not even be read."""
        return any(finding.rule == "document.unreadable" for finding in self.findings)


def reports(
    document: Document | Unreadable, beyond: BeyondSchema | None = None
) -> Iterator[Report]:
    """A report for each record of a document. Never raises for what a document holds.

    A deletion (an OAI-PMH header without a record) is no record and has no report. `beyond`
    gives the findings of the rules beyond the schema.
    """
    for report, part in by_schema(document):
        if beyond is not None and part is not None:
            report.findings = report.findings + beyond(part)
        yield report


def by_schema(document: Document | Unreadable) -> Iterator[tuple[Report, Part | None]]:
    """What the schemas say of each record, and the record; None where there is none to read."""
    if isinstance(document, Unreadable):
        yield _refused(document.path, document.refusal, UNRECOGNISED), None
        return
    try:
        found = parts(document.content, layout=False)
    except Refusal as refusal:
        yield _refused(document.path, refusal), None
        return
    for part in found:
        part.path = document.path
        if part.element is not None:
            yield _judged(part), part
        elif part.refusal is not None:
            yield _refused(document.path, part.refusal), None


def _judged(part: Part) -> Report:
    judgement = judge(part)
    findings = judgement.findings
    if part.refusal is not None:
        findings = [finding_of(part.refusal), *findings]
    return Report(
        part.path, part.identifier, part.format, part.version, judgement.verdict, findings
    )


def _refused(file: str, refusal: Refusal, verdict: str = "") -> Report:
    return Report(file, "", "", "", verdict or verdict_of(refusal), [finding_of(refusal)])


def finding_of(refusal: Refusal) -> Finding:
    """A refusal as the error that it is, rule `document.REASON`."""
    return Finding(
        f"document.{refusal.reason}",
        ERROR,
        refusal.message,
        refusal.line,
        refusal.column,
        refusal.path,
        remedy=refusal.remedy,
    )
