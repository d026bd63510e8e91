"""The words of UCD1+ (list 1.6), where each may stand, and what took the place of old ones.

`ucd_words.txt` has a line a word: its flag (P first only, S not first, Q, E, V, C both), or `>`
and the words to use instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from vocabularies import namespaces

FIRST_ONLY, NOT_FIRST = "P", "S"


@cache
def _lines() -> list[list[str]]:
    text = files("vocabularies").joinpath("ucd_words.txt").read_text("utf-8")
    return [line.split() for line in text.splitlines()]


@cache
def words() -> dict[str, tuple[str, str]]:
    """Each word in lower case (UCDs are read so), as it is written, and its flag."""
    return {line[0].lower(): (line[0], line[1]) for line in _lines() if line[1] != ">"}


@cache
def successors() -> dict[str, str]:
    """Words of older lists in lower case, and the word or words, with `;`, to use instead."""
    return {line[0].lower(): line[2] for line in _lines() if line[1] == ">"}


def triples() -> Iterator[tuple[str, str, str]]:
    """The words as a SKOS scheme, the dots in a word being its place in the hierarchy.

    Facts only: the words, and whether they stand first; what they mean IVOA's list says.
    """
    scheme = f"<{namespaces.UCD[:-1]}>"
    yield scheme, _A, f"<{_SKOS}ConceptScheme>"
    yield scheme, f"<{_SKOS}prefLabel>", '"UCD1+"@en'
    known = {word for word, _ in words().values()}
    for word, flag in words().values():
        term = f"<{namespaces.UCD}{word}>"
        above = word.rpartition(".")[0]
        while above and above not in known:
            above = above.rpartition(".")[0]
        yield term, _A, f"<{_SKOS}Concept>"
        yield term, f"<{_SKOS}inScheme>", scheme
        yield term, f"<{_SKOS}prefLabel>", f'"{word}"@en'
        yield term, f"<{_SKOS}notation>", f'"{word}"'
        yield term, f"<{namespaces.ONTOLOGY}ucdFlag>", f'"{flag}"'
        if above:
            yield term, f"<{_SKOS}broader>", f"<{namespaces.UCD}{above}>"
        else:
            yield term, f"<{_SKOS}topConceptOf>", scheme


_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_SKOS = "http://www.w3.org/2004/02/skos/core#"
