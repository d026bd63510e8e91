"""Pages that were written before, kept in memory and in the data folder: every harvester asks for
the same ones, and to write them is what costs.

Whether one still holds is for whoever asks to find out (`registry.oai.lists`).
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from registry.oai.stretches import DamagedStretch, Stretch, from_bytes

Key = tuple[str, str, str, str, int, int]
"""Repository, verb, format, set, page size, and the change number that the stretch begins after."""

FOLDER = "oai-pages"
_log = logging.getLogger(__name__)


class Pages:
    """Stretches that were written, those unused longest forgotten first; for several threads."""

    def __init__(self, limit: int, files: PageFiles | None = None) -> None:
        """`limit`: how many bytes are kept in memory, in compressed form; `files`: where they are
        kept beyond the life of this process."""
        self._limit = limit
        self._files = files
        self._held = 0
        self._stretches: OrderedDict[Key, Stretch] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Stretch | None:
        with self._lock:
            found = self._stretches.get(key)
            if found is not None:
                self._stretches.move_to_end(key)
                return found
        if self._files:
            found = self._files.get(key)
            if found is not None:
                self._remember(key, found)
        return found

    def put(self, key: Key, stretch: Stretch) -> None:
        self._remember(key, stretch)
        if self._files:
            self._files.put(key, stretch)

    def cut(self, key: Key, stretch: Stretch) -> None:
        """Keeps what is left of a stretch. Its file is as good as before: to cut it again costs
        no more than to write it."""
        self._remember(key, stretch)

    def _remember(self, key: Key, stretch: Stretch) -> None:
        with self._lock:
            before = self._stretches.pop(key, None)
            if before is not None:
                self._held -= len(before.piece.deflated)
            self._stretches[key] = stretch
            self._held += len(stretch.piece.deflated)
            while self._held > self._limit:
                _, gone = self._stretches.popitem(last=False)
                self._held -= len(gone.piece.deflated)


class PageFiles:
    """Stretches in files of the data folder, for all its processes; a copy that may be thrown away.

    Those written by other settings or by another version are removed.
    """

    def __init__(self, folder: Path, limit: int, fingerprint: str) -> None:
        """`limit`: how many bytes they may take; `fingerprint`: of all that they depend on beside
        the records."""
        self._whole = folder / FOLDER
        self._folder = self._whole / fingerprint
        self._limit = limit
        self._lock = threading.Lock()
        self._failed = False
        self._held = self._begin()

    def _begin(self) -> int:
        """Removes what others left; gives how many bytes there are."""
        for other in _listed(self._whole):
            if other.path != str(self._folder):
                shutil.rmtree(other.path, ignore_errors=True)
        return sum(size for _, size, _ in self._every())

    def get(self, key: Key) -> Stretch | None:
        path = self._path(key)
        try:
            found = from_bytes(path.read_bytes())
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, DamagedStretch) as error:
            _log.warning("%s is not used: %s", path, error)
            with suppress(OSError):
                path.unlink()
            return None
        return found

    def put(self, key: Key, stretch: Stretch) -> None:
        if self._failed:
            return
        content = stretch.as_bytes()
        try:
            self._write(self._path(key), content)
        except OSError as error:
            # Whoever asks is answered all the same; without these files it costs more.
            self._failed = True
            _log.warning("pages of OAI-PMH are no longer kept in %s: %s", self._folder, error)
            return
        with self._lock:
            self._held += len(content)
            if self._held > self._limit:
                self._held = self._make_room()

    def _path(self, key: Key) -> Path:
        return self._folder / sha256(repr(key).encode("utf-8")).hexdigest()[:40]

    def _write(self, path: Path, content: bytes) -> None:
        """Whole or not at all; after a power cut it may be damaged, which is found on reading."""
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            # Some file systems write a file to disk at once when it takes the place of another.
            path.unlink(missing_ok=True)
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def _every(self) -> list[tuple[float, int, Path]]:
        """(last use, bytes, path) of every file."""
        found = []
        for entry in _listed(self._folder):
            with suppress(FileNotFoundError):  # another process has just removed it
                about = entry.stat()
                found.append((about.st_mtime, about.st_size, Path(entry.path)))
        return found

    def _make_room(self) -> int:
        """Removes what was unused longest, to nine tenths of the limit; gives what is left."""
        every = sorted(self._every())
        held = sum(size for _, size, _ in every)
        for _, size, path in every:
            if held <= self._limit * 0.9:
                break
            with suppress(OSError):
                path.unlink()
                held -= size
        return held


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError as error:
        _log.warning("pages of OAI-PMH cannot be kept in %s: %s", folder, error)
        return []
