"""Our Turtle files read by their form, without an RDF library.

A worker process has no time to load one (half a second). Every subject of these files begins at
the left margin as `prefix:name a …`; a test compares what is read here with a parser's reading.
"""

from __future__ import annotations

import re
from importlib.resources import files

_SUBJECT = re.compile(r"^[a-z]+:(\S+) a ", re.MULTILINE)


def text(file: str) -> str:
    """The text of a Turtle file of this package."""
    return files("vocabularies").joinpath(file).read_text("utf-8")


def subjects(file: str) -> list[tuple[str, str]]:
    """(local name, its lines) of every subject with a prefixed name, in the file's order."""
    pieces = _SUBJECT.split(text(file))[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))
