"""Zip and tar archives, read as what they are: strangers' files.

Members whose names climb out, links, devices, encrypted and damaged members and what unpacks to
too much are refused one by one with the reason; the others are read. Nothing is ever unpacked
to the disk.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from harvesters import tars, zips
from harvesters.documents import Document, Limits, Task, Unreadable
from harvesters.members import DAMAGE, Packed, broken


def kind(path: str) -> str:
    """`zip`, `tar`, `tar.gz`, `tar.bz2` or `tar.xz` by a file's first bytes; '' for others.

    Raises OSError where the file cannot be read.
    """
    with open(path, "rb") as file:
        return kind_of(file.read(512))


def kind_of(start: bytes) -> str:
    """The same by the first bytes themselves (512 of them)."""
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if start.startswith(b"\x1f\x8b"):
        return "tar.gz"
    if start.startswith(b"BZh"):
        return "tar.bz2"
    if start.startswith(b"\xfd7zXZ\x00"):
        return "tar.xz"
    return "tar" if start[257:262] == b"ustar" else ""


def held(
    content: bytes, name: str, limits: Limits | None = None
) -> Iterator[Document | Unreadable]:
    """The documents of an archive that lies in memory; `name` stands before their places."""
    archive = Packed("", name, f"{name}!/", "", limits or Limits(), content)
    what = kind_of(content[:512])
    try:
        if what == "zip":
            yield from zips.documents(archive)
        elif what:
            yield from tars.documents(archive, what)
        else:
            raise zipfile.BadZipFile("it does not begin as a zip or tar archive does")
    except DAMAGE as error:
        yield broken(name, error)


def tasks(archive: Packed, chunk: int) -> Iterator[Task]:
    """The archive's documents as tasks of about `chunk` bytes each."""
    path = archive.path
    try:
        what = kind(path)
        if what == "zip":
            yield from zips.tasks(archive, chunk)
        elif what or path.lower().endswith(".tar"):
            yield from tars.tasks(archive, what, chunk)
        else:
            raise zipfile.BadZipFile("it does not begin as a zip or tar archive does")
    except DAMAGE as error:
        yield Task(ready=(broken(archive.name, error),))
