"""Which element of a document each of its records is, so that a finding's path leads there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.mending.source import Element, at
from schemas.documents import OAI, REGISTRY_INTERFACE, SPASE
from schemas.parts import Part

_BESIDE = ("Version", "Status", "MetadataRightsList", "Extension")


@dataclass(slots=True, frozen=True)
class Place:
    """A record's root; `resource` where the root holds several and this record is one of them."""

    root: Element
    resource: Element | None = None

    def at(self, path: str) -> Element | None:
        """The element that a finding's path means; None where there is none."""
        if self.resource is None:
            return at(self.root, path)
        first, _, rest = path.partition("/")
        step = rest.partition("/")[0].partition("[")[0]
        if first == self.root.name and step == self.resource.name:
            return at(self.resource, rest)
        return at(self.root, path)

    def every(self) -> Iterator[Element]:
        """The record's elements."""
        return (self.resource or self.root).every()


def places(root: Element, parts: Sequence[Part]) -> list[Place | None]:
    """The place of each part; None for those without an element, and where it is not plain."""
    found = iter(_candidates(root))
    told: list[Place | None] = []
    for part in parts:
        place = None
        if part.element is not None:
            place = next(found, None)
            if place is not None and place.root.name != part.element.tag.rpartition("}")[2]:
                place = None
        told.append(place)
    return told if next(found, None) is None else [None] * len(told)


def _candidates(root: Element) -> Iterator[Place]:
    if root.namespace == OAI and root.name == "OAI-PMH":
        for element in root.every():
            if element.namespace == OAI and element.name == "metadata":
                for child in element.children[:1]:
                    yield from _candidates(child)
    elif root.namespace == REGISTRY_INTERFACE and root.name == "VOResources":
        yield from map(Place, root.children)
    elif root.namespace == SPASE and root.name == "Spase":
        resources = [one for one in root.children
                     if one.namespace == SPASE and one.name not in _BESIDE]  # fmt: skip
        if len(resources) > 1:
            yield from (Place(root, one) for one in resources)
        else:
            yield Place(root)
    else:
        yield Place(root)
