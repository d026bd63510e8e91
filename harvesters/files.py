"""Files, folders, archives and standard input: what `ingest` and `validate` read.

Documents keep their bytes. What cannot be read is yielded as `Unreadable` in its place, and the
rest goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
from collections.abc import Container, Iterator, Sequence
from typing import BinaryIO

from harvesters import packed, zips
from harvesters.documents import (
    Document,
    Limits,
    Task,
    Unreadable,
    begins_as_xml,
    hidden,
    named_as_archive,
    named_as_document,
    shown,
    too_large,
    unreadable,
)
from harvesters.members import WEIGHT, Packed

__all__ = ["Document", "Limits", "Task", "Unreadable", "digest", "documents", "read", "tasks"]

CHUNK = 4_000_000


def documents(
    paths: Sequence[str], stdin: BinaryIO | None = None, limits: Limits | None = None
) -> Iterator[Document | Unreadable]:
    """Every document of files, folders and archives, in the order of the paths.

    `-` stands for `stdin`. A folder is walked in the order of names, hidden files and those of
    version control passed over; in folders and archives a document is what is named .xml, .vor
    or .oai or begins as XML does, and a path that is named itself is always read.
    """
    for task in tasks(paths, stdin=stdin, limits=limits):
        yield from read(task)


def tasks(
    paths: Sequence[str],
    *,
    chunk: int = CHUNK,
    stdin: BinaryIO | None = None,
    limits: Limits | None = None,
) -> Iterator[Task]:
    """The same documents cut into tasks of about `chunk` bytes, for worker processes.

    Made one after the other while it is asked for them, so that the memory stays bounded.
    """
    limits = limits or Limits()
    loose = _Loose(chunk, limits)
    for path in dict.fromkeys(map(_resolved, paths)):
        if path == "-":
            yield Task(ready=(_standard_input(stdin, limits),), limits=limits)
        elif os.path.isdir(path):
            for found in _walked(path):
                if isinstance(found, Unreadable):
                    yield Task(ready=(found,), limits=limits)
                elif named_as_archive(found):
                    yield from archive_tasks(found, chunk=chunk, limits=limits)
                else:
                    yield from loose.add(found)
            yield from loose.rest()
        else:
            yield from _named(path, chunk, limits)


def archive_tasks(
    path: str,
    *,
    name: str = "",
    prefix: str | None = None,
    strip: str | None = "",
    chunk: int = CHUNK,
    limits: Limits | None = None,
) -> Iterator[Task]:
    """The documents of one archive as tasks.

    `name` is the archive's own place (its path if not said); `prefix` stands before a member's
    name in the places (`ARCHIVE!/` if not said); `strip` is taken off before that, None meaning
    the one folder that everything lies in.
    """
    before = f"{path}!/" if prefix is None else prefix
    archive = Packed(path, name or path, before, strip, limits or Limits())
    return packed.tasks(archive, chunk)


def read(task: Task, only: Container[str] | None = None) -> Iterator[Document | Unreadable]:
    """The documents of a task. Opens archives itself; never raises for what a file holds.

    With `only` those of these paths, and what cannot be read may be left out.
    """
    yield from (one for one in task.ready if only is None or one.path in only)
    for name in task.names:
        if only is not None and shown(name) not in only:
            continue
        found = _loose_file(name, task.explicit, task.limits)
        if found is not None:
            yield found
    if task.members:
        yield from zips.read(task, only)


def digest(path: str) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises OSError where it cannot be read."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _resolved(path: str) -> str:
    # What a descriptor of this process (`/dev/fd/63`) leads to has no path of its own.
    whole = os.path.realpath(path)
    return path if path == "-" else whole if os.path.exists(whole) else os.path.abspath(path)


def _standard_input(stdin: BinaryIO | None, limits: Limits) -> Document | Unreadable:
    if stdin is None:
        return unreadable("-", "there is no standard input to read")
    content = stdin.read(limits.document + 1)
    if len(content) > limits.document:
        return too_large("-", 0, limits)
    return Document("-", content)


def _named(path: str, chunk: int, limits: Limits) -> Iterator[Task]:
    """A path that a person named: an archive by its content, else one document."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            # A pipe (`<(command)`) belongs to this process: a worker could not open it.
            with open(path, "rb") as file:
                found = _standard_input(file, limits)
            found.path = shown(path)
            yield Task(ready=(found,), limits=limits)
        elif named_as_archive(path) or packed.kind(path):
            yield from archive_tasks(path, chunk=chunk, limits=limits)
        else:
            size = os.path.getsize(path)
            yield Task(size=size, names=(path,), explicit=True, limits=limits)
    except OSError as error:
        yield Task(ready=(_not_read(path, error),), limits=limits)


def _not_read(path: str, error: OSError) -> Unreadable:
    return unreadable(path, f"it cannot be read: {error.strerror or error}")


def _loose_file(path: str, explicit: bool, limits: Limits) -> Document | Unreadable | None:
    named = explicit or named_as_document(path)
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            if not named and not begins_as_xml(file.read(256)):
                return None
            if size > limits.document:
                return too_large(shown(path), size, limits)
            file.seek(0)
            content = file.read(limits.document + 1)
    except OSError as error:
        return _not_read(path, error) if named else None
    if len(content) > limits.document:
        return too_large(shown(path), 0, limits)
    return Document(shown(path), content)


class _Loose:
    """Collects loose files into tasks of one size."""

    def __init__(self, chunk: int, limits: Limits) -> None:
        self._chunk = chunk
        self._limits = limits
        self._names: list[str] = []
        self._size = 0

    def add(self, path: str) -> Iterator[Task]:
        with contextlib.suppress(OSError):  # gone since it was listed: reading it will say so
            self._size += os.path.getsize(path)
        self._names.append(path)
        if self._size + len(self._names) * WEIGHT >= self._chunk:
            yield from self.rest()

    def rest(self) -> Iterator[Task]:
        if self._names:
            yield Task(size=self._size, names=tuple(self._names), limits=self._limits)
        self._names, self._size = [], 0


def _walked(folder: str) -> Iterator[str | Unreadable]:
    """The files of a folder and of the folders in it, by name, none of them twice."""
    problems: list[OSError] = []
    for here, folders, names in os.walk(folder, onerror=problems.append):
        yield from (_not_read(str(error.filename), error) for error in problems)
        problems.clear()
        folders[:] = sorted(name for name in folders if not hidden(name))
        for name in folders:
            path = os.path.join(here, name)
            if os.path.islink(path) and not _inside(path, folder):
                yield unreadable(path, "the link leads out of the folder; it is not followed")
        for name in sorted(names):
            if not hidden(name):
                yield from _file_found(os.path.join(here, name), folder)
    yield from (_not_read(str(error.filename), error) for error in problems)


def _inside(path: str, folder: str) -> bool:
    return os.path.commonpath([os.path.realpath(path), folder]) == folder


def _file_found(path: str, folder: str) -> Iterator[str | Unreadable]:
    looks = named_as_document(path) or named_as_archive(path)
    if os.path.islink(path):
        if not _inside(path, folder):
            if looks:
                yield unreadable(path, "the link leads out of the folder; it is not followed")
            return
        if not os.path.exists(path):
            if looks:
                yield unreadable(path, "the link leads nowhere")
            return
    if os.path.isfile(path):
        yield path
