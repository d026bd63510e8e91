"""The next item made while this one is worked on, so that nobody waits for a peer while there is
work."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")

_Handed = tuple[Item | None, BaseException | None]


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order, one of them made ahead in a thread of its own.

    What making one raises comes when its turn does. When the caller stops, nothing more is made;
    the one being made is ended by whoever owns what it waits for.
    """
    handed: queue.SimpleQueue[_Handed[Item]] = queue.SimpleQueue()
    wanted = threading.Semaphore(1)
    ended = threading.Event()

    def make() -> None:
        while True:
            wanted.acquire()
            if ended.is_set():
                return
            try:
                item = next(items, None)
            except BaseException as error:  # noqa: BLE001 - raised where the items are taken
                handed.put((None, error))
                return
            handed.put((item, None))
            if item is None:
                return

    threading.Thread(target=make, daemon=True, name="one page ahead").start()
    try:
        while True:
            item, error = handed.get()
            if error is not None:
                raise error
            if item is None:
                return
            wanted.release()
            yield item
    finally:
        ended.set()
        wanted.release()
