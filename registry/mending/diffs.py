"""What mending changed, as a unified diff of bytes that `patch` takes."""

from __future__ import annotations

import difflib
import re

_NO_END = b"\n\\ No newline at end of file\n"


def unified(path: str, before: bytes, after: bytes) -> bytes:
    """The differences of two states of a file, line by line with their own line ends; b"" if none.

    Documents in UTF-16 and UTF-32 are shown in UTF-8.
    """
    if before == after:
        return b""
    name = path.lstrip("/").encode("utf-8", "surrogateescape")
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after), b"a/" + name, b"b/" + name
    )
    return b"".join(line if line.endswith(b"\n") else line + _NO_END for line in lines)


def _lines(content: bytes) -> list[bytes]:
    if b"\0" in content[:4]:
        wide = "utf-32" if content[:4].count(b"\0") > 1 else "utf-16"
        if not content.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
            wide += "-le" if content[:1] == b"<" else "-be"
        content = content.decode(wide, "replace").encode("utf-8")
    return re.findall(rb"[^\n]*\n|[^\n]+", content)
