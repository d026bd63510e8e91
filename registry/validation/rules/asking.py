"""The rules asked about a record: at once, or in two rounds where the others come later."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from registry.findings import WARNING, Finding
from registry.model import Record
from registry.validation.lookup import NOTHING, Lookup
from registry.validation.rules.registry import (
    FAILED,
    MOST,
    TO_ITS_AUTHOR,
    Among,
    First,
    Rule,
    When,
    named,
    rules,
)
from registry.validation.rules.written import written
from schemas.parts import Part
from schemas.positions import positioned


@dataclass(slots=True, frozen=True)
class Group:
    """Rules that are asked about the same records."""

    first: First | None
    among: Among | None
    when: When | None
    rules: tuple[Rule, ...]


@lru_cache(maxsize=512)
def groups(
    format_: str, kind: str, select: tuple[str, ...], ignore: tuple[str, ...]
) -> tuple[Group, ...]:
    """The rules for records of a kind, those together that share what is asked before."""
    found: dict[tuple[First | None, Among | None, When | None], list[Rule]] = {}
    for one in rules():
        if (
            (not one.formats or format_ in one.formats)
            and (not one.kinds or kind in one.kinds)
            and (not select or named(one.id, select))
            and not named(one.id, ignore)
        ):
            found.setdefault((one.first, one.among, one.when), []).append(one)
    return tuple(Group(*shared, tuple(some)) for shared, some in found.items())


Model = Callable[[], Record]
"""Gives the record's model; called when a rule needs it."""
Question = tuple[int, int, Any]
"""What has to wait for a lookup: the number of a group, of a rule in it (-1: all of them), and
what the group's `first` gave (None: it could not be asked)."""
ALL = -1


class _Later(BaseException):
    """A rule asked its lookup, and there is none yet."""


class _NotYet:
    """Stands for the lookup that is still to come."""

    def __getattr__(self, name: str) -> Any:
        raise _Later


_NOT_YET: Any = _NotYet()


def findings(
    part: Part,
    record: Record,
    lookup: Lookup = NOTHING,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    severities: Mapping[str, str] | None = None,
    enough: Callable[[], bool] | None = None,
) -> list[Finding]:
    """What the rules find in a record, in the order of its lines; `MOST` of one rule.

    `select` and `ignore` are ids or their beginnings (`reference`), `severities` maps such to
    `error`, `warning` or `advice`. A rule that raises is itself a finding, `rule.failed`.
    `enough` is asked after each rule and finding whether to stop there (a limit on time).
    """
    found: list[Finding] = []
    for group in groups(record.format, record.kind, tuple(select), tuple(ignore)):
        found += _looked(part, lambda: record, lookup, group, group.rules, enough)
        if enough is not None and enough():
            break
    found = in_order(part, found)
    return [_weighed(finding, severities) for finding in found] if severities else found


def in_order(
    part: Part, found: list[Finding], is_shown: Callable[[Finding], bool] | None = None
) -> list[Finding]:
    """Findings in the order of the document, with the columns of those whose place is shown."""
    if not found:
        return found
    if is_shown is None:
        return sorted(positioned(part, found), key=_place)
    shown: list[Finding] = []
    others: list[Finding] = []
    for one in sorted(found, key=_place):
        (shown if is_shown(one) else others).append(one)
    return sorted([*positioned(part, shown), *others], key=_place)


def _place(one: Finding) -> tuple[int, int, str]:
    return one.line, one.column, one.rule


def alone(
    part: Part, model: Model, valid: bool, select: tuple[str, ...], ignore: tuple[str, ...]
) -> tuple[list[Finding], list[Question]]:
    """What the rules find in a record as long as no other is known, and what must wait for that.

    The findings are in no order yet. `valid`: by its schema, so that its bytes may be asked.
    """
    texts = written(part) if valid else None
    found: list[Finding] = []
    questions: list[Question] = []
    for number, group in enumerate(groups(part.format, part.kind, select, ignore)):
        asked: Any = None
        if group.first is not None and (texts is not None or group.among is not None):
            try:
                asked = group.first(model() if texts is None else texts)
            except Exception as error:  # noqa: BLE001 - as in `_looked`
                found.append(_failed(group.rules[0], error))
                continue
            if not asked:
                continue
        if group.among is not None:
            questions.append((number, ALL, asked))
            continue
        for place, one in enumerate(group.rules):
            try:
                found += _looked(part, model, _NOT_YET, group, (one,), seen=asked is not None)
            except _Later:
                questions.append((number, place, None))
    return found, questions


def doubtful(
    part: tuple[str, str],
    questions: Iterable[Question],
    lookup: Lookup,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> list[tuple[int, int]]:
    """Those of the questions for which the record, of (format, kind), must be read once more."""
    known = groups(*part, select, ignore)
    return [
        (number, place)
        for number, place, asked in questions
        if asked is None or known[number].among is None or known[number].among(asked, lookup)  # type: ignore[misc]
    ]


def among_others(
    part: Part,
    model: Model,
    doubts: Iterable[tuple[int, int]],
    lookup: Lookup,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> list[Finding]:
    """What the rules in doubt find; in no order yet."""
    known = groups(part.format, part.kind, select, ignore)
    found: list[Finding] = []
    for number, place in doubts:
        group = known[number]
        some = group.rules if place == ALL else (group.rules[place],)
        found += _looked(part, model, lookup, group, some)
    return found


def _looked(
    part: Part,
    model: Model,
    lookup: Lookup,
    group: Group,
    some: Iterable[Rule],
    enough: Callable[[], bool] | None = None,
    seen: bool = False,
) -> list[Finding]:
    """What some rules of a group find; `seen`: what is asked before has been asked."""
    found: list[Finding] = []
    record = model()
    try:
        if not seen and group.when is not None and not group.when(part, record, lookup):
            return found
    except Exception as error:  # noqa: BLE001 - as below
        return [_failed(group.rules[0], error)]
    for one in some:
        try:
            found.extend(_some(one.look(part, record, lookup), one, enough))
        except Exception as error:  # noqa: BLE001 - a rule's fault must not cost the verdict
            found.append(_failed(one, error))
        if enough is not None and enough():
            break
    return found


def _some(
    told: Iterator[Finding], by: Rule, enough: Callable[[], bool] | None
) -> Iterator[Finding]:
    """The findings of one rule, signed; those beyond `MOST` are not even looked for."""
    for number, finding in enumerate(told):
        if number == MOST:
            message = f"there are more than {MOST} findings of this rule"
            yield Finding(
                by.id, by.severity, message, remedy="the others come when these are mended"
            )
            return
        yield finding if finding.rule else _signed(finding, by)
        if enough is not None and enough():
            return


def _failed(by: Rule, error: Exception) -> Finding:
    message = f"the rule {by.id} failed on this record: {type(error).__name__}: {error}"
    return Finding(FAILED, WARNING, message, remedy=TO_ITS_AUTHOR)


def _signed(finding: Finding, by: Rule) -> Finding:
    return Finding(
        by.id, by.severity, finding.message, finding.line, finding.column, finding.path,
        finding.remedy, finding.replacement,
    )  # fmt: skip


def _weighed(finding: Finding, severities: Mapping[str, str]) -> Finding:
    """With the severity that the longest matching name asks for."""
    names = [name for name in severities if named(finding.rule, (name,))]
    if not names:
        return finding
    return replace(finding, severity=severities[max(names, key=len)])
