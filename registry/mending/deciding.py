"""What a curator has to decide after an upgrade, with what the record suggests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from registry.findings import Finding
from registry.mending import successors
from registry.mending.source import Element, at
from schemas.spase.tables import Child, child_versions, children, in_words, members, type_of

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
        return _identifier(element)
    if kind[:1] == "#":
        text = element.text.strip()
        meant = successors.TO_DECIDE.get((kind[1:], text), ())
        near = [value for value in meant if value in members(kind[1:], to)]
        if near:
            return f"decide which is meant: {', '.join(near)}"
    return ""


def _missing(element: Element, child: Child, to: str) -> str:
    kind = type_of(child.name, to)
    since = in_words(child_versions(element.name, child.name))
    said = f"decide on `{child.name}` (in `{element.name}` {since})"
    if kind[:1] == "#":
        said += f": one of {', '.join(members(kind[1:], to)[:30])}"
    suggested = _suggested(element, child.name)
    return said + (f"; {suggested}" if suggested else "")


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


def _identifier(element: Element) -> str:
    """The full identifier that a short one beside the record's own may stand for."""
    top = element
    while top.parent is not None and top.parent.name != "Spase":
        top = top.parent
    own = top.find("ResourceID")
    text = element.text.strip()
    said = "write the whole identifier, like spase://Authority/Path"
    if own is None or element is own or not re.fullmatch(r"[\w.-]+", text):
        return said
    folder = own.text.strip().rpartition("/")[0]
    return f"{said}; if it lies beside this record: {folder}/{text}"
