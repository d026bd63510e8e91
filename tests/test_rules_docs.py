"""Every rule has a page, and every page's examples do what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from registry.validation.rules.registry import rules
from tests.validation.rules.made import RECORDS, record, told

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "docs" / "rules"
_EXAMPLE = re.compile(
    r"^## (Wrong|Right)\n\n```xml(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
_WRITTEN = re.compile(r'"(schema\.[a-z-]+|rule\.failed)"')
_REASON = re.compile(r'Refusal\(\s*"([a-z-]+)"')
# The harvester turns it into HarvestStopped: no document is ever told so.
_NEVER_TOLD = {"document.not-oai"}
WITHOUT_EXAMPLE = ("document.", "schema.other", "schema.more", "rule.failed")


def ids() -> list[str]:
    """The ids of all rules, of what the schema's judges say, and of refusals."""
    found = {rule.id for rule in rules()}
    for path in (ROOT / "registry" / "validation").rglob("*.py"):
        found.update(_WRITTEN.findall(path.read_text("utf-8")))
    for top in ("schemas", "harvesters", "registry"):
        for path in (ROOT / top).rglob("*.py"):
            reasons = _REASON.findall(path.read_text("utf-8"))
            found.update(f"document.{reason}" for reason in reasons)
    return sorted(found - _NEVER_TOLD)


def examples() -> list[tuple[str, str, str, str]]:
    """(id, Wrong or Right, path of the file, XML) of every example.

    What only the store can tell has a page too, and no example that one record shows.
    """
    known = set(ids())
    return [
        (page.stem, sort, path, piece)
        for page in sorted(PAGES.glob("*.*.md"))
        if page.stem in known
        for sort, path, piece in _EXAMPLE.findall(page.read_text("utf-8"))
    ]


@pytest.mark.parametrize("rule", ids())
def test_every_rule_has_a_page_with_both_examples(rule: str) -> None:
    text = (PAGES / f"{rule}.md").read_text("utf-8")
    assert text.startswith(f"# {rule}\n")
    if not rule.startswith(WITHOUT_EXAMPLE):
        assert [sort for sort, *_ in _EXAMPLE.findall(text)] == ["Wrong", "Right"]
    assert f"({rule}.md)" in (PAGES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.id)
def test_the_page_says_the_summary_and_the_severity(rule) -> None:
    text = (PAGES / f"{rule.id}.md").read_text("utf-8").lower()
    assert rule.summary.lower() in text
    assert f"severity: {rule.severity}." in text


def test_no_rule_has_anything_against_the_records_round_the_examples() -> None:
    for whole in RECORDS:
        assert told(whole.encode()) == []


@pytest.mark.parametrize(
    ("rule", "sort", "path", "piece"), examples(), ids=lambda one: one if len(one) < 30 else ""
)
def test_an_example_gives_the_finding_or_does_not(
    rule: str, sort: str, path: str, piece: str
) -> None:
    found = [finding.rule for finding in told(record(piece), path=path)]
    assert (rule in found) == (sort == "Wrong"), found
    if sort == "Right" and not rule.startswith("schema."):
        assert [one for one in found if not one.startswith("schema.")] == []
