"""`parhelion source` and `harvest`, against a peer on loopback."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app import parhelion
from registry.store.store import Store
from tests.harvesters.peers import Asked, Peer, Reply
from tests.registry.sources.repository import Item, Repository
from tests.whole.corpus import spase, write_zip
from tests.whole.killing import leaves_nothing
from tests.whole.running import SECONDS, Ended, Installation

OLD, NEW = "2024-05-01T00:00:00Z", "2024-06-02T00:00:00Z"


def key(name: int | str) -> str:
    return f"spase://MADE/Person/{name}"


class InThisProcess(Installation):
    """Commands that end by themselves run here: to start a process for each costs more than all
    that they do. What is to be killed is still a process of its own."""

    def run(self, *arguments: str, seconds: float = SECONDS, **given: Any) -> Ended:
        environment = {name: None for name in os.environ if name.startswith("PARHELION_")}
        result = CliRunner().invoke(
            parhelion,
            ["--data", str(self.data), *arguments],
            env={**environment, **self.environment},
            catch_exceptions=False,
        )
        return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    allowed = {"PARHELION_HARVEST__ALLOW_PRIVATE": "true", "PARHELION_INGEST__WORKERS": "1"}
    return InThisProcess(tmp_path / "data", allowed)


@pytest.fixture
def repository() -> Iterator[Repository]:
    repository = Repository({str(n): Item(OLD, spase(key(n))) for n in range(10)})
    yield repository
    repository.released.set()


def harvested(installation: Installation, *options: str) -> dict[str, Any]:
    ended = installation.run("harvest", "peer", "--json", *options)
    assert (ended.status, ended.err) == (0, ""), ended.said
    told = ended.json
    assert told.pop("source") == "peer"
    assert told.pop("faults") == []
    return {name: number for name, number in told.items() if number}


def add(installation: Installation, url: str, *options: str) -> None:
    ended = installation.run("source", "add", "peer", url, *options)
    assert ended.status == 0, ended.said


def keys(installation: Installation) -> list[str]:
    store = Store(installation.data)
    try:
        with store.reading() as reader:
            return sorted(reader.keys(0, 100))
    finally:
        store.close()


def test_everything_then_what_is_new(installation: Installation, repository: Repository) -> None:
    with repository.peer() as peer:
        add(installation, f"{peer.url}/oai")
        assert harvested(installation) == {"read": 10, "new": 10, "valid": 10}
        assert [sorted(asked) for asked in repository.lists] == [
            ["metadataPrefix", "verb"],
            *[["resumptionToken", "verb"]] * 3,
        ]
        repository.lists.clear()
        repository.now = "2024-06-03T00:00:00Z"
        repository.items["3"] = Item(NEW, spase(key(3), name="Else"))
        repository.items["4"] = Item(NEW, None)
        repository.items["new"] = Item(NEW, spase(key("new")))
        told = harvested(installation)
        assert told == {"read": 2, "new": 1, "changed": 1, "deleted": 1, "valid": 2}
        # A day of overlap before the peer's own responseDate of the last harvest.
        assert repository.lists[0]["from"] == "2024-05-31T00:00:00Z"
        assert keys(installation) == sorted([key(n) for n in range(10) if n != 4] + [key("new")])
        repository.items = {"3": repository.items["3"]}
        assert harvested(installation) == {"read": 1, "unchanged": 1, "valid": 1}
        repository.items.clear()
        assert harvested(installation) == {}
    assert installation.run("check").status == 0
    listed = installation.run("source", "list", "--json").out.splitlines()
    sources = {one["name"]: one for one in map(json.loads, listed)}
    assert sources["peer"]["held"] == 10
    assert sources["peer"]["last_error"] == ""


def test_goes_on_after_a_kill_with_the_next_page(
    installation: Installation, repository: Repository
) -> None:
    repository.holds_at = 2
    with repository.peer() as peer:
        add(installation, f"{peer.url}/oai")
        process = installation.start("harvest", "peer")
        assert repository.held.wait(60)
        installation.kill(process)
        repository.released.set()
        leaves_nothing(installation)
        held = len(keys(installation))
        # The page before the one that never came is taken in while it is waited for.
        assert held in (3, 6), "a page was not committed while the next was waited for"
        repository.holds_at = None
        repository.lists.clear()
        told = harvested(installation)
        assert repository.lists[0]["resumptionToken"] == f"{held}|"
        assert told == {"read": 10 - held, "new": 10 - held, "valid": 10 - held}
        assert len(keys(installation)) == 10
        repository.lists.clear()
        repository.now = "2024-06-03T00:00:00Z"
        harvested(installation)
        assert repository.lists[0]["from"] == "2024-05-31T00:00:00Z"
    assert installation.run("check").status == 0


def test_deleted_record_comes_back(installation: Installation, repository: Repository) -> None:
    with repository.peer() as peer:
        add(installation, f"{peer.url}/oai")
        harvested(installation)
        content = repository.items["5"].content
        repository.now = "2024-06-03T00:00:00Z"
        repository.items["5"] = Item(NEW, None)
        assert harvested(installation)["deleted"] == 1
        assert key(5) not in keys(installation)
        repository.items["5"] = Item(NEW, content)
        assert harvested(installation)["new"] == 1
        assert key(5) in keys(installation)
    assert installation.run("check").status == 0


def test_source_removed(installation: Installation, repository: Repository, tmp_path: Path) -> None:
    """What lies elsewhere too stays."""
    (tmp_path / "a.xml").write_bytes(spase(key(0)))
    assert installation.run("ingest", str(tmp_path / "a.xml")).status == 0
    with repository.peer() as peer:
        add(installation, f"{peer.url}/oai")
        harvested(installation)
    ended = installation.run("source", "remove", "peer")
    assert (ended.status, ended.out) == (0, "Removed peer; 9 records deleted.\n")
    assert keys(installation) == [key(0)]
    assert installation.run("ingest", str(tmp_path / "a.xml")).status == 0
    assert installation.run("check").status == 0


def test_peer_that_is_gone(installation: Installation, repository: Repository) -> None:
    with repository.peer() as peer:
        url = f"{peer.url}/oai"
        add(installation, url)
        harvested(installation)
        repository.gone = True
        ended = installation.run("harvest", "peer")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith(f"parhelion: peer: {url}")
    assert "404" in ended.err
    assert "Traceback" not in ended.said
    state = installation.run("status", "--json").json
    source = next(one for one in state["sources"] if one["name"] == "peer")
    assert source["last_error"] in ended.err
    assert source["held"] == 10


def test_private_addresses_are_refused(tmp_path: Path, repository: Repository) -> None:
    installation = Installation(tmp_path / "data")
    with repository.peer() as peer:
        url = f"{peer.url}/oai"
        refused = installation.run("source", "add", "peer", url)
        assert refused.status == 2
        assert "not on the public internet" in refused.err
        assert "harvest.allow_private" in refused.err or "settings" in refused.err
        add(installation, url, "--unchecked")
        ended = installation.run("harvest", "peer")
    assert ended.status == 1
    assert repository.lists == []
    assert "Traceback" not in ended.said


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("source", "add", "local", "http://a.example.org/"), "There is a source 'local' already."),
        (("source", "remove", "nobody"), "There is no source 'nobody'. There are: local."),
        (("source", "remove", "local"), "The source 'local' is what `ingest` took in; it stays."),
        (("harvest", "nobody"), "There is no source 'nobody'. `parhelion source list` and "
         "`source list --known` name those there are."),
        (("harvest", "local"), "The source 'local' is filled by `parhelion ingest`."),
    ],
)  # fmt: skip
def test_refused_in_words(installation: Installation, command: tuple[str, ...], words: str) -> None:
    # As a process: what is said of an exception is said where the program begins.
    ended = Installation(installation.data, installation.environment).run(*command)
    assert ended.status == 2
    assert words in ended.err
    assert "Traceback" not in ended.said


# -- archives -------------------------------------------------------------------------------------


class Served:
    """An archive at an address, with an ETag."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = b""
        self.statuses: list[int] = []

    def pack(self, numbers: range, **more: bytes) -> None:
        write_zip(self.path, {f"{n}.xml": spase(key(n)) for n in numbers} | more)
        self.content = self.path.read_bytes()

    def answer(self, asked: Asked) -> Reply:
        etag = f'"{hash(self.content)}"'
        same = asked.headers.get("if-none-match") == etag
        self.statuses.append(304 if same else 200)
        return Reply(b"" if same else self.content, self.statuses[-1], {"ETag": etag})


@pytest.fixture
def archive(tmp_path: Path) -> Served:
    served = Served(tmp_path / "archive.zip")
    served.pack(range(20))
    return served


def test_archive_is_fetched_when_it_changed(installation: Installation, archive: Served) -> None:
    with Peer(archive.answer) as peer:
        add(installation, f"{peer.url}/archive.zip", "--kind", "archive")
        assert harvested(installation) == {"read": 20, "new": 20, "valid": 20}
        assert harvested(installation) == {}
        assert archive.statuses == [200, 304]
        archive.pack(range(21))
        assert harvested(installation) == {"read": 21, "new": 1, "unchanged": 20, "valid": 21}
        archive.pack(range(20))
        told = harvested(installation)
        assert told == {"read": 20, "unchanged": 20, "valid": 20}, "deleted without --mirror"
        assert len(keys(installation)) == 21
    assert {path.suffix for path in installation.data.iterdir()} & {".archive"} == set()


def test_mirror_deletes_within_its_guard(installation: Installation, archive: Served) -> None:
    with Peer(archive.answer) as peer:
        url = f"{peer.url}/archive.zip"
        add(installation, url, "--kind", "archive")
        harvested(installation)
        archive.pack(range(19))
        assert harvested(installation, "--mirror")["deleted"] == 1
        archive.pack(range(10))
        ended = installation.run("harvest", "peer", "--mirror")
        assert ended.status == 1
        assert ended.err.startswith(
            f"parhelion: peer: 9 of 19 records are deleted in {url} or no longer there, more than "
            f"10% ({key(10)}, {key(11)}, {key(12)}, {key(13)}, {key(14)} …). Nothing was deleted"
        )
        assert "--accept-deletions" in ended.err
        assert len(keys(installation)) == 19
        assert harvested(installation, "--mirror", "--accept-deletions")["deleted"] == 9
        assert keys(installation) == sorted(key(n) for n in range(10))
    assert installation.run("check").status == 0


def test_mirror_of_an_unchanged_archive(installation: Installation, archive: Served) -> None:
    """--mirror deletes what an earlier harvest without it left, though the archive is the same."""
    with Peer(archive.answer) as peer:
        add(installation, f"{peer.url}/archive.zip", "--kind", "archive")
        harvested(installation)
        archive.pack(range(19))
        harvested(installation)
        assert len(keys(installation)) == 20
        assert harvested(installation, "--mirror")["deleted"] == 1
        assert len(keys(installation)) == 19


def test_damaged_archive_deletes_nothing(installation: Installation, archive: Served) -> None:
    with Peer(archive.answer) as peer:
        add(installation, f"{peer.url}/archive.zip", "--kind", "archive")
        harvested(installation)
        whole = archive.content
        archive.content = whole[: len(whole) // 2]
        ended = installation.run("harvest", "peer", "--mirror", "--accept-deletions")
        assert ended.status == 1, ended.said
        assert "could not be read to its end" in ended.err
        assert len(keys(installation)) == 20
        archive.content = whole
        assert harvested(installation, "--mirror") == {"read": 20, "unchanged": 20, "valid": 20}
    state = installation.run("status", "--json").json
    assert state["quarantine"] == {}
