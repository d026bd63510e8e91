"""What is said of the records of a document, for people and for machines. Touches no store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harvesters.documents import Document, Unreadable
from registry.findings import ERROR, UNRECOGNISED, Finding, Refusal
from registry.validation.verdicts import judge, verdict_of
from schemas.documents import parts
from schemas.parts import Part


@dataclass(slots=True)
class Report:
    """The verdict on one record, or on a document of which nothing could be taken."""

    file: str
    id: str
    format: str
    version: str
    verdict: str
    findings: list[Finding]


def reports(document: Document | Unreadable) -> Iterator[Report]:
    """A report for each record of a document. Never raises for what a document holds.

    A deletion (an OAI-PMH header without a record) is no record and has no report.
    """
    if isinstance(document, Unreadable):
        yield _refused(document.path, document.refusal, UNRECOGNISED)
        return
    try:
        found = parts(document.content)
    except Refusal as refusal:
        yield _refused(document.path, refusal)
        return
    for part in found:
        if part.element is not None:
            yield _judged(document.path, part)
        elif part.refusal is not None:
            yield _refused(document.path, part.refusal)


def _judged(file: str, part: Part) -> Report:
    judgement = judge(part)
    findings = judgement.findings
    if part.refusal is not None:
        findings = [_finding(part.refusal), *findings]
    return Report(file, part.identifier, part.format, part.version, judgement.verdict, findings)


def _refused(file: str, refusal: Refusal, verdict: str = "") -> Report:
    return Report(file, "", "", "", verdict or verdict_of(refusal), [_finding(refusal)])


def _finding(refusal: Refusal) -> Finding:
    return Finding(
        f"document.{refusal.reason}",
        ERROR,
        refusal.message,
        refusal.line,
        refusal.column,
        remedy=refusal.remedy,
    )


def as_json(report: Report) -> str:
    """One line with `file`, `id`, `format`, `version`, `verdict`, `findings`.

    A finding has `rule`, `severity`, `line`, `path`, `message`, and where there is one `column`,
    `remedy`, `replacement`.
    """
    return json.dumps(
        {
            "file": report.file,
            "id": report.id,
            "format": report.format,
            "version": report.version,
            "verdict": report.verdict,
            "findings": [_told(finding) for finding in report.findings],
        },
        ensure_ascii=False,
    )


def _told(finding: Finding) -> dict[str, Any]:
    told: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "line": finding.line,
        "path": finding.path,
        "message": finding.message,
    }
    if finding.column:
        told["column"] = finding.column
    if finding.remedy:
        told["remedy"] = finding.remedy
    if finding.replacement is not None:
        told["replacement"] = finding.replacement
    return told


def as_text(report: Report) -> str:
    """A line for each finding, `file:line: severity: message (remedy) [rule]`; '' without any."""
    return "\n".join(
        f"{report.file}:{finding.line or ''}".removesuffix(":")
        + f": {finding.severity}: {finding.message}"
        + (f" ({finding.remedy})" if finding.remedy else "")
        + f" [{finding.rule}]"
        for finding in report.findings
    )
