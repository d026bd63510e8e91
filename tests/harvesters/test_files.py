"""Folders, loose files and standard input; tasks; the shared archives."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import subprocess
import zipfile
from pathlib import Path

import pytest

from harvesters import files
from harvesters.documents import Limits
from harvesters.files import Document, Unreadable
from tests.shared import needs_shared, shared


def read(
    *paths: Path | str, limits: Limits | None = None
) -> tuple[dict[str, bytes], dict[str, str]]:
    """What was read and what was refused, by place."""
    taken: dict[str, bytes] = {}
    refused: dict[str, str] = {}
    for found in files.documents([str(path) for path in paths], limits=limits):
        if isinstance(found, Document):
            assert found.path not in taken
            taken[found.path] = found.content
        else:
            refused[found.path] = found.refusal.message
    return taken, refused


def lay(folder: Path, contents: dict[str, bytes]) -> Path:
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def test_folder_is_walked_by_name_and_only_documents_are_taken(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "b/2.xml": b"two",
            "b/1.XML": b"one",
            "a.vor": b"a",
            "README.md": b"# words",
            "unnamed": b"\xef\xbb\xbf \n<Spase/>",
            "wide": '<?xml version="1.0" encoding="UTF-16"?><Spase/>'.encode("utf-16"),
            ".hidden.xml": b"<no/>",
            ".git/config.xml": b"<no/>",
            "CVS/Entries.xml": b"<no/>",
            "empty.xml": b"",
        },
    )
    found = list(files.documents([str(tmp_path)]))
    names = [os.path.relpath(document.path, tmp_path) for document in found]
    assert names == ["a.vor", "empty.xml", "unnamed", "wide", "b/1.XML", "b/2.xml"]
    assert [d.content for d in found if isinstance(d, Document)][-1] == b"two"


def test_named_path_is_read_whatever_it_is_called(tmp_path: Path) -> None:
    lay(tmp_path, {"record.txt": b"anything", ".hidden": b"this too"})
    taken, refused = read(tmp_path / "record.txt", tmp_path / ".hidden")
    assert sorted(taken.values()) == [b"anything", b"this too"]
    assert refused == {}


def test_path_named_twice_is_read_once(tmp_path: Path) -> None:
    path = lay(tmp_path, {"a.xml": b"<a/>"}) / "a.xml"
    found = list(files.documents([str(path), str(tmp_path / "." / "a.xml")]))
    assert len(found) == 1


def test_missing_path_is_said(tmp_path: Path) -> None:
    taken, refused = read(tmp_path / "nowhere.xml")
    assert taken == {}
    assert "No such file" in refused[str(tmp_path / "nowhere.xml")]


def test_document_above_the_limit_is_refused_and_the_rest_read(tmp_path: Path) -> None:
    lay(tmp_path, {"big.xml": b"<a>" + b" " * 1000 + b"</a>", "small.xml": b"<a/>"})
    found = list(files.documents([str(tmp_path)], limits=Limits(document=500)))
    assert isinstance(found[0], Unreadable)
    assert found[0].refusal.reason == "too-large"
    assert "1,007 bytes" in found[0].refusal.message
    assert found[1] == Document(str(tmp_path / "small.xml"), b"<a/>")


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    lay(tmp_path, {"outside/secret.xml": b"<secret/>", "in/.store/kept.xml": b"<kept/>"})
    folder = tmp_path / "in"
    (folder / "kept.xml").symlink_to(folder / ".store" / "kept.xml")
    (folder / "secret.xml").symlink_to(tmp_path / "outside" / "secret.xml")
    (folder / "away").symlink_to(tmp_path / "outside")
    (folder / "again").symlink_to(folder)
    (folder / "gone.xml").symlink_to(folder / "nothing.xml")
    taken, refused = read(folder)
    assert taken == {str(folder / "kept.xml"): b"<kept/>"}
    assert refused == {
        str(folder / "secret.xml"): "the link leads out of the folder; it is not followed",
        str(folder / "away"): "the link leads out of the folder; it is not followed",
        str(folder / "gone.xml"): "the link leads nowhere",
    }


def test_pipe_in_a_folder_does_not_stop_the_walk(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xml")
    lay(tmp_path, {"z.xml": b"<z/>"})
    assert read(tmp_path) == ({str(tmp_path / "z.xml"): b"<z/>"}, {})


def test_pipe_that_is_named_is_read() -> None:
    inner, outer = os.pipe()
    os.write(outer, b"<a/>")
    os.close(outer)
    taken, refused = read(f"/dev/fd/{inner}")
    os.close(inner)
    assert (list(taken.values()), refused) == ([b"<a/>"], {})


def test_standard_input() -> None:
    assert list(files.documents(["-"], stdin=io.BytesIO(b"<a/>"))) == [Document("-", b"<a/>")]
    (none,) = files.documents(["-"])
    assert isinstance(none, Unreadable)
    (long,) = files.documents(["-"], io.BytesIO(b"x" * 11), Limits(document=10))
    assert isinstance(long, Unreadable)
    assert long.refusal.reason == "too-large"


def test_name_that_is_not_utf8_gives_a_place_that_can_be_stored(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/caf\xe9.xml"
    try:
        with open(path, "wb") as file:
            file.write(b"<a/>")
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    (found,) = files.documents([str(tmp_path)])
    assert found == Document(f"{tmp_path}/caf\\xe9.xml", b"<a/>")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_and_folder_are_named(tmp_path: Path) -> None:
    lay(tmp_path, {"a.xml": b"<a/>", "b/c.xml": b"<c/>", "d.xml": b"<d/>"})
    (tmp_path / "a.xml").chmod(0)
    (tmp_path / "b").chmod(0)
    taken, refused = read(tmp_path)
    (tmp_path / "b").chmod(0o700)
    assert list(taken) == [str(tmp_path / "d.xml")]
    assert set(refused) == {str(tmp_path / "a.xml"), str(tmp_path / "b")}


def test_archive_in_a_folder_is_opened_and_a_broken_one_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr("x/a.xml", "<a/>")
    lay(tmp_path, {"bad.zip": b"PK\x03\x04 and nothing more", "fake.tar.gz": b"not at all"})
    taken, refused = read(tmp_path)
    assert taken == {f"{tmp_path}/good.zip!/x/a.xml": b"<a/>"}
    assert set(refused) == {f"{tmp_path}/bad.zip", f"{tmp_path}/fake.tar.gz"}
    assert all("cannot be read" in message for message in refused.values())


def test_tasks_are_small_balanced_and_give_every_document_once(tmp_path: Path) -> None:
    loose = {f"n/{number:03}.xml": b"<a>%d</a>" % number for number in range(300)}
    lay(tmp_path, loose)
    with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(300):
            archive.writestr(f"{number}.xml", b"<a>%d</a>" % number + b" " * 10_000)
    tasks = list(files.tasks([str(tmp_path)], chunk=500_000))
    assert len(tasks) >= 8
    assert all(task.size < 600_000 for task in tasks)
    sent = [pickle.loads(pickle.dumps(task)) for task in tasks]
    assert sent == tasks
    assert all(len(pickle.dumps(task)) < 20_000 for task in tasks)
    places = [found.path for task in sent for found in files.read(task)]
    assert len(places) == len(set(places)) == 600


def test_archive_that_changes_between_listing_and_reading_is_named(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    for text in ("<a/>", "<longer/>"):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.xml", text)
        if text == "<a/>":
            tasks = list(files.tasks([str(path)]))
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("b.xml", "<b/>")
    read(tmp_path / "other.zip")  # so that the first is no longer held open
    (found,) = files.read(tasks[0])
    assert isinstance(found, Unreadable)
    assert "changed while" in found.refusal.message


def test_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = lay(tmp_path, {"a": b"content"}) / "a"
    assert files.digest(str(path)) == hashlib.sha256(b"content").hexdigest()


@needs_shared
def test_shared_archives_give_every_file_as_unzip_does() -> None:
    path = shared("spase", "CNES.zip")
    taken, refused = read(path)
    assert refused == {}
    assert len(taken) == 2922
    assert sum(map(len, taken.values())) == 14_708_239
    member = "CNES/DisplayData/CDPP-Archive/ARCAD-3/Isoprobe/ARC_ISO_DENSITE_PS.xml"
    unzipped = subprocess.run(["unzip", "-p", path, member], capture_output=True, check=True).stdout
    assert taken[f"{path}!/{member}"] == unzipped
    assert len(unzipped) == 2662
