"""Worker processes that end with their parent, and their results in the order of the tasks."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.process import BaseProcess
from typing import TypeVar

_PR_SET_PDEATHSIG = 1

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkersDied(Exception):
    """A worker process was ended from outside (memory?)."""


def pool(
    processes: int, begin: Callable[..., None], *arguments: object, lockless: bool = False
) -> ProcessPoolExecutor:
    """A pool of fresh processes, each begun by `begin(*arguments)`.

    They are spawned, not forked: a forked worker would keep its dead parent's locks. A parent
    that is `lockless`, with one thread and no lock, file or connection that matters, has them
    forked where the system can: they need not import again what it has.
    """
    forked = lockless and sys.platform == "linux" and threading.active_count() == 1
    workers = ProcessPoolExecutor(
        processes,
        get_context("fork" if forked else "spawn"),
        initializer=_begin,
        initargs=(os.getpid(), begin, arguments),
    )
    with _interrupts_held():
        for _ in range(processes):
            workers.submit(os.getpid)  # each task begins a process, as long as none is idle
    return workers


def alone(do: Callable[..., None], *arguments: object) -> BaseProcess:
    """A fresh process that does this and ends, at the latest with the thread that calls."""
    process = get_context("spawn").Process(
        target=_begin, args=(os.getpid(), do, arguments), daemon=True
    )
    with _interrupts_held():
        process.start()
    return process


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits; processes begun meanwhile never get it, not even while they still import."""
    if not hasattr(signal, "pthread_sigmask"):  # pragma: no cover - Windows
        yield
        return
    resource_tracker.ensure_running()  # it would let interrupts through again
    # Nor must SIGTERM end this process between a child's start and what the child is told.
    held = {signal.SIGINT, signal.SIGTERM}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int, begin: Callable[..., None], arguments: tuple[object, ...]) -> None:
    """In the worker: ends with its parent, leaves Ctrl-C to it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):  # it began with its parent's, which waits there
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    begin(*arguments)


def in_order(
    workers: ProcessPoolExecutor,
    do: Callable[[Task], Result],
    tasks: Iterable[Task],
    ahead: int,
) -> Iterator[Result]:
    """What comes of each task, in their order; `ahead` are under way at most.

    Raises WorkersDied, and what `do` raises.
    """
    waiting: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            waiting.append(workers.submit(do, task))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise WorkersDied(
            "A worker process was ended from outside, perhaps for want of memory."
        ) from error
