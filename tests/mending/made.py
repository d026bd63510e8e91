"""Records made from the tables of a version by a seeded generator: all that it allows, in turn."""

from __future__ import annotations

import random
from itertools import groupby

from schemas.spase.tables import NAMESPACE, ROOT, Child, children, members, type_of

RESOURCES = (
    "Annotation", "Catalog", "Collection", "DisplayData", "DisplayOutput", "Document", "Granule",
    "Instrument", "Model", "ModelRun", "NumericalData", "NumericalOutput", "Observatory", "Person",
    "Registry", "Repository", "Service", "Software",
)  # fmt: skip


def kinds(version: str) -> list[str]:
    """The resources that a version has."""
    known = {child.name for child in children(ROOT, version)}
    return [name for name in RESOURCES if name in known]


def record(version: str, kind: str, chance: random.Random) -> bytes:
    """A record of one resource that is valid in its version, every text another."""
    made = _Maker(version, chance)
    inside = made.element(kind, "@" + kind, 1)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<Spase xmlns="{NAMESPACE}">\n'
    return f"{head}  <Version>{version}</Version>\n{inside}</Spase>\n".encode()


class _Maker:
    def __init__(self, version: str, chance: random.Random) -> None:
        self._version = version
        self._chance = chance
        self._count = 0

    def element(self, name: str, kind: str, depth: int) -> str:
        indent = "  " * depth
        if kind == "@Extension":
            return f"{indent}<{name}/>\n"
        if kind[0] != "@":
            return f"{indent}<{name}>{self._text(name, kind)}</{name}>\n"
        inside = self._content(kind[1:], depth + 1)
        if self._chance.random() < 0.1:
            inside = f"{indent}  <!-- said of the {name} -->\n" + inside
        return f"{indent}<{name}>\n{inside}{indent}</{name}>\n"

    def _content(self, container: str, depth: int) -> str:
        parts = []
        allowed = children(container, self._version)
        for choice, group in groupby(allowed, key=lambda child: child.choice):
            branches = list(group)
            for child in [self._chance.choice(branches)] if choice else branches:
                for _ in range(self._times(child, depth)):
                    if child.fixed:
                        parts.append(f"{'  ' * depth}<{child.name}>{child.fixed}</{child.name}>\n")
                        continue
                    kind = type_of(child.name, self._version)
                    parts.append(self.element(child.name, kind, depth))
        return "".join(parts)

    def _times(self, child: Child, depth: int) -> int:
        least = 1 if child.needed else 0
        most = 2 if child.repeats else 1
        if depth > 6:
            return least
        return self._chance.randint(least, most)

    def _text(self, name: str, kind: str) -> str:
        self._count += 1
        number = self._count
        if kind[0] == "#":
            return self._chance.choice(members(kind[1:], self._version))
        if kind == "typeID" or name.endswith("ID"):
            return f"spase://Made/Thing/Number{number}"
        return {
            "xsd:dateTime": f"20{number % 100:02}-01-02T03:04:05Z",
            "xsd:duration": f"PT{number}S",
            "xsd:double": f"{number}.5",
            "xsd:integer": str(number),
            "typeSequence": str(number),
            "xsd:anyURI": f"https://made.example/{number}",
        }.get(kind, f"text {number} &amp; more")
