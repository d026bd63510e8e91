"""Faults around us: folders, disks and databases that are not as they should be, said in words."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from registry.store.migrations import STEPS
from tests.whole.corpus import EXAMPLES, made, spase, write_loose
from tests.whole.running import Ended, Installation

COMMANDS = (("ingest", str(EXAMPLES)), ("check",), ("serve",))


FULL = (
    "The disk that holds {} is full: make room and run the same command again; it goes on where "
    "it stopped."
)


def refused(ended: Ended, message: str) -> None:
    """A command that could not run says why, and nothing else."""
    assert (ended.status, ended.out, ended.err) == (2, "", f"parhelion: {message}\n")


@contextmanager
def database(installation: Installation) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(installation.data / "store.sqlite")) as connection, connection:
        yield connection


@pytest.fixture
def filled(installation: Installation) -> Installation:
    assert installation.run("ingest", str(EXAMPLES)).status == 0
    return installation


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_store_of_a_newer_version(installation: Installation, command: tuple[str, ...]) -> None:
    assert installation.run("ingest", "--no-follow", str(EXAMPLES / "ivoa")).status == 0
    newer = len(STEPS) + 1
    with database(installation) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(newer),))
    refused(
        installation.run(*command),
        f"This store has form {newer}; this version of Parhelion knows forms up to {len(STEPS)}. "
        "Use the newer version that wrote it.",
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_file_that_is_no_store(installation: Installation, command: tuple[str, ...]) -> None:
    installation.data.mkdir()
    store = installation.data / "store.sqlite"
    store.write_bytes(b"This is no database. " * 400)
    refused(
        installation.run(*command),
        f"{store} is no store of ours: name another folder with --data, or move that file away.",
    )
    assert store.read_bytes().startswith(b"This is no database.")


def test_store_cut_off(filled: Installation) -> None:
    store = filled.data / "store.sqlite"
    with database(filled) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.truncate(store, store.stat().st_size // 2)
    for command in COMMANDS[:3]:
        refused(filled.run(*command), f"{store} is damaged: restore it from a backup.")


def test_damaged_content(filled: Installation) -> None:
    with database(filled) as connection:
        connection.execute("UPDATE revision SET body = x'001122334455'")
    ended = filled.run("check")
    assert (ended.status, ended.out) == (2, "")
    start = f"parhelion: A content in {filled.data}/store.sqlite is damaged ("
    assert ended.err.startswith(start)
    assert ended.err.endswith("): restore it from a backup.\n")


def test_data_folder_that_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    below = Installation(file / "data")
    refused(
        below.run("ingest", str(EXAMPLES)),
        f"The data folder {below.data} cannot be used: Not a directory.",
    )
    ended = Installation(file).run("status")
    assert ended.status == 2
    assert f"Directory '{file}' is a file." in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_data_folder_where_nothing_can_be_written() -> None:
    installation = Installation(Path("/proc/parhelion"))
    refused(
        installation.run("ingest", str(EXAMPLES)),
        "The data folder /proc/parhelion cannot be used: No such file or directory.",
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB; where none may be mounted the test is skipped."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """Said in words; what was committed stays, and with room the same command goes on."""
    write_loose(tmp_path / "made", made(800))
    installation = Installation(small_disk / "data")
    refused(installation.run("ingest", str(tmp_path / "made")), FULL.format(installation.data))
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    ended = installation.run("ingest", str(tmp_path / "made"))
    assert ended.status == 0, ended.said
    assert installation.run("check").status == 0
    state = installation.run("status", "--json").json
    assert state["records"]["total"] == 800


def test_disk_full_while_index_and_graph_are_built(small_disk: Path, tmp_path: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    write_loose(tmp_path / "made", made(400))
    installation = Installation(small_disk / "data")
    assert installation.run("ingest", "--no-follow", str(tmp_path / "made")).status == 0
    used = sum(path.stat().st_size for path in installation.data.rglob("*"))
    subprocess.run(
        ["mount", "-o", f"remount,size={used // 1024 + 100}k", str(small_disk)], check=True
    )
    ended = installation.run("reindex")
    assert ended.status == 2, ended.said
    assert ended.err.startswith("parhelion: ")
    assert "Traceback" not in ended.said
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    assert installation.run("reindex").status == 0
    assert installation.run("check").status == 0


def test_files_that_may_not_grow(installation: Installation, tmp_path: Path) -> None:
    """The system's limit of a file's size is as a full disk."""
    write_loose(tmp_path / "made", made(800))

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    ended = installation.run("ingest", str(tmp_path / "made"), preexec_fn=limited)
    refused(ended, FULL.format(installation.data))
    assert installation.run("ingest", str(tmp_path / "made")).status == 0
    assert installation.run("check").status == 0


def test_wrong_setting(tmp_path: Path) -> None:
    ended = Installation(tmp_path / "data", {"PARHELION_SERVER__PORT": "many"}).run("status")
    refused(
        ended,
        "Wrong settings: server.port: Input should be a valid integer, unable to parse string as "
        "an integer.",
    )


def test_output_that_nobody_reads(filled: Installation) -> None:
    """`parhelion status | head -0`."""
    process = filled.start("status")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.wait(60)
    process.stderr.close()
    assert "Traceback" not in said


def test_store_held_by_another(filled: Installation, tmp_path: Path) -> None:
    """A reader never waits for a writer."""
    (tmp_path / "a.xml").write_bytes(spase("spase://MADE/Person/A"))
    with database(filled) as connection:
        connection.execute("BEGIN IMMEDIATE")
        with closing(sqlite3.connect(filled.data / "store.sqlite")) as reading:
            assert reading.execute("SELECT count(*) FROM record").fetchone()[0] > 50
        connection.execute("ROLLBACK")
    assert filled.run("ingest", "--json", str(tmp_path / "a.xml")).json["new"] == 1
