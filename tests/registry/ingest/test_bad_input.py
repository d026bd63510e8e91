"""Bad input in one ingest: each is named with its reason, and the rest of the batch goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.store.kept import KeptRefusal
from registry.store.store import Store
from tests.registry.ingest import bad_input
from tests.registry.ingest.bad_input import ARCHIVED, DOCUMENTS, Bad
from tests.whole.running import ROOT, Ended, Installation

LARGEST = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Runs a command and prints the most memory that it or a child of it had, in KiB."""


@dataclass(slots=True)
class Taken:
    """The folder of bad input taken in once, and once more."""

    folder: Path
    good: list[str]
    first: Ended
    again: Ended
    store: Store

    def refusal(self, name: str) -> KeptRefusal:
        path = f"{self.folder}/{name}"
        with self.store.reading() as reader:
            found = [one for one in reader.quarantined() if one.path == path]
        assert len(found) == 1, f"{name} is not in the quarantine"
        return found[0]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    folder = tmp_path_factory.mktemp("bad").resolve()
    good = bad_input.write(folder)
    data = tmp_path_factory.mktemp("data")
    installation = Installation(data)
    first = installation.run("ingest", "--json", str(folder))
    again = installation.run("ingest", "--json", str(folder))
    store = Store(data)
    yield Taken(folder, good, first, again, store)
    store.close()


def test_the_rest_of_the_batch_goes_on(taken: Taken) -> None:
    assert (taken.first.status, taken.first.err) == (0, "")
    with taken.store.reading() as reader:
        assert sorted(reader.keys(0, 1000)) == sorted(taken.good)
        refused = {Path(one.path).name for one in reader.quarantined()}
    assert {bad.name for bad in DOCUMENTS} <= refused
    told = taken.first.json
    assert told["new"] == told["valid"] == len(taken.good)
    assert told["quarantined"] == len(DOCUMENTS) + len(ARCHIVED)
    assert told["read"] == told["new"] + told["quarantined"]


def test_memory_stays_bounded(taken: Taken, tmp_path: Path) -> None:
    """No process ever held the 300 MB text, nor what the bombs unpack to."""
    # Asked by a small process of its own: this one may be large, and its children begin as it.
    command = [sys.executable, str(ROOT / "app.py"), "--data", str(tmp_path / "data"), "ingest"]
    asked = subprocess.run(
        [sys.executable, "-c", LARGEST, *command, "--no-follow", str(taken.folder)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(asked.stdout.splitlines()[-1]) * 1024 < 400_000_000


def test_the_same_again_changes_nothing(taken: Taken) -> None:
    assert (taken.again.status, taken.again.err) == (0, "")
    first, again = taken.first.json, taken.again.json
    assert (again["new"], again["changed"], again["deleted"]) == (0, 0, 0)
    assert again["unchanged"] == first["new"]
    assert again["quarantined"] == first["quarantined"]


@pytest.mark.parametrize("bad", DOCUMENTS, ids=lambda bad: bad.name)
def test_document_refused_in_words(taken: Taken, bad: Bad) -> None:
    found = taken.refusal(bad.name)
    assert (found.reason, found.message, found.line) == (bad.reason, bad.message, bad.line)
    assert found.source == "local"


@pytest.mark.parametrize("name", list(ARCHIVED))
def test_archive_or_member_refused_in_words(taken: Taken, name: str) -> None:
    assert taken.refusal(name).message.startswith(ARCHIVED[name])


def test_lying_encoding_names_the_byte(tmp_path: Path) -> None:
    wrong = bad_input.person("lying", b"Universit\xe9 Paris")
    place = wrong.index(b"\xe9")
    (tmp_path / "lying.xml").write_bytes(wrong)
    installation = Installation(tmp_path / "data")
    assert installation.run("ingest", "--no-follow", str(tmp_path / "lying.xml")).status == 0
    told = installation.run("status").out
    assert f"{(tmp_path / 'lying.xml').resolve()}, line 4: the document says that it is UTF-8 and "\
        f"byte {place + 1} (0xE9) in line 4 does not fit it" in told  # fmt: skip
