"""Pages that were written before, kept in memory: every harvester asks for the same ones.

A stretch of a list holds the records with change numbers from one to another. A record that
changes gets a new number beyond all others, so the stretch can only lose records: as long as it
holds as many as when it was written, it holds the same ones, each as it was (docs/decisions.md,
section 3).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from registry.oai.stitched import Piece

Key = tuple[str, str, str, str, int, int]
"""Repository, verb, format, set, page size, and the change number that the stretch begins after."""


@dataclass(slots=True, frozen=True)
class Stretch:
    """`count` records, the last with the change number `last`, written as they stand in a list.

    `full`: more followed them, so that the page took as many as it takes.
    """

    piece: Piece
    count: int
    last: int
    full: bool


class Pages:
    """Stretches that were written, those unused longest forgotten first; for several threads."""

    def __init__(self, limit: int) -> None:
        """`limit`: how many bytes are kept, in compressed form."""
        self._limit = limit
        self._held = 0
        self._stretches: OrderedDict[Key, Stretch] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Stretch | None:
        with self._lock:
            found = self._stretches.get(key)
            if found is not None:
                self._stretches.move_to_end(key)
            return found

    def put(self, key: Key, stretch: Stretch) -> None:
        with self._lock:
            before = self._stretches.pop(key, None)
            if before is not None:
                self._held -= len(before.piece.deflated)
            self._stretches[key] = stretch
            self._held += len(stretch.piece.deflated)
            while self._held > self._limit:
                _, gone = self._stretches.popitem(last=False)
                self._held -= len(gone.piece.deflated)
