"""The rules beyond the schema: how one is written, where they are found, how they are run.

A rule is one small function with its id, its severity and one line that says what it finds:

    @rule("reference.circular", WARNING, "a reference leads back to the record itself")
    def circular(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
        ...

`document.element` is the record's root, `model` what was read from it. Findings made by `said`
or `about` get the rule's id and severity; others keep what they say. A package of a third party
names its modules in the entry-point group `parhelion.rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib import import_module, metadata
from types import ModuleType

from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import NOTHING, Lookup
from schemas.parts import Part
from schemas.positions import positioned

GROUP = "parhelion.rules"
SEVERITIES = (ERROR, WARNING, ADVICE)
OWN = (
    "references",
    "identifiers",
    "dates",
    "durations",
    "persistent",
    "addresses",
    "units",
    "ucds",
    "frames",
    "parameters",
    "citations",
    "texts",
    "ivoa",
)
"""Our own modules; they stand in pyproject.toml too, as a third party's would."""

Look = Callable[[Part, Record, Lookup], Iterator[Finding]]
When = Callable[[Part, Record, Lookup], object]
"""Whether it is worth asking: one quick look that several rules may share (it is run once)."""
FAILED = "rule.failed"
MOST = 500
"""So many findings of one rule are told of one record: a hostile one could make millions."""


@dataclass(slots=True, frozen=True)
class Rule:
    """A rule: `look` says what is wrong. `formats`, `kinds`, `when` say what it is asked about."""

    id: str
    severity: str
    summary: str
    look: Look
    formats: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    when: When | None = None


def rule(
    id: str,
    severity: str,
    summary: str,
    *,
    formats: Sequence[str] = (),
    kinds: Sequence[str] = (),
    when: When | None = None,
) -> Callable[[Look], Rule]:
    """Make a function a rule. Without `formats` or `kinds` it is asked about every record.

    `when` is asked first, once a record for all rules that have the same one: over a whole
    registry nearly every record is right, and is to cost one look for each sort of thing.
    """

    def made(look: Look) -> Rule:
        return Rule(id, severity, summary, look, tuple(formats), tuple(kinds), when)

    return made


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule there is, ours first, in the order of their modules; each id once."""
    found: dict[str, Rule] = {}
    for module in _modules():
        for one in _rules_of(module):
            found.setdefault(one.id, one)
    return tuple(found.values())


def _modules() -> Iterator[object]:
    # Ours are there even where nothing is installed.
    own = {f"registry.validation.rules.{name}": None for name in OWN}
    yield from map(import_module, own)
    for point in sorted(metadata.entry_points(group=GROUP), key=lambda point: point.value):
        if point.value not in own:
            yield _loaded(point)


def _loaded(point: metadata.EntryPoint) -> object:
    try:
        return point.load()
    except Exception as error:  # noqa: BLE001 - another package's module may raise anything
        told = f"the rules of {point.value} cannot be loaded: {type(error).__name__}: {error}"

        def look(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
            yield Finding(FAILED, WARNING, told, remedy=_TO_ITS_AUTHOR)

        return Rule(f"{FAILED}.{point.name}", WARNING, told, look)


_TO_ITS_AUTHOR = "tell whoever wrote the rule; the record is not at fault"


def _rules_of(found: object) -> Iterable[Rule]:
    if isinstance(found, Rule):
        return [found]
    values = vars(found).values() if isinstance(found, ModuleType) else found
    return [one for one in values if isinstance(one, Rule)] if isinstance(values, Iterable) else []


def named(id: str, names: Iterable[str]) -> bool:
    """Whether an id is one of the names or stands below one: `reference.unknown`, `reference`."""
    return any(id == name or id.startswith(name + ".") for name in names)


@lru_cache(maxsize=512)
def _asked(
    format_: str, kind: str, select: tuple[str, ...], ignore: tuple[str, ...]
) -> tuple[tuple[When | None, tuple[Rule, ...]], ...]:
    """The rules for records of a kind, those together that share a `when`."""
    found: dict[When | None, list[Rule]] = {}
    for one in rules():
        if (
            (not one.formats or format_ in one.formats)
            and (not one.kinds or kind in one.kinds)
            and (not select or named(one.id, select))
            and not named(one.id, ignore)
        ):
            found.setdefault(one.when, []).append(one)
    return tuple((when, tuple(some)) for when, some in found.items())


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
    for when, some in _asked(record.format, record.kind, tuple(select), tuple(ignore)):
        try:
            if when is not None and not when(part, record, lookup):
                continue
        except Exception as error:  # noqa: BLE001 - as below
            found.append(_failed(some[0], error))
            continue
        for one in some:
            try:
                found.extend(_some(one.look(part, record, lookup), one, enough))
            except Exception as error:  # noqa: BLE001 - a rule's fault must not cost the verdict
                found.append(_failed(one, error))
            if enough is not None and enough():
                break
    if not found:
        return found
    found = sorted(positioned(part, found), key=lambda one: (one.line, one.column))
    return [_weighed(finding, severities) for finding in found] if severities else found


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
    return Finding(FAILED, WARNING, message, remedy=_TO_ITS_AUTHOR)


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
