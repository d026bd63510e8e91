"""The registry's own records: its vg:Registry and a vg:Authority for each authority it manages.

They are made from settings (RegistryInterfaces 1.1, section 4; VORegistry 1.1). What they were
last is kept in the store's `meta`, so that their datestamps move when they do, and that the
record of an authority which is managed no more stays as a deleted one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from mappings.to_voresource_xml import NAMESPACES, element, text_element
from registry import identifiers
from registry.findings import VALID
from registry.oai.xml import datestamp
from registry.settings import Settings
from registry.store.changes import OFFERED
from registry.store.kept import KeptRecord
from registry.store.listing import ids_of_authorities, newest_datestamp
from registry.store.store import Store

TEST_AUTHORITY = "parhelion.test"
"""What gives the ivoids where no authority is configured."""

PATH = "/oai/ivoa"
_META = "own_records"
_VG = {**NAMESPACES, "xmlns:vg": "http://www.ivoa.net/xml/VORegistry/v1.0"}
_VOSI = {
    "capabilities": "ivo://ivoa.net/std/VOSI#capabilities",
    "availability": "ivo://ivoa.net/std/VOSI#availability",
}


@dataclass(slots=True, frozen=True)
class OwnRecord:
    """A record of the registry itself: how the store would hold it, and its VOResource XML."""

    kept: KeptRecord
    text: str


def authority(settings: Settings) -> str:
    """The authority under which SPASE records have their ivoids."""
    return settings.ivoa.authority or TEST_AUTHORITY


def managed_authorities(settings: Settings) -> list[str]:
    """All that the registry manages, each once whatever its case, that of the ivoids first."""
    found = [authority(settings), *settings.ivoa.managed_authorities]
    return list({one.lower(): one for one in reversed(found) if one.strip()}.values())[::-1]


def unfit(settings: Settings) -> list[str]:
    """Why this registry cannot publish to the VO, in words; [] if it can."""
    found = [settings.public_url_fault()]
    found.append("" if settings.ivoa.authority else "ivoa.authority is not set")
    found.append("" if settings.oai.admin_email else "oai.admin_email is not set")
    return [one for one in found if one]


def own_records(store: Store, settings: Settings) -> list[OwnRecord]:
    """The registry's own records, its vg:Registry first. Raises StoreError.

    Writes to the store where they are not what they were.
    """
    wanted = dict(_wanted(settings))
    digests = {key: _digest(make) for key, (_, _, make) in wanted.items()}
    with store.reading() as reader:
        noted = _noted(reader.meta(_META))
    if not _agree(noted, digests):
        with store.writing() as writer:
            noted = _noted(writer.meta(_META))
            if not _agree(noted, digests):
                # Never before what the store holds: datestamps are in the order of commits.
                now = max(writer.now, newest_datestamp(writer))
                before, noted = noted, _moved(noted, wanted, digests, now)
                writer.set_meta(_META, json.dumps(noted))
                if before:
                    # Their records enter the set `ivo_managed`, or leave it.
                    changed = _managed(before) ^ _managed(noted)
                    writer.touch(ids_of_authorities(writer, "voresource", changed), OFFERED)
    return [_own(key, state, wanted.get(key)) for key, state in noted.items()]


Wanted = tuple[str, str, Callable[[int, int], str]]
"""(resource type, identifier, what makes the XML from the times of creation and last change)."""


def _wanted(settings: Settings) -> Iterator[tuple[str, Wanted]]:
    registry = f"ivo://{authority(settings)}/registry"
    yield (
        identifiers.key(registry),
        ("Registry", registry, lambda made, now: _registry(settings, registry, made, now)),
    )
    for one in managed_authorities(settings):
        name = f"ivo://{one}"
        yield (
            identifiers.key(name),
            ("Authority", name, lambda made, now, one=one: _authority(settings, one, made, now)),  # type: ignore[misc]
        )


def _digest(make: Callable[[int, int], str]) -> str:
    return sha256(make(0, 0).encode("utf-8")).hexdigest()


def _noted(text: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads(text) if text else {}
    return found


def _agree(noted: dict[str, dict[str, Any]], digests: dict[str, str]) -> bool:
    current = {key: one["digest"] for key, one in noted.items() if not one["gone"]}
    return current == digests


def _managed(noted: dict[str, dict[str, Any]]) -> set[str]:
    """The naming authorities that the notes say are managed, in lower case."""
    return {
        identifiers.authority(one["identifier"]).lower()
        for one in noted.values()
        if one["kind"] == "Authority" and not one["gone"]
    }


def _moved(
    noted: dict[str, dict[str, Any]], wanted: dict[str, Wanted], digests: dict[str, str], now: int
) -> dict[str, dict[str, Any]]:
    """The new notes: what is as it was keeps its datestamp, what is no more is marked."""
    found: dict[str, dict[str, Any]] = {}
    for key, (kind, identifier, _) in wanted.items():
        before = noted.get(key)
        if before and not before["gone"] and before["digest"] == digests[key]:
            found[key] = before
            continue
        found[key] = {
            "kind": kind, "identifier": identifier, "digest": digests[key], "gone": False,
            "created": before["created"] if before else now, "datestamp": now,
        }  # fmt: skip
    for key, before in noted.items():
        if key not in wanted:
            moved = before if before["gone"] else before | {"gone": True, "datestamp": now}
            found[key] = moved
    return found


def _own(key: str, state: dict[str, Any], wanted: Wanted | None) -> OwnRecord:
    made, moment = int(state["created"]), int(state["datestamp"])
    gone = bool(state["gone"])
    kept = KeptRecord(
        id=0, key=key, identifier=state["identifier"], format="voresource", kind=state["kind"],
        version="", authority=identifiers.authority(state["identifier"]), name="", label="",
        status="deleted" if gone else "active", verdict=VALID, released="", doi="", deleted=gone,
        deleted_why="", was_valid=True, revision_id=0, place_id=0, created=made,
        change_number=0, datestamp=moment,
    )  # fmt: skip
    return OwnRecord(kept, wanted[2](made, moment) if wanted and not gone else "")


# -- what they say ---------------------------------------------------------------------------


def _registry(settings: Settings, identifier: str, made: int, changed: int) -> str:
    title = settings.ivoa.title or f"{settings.title} publishing registry"
    said = settings.ivoa.description or (
        f"The publishing registry of {_publisher(settings)}: descriptions of data, services and "
        "observatories of heliophysics, SPASE records among them."
    )
    parts = [
        *_common(settings, identifier, title, said, "Registry"),
        *capabilities(settings),
        text_element("full", "true" if settings.ivoa.full else "false"),
        *(text_element("managedAuthority", one) for one in managed_authorities(settings)),
    ]
    return _resource(settings, "vg:Registry", parts, made, changed)


def _authority(settings: Settings, name: str, made: int, changed: int) -> str:
    said = f"The naming authority {name}, under which {_publisher(settings)} gives identifiers."
    parts = [
        *_common(settings, f"ivo://{name}", f"Naming authority {name}", said, ""),
        text_element("managingOrg", _publisher(settings)),
    ]
    return _resource(settings, "vg:Authority", parts, made, changed)


def _resource(settings: Settings, type_: str, parts: list[str], made: int, changed: int) -> str:
    # What cannot be reached for good is no registry that the VO may count on.
    status = "inactive" if unfit(settings) else "active"
    attributes = {
        **_VG, "xsi:type": type_, "created": datestamp(made), "updated": datestamp(changed),
        "status": status,
    }  # fmt: skip
    return element("ri:Resource", parts, attributes)


def _publisher(settings: Settings) -> str:
    return settings.ivoa.publisher or settings.title


def _common(
    settings: Settings, identifier: str, title: str, description: str, type_: str
) -> Iterator[str]:
    reasons = unfit(settings)
    if reasons:
        description += f" A trial: it cannot publish to the VO, because {'; '.join(reasons)}."
    name = settings.ivoa.contact or _publisher(settings)
    contact = [text_element("name", name), text_element("email", settings.oai.admin_email)]
    yield text_element("title", title)
    yield text_element("identifier", identifier)
    yield element(
        "curation",
        [text_element("publisher", _publisher(settings)), element("contact", contact)],
    )
    yield element(
        "content",
        [
            text_element("subject", "virtual-observatories"),
            text_element("subject", "heliosphere"),
            text_element("description", description),
            text_element("referenceURL", settings.base_url() + "/"),
            text_element("type", type_),
            text_element("contentLevel", "Research"),
        ],
    )


def capabilities(settings: Settings) -> Iterator[str]:
    """What the registry can do, as it stands in its record and at its VOSI capabilities."""
    base = settings.base_url() + PATH
    harvest = element(
        "interface",
        [text_element("accessURL", base, {"use": "base"})],
        {"xsi:type": "vg:OAIHTTP", "role": "std", "version": "1.0"},
    )
    yield element(
        "capability",
        [harvest, text_element("maxRecords", str(settings.oai.page_size))],
        {"standardID": "ivo://ivoa.net/std/Registry", "xsi:type": "vg:Harvest"},
    )
    for name, standard in _VOSI.items():
        interface = element(
            "interface",
            [
                text_element("accessURL", f"{base}/{name}", {"use": "full"}),
                text_element("queryType", "GET"),
                text_element("resultType", "application/xml"),
            ],
            {"xsi:type": "vs:ParamHTTP", "role": "std", "version": "1.0"},
        )
        yield element("capability", [interface], {"standardID": standard})


def vosi_capabilities(settings: Settings) -> str:
    """The VOSI capabilities document (VOSI 1.1, section 3)."""
    attributes = {"xmlns:vosi": "http://www.ivoa.net/xml/VOSICapabilities/v1.0", **_VG}
    return element("vosi:capabilities", capabilities(settings), attributes)


def vosi_availability(fault: str = "") -> str:
    """The VOSI availability document (VOSI 1.1, section 4); `fault` says what is wrong."""
    parts = [
        text_element("vosi:available", "false" if fault else "true"),
        text_element("vosi:note", fault),
    ]
    attributes = {"xmlns:vosi": "http://www.ivoa.net/xml/VOSIAvailability/v1.0"}
    return element("vosi:availability", parts, attributes)
