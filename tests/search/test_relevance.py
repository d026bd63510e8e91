"""The judged queries: that they can be read, how they are halved, and what an answer is worth."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.relevance.judged import Judged, judged, worth


def test_there_are_enough_of_every_kind_in_both_halves() -> None:
    queries = judged()
    assert len(queries) >= 160
    assert len({one.query for one in queries}) == len(queries)
    assert 0.4 < sum(one.tuned for one in queries) / len(queries) < 0.6
    halves = Counter((one.kind, one.tuned) for one in queries)
    assert all(number > 2 for number in halves.values())
    assert (
        Judged(
            "instrument and cadence",
            "ACE magnetic field 16 second",
            ("spase://NASA/NumericalData/ACE/MAG/L2/PT16S",),
        )
        in queries
    )


def test_records_are_named_by_identifiers() -> None:
    names = [name for one in judged() for name in one.records]
    assert [one for one in names if not one.startswith(("spase://", "ivo://", "*"))] == []


def test_the_first_record_that_answers_counts() -> None:
    one = Judged("name", "x", ("spase://A/B", "spase://C/*/D"))
    assert one.rank(["spase://A/B/E", "spase://C/x/y/D", "spase://A/B"]) == 2
    assert one.rank(["spase://A/b"]) == 0
    assert one.rank(["z"] * 20 + ["spase://A/B"]) == 0


def test_what_ranks_are_worth() -> None:
    told = worth([1, 2, 0, 6])
    assert told.mrr == pytest.approx((1 + 1 / 2 + 1 / 6) / 4)
    assert told.first == pytest.approx(2 / 4)


@pytest.mark.parametrize("line", ["name\tACE", "name\t\tspase://A/B", "ACE spase://A/B"])
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "judged.tsv"
    file.write_text(f"# told\nkind\tquery\trecords\n\n{line}\n")
    with pytest.raises(ValueError, match="line 4"):
        judged(file)
