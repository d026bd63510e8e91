"""What a curator has to decide after an upgrade, with what the record suggests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from registry.findings import Finding
from registry.mending.source import Element, at
from schemas.spase import successors
from schemas.spase.tables import VERSIONS, Child, children, members, type_of

_WORDS = {
    "Electron": r"e-|el|electrons?",
    "Proton": r"h\+|protons?",
    "Ion": r"ions?",
    "AlphaParticle": r"alphas?|alpha particles?",
    "Neutron": r"neutrons?",
    "Dust": r"dust",
}


def decisions(errors: Iterable[Finding], roots: Sequence[Element], to: str) -> list[Finding]:
    """The errors of an upgraded record, with a remedy that names what may be chosen."""
    found = []
    for error in errors:
        told = [element for root in roots if (element := at(root, error.path)) is not None]
        remedy = _remedy(error, told[0], to) if len(told) == 1 else ""
        found.append(replace(error, remedy=remedy) if remedy else error)
    return found


def _remedy(error: Finding, element: Element, to: str) -> str:
    if error.rule == "schema.occurrence":
        for child in children(element.name, to):
            if child.needed and not child.choice and element.find(child.name) is None:
                return _missing(element, child, to)
    kind = type_of(element.name, to)
    if kind == "typeID":
        return "write the whole identifier, like spase://Authority/Path, or remove the element"
    if kind[:1] == "#":
        text = element.text.strip()
        meant = successors.TO_DECIDE.get((kind[1:], text), ())
        near = [value for value in meant if value in members(kind[1:], to)]
        if near:
            return f"decide which is meant: {', '.join(near)}"
    return ""


def _missing(element: Element, child: Child, to: str) -> str:
    kind = type_of(child.name, to)
    since = _since(element.name, child.name, to)
    said = f"decide on `{child.name}`, which `{element.name}` needs {since}"
    if kind[:1] == "#":
        said += f": one of {', '.join(members(kind[1:], to)[:30])}"
    suggested = _suggested(element, child.name)
    return said + (f"; {suggested}" if suggested else "")


def _since(container: str, name: str, to: str) -> str:
    """Since when a container needs an element, without a break until `to`."""
    first = to
    for version in reversed(VERSIONS[: VERSIONS.index(to)]):
        if not any(child.name == name and child.needed for child in children(container, version)):
            break
        first = version
    return f"since {first}"


def _suggested(element: Element, name: str) -> str:
    """What the record says that may lead to the answer."""
    if element.name == "Particle" and name == "ParticleType" and element.parent is not None:
        named = element.parent.find("Name")
        text = "" if named is None else named.text.strip()
        meant = [kind for kind, words in _WORDS.items()
                 if re.search(rf"(?i)(?<![\w+-])(?:{words})(?![\w+-])", text)]  # fmt: skip
        said = f"the parameter is called {text!r}" if text else ""
        return said + (f": {meant[0]}?" if len(meant) == 1 else "")
    if name == "AccessURL":
        header = element.find("ResourceHeader")
        urls = [
            url.text.strip()
            for one in (header.all("InformationURL") if header is not None else ())
            if (url := one.find("URL")) is not None
        ]
        return f"the InformationURL is {', '.join(urls)}" if urls else ""
    return ""
