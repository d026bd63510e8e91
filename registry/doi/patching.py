"""A record's source with its DOI in place, for whoever keeps the source; every other byte stays.

SPASE has ResourceHeader/DOI since 2.3.2, VOResource altIdentifier (VOResource 1.1, section 3.1).
"""

from __future__ import annotations

from registry import identifiers
from registry.findings import Refusal
from registry.mending.restructuring import put
from registry.mending.source import Element, Source, escaped, read
from registry.mending.verdict import judged, no_worse
from schemas.spase.tables import VERSIONS, children

_VO_BEFORE = ("validationLevel", "title", "shortName", "identifier", "altIdentifier")


class NotPatched(Exception):
    """The DOI has no place in this document; the message says why and what to do."""


def patched(content: bytes, doi: str) -> bytes:
    """The document with the DOI in it. Raises NotPatched."""
    try:
        source = read(content)
    except Refusal as refusal:
        raise NotPatched(f"{refusal.message}.") from refusal
    if source.root.name == "Spase":
        done = _spase(source.root, doi)
    else:
        done = _voresource(source.root, doi)
    if not done:
        return content
    return _checked(content, source)


def _checked(content: bytes, source: Source) -> bytes:
    after = source.written()
    if not no_worse(judged(content), judged(after)):
        raise NotPatched("With the DOI in its place the record would break its own schema.")
    return after


def _spase(root: Element, doi: str) -> bool:
    version = root.find("Version")
    headers = [one for one in root.every() if one.name == "ResourceHeader"]
    if len(headers) != 1 or version is None:
        raise NotPatched("The document has no ResourceHeader, or several, where a DOI could stand.")
    said = version.text.strip()
    allowed = children("ResourceHeader", said) if said in VERSIONS else ()
    order = [one.name for one in allowed]
    if "DOI" not in order:
        raise NotPatched(
            f"SPASE {said} has no DOI element: `parhelion upgrade` brings the record to a version "
            "that has one."
        )
    address = f"https://doi.org/{doi}"
    there = headers[0].find("DOI")
    if there is not None:
        return _written(there, doi, address)
    rank = order.index("DOI")
    before = order[:rank]
    places = [n for n, one in enumerate(headers[0].children, 1) if one.name in before]
    put(headers[0], max(places, default=0), _new(headers[0], "DOI", address))
    return True


def _voresource(root: Element, doi: str) -> bool:
    named = [one for one in root.every() if one.name == "identifier"]
    if not named or named[0].parent is None:
        raise NotPatched("The document has no identifier beside which a DOI could stand.")
    resource = named[0].parent
    for one in resource.children:
        if one.name == "altIdentifier" and identifiers.doi(one.text) == doi:
            return False
    places = [n for n, one in enumerate(resource.children, 1) if one.name in _VO_BEFORE]
    put(resource, max(places), _new(named[0], "altIdentifier", f"doi:{doi}"))
    return True


def _written(there: Element, doi: str, address: str) -> bool:
    carried = identifiers.doi(there.text)
    if carried == doi:
        return False
    if carried:
        raise NotPatched(
            f"The record carries another DOI, {carried}, in line {there.line}: decide which one "
            "it is to have."
        )
    there.write(address)
    return True


def _new(near: Element, name: str, text: str) -> Element:
    """An element beside or in `near`, with the prefix that it is written with."""
    head = near.opening[1:].split(None, 1)[0].rstrip(b"/>")
    prefix = head.rpartition(b":")[0]
    tag = (prefix + b":" if prefix else b"") + name.encode()
    return Element(
        near.namespace, name, 0, b"<" + tag + b">", None, [escaped(text).encode()], [],
        b"</" + tag + b">",
    )  # fmt: skip
