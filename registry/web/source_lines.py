"""A document's lines with the findings at them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from registry.findings import Finding
from registry.validation.choosing import SEVERITIES
from registry.web.uploads import shown

WHOLE = 2_000
"""A document of so many lines is shown whole; of a longer one what stands round the findings."""
ROUND = 3
LONGEST = 400
"""So many characters of a line are shown."""


@dataclass(slots=True)
class Line:
    """A line as the page shows it. `before` lines stand between the one above and this."""

    number: int
    text: str
    findings: list[Finding] = field(default_factory=list)
    before: int = 0

    @property
    def worst(self) -> str:
        """The worst severity of its findings; '' without any."""
        return min((one.severity for one in self.findings), key=SEVERITIES.index, default="")


@dataclass(slots=True)
class Source:
    """What is shown of a document; `after` lines follow the last one; `loose` have no line."""

    lines: list[Line]
    after: int
    loose: list[Finding]


def source(content: bytes, findings: Iterable[Finding]) -> Source:
    """The lines of a document to show. Lines count as XML parsers count them: by line feeds."""
    texts = shown(content).split("\n")
    at: dict[int, list[Finding]] = {}
    loose = []
    for finding in findings:
        if 0 < finding.line <= len(texts):
            at.setdefault(finding.line, []).append(finding)
        else:
            loose.append(finding)
    lines: list[Line] = []
    last = 0
    for number in _numbers(len(texts), at):
        here = at.get(number, [])
        lines.append(Line(number, _cut(texts[number - 1], here), here, number - last - 1))
        last = number
    loose += [one for number in sorted(at) if number > last for one in at[number]]
    return Source(lines, len(texts) - last, loose)


def _numbers(count: int, at: dict[int, list[Finding]]) -> list[int]:
    if count <= WHOLE:
        return list(range(1, count + 1))
    wanted: dict[int, None] = {}
    for line in sorted(at) or [1]:
        wanted.update(dict.fromkeys(range(max(1, line - ROUND), min(count, line + ROUND) + 1)))
        if len(wanted) >= WHOLE:
            break
    return list(wanted)


def _cut(text: str, findings: list[Finding]) -> str:
    """A line, or of a very long one what stands where the finding is."""
    text = text.rstrip("\r")
    if len(text) <= LONGEST:
        return text
    column = max((one.column for one in findings), default=0)
    start = max(0, column - LONGEST // 2)
    cut = text[start : start + LONGEST]
    return ("… " if start else "") + cut + (" …" if start + LONGEST < len(text) else "")
