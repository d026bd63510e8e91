"""Zip archives, read member by member in any order, so that several workers can share one."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Container, Iterator

from harvesters.documents import (
    Document,
    Limits,
    Task,
    Unreadable,
    begins_as_xml,
    named_as_archive,
    named_as_document,
    too_large,
    unreadable,
)
from harvesters.members import (
    DAMAGE,
    TAKE_AGAIN,
    WEIGHT,
    Packed,
    broken,
    fault,
    nested,
    placed,
    wanted,
)

_opened: dict[str, tuple[tuple[int, int], zipfile.ZipFile]] = {}
if hasattr(os, "register_at_fork"):
    # A child shares the place in an open file with its parent: it opens its own.
    os.register_at_fork(after_in_child=_opened.clear)


def _state(path: str) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_size, status.st_mtime_ns


def _open(path: str, state: tuple[int, int]) -> zipfile.ZipFile:
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


def tasks(packed: Packed, chunk: int) -> Iterator[Task]:
    state = _state(packed.path)
    infos = _open(packed.path, state).infolist()
    strip = _strip(packed, infos)
    weight = size = 0
    members: list[int] = []
    for number in _chosen(packed, infos):
        if isinstance(number, Unreadable):
            yield Task(ready=(number,))
            continue
        info = infos[number]
        members.append(number)
        size += info.file_size
        weight += info.file_size + WEIGHT
        if weight >= chunk:
            yield _task(packed, state, strip, members, size)
            members, weight, size = [], 0, 0
    if members:
        yield _task(packed, state, strip, members, size)


def _strip(packed: Packed, infos: list[zipfile.ZipInfo]) -> str:
    if packed.strip is None:
        return _common_folder([info.filename for info in infos])
    return packed.strip


def _chosen(packed: Packed, infos: list[zipfile.ZipInfo]) -> Iterator[int | Unreadable]:
    """The numbers of the members to look at, and the limit that the archive exceeds."""
    limits = packed.limits
    if len(infos) > limits.members:
        message = f"the archive holds {len(infos):,} files; at most {limits.members:,} are read"
        yield unreadable(packed.name, message, reason="too-large")
        return
    # Of several members with one name the last is the file, as it is after unpacking.
    numbers = {info.filename: number for number, info in enumerate(infos)}
    total = 0
    for name, number in numbers.items():
        info = infos[number]
        if info.is_dir() or not wanted(name):
            continue
        total += info.file_size
        if total > limits.total:
            message = f"the archive unpacks to more than {limits.total:,} bytes"
            yield unreadable(packed.name, message, reason="too-large")
            return
        yield number


def documents(packed: Packed) -> Iterator[Document | Unreadable]:
    """The documents of a zip that lies in memory. Raises what `zipfile` raises (`DAMAGE`)."""
    with zipfile.ZipFile(io.BytesIO(packed.content or b"")) as archive:
        infos = archive.infolist()
        strip = _strip(packed, infos)
        for number in _chosen(packed, infos):
            if isinstance(number, Unreadable):
                yield number
            else:
                yield from _member(archive, infos[number], packed.prefix, strip, packed.limits)


def _task(
    packed: Packed, state: tuple[int, int], strip: str, members: list[int], size: int
) -> Task:
    return Task(
        size=size,
        archive=packed.path,
        name=packed.name,
        state=state,
        members=tuple(members),
        prefix=packed.prefix,
        strip=strip,
        limits=packed.limits,
    )


def read(task: Task, only: Container[str] | None = None) -> Iterator[Document | Unreadable]:
    """The documents of a task of members of a zip; with `only` those of these places."""
    try:
        archive = _open(task.archive, task.state)
        infos = archive.infolist()
    except DAMAGE as error:
        yield broken(task.name or task.archive, error)
        return
    for number in task.members:
        if only is not None:
            place = placed(infos[number].filename, task.prefix, task.strip)
            if place not in only:
                continue
        yield from _member(archive, infos[number], task.prefix, task.strip, task.limits)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, prefix: str, strip: str, limits: Limits
) -> Iterator[Document | Unreadable]:
    place = placed(info.filename, prefix, strip)
    found = _refusal(info, place, limits) or _document(archive, info, place, limits)
    if found is not None:
        yield found


def _refusal(info: zipfile.ZipInfo, place: str, limits: Limits) -> Unreadable | None:
    mode = info.external_attr >> 16
    wrong = fault(info.filename)
    if wrong:
        return unreadable(place, f"{wrong}; it is not read")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return unreadable(place, "it is a link or a device, not a file; it is not read")
    if named_as_archive(info.filename):
        return nested(place)
    if not named_as_document(info.filename):
        return None
    if info.flag_bits & 1:
        return unreadable(place, "it is encrypted", remedy="pack it without a password")
    if info.file_size > limits.document:
        return too_large(place, info.file_size, limits)
    return None


def _document(
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
    except DAMAGE as error:
        if not named:
            return None
        message = f"it cannot be unpacked: {error}"
        return unreadable(place, message, remedy=TAKE_AGAIN)


def _common_folder(names: list[str]) -> str:
    tops = {name.partition("/")[0] for name in names}
    flat = any("/" not in name for name in names)
    return tops.pop() + "/" if len(tops) == 1 and not flat else ""
