"""Where in a document something stands: line and column, both from 1.

Lines end with a line feed, as XML parsers count them (XML 1.0, section 2.11, less lone carriage
returns); columns count the document's characters (Unicode code points), not its bytes, and a byte
order mark is none. An element stands where the `<` of its start tag does, an attribute where its
name begins. All of this is found in the source when it is asked for: a tree has lines only, and
those of where a start tag ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from xml.parsers import expat

from registry.findings import Finding
from schemas import cutting
from schemas.parts import Part

Position = tuple[int, int]
"""Line and column."""

_CHUNK = 4096
_LONG_LINE = 5_000
"""Bytes of a line in which a start tag is still looked for by its name."""
_STEP = re.compile(r"(?P<name>[^\[]+)(?:\[(?P<place>\d+)\])?$")
_TAG = re.compile(rb"<[^\s/>]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_ATTRIBUTE = re.compile(rb"\s((?:[^\s=:]+:)?([^\s=:]+))\s*=\s*(?:\"[^\"]*\"|'[^']*')")


class Positions:
    """Positions of bytes of a text in UTF-8. Asked for in their order each byte is counted once."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._place, self._line, self._column = 0, 1, 1

    def of(self, place: int) -> Position:
        """Line and column of the character that begins at a byte."""
        if place < self._place:
            self._place, self._line, self._column = 0, 1, 1
        lines = self._text.count(b"\n", self._place, place)
        if lines:
            begin = self._text.rindex(b"\n", self._place, place) + 1
            self._line, self._column = self._line + lines, 1 + _characters(self._text, begin, place)
        else:
            self._column += _characters(self._text, self._place, place)
        self._place = place
        return self._line, self._column


def _characters(text: bytes, begin: int, end: int) -> int:
    piece = text[begin:end]
    return len(piece) if piece.isascii() else len(piece.decode("utf-8", "replace"))


def of_element(content: bytes, element: Any) -> Position:
    """Where an element of a parsed document stands; (0, 0) where the source does not show it."""
    text = cutting.characters(content, element.getroottree())
    place = _index_path(element)
    found = _starts(text, [place]).get(place)
    return (0, 0) if found is None else Positions(text).of(found)


def of_path(part: Part, path: str, line: int) -> Position:
    """Where the element or attribute at a path of a record stands; `line` alone if unknown."""
    found = positioned(part, [Finding("", "", "", line, 0, path)])[0]
    return found.line, found.column


def positioned(part: Part, findings: Sequence[Finding]) -> list[Finding]:
    """The findings about a record with the line and column of the element or attribute that
    `path` names, in the document that the record stands in.

    What has a column keeps it. A path that leads nowhere (an element that is missing) is that of
    the nearest element above it. `part` needs its element.
    """
    if all(finding.column for finding in findings):
        return list(findings)
    text = cutting.characters(part.content, part.element.getroottree())
    places = _places(part, text, findings)
    at = _in_document(part, text, places.values())
    found = []
    for number, finding in enumerate(findings):
        line, column = at.get(places.get(number, -1), (0, 0))
        found.append(replace(finding, line=line, column=column) if column else finding)
    return found


def _places(part: Part, text: bytes, findings: Sequence[Finding]) -> dict[int, int]:
    """The byte at which each finding's element begins (of those that have no column yet)."""
    found: dict[int, int] = {}
    unclear = []
    begin, here = 0, 1
    lacking = [number for number, finding in enumerate(findings) if not finding.column]
    for number in sorted(lacking, key=lambda number: findings[number].line):
        finding = findings[number]
        line = finding.line - part.line + 1
        place = -1
        if line >= here and finding.path:
            begin, here = _line_start(text, begin, line - here), line
            place = _only_tag(text, begin, finding.path)
        if place < 0:
            unclear.append(number)
        else:
            found[number] = place
    if unclear:
        found.update(_looked_up(part.element, text, findings, unclear))
    for number, place in found.items():
        attribute = findings[number].path.partition("/@")[2]
        if attribute:
            found[number] = _attribute(text, place, attribute)
    return found


def _line_start(text: bytes, begin: int, lines: int) -> int:
    """The byte at which the line begins that is `lines` after the one beginning at `begin`."""
    while lines:
        inside = text.count(b"\n", begin, begin + _CHUNK)
        if inside < lines:
            begin, lines = begin + _CHUNK, lines - inside
            if begin >= len(text):
                return len(text)
            continue
        for _ in range(lines):
            begin = text.index(b"\n", begin) + 1
        return begin
    return begin


def _only_tag(text: bytes, begin: int, path: str) -> int:
    """Where the one start tag of that name in a line begins; -1 where there is not just one."""
    end = text.find(b"\n", begin, begin + _LONG_LINE)
    if end < 0:
        end = len(text)
        if end - begin > _LONG_LINE:
            return -1
    name = path.partition("/@")[0].rpartition("/")[2].partition("[")[0]
    tags = list(_start_tag(name).finditer(text, begin, end))
    return tags[0].start() if len(tags) == 1 else -1


@lru_cache(maxsize=1024)
def _start_tag(name: str) -> re.Pattern[bytes]:
    return re.compile(rb"<(?:[\w.-]+:)?" + re.escape(name.encode()) + rb"(?=[\s/>])")


def _looked_up(
    root: Any, text: bytes, findings: Sequence[Finding], numbers: Sequence[int]
) -> dict[int, int]:
    """The same by one reading of the whole text."""
    held: dict[tuple[Any, str], list[Any]] = {}
    wanted = {n: _index_path(_at(root, findings[n].path, held)) for n in numbers}
    starts = _starts(text, wanted.values())
    return {number: starts[place] for number, place in wanted.items() if place in starts}


def _starts(text: bytes, places: Iterable[cutting.Path]) -> dict[cutting.Path, int]:
    try:
        return {place: span[0] for place, span in cutting.spans(text, places).items()}
    except expat.ExpatError:  # what one parser takes and the other does not: XML 1.1
        return {}


def at_path(root: Any, path: str) -> Any:
    """The element at a path of local names, or the last one on the way to it that there is."""
    return _at(root, path, {})


def _at(root: Any, path: str, held: dict[tuple[Any, str], list[Any]]) -> Any:
    """The same, for several paths of one tree; `held` keeps what was looked up."""
    here = root
    for step in path.partition("/@")[0].split("/")[1:]:
        found = _STEP.match(step)
        if found is None:
            break
        key = here, found["name"]
        if key not in held:
            held[key] = list(here.iterchildren("{*}" + found["name"]))
        place = int(found["place"] or 1)
        if len(held[key]) < place:
            break
        here = held[key][place - 1]
    return here


def _index_path(element: Any) -> cutting.Path:
    steps = []
    while element.getparent() is not None:
        steps.append(sum(1 for _ in element.itersiblings("*", preceding=True)))
        element = element.getparent()
    return tuple(reversed(steps))


def _attribute(text: bytes, place: int, name: str) -> int:
    """Where an attribute of the element at a byte begins; the element's place if it has none."""
    tag = _TAG.match(text, place)
    for found in _ATTRIBUTE.finditer(text, place, tag.end() if tag else place):
        if found[2].decode("utf-8", "replace") == name:
            return found.start(1)
    return place


def _in_document(part: Part, text: bytes, places: Iterable[int]) -> dict[int, Position]:
    """Positions in the whole document of bytes of one record's text."""
    inside = Positions(text)
    found = {place: inside.of(place) for place in sorted(set(places))}
    if part.line == 1 and not part.pieces:
        return found
    pieces = part.pieces or ((0, part.line, 1),)
    begins = [(piece, inside.of(piece[0])) for piece in pieces]
    moved = {}
    for place, (line, column) in found.items():
        for (begin, its_line, its_column), (first, left) in reversed(begins):
            if begin <= place:
                moved[place] = (
                    its_line + line - first,
                    column if line > first else its_column + column - left,
                )
                break
    return moved
