"""IVOA publishing registries: what their vg:Registry records say, and where to find them all.

RegistryInterfaces 1.1, section 3.2: a registry of registries lists the publishing registries in
its set `ivo_publishers`; each is harvested at its vg:OAIHTTP interface of role `std` in its
vg:Harvest capability (VORegistry 1.1, section 3.3), and what originates there is in its set
`ivo_managed`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from lxml.etree import _Element

from harvesters import oai_pmh
from harvesters.fetching import Fetcher

PUBLISHERS, MANAGED, PREFIX = "ivo_publishers", "ivo_managed", "ivo_vor"
_VG = "http://www.ivoa.net/xml/VORegistry/v1.0"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(slots=True)
class PublishingRegistry:
    """What a vg:Registry record says. `address` is its OAI-PMH base address, '' if it has none.

    `full`: it holds the records of the whole Virtual Observatory, not only its own.
    """

    identifier: str
    title: str = ""
    status: str = ""
    address: str = ""
    full: bool = False
    managed: list[str] = field(default_factory=list)

    def object(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)


def publishing_registry(element: _Element) -> PublishingRegistry | None:
    """What a VOResource record says of a registry; None when it is no vg:Registry."""
    if _type(element) != (_VG, "Registry"):
        return None
    return PublishingRegistry(
        identifier=_text(element, "identifier"),
        title=" ".join(_text(element, "title").split()),
        status=element.get("status", ""),
        address=next(_addresses(element), ""),
        full=_text(element, "full").lower() in ("true", "1"),
        managed=[
            text
            for one in element.iterfind("managedAuthority")
            if (text := (one.text or "").strip())
        ],
    )


def _addresses(element: _Element) -> Iterator[str]:
    for capability in element.iterfind("capability"):
        if _type(capability) != (_VG, "Harvest"):
            continue
        for interface in capability.iterfind("interface"):
            standard = _type(interface) == (_VG, "OAIHTTP") and interface.get("role") == "std"
            if standard and (address := _text(interface, "accessURL")):
                yield address


def _type(element: _Element) -> tuple[str, str]:
    """The xsi:type as (namespace, name); ('', '') if there is none."""
    prefix, colon, name = element.get(_XSI_TYPE, "").strip().partition(":")
    if not colon:
        prefix, name = "", prefix
    return (element.nsmap.get(prefix or None) or "", name) if name else ("", "")


def _text(element: _Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def discover(base_url: str, fetcher: Fetcher) -> Iterator[PublishingRegistry]:
    """The publishing registries that can be harvested, as a registry of registries lists them.

    Deleted and inactive ones are left out, and such as name no address.
    Raises HarvestStopped, FetchFailed.
    """
    known: set[str] = set()
    for page in oai_pmh.harvest(base_url, PREFIX, fetcher=fetcher, set_=PUBLISHERS):
        for part in page.parts:
            if part.element is None or part.deleted or part.refusal is not None:
                continue
            found = publishing_registry(part.element)
            if found is None or not found.address or found.status not in ("active", ""):
                continue
            if found.identifier.lower() not in known:
                known.add(found.identifier.lower())
                yield found


def managed_in(descriptions: Iterable[_Element]) -> list[str]:
    """The naming authorities that a registry manages, by its record in Identify; [] if none."""
    found = (publishing_registry(element) for element in descriptions)
    return [one for record in found if record is not None for one in record.managed]
