"""What a way in yields: documents, and what could not be read; and the work cut into tasks."""

from __future__ import annotations

import re
from dataclasses import dataclass

from registry.findings import Refusal


@dataclass(slots=True)
class Document:
    """A document's bytes and its place.

    `path` is the absolute path of a loose file, `ARCHIVE!/member/path` in an archive, `-` for
    standard input, and the path from the archive's root for a fetched archive.
    """

    path: str
    content: bytes


@dataclass(slots=True)
class Unreadable:
    """A place whose document cannot be read, and why; what stands beside it is read on."""

    path: str
    refusal: Refusal


@dataclass(slots=True, frozen=True)
class Limits:
    """How much may be read. Sizes in bytes.

    `document`: the largest single document. `members`, `total`: how many files one archive may
    hold and what they may come to unpacked. `ratio`: how many times its packed size a file (of a
    zip) or the whole (of a tar) may unpack to, asked from `ratio_from` bytes on.
    """

    document: int = 50_000_000
    members: int = 1_000_000
    total: int = 20_000_000_000
    ratio: int = 200
    ratio_from: int = 5_000_000


@dataclass(slots=True, frozen=True)
class Task:
    """A piece of work that a worker process can be sent: small, and it says all that is needed.

    One of three: loose files (`names`), members of a zip (`archive` and `members`, their numbers
    in its directory), or what was already read (`ready`: standard input, tar archives, which can
    only be read from their beginning). `size` is the unpacked size in bytes.
    """

    size: int = 0
    names: tuple[str, ...] = ()
    """Paths to read as they are named; `explicit` says whether a person named them."""
    explicit: bool = False
    archive: str = ""
    name: str = ""
    """What the archive is called where it cannot be read as a whole."""
    state: tuple[int, int] = (0, 0)
    """Size and time of the archive when it was listed: another one is not the archive meant."""
    members: tuple[int, ...] = ()
    prefix: str = ""
    """Stands before a member's name in the places of its documents."""
    strip: str = ""
    """Is taken off the beginning of a member's name first (`repo-branch/`)."""
    ready: tuple[Document | Unreadable, ...] = ()
    limits: Limits = Limits()


_XML_NAME = re.compile(r"\.(xml|vor|oai)$", re.IGNORECASE)
_ARCHIVE_NAME = re.compile(r"\.(zip|tar|tgz|tbz2?|txz|tar\.(gz|bz2|xz))$", re.IGNORECASE)
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PASSED_OVER = frozenset({"CVS", "_darcs", "__MACOSX"})


def named_as_document(name: str) -> bool:
    """Whether a file's name says that it is a document."""
    return _XML_NAME.search(name) is not None


def named_as_archive(name: str) -> bool:
    """Whether a file's name says that it is an archive that can be opened."""
    return _ARCHIVE_NAME.search(name) is not None


def begins_as_xml(start: bytes) -> bool:
    """Whether the first bytes are those of an XML document, in any encoding it may come in."""
    for mark in _MARKS:
        start = start.removeprefix(mark)
    return start.lstrip(b" \t\r\n\0").startswith(b"<")


def hidden(name: str) -> bool:
    """Whether a file's or folder's own name marks it as hidden, or as version control's."""
    return name.startswith(".") or name in _PASSED_OVER


def shown(path: str) -> str:
    """A path as text that can be stored: bytes of it that are not UTF-8 are written \\xNN."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def too_large(path: str, size: int, limits: Limits) -> Unreadable:
    """The refusal of a document above the size limit; `size` 0 where it is not known."""
    says = f"the document has {size:,} bytes" if size else "the document is larger than allowed"
    return unreadable(
        path,
        f"{says}; at most {limits.document:,} are read",
        remedy="split it into documents of one record each, or raise the limit",
        reason="too-large",
    )


def unreadable(
    path: str, message: str, *, remedy: str = "", reason: str = "unreadable"
) -> Unreadable:
    """A place that cannot be read, with the reason in words."""
    return Unreadable(shown(path), Refusal(reason, message, remedy=remedy))
