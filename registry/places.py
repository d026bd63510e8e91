"""Numbered places of an engine's files, and the pointer that says which one answers.

`search/3/` and a file `search/current` with the text `3`: the pointer is changed by rename, so a
reader sees the old place or the new one and nothing between. A reader compares the pointer
before each query and opens anew when it has changed.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class Places:
    """The places in one folder. Only the holder of the followers' lock may write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pointer = folder / "current"

    def current(self) -> Path | None:
        """The place that answers now; None before the first switch."""
        try:
            name = self._pointer.read_text("ascii").strip()
        except FileNotFoundError:
            return None
        return self.folder / name if name.isdigit() else None

    def fresh(self) -> Path:
        """A new, empty place beside the others; leftovers of an interrupted build stay unused."""
        self.folder.mkdir(parents=True, exist_ok=True)
        taken = [int(p.name) for p in self.folder.iterdir() if p.name.isdigit()]
        place = self.folder / str(max(taken, default=0) + 1)
        place.mkdir()
        return place

    def switch(self, place: Path) -> None:
        """Let `place` answer from now on."""
        waiting = self._pointer.with_suffix(".new")
        with waiting.open("w", encoding="ascii") as file:
            file.write(place.name)
            file.flush()
            os.fsync(file.fileno())
        waiting.replace(self._pointer)

    def sweep(self) -> None:
        """Remove every place but the current one; what is still in use stays until next time."""
        current = self.current()
        if not self.folder.is_dir():
            return
        for place in self.folder.iterdir():
            if place.name.isdigit() and place != current:
                shutil.rmtree(place, ignore_errors=True)
