"""Tar archives, packed or not, read from their beginning to their end as a stream."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
from collections.abc import Iterator
from typing import IO, Any, cast

from harvesters.documents import (
    Document,
    Limits,
    Task,
    Unreadable,
    begins_as_xml,
    named_as_archive,
    named_as_document,
    shown,
    too_large,
    unreadable,
)
from harvesters.members import (
    DAMAGE,
    TAKE_AGAIN,
    WEIGHT,
    Packed,
    fault,
    nested,
    placed,
    wanted,
)

_HEADERS = 16_000_000
"""How many bytes the headers before one member may have."""


class _TooMuch(Exception):
    """An archive unpacks to more than the limits allow."""


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


def tasks(packed: Packed, what: str, chunk: int) -> Iterator[Task]:
    ready: list[Document | Unreadable] = []
    weight = size = 0
    for found in documents(packed, what):
        length = len(found.content) if isinstance(found, Document) else 0
        ready.append(found)
        size += length
        weight += length + WEIGHT
        if weight >= chunk:
            yield Task(size, ready=tuple(ready), limits=packed.limits)
            ready, weight, size = [], 0, 0
    if ready:
        yield Task(size, ready=tuple(ready), limits=packed.limits)


def documents(packed: Packed, what: str) -> Iterator[Document | Unreadable]:
    """The archive's documents, and where it could be read no further."""
    strip, limits, held = packed.strip, packed.limits, packed.content
    openers: dict[str, Any] = {"tar.gz": gzip.open, "tar.bz2": bz2.open, "tar.xz": lzma.open}
    most = limits.total
    if what in openers:
        size = os.path.getsize(packed.path) if held is None else len(held)
        most = min(most, max(limits.ratio_from, size * limits.ratio))
    last = "the beginning"
    try:
        with (
            open(packed.path, "rb") if held is None else io.BytesIO(held) as raw,
            openers[what](raw, "rb") if what in openers else raw as stream,
        ):
            counted = _Counted(stream, most)
            # tarfile asks a fileobj for nothing but read() when it reads a stream.
            archive = tarfile.open(  # noqa: SIM115
                fileobj=cast(Any, counted), mode="r|", tarinfo=_Member, errorlevel=0
            )
            for info in _members(archive, counted, limits):
                last = shown(info.name)
                if strip is None and not info.isdir():
                    top, slash, _ = info.name.removeprefix("./").partition("/")
                    strip = top + slash if slash else ""
                place = placed(info.name, packed.prefix, strip or "")
                found = _document(archive, info, place, limits)
                if found is not None:
                    yield found
    except _TooMuch as error:
        message = f"the archive is read no further than {last}: {error}"
        yield unreadable(packed.name, message, reason="too-large")
    except DAMAGE as error:
        message = f"the archive is damaged or cut off after {last}: {error}"
        yield unreadable(packed.name, message, remedy=TAKE_AGAIN)


def _members(
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


def _document(
    archive: tarfile.TarFile, info: tarfile.TarInfo, place: str, limits: Limits
) -> Document | Unreadable | None:
    if info.isdir() or not wanted(info.name):
        return None
    wrong = fault(info.name)
    if wrong:
        return unreadable(place, f"{wrong}; it is not read")
    if not info.isreg() or info.issparse():
        return unreadable(place, "it is a link or a device, not a file; it is not read")
    if named_as_archive(info.name):
        return nested(place)
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
