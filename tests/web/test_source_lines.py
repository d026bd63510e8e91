"""Documents line by line, and what in a line a finding is about."""

from __future__ import annotations

import pytest

from registry.findings import Finding
from registry.web.source_lines import LONGEST, source


def finding(line: int, column: int) -> Finding:
    return Finding("a.rule", "error", "wrong", line, column)


@pytest.mark.parametrize(
    ("line", "columns", "marked"),
    [
        ("  <Role>User</Role>", [3], ["<Role>User</Role>"]),
        ("<A x='1' y=\"two words\"/>", [4, 10], ["x='1'", 'y="two words"']),
        ("<A><B>x</B><C/></A>", [4, 12], ["<B>x</B>", "<C/>"]),
        ("<A>é𝄞<B>x</B>", [6], ["<B>x</B>"]),
        ("<Open attribute='1'", [1], ["<Open attribute='1'"]),
        ("some words", [6], ["words"]),
        ("<A/>", [99], []),
        ("<A/>", [0], []),
        ("", [1], []),
        ("<A><B/></A>", [1, 4], ["<A>", "<B/>"]),
    ],
)
def test_what_a_finding_is_about_is_marked(
    line: str, columns: list[int], marked: list[str]
) -> None:
    (shown,) = source(line.encode(), [finding(1, column) for column in columns]).lines
    assert [text for is_marked, text in shown.pieces if is_marked] == marked
    assert "".join(text for _, text in shown.pieces) == line


def test_in_a_long_line_it_is_marked_too() -> None:
    line = "<A>" * 1000 + "<Role>User</Role>" + "</A>" * 1000
    (shown,) = source(line.encode(), [finding(1, 3001)]).lines
    assert len(shown.text) < LONGEST + 10
    assert (True, "<Role>User</Role>") in shown.pieces
