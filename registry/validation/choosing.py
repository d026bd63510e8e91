"""Which findings are told, and how severe they are: what a team chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry.findings import ADVICE, ERROR, WARNING, Finding

SEVERITIES = (ERROR, WARNING, ADVICE)
"""The worst first."""

OFF = "off"
"""What stands for a severity where a rule is not to be told at all."""


def matches(rule: str, names: Iterable[str]) -> bool:
    """Whether a rule is one of `names`, which are rule ids or what they begin with.

    `schema` stands for `schema.value`, `schema.order` …, and not for `schematic.x`.
    """
    return any(rule == name or rule.startswith(name + ".") for name in names)


@dataclass(slots=True, frozen=True)
class Choice:
    """What is told: the selected rules (none: all), less the ignored ones.

    `severities` maps rule ids, or what they begin with, to one of `SEVERITIES` or `OFF`; the
    longest name that fits a rule decides.
    """

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    severities: Mapping[str, str] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether everything is told as the rules say it."""
        return not (self.select or self.ignore or self.severities)

    def severity(self, rule: str, own: str) -> str:
        """A rule's severity, or `OFF`."""
        fitting = [name for name in self.severities if matches(rule, (name,))]
        return self.severities[max(fitting, key=len)] if fitting else own

    def told(self, findings: list[Finding]) -> list[Finding]:
        """The findings to tell, each with its severity."""
        if self.plain:
            return findings
        found = []
        for finding in findings:
            if self.select and not matches(finding.rule, self.select):
                continue
            severity = self.severity(finding.rule, finding.severity)
            if severity == OFF or matches(finding.rule, self.ignore):
                continue
            found.append(
                finding if severity == finding.severity else replace(finding, severity=severity)
            )
        return found


def at_least(severity: str, lowest: str) -> bool:
    """Whether a severity is as bad as `lowest`, or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(lowest)
