"""Mended documents put where they belong: files in place, archives beside the old one."""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from harvesters.documents import Limits
from harvesters.members import DAMAGE, fault
from harvesters.packed import kind

_ENDINGS = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".tbz", ".txz", ".tar", ".zip")


class NotWritten(Exception):
    """Something could not be written; the message says what to do. The old file stands."""


def write_file(path: str, before: bytes, after: bytes) -> None:
    """Put a file's new bytes in its place by renaming, with its mode.

    A link is followed. Raises NotWritten where it changed since it was read, or cannot be written.
    """
    target = Path(path).resolve()
    try:
        if target.read_bytes() != before:
            raise NotWritten(f"{path} changed since it was read; it was left alone. Run it again.")
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with open(handle, "wb") as file:
                file.write(after)
                os.fchmod(file.fileno(), target.stat().st_mode & 0o7777)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {error.strerror or error}") from error


class Changed:
    """The new bytes of an archive's members, kept in a temporary file."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 closed in close()
        self._spans: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._spans)

    def __contains__(self, member: str) -> bool:
        return member in self._spans

    def add(self, member: str, content: bytes) -> None:
        self._spans[member] = self._file.seek(0, os.SEEK_END), len(content)
        self._file.write(content)

    def content(self, member: str) -> bytes:
        begin, size = self._spans[member]
        self._file.seek(begin)
        return self._file.read(size)

    def close(self) -> None:
        self._file.close()


def beside(archive: str, what: str) -> Path:
    """The new archive's path: `NAME-fixed.zip` beside `NAME.tar.gz`."""
    path = Path(archive)
    ending = next((one for one in _ENDINGS if path.name.lower().endswith(one)), "")
    return path.with_name(f"{path.name[: len(path.name) - len(ending)]}-{what}.zip")


def write_archive(
    archive: str, changed: Changed, target: Path, limits: Limits | None = None
) -> None:
    """A zip with all files of an archive, those that changed in their new form.

    What may not be read out of an archive (links, paths that climb out) is left out. Raises
    NotWritten where the target exists, the archive cannot be read, or it unpacks to too much.
    """
    if target.exists():
        raise NotWritten(f"{target} exists already; move it away, it is not written over.")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
            _copy(archive, changed, made, limits or Limits())
        os.chmod(name, 0o666 & ~_umask())
        os.link(name, target)  # fails where somebody made it meanwhile
    except NotWritten:
        raise
    except FileExistsError as error:
        raise NotWritten(f"{target} exists already; it is not written over.") from error
    except DAMAGE as error:
        raise NotWritten(f"{target} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _copy(archive: str, changed: Changed, made: zipfile.ZipFile, limits: Limits) -> None:
    total = 0
    for info, open_member in _members(archive):
        total += info.file_size
        if total > limits.total:
            raise NotWritten(f"{archive} unpacks to more than {limits.total:,} bytes.")
        if info.filename in changed:
            made.writestr(info, changed.content(info.filename))
            continue
        with open_member as member, made.open(info, "w") as new:
            shutil.copyfileobj(member, new)


def _members(archive: str) -> Iterator[tuple[zipfile.ZipInfo, IO[bytes]]]:
    """The files of an archive, each once (the last of a name), as a zip names them."""
    if kind(archive) == "zip":
        with zipfile.ZipFile(archive) as old:
            for info in {info.filename: info for info in old.infolist()}.values():
                if not info.is_dir() and not fault(info.filename):
                    copied = zipfile.ZipInfo(info.filename, info.date_time)
                    copied.external_attr = info.external_attr
                    copied.compress_type = zipfile.ZIP_DEFLATED
                    copied.file_size = info.file_size
                    yield copied, old.open(info)
        return
    with tarfile.open(archive, "r:*") as packed:
        for member in {one.name: one for one in packed.getmembers() if one.isfile()}.values():
            file = packed.extractfile(member)
            if file is not None and not fault(member.name):
                copied = zipfile.ZipInfo(member.name)
                copied.external_attr = (0o100000 | member.mode & 0o777) << 16
                copied.compress_type = zipfile.ZIP_DEFLATED
                copied.file_size = member.size
                yield copied, file
