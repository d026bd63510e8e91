"""Which findings are told, how severe, and how they are put together."""

from __future__ import annotations

import pytest

from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.validation.choosing import Choice, at_least, matches
from registry.validation.grouping import MOST, RULE, Groups, cause

VALUE = Finding("schema.value", ERROR, "a", path="Spase/Person/Role[2]")
ORDER = Finding("schema.order", ERROR, "`A` stands after `B`, and belongs before it")
UNIT = Finding("unit.unknown", WARNING, "c")


@pytest.mark.parametrize(
    ("rule", "name", "yes"),
    [
        ("schema.value", "schema.value", True),
        ("schema.value", "schema", True),
        ("schema.values", "schema.value", False),
        ("schematic.x", "schema", False),
        ("schema.value", "", False),
    ],
)
def test_a_name_stands_for_what_begins_with_it(rule: str, name: str, yes: bool) -> None:
    assert matches(rule, [name]) == yes


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(), [VALUE, ORDER, UNIT]),
        (Choice(select=["schema"]), [VALUE, ORDER]),
        (Choice(ignore=["schema.value"]), [ORDER, UNIT]),
        (Choice(select=["schema"], ignore=["schema.order"]), [VALUE]),
        (Choice(severities={"schema": "off"}), [UNIT]),
        (Choice(severities={"schema": "off", "schema.value": ERROR}), [VALUE, UNIT]),
    ],
)
def test_what_is_told(choice: Choice, told: list[Finding]) -> None:
    assert choice.told([VALUE, ORDER, UNIT]) == told


def test_the_longest_name_decides_the_severity() -> None:
    choice = Choice(severities={"schema": WARNING, "schema.value": ADVICE})
    severities = [finding.severity for finding in choice.told([VALUE, ORDER, UNIT])]
    assert severities == [ADVICE, WARNING, WARNING]


def test_errors_are_the_worst() -> None:
    order = [[at_least(one, low) for low in (ERROR, WARNING, ADVICE)]
             for one in (ERROR, WARNING, ADVICE)]  # fmt: skip
    assert order == [[True, True, True], [False, True, True], [False, False, True]]


def test_a_cause_leaves_out_what_is_one_records_own() -> None:
    assert cause(VALUE) == "Role holds a value that is not allowed there"
    several = Finding(
        "schema.occurrence", ERROR, "`Person` has 3 of `Email`, and may have only one"
    )
    assert cause(several) == "`Person` has several of `Email`, and may have only one"
    old = Finding("schema.element", ERROR, "`P` has no `Q` in SPASE 2.2.0; it has one since 2.3.0")
    assert cause(old) == "`P` has no `Q` in SPASE 2.2.0"
    unknown = Finding("other.rule", WARNING, "`X` is 'y' and 17 spase://A/B", path="Spase/X")
    assert cause(unknown) == "X: … is … and … …"


def test_records_count_once_a_cause_and_sums_join() -> None:
    one, two = Groups(), Groups()
    one.add("f", "a", [VALUE, VALUE, UNIT])
    two.add("g", "b", [VALUE])
    one.join(two)
    first, second = one.sorted()
    assert (first.rule, first.findings, first.records) == ("schema.value", 3, 2)
    assert [place.file for place in first.first] == ["f", "f", "g"]
    assert (second.rule, second.findings, second.records) == ("unit.unknown", 1, 1)


def test_by_rule_the_element_does_not_matter() -> None:
    found = Groups(RULE)
    other = Finding("schema.value", ERROR, "b", path="Spase/Person/Email")
    found.add("f", "a", [VALUE, other])
    assert [(group.rule, group.findings, group.records) for group in found.sorted()] == [
        ("schema.value", 2, 1)
    ]


def test_causes_without_end_stay_bounded() -> None:
    found = Groups()
    for number in range(MOST + 50):
        found.add("f", "a", [Finding("schema.value", ERROR, "a", path=f"Spase/X{number}")])
    assert len(found.sorted()) == MOST + 1
    assert sum(group.findings for group in found.sorted()) == MOST + 50
    assert any(group.words == "other causes" and group.findings == 50 for group in found.sorted())
