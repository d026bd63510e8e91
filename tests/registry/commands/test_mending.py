"""`parhelion fix` and `parhelion upgrade`: what they say, show and write."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from registry.commands.mending import fix, upgrade
from registry.mending.writing import NotWritten, beside, write_file

PERSON = (
    '<Spase xmlns="http://www.spase-group.org/data/schema">\r\n <Version>{}</Version>\r\n'
    " <Person><ResourceID>spase://Made/Person/A{}</ResourceID>\r\n"
    "  <OrganizationName>Ö</OrganizationName></Person></Spase>"
)
OLD = PERSON.format("2.4.1", "").encode()
SPACED = PERSON.format("2.7.1", "\n ").encode()
FIXED = PERSON.format("2.7.1", "").encode()


def run(command: object, *arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(command, [str(one) for one in arguments], input=stdin)  # type: ignore[arg-type]


def test_without_write_it_says_what_it_would_do(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(SPACED)
    result = run(fix, file)
    assert file.read_bytes() == SPACED
    assert f"{file}: invalid → valid, 1 edit" in result.stdout
    assert "1 of 1 documents would be fixed (1 edit); 1 are valid then." in result.stdout
    assert result.exit_code == 0


def test_write_puts_it_in_place_with_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(SPACED)
    file.chmod(0o640)
    result = run(fix, tmp_path, "--write")
    assert result.exit_code == 0
    assert file.read_bytes() == FIXED
    assert file.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["a.xml"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real.xml").write_bytes(OLD)
    (tmp_path / "link.xml").symlink_to("real.xml")
    run(upgrade, tmp_path, "--write")
    assert (tmp_path / "link.xml").is_symlink()
    assert (tmp_path / "real.xml").read_bytes() == OLD.replace(b"2.4.1", b"2.7.1")


def test_the_diff_is_one_that_patch_takes(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(OLD)
    result = run(upgrade, file, "--diff")
    assert file.read_bytes() == OLD
    copy = tmp_path / "copy.xml"
    copy.write_bytes(OLD)
    subprocess.run(
        ["patch", "--binary", str(copy)], input=result.stdout_bytes, check=True, capture_output=True
    )
    assert copy.read_bytes() == OLD.replace(b"2.4.1", b"2.7.1")


def test_a_zip_is_written_anew_beside_the_old_one(tmp_path: Path) -> None:
    archive = tmp_path / "records.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("x/old.xml", OLD)
        made.writestr("x/new.xml", FIXED)
        made.writestr("README", "read me")
    before = archive.read_bytes()
    result = run(upgrade, archive, "--write")
    assert result.exit_code == 0, result.output
    assert archive.read_bytes() == before
    with zipfile.ZipFile(tmp_path / "records-upgraded.zip") as new:
        assert new.namelist() == ["x/old.xml", "x/new.xml", "README"]
        assert new.read("x/old.xml") == OLD.replace(b"2.4.1", b"2.7.1")
        assert new.read("x/new.xml") == FIXED
        assert new.read("README") == b"read me"
    again = run(upgrade, archive, "--write")
    assert again.exit_code == 2
    assert "records-upgraded.zip exists already" in again.stderr
    assert "Traceback" not in again.output


def test_a_tar_becomes_a_zip(tmp_path: Path) -> None:
    archive = tmp_path / "records.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        for name, content in (("a.xml", SPACED), ("../out.xml", SPACED)):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))
    run(fix, archive, "--write")
    with zipfile.ZipFile(tmp_path / "records-fixed.zip") as new:
        assert new.namelist() == ["a.xml"]
        assert new.read("a.xml") == FIXED


def test_json_has_a_line_a_document(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(OLD)
    (tmp_path / "b.xml").write_bytes(b"<broken")
    result = run(upgrade, tmp_path, "--json", "--diff")
    first, second = map(json.loads, result.stdout.splitlines())
    assert (first["before"], first["after"]) == ("valid", "valid")
    assert [
        (edit["rule"], edit["line"], edit["before"], edit["after"]) for edit in first["edits"]
    ] == [("upgrade.version", 2, "2.4.1", "2.7.1")]
    assert "+ <Version>2.7.1</Version>" in first["diff"]
    assert second["after"] == "not-well-formed"
    assert second["left"][0]["rule"] == "document.not-well-formed"
    assert result.exit_code == 1


REPOSITORY = (
    (
        b'<Spase xmlns="http://www.spase-group.org/data/schema"><Version>1.2.0</Version><Repository>'
        b"<ResourceID>spase://Made/Repository/A</ResourceID><ResourceHeader><ResourceName>A</ResourceName>"
        b"<ReleaseDate>2010-01-01T00:00:00Z</ReleaseDate><Description>d</Description><Contact><PersonID>"
        b"spase://Made/Person/A</PersonID><Role>GeneralContact</Role></Contact></ResourceHeader>"
        b"</Repository></Spase>"
    )
    .replace(b"<AccessURL><URL>u</URL></AccessURL>", b"")
    .replace(b"2.2.1", b"1.2.0")
)


def test_a_valid_record_that_would_not_be_is_written_only_when_asked(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(REPOSITORY)
    result = run(upgrade, file, "--write")
    assert file.read_bytes() == REPOSITORY
    assert result.exit_code == 1
    assert "decide on `AccessURL`, which `Repository` needs since 1.3.5" in result.stdout
    assert "1 that were valid wait for a decision" in result.stdout
    run(upgrade, file, "--write", "--unfinished")
    assert b"<Version>2.7.1</Version>" in file.read_bytes()


def test_standard_input_goes_to_standard_output() -> None:
    result = run(fix, "-", "--write", stdin=SPACED)
    assert result.stdout_bytes == FIXED


def test_several_processes_say_the_same(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"{number}.xml").write_bytes(OLD.replace(b"Person/A", b"Person/A%d" % number))
    alone = run(upgrade, tmp_path, "--processes", 1)
    together = run(upgrade, tmp_path, "--processes", 2)
    assert together.stdout == alone.stdout
    assert "600 of 600 documents would be upgraded" in alone.stdout


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    result = run(fix, tmp_path / "none.xml")
    assert result.exit_code == 2
    assert "none.xml" in result.stderr
    assert run(fix, tmp_path).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "2.7.9"], "2.7.9"),
        (["--release-date", "tomorrow"], "is no date"),
        (["--to", "2.2.0", "--revision-note", "x"], "no RevisionHistory"),
    ],
)
def test_wrong_options_are_said_in_words(tmp_path: Path, arguments: list[str], said: str) -> None:
    result = run(upgrade, tmp_path, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(b"another")
    with pytest.raises(NotWritten, match="changed since it was read"):
        write_file(str(file), OLD, FIXED)
    assert file.read_bytes() == b"another"


@pytest.mark.parametrize(
    ("name", "new"),
    [
        ("a.zip", "a-fixed.zip"),
        ("a.b.tar.gz", "a.b-fixed.zip"),
        ("a.tgz", "a-fixed.zip"),
        ("a", "a-fixed.zip"),
    ],
)
def test_names_of_new_archives(name: str, new: str) -> None:
    assert beside("/x/" + name, "fixed") == Path("/x") / new
