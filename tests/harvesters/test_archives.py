"""Archives over HTTP: state in and out, places from the root, nothing left behind."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from harvesters.archives import ArchiveState, fetched, has_top_folder, sweep
from harvesters.fetching import FetchFailed
from harvesters.files import Document
from registry.followers.leftovers import remove_leftovers
from tests.harvesters.peers import Asked, Peer, Reply
from tests.harvesters.test_fetching import World

FORGE = "/hpde/NASA/archive/refs/heads/master.zip"


def packed(names: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in names.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


class Shelf:
    """A server with one archive, which knows conditional requests (RFC 9110, section 13)."""

    def __init__(self, content: bytes, validators: dict[str, str]) -> None:
        self.content = content
        self.validators = validators

    def __call__(self, asked: Asked) -> Reply:
        same = {
            "ETag": asked.headers.get("if-none-match"),
            "Last-Modified": asked.headers.get("if-modified-since"),
        }
        if any(same[name] == value for name, value in self.validators.items()):
            return Reply(status=304)
        return Reply(self.content, headers=dict(self.validators))


def taken(
    peer: Peer, folder: Path, state: ArchiveState | None = None, path: str = FORGE
) -> tuple[dict[str, bytes], ArchiveState, bool]:
    with fetched(peer.url + path, World().fetcher(), state, folder) as archive:
        found = {d.path: d.content for d in archive.documents() if isinstance(d, Document)}
    return found, archive.state, archive.modified


def test_archive_is_read_with_places_from_its_root(tmp_path: Path) -> None:
    content = packed({"NASA-master/Person/a.xml": "<a/>", "NASA-master/README.md": "words"})
    with Peer(Shelf(content, {"ETag": '"1"'})) as peer:
        found, state, modified = taken(peer, tmp_path)
    assert (found, modified) == ({"Person/a.xml": b"<a/>"}, True)
    assert state.etag == '"1"'
    assert list(tmp_path.iterdir()) == []


def test_top_folder_of_an_archive_that_no_forge_made_stays(tmp_path: Path) -> None:
    with Peer(Shelf(packed({"NASA/a.xml": "<a/>"}), {})) as peer:
        found, _, _ = taken(peer, tmp_path, path="/files/NASA.zip")
    assert list(found) == ["NASA/a.xml"]


@pytest.mark.parametrize(
    "validators", [{"ETag": '"1"'}, {"Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}, {}]
)
def test_unchanged_archive_brings_nothing(tmp_path: Path, validators: dict[str, str]) -> None:
    """By the server's word, and where it gives none by the digest."""
    with Peer(Shelf(packed({"m/a.xml": "<a/>"}), validators)) as peer:
        first, state, _ = taken(peer, tmp_path)
        again, after, modified = taken(peer, tmp_path, state)
    assert (len(first), again, modified) == (1, {}, False)
    assert after == state


def test_changed_archive_is_read_again(tmp_path: Path) -> None:
    shelf = Shelf(packed({"m/a.xml": "<a/>"}), {"ETag": '"1"'})
    with Peer(shelf) as peer:
        _, state, _ = taken(peer, tmp_path)
        shelf.content, shelf.validators = packed({"m/b.xml": "<b/>"}), {"ETag": '"2"'}
        found, after, modified = taken(peer, tmp_path, state)
    assert (found, modified, after.etag) == ({"b.xml": b"<b/>"}, True, '"2"')


@pytest.mark.parametrize("status", [304, 404])
def test_answer_without_an_archive_is_a_failure_in_words(tmp_path: Path, status: int) -> None:
    with (
        Peer(lambda asked: Reply(b"" if status == 304 else b"no", status)) as peer,
        pytest.raises(FetchFailed, match=f"answers {status}"),
    ):
        taken(peer, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_page_in_place_of_an_archive_is_unreadable(tmp_path: Path) -> None:
    with (
        Peer(lambda asked: Reply(b"<html>log in</html>")) as peer,
        fetched(peer.url + "/x.zip", World().fetcher(), None, tmp_path) as archive,
    ):
        (found,) = archive.documents()
    assert not isinstance(found, Document)
    assert found.path == peer.url + "/x.zip"
    assert "cannot be read" in found.refusal.message


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/hpde/NASA/archive/refs/heads/master.zip", True),
        ("https://codeload.github.com/hpde/NASA/zip/refs/heads/master", True),
        ("https://api.github.com/repos/hpde/NASA/tarball/master", True),
        ("https://gitlab.irap.omp.eu/CDPP/CNES/-/archive/master/CNES-master.tar.gz", True),
        ("https://example.org/files/NASA.zip", False),
        ("https://example.org/archives/NASA.zip", False),
    ],
)
def test_archives_of_forges(url: str, expected: bool) -> None:
    assert has_top_folder(url) is expected


def test_archive_of_a_killed_harvest_is_removed_and_one_in_use_stays(tmp_path: Path) -> None:
    (tmp_path / "tmp12345678.archive").write_bytes(b"half of it")
    with (
        Peer(Shelf(packed({"NASA-master/a.xml": "<a/>"}), {})) as peer,
        fetched(peer.url + FORGE, World().fetcher(), None, tmp_path) as archive,
    ):
        assert [str(path) for path in tmp_path.iterdir()] == [archive.path]
        sweep(tmp_path)
        assert [d.path for d in archive.documents()] == ["a.xml"]
    assert list(tmp_path.iterdir()) == []


def test_lock_ends_with_its_process(tmp_path: Path) -> None:
    """What a killed process left is nobody's, and the next start removes it."""
    held = (
        "import sys; from pathlib import Path; from harvesters import archives; "
        "kept = archives._own_file(Path(sys.argv[1])); print('locked', flush=True); input()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", held, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"locked\n"
    finally:
        process.kill()
        process.communicate()
    assert len(list(tmp_path.iterdir())) == 1
    remove_leftovers(tmp_path)
    assert list(tmp_path.iterdir()) == []
