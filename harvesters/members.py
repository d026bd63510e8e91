"""Members of archives: what may be asked of one before it is read, and what is said of it."""

from __future__ import annotations

import lzma
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass

from harvesters.documents import Limits, Unreadable, hidden, shown, unreadable

WEIGHT = 4096
"""What a document costs beside its bytes, in bytes: small ones are not nearly free."""
DAMAGE = (
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
TAKE_AGAIN = "fetch or pack the archive again"


@dataclass(slots=True, frozen=True)
class Packed:
    """An archive to be read.

    `name` is the archive's own place, for what concerns it as a whole. `prefix` stands before
    the members' names in the places; `strip` is taken off their beginning first, None meaning
    the one folder that everything in the archive lies in.
    """

    path: str
    name: str
    prefix: str
    strip: str | None
    limits: Limits
    content: bytes | None = None
    """The archive itself, where it lies in memory and `path` is none."""


def broken(path: str, error: BaseException) -> Unreadable:
    """An archive that cannot be read as a whole, or no further."""
    says = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return unreadable(path, f"the archive cannot be read: {says}", remedy=TAKE_AGAIN)


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


def wanted(name: str) -> bool:
    """Whether neither the member nor a folder it lies in is hidden or version control's."""
    return not any(hidden(step) for step in re.split(r"[/\\]", name) if step not in ("", ".", ".."))


def placed(name: str, prefix: str, strip: str) -> str:
    """A member's place, from its name."""
    return shown(prefix + name.removeprefix("./").removeprefix(strip))


def nested(place: str) -> Unreadable:
    """The refusal of an archive inside an archive: bombs are built so."""
    return unreadable(
        place, "an archive inside an archive is not opened", remedy="unpack it and take that in"
    )
