"""Records with one thing changed, by a seeded random generator."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

from lxml import etree

from schemas.spase.tables import NAMESPACE

NUMBERS = ("146.85E", "1e", "twelve", "1,5", " 12 ", "NaN", "-INF", "+INF", "", "1.E3", ".", "0x1F")
DATES = (
    " 2001-02-03T04:05:06Z ", "2001-02-03T04:05:06\n", "2001-02-30T00:00:00", "2001-02-03",
    "2001-02-03T24:00:00", "2001-02-03T24:00:01", "03/02/2001", "", "2001-02-03T04:05:60",
    "2001-02-03T04:05:06+14:30", "0000-01-01T00:00:00", "2001-2-3T04:05:06",
)  # fmt: skip
DURATIONS = (" PT16S", "PT16S\t", "P1M1Y", "PT", "P1YT", "16S", "-P1M", "PT.5S", "PT1.S", "P1W", "")
IDENTIFIERS = ("spase://", "NASA/Person/X", "spase:/NASA/X", " spase://NASA/X", "a://b/c", "")
KINDS: dict[str, tuple[tuple[str, ...], re.Pattern[str]]] = {
    "number": (NUMBERS, re.compile(r"Latitude|Longitude|Elevation|Low|High|Scale|Quantity")),
    "date": (DATES, re.compile(r"Date$")),
    "duration": (DURATIONS, re.compile(r"Cadence|Exposure|RelativeStopDate")),
    "identifier": (IDENTIFIERS, re.compile(r"ID$")),
}


def _local(element: Any) -> str:
    return str(etree.QName(element).localname)


def _removed(chance: random.Random, elements: list[Any], _values: Any) -> None:
    element = chance.choice(elements)
    element.getparent().remove(element)


def _doubled(chance: random.Random, elements: list[Any], _values: Any) -> None:
    element = chance.choice(elements)
    element.addnext(copy.deepcopy(element))


def _moved(chance: random.Random, elements: list[Any], _values: Any) -> None:
    element = chance.choice(elements)
    parent = element.getparent() if chance.random() < 0.7 else chance.choice(elements)
    if element not in (parent, *parent.iterancestors()):
        parent.insert(chance.randint(0, len(parent)), element)


def _renamed(chance: random.Random, elements: list[Any], _values: Any) -> None:
    element, other = chance.choice(elements), chance.choice(elements)
    name = chance.choice((_local(element) + "s", _local(element).lower(), _local(other)))
    element.tag = f"{{{NAMESPACE}}}{name}"


def _valued(chance: random.Random, elements: list[Any], values: dict[str, list[str]]) -> None:
    leaves = [element for element in elements if not len(element) and _local(element) in values]
    if leaves:
        leaf = chance.choice(leaves)
        leaf.text = chance.choice(values[_local(leaf)])


def _mistyped(chance: random.Random, elements: list[Any], _values: Any) -> None:
    choices, named = KINDS[chance.choice(list(KINDS))]
    leaves = [e for e in elements if not len(e) and named.search(_local(e))]
    if leaves:
        chance.choice(leaves).text = chance.choice(choices)


def _other_version(
    chance: random.Random, elements: list[Any], values: dict[str, list[str]]
) -> None:
    root = elements[0].getroottree().getroot()
    root.find(f"{{{NAMESPACE}}}Version").text = chance.choice(values["Version"])


CHANGES = (_removed, _doubled, _moved, _renamed, _valued, _mistyped, _mistyped, _other_version)


def mutated(root: Any, chance: random.Random, values: dict[str, list[str]]) -> Any:
    """A copy of a record with one change; `values` are values to put, by element name."""
    changed = copy.deepcopy(root)
    elements = [element for element in changed.iter(etree.Element) if element is not changed]
    chance.choice(CHANGES)(chance, elements, values)
    return changed
