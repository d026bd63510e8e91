"""A Description is read as Lucene's classic query parser reads it."""

from __future__ import annotations

import pytest

from registry.search.query import (
    And,
    BadQuery,
    Fuzzy,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Text,
)
from registry.web.hdp_descriptions import described


def t(word: str) -> Text:
    return Text(word, "description")


# What Lucene 9's classic QueryParser makes of these, with its default operator OR.
@pytest.mark.parametrize(("text", "node"), [
    ("solar", t("solar")),
    ("solar wind", Or((t("solar"), t("wind")))),
    ("solar AND wind", And((t("solar"), t("wind")))),
    ("solar && wind", And((t("solar"), t("wind")))),
    ("solar OR wind", Or((t("solar"), t("wind")))),
    ("a1 OR b2 AND c3", And((t("b2"), t("c3")))),
    ("a1 AND b2 OR c3", And((t("a1"), t("b2")))),
    ("IRIS AND SDO and AIA", And((t("iris"), t("sdo")))),
    ("+solar wind", t("solar")),
    ("solar -wind", And((t("solar"), Not(t("wind"))))),
    ("solar NOT wind", And((t("solar"), Not(t("wind"))))),
    ("solar AND NOT wind", And((t("solar"), Not(t("wind"))))),
    ("-wind", Or(())),
    ("(solar OR wind) AND ions", And((Or((t("solar"), t("wind"))), t("ions")))),
    ('"space weather models"', Phrase("space weather models", "description")),
    ("Instant-Run", Phrase("instant run", "description")),
    ("magnet*", Prefix("magnet", "description")),
    ("magnteic~", Fuzzy("magnteic", 2, "description")),
    ("magnteic~1", Fuzzy("magnteic", 1, "description")),
    ("solar^2 wind", Or((t("solar"), t("wind")))),
    ("SOPA+ESP", Phrase("sopa esp", "description")),
    (r"what\? why\:", Or((t("what"), t("why")))),
    ("ANDROMEDA", t("andromeda")),
    ("the", Or(())),
])  # fmt: skip
def test_what_a_description_asks_for(text: str, node: Node) -> None:
    assert described(text) == node


@pytest.mark.parametrize("text", [
    "~bad", "AND", "OR solar", "solar AND", "solar AND OR wind", "(solar", "solar)", "()) AND",
    '"solar', "so?ar", "*lar", "so*ar", "[a TO b]", "title:solar", "/sol.r/", "solar +",
    "solar - - wind", '"a b"~3', "{x}", "solar\\", "(" * 30 + "a" + ")" * 30, "a " * 200, "\x00:",
])  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(text: str) -> None:
    with pytest.raises(BadQuery, match="Invalid Description syntax: "):
        described(text)
