"""The SPASE tables: what each of the 36 versions allows, and since when.

`README.md` beside this module says how the four text files are written. Containers, elements
and enumerations are asked for by name and version; where the answer is for people (which
versions know this value?) intervals come back as text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

NAMESPACE = "http://www.spase-group.org/data/schema"
ROOT = "Spase"


@dataclass(slots=True, frozen=True)
class Child:
    """An element as it may stand in a container.

    `occurs` is one of `1`, `?`, `*`, `+`; of the choice, where `choice` is not 0: neighbouring
    branches with the same number are one choice. `fixed` is the only value allowed, if any.
    """

    name: str
    occurs: str
    choice: int
    fixed: str
    versions: int

    @property
    def needed(self) -> bool:
        return self.occurs in "1+"

    @property
    def repeats(self) -> bool:
        return self.occurs in "*+"


@dataclass(slots=True, frozen=True)
class Extension:
    """What a version's Extension lets in: `any`, `other` (namespaces) or `strict`."""

    rule: str
    declared: tuple[str, ...]


def _lines(name: str) -> Iterator[str]:
    text = files("schemas.spase").joinpath(name).read_text("utf-8")
    return (line for line in text.splitlines() if line)


def _extensions() -> dict[str, Extension]:
    found = {}
    for line in _lines("versions.txt"):
        version, rule, *declared = line.split("\t")
        found[version] = Extension(rule, tuple(" ".join(declared).split()))
    return found


EXTENSIONS: dict[str, Extension] = _extensions()
VERSIONS: tuple[str, ...] = tuple(EXTENSIONS)
NEWEST = VERSIONS[-1]
# Versions stand as bits: the intervals have gaps, and an integer answers "is it in" at once.
_BIT = {version: 1 << place for place, version in enumerate(VERSIONS)}
_ALL = (1 << len(VERSIONS)) - 1


def _bits(intervals: str) -> int:
    bits = 0
    for interval in intervals.split():
        first, _, last = interval.partition("-")
        low = _BIT[first] if first else 1
        high = _BIT[last] if last else _BIT[NEWEST]
        bits |= (high << 1) - low
    return bits or _ALL


def _intervals(bits: int) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for place, version in enumerate(VERSIONS):
        if bits >> place & 1:
            joined = place > 0 and bits >> (place - 1) & 1
            found[-1:] = [(found[-1][0], version)] if joined else [*found[-1:], (version, version)]
    return found


def _one_version(version: str, bits: int) -> str:
    if version == NEWEST:
        return f"since {version}"
    return f"in {version} only" if bits == _BIT[version] else f"in {version}"


def in_words(bits: int) -> str:
    """Versions for people: `since 2.6.0`, `until 1.3.4`, `1.3.1 to 1.3.4, and since 2.0.0`."""
    said = []
    for first, last in _intervals(bits):
        if first == last:
            said.append(_one_version(first, bits))
        elif last == NEWEST:
            said.append("in every version" if first == VERSIONS[0] else f"since {first}")
        else:
            said.append(f"until {last}" if first == VERSIONS[0] else f"from {first} to {last}")
    return ", and ".join([", ".join(said[:-1]), said[-1]]) if len(said) > 1 else "".join(said)


@cache
def _containers() -> dict[str, list[Child]]:
    found: dict[str, list[Child]] = {}
    children: list[Child] = []
    choice = 0
    for line in _lines("elements.txt"):
        if not line.startswith(" "):
            children = found.setdefault(line, [])
            choice += 1
            continue
        text, _, versions = line[1:].partition("\t")
        if text == ",":
            choice += 1
            continue
        text, _, fixed = text.partition("=")
        branch = text.endswith("|")
        text = text.removesuffix("|")
        children.append(Child(text[:-1], text[-1], choice if branch else 0, fixed, _bits(versions)))
    return found


@cache
def _types() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for line in _lines("types.txt"):
        name, kind, versions = [*line.split("\t"), ""][:3]
        if kind in ("@", "#"):
            kind += name
        found.setdefault(name, []).append((kind, _bits(versions)))
    return found


@cache
def _members() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for line in _lines("members.txt"):
        name, versions, values = line.split("\t")
        for value in values.split():
            members = found.setdefault(name, {})
            members[value] = members.get(value, 0) | _bits(versions)
    return found


@cache
def children(container: str, version: str) -> tuple[Child, ...]:
    """What may stand in a container, in document order; empty where there is no such container."""
    bit = _BIT[version]
    return tuple(child for child in _containers().get(container, ()) if child.versions & bit)


def child_versions(container: str, name: str) -> int:
    """The versions, as bits, in which `name` may stand in `container`."""
    bits = 0
    for child in _containers().get(container, ()):
        if child.name == name:
            bits |= child.versions
    return bits


def containers_of(name: str, version: str) -> list[str]:
    """The containers in which an element of this name may stand, in this version."""
    bit = _BIT[version]
    return [
        container
        for container, found in _containers().items()
        if any(child.name == name and child.versions & bit for child in found)
    ]


@cache
def type_of(name: str, version: str) -> str:
    """An element's type (`@Container`, `#Enumeration`, `xsd:dateTime` …); '' if unknown."""
    bit = _BIT[version]
    return next((kind for kind, bits in _types().get(name, ()) if bits & bit), "")


@cache
def members(enumeration: str, version: str) -> tuple[str, ...]:
    """The values of an enumeration in one version."""
    bit = _BIT[version]
    if enumeration == "Version":
        return (version,)
    return tuple(v for v, bits in _members().get(enumeration, {}).items() if bits & bit)


def member_versions(enumeration: str, value: str) -> int:
    """The versions, as bits, that know this value of an enumeration."""
    return _members().get(enumeration, {}).get(value, 0)


def enumerations_of(value: str, version: str) -> list[str]:
    """The enumerations that have this value, in this version."""
    bit = _BIT[version]
    return [name for name, values in _members().items() if values.get(value, 0) & bit]


@cache
def simple_elements(kind: str, version: str) -> tuple[str, ...]:
    """The elements that are of a type (`xsd:dateTime`) in one version."""
    return tuple(name for name in _types() if type_of(name, version) == kind)
