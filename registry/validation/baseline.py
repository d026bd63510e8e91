"""The findings that a team knows already: only what is new is told.

A baseline is a text file for version control: a line a finding, sorted, so that a change of it
reads well. A finding is known again by its record, rule, element and words, whatever its line.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from registry.findings import Finding

_HEAD = "# Known findings of `parhelion validate`: fingerprint, times in one record, rule, record."
_LINE = re.compile(r"(?P<mark>[0-9a-f]{16})\t(?P<times>[1-9][0-9]{0,8})\t[^\t]*\t[^\t]*")
_POSITION = re.compile(r"\[\d+\]")
_LINE_NUMBER = re.compile(r"\bline \d+")


class BaselineError(Exception):
    """A baseline file that cannot be used; the message says why, and what to do."""


def fingerprint(place: str, finding: Finding) -> str:
    """What a finding is known by; `place` is the record's identifier, or its file without one."""
    path = _POSITION.sub("", finding.path)
    said = _LINE_NUMBER.sub("line", finding.message)
    text = "\0".join((place, finding.rule, path, said))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def place_of(identifier: str, file: str) -> str:
    """The identifier of a record, else its file as seen from the working folder."""
    return identifier or from_here(file)


def from_here(file: str) -> str:
    """A path below the working folder without that folder, with slashes; others as they are."""
    here = os.path.join(os.getcwd(), "")
    return file.removeprefix(here).replace(os.sep, "/")


def without_known(
    place: str, findings: list[Finding], known: Mapping[str, int]
) -> tuple[list[Finding], int]:
    """The findings of one record that are new, and how many others there were."""
    seen: Counter[str] = Counter()
    new = []
    for finding in findings:
        mark = fingerprint(place, finding)
        seen[mark] += 1
        if seen[mark] > known.get(mark, 0):
            new.append(finding)
    return new, len(findings) - len(new)


Entries = dict[str, tuple[int, str, str]]
"""Fingerprint → (times in one record, rule, place)."""


def entries(place: str, findings: Iterable[Finding]) -> Entries:
    """What a baseline holds of one record."""
    found: Entries = {}
    for finding in findings:
        mark = fingerprint(place, finding)
        times = found[mark][0] if mark in found else 0
        found[mark] = (times + 1, finding.rule, place)
    return found


def join(all_: Entries, some: Entries) -> None:
    """Adds entries; where a record stands twice the greater number holds."""
    for mark, entry in some.items():
        if mark not in all_ or all_[mark][0] < entry[0]:
            all_[mark] = entry


def write(path: Path, found: Entries) -> None:
    """Writes a baseline, by rename: the old one stays whole until then. Raises OSError."""
    rows = sorted((place, rule, mark, times) for mark, (times, rule, place) in found.items())
    lines = [f"{mark}\t{times}\t{rule}\t{_one_line(place)}\n" for place, rule, mark, times in rows]
    waiting = path.with_name(path.name + ".new")
    waiting.write_text("".join([_HEAD + "\n", *lines]), encoding="utf-8")
    waiting.replace(path)


def read(path: Path) -> dict[str, int]:
    """How often each known finding may stand in a record. Raises BaselineError, OSError."""
    known = {}
    try:
        lines = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BaselineError(f"{path} is no baseline: it is not UTF-8 text.") from error
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            raise BaselineError(
                f"{path}, line {number}, is no line of a baseline; write the file anew with "
                "--write-baseline."
            )
        known[found["mark"]] = int(found["times"])
    return known


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\u0085\u2028\u2029]", " ", text)
