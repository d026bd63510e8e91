"""The figures of `/quality`, put together from what the store counts and the survey found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from registry.findings import ERROR, INVALID, NO_SCHEMA, VALID, WARNING
from registry.store import quality as store
from registry.store.kept import KeptRecord
from registry.store.quality import NONE, Nowhere, RuleCount, Standing
from registry.store.reading import Reader
from registry.validation.choosing import SEVERITIES
from registry.validation.rules.registry import rules
from registry.web.fair_figures import FairKind
from registry.web.quality_days import Bar, Day, bars, days
from registry.web.survey import Survey

WORST = 20
DAYS = 30
AUTHORITIES = 200
VERDICTS = (VALID, INVALID, NO_SCHEMA)

RULES = {
    "schema.value": "An element holds a value that is not allowed there.",
    "schema.type": "A value is not written as its type asks.",
    "schema.element": "An element stands where the schema has none of that name.",
    "schema.occurrence": "An element is missing, or stands too often.",
    "schema.order": "Elements stand in another order than the schema's.",
    "schema.attribute": "An attribute is wrong, or missing.",
    "schema.text": "Text or elements stand where they may not.",
    "schema.unique": "What may stand once is repeated.",
    "schema.other": "The schema is broken in another way.",
    "schema.version": "No published schema is known for the record's version.",
    "schema.location": "The schemaLocation names another namespace than the record's.",
    "schema.root": "The root element is not the one that the standard asks for.",
    "schema.draft": "The record is valid only with working drafts of the schemas.",
    "schema.older": "The record is valid only with older versions of the schemas.",
    "schema.obsolete": "The record is valid only with obsolete schemas.",
    "schema.more": "A record has more findings than are told.",
}
"""What the schema's findings mean; other rules say it themselves."""


@dataclass(slots=True)
class Group:
    """Records of one authority, version or year: how many by verdict, how many findings."""

    name: str
    format: str
    verdicts: Counter[str]
    findings: int = 0

    @property
    def records(self) -> int:
        return self.verdicts.total()

    @property
    def share(self) -> float:
        """The share of the valid ones."""
        return self.verdicts[VALID] / self.records if self.records else 0.0


@dataclass(slots=True)
class RuleGroup:
    """What one rule found, in all and by authority; `records` counts each once."""

    rule: str
    severity: str
    summary: str
    findings: int
    records: int
    authorities: list[tuple[str, int]]


@dataclass(slots=True, frozen=True)
class Figures:
    """Everything that the dashboard shows of one state of the registry."""

    total: int
    verdicts: Counter[str]
    severities: Counter[str]
    authorities: list[Group]
    versions: list[Group]
    years: list[Group]
    rules: list[RuleGroup]
    worst: list[tuple[KeptRecord, int, int]]
    nowhere: list[Nowhere]
    missing: list[tuple[str, int]]
    several: int
    days: list[Day]
    bars: list[Bar]
    fair: list[FairKind]

    @property
    def rule_names(self) -> set[str]:
        return {group.rule for group in self.rules}


def figures(reader: Reader, survey: Survey) -> Figures:
    """The figures of the reader's snapshot."""
    standings = store.standings(reader)
    counts = [*store.rules(reader), *survey.counts()]
    by_year = Counter(store.findings_by_year(reader)) + survey.by_year()
    verdicts: Counter[str] = Counter()
    for one in standings:
        verdicts[one.verdict] += one.records
    severities: Counter[str] = Counter()
    for count in counts:
        severities[count.severity] += count.findings
    course = days(
        verdicts,
        store.moves(reader),
        store.changes(reader, DAYS),
        dict(store.received(reader, DAYS)),
    )
    return Figures(
        total=verdicts.total(),
        verdicts=verdicts,
        severities=severities,
        authorities=_authorities(standings, counts),
        versions=_versions(standings),
        years=_years(store.years(reader), by_year),
        rules=_rules(counts),
        worst=_worst(reader, survey),
        nowhere=store.leading_nowhere(reader),
        missing=store.missing(reader, WORST),
        several=store.count_several(reader),
        days=course,
        bars=bars(course),
        fair=survey.fair(),
    )


def _grouped(standings: Iterable[Standing], name: Callable[[Standing], str]) -> list[Group]:
    found: dict[tuple[str, str], Group] = {}
    for one in standings:
        key = (one.format, name(one))
        group = found.setdefault(key, Group(key[1] or NONE, key[0], Counter()))
        group.verdicts[one.verdict] += one.records
    return list(found.values())


def _versions(standings: list[Standing]) -> list[Group]:
    """By format, the newest version first; records without one at the end."""
    groups = _grouped(standings, lambda one: one.version)
    groups.sort(key=lambda one: [int(part) for part in re.findall(r"\d+", one.name)], reverse=True)
    return sorted(groups, key=lambda one: one.format)


def _authorities(standings: list[Standing], counts: list[RuleCount]) -> list[Group]:
    groups = {(one.format, one.name): one for one in _grouped(standings, lambda one: one.authority)}
    for count in counts:
        group = groups.get((count.format, count.authority))
        if group is not None:
            group.findings += count.findings
    ordered = sorted(groups.values(), key=lambda one: (-one.records, one.format, one.name))
    return ordered[:AUTHORITIES]


def _years(rows: list[tuple[str, str, int]], findings: Counter[str]) -> list[Group]:
    found: dict[str, Group] = {}
    for year, verdict, records in rows:
        group = found.setdefault(year, Group(year or NONE, "", Counter()))
        group.verdicts[verdict] += records
        group.findings = findings[year]
    # The latest first; descriptions without a date at the end.
    return [found[year] for year in sorted(found, reverse=True)]


def _rules(counts: list[RuleCount]) -> list[RuleGroup]:
    found: dict[tuple[str, str], RuleGroup] = {}
    for one in counts:
        key = (one.rule, one.severity)
        group = found.setdefault(key, RuleGroup(*key, summary_of(one.rule), 0, 0, []))
        group.findings += one.findings
        group.records += one.records
        group.authorities.append((one.authority, one.records))
    for group in found.values():
        group.authorities.sort(key=lambda one: (-one[1], one[0]))
    return sorted(
        found.values(),
        key=lambda group: (SEVERITIES.index(group.severity), -group.findings, group.rule),
    )


def _worst(reader: Reader, survey: Survey) -> list[tuple[KeptRecord, int, int]]:
    """Records by errors, warnings and all findings; those stored and those of the survey."""
    stored = {one.id: (errors, all_) for one, errors, all_ in store.worst(reader, 50 * WORST)}
    surveyed = survey.by_record()
    ranked = sorted(
        {*stored, *surveyed},
        key=lambda number: (
            -stored.get(number, (0, 0))[0] - surveyed.get(number, _NONE)[ERROR],
            -surveyed.get(number, _NONE)[WARNING],
            -stored.get(number, (0, 0))[1] - surveyed.get(number, _NONE).total(),
            number,
        ),
    )[:WORST]
    records = reader.records_by_id(ranked)
    return [
        (
            records[number],
            stored.get(number, (0, 0))[0] + surveyed.get(number, _NONE)[ERROR],
            stored.get(number, (0, 0))[1] + surveyed.get(number, _NONE).total(),
        )
        for number in ranked
        if number in records
    ]


_NONE: Counter[str] = Counter()


@cache
def _summaries() -> dict[str, str]:
    return {rule.id: f"{rule.summary[:1].upper()}{rule.summary[1:]}." for rule in rules()}


def summary_of(rule: str) -> str:
    """What a rule looks for, in a sentence; '' for an unknown one."""
    return RULES.get(rule) or _summaries().get(rule, "")
