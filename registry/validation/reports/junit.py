"""Reports as JUnit XML, as continuous-integration servers read it: a test case a record."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

from registry.findings import NO_SCHEMA, Finding
from registry.validation.baseline import from_here
from registry.validation.choosing import at_least
from registry.validation.reports.report import Report

PASSED, FAILED, NOT_READ, SKIPPED = "passed", "failures", "errors", "skipped"

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(slots=True)
class Case:
    """One `testcase`, and which of the counts it belongs to."""

    outcome: str
    xml: str


def case(report: Report, fail_on: str) -> Case:
    """A record's test case: it fails by findings as bad as `fail_on`, the others are printed.

    A record whose version has no schema is skipped, unless it fails; what cannot be read is an
    error.
    """
    failing = [f for f in report.findings if at_least(f.severity, fail_on)]
    others = [f for f in report.findings if not at_least(f.severity, fail_on)]
    file = from_here(report.file)
    inside, outcome = "", PASSED
    if failing:
        outcome = NOT_READ if report.unreadable else FAILED
        tag = "error" if report.unreadable else "failure"
        about = failing[0].message + (f" (and {len(failing) - 1} more)" if failing[1:] else "")
        inside = (
            f"<{tag} message={_attribute(about)} type={_attribute(failing[0].rule)}>"
            f"{_text(_lines(file, failing))}</{tag}>"
        )
    elif report.verdict == NO_SCHEMA:
        outcome = SKIPPED
        words = f"{report.format.upper()} {report.version} has no public schema"
        inside = f"<skipped message={_attribute(words)}/>"
    if others:
        inside += f"<system-out>{_text(_lines(file, others))}</system-out>"
    name, group = report.id or file, f"{report.format or 'document'} {report.version}".strip()
    # Jenkins's schema of the form has no attribute for the file; the lines inside name it.
    start = f"<testcase name={_attribute(name)} classname={_attribute(group)}"
    return Case(outcome, f"{start}>{inside}</testcase>" if inside else f"{start}/>")


def _lines(file: str, findings: Iterable[Finding]) -> str:
    return "\n".join(
        f"{file}:{f.line}:{f.column}: {f.severity}: {f.message}"
        + (f" ({f.remedy})" if f.remedy else "")
        + f" [{f.rule}]"
        for f in findings
    )


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text), {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})


class JunitSuites:
    """Writes one suite; its counts stand before its cases, which wait in a file until the end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._cases = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        self._counts = {PASSED: 0, FAILED: 0, NOT_READ: 0, SKIPPED: 0}

    def add(self, cases: Iterable[Case]) -> None:
        for one in cases:
            self._counts[one.outcome] += 1
            self._cases.write(one.xml + "\n")

    def finish(self) -> None:
        counts = {name: number for name, number in self._counts.items() if name != PASSED}
        told = f'tests="{sum(self._counts.values())}"'
        told += "".join(f' {name}="{number}"' for name, number in counts.items())
        self._out.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        # `skipped` may stand at the suite only.
        above = told.replace(f' {SKIPPED}="{self._counts[SKIPPED]}"', "")
        self._out.write(f'<testsuites name="parhelion validate" {above}>\n')
        self._out.write(f'<testsuite name="parhelion validate" {told}>\n')
        self._cases.seek(0)
        shutil.copyfileobj(self._cases, self._out)
        self._cases.close()
        self._out.write("</testsuite>\n</testsuites>\n")
