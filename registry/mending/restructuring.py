"""Bringing the content of a SPASE record into the structure of a newer version.

Works on the characters of the source: an element that is renamed keeps its content, one that
moves takes along the white space and the comments before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from registry.findings import WARNING, Finding
from registry.mending.mended import Edit
from registry.mending.source import Element, escaped, paths
from schemas.spase import successors
from schemas.spase.tables import (
    NAMESPACE,
    ROOT,
    VERSIONS,
    Child,
    child_versions,
    children,
    members,
    type_of,
)

TYPE_ID = re.compile(r"[^:]+://[^/]+/[^\n\r]+")
_SPACE = " \t\r\n"


@dataclass(slots=True)
class Restructuring:
    """One record on its way to the version `to`; `edits` and `left` grow as it goes."""

    root: Element
    to: str
    edits: list[Edit] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)
    paths: dict[int, str] = field(default_factory=dict)
    made: list[Element] = field(default_factory=list)
    """Elements that were made or taken out: kept, so that no other one gets the same `id`."""

    def __post_init__(self) -> None:
        self.paths = paths(self.root)
        self.made += self.root.every()

    def say(self, rule: str, element: Element, message: str, before: str, after: str) -> None:
        path = self.paths.get(id(element), element.name)
        self.edits.append(Edit(rule, message, path, element.line, before, after))

    def run(self) -> None:
        """Rename, move, fill and order everything in the record that the tables know."""
        self._container(self.root, ROOT)

    def _container(self, element: Element, name: str) -> None:
        for child in list(element.children):
            if child.namespace == NAMESPACE and child.parent is element:
                self._child(element, name, child)
        for child in list(element.children):
            if child.namespace != NAMESPACE:
                continue
            kind = type_of(child.name, self.to)
            if not self._allowed(name, child.name):
                self._without_place(element, name, child)
            elif kind == "@Extension":
                continue
            elif kind[:1] == "@":
                self._container(child, kind[1:])
            else:
                self._value(child, kind)
        self._joined(element, name)
        self._filled(element, name)
        self._ordered(element, name)

    def _allowed(self, container: str, name: str) -> bool:
        return any(child.name == name for child in children(container, self.to))

    def _child(self, element: Element, container: str, child: Element) -> None:
        """What the tables of changed elements have for one child."""
        if self._allowed(container, child.name):
            self._moved_by_value(element, child)
            self._wrapped(child, child.name)
            return
        key = (container, child.name)
        new = successors.RENAMED.get(key)
        if new and self._allowed(container, new):
            old = child.name
            self.say("upgrade.renamed", child, f"`{old}` is called `{new}`", old, new)
            child.rename(new)
            if old == "Photon" and self._allowed("Wave", "WaveType") and not child.find("WaveType"):
                self.new(child, "Wave", "WaveType", "Photon")
        elif key in successors.RESTRUCTURED:
            _RESTRUCTURE[child.name](self, element, child)

    def _moved_by_value(self, element: Element, child: Element) -> None:
        """A `Particle` whose quantity belongs to `Mixed` today, where all of it fits there."""
        if element.name != "Parameter" or child.name != "Particle":
            return
        quantity = child.find("ParticleQuantity")
        if quantity is None or quantity.text.strip() not in successors.TO_MIXED:
            return
        if quantity.text.strip() in members("ParticleQuantity", self.to):
            return
        if {one.name for one in child.children} <= {"ParticleQuantity", "ParticleType", "Qualifier",
                                                    "ParticleQualifier"}:  # fmt: skip
            said = f"`{quantity.text.strip()}` is a quantity of `Mixed`"
            self.say("upgrade.moved", child, said, "Particle", "Mixed")
            child.rename("Mixed")
            quantity.rename("MixedQuantity")
            for one in child.all("ParticleQualifier"):
                one.rename("Qualifier")

    def _value(self, element: Element, kind: str) -> None:
        """Values of lists that have a successor; white space round identifiers and values."""
        if element.raw is None:
            return
        text = element.text
        new = text
        if kind == "typeID" and not TYPE_ID.fullmatch(text):
            new = text.strip(_SPACE) if TYPE_ID.fullmatch(text.strip(_SPACE)) else text
        elif kind[:1] == "#" and element.name != "Version":
            known = members(kind[1:], self.to)
            plain = text.strip(_SPACE)
            after = successors.VALUES.get((kind[1:], plain), plain)
            new = after if text not in known and after in known else text
        if new != text:
            same = new == text.strip(_SPACE)
            said = "white space round the value removed" if same else f"`{text.strip()}` → `{new}`"
            self.say("upgrade.white-space" if same else "upgrade.value", element, said, text, new)
            element.write(new)

    def _wrapped(self, element: Element, kind: str) -> None:
        """`Support` and `Mixed` were plain texts once."""
        inner = {"Support": "SupportQuantity", "Mixed": "MixedQuantity"}.get(element.name)
        if inner is None or element.children or element.raw is None:
            return
        text = element.text.strip(_SPACE)
        plain = re.sub(r"[\s_-]", "", text).lower()
        known = {value.lower(): value for value in members(inner, self.to)}
        if plain not in known:
            return
        self.say(
            "upgrade.wrapped", element, f"`{element.name}` holds `{inner}`", text, known[plain]
        )
        element.write("")
        self.new(element, kind, inner, known[plain])

    def new(self, parent: Element, container: str, name: str, text: str = "") -> Element:
        """A new element in its place in the container; white space as its siblings have it."""
        tag = _prefix(parent) + name
        element = Element(NAMESPACE, name, parent.line, f"<{tag}>".encode())
        element.gaps = [escaped(text).encode()]
        element.closing = f"</{tag}>".encode()
        self.made.append(element)
        order = [child.name for child in children(container, self.to)]
        rank = order.index(name) if name in order else len(order)
        place = 0
        for number, sibling in enumerate(parent.children, 1):
            if sibling.name in order and order.index(sibling.name) <= rank:
                place = number
        put(parent, place, element)
        self.paths[id(element)] = f"{self.paths.get(id(parent), parent.name)}/{name}"
        return element

    def _without_place(self, element: Element, container: str, child: Element) -> None:
        """Keep what has no place any more as a comment, and report it."""
        known = child_versions(container, child.name) or any(
            child_versions(old, child.name)
            for old, new in successors.CONTAINERS.items()
            if new == container
        )
        if not known or self._newer(container, child.name):
            return
        written = child.written().decode()
        said = f"SPASE {self.to} has no place for `{child.name}` in `{container}`"
        path = self.paths.get(id(child), child.name)
        self.left.append(
            Finding("upgrade.no-place", WARNING, f"{said}; it is kept as a comment: {written}",
                    child.line, path=path, remedy="say it elsewhere, or let it go")
        )  # fmt: skip
        self.say("upgrade.no-place", child, said + "; kept as a comment", written, "")
        place = child.index()
        gap = child.detach()
        comment = f"<!-- {said}: {re.sub('-(?=-)', '- ', written)} -->".encode()
        element.gaps[place] = gap + comment + element.gaps[place]
        self.made.append(child)

    def _newer(self, container: str, name: str) -> bool:
        """Whether an element came only after the version that is made."""
        later = VERSIONS[VERSIONS.index(self.to) + 1 :]
        return any(child.name == name for one in later for child in children(container, one))

    def _joined(self, element: Element, container: str) -> None:
        """Several `Caveats` of an instrument become one, as they may stand only once again."""
        if container != "Instrument":
            return
        several = list(element.all("Caveats"))
        if len(several) < 2 or any(one.raw is None for one in several):
            return
        if any(child.name == "Caveats" and child.repeats for child in children(container, self.to)):
            return
        joined = "\n\n".join(one.text for one in several)
        for one in several:
            said = "`Caveats` may stand once: its texts were joined"
            self.say("upgrade.joined", one, said, one.text, joined)
        several[0].gaps[0] = b"\n\n".join(one.gaps[0] for one in several)
        for one in several[1:]:
            one.detach()

    def _filled(self, element: Element, container: str) -> None:
        """What is required today, where the record says it."""
        for child in children(container, self.to):
            fill = _FILL.get((container, child.name))
            if fill and child.needed and element.find(child.name) is None:
                text = fill(element)
                if text:
                    said = f"`{container}` needs `{child.name}`, and the record says it"
                    self.say("upgrade.filled", element, said, "", text)
                    self.new(element, container, child.name, text)

    def _ordered(self, element: Element, container: str) -> None:
        """Put children into the order of the version, each with what stands before it."""
        order = _order(children(container, self.to))
        ranks: list[int] = []
        for child in element.children:
            known = child.namespace == NAMESPACE and child.name in order
            ranks.append(order[child.name] if known else (ranks[-1] if ranks else 0))
        if ranks == sorted(ranks):
            return
        said = f"the order of `{container}` is another"
        before = " ".join(dict.fromkeys(child.name for child in element.children))
        places = sorted(range(len(ranks)), key=ranks.__getitem__)
        gaps = element.gaps[:-1]
        element.gaps[:-1] = [gaps[place] for place in places]
        element.children = [element.children[place] for place in places]
        after = " ".join(dict.fromkeys(child.name for child in element.children))
        self.say("upgrade.order", element, said, before, after)

    def move(self, child: Element, parent: Element, container: str) -> None:
        """Take an element to another parent, into its place there."""
        child.detach()
        order = _order(children(container, self.to))
        rank = order.get(child.name, len(order))
        places = [n for n, one in enumerate(parent.children, 1) if order.get(one.name, 0) <= rank]
        put(parent, max(places, default=0), child)


def put(parent: Element, place: int, element: Element) -> None:
    """Insert an element on a line of its own, indented as its siblings, or deeper than its parent.

    Where the siblings stand on one line, so does it.
    """
    if parent.children:
        near = parent.gaps[min(place, len(parent.children) - 1)]
        found = re.search(rb"(\r?\n)?[ \t]*$", near)
        parent.insert(place, found[0] if found else b"", element)
        return
    above = parent.parent.gaps[parent.index()] if parent.parent is not None else b""
    found = re.search(rb"(\r?\n)([ \t]*)$", above)
    if found:
        parent.insert(0, found[0] + (b"\t" if b"\t" in found[2] else b"  "), element)
        parent.gaps[-1] = parent.gaps[-1].strip() + found[0]
    else:
        parent.insert(0, b"", element)


def _order(allowed: tuple[Child, ...]) -> dict[str, int]:
    """Rank by name; the branches of a choice that repeats have one rank."""
    ranks: dict[str, int] = {}
    for number, child in enumerate(allowed):
        same = number and child.choice and child.choice == allowed[number - 1].choice
        ranks[child.name] = ranks[allowed[number - 1].name] if same else number
    return ranks


def _prefix(element: Element) -> str:
    found = re.match(rb"<([^\s/>:]+:)?", element.opening)
    return (found[1] or b"").decode() if found else ""


def _extension(work: Restructuring, parent: Element, child: Element) -> None:
    """An Extension beside the resource goes into the resource, where that may hold one."""
    resources = [one for one in parent.children if one.name not in ("Version", "Extension")]
    if len(resources) != 1 or not any(
        one.name == "Extension" for one in children(resources[0].name, work.to)
    ):
        return
    said = f"`Extension` stands in `{resources[0].name}`"
    work.say("upgrade.moved", child, said, "Spase", resources[0].name)
    work.move(child, resources[0], resources[0].name)


def _association(work: Restructuring, parent: Element, child: Element) -> None:
    """AssociationID became Association with a type; `Other` says that none is named."""
    place = child.index()
    gap = child.detach()
    tag = _prefix(parent)
    holder = Element(NAMESPACE, "Association", child.line, f"<{tag}Association>".encode())
    holder.gaps, holder.closing = [b""], f"</{tag}Association>".encode()
    work.made.append(holder)
    parent.insert(place, gap, holder)
    put(holder, 0, child)
    work.say("upgrade.wrapped", child, "`AssociationID` stands in `Association`", "", "Other")
    work.new(holder, "Association", "AssociationType", "Other")


def _structure_type(work: Restructuring, parent: Element, child: Element) -> None:
    """StructureType became a Qualifier of what is measured."""
    parameter = parent.parent
    measured = [
        one
        for one in (parameter.every() if parameter is not None else ())
        if one.name in ("Field", "Particle", "Photon", "Wave", "Support", "Mixed") and one.children
    ]
    text = child.text.strip(_SPACE)
    if len(measured) != 1 or text not in members("Qualifier", work.to):
        return
    said = f"`StructureType` is a `Qualifier` of `{measured[0].name}`"
    work.say("upgrade.moved", child, said, "Structure", measured[0].name)
    child.rename("Qualifier")
    kind = successors.CONTAINERS.get(measured[0].name, measured[0].name)
    work.move(child, measured[0], kind)


def _component(work: Restructuring, parent: Element, child: Element) -> None:
    """Component X became Qualifier Component.X, later Component.I."""
    text = child.text.strip(_SPACE)
    value = f"Component.{text}"
    value = successors.VALUES.get(("Qualifier", value), value)
    work.say("upgrade.renamed", child, "`Component` is a `Qualifier`", text, value)
    child.rename("Qualifier")
    child.write(value)


def _granule_url(work: Restructuring, parent: Element, child: Element) -> None:
    """A granule's URL became Source; with one URL, Checksum and DataExtent belong to it."""
    single = len(list(parent.all("URL"))) == 1
    place = child.index()
    gap = child.detach()
    tag = _prefix(parent)
    source = Element(NAMESPACE, "Source", child.line, f"<{tag}Source>".encode())
    source.gaps, source.closing = [b""], f"</{tag}Source>".encode()
    work.made.append(source)
    parent.insert(place, gap, source)
    put(source, 0, child)
    work.say("upgrade.wrapped", child, "`URL` stands in `Source`", "", "Data")
    work.new(source, "Source", "SourceType", "Data")
    for name in ("Checksum", "DataExtent") if single else ():
        for one in list(parent.all(name)):
            work.say("upgrade.moved", one, f"`{name}` stands in `Source`", "Granule", "Source")
            work.move(one, source, "Source")


def _group(work: Restructuring, parent: Element, child: Element) -> None:
    """A group is named by its identifier; a group's plain name has no place."""
    if TYPE_ID.fullmatch(child.text.strip(_SPACE)):
        said = "`ObservatoryGroup` is `ObservatoryGroupID`"
        work.say("upgrade.renamed", child, said, "ObservatoryGroup", "ObservatoryGroupID")
        child.rename("ObservatoryGroupID")


def _rights(work: Restructuring, parent: Element, child: Element) -> None:
    """2.7.0 has rights as texts; 2.7.1 as an address, with a name."""
    text = child.text.strip(_SPACE)
    inner = "RightsURI" if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+$", text) else "RightsName"
    notes = list(parent.all("Note"))
    work.say("upgrade.wrapped", child, f"`rights` is `Rights` with `{inner}`", text, text)
    child.rename("Rights")
    child.write("")
    work.new(child, "Rights", inner, text)
    if len(notes) == 1 and len([one for one in parent.children if one is not notes[0]]) == 1:
        work.say("upgrade.moved", notes[0], "`Note` stands in `Rights`", "rightsList", "Rights")
        work.move(notes[0], child, "Rights")


def _measured(work: Restructuring, parent: Element, child: Element) -> None:
    """What is measured stands in the parameter itself."""
    place = child.index()
    outer = parent.gaps[place]
    inner = list(child.children)
    work.say("upgrade.moved", child, "`Measured` is gone, its content stays", "Measured", "")
    comments = [gap.strip() for gap in child.gaps]
    child.detach()
    work.made.append(child)
    for number, one in enumerate(inner):
        parent.insert(place + number, outer if not comments[number] else child.gaps[number], one)
        work._child(parent, "Parameter", one)
    if comments[-1]:
        parent.gaps[place + len(inner)] = child.gaps[-1].rstrip() + parent.gaps[place + len(inner)]


def _stays(_work: Restructuring, _parent: Element, _child: Element) -> None:
    """Was moved together with its neighbour, or has no place."""


_RESTRUCTURE: dict[str, Callable[[Restructuring, Element, Element], None]] = {
    "Extension": _extension,
    "AssociationID": _association,
    "StructureType": _structure_type,
    "Component": _component,
    "URL": _granule_url,
    "Checksum": _stays,
    "DataExtent": _stays,
    "ObservatoryGroup": _group,
    "rights": _rights,
    "Note": _stays,
    "Measured": _measured,
}


def _mime_type(document: Element) -> str:
    """The one media type of all formats that a document comes in; '' where they differ."""
    formats = {
        one.text.strip(_SPACE)
        for access in document.all("AccessInformation")
        for one in access.all("Format")
    }
    found = {successors.MIME_TYPES.get(one, "") for one in formats}
    return found.pop() if len(found) == 1 else ""


def _size(structure: Element) -> str:
    """A structure's size where its elements are numbered from 1 on without gaps."""
    numbers = [
        index.text.strip(_SPACE)
        for one in structure.all("Element")
        if (index := one.find("Index")) is not None
    ]
    wanted = [str(number) for number in range(1, len(numbers) + 1)]
    return wanted[-1] if numbers and sorted(numbers, key=len) == wanted else ""


def _other(association: Element) -> str:
    """`Other`: the record names no type."""
    return "Other" if association.find("AssociationID") is not None else ""


_FILL: dict[tuple[str, str], Callable[[Element], str]] = {
    ("Document", "MIMEType"): _mime_type,
    ("Structure", "Size"): _size,
    ("Association", "AssociationType"): _other,
}
