"""Zip and tar archives, read as what they are: strangers' files.

Members whose names climb out, links, devices, encrypted and damaged members and what unpacks to
too much are refused one by one with the reason; the others are read. Nothing is ever unpacked
to the disk.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
import stat
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any, cast

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

_WEIGHT = 4096
"""What a document costs beside its bytes, in bytes: small ones are not nearly free."""
_HEADERS = 16_000_000
"""How many bytes the headers before one member of a tar may have."""
_DAMAGE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
)
_TAKE_AGAIN = "fetch or pack the archive again"


class _TooMuch(Exception):
    """An archive unpacks to more than the limits allow."""


def kind(path: str) -> str:
    """`zip`, `tar`, `tar.gz`, `tar.bz2` or `tar.xz` by a file's first bytes; '' for others.

    Raises OSError where the file cannot be read.
    """
    with open(path, "rb") as file:
        start = file.read(512)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "zip"
    if start.startswith(b"\x1f\x8b"):
        return "tar.gz"
    if start.startswith(b"BZh"):
        return "tar.bz2"
    if start.startswith(b"\xfd7zXZ\x00"):
        return "tar.xz"
    return "tar" if start[257:262] == b"ustar" else ""


def tasks(
    path: str, *, prefix: str, strip: str | None = "", chunk: int, limits: Limits
) -> Iterator[Task]:
    """The archive's documents as tasks of about `chunk` bytes each.

    `prefix` stands before the members' names in the places; `strip` is taken off their
    beginning first, None meaning the one folder that everything in the archive lies in.
    """
    try:
        what = kind(path)
        if what == "zip":
            yield from _zip_tasks(path, prefix, strip, chunk, limits)
        elif what or path.lower().endswith(".tar"):
            yield from _tar_tasks(path, what, prefix, strip, chunk, limits)
        else:
            raise zipfile.BadZipFile("it does not begin as a zip or tar archive does")
    except _DAMAGE as error:
        yield Task(ready=(_broken(path, error),))


def _broken(path: str, error: BaseException) -> Unreadable:
    says = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return unreadable(path, f"the archive cannot be read: {says}", remedy=_TAKE_AGAIN)


# What is asked of a member before it is read


def fault(name: str) -> str:
    """What is wrong with a member's name, in words; '' if nothing is."""
    steps = re.split(r"[/\\]", name)
    if ".." in steps:
        return "its path climbs out of the archive"
    if name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name):
        return "its path is absolute"
    if not name.isprintable() and re.search(r"[\x00-\x1f\x7f]", name):
        return "its name contains control characters"
    return ""


def _wanted(name: str) -> bool:
    return not any(hidden(step) for step in re.split(r"[/\\]", name) if step not in ("", ".", ".."))


def _place(name: str, prefix: str, strip: str) -> str:
    return shown(prefix + name.removeprefix("./").removeprefix(strip))


def _common_folder(names: list[str]) -> str:
    tops = {name.partition("/")[0] for name in names}
    flat = any("/" not in name for name in names)
    return tops.pop() + "/" if len(tops) == 1 and not flat else ""


# Zip

_opened: dict[str, tuple[tuple[int, int], zipfile.ZipFile]] = {}


def _state(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns


def _open_zip(path: str, state: tuple[int, int]) -> zipfile.ZipFile:
    """The opened zip, kept for the tasks that follow in this process."""
    held = _opened.get(path)
    if held and held[0] == state:
        return held[1]
    if state != _state(path):
        raise zipfile.BadZipFile("it changed while it was being read")
    for _, other in _opened.values():
        other.close()
    _opened.clear()
    archive = zipfile.ZipFile(path)
    _opened[path] = (state, archive)
    return archive


def _zip_tasks(
    path: str, prefix: str, strip: str | None, chunk: int, limits: Limits
) -> Iterator[Task]:
    state = _state(path)
    infos = _open_zip(path, state).infolist()
    if strip is None:
        strip = _common_folder([info.filename for info in infos])
    if len(infos) > limits.members:
        message = f"the archive holds {len(infos):,} files; at most {limits.members:,} are read"
        yield Task(ready=(unreadable(path, message, reason="too-large"),))
        return
    # Of several members with one name the last is the file, as it is after unpacking.
    numbers = {info.filename: number for number, info in enumerate(infos)}
    total = weight = size = 0
    members: list[int] = []
    for name, number in numbers.items():
        info = infos[number]
        if info.is_dir() or not _wanted(name):
            continue
        total += info.file_size
        if total > limits.total:
            message = f"the archive unpacks to more than {limits.total:,} bytes"
            yield Task(ready=(unreadable(path, message, reason="too-large"),))
            break
        members.append(number)
        size += info.file_size
        weight += info.file_size + _WEIGHT
        if weight >= chunk:
            yield Task(size, (), False, path, state, tuple(members), prefix, strip, (), limits)
            members, weight, size = [], 0, 0
    if members:
        yield Task(size, (), False, path, state, tuple(members), prefix, strip, (), limits)


def read_zip(task: Task) -> Iterator[Document | Unreadable]:
    """The documents of a task of members of a zip."""
    try:
        archive = _open_zip(task.archive, task.state)
        infos = archive.infolist()
    except _DAMAGE as error:
        yield _broken(task.archive, error)
        return
    for number in task.members:
        info = infos[number]
        place = _place(info.filename, task.prefix, task.strip)
        found = _zip_refusal(info, place, task.limits) or _zip_document(
            archive, info, place, task.limits
        )
        if found is not None:
            yield found


def _zip_refusal(info: zipfile.ZipInfo, place: str, limits: Limits) -> Unreadable | None:
    mode = info.external_attr >> 16
    wrong = fault(info.filename)
    if wrong:
        return unreadable(place, f"{wrong}; it is not read")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return unreadable(place, "it is a link or a device, not a file; it is not read")
    if named_as_archive(info.filename):
        return _nested(place)
    if not named_as_document(info.filename):
        return None
    if info.flag_bits & 1:
        return unreadable(place, "it is encrypted", remedy="pack it without a password")
    if info.file_size > limits.document:
        return too_large(place, info.file_size, limits)
    return None


def _nested(place: str) -> Unreadable:
    return unreadable(
        place, "an archive inside an archive is not opened", remedy="unpack it and take that in"
    )


def _zip_document(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, place: str, limits: Limits
) -> Document | Unreadable | None:
    named = named_as_document(info.filename)
    try:
        if not named:
            # A stranger: only its beginning says whether it is a document at all.
            if info.flag_bits & 1 or info.file_size > limits.document:
                return None
            with archive.open(info) as file:
                if not begins_as_xml(file.read(256)):
                    return None
        if info.file_size > max(limits.ratio_from, info.compress_size * limits.ratio):
            message = f"it unpacks to {info.file_size:,} bytes from {info.compress_size:,}"
            return unreadable(place, message, reason="too-large")
        return Document(place, archive.read(info))
    except _DAMAGE as error:
        if not named:
            return None
        message = f"it cannot be unpacked: {error}"
        return unreadable(place, message, remedy=_TAKE_AGAIN)


# Tar


class _Counted:
    """A stream that is read forward only, and only as far as it may be."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream = stream
        self._most = most
        self.read_so_far = 0
        self.until = _HEADERS

    def read(self, size: int) -> bytes:
        content = self._stream.read(size)
        self.read_so_far += len(content)
        if self.read_so_far > self._most:
            raise _TooMuch(f"it unpacks to more than {self._most:,} bytes")
        if self.read_so_far > self.until:
            raise _TooMuch("the headers of one member are too large")
        return content


class _Member(tarfile.TarInfo):
    """Notes how the archive ended: tarfile takes a damaged header for the end without a word."""

    @classmethod
    def fromtarfile(cls, tar: tarfile.TarFile) -> _Member:
        try:
            return super().fromtarfile(tar)
        except tarfile.HeaderError as error:
            cast(Any, tar).ended_by = error
            raise


def _tar_tasks(
    path: str, what: str, prefix: str, strip: str | None, chunk: int, limits: Limits
) -> Iterator[Task]:
    ready: list[Document | Unreadable] = []
    weight = size = 0
    for found in _tar_documents(path, what, prefix, strip, limits):
        length = len(found.content) if isinstance(found, Document) else 0
        ready.append(found)
        size += length
        weight += length + _WEIGHT
        if weight >= chunk:
            yield Task(size, ready=tuple(ready), limits=limits)
            ready, weight, size = [], 0, 0
    if ready:
        yield Task(size, ready=tuple(ready), limits=limits)


def _tar_documents(
    path: str, what: str, prefix: str, strip: str | None, limits: Limits
) -> Iterator[Document | Unreadable]:
    openers: dict[str, Any] = {"tar.gz": gzip.open, "tar.bz2": bz2.open, "tar.xz": lzma.open}
    packed = os.path.getsize(path)
    most = limits.total
    if what in openers:
        most = min(most, max(limits.ratio_from, packed * limits.ratio))
    last = "the beginning"
    try:
        with openers.get(what, open)(path, "rb") as stream:
            counted = _Counted(stream, most)
            # tarfile asks a fileobj for nothing but read() when it reads a stream.
            archive = tarfile.open(  # noqa: SIM115
                fileobj=cast(Any, counted), mode="r|", tarinfo=_Member, errorlevel=0
            )
            for info in _tar_members(archive, counted, limits):
                last = shown(info.name)
                if strip is None and not info.isdir():
                    top, slash, _ = info.name.removeprefix("./").partition("/")
                    strip = top + slash if slash else ""
                found = _tar_document(archive, info, _place(info.name, prefix, strip or ""), limits)
                if found is not None:
                    yield found
    except _TooMuch as error:
        message = f"the archive is read no further than {last}: {error}"
        yield unreadable(path, message, reason="too-large")
    except _DAMAGE as error:
        message = f"the archive is damaged or cut off after {last}: {error}"
        yield unreadable(path, message, remedy=_TAKE_AGAIN)


def _tar_members(
    archive: tarfile.TarFile, counted: _Counted, limits: Limits
) -> Iterator[tarfile.TarInfo]:
    count = 0
    while (info := archive.next()) is not None:
        # The members read are not kept: a list of a million of them would fill the memory.
        cast(Any, archive).members = []
        count += 1
        if count > limits.members:
            raise _TooMuch(f"it holds more than {limits.members:,} files")
        counted.until = counted.read_so_far + max(info.size, 0) + _HEADERS
        yield info
    ended = getattr(archive, "ended_by", None)
    if not isinstance(ended, cast(Any, tarfile).EOFHeaderError):
        raise tarfile.ReadError(f"its end mark is missing ({ended})")
    # What follows the end mark holds the checksums of the packing.
    counted.until = sys.maxsize
    while counted.read(1_000_000):
        pass


def _tar_document(
    archive: tarfile.TarFile, info: tarfile.TarInfo, place: str, limits: Limits
) -> Document | Unreadable | None:
    if info.isdir() or not _wanted(info.name):
        return None
    wrong = fault(info.name)
    if wrong:
        return unreadable(place, f"{wrong}; it is not read")
    if not info.isreg() or info.issparse():
        return unreadable(place, "it is a link or a device, not a file; it is not read")
    if named_as_archive(info.name):
        return _nested(place)
    named = named_as_document(info.name)
    if info.size > limits.document:
        return too_large(place, info.size, limits) if named else None
    file = archive.extractfile(info)
    start = file.read(256) if file else b""
    if file is None or not (named or begins_as_xml(start)):
        return None
    content = start + file.read()
    if len(content) < info.size:
        raise tarfile.ReadError(f"{place} is cut off")
    return Document(place, content)
