"""Reference frames: from a name in a record to a concept of `reference_frames.ttl`.

The Turtle file is the vocabulary, edited by people. Here only its notations are read, by their
one form, because a worker process has no time to load an RDF library; a test compares this
reading with a parser's.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from vocabularies import namespaces

_SUBJECT = re.compile(r"^(?:frames|representations|refframe):(\S+) a ", re.MULTILINE)
_NOTATION = re.compile(r'"([^"]+)"\^\^ph:spaseName')


def _subjects(file: str) -> list[tuple[str, str]]:
    """(local name, its lines) of every subject of one of our Turtle files."""
    text = files("vocabularies").joinpath(file).read_text("utf-8")
    pieces = _SUBJECT.split(text)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def _by_name(file: str, namespace: str) -> dict[str, str]:
    return {
        name: namespace + local
        for local, lines in _subjects(file)
        for name in _NOTATION.findall(lines)
    }


@cache
def by_name() -> dict[str, str]:
    """Every CoordinateSystemName, and the IRI of its concept."""
    return _by_name("reference_frames.ttl", namespaces.FRAMES)


@cache
def representations() -> dict[str, str]:
    """Every CoordinateRepresentation, and the IRI of its concept."""
    return _by_name("coordinate_representations.ttl", namespaces.REPRESENTATIONS)


@cache
def ivoa() -> dict[str, str]:
    """Every term of IVOA's refframe vocabulary, deprecated ones included, and its IRI."""
    return {local: namespaces.IVOA_REFFRAME + local for local, _ in _subjects("ivoa_refframe.ttl")}


def concept(name: str) -> str | None:
    """The concept that a CoordinateSystemName stands for; None for a name that is none.

    Names are compared as SPASE writes them: `Gse` is no CoordinateSystemName.
    """
    return by_name().get(name)


def representation(name: str) -> str | None:
    """The concept that a CoordinateRepresentation stands for; None for a name that is none."""
    return representations().get(name)


def ivoa_term(name: str) -> str | None:
    """The term of IVOA's refframe vocabulary of that name; None if it has none."""
    return ivoa().get(name)
