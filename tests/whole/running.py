"""Running `parhelion` as a user does: a process of its own, watched and ended from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
SECONDS = 120
"""How long a command may take before the test is given up."""


@dataclass(slots=True)
class Ended:
    """A command that ended, with all that it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(slots=True)
class Installation:
    """A data folder and the commands run on it; every process of theirs can be found again."""

    data: Path
    environment: dict[str, str] = field(default_factory=dict)
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def start(self, *arguments: str, **given: Any) -> subprocess.Popen[str]:
        """Starts a command in a process group of its own."""
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PARHELION_")},
            "PARHELION_TEST_MARK": self.mark,
            "PYTHONUNBUFFERED": "1",
            **self.environment,
        }
        # It is no setting, but an unknown PARHELION_ variable must not trouble anybody.
        options: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "text": True,
            "start_new_session": True,
        }
        return subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--data", str(self.data), *arguments],
            env=environment,
            **(options | given),
        )

    def run(self, *arguments: str, seconds: float = SECONDS, **given: Any) -> Ended:
        """Runs a command to its end."""
        text = given.pop("input", None)
        if text is not None:
            given["stdin"] = subprocess.PIPE
        with self.start(*arguments, **given) as process:
            try:
                out, err = process.communicate(text, timeout=seconds)
            except BaseException:
                process.kill()
                raise
        return Ended(process.returncode, out, err)

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Ends the command's own process as `kill -9` does; what it started must end by itself."""
        process.send_signal(signal.SIGKILL)
        process.wait()
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()

    def processes(self) -> list[psutil.Process]:
        """Every process that runs for this installation: commands, workers, engines."""
        return [one for one in psutil.process_iter() if self._ours(one)]

    def left_over(self, seconds: float = 15) -> list[psutil.Process]:
        """The processes that are still there after this time."""
        return psutil.wait_procs(self.processes(), timeout=seconds)[1]

    def _ours(self, process: psutil.Process) -> bool:
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                return False
            if any(str(self.data) in word for word in process.cmdline()):
                return True
            return process.environ().get("PARHELION_TEST_MARK") == self.mark
        except psutil.Error:
            return False


def wait_until(
    done: Callable[[], Any], process: subprocess.Popen[str] | None = None, seconds: float = 60
) -> Any:
    """What `done` gives once it is true; fails when `process` ends first, or time is up."""
    waited = process or subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        for _ in range(int(seconds / 0.02)):
            found = done()
            if found:
                return found
            try:
                waited.wait(0.02)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(f"the process ended with {waited.returncode}")
        raise AssertionError(f"nothing came of it in {seconds} s")
    finally:
        if process is None:
            waited.kill()
            waited.communicate()


def last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def joined(paths: Sequence[Path]) -> list[str]:
    return [str(path) for path in paths]
