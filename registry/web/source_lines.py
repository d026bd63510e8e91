"""A document's lines with the findings at them."""

from __future__ import annotations

import re
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
_ABOUT = re.compile(
    r"<[^<>]*/>"
    r"|<[^<>]*>?(?:[^<>]*</[^<>]*>)?"
    r"|[^\s=<>\"']+\s*=\s*(?:\"[^\"]*\"?|'[^']*'?)"
    r"|[^\s<>]+"
)
"""An element with its text, an attribute with its value, a word."""


@dataclass(slots=True)
class Line:
    """A line as the page shows it. `before` lines stand between the one above and this."""

    number: int
    text: str
    findings: list[Finding] = field(default_factory=list)
    before: int = 0
    shift: int = 0
    """By so much its characters stand further left than in the document."""

    @property
    def worst(self) -> str:
        """The worst severity of its findings; '' without any."""
        return min((one.severity for one in self.findings), key=SEVERITIES.index, default="")

    @property
    def pieces(self) -> list[tuple[bool, str]]:
        """The text in pieces, marked where what a finding is about stands."""
        found: list[tuple[bool, str]] = []
        reached = 0
        for column in sorted({one.column for one in self.findings if one.column}):
            place = column - 1 - self.shift
            about = _ABOUT.match(self.text, place) if reached <= place < len(self.text) else None
            if about:
                found += [(False, self.text[reached:place]), (True, about[0])]
                reached = about.end()
        return [piece for piece in (*found, (False, self.text[reached:])) if piece[1]]


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
        text, shift = _cut(texts[number - 1], here)
        lines.append(Line(number, text, here, number - last - 1, shift))
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


def _cut(text: str, findings: list[Finding]) -> tuple[str, int]:
    """A line, or of a very long one what stands where the finding is, and by how much that has
    moved to the left."""
    text = text.rstrip("\r")
    if len(text) <= LONGEST:
        return text, 0
    column = max((one.column for one in findings), default=0)
    start = max(0, column - LONGEST // 2)
    cut = text[start : start + LONGEST]
    mark = "… " if start else ""
    return mark + cut + (" …" if start + LONGEST < len(text) else ""), start - len(mark)
