"""The followers' lock: exactly one process builds, switches and removes what follows the store.

The operating system frees it when its holder dies. Its file says who holds it, and whether the
holder follows for as long as it lives (a server) or frees the lock soon (a command).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import IO

from registry.followers.leftovers import remove_leftovers

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]


POLL_SECONDS = 0.1


class FollowersLock:
    """Held by at most one process on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "followers.lock"
        self._file: IO[str] | None = None

    def take(self, *, lasting: bool = False) -> bool:
        """Takes the lock if it is free; says whether it is ours now.

        With it go the leftovers of whoever died with it.
        """
        if self._file is not None:
            return True
        file = self._path.open("a+", encoding="ascii")
        try:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            else:  # pragma: no cover - Windows
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}{' lasting' if lasting else ''}")
        file.flush()
        self._file = file
        remove_leftovers(self._folder)
        return True

    def take_when_free(self) -> bool:
        """Takes the lock as soon as a passing holder frees it; False when a server has it."""
        while not self.take():
            if self._held_for_long():
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _held_for_long(self) -> bool:
        try:
            return self._path.read_text("ascii").endswith(" lasting")
        except OSError:
            return False

    @property
    def held(self) -> bool:
        return self._file is not None

    def free(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
