"""The followers' lock: exactly one process builds, switches and removes what follows the store.

The operating system frees it when its holder dies.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]


class FollowersLock:
    """Held by at most one process on this machine."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "followers.lock"
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Takes the lock if it is free; says whether it is ours now."""
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
        file.write(str(os.getpid()))
        file.flush()
        self._file = file
        return True

    @property
    def held(self) -> bool:
        return self._file is not None

    def free(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
