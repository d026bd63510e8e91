"""`parhelion validate`: lines, objects and exit statuses."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from registry.commands.validate import validate
from registry.settings import Settings
from tests.schemas.made import dataset
from tests.shared import needs_shared, shared

GOOD = dataset()
BAD = dataset(("MagneticField", "MagneticFeld"), ("spase://Test/Num", "spase://Bad/Num"))
UNKNOWN_YET = dataset(("2.6.0", "2.7.2"))


def _run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    """In an installation without a store, so that only the records given are known."""
    given = [str(one) for one in arguments]
    nowhere = Settings(data=Path("/nonexistent/parhelion"))
    return CliRunner().invoke(validate, given, input=stdin, obj=nowhere)


def _objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("content", "status", "verdict"),
    [
        (GOOD, 0, "valid"),
        (BAD, 1, "invalid"),
        (UNKNOWN_YET, 0, "no-schema"),
        (GOOD[:500], 1, "not-well-formed"),
        (b"", 1, "not-well-formed"),
        (b"<html/>", 1, "unrecognised"),
        (dataset(("<ResourceID>spase://Test/NumericalData/Probe/MAG/PT16S</ResourceID>", "")), 1,
         "invalid"),
    ],
)  # fmt: skip
def test_status_and_verdict(content: bytes, status: int, verdict: str) -> None:
    result = _run("-", "--format", "json", stdin=content)
    (told,) = _objects(result)
    assert (result.exit_code, told["verdict"]) == (status, verdict)
    assert list(told) == ["file", "id", "format", "version", "verdict", "findings"]
    assert told["file"] == "-"


def test_a_finding_in_json(tmp_path: Path) -> None:
    file = tmp_path / "bad.xml"
    file.write_bytes(BAD)
    (told,) = _objects(_run(file, "--format", "json"))
    assert told["file"] == str(file)
    assert told["id"] == "spase://Bad/NumericalData/Probe/MAG/PT16S"
    assert (told["format"], told["version"]) == ("spase", "2.6.0")
    (finding,) = told["findings"]
    assert finding == {
        "rule": "schema.value",
        "severity": "error",
        "line": BAD[: BAD.index(b"MagneticFeld")].count(b"\n") + 1,
        "path": "Spase/NumericalData/MeasurementType",
        "message": "`MeasurementType` has no `MagneticFeld` in SPASE 2.6.0",
        "remedy": "did you mean `MagneticField`?",
    }


def test_text_for_people(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(GOOD)
    (tmp_path / "b.xml").write_bytes(BAD)
    result = _run(tmp_path, "--group", "record", "--select", "schema")
    assert result.exit_code == 1
    line, summary, findings = result.stdout.splitlines()
    assert line.startswith(f"{tmp_path / 'b.xml'}:24: error: `MeasurementType` has no")
    assert line.endswith("(did you mean `MagneticField`?) [schema.value]")
    assert summary == "2 records: 1 valid, 1 invalid."
    assert findings == "1 error."


def test_what_cannot_be_read_is_said_and_the_rest_judged(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(GOOD)
    result = _run(tmp_path / "none.xml", tmp_path / "a.xml")
    assert result.exit_code == 2
    assert "none.xml" in result.stdout
    assert "1 valid" in result.stdout


def test_an_empty_folder_could_not_be_judged(tmp_path: Path) -> None:
    result = _run(tmp_path)
    assert result.exit_code == 2
    assert "no document" in result.stdout


def test_archives_in_several_processes_keep_their_order(tmp_path: Path) -> None:
    names = [f"{number:03}.xml" for number in range(60)]
    padding = b"<!-- " + b"x" * 100_000 + b" -->"
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, GOOD + padding)
    with tarfile.open(tmp_path / "b.tar.gz", "w:gz") as tar:
        entry = tarfile.TarInfo("z.xml")
        entry.size = len(BAD)
        tar.addfile(entry, io.BytesIO(BAD))
    told = _objects(_run(tmp_path, "--format", "json", "--processes", "2"))
    assert [one["file"].rpartition("!/")[2] for one in told] == [*names, "z.xml"]
    assert [one["verdict"] for one in told] == ["valid"] * 60 + ["invalid"]


@needs_shared
def test_obsolete_records_are_unrecognised_with_the_reason() -> None:
    result = _run(shared("ivoa", "records-voresource-0.10"), "--format", "json")
    told = _objects(result)
    assert result.exit_code == 1
    assert len(told) == 24
    assert {one["verdict"] for one in told} == {"unrecognised"}
    assert {one["findings"][0]["rule"] for one in told} == {"document.obsolete"}
