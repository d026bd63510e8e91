"""Findings put together by their cause: thirty thousand records told on one screen."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from registry.findings import Finding
from registry.validation.choosing import SEVERITIES
from registry.validation.rules.registry import rules

CAUSE, RECORD, RULE = "cause", "record", "rule"

EXAMPLES = 3
"""How many places of a cause are told."""

MOST = 2_000
"""How many causes are told apart: a hostile document could name a new one in every element."""

_WORDS = {
    "schema.value": "{} holds a value that is not allowed there",
    "schema.type": "{} is not written as its type asks",
    "schema.attribute": "{} has an attribute that is wrong, or lacks one",
    "schema.text": "{} holds text or elements where they may not stand",
    "schema.unique": "{} repeats what may stand once",
    "schema.other": "{} breaks the schema",
    "schema.version": "the record's version has no schema here",
    "schema.location": "xsi:schemaLocation names another namespace than the document's",
    "schema.root": "the root element is not what the standard asks for",
    "schema.draft": "valid only with working drafts",
    "schema.older": "valid only with older versions of the schemas",
    "schema.obsolete": "valid only with obsolete schemas",
    "schema.more": "there are more findings than are told",
    "reference.unknown": "{} leads nowhere",
    "document.not-well-formed": "the document is not well-formed XML",
    "document.unrecognised": "the document is of no known kind",
    "document.obsolete": "the document is in an obsolete format",
    "document.no-identifier": "the record has no identifier",
    "document.identifier": "the record's identifier cannot be one",
    "document.binary": "the document is no text",
    "document.dtd": "the document has a document type definition (<!DOCTYPE)",
    "document.encoding": "the document is not in the encoding that it says",
    "document.too-deep": "elements are nested too deeply",
    "document.too-large": "the document, or something in it, is too large",
    "document.empty": "the document is empty",
    "document.unreadable": "the document cannot be read",
}
_BY_MESSAGE = frozenset(("schema.element", "schema.occurrence", "schema.order"))
"""Rules whose message, less its numbers, says the cause better than the element does."""

_OTHERS = ("", "", "other causes")
_POSITION = re.compile(r"\[\d+\]")
_PARTICULAR = re.compile(r"`[^`]*`|'[^']*'|\"[^\"]*\"|\b[A-Za-z][A-Za-z0-9+.-]*://\S+|\d[\d.,:]*")
_NUMBER = re.compile(r"(?<=has )\d+(?= of )")


@dataclass(slots=True, frozen=True)
class Place:
    """Where one finding was met."""

    file: str
    id: str
    finding: Finding


@dataclass(slots=True)
class Group:
    """Findings of one cause (or rule): how many, in how many records, and the first places."""

    severity: str
    rule: str
    words: str
    findings: int = 0
    records: int = 0
    first: list[Place] = field(default_factory=list)


def cause(finding: Finding) -> str:
    """What is wrong, without what is particular to one record: `RepositoryID leads nowhere`."""
    element = _POSITION.sub("", finding.path.rpartition("/")[2])
    if finding.rule in _BY_MESSAGE:
        return _NUMBER.sub("several", finding.message.partition(";")[0])
    if finding.rule == "schema.type" and finding.message.startswith("xsi:type="):
        return f"the xsi:type of {element} names no type that there is"
    words = _WORDS.get(finding.rule)
    if words is not None:
        return words.format(element or "the record")
    said = _summaries().get(finding.rule) or _PARTICULAR.sub("…", finding.message)
    return f"{element}: {said}" if element and element not in said else said


@cache
def _summaries() -> dict[str, str]:
    """What the rules beyond the schema say of themselves."""
    return {rule.id: rule.summary for rule in rules()}


class Shown:
    """Says of findings, in their order, whether their places may be shown where the first of each
    cause are.

    What a place costs to find is a third of what rules cost over a registry.
    """

    def __init__(self) -> None:
        self._met: dict[tuple[str, str], int] = {}

    def __call__(self, finding: Finding) -> bool:
        if finding.rule in _BY_MESSAGE or finding.rule not in _summaries():
            return True
        key = finding.rule, _POSITION.sub("", finding.path.rpartition("/")[2])
        met = self._met.get(key, 0)
        if met >= EXAMPLES or (not met and len(self._met) >= MOST):
            return met < EXAMPLES
        self._met[key] = met + 1
        return True


class Groups:
    """Groups that grow with the causes, not with the records."""

    def __init__(self, by: str = CAUSE) -> None:
        self.by = by
        self._groups: dict[tuple[str, str, str], Group] = {}

    def add(self, file: str, id: str, findings: Iterable[Finding]) -> None:
        """Counts the findings of one record."""
        met = set()
        for finding in findings:
            words = cause(finding) if self.by == CAUSE else ""
            group = self._group(finding.severity, finding.rule, words)
            group.findings += 1
            group.records += id_of(group) not in met
            met.add(id_of(group))
            if len(group.first) < EXAMPLES:
                group.first.append(Place(file, id, finding))

    def join(self, others: Groups) -> None:
        """Adds what was counted elsewhere, in later records."""
        for other in others._groups.values():
            group = self._group(other.severity, other.rule, other.words)
            group.findings += other.findings
            group.records += other.records
            group.first += other.first[: EXAMPLES - len(group.first)]

    def _group(self, severity: str, rule: str, words: str) -> Group:
        key = (severity, rule, words)
        group = self._groups.get(key)
        if group is None:
            if len(self._groups) >= MOST:
                key = (severity, *_OTHERS[1:])
            group = self._groups.setdefault(key, Group(*key))
        return group

    def sorted(self) -> list[Group]:
        """The worst first, then what is found most."""
        return sorted(
            self._groups.values(),
            key=lambda group: (
                SEVERITIES.index(group.severity), -group.findings, group.rule, group.words,
            ),
        )  # fmt: skip


def id_of(group: Group) -> tuple[str, str, str]:
    return (group.severity, group.rule, group.words)
