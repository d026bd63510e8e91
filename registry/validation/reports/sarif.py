"""Reports as SARIF 2.1.0 (OASIS), which GitHub and editors show at the lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.validation.baseline import fingerprint, from_here, place_of
from registry.validation.grouping import Group
from registry.validation.reports.report import Report

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {ERROR: "error", WARNING: "warning", ADVICE: "note"}
"""SARIF's levels (section 3.27.10) for our severities."""

_JSON = json.JSONEncoder(ensure_ascii=False).encode


def results(report: Report) -> list[str]:
    """A `result` object for each finding (section 3.27)."""
    return [_JSON(_result(report, finding)) for finding in report.findings]


def _result(report: Report, finding: Finding) -> dict[str, Any]:
    place = place_of(report.id, report.file)
    region = {"startLine": max(finding.line, 1)}
    if finding.column:
        region["startColumn"] = finding.column
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": _artifact(report.file), "region": region}
    }
    if finding.path:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.path, "kind": "element"}]
    said = finding.message + (f" ({finding.remedy})" if finding.remedy else "")
    return {
        "ruleId": finding.rule,
        "level": LEVELS[finding.severity],
        "message": {"text": said},
        "locations": [location],
        "partialFingerprints": {"parhelion/v1": fingerprint(place, finding)},
    }


def _artifact(file: str) -> dict[str, str]:
    """A file below the working folder is named from there, so that a repository finds it."""
    relative = from_here(file)
    if relative.startswith("/") or Path(relative).is_absolute():
        return {"uri": "file://" + quote(Path(relative).as_posix(), safe="/!:")}
    return {"uri": quote(relative, safe="/!"), "uriBaseId": "%SRCROOT%"}


class SarifLog:
    """Writes one log with one run; what the results name stands after them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._first = True
        out.write(f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"results": [')

    def add(self, pieces: Iterable[str]) -> None:
        """Writes `results`."""
        for piece in pieces:
            self._out.write("\n" if self._first else ",\n")
            self._first = False
            self._out.write(piece)

    def finish(self, groups: Iterable[Group], successful: bool) -> None:
        """Ends the log: the rules that were met (section 3.49), and how the run went."""
        driver = {
            "name": "Parhelion",
            "semanticVersion": _version(),
            "rules": list({group.rule: _rule(group) for group in groups if group.rule}.values()),
        }
        self._out.write(f'\n], "tool": {{"driver": {_JSON(driver)}}}')
        invocation = {"executionSuccessful": successful}
        self._out.write(
            f', "invocations": [{_JSON(invocation)}], "columnKind": "unicodeCodePoints"'
        )
        self._out.write("}]}\n")


def _rule(group: Group) -> dict[str, Any]:
    return {
        "id": group.rule,
        "shortDescription": {"text": group.words or group.rule},
        "defaultConfiguration": {"level": LEVELS[group.severity]},
    }


def _version() -> str:
    try:
        return version("parhelion")
    except PackageNotFoundError:  # run from its folder, without an installation
        return "0.0.0"
