"""Archives as strangers make them: each fault is said, and what stands beside it is read."""

from __future__ import annotations

import io
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from harvesters import files
from harvesters.documents import Limits
from harvesters.members import fault
from tests.harvesters.test_files import lay, read

Entries = list[tuple[tarfile.TarInfo, bytes]]


def entry(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.type = kind
    return info, content


def tar(path: Path, entries: Entries, mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for info, content in entries:
            archive.addfile(info, io.BytesIO(content))
    return path


def inside(path: Path, found: dict[str, object]) -> list[str]:
    return [place.removeprefix(f"{path}!/") for place in found]


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"])
def test_tar_in_every_packing(tmp_path: Path, suffix: str) -> None:
    lay(tmp_path / "t", {"a.xml": b"<a/>", "b/c": b"<c/>", "b/d.txt": b"d", ".git/x.xml": b"<x/>"})
    path = tmp_path / f"t{suffix}"
    # Packed by the system's tar, with the `./` that it writes before names.
    subprocess.run(["tar", "-caf", path, "-C", tmp_path / "t", "."], check=True)
    taken, refused = read(path)
    assert taken == {f"{path}!/a.xml": b"<a/>", f"{path}!/b/c": b"<c/>"}
    assert refused == {}


def test_tar_is_known_by_its_content_when_it_is_named(tmp_path: Path) -> None:
    path = tar(tmp_path / "download", [entry("a.xml", b"<a/>")], "w:gz")
    assert read(path)[0] == {f"{path}!/a.xml": b"<a/>"}


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("../up.xml", "climbs"),
        ("a/../../up.xml", "climbs"),
        ("..\\up.xml", "climbs"),
        ("/etc/x.xml", "absolute"),
        ("\\\\server\\x.xml", "absolute"),
        ("C:/x.xml", "absolute"),
        ("c:x.xml", "absolute"),
        ("a\nb.xml", "control"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str, word: str) -> None:
    zipped = tmp_path / "z.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(name, "<a/>")
        archive.writestr("good.xml", "<good/>")
    tarred = tar(tmp_path / "t.tar", [entry(name, b"<a/>"), entry("good.xml", b"<good/>")])
    for path in (zipped, tarred):
        taken, refused = read(path)
        assert inside(path, taken) == ["good.xml"]
        assert [word in message for message in refused.values()] == [True]


def test_names_with_dots_and_spaces_are_no_fault() -> None:
    assert fault("a..b/c d/..e/é.xml") == ""


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.xml")
    link.external_attr = 0o120777 << 16
    zipped = tmp_path / "z.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.xml", "<good/>")
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE)
    entries = [entry(f"{kind.decode()}.xml", b"", kind) for kind in kinds]
    for info, _ in entries:
        info.linkname = "good.xml"
    tarred = tar(tmp_path / "t.tar", [*entries, entry("good.xml", b"<good/>")])
    for path, count in ((zipped, 1), (tarred, 4)):
        taken, refused = read(path)
        assert inside(path, taken) == ["good.xml"]
        assert len(refused) == count
        assert all("link or a device" in message for message in refused.values())


def test_archive_in_an_archive_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("more.tar.gz", "…")
    tar(tmp_path / "t.tar", [entry("more.zip", b"PK")])
    for path in (tmp_path / "z.zip", tmp_path / "t.tar"):
        taken, refused = read(path)
        assert taken == {}
        assert list(refused.values()) == ["an archive inside an archive is not opened"]


def test_encrypted_member_is_named(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("secret.xml", "<secret/>")
        archive.writestr("good.xml", "<good/>")
    content = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(mark)
        content[at + flags] |= 1
    path.write_bytes(content)
    taken, refused = read(path)
    assert inside(path, taken) == ["good.xml"]
    assert refused == {f"{path}!/secret.xml": "it is encrypted"}


def test_member_with_a_wrong_checksum_is_named(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bad.xml", "<bad>1</bad>")
        archive.writestr("good.xml", "<good/>")
    path.write_bytes(path.read_bytes().replace(b"<bad>1<", b"<bad>2<"))
    taken, refused = read(path)
    assert inside(path, taken) == ["good.xml"]
    assert "CRC" in refused[f"{path}!/bad.xml"]


def test_member_that_claims_to_be_small_gives_no_more_than_it_claims(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lies.xml", b"<a>" + b" " * 3_000_000)
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<L", 3_000_003), struct.pack("<L", 100)))
    taken, refused = read(path)
    assert taken == {}
    assert "cannot be unpacked" in refused[f"{path}!/lies.xml"]


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.xml", b"<a>" + b" " * 40_000_000)
        archive.writestr("huge.xml", b"<a>" + b" " * 60_000_000)
        archive.writestr("good.xml", "<good/>")
    taken, refused = read(path)
    assert inside(path, taken) == ["good.xml"]
    assert "unpacks to 40,000,003 bytes" in refused[f"{path}!/bomb.xml"]
    assert "60,000,003 bytes; at most 50,000,000" in refused[f"{path}!/huge.xml"]


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_tar_bomb_is_stopped_and_what_came_before_is_kept(tmp_path: Path, mode: str) -> None:
    bomb = b"<a>" + b" " * 30_000_000
    entries = [entry("good.xml", b"<good/>"), entry("bomb.bin", bomb), entry("late.xml", b"<l/>")]
    path = tar(tmp_path / "t.tar.gz", entries, mode)
    taken, refused = read(path, limits=Limits(ratio=100, ratio_from=1_000_000))
    assert inside(path, taken) == ["good.xml"]
    assert "unpacks to more than" in refused[str(path)]
    assert "no further than bomb.bin" in refused[str(path)]


@pytest.mark.parametrize("limits", [Limits(members=2), Limits(total=10_000)])
def test_too_many_and_too_much(tmp_path: Path, limits: Limits) -> None:
    contents = {f"{number}.xml": b"<a>" + b"x" * 6_000 for number in range(3)}
    zipped = tmp_path / "z.zip"
    with zipfile.ZipFile(zipped, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    tarred = tar(tmp_path / "t.tar", [entry(name, content) for name, content in contents.items()])
    for path in (zipped, tarred):
        taken, refused = read(path, limits=limits)
        assert len(taken) < 3
        assert "more than" in refused[str(path)] or "at most" in refused[str(path)]
        reasons = {
            found.refusal.reason
            for found in files.documents([str(path)], limits=limits)
            if isinstance(found, files.Unreadable)
        }
        assert reasons == {"too-large"}


def test_tar_with_endless_headers_does_not_fill_the_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.xml")
    info.pax_headers = {"comment": "x" * 17_000_000}
    path = tar(tmp_path / "t.tar", [(info, b"")])
    taken, refused = read(path)
    assert taken == {}
    assert "headers" in refused[str(path)]


def cut_in_a_header(content: bytes) -> bytes:
    return content[: 1024 + 100]


def cut_in_a_document(content: bytes) -> bytes:
    return content[: 1024 + 512 + 3]


def cut_between_documents(content: bytes) -> bytes:
    return content[:1024]


def overwritten_header(content: bytes) -> bytes:
    return content[:1024] + b"\xff" * 512 + content[1536:]


@pytest.mark.parametrize(
    "damage",
    [cut_in_a_header, cut_in_a_document, cut_between_documents, overwritten_header],
)
def test_damaged_tar_never_ends_without_a_word(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    path = tar(tmp_path / "t.tar", [entry("a.xml", b"<a/>"), entry("b.xml", b"<b/>")])
    path.write_bytes(damage(path.read_bytes()))
    taken, refused = read(path)
    assert inside(path, taken) == ["a.xml"]
    assert "damaged or cut off after" in refused[str(path)]


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz"])
def test_packed_tar_that_is_cut_off(tmp_path: Path, mode: str) -> None:
    contents = [(f"{number}.xml", bytes(str(number), "ascii") * 5_000) for number in range(50)]
    path = tar(tmp_path / "t.tar.gz", [entry(name, content) for name, content in contents], mode)
    path.write_bytes(path.read_bytes()[:-30])
    taken, refused = read(path)
    assert all(taken[f"{path}!/{name}"] == content for name, content in contents[: len(taken)])
    assert "damaged or cut off" in refused[str(path)]


def test_zip_that_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.xml", "<a/>")
    path.write_bytes(path.read_bytes()[:-10])
    taken, refused = read(path)
    assert taken == {}
    assert "cannot be read" in refused[str(path)]


def test_of_members_with_one_name_the_last_is_the_file(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.xml", "<old/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.xml", "<new/>")
    assert read(path)[0] == {f"{path}!/a.xml": b"<new/>"}


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_top_folder_is_stripped_when_asked(tmp_path: Path, kind: str) -> None:
    names = ["repo-main/NASA/a.xml", "repo-main/b.xml"]
    path = tmp_path / f"x.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.mkdir("repo-main")
            for name in names:
                archive.writestr(name, "<a/>")
    else:
        top = entry("repo-main", b"", tarfile.DIRTYPE)
        tar(path, [top, *(entry(name, b"<a/>") for name in names)])
    tasks = files.archive_tasks(str(path), prefix="", strip=None)
    found = [document.path for task in tasks for document in files.read(task)]
    assert found == ["NASA/a.xml", "b.xml"]


def test_nothing_is_stripped_when_there_is_no_top_folder(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("NASA/a.xml", "<a/>")
        archive.writestr("SMWG/b.xml", "<b/>")
    tasks = files.archive_tasks(str(path), prefix="", strip=None)
    assert [d.path for task in tasks for d in files.read(task)] == ["NASA/a.xml", "SMWG/b.xml"]
