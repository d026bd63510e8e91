"""What comes of mending a document: its new bytes, what was changed, and what a person decides."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.findings import Finding


@dataclass(slots=True, frozen=True)
class Edit:
    """One change. `line` and `path` are the source's; `before`, `after` the texts concerned.

    Where an element moved or came new, `before` or `after` is empty or says the same, and
    `message` says what was done.
    """

    rule: str
    message: str
    path: str
    line: int
    before: str = ""
    after: str = ""


@dataclass(slots=True)
class Mended:
    """A document after mending.

    `content` is byte for byte the source wherever nothing was edited, and the source itself
    without `edits`. `left` is what a person has to decide: findings on the result, and edits that
    were dropped. `before` and `after` are the verdicts, the worst of a document's records.
    """

    content: bytes
    edits: list[Edit] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    before: str = ""
    after: str = ""
