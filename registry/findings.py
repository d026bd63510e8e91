"""What can be said of a document: findings about what was taken, refusals of what was not."""

from __future__ import annotations

from dataclasses import dataclass

ERROR, WARNING, ADVICE = "error", "warning", "advice"
VALID, INVALID, NO_SCHEMA = "valid", "invalid", "no-schema"
NOT_WELL_FORMED, UNRECOGNISED = "not-well-formed", "unrecognised"


@dataclass(slots=True, frozen=True)
class Finding:
    """One thing that is wrong in a document, where, and what to do.

    `rule` is stable (`schema.value`, `reference.unknown` …); `severity` one of error, warning,
    advice; `line` and `column` count from 1, columns in characters (0: not known); `path` is the
    element's path from the root with positions from 1 (`Spase/NumericalData/ObservedRegion[2]`);
    `replacement` is set only where it is certain.
    """

    rule: str
    severity: str
    message: str
    line: int = 0
    column: int = 0
    path: str = ""
    remedy: str = ""
    replacement: str | None = None


@dataclass(slots=True)
class Judgement:
    """The verdict on one record and all its findings; `note` says `draft` and the like."""

    verdict: str
    findings: list[Finding]
    note: str = ""


class Refusal(Exception):
    """A document, or a part of one, that cannot be taken in. Quarantined whole, with the reason.

    `reason` is one word for counting: empty, binary, encoding, not-well-formed, dtd, too-deep,
    too-large, unrecognised, obsolete, no-identifier, identifier, unreadable.
    """

    def __init__(
        self, reason: str, message: str, *, line: int = 0, column: int = 0, path: str = "",
        remedy: str = "",
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.line = line
        self.column = column
        self.path = path
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        # Refusals travel from worker processes; keyword arguments need saying.
        told = self.reason, self.message, self.line, self.column, self.path, self.remedy
        return _refusal, told


def _refusal(reason: str, message: str, line: int, column: int, path: str, remedy: str) -> Refusal:
    return Refusal(reason, message, line=line, column=column, path=path, remedy=remedy)
