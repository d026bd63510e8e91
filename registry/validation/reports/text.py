"""Reports as a person reads them in a terminal."""

from __future__ import annotations

import re
from collections import Counter

from registry.findings import (
    ADVICE,
    ERROR,
    INVALID,
    NO_SCHEMA,
    NOT_WELL_FORMED,
    UNRECOGNISED,
    VALID,
    WARNING,
    Finding,
)
from registry.validation.baseline import from_here
from registry.validation.grouping import Group
from registry.validation.reports.report import Report

VERDICTS = {
    VALID: "valid",
    INVALID: "invalid",
    NO_SCHEMA: "without a public schema",
    NOT_WELL_FORMED: "not well-formed",
    UNRECOGNISED: "not recognised",
}
"""The verdicts as they are said."""

_COLOURS = {ERROR: "31;1", WARNING: "33", ADVICE: "36", "bold": "1", "dim": "2"}
# What a terminal would obey instead of showing.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def as_text(report: Report, colour: bool = False) -> str:
    """A line for each finding, `file:line:column: severity: message (remedy) [rule]`."""
    return "\n".join(
        f"{place(report.file, finding)}: {painted(finding.severity, finding.severity, colour)}: "
        + said(finding)
        + painted(f" [{finding.rule}]", "dim", colour)
        for finding in report.findings
    )


def as_group(group: Group, colour: bool = False) -> str:
    """A cause, or a rule, with its first places on lines of their own."""
    count = f"{group.findings:,} in {group.records:,} record{'s' if group.records > 1 else ''}"
    name = group.words or group.rule
    rule = painted(f" [{group.rule}]", "dim", colour) if group.words and group.rule else ""
    head = (
        f"{painted(group.severity, group.severity, colour)}: "
        f"{painted(shown(name), 'bold', colour)}: {count}{rule}"
    )
    lines = [f"    {place(one.file, one.finding)}: {said(one.finding)}" for one in group.first]
    more = group.findings - len(group.first)
    if more:
        lines.append(painted(f"    and {more:,} more", "dim", colour))
    return "\n".join([head, *lines])


def place(file: str, finding: Finding) -> str:
    """`file:line:column`, as much of it as is known, as seen from the working folder."""
    at = f":{finding.line}" if finding.line else ""
    return shown(from_here(file) + at + (f":{finding.column}" if at and finding.column else ""))


def said(finding: Finding) -> str:
    """What is wrong, and what to do in brackets."""
    return shown(finding.message + (f" ({finding.remedy})" if finding.remedy else ""))


def shown(text: str) -> str:
    """Text from a document without what a terminal obeys: such characters as \\x1b or \\u202e."""
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub(lambda one: one.group().encode("unicode_escape").decode(), text)


def painted(text: str, name: str, colour: bool) -> str:
    """Text in the colour of a severity, bold or dim, where colours are wanted."""
    return f"\x1b[{_COLOURS[name]}m{text}\x1b[0m" if colour else text


def summary(verdicts: Counter[str]) -> str:
    """The counts of verdicts as a person reads them."""
    count = verdicts.total()
    if not count:
        return "There is no document in these paths."
    told = ", ".join(f"{verdicts[v]:,} {words}" for v, words in VERDICTS.items() if verdicts[v])
    return f"{count:,} record{'s' if count > 1 else ''}: {told}."


def counted(severities: Counter[str], known: int) -> str:
    """The counts of findings; '' where there is none. `known` stand in the baseline."""
    words = {ERROR: "error", WARNING: "warning", ADVICE: "piece"}
    told = []
    for severity, word in words.items():
        number = severities[severity]
        if number:
            told.append(f"{number:,} {word}{'s' if number > 1 else ''}")
            told[-1] += " of advice" if severity == ADVICE else ""
    said_ = f"{', '.join(told)}." if told else ""
    if known:
        said_ += f"{' ' if said_ else ''}{known:,} known from the baseline not told."
    return said_
