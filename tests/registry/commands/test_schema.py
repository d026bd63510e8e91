"""`parhelion schema`: a schema that is added decides, and what was taken in is judged again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from app import parhelion
from registry.store import tables as t
from registry.store.changes import VERDICT
from registry.store.store import Store
from schemas.spase import added
from tests.schemas.made import dataset
from tests.shared import needs_shared
from tests.validation.trial import trial_schema

pytestmark = needs_shared

NAME = "spase://Test/NumericalData/Probe/MAG/PT16S"
NEW = ("2.6.0", "2.7.2")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    added.use(None)


def run(data: Path, *arguments: str | Path) -> Result:
    given = ["--data", str(data), *map(str, arguments)]
    return CliRunner().invoke(parhelion, given, catch_exceptions=False)


def record(number: int, *changes: tuple[str, str]) -> bytes:
    return dataset(NEW, ("MAG/PT16S</ResourceID>", f"MAG/{number}</ResourceID>"), *changes)


def test_records_are_judged_again(data: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "good.xml").write_bytes(record(1))
    (docs / "bad.xml").write_bytes(record(2, ("MagneticField", "MagneticFeld")))
    (docs / "older.xml").write_bytes(dataset())
    assert run(data, "ingest", "--no-follow", docs).exit_code == 0
    schema = tmp_path / "spase-2_7_2.xsd"
    schema.write_bytes(trial_schema())

    added_ = run(data, "schema", "add", schema)
    assert added_.exit_code == 0
    assert "SPASE 2.7.2 is now judged by" in added_.output
    assert "2 judged again: 1 invalid, 1 valid; 2 records have another verdict." in added_.output
    assert "Added: SPASE 2.7.2" in run(data, "schema", "list").output

    store = Store(data)
    with store.reading() as reader:
        kept = {n: reader.record(NAME.replace("PT16S", str(n))) for n in (1, 2)}
        good, bad = kept[1], kept[2]
        assert good is not None
        assert bad is not None
        assert (good.verdict, good.was_valid) == ("valid", True)
        assert (bad.verdict, bad.was_valid) == ("invalid", False)
        assert reader.findings(good.revision_id) == []
        assert {f.severity for f in reader.findings(bad.revision_id)} == {"error"}
        rows = reader.connection.execute(
            select(t.change.c.record_id).where(t.change.c.reason == VERDICT)
        )
        assert sorted(rows.scalars()) == sorted([good.id, bad.id])
        assert max(good.change_number, bad.change_number) == reader.last_change()
        before = reader.last_change()
    assert "0 records have another verdict" in run(data, "schema", "add", schema).output
    with store.reading() as reader:
        assert reader.last_change() == before
    store.close()


def test_a_place_that_became_valid_becomes_current(data: Path, tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.xml").write_bytes(record(1, ("MagneticField", "MagneticFeld")))
    (docs / "b.xml").write_bytes(record(1))
    assert run(data, "ingest", "--no-follow", docs).exit_code == 0
    schema = tmp_path / "trial.xsd"
    schema.write_bytes(trial_schema())
    assert run(data, "schema", "add", schema).exit_code == 0
    store = Store(data)
    with store.reading() as reader:
        kept = reader.record(NAME.replace("PT16S", "1"))
        assert kept is not None
        assert kept.verdict == "valid"
        assert [place.path[-5:] for place in reader.places(kept) if place.current] == ["b.xml"]
    store.close()


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ingest_and_validate_ask_the_added_schema(
    data: Path, tmp_path: Path, processes: str
) -> None:
    schema = tmp_path / "trial.xsd"
    schema.write_bytes(trial_schema())
    assert run(data, "schema", "add", schema).exit_code == 0
    docs = tmp_path / "docs"
    docs.mkdir()
    padding = b"<!-- " + b"x" * 1_500_000 + b" -->"
    for number in range(4):
        (docs / f"{number}.xml").write_bytes(record(number) + padding)
    told = run(data, "validate", "--processes", processes, "--select", "schema", docs)
    assert "4 records: 4 valid." in told.output
    assert "4 valid" in run(data, "ingest", "--no-follow", docs).output


def test_what_is_no_schema_is_said(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"<html/>")
    told = run(data, "schema", "add", file)
    assert told.exit_code == 1
    assert f"{file} cannot be added: it is no XML schema" in told.output
    assert not (data / "schemas").exists()
