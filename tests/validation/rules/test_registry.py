"""How rules are found, chosen and run."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from importlib import metadata

import pytest

from mappings.models import model_of
from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.validation.lookup import NOTHING
from registry.validation.rules import asking, registry
from registry.validation.rules.asking import findings
from registry.validation.rules.places import said
from registry.validation.rules.registry import GROUP, OWN, Rule, rule, rules
from tests.validation.rules.made import DATASET, part_of, record


@rule("ours.acknowledgement", WARNING, "nobody says whom to thank", kinds=["NumericalData"])
def thanks(document, model, lookup) -> Iterator[Finding]:
    if not model.acknowledgement:
        yield said(document, "ResourceHeader", None, "the record has no Acknowledgement")


@rule("ours.broken", ADVICE, "always fails")
def broken(document, model, lookup) -> Iterator[Finding]:
    yield said(document, "Version", None, "said before it failed")
    raise KeyError("nothing there")


@rule("ours.unasked", ADVICE, "its look ahead fails", when=lambda *_: 1 // 0)
def unasked(document, model, lookup) -> Iterator[Finding]:
    yield from ()


@pytest.fixture
def third_party(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = types.ModuleType("a_third_partys_rules")
    module.thanks, module.broken, module.unasked = thanks, broken, unasked
    monkeypatch.setitem(sys.modules, module.__name__, module)
    points = [
        metadata.EntryPoint("ours", module.__name__, GROUP),
        metadata.EntryPoint("gone", "no_such_module_anywhere", GROUP),
        metadata.EntryPoint("dates", "registry.validation.rules.dates", GROUP),
    ]
    monkeypatch.setattr(registry.metadata, "entry_points", lambda group: points)
    registry.rules.cache_clear()
    asking.groups.cache_clear()
    yield
    monkeypatch.undo()
    registry.rules.cache_clear()
    asking.groups.cache_clear()


def asked(content: bytes, **choice) -> list[Finding]:
    part = part_of(content)
    return findings(part, model_of(part.format, part.element), NOTHING, **choice)


def test_ids_are_unique_and_formed_alike() -> None:
    ids = [one.id for one in rules()]
    assert len(ids) == len(set(ids)) > 50
    assert all(one.severity in registry.SEVERITIES and one.summary for one in rules())


def test_our_modules_are_entry_points_too() -> None:
    import tomllib
    from pathlib import Path

    text = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    points = tomllib.loads(text)["project"]["entry-points"][GROUP]
    assert points == {name: f"registry.validation.rules.{name}" for name in OWN}


@pytest.mark.usefixtures("third_party")
def test_a_third_partys_rules_are_asked_and_ours_only_once() -> None:
    ids = [one.id for one in rules()]
    assert ids.count("date.order") == 1
    found = {one.rule: one for one in asked(DATASET.encode(), select=["ours.acknowledgement"])}
    assert found["ours.acknowledgement"].severity == WARNING
    assert found["ours.acknowledgement"].path == "Spase/NumericalData/ResourceHeader"
    assert found["ours.acknowledgement"].line == 5


@pytest.mark.usefixtures("third_party")
def test_a_rule_that_raises_is_a_finding_about_the_rule() -> None:
    found = asked(DATASET.encode(), select=["ours"])
    told = {(one.rule, one.message) for one in found}
    assert ("ours.broken", "said before it failed") in told
    assert (
        "rule.failed", "the rule ours.broken failed on this record: KeyError: 'nothing there'"
    ) in told  # fmt: skip
    assert any("ours.unasked failed" in message for _, message in told)


@pytest.mark.usefixtures("third_party")
def test_a_module_that_cannot_be_loaded_is_told() -> None:
    told = [one.message for one in asked(DATASET.encode()) if one.rule == "rule.failed"]
    assert any("no_such_module_anywhere cannot be loaded" in message for message in told)


def test_rules_are_chosen_by_id_or_its_beginning() -> None:
    content = record("<Units>blorgs</Units>").replace(b"phys.magField", b"phys.magFeild")
    assert {one.rule for one in asked(content)} == {"unit.unknown", "ucd.word"}
    assert {one.rule for one in asked(content, select=["unit"])} == {"unit.unknown"}
    assert {one.rule for one in asked(content, ignore=["unit.unknown"])} == {"ucd.word"}
    assert asked(content, select=["uni"]) == []


def test_severities_are_configured_the_longest_name_first() -> None:
    content = record("<Units>blorgs</Units>")
    severities = {"unit": ADVICE, "unit.unknown": ERROR}
    assert [one.severity for one in asked(content, severities=severities)] == [ERROR]
    assert [one.severity for one in asked(content, severities={"unit": ADVICE})] == [ADVICE]


def test_a_rule_is_asked_only_about_its_formats_and_kinds() -> None:
    kinds = {one.id: one for one in rules()}
    assert isinstance(kinds["ivoa.authority"], Rule)
    assert kinds["ivoa.authority"].formats == ("voresource",)
    assert "Person" not in kinds["citation.incomplete"].kinds


def test_a_hostile_record_costs_no_more_than_its_size() -> None:
    """Quadratic patterns or searches would take minutes here; the run's time limit shows them."""
    many = "\n".join(
        f"<AssociationID>spase://Example/Person/Jane.Do{n}</AssociationID>" for n in range(5_000)
    )
    units = "\n".join(
        f"<Parameter><Name>n</Name><Units>u{n}</Units></Parameter>" for n in range(5_000)
    )
    address = "http://" + "a-" * 200_000
    content = (
        DATASET.replace("<PriorID>", f"<Association>{many}</Association><PriorID>", 1)
        .replace("<Parameter>", units + "<Parameter>", 1)
        .replace("https://example.org/about", address, 1)
        .replace("phys.magField", "x;" * 10_000, 1)
    )
    found = asked(content.encode())
    counts = {id_: sum(one.rule == id_ for one in found) for id_ in {one.rule for one in found}}
    assert counts["unit.unknown"] == registry.MOST + 1
    assert counts["url.form"] == 1
    assert all(len(one.message) < 1000 for one in found)
