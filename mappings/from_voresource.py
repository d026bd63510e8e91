"""VOResource records of every type and version since 1.0 read into the model."""

from __future__ import annotations

from typing import Any

from mappings import voresource_data
from mappings.elements import Fill, Table, each, fill, inside, leaves, local_name, text
from mappings.voresource_data import ivoid
from registry import identifiers
from registry.model import Agent, Contact, Event, Licence, Party, Record, Relation

_STATUSES = ("active", "inactive", "deleted")
# fmt: off
_NAMING_OTHERS = frozenset((
    "relatedResource", "publisher", "creator", "contributor", "contact", "name", "facility",
    "instrument", "managingOrg", "footprint",
))
# fmt: on


def from_voresource(element: Any) -> Record:
    """The record that a VOResource root describes (`ri:Resource`, `Resource`, `resource`).

    Takes every document that was recognised, valid or not, and raises nothing: what is missing
    stays empty, of what is doubled and may stand once the last counts (of identifiers the first),
    and what the model has no field for goes to `details`.
    """
    record = Record("", "voresource", voresource_data.type_name(element) or "Resource")
    record.version = _attribute(element, "version")
    record.created = _attribute(element, "created")
    record.released = _attribute(element, "updated")
    status = _attribute(element, "status").lower()
    if status in _STATUSES:
        record.status = status
    fill(record, element, _RESOURCE)
    record.naming_authority = identifiers.authority(record.identifier)
    if record.kind == "Organisation":
        record.agent = _organisation(record)
    record.references = _references(element)
    return record


def _attribute(element: Any, name: str) -> str:
    return str(element.get(name, "")).strip()


def _references(resource: Any) -> list[tuple[str, str]]:
    """Every (element name, ivoid) by which the resource names another record, each pair once.

    The standards that a capability follows are named by URI and are not among them.
    """
    found: dict[tuple[str, str], None] = {}
    for node in resource.iter("{*}*"):
        target = ivoid(node)
        name = local_name(node.tag)
        if target and name in _NAMING_OTHERS:
            if name == "name":
                name = local_name(node.getparent().tag)
            found[name, target] = None
    return list(found)


def _details(record: Record, element: Any) -> None:
    record.details.extend(leaves(element))


def _identifier(record: Record, element: Any) -> None:
    record.identifier = record.identifier or text(element)


def _organisation(record: Record) -> Agent:
    rors = [one for one in record.alternate_identifiers if "ror" in one.lower()[:20]]
    return Agent(organisation=record.name, rors=rors)


def _alternate(record: Record, element: Any) -> None:
    found = text(element)
    doi = identifiers.doi(found)
    if doi and not record.doi:
        record.doi = doi
    elif found:
        record.alternate_identifiers.append(found)


def _party(element: Any) -> Party:
    """A name in text or in a `name` child, with the identifiers that stand with it."""
    party = Party(identifier=ivoid(element))
    names = [child for child in element if local_name(child.tag) == "name"]
    party.name = text(names[0] if names else element)
    party.identifier = party.identifier or next(filter(None, map(ivoid, names)), "")
    alternates = [_attribute(element, "altIdentifier")]
    alternates += [text(child) for child in element if local_name(child.tag) == "altIdentifier"]
    party.alternate_identifiers = [one for one in alternates if one]
    return party


def _publisher(record: Record, element: Any) -> None:
    if record.publisher is None:
        record.publisher = _party(element)


def _parties(attribute: str) -> Fill:
    def read(record: Record, element: Any) -> None:
        party = _party(element)
        if party != Party():
            getattr(record, attribute).append(party)

    return read


def _date(record: Record, element: Any) -> None:
    # Without a role the date is the representative one (VOResource 1.0, section 3.1.2).
    if text(element):
        role = _attribute(element, "role") or "representative"
        record.events.append(Event(text(element), role))


def _contact(record: Record, element: Any) -> None:
    party = _party(element)
    contact = Contact(party.identifier, party.name)
    fill(contact, element, _CONTACT)
    contact.note = ", ".join(party.alternate_identifiers)
    record.contacts.append(contact)


def _relationship(record: Record, element: Any) -> None:
    kind = ""
    for child in element:
        name = local_name(child.tag)
        if name == "relationshipType":
            kind = text(child)
        elif name == "relatedResource":
            target = ivoid(child) or _attribute(child, "altIdentifier")
            record.relations.append(Relation(kind, target, text(child)))


def _rights(record: Record, element: Any) -> None:
    licence = Licence(name=text(element), uri=_attribute(element, "rightsURI"))
    if licence != Licence():
        record.rights.append(licence)


def _named(names: str, ids: str) -> Fill:
    """A function for facility and instrument: the name, and the record that the ivo-id names."""

    def read(record: Record, element: Any) -> None:
        if text(element):
            getattr(record, names).append(text(element))
        if ivoid(element):
            getattr(record, ids).append(ivoid(element))

    return read


def _managing(record: Record, element: Any) -> None:
    record.relations.append(Relation("managingOrg", ivoid(element), text(element)))


def _deprecated(record: Record, element: Any) -> None:
    # StandardsRegExt 1.0, section 2.1: with this element all versions are deprecated.
    if record.status == "active":
        record.status = "deprecated"
    record.caveats = record.caveats or text(element)


_CONTACT = Table({"email": "email", "address": "address", "telephone": "telephone"})
_CURATION = Table(
    {
        "publisher": _publisher,
        "creator": _parties("creators"),
        "contributor": _parties("contributors"),
        "date": _date,
        "version": "resource_version",
        "contact": _contact,
    },
    _details,
)
_CONTENT = Table(
    {
        "subject": each("keywords"),
        "description": "description",
        "source": each("sources"),
        "referenceURL": "reference_url",
        "type": each("content_types"),
        "contentLevel": each("content_levels"),
        "relationship": _relationship,
    },
    _details,
)
_RESOURCE = Table(
    {
        "title": "name",
        "shortName": "acronym",
        "identifier": _identifier,
        "altIdentifier": _alternate,
        "curation": inside(_CURATION),
        "content": inside(_CONTENT),
        "rights": _rights,
        "capability": voresource_data.capability,
        "interface": voresource_data.own_interface,
        "facility": _named("facility_names", "observatories"),
        "instrument": _named("instrument_names", "instruments"),
        "coverage": voresource_data.coverage,
        "tableset": voresource_data.tableset,
        "catalog": voresource_data.catalogue,
        "table": voresource_data.table,
        "format": voresource_data.own_format,
        "accessURL": voresource_data.own_address,
        "managedAuthority": each("managed_authorities"),
        "managingOrg": _managing,
        "deprecated": _deprecated,
        "language": "language",
    },
    _details,
)
