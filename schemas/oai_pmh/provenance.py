"""What the `about` containers of a record say of its way through repositories (OAI-PMH's guidelines
for provenance, 2002: the schema `provenance.xsd`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from schemas.oai_pmh.envelope import OAI
from schemas.parts import OriginDescription

PROVENANCE = "http://www.openarchives.org/OAI/2.0/provenance"
HOPS = 20
"""So many of the hops of a record's way are kept, the last ones."""
_LONGEST = 2000
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?", re.ASCII)
_ALTERED = {"true": True, "1": True, "false": False, "0": False}


def provenance(record: Any) -> tuple[OriginDescription, ...]:
    """The hops that a `record` element tells of, the last first.

    They end before the first that is not as the schema asks: it could not be given on.
    """
    names = (f"{{{OAI}}}about", f"{{{PROVENANCE}}}provenance", f"{{{PROVENANCE}}}originDescription")
    found: list[OriginDescription] = []
    for element in _below(record, names):
        for one in _nested(element, names[-1]):
            hop = _hop(one)
            if hop is None or len(found) == HOPS:
                return tuple(found)
            found.append(hop)
    return tuple(found)


def _below(element: Any, names: tuple[str, ...]) -> Iterator[Any]:
    for child in element.iterchildren(names[0]):
        if len(names) == 1:
            yield child
        else:
            yield from _below(child, names[1:])


def _nested(element: Any, name: str) -> Iterator[Any]:
    """An element, the one of its name inside it, and so on."""
    while element is not None:
        yield element
        element = element.find(name)


def _hop(element: Any) -> OriginDescription | None:
    base_url, identifier, datestamp, namespace = texts = [
        (element.findtext(f"{{{PROVENANCE}}}{name}") or "").strip()
        for name in ("baseURL", "identifier", "datestamp", "metadataNamespace")
    ]
    harvested = (element.get("harvestDate") or "").strip()
    altered = _ALTERED.get((element.get("altered") or "").strip())
    if altered is None or not all(0 < len(one) <= _LONGEST for one in texts):
        return None
    if not _DATE.fullmatch(datestamp) or not _DATE.fullmatch(harvested):
        return None
    return OriginDescription(base_url, identifier, datestamp, namespace, harvested, altered)
