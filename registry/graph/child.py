"""The supervisor of `oxigraph serve`: a child process on loopback, bounded from outside.

The engine's own time limit does not bound a query, and nothing in it bounds memory. So the child
gets a limit of its address space, and is ended and started again when a query outlives its limit
(`restart`). A new child answers on the same place in about 50 ms, with the data whole. The engine
is told no limit: each query would leave a thread behind that sleeps until the limit, and after some
1,300 of them the address space is full and nothing is answered.

`server.json` in the graph's folder names the child's process, port and place, so that other
processes of this installation (`check`, `export`) can ask it, and so that a child whose parent
died without ending it is found and ended at the next start.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from registry.graph.errors import GraphUnavailable

MEMORY = 3 << 30
START_SECONDS = 30.0
_READY = "Listening for requests"
# With glibc's default, a machine of many processors spends the address space on arenas.
_ENVIRONMENT = {"PATH": os.defpath, "MALLOC_ARENA_MAX": "4"}
_log = logging.getLogger(__name__)

# The system ends a child when the thread that started it ends (PR_SET_PDEATHSIG), not the
# process: so one thread that lives as long as the process starts them all.
_starter = ThreadPoolExecutor(1, "graph-starter")


def _start_anew() -> None:
    """A forked process has not got the thread."""
    global _starter
    _starter = ThreadPoolExecutor(1, "graph-starter")


os.register_at_fork(after_in_child=_start_anew)


def binary() -> str:
    """The path of the `oxigraph` program. Raises GraphUnavailable when there is none."""
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.is_file() else shutil.which("oxigraph")
    if not found:
        raise GraphUnavailable(
            "The program 'oxigraph' is not installed: neither beside "
            f"{sys.executable} nor on the PATH. Install the Python package 'oxigraph'."
        )
    return found


def start(arguments: list[str], memory: int = 0) -> subprocess.Popen[str]:
    """The engine's program as a child that ends with this process and cannot connect anywhere.

    Raises GraphUnavailable when it is not installed, or this process is ending.
    """
    launcher = str(Path(__file__).with_name("confined.py"))
    command = [sys.executable, "-I", "-S", launcher, str(os.getpid()), str(memory)]
    command += [binary(), *arguments]
    try:
        return _starter.submit(_popen, command).result()
    except RuntimeError as error:
        raise GraphUnavailable(f"The graph's engine cannot be started: {error}") from None


def _popen(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own launcher and the engine
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=_ENVIRONMENT,
        start_new_session=True,  # an interrupt at the terminal is for us: we end the child
    )


@dataclass(slots=True, frozen=True)
class Server:
    """A running child, as `server.json` names it."""

    pid: int
    port: int
    location: str
    ready: bool = False


def read_server(folder: Path) -> Server | None:
    """What `server.json` in the graph's folder says; None when there is none to read."""
    try:
        return Server(**json.loads((folder / "server.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write_server(folder: Path, server: Server) -> None:
    waiting = folder / "server.json.new"
    waiting.unlink(missing_ok=True)
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(server), file)
    waiting.replace(folder / "server.json")


def end_process(server: Server) -> bool:
    """End the process that `server` names, if it is the engine on that place; wait until it is.

    A process of another program that has got the same number since then is left alone.
    """
    try:
        handle = os.pidfd_open(server.pid) if hasattr(os, "pidfd_open") else -1
    except OSError:
        return False
    try:
        if not is_engine(server):
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.pid, signal.SIGKILL)
        if handle >= 0:
            select.select([handle], [], [], START_SECONDS)
        else:
            _wait_gone(server.pid)
        return True
    except PermissionError:
        return False
    finally:
        if handle >= 0:
            os.close(handle)


def is_engine(server: Server) -> bool:
    """Whether the process of that number is the engine on that place, and not yet ending."""
    try:
        words = Path(f"/proc/{server.pid}/cmdline").read_bytes().decode(errors="replace")
        command = words.split("\0")
    except OSError:
        if sys.platform == "linux":
            return False
        said = subprocess.run(  # noqa: S603
            ["/bin/ps", "-ww", "-o", "command=", "-p", str(server.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        command = said.stdout.split()
    names = {Path(word).name for word in command}
    return "oxigraph" in names and "serve" in names and server.location in command


def _wait_gone(pid: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)


class Child:
    """One supervised `oxigraph serve`. Thread-safe; only the followers' lock holder may have one.

    `folder` is the graph's folder (where `server.json` stands), `memory` the limit of the child's
    address space in bytes (0: none).
    """

    def __init__(self, folder: Path, *, memory: int = MEMORY) -> None:
        self.folder = folder
        self._memory = memory
        self._lock = threading.RLock()
        self._place: Path | None = None
        self._process: subprocess.Popen[str] | None = None
        self._server: Server | None = None
        self._generation = 0
        self._closed = False
        itself = weakref.ref(self)
        atexit.register(lambda: _close(itself()))

    def serve(self, place: Path) -> None:
        """Answer from `place` from now on. Raises GraphUnavailable when the child cannot start."""
        with self._lock:
            self._end()
            self._place = place
            self._start()

    def address(self) -> tuple[int, int]:
        """(port, generation) of the running child, started anew if it has died."""
        with self._lock:
            if self._closed:
                raise GraphUnavailable("The graph is closed.")
            if self._process is None or self._process.poll() is not None:
                self._start()
            assert self._server is not None
            return self._server.port, self._generation

    def restart(self, generation: int) -> None:
        """End the child of that generation, whatever it does, and start another."""
        with self._lock:
            if self._closed or generation != self._generation:
                return
            self._end()
            self._start()

    def lost(self, generation: int) -> None:
        """A connection to the child of that generation broke: if it is ending, wait until it has.

        The system closes a process's connections before the process has ended.
        """
        with self._lock:
            process = self._process
            if process is None or generation != self._generation:
                return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(1.0)

    def pid(self) -> int:
        """The child's process number; 0 when there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else 0

    def close(self) -> None:
        """End the child for good."""
        with self._lock:
            self._closed = True
            self._end()
            (self.folder / "server.json").unlink(missing_ok=True)

    def _start(self) -> None:
        place = self._place
        if place is None:
            raise GraphUnavailable("The graph has not been built yet.")
        self._end()
        orphan = read_server(self.folder)
        if orphan is not None and orphan.pid != os.getpid() and end_process(orphan):
            _log.warning("ended an engine that was left behind (process %d)", orphan.pid)
        for attempt in range(5):
            said = self._attempt(place)
            if not said:
                return
            if "address" not in said.lower() or attempt == 4:
                raise GraphUnavailable(f"The graph's engine did not start: {said}")

    def _attempt(self, place: Path) -> str:
        """Start a child on a port that is free now; '' or what it said before it ended."""
        port = _free_port()
        arguments = ["serve", "--location", str(place), "--bind", f"127.0.0.1:{port}"]
        process = start(arguments, self._memory)
        server = Server(process.pid, port, str(place))
        _write_server(self.folder, server)
        said: deque[str] = deque(maxlen=20)
        ready = threading.Event()
        self._process, self._generation = process, self._generation + 1
        threading.Thread(
            target=_listen, args=(process, said, ready, weakref.ref(self)), daemon=True
        ).start()
        ready.wait(START_SECONDS)
        if process.poll() is not None or not ready.is_set():
            process.kill()
            process.wait()
            self._process = None
            return " ".join(said) or "it said nothing"
        self._server = Server(server.pid, server.port, server.location, ready=True)
        _write_server(self.folder, self._server)
        return ""

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()  # the store is made for it, and a busy engine hears nothing else
        process.wait()
        if self._server is not None:  # readers wait for the next one
            _write_server(self.folder, replace(self._server, ready=False))
            self._server = None

    def _fell(self, process: subprocess.Popen[str], lived: float) -> None:
        """The child ended without being told to: others ask it too, so start another now."""
        with self._lock:
            ending = not threading.main_thread().is_alive()
            if self._closed or ending or process is not self._process:
                return
            status = process.wait()
            _log.warning("the graph's engine ended by itself (status %s)", status)
            # Not in a circle: the next question tries again. Who was killed was ended by a reader.
            if lived < 1.0 and status != -signal.SIGKILL:
                return
            with contextlib.suppress(GraphUnavailable):
                self._start()


def _listen(
    process: subprocess.Popen[str],
    said: deque[str],
    ready: threading.Event,
    child: weakref.ref[Child],
) -> None:
    """Read what the engine says until it ends."""
    begun = time.monotonic()
    assert process.stderr is not None
    with process.stderr:
        for line in process.stderr:
            if line.startswith(_READY):
                ready.set()
            else:
                said.append(line.strip())
                _log.info("oxigraph: %s", line.strip()[:500])
    came_up = ready.is_set()
    process.wait()
    ready.set()
    supervisor = child()
    if came_up and supervisor is not None:
        supervisor._fell(process, time.monotonic() - begun)


def _close(child: Child | None) -> None:
    if child is not None:
        child.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
