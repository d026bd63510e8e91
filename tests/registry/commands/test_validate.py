"""`parhelion validate`: lines, objects and exit statuses."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from app import parhelion
from registry.commands.validate import validate
from registry.settings import read_settings
from tests.schemas.made import dataset
from tests.shared import needs_shared, shared

GOOD = dataset()
BAD = dataset(("MagneticField", "MagneticFeld"), ("spase://Test/Num", "spase://Bad/Num"))
UNKNOWN_YET = dataset(("2.6.0", "2.7.2"))


def _run(*arguments: str | Path, stdin: bytes = b"") -> Result:
    """In an installation without a store, so that only the records given are known."""
    given = [str(one) for one in arguments]
    nowhere = read_settings(Path("/nonexistent/parhelion"))
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
    (told,) = _objects(_run(file, "--format", "json", "--select", "schema"))
    assert told["file"] == str(file)
    assert told["id"] == "spase://Bad/NumericalData/Probe/MAG/PT16S"
    assert (told["format"], told["version"]) == ("spase", "2.6.0")
    (finding,) = told["findings"]
    assert finding == {
        "rule": "schema.value",
        "severity": "error",
        "line": BAD[: BAD.index(b"MagneticFeld")].count(b"\n") + 1,
        "column": 5,
        "path": "Spase/NumericalData/MeasurementType",
        "message": "`MeasurementType` has no `MagneticFeld` in SPASE 2.6.0",
        "remedy": "did you mean `MagneticField`?",
        "replacement": "MagneticField",
    }


def test_text_for_people(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(GOOD)
    (tmp_path / "b.xml").write_bytes(BAD)
    result = _run(tmp_path, "--group", "record", "--select", "schema")
    assert result.exit_code == 1
    line, summary, findings = result.stdout.splitlines()
    assert line.startswith(f"{tmp_path / 'b.xml'}:24:5: error: `MeasurementType` has no")
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


def test_by_cause_a_summary_for_people(tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / f"{number}.xml").write_bytes(BAD)
    result = _run(tmp_path, "--select", "schema")
    first, *_, verdicts, findings = result.stdout.splitlines()
    assert first == (
        "error: MeasurementType holds a value that is not allowed there: 5 in 5 records "
        "[schema.value]"
    )
    assert (verdicts, findings) == ("5 records: 5 invalid.", "5 errors.")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ((), 1),
        (("--ignore", "schema.value"), 0),
        (("--select", "reference"), 0),
        (("--fail-on", "advice"), 1),
    ],
)
def test_only_what_is_told_fails(tmp_path: Path, options: tuple[str, ...], status: int) -> None:
    (tmp_path / "bad.xml").write_bytes(BAD)
    ignored = ("--ignore", "identifier", "--ignore", "reference")
    assert _run(tmp_path / "bad.xml", *ignored, *options).exit_code == status


def test_advice_fails_where_it_is_asked_to(tmp_path: Path) -> None:
    (tmp_path / "later.xml").write_bytes(UNKNOWN_YET)
    only = ("--select", "schema.version")
    assert _run(tmp_path, *only).exit_code == 0
    assert _run(tmp_path, *only, "--fail-on", "warning").exit_code == 0
    assert _run(tmp_path, *only, "--fail-on", "advice").exit_code == 1


def test_a_team_is_told_what_is_new(tmp_path: Path) -> None:
    known, docs = tmp_path / "known.txt", tmp_path / "docs"
    docs.mkdir()
    (docs / "a.xml").write_bytes(BAD)
    chosen = ("--select", "schema", "--baseline", known)
    assert _run(docs, *chosen).exit_code == 2
    assert _run(docs, *chosen, "--write-baseline").exit_code == 0
    again = _run(docs, *chosen)
    assert again.exit_code == 0
    assert "1 known from the baseline not told." in again.stdout
    (docs / "a.xml").write_bytes(b"\n<!-- moved -->\n" + BAD.partition(b"?>")[2].lstrip())
    assert _run(docs, *chosen).exit_code == 0
    (docs / "b.xml").write_bytes(BAD.replace(b"Bad/Num", b"Worse/Num"))
    new = _run(docs, *chosen, "--group", "record")
    assert new.exit_code == 1
    assert [line for line in new.stdout.splitlines() if "error:" in line] == [
        line for line in new.stdout.splitlines() if "b.xml" in line
    ]


def test_settings_weigh_rules(tmp_path: Path) -> None:
    (tmp_path / "bad.xml").write_bytes(BAD)
    (tmp_path / "parhelion.toml").write_text(
        '[validation.severities]\n"schema" = "off"\n"schema.value" = "warning"\n'
    )
    arguments = [str(tmp_path / "bad.xml"), "--select", "schema", "--format", "json"]
    result = CliRunner().invoke(validate, arguments, obj=read_settings(tmp_path))
    assert result.exit_code == 0
    (told,) = _objects(result)
    assert told["verdict"] == "invalid"
    assert [one["severity"] for one in told["findings"]] == ["warning"]


@pytest.mark.parametrize("form", ["sarif", "junit", "html"])
def test_every_form_is_one_sound_document(tmp_path: Path, form: str) -> None:
    (tmp_path / "a.xml").write_bytes(GOOD)
    (tmp_path / "b.xml").write_bytes(BAD)
    result = _run(tmp_path, "--format", form)
    assert result.exit_code == 1
    if form == "sarif":
        results = json.loads(result.stdout)["runs"][0]["results"]
        assert "schema.value" in [one["ruleId"] for one in results]
    elif form == "junit":
        suite = ElementTree.fromstring(result.stdout.encode()).find("testsuite")
        assert suite is not None
        assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    else:
        assert "2 records: 1 valid, 1 invalid." in result.stdout
        assert result.stdout.startswith("<!DOCTYPE html>")
        assert result.stdout.endswith("</html>\n")


PERSON = """<Spase xmlns="http://www.spase-group.org/data/schema"><Version>2.6.0</Version>
<Person><ResourceID>spase://Test/Person/{}</ResourceID><ReleaseDate>2020-01-01T00:00:00Z</ReleaseDate>
<PersonName>Somebody</PersonName><OrganizationName>Somewhere</OrganizationName></Person></Spase>"""


def _people(folder: Path) -> None:
    """Two persons, so that others beside them are judged."""
    for name in ("A.One", "B.Two"):
        (folder / f"{name}.xml").write_text(PERSON.format(name))


@pytest.mark.parametrize("processes", ["1", "2"])
def test_references_are_judged_against_the_records_of_the_call(
    tmp_path: Path, processes: str
) -> None:
    _people(tmp_path)
    one = re.search(r"<PersonID>([^<]*)<", GOOD.decode())
    assert one
    for person in ("A.One", "C.Nobody"):
        record = GOOD.decode().replace(one[1], f"spase://Test/Person/{person}")
        padding = "<!-- " + "x" * 2_100_000 + " -->"
        (tmp_path / f"uses {person}.xml").write_text(record + padding)
    result = _run(tmp_path, "--processes", processes, "--format", "json",
                  "--select", "reference.unknown")  # fmt: skip
    nowhere = [
        (Path(told["file"]).name, finding["path"].rpartition("/")[2].partition("[")[0])
        for told in _objects(result)
        for finding in told["findings"]
    ]
    assert nowhere == [("uses C.Nobody.xml", "PersonID")]


def test_references_are_judged_against_the_store(tmp_path: Path) -> None:
    data, held, docs = tmp_path / "data", tmp_path / "held", tmp_path / "docs"
    held.mkdir()
    docs.mkdir()
    _people(held)
    run = CliRunner()
    ingested = run.invoke(parhelion, ["--data", str(data), "ingest", "--no-follow", str(held)])
    assert ingested.exit_code == 0
    one = re.search(r"<PersonID>([^<]*)<", GOOD.decode())
    assert one
    told = {}
    for person in ("A.One", "C.Nobody"):
        (docs / "x.xml").write_text(GOOD.decode().replace(one[1], f"spase://Test/Person/{person}"))
        arguments = ["--data", str(data), "validate", str(docs / "x.xml"), "--format", "json",
                     "--select", "reference.unknown"]  # fmt: skip
        (report,) = _objects(run.invoke(parhelion, arguments))
        told[person] = any("PersonID" in finding["path"] for finding in report["findings"])
    assert told == {"A.One": False, "C.Nobody": True}


def test_standard_input_is_read_once_and_judged_with_the_rest(tmp_path: Path) -> None:
    _people(tmp_path)
    result = _run("-", tmp_path, "--format", "json", stdin=GOOD)
    assert [Path(one["file"]).name for one in _objects(result)] == [
        "-", "A.One.xml", "B.Two.xml",
    ]  # fmt: skip
