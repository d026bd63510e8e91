"""Baselines: what is known stays silent, what is new is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from registry.findings import ERROR, Finding
from registry.validation import baseline

ONE = Finding("schema.value", ERROR, "`X` has no `y`", 4, path="Spase/Person/X")
TWO = Finding(
    "schema.order", ERROR, "`A` stands after `B`; see line 12", 9, path="Spase/Person/A[2]"
)
PLACE = "spase://A/Person/P"


def written(tmp_path: Path, *findings: Finding) -> dict[str, int]:
    baseline.write(tmp_path / "known.txt", baseline.entries(PLACE, findings))
    return baseline.read(tmp_path / "known.txt")


def new(findings: list[Finding], known: dict[str, int], place: str = PLACE) -> list[Finding]:
    return baseline.without_known(place, findings, known)[0]


def test_lines_and_positions_may_move(tmp_path: Path) -> None:
    known = written(tmp_path, ONE, TWO)
    moved = replace(TWO, line=90, path="Spase/Person/A[3]", message=TWO.message.replace("12", "80"))
    assert new([replace(ONE, line=40), moved], known) == []


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, rule="schema.type"),
        replace(ONE, message="`X` has no `z`"),
        replace(ONE, path="Spase/Person/Y"),
    ],
)
def test_another_rule_value_or_element_is_new(tmp_path: Path, other: Finding) -> None:
    assert new([ONE, other], written(tmp_path, ONE)) == [other]


def test_another_record_is_new(tmp_path: Path) -> None:
    assert new([ONE], written(tmp_path, ONE), "spase://A/Person/Q") == [ONE]


def test_one_more_of_the_same_is_new(tmp_path: Path) -> None:
    known = written(tmp_path, ONE, ONE)
    assert new([ONE] * 2, known) == []
    assert new([ONE] * 3, known) == [ONE]
    assert baseline.without_known(PLACE, [ONE] * 3, known)[1] == 2


def test_the_severity_may_be_weighed_otherwise(tmp_path: Path) -> None:
    assert new([replace(ONE, severity="advice")], written(tmp_path, ONE)) == []


def test_the_file_is_sorted_text_of_one_line_a_finding(tmp_path: Path) -> None:
    found = baseline.entries("z", [ONE])
    baseline.join(found, baseline.entries("a\nb\tc", [TWO, ONE]))
    baseline.write(tmp_path / "known.txt", found)
    head, *lines = (tmp_path / "known.txt").read_text("utf-8").splitlines()
    assert head.startswith("#")
    assert [line.split("\t")[1:] for line in lines] == [
        ["1", "schema.order", "a b c"], ["1", "schema.value", "a b c"], ["1", "schema.value", "z"],
    ]  # fmt: skip
    assert len(baseline.read(tmp_path / "known.txt")) == 3


@pytest.mark.parametrize("content", [b"<xml/>", b"\xff\xfe", b"0123456789abcdef\t0\tr\tp\n"])
def test_what_is_no_baseline_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "known.txt").write_bytes(content)
    with pytest.raises(baseline.BaselineError, match=r"known\.txt"):
        baseline.read(tmp_path / "known.txt")


def test_files_are_named_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inside = str(Path.cwd() / "NASA" / "x.xml")
    assert baseline.place_of("", inside) == "NASA/x.xml"
    assert baseline.place_of("", "/elsewhere/x.xml") == "/elsewhere/x.xml"
    assert baseline.place_of("spase://A/B", inside) == "spase://A/B"
