"""SPASE records as VOResource, for the IVOA publishing registry.

VOResource 1.2, VODataService 1.2 and DocRegExt 1.0; which kind becomes what is decided in
docs/decisions.md. What is written is valid whatever the record says or lacks: an address that is
none, a date that is none and a UCD that is none are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from mappings import agents
from mappings.labels import named
from mappings.to_dublin_core import licence_text
from mappings.to_voresource_access import capabilities, editions, uri
from mappings.to_voresource_coverage import coverage, tableset
from mappings.to_voresource_xml import NAMESPACES, element, text_element
from registry import dates, identifiers
from registry.model import Contact, Label, Licence, Neighbours, Record

VERSION = "1"
"""Raised when what is said here changes: then every record that is made so has changed."""

DATA, CATALOGUE = "vs:DataResource", "vs:CatalogResource"
SERVICE, ORGANISATION, DOCUMENT = "vr:Service", "vr:Organisation", "doc:Document"
_TYPES = {
    "NumericalData": DATA,
    "DisplayData": DATA,
    "Catalog": CATALOGUE,
    "Collection": DATA,
    "Service": SERVICE,
    "Observatory": ORGANISATION,
    "Repository": ORGANISATION,
    "Document": DOCUMENT,
}
KINDS = tuple(_TYPES)
"""The SPASE resource types that VOResource has a type for."""

_CONTENT_TYPES = {"Catalog": "Catalog", "Observatory": "Organisation", "Repository": "Archive"}
_RELATIONS = {
    "PartOf": "IsPartOf",
    "ChildEventOf": "IsPartOf",
    "DerivedFrom": "IsDerivedFrom",
    "RevisionOf": "IsNewVersionOf",
    "Supersedes": "IsNewVersionOf",
    "SupersededBy": "IsPreviousVersionOf",
    "Member": "HasPart",
}
_ASKED = ("GeneralContact", "TechnicalContact", "DataProducer", "PrincipalInvestigator")
_SUBJECT = "heliosphere"
"""What every record here is about, where it says nothing itself (a term of the UAT)."""
_SHORT = 16


@dataclass(slots=True, frozen=True)
class Publishing:
    """What an installation adds to a record: whose it is and where it is shown.

    `ivoid` gives the ivoid of a SPASE identifier; `page` the address of a record's page.
    """

    ivoid: Callable[[str], str]
    page: Callable[[str], str]
    contact: str
    email: str = ""


def to_voresource(
    record: Record, neighbours: Neighbours, publishing: Publishing, *, changed: int
) -> str:
    """The `ri:Resource` element as text, every namespace declared on it.

    `changed` is when the record changed here, in seconds since 1970: no date of its description
    is later. Raises ValueError for a kind that is not among `KINDS`.
    """
    type_ = _type(record)
    moment = datetime.fromtimestamp(changed, UTC)
    updated = _described(record, moment)
    parts = [
        text_element("title", _title(record)),
        text_element("shortName", _short(record)),
        text_element("identifier", publishing.ivoid(record.identifier)),
        *(text_element("altIdentifier", one) for one in _alternates(record)),
        _curation(record, neighbours, publishing),
        _content(record, neighbours, publishing),
        *_special(record, neighbours, type_, moment),
    ]
    return element(
        "ri:Resource",
        parts,
        {
            **NAMESPACES,
            "xsi:type": type_,
            "created": dates.written(min(_made(record, updated), updated)),
            "updated": dates.written(updated),
            "status": "active" if record.status == "active" else "inactive",
        },
    )


def _type(record: Record) -> str:
    found = _TYPES.get(record.kind)
    if found is None:
        raise ValueError(f"VOResource has no type for a SPASE {record.kind}")
    # What has parameters is a table to those who search the VO for columns.
    return CATALOGUE if found == DATA and record.parameters else found


def _special(record: Record, neighbours: Neighbours, type_: str, moment: datetime) -> Iterator[str]:
    """What stands behind `content`, in the order of each type's schema."""
    if type_ == ORGANISATION:
        return
    yield from _rights(record)
    if type_ == DOCUMENT:
        yield from editions(record)
    else:
        yield from capabilities(record)
    if type_ in (DATA, CATALOGUE):
        yield from _observed_with(record, neighbours)
        yield coverage(record, moment)
    if type_ == CATALOGUE:
        yield tableset(record)


# -- dates of the description ----------------------------------------------------------------


def _described(record: Record, changed: datetime) -> datetime:
    """When the description was last changed: by the record, and never after it came here."""
    said = dates.moment(record.released)
    return (min(said, changed) if said else changed).replace(microsecond=0)


def _made(record: Record, updated: datetime) -> datetime:
    """The earliest date in the history of the description."""
    said = [dates.moment(event.date) for event in record.events]
    return min([updated, *(one for one in said if one)]).replace(microsecond=0)


# -- what it is called -----------------------------------------------------------------------


def _title(record: Record) -> str:
    cited = record.publication.title if record.publication else ""
    return record.name or cited or record.identifier.rstrip("/").rpartition("/")[2]


def _short(record: Record) -> str:
    texts = (" ".join(one.split()) for one in [record.name, *record.alternative_names])
    return next((one for one in texts if one and len(one) <= _SHORT), "")


def _alternates(record: Record) -> Iterator[str]:
    found = [identifiers.iri(record.identifier)]
    doi = identifiers.doi(record.doi)
    if doi:
        found.append("doi:" + uri("doi:" + doi).removeprefix("doi:"))
    found += [identifiers.iri(one) for one in record.prior_identifiers]
    yield from dict.fromkeys(filter(None, map(uri, found)))


# -- curation (VOResource 1.2, section 3.1.2) ------------------------------------------------


def _curation(record: Record, neighbours: Neighbours, publishing: Publishing) -> str:
    named_ = agents.publisher(record, neighbours)
    publisher = named_.name if named_ else _keeper(record, neighbours)
    makers = agents.creators(record, neighbours)
    helpers = agents.contributors(record, neighbours)
    parts = [
        text_element("publisher", publisher or identifiers.authority(record.identifier)),
        *(_person("creator", one.name, one.orcid) for one in makers if one.name.strip()),
        *(text_element("contributor", one.name) for one in helpers),
        *_curation_dates(record),
        text_element("version", record.resource_version),
        *_contacts(record, neighbours, publishing),
    ]
    return element("curation", parts)


def _keeper(record: Record, neighbours: Neighbours) -> str:
    """The repository that holds the data, where the record names no publisher."""
    for access in record.access:
        known = named(neighbours, access.repository) if access.repository else None
        if known:
            return known.name
    return ""


def _person(name: str, called: str, orcid: str, email: str = "") -> str:
    alternate = f"https://orcid.org/{orcid}" if orcid else ""
    parts = [
        text_element("name", called),
        text_element("email", email),
        text_element("altIdentifier", alternate),
    ]
    return element(name, parts)


def _curation_dates(record: Record) -> Iterator[str]:
    # SPASE's RevisionHistory is of the description: `created` and `updated` say that.
    day = dates.utc(record.publication.date) if record.publication else None
    if day:
        yield text_element("date", day.removesuffix("T00:00:00Z"), {"role": "Issued"})


def _contacts(record: Record, neighbours: Neighbours, publishing: Publishing) -> Iterator[str]:
    """Who answers questions about the resource: by the record, else who publishes it here."""
    found = [_contact(one, neighbours) for one in _asked(record.contacts)]
    kept = list(dict.fromkeys(one for one in found if one))
    yield from kept or [_person("contact", publishing.contact, "", publishing.email)]


def _asked(contacts: list[Contact]) -> list[Contact]:
    for role in _ASKED:
        found = [one for one in contacts if role in one.roles and not one.stop]
        if found:
            return found
    return contacts


def _contact(contact: Contact, neighbours: Neighbours) -> str:
    known = named(neighbours, contact.person) if contact.person else None
    name = known.name if known else contact.name or contact.person.rpartition("/")[2]
    if not name.strip():
        return ""
    return _person("contact", name, known.orcid if known else "", contact.email)


# -- content (VOResource 1.2, section 3.1.3) -------------------------------------------------


def _content(record: Record, neighbours: Neighbours, publishing: Publishing) -> str:
    parts = [
        *(text_element("subject", one) for one in _subjects(record)),
        text_element("description", record.description.strip() or _title(record), collapse=False),
        text_element("referenceURL", publishing.page(record.identifier)),
        text_element("type", _CONTENT_TYPES.get(record.kind, "")),
        text_element("contentLevel", "Research"),
        *_relationships(record, neighbours, publishing),
    ]
    return element("content", parts)


def _subjects(record: Record) -> list[str]:
    words = [
        *record.keywords,
        *record.measurement_types,
        *record.phenomenon_types,
        *record.regions,
        *(region for place in record.places for region in place.regions),
    ]
    return list(dict.fromkeys(filter(None, (" ".join(one.split()) for one in words)))) or [_SUBJECT]


def _relationships(record: Record, neighbours: Neighbours, publishing: Publishing) -> Iterator[str]:
    found: dict[str, dict[str, str]] = {}
    for relation in record.relations:
        kind = _RELATIONS.get(relation.type)
        if kind and (relation.target or relation.name):
            other = _resource(relation.target, relation.name, neighbours, publishing)
            found.setdefault(kind, {})[other] = ""
    for target in record.inputs:
        other = _resource(target, "", neighbours, publishing)
        found.setdefault("IsDerivedFrom", {})[other] = ""
    for kind, others in found.items():
        yield element("relationship", [text_element("relationshipType", kind), *others])


def _resource(target: str, name: str, neighbours: Neighbours, publishing: Publishing) -> str:
    """A related resource by name; with its ivoid where it has one, else with its own identifier."""
    known = named(neighbours, target) if target else None
    words = known.name if known else name or target
    where = {"ivo-id": publishing.ivoid(target)} if _is_published(known) else _known_as(target)
    return text_element("relatedResource", words, where)


def _is_published(known: Label | None) -> bool:
    return known is not None and known.kind in _TYPES and known.identifier.startswith("spase://")


def _known_as(identifier: str) -> dict[str, str]:
    found = uri(identifiers.iri(identifier)) if identifier else ""
    return {"altIdentifier": found} if found else {}


# -- services and data -----------------------------------------------------------------------


def _rights(record: Record) -> Iterator[str]:
    licences: Iterable[Licence] = (
        *record.rights,
        *(one for access in record.access for one in access.licences),
    )
    found = dict.fromkeys((licence_text(one), uri(one.uri)) for one in licences)
    for words, address in found:
        if words:
            yield text_element("rights", words, {"rightsURI": address} if address else {})


def _observed_with(record: Record, neighbours: Neighbours) -> Iterator[str]:
    """`facility` and `instrument`: the observatories of a record's instruments, and these."""
    places, tools = dict.fromkeys(record.observatories), dict.fromkeys(record.instruments)
    for one in tools:
        known = neighbours.get(identifiers.key(one))
        places.update(dict.fromkeys(known.observatories if known else ()))
    yield from _named_parts("facility", places, neighbours)
    yield from _named_parts("instrument", tools, neighbours)


def _named_parts(name: str, found: Iterable[str], neighbours: Neighbours) -> Iterator[str]:
    for identifier in found:
        known = named(neighbours, identifier)
        words = known.name if known else re.sub(r".*/", "", identifier.rstrip("/"))
        if words:
            yield text_element(name, words, _known_as(identifier))
