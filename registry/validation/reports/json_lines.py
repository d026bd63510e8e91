"""Reports as JSON, a line a record."""

from __future__ import annotations

import json
from typing import Any

from registry.findings import Finding
from registry.validation.reports.report import Report

_JSON = json.JSONEncoder(ensure_ascii=False).encode


def as_json(report: Report) -> str:
    """One line with `file`, `id`, `format`, `version`, `verdict`, `findings`.

    A finding has `rule`, `severity`, `line` and `column` (from 1, 0 where there is none), `path`,
    `message`, and where there is one `remedy`, `replacement`.
    """
    return _JSON(
        {
            "file": report.file,
            "id": report.id,
            "format": report.format,
            "version": report.version,
            "verdict": report.verdict,
            "findings": [told(finding) for finding in report.findings],
        }
    )


def told(finding: Finding) -> dict[str, Any]:
    """A finding as it stands in JSON."""
    said: dict[str, Any] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "line": finding.line,
        "column": finding.column,
        "path": finding.path,
        "message": finding.message,
    }
    if finding.remedy:
        said["remedy"] = finding.remedy
    if finding.replacement is not None:
        said["replacement"] = finding.replacement
    return said
