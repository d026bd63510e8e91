"""CPU, wall time and memory of a command and all its children, measured from outside."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil


@dataclass(slots=True)
class Cost:
    """CPU seconds (user and system, children too), wall seconds, and peak memory in bytes.

    `memory` is the sum over all processes at its highest, the graph's engine aside, which is in
    `engine_memory`. `cores` is how many were busy on average.
    """

    cpu: float
    wall: float
    memory: int = 0
    engine_memory: int = 0

    @property
    def cores(self) -> float:
        return self.cpu / self.wall if self.wall else 0.0


def run(command: Sequence[str], **environment: str) -> tuple[Cost, str]:
    """What a command costs, and what it printed. Raises CalledProcessError."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": ""} | environment,
    )
    watch = Watch(process.pid)
    watch.start()
    output, _ = process.communicate()
    wall = time.perf_counter() - began
    watch.ended.set()
    watch.join()
    if process.returncode not in (0, 1):
        raise subprocess.CalledProcessError(process.returncode, command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, watch.memory, watch.engine), output


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


class Watch(threading.Thread):
    """Looks at a process tree's memory twenty times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.memory = 0
        self.engine = 0
        self._process = psutil.Process(pid)

    def run(self) -> None:
        while not self.ended.wait(0.05):
            ours = engine = 0
            try:
                for process in [self._process, *self._process.children(recursive=True)]:
                    size = process.memory_info().rss
                    if "oxigraph" in process.name():
                        engine += size
                    else:
                        ours += size
            except psutil.Error:
                continue
            self.memory = max(self.memory, ours)
            self.engine = max(self.engine, engine)
