"""Ending a command at any moment: with words, and the next run goes on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from pathlib import Path

import pytest

from tests.whole.corpus import EXAMPLES, made, write_loose
from tests.whole.killing import last_change, leaves_nothing
from tests.whole.running import Ended, Installation
from tests.whole.serving import served

WORDS = "Interrupted. What was committed stays; the next run goes on.\n"


def interrupted(
    installation: Installation, number: signal.Signals, changes: int, seconds: float, *paths: str,
    whole_group: bool,
) -> Ended:  # fmt: skip
    """Ends an ingest so many seconds after the store has so many changes."""
    process = installation.start("ingest", *paths)
    while last_change(installation.data) < changes:
        try:
            process.wait(0.005)
        except subprocess.TimeoutExpired:
            continue
        break
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        if whole_group:  # as Ctrl-C at a terminal does
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    out, err = process.communicate(timeout=60)
    return Ended(process.returncode, out, err)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ingest_ends_cleanly_at_any_moment(
    installation: Installation, tmp_path: Path, number: signal.Signals
) -> None:
    write_loose(tmp_path / "made", made(400))
    chance = random.Random(int(number))
    ends = []
    moments = [(0, chance.uniform(0.25, 1.2)) for _ in range(4)]
    moments += [(1, chance.uniform(0, 0.5)) for _ in range(3)]
    for changes, seconds in moments:
        ended = interrupted(
            installation, number, changes, seconds, str(tmp_path / "made"),
            whole_group=number == signal.SIGINT,
        )  # fmt: skip
        ends.append(ended.status)
        assert "Traceback" not in ended.said, (changes, seconds, ended.said)
        if ended.status:
            assert ended.status in (130, -number), ended.said
            said = ended.err.removeprefix("\n")
            assert said == (WORDS if ended.status == 130 else ""), (changes, seconds)
        leaves_nothing(installation)
    assert 130 in ends, "no run was interrupted"
    assert installation.run("ingest", str(tmp_path / "made")).status == 0
    assert installation.run("check").status == 0
    state = installation.run("status", "--json").json
    assert state["records"]["total"] == 400
    assert not {path.name for path in installation.data.iterdir()} & {"spool"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_server_ends_cleanly(installation: Installation, number: signal.Signals) -> None:
    assert installation.run("ingest", "--no-follow", str(EXAMPLES)).status == 0
    with served(installation) as server:
        status, out, err = server.end(number)
    assert status == 0
    assert "Traceback" not in out + err
    assert not installation.left_over()
    assert not (installation.data / "graph/server.json").exists()
