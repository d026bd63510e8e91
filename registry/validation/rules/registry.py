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

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from types import ModuleType
from typing import Any

from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from schemas.parts import Part

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
First = Callable[[Any], object]
"""The same before there is a model, from the texts (`Written`) in a valid record's bytes. Where
`Among` follows it is given the model if there are no texts, and what it gives, for `Among`, must
be such that it can be sent between processes."""
Among = Callable[[Any, Lookup], object]
"""Whether that is worth asking, seeing what is known of other records."""
FAILED = "rule.failed"
MOST = 500
"""So many findings of one rule are told of one record: a hostile one could make millions."""


@dataclass(slots=True, frozen=True)
class Rule:
    """A rule: `look` says what is wrong. The others say what it is asked about.

    A rule that asks its lookup and has a `first` has an `among` too.
    """

    id: str
    severity: str
    summary: str
    look: Look
    formats: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    when: When | None = None
    first: First | None = None
    among: Among | None = None


def rule(
    id: str,
    severity: str,
    summary: str,
    *,
    formats: Sequence[str] = (),
    kinds: Sequence[str] = (),
    when: When | None = None,
    first: First | None = None,
    among: Among | None = None,
) -> Callable[[Look], Rule]:
    """Make a function a rule. Without `formats` or `kinds` it is asked about every record.

    `first`, `among` and `when` are asked before, in this order, once a record for all rules that
    have the same ones: over a whole registry nearly every record is right, and is to cost one
    look for each sort of thing. A rule must find the same without them.
    """

    def made(look: Look) -> Rule:
        which = tuple(formats), tuple(kinds)
        return Rule(id, severity, summary, look, *which, when, first, among)

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
            yield Finding(FAILED, WARNING, told, remedy=TO_ITS_AUTHOR)

        return Rule(f"{FAILED}.{point.name}", WARNING, told, look)


TO_ITS_AUTHOR = "tell whoever wrote the rule; the record is not at fault"


def _rules_of(found: object) -> Iterable[Rule]:
    if isinstance(found, Rule):
        return [found]
    values = vars(found).values() if isinstance(found, ModuleType) else found
    return [one for one in values if isinstance(one, Rule)] if isinstance(values, Iterable) else []


def named(id: str, names: Iterable[str]) -> bool:
    """Whether an id is one of the names or stands below one: `reference.unknown`, `reference`."""
    return any(id == name or id.startswith(name + ".") for name in names)
