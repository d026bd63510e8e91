"""Archives over HTTP: fetched only when they changed, read where they were put.

Kind `archive` of a source: a zip or tar that holds a whole collection of records, such as GitHub
makes of a repository. What the server says of its version (ETag, Last-Modified; RFC 9110,
section 8.8) comes in and goes out as state; the caller keeps it once everything was taken.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from harvesters.documents import Document, Limits, Task, Unreadable
from harvesters.fetching import Fetcher, FetchFailed
from harvesters.files import CHUNK, archive_tasks, digest, read

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]

_SUFFIX = ".archive"
# The forges put everything into one folder that is named for the branch: it is no part of a
# record's place, else every place would change with the branch's name.
_FORGES = re.compile(r"/(-/)?archive/|/(zipball|tarball|legacy\.(zip|tar\.gz))(/|$)")
_FORGE_HOSTS = frozenset({"codeload.github.com"})


@dataclass(slots=True, frozen=True)
class ArchiveState:
    """What is known of the version taken last; all empty before the first harvest."""

    etag: str = ""
    last_modified: str = ""
    digest: str = ""


@dataclass(slots=True, frozen=True)
class FetchedArchive:
    """An archive lying in a temporary file, and the state to keep once it was taken.

    Where an `Unreadable` has the archive's own address for its place, the archive was not read to
    its end: what did not come is not gone, and the state is not to be kept.
    `modified` is false where it is the version taken last: then there is nothing to read.
    """

    path: str
    url: str
    state: ArchiveState
    modified: bool = True
    strip: str | None = ""

    def tasks(self, chunk: int = CHUNK, limits: Limits | None = None) -> Iterator[Task]:
        """Its documents as tasks; the places are paths from the archive's root."""
        if not self.modified:
            return iter(())
        return archive_tasks(
            self.path, name=self.url, prefix="", strip=self.strip, chunk=chunk, limits=limits
        )

    def documents(self, limits: Limits | None = None) -> Iterator[Document | Unreadable]:
        """Its documents, and what could not be read of it."""
        for task in self.tasks(limits=limits):
            yield from read(task)


def has_top_folder(url: str) -> bool:
    """Whether an address is a forge's archive, with one folder round everything."""
    parts = urlsplit(url)
    return parts.hostname in _FORGE_HOSTS or _FORGES.search(parts.path) is not None


@contextmanager
def fetched(
    url: str, fetcher: Fetcher, state: ArchiveState | None = None, folder: Path | None = None
) -> Iterator[FetchedArchive]:
    """Fetches the archive into a temporary file (in `folder`), which goes when the block ends.

    Raises FetchFailed; OSError where the file cannot be written.
    """
    before = state or ArchiveState()
    if folder is not None:
        sweep(folder)
    file, path = _own_file(folder)
    try:
        response = fetcher.get(url, headers=_conditions(before), into=file)
        file.flush()
        if response.status == 304 and before != ArchiveState():
            yield FetchedArchive(path, url, before, modified=False)
            return
        if response.status != 200:
            message = f"{url}: the server answers {response.status}"
            raise FetchFailed("status", message, status=response.status)
        after = ArchiveState(
            response.headers.get("etag", ""),
            response.headers.get("last-modified", ""),
            digest(path),
        )
        strip = None if has_top_folder(url) else ""
        yield FetchedArchive(path, url, after, after.digest != before.digest, strip)
    finally:
        os.unlink(path)
        file.close()


def sweep(folder: Path) -> None:
    """Removes the archives that killed processes left in a folder; one in use is locked."""
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            with path.open("rb") as file:
                if _locked(file):
                    path.unlink()
        except FileNotFoundError:
            continue  # somebody else removed it


def _own_file(folder: Path | None) -> tuple[IO[bytes], str]:
    """A new file, locked as long as it is open, and its path."""
    while True:
        handle, path = tempfile.mkstemp(prefix="harvest-", suffix=_SUFFIX, dir=folder)
        file = open(handle, "wb")  # noqa: SIM115 - the caller closes it
        # Between the two somebody may have swept it away.
        if _locked(file) and os.path.exists(path):
            return file, path
        file.close()


def _locked(file: IO[bytes]) -> bool:
    """Takes the lock on a file if nobody has it; the system frees it when its holder dies."""
    if fcntl is None:  # pragma: no cover - Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _conditions(state: ArchiveState) -> dict[str, str]:
    found = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in found.items() if value}
