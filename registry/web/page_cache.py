"""Pages of records that were made before, as long as nothing has changed.

A page says who refers to its record and what other records make of it, so that any change of the
registry may change any page: the pages of a state are forgotten together.
"""

from __future__ import annotations

import threading
import zlib
from collections import OrderedDict
from collections.abc import Hashable

MOST_BYTES = 96 * 1024 * 1024
"""Of compressed pages; all of 16,000 records take about 70 MB."""
_LONGEST = 4 * 1024 * 1024
"""A longer page is made each time."""


Headers = list[tuple[str, str]]
Made = tuple[bytes, Headers]


class PageCache:
    """Compressed pages by key, the least used forgotten first; safe for threads."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._state: Hashable = None
        self._pages: OrderedDict[Hashable, Made] = OrderedDict()
        self._held = 0

    def get(self, state: Hashable, key: Hashable) -> Made | None:
        """A page and its headers as they were made in this state; None if they were not."""
        with self._lock:
            if state != self._state:
                return None
            found = self._pages.get(key)
            if found is None:
                return None
            self._pages.move_to_end(key)
        return zlib.decompress(found[0]), found[1]

    def put(self, state: Hashable, key: Hashable, page: bytes, headers: Headers) -> None:
        """Keeps a page that was made in `state`; pages of another state are forgotten."""
        if len(page) > _LONGEST:
            return
        packed = zlib.compress(page, 1)
        with self._lock:
            if state != self._state:
                self._pages.clear()
                self._held, self._state = 0, state
            old = self._pages.pop(key, None)
            self._held += len(packed) - (len(old[0]) if old else 0)
            self._pages[key] = packed, headers
            while self._held > self.most and self._pages:
                _, (dropped, _) = self._pages.popitem(last=False)
                self._held -= len(dropped)
