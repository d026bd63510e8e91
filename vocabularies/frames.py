"""Reference frames: from a name in a record to a concept of `reference_frames.ttl`."""

from __future__ import annotations

import re
from functools import cache

from vocabularies import namespaces, turtle

_NOTATION = re.compile(r'"([^"]+)"\^\^ph:spaseName')

_OTHER_NAME = re.compile(r'"([^"]+)"\^\^ph:\w+Name')
_LABEL = re.compile(r'skos:(?:pref|alt)Label "([^"]+)"')


def _by_name(file: str, namespace: str) -> dict[str, str]:
    return {
        name: namespace + local
        for local, lines in turtle.subjects(file)
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
def ivoa_terms() -> dict[str, str]:
    """Every term of IVOA's refframe vocabulary, deprecated ones included, and its IRI."""
    base = namespaces.IVOA_REFFRAME
    return {local: base + local for local, _ in turtle.subjects("ivoa_refframe.ttl")}


@cache
def _by_other_name() -> dict[str, str]:
    """Names in other systems and alternative labels, in lower case, that only one frame has."""
    found: dict[str, set[str]] = {}
    for local, lines in turtle.subjects("reference_frames.ttl"):
        for name in (*_OTHER_NAME.findall(lines), *_LABEL.findall(lines), local):
            found.setdefault(name.lower(), set()).add(namespaces.FRAMES + local)
    return {name: next(iter(iris)) for name, iris in found.items() if len(iris) == 1}


def by_other_name(name: str) -> str | None:
    """The concept of a frame that another system (FITS, SPICE, SunPy, ISTP …) calls so.

    Labels and alternative labels count too; capitals do not. None where it could be several.
    """
    return _by_other_name().get(name.strip().lower())


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
    return ivoa_terms().get(name)
