"""SPASE descriptions of every version, 1.2.0 to 2.7.2, read into the model."""

from __future__ import annotations

from typing import Any

from mappings import spase_data
from mappings.elements import (
    Fill,
    Table,
    each,
    fill,
    inside,
    leaves,
    local_name,
    one,
    several,
    text,
)
from registry import identifiers
from registry.model import (
    Agent,
    Contact,
    Event,
    Funding,
    Link,
    Parameter,
    Publication,
    Record,
    Relation,
    Span,
)

# fmt: off
KINDS = frozenset((
    "Annotation", "Catalog", "Collection", "DisplayData", "DisplayOutput", "Document", "Granule",
    "Instrument", "Model", "ModelRun", "NumericalData", "NumericalOutput", "Observatory", "Person",
    "Registry", "Repository", "Service", "Software",
))
# fmt: on
_STATUS = {"Deprecated": "deprecated", "Withdrawn": "withdrawn", "Unavailable": "unavailable"}


def from_spase(element: Any, *, parameters: bool = True) -> Record:
    """The record that a `Spase` root describes: its first resource.

    Without `parameters` they are left out; they are two thirds of the work.

    Takes every document that was recognised as SPASE, valid or not, and raises nothing: what is
    missing stays empty, of what is doubled and may stand once the last counts (of identifiers the
    first), and what stands where it does not belong goes to `details`.
    """
    record = Record("", "spase", "")
    for child in element:
        name = local_name(child.tag)
        if name in KINDS and not record.kind:
            record.kind = name
            fill(record, child, _RESOURCE if parameters else _REST)
            _named_by_identifier(record)
            record.references = list(dict.fromkeys(record.references))
        elif name == "Version":
            record.version = record.version or text(child)
        elif name == "Status":
            _status(record, child)
        elif name == "MetadataRightsList":
            spase_data.rights(record.metadata_rights, child)
    return record


def header_of(element: Any) -> Record:
    """The same of no more than the resource's kind, ResourceID and ResourceHeader."""
    record = Record("", "spase", "")
    for child in element:
        name = local_name(child.tag)
        if name in KINDS:
            record.kind = name
            fill(record, child, _HEAD)
            break
    return record


def parameters_of(element: Any) -> list[Parameter]:
    """The parameters that `from_spase` reads, alone."""
    record = Record("", "spase", "")
    for child in element:
        if local_name(child.tag) in KINDS:
            fill(record, child, _PARAMETERS)
            break
    return record.parameters


def _refers(attribute: str, name: str) -> Fill:
    """A function that appends the identifier of another record to a list, and notes the naming."""

    def append(record: Record, element: Any) -> None:
        identifier = text(element)
        if identifier:
            getattr(record, attribute).append(identifier)
            record.references.append((name, identifier))

    return append


def _status(record: Record, element: Any) -> None:
    word = text(element)
    record.status = _STATUS.get(word, record.status)
    if word and word not in _STATUS:
        record.details.append(("Status", word))


def _details(record: Record, element: Any) -> None:
    record.details.extend(leaves(element))


def _observation_extent(record: Record, element: Any) -> None:
    for path, words in leaves(element):
        if path == "ObservationExtent/ObservedRegion":
            record.regions.append(words)
        else:
            record.details.append((path, words))


def _identifier(record: Record, element: Any) -> None:
    record.identifier = record.identifier or text(element)


def _doi(record: Record, element: Any) -> None:
    # What is no DOI stays as it is written, for whoever checks the record.
    record.doi = record.doi or identifiers.doi(text(element)) or text(element)


def _caveats(record: Record, element: Any) -> None:
    record.caveats = f"{record.caveats}\n{text(element)}".strip()


def _relation(record: Record, element: Any) -> None:
    part = Relation("")
    if len(element):
        fill(part, element, _ASSOCIATION)
    else:
        # Up to 1.3.2 the header has the bare AssociationID.
        part.target = text(element)
    if part.target:
        record.references.append(("AssociationID", part.target))
    if part != Relation(""):
        record.relations.append(part)


def _related_by(name: str, kind: str) -> Fill:
    def read(record: Record, element: Any) -> None:
        target = text(element)
        if target:
            record.relations.append(Relation(kind, target))
            record.references.append((name, target))

    return read


def _contact(record: Record, element: Any) -> None:
    part = Contact()
    fill(part, element, _CONTACT)
    record.contacts.append(part)
    if part.person:
        record.references.append(("PersonID", part.person))


def _link(record: Record, element: Any) -> None:
    part = Link("")
    fill(part, element, _LINK)
    if part != Link(""):
        record.links.append(part)


def _member(record: Record, element: Any) -> None:
    """A Collection's member: how it belongs, when it was active, where it is."""
    relation, span = Relation("Member"), Span()
    fill(relation, element, _MEMBER)
    fill(span, element, spase_data.SPAN)
    fill(record, element, _MEMBER_PLACE)
    record.relations.append(relation)
    if relation.target:
        record.references.append(("MemberID", relation.target))
    if span != Span():
        span.note = relation.name
        record.spans.append(span)


def _granule_date(attribute: str) -> Fill:
    def read(record: Record, element: Any) -> None:
        if not record.spans:
            record.spans.append(Span())
        if not getattr(record.spans[0], attribute):
            setattr(record.spans[0], attribute, text(element))

    return read


def _agent(attribute: str) -> Fill:
    """A function that fills the record's agent; a Person's fields stand in the resource itself."""

    def read(record: Record, element: Any) -> None:
        found = text(element)
        if not found:
            return
        if record.agent is None:
            record.agent = Agent()
        value = getattr(record.agent, attribute)
        if isinstance(value, list):
            value.append(found)
        elif not value:
            setattr(record.agent, attribute, found)

    return read


def _person_name(record: Record, element: Any) -> None:
    record.name = text(element) or record.name
    _agent("name")(record, element)


def _named_by_identifier(record: Record) -> None:
    """Give a Person without PersonName the words of its identifier: `Marc.L.DeRosa`.

    94 real Person records have no PersonName. They are people all the same, and to call them by
    the name of their organisation, all that stands there, would be wrong.
    """
    if record.kind == "Person" and not record.name:
        record.name = record.identifier.rpartition("/")[2].replace(".", " ").strip()


def _passed_over(record: Record, element: Any) -> None:
    """Leaves out what stands there."""


_LINK = Table({"Name": "name", "URL": "url", "Description": "description", "Language": "language"})
_ASSOCIATION = Table({"AssociationID": "target", "AssociationType": "type", "Note": "note"})
_CONTACT = Table(
    {
        "PersonID": "person",
        "Role": each("roles"),
        "StartDate": "start",
        "StopDate": "stop",
        "Note": "note",
    }
)
_PUBLICATION = Table(
    {
        "Title": "title",
        "Authors": "authors",
        "PublicationDate": "date",
        "PublishedBy": "publisher",
        "LandingPageURL": "landing_page",
    }
)
_FUNDING = Table({"Agency": "agency", "Project": "project", "AwardNumber": "award"})
_EVENT = Table({"ReleaseDate": "date", "Note": "note"})
_MEMBER = Table({"ResourceName": "name", "Description": "note", "MemberID": "target"})
_MEMBER_PLACE = Table({"SpatialCoverage": spase_data.coverage})
_HEADER = Table(
    {
        "ResourceName": "name",
        "AlternateName": each("alternative_names"),
        "DOI": _doi,
        "ReleaseDate": "released",
        "RevisionHistory": inside(
            Table({"RevisionEvent": several(lambda: Event(role="Updated"), "events", _EVENT)})
        ),
        "ExpirationDate": "expires",
        "Description": "description",
        "Acknowledgement": "acknowledgement",
        "PublicationInfo": one(Publication, "publication", _PUBLICATION),
        "Funding": several(Funding, "funding", _FUNDING),
        "Contact": _contact,
        "InformationURL": _link,
        "Association": _relation,
        "AssociationID": _relation,
        "PriorID": _refers("prior_identifiers", "PriorID"),
    },
    _details,
)
_TEMPORAL = Table(
    {
        "TimeSpan": spase_data.span,
        "Cadence": "cadence",
        "CadenceMin": "cadence_min",
        "CadenceMax": "cadence_max",
        "Exposure": "exposure",
    },
    _details,
)
_SPECIFICATION = Table({"ModelID": _related_by("ModelID", "ModelID")}, _details)
_PARAMETER: dict[str, str | Fill] = {
    "Parameter": spase_data.parameter,
    "PhysicalParameter": spase_data.parameter,
    "OutputParameters": inside(Table({"Parameter": spase_data.parameter})),
}
_PARAMETERS = Table(_PARAMETER)
_FIELDS: dict[str, str | Fill] = {
    "ResourceID": _identifier,
    "NamingAuthority": "naming_authority",
    "ResourceType": lambda record, element: None,  # says again what the element's name says
    "ResourceHeader": inside(_HEADER),
    # data
    "AccessInformation": spase_data.access_information,
    "AccessInformationOptional": spase_data.access_information,
    "AccessURL": spase_data.own_access_url,
    "ProcessingLevel": "processing_level",
    "ProviderName": "provider_name",
    "ProviderResourceName": "provider_resource_name",
    "ProviderProcessingLevel": "provider_processing_level",
    "ProviderVersion": "resource_version",
    "SoftwareVersion": "resource_version",
    "InstrumentID": _refers("instruments", "InstrumentID"),
    "ModeledInstrumentID": _refers("instruments", "ModeledInstrumentID"),
    "MeasurementType": each("measurement_types"),
    "PhenomenonType": each("phenomenon_types"),
    "TemporalDescription": inside(_TEMPORAL),
    "TimeSpan": spase_data.span,
    "OperatingSpan": spase_data.span,
    "SpectralRange": each("spectral_ranges"),
    "DisplayCadence": "display_cadence",
    "ObservedRegion": each("regions"),
    "ModeledRegion": each("regions"),
    "ObservationExtent": _observation_extent,
    "SpatialCoverage": spase_data.coverage,
    "Caveats": _caveats,
    "Keyword": each("keywords"),
    "InputResourceID": _refers("inputs", "InputResourceID"),
    "DocumentType": each("content_types"),
    "AnnotationType": each("content_types"),
    "ModelType": each("content_types"),
    "Member": _member,
    "ModelSpecification": inside(_SPECIFICATION),
    # granules
    "ReleaseDate": "released",
    "ExpirationDate": "expires",
    "ParentID": _related_by("ParentID", "PartOf"),
    "PriorID": _refers("prior_identifiers", "PriorID"),
    "StartDate": _granule_date("start"),
    "StopDate": _granule_date("stop"),
    "Source": spase_data.granule_source,
    "URL": spase_data.granule_url,
    # instruments, observatories
    "InstrumentType": each("instrument_types"),
    "InvestigationName": each("investigations"),
    "InstrumentGroupID": _refers("instrument_groups", "InstrumentGroupID"),
    "ObservatoryID": _refers("observatories", "ObservatoryID"),
    "ObservatoryGroupID": _refers("observatory_groups", "ObservatoryGroupID"),
    "ObservatoryGroup": each("facility_names"),
    "Location": spase_data.location,
    # persons and organisations
    "PersonName": _person_name,
    "OrganizationName": _agent("organisation"),
    "Address": _agent("address"),
    "Email": _agent("emails"),
    "PhoneNumber": _agent("telephones"),
    "ORCIdentifier": _agent("orcid"),
    "RORIdentifier": _agent("rors"),
    "Note": "description",
}
_HEAD = Table({name: _FIELDS[name] for name in ("ResourceID", "ResourceHeader")})
_RESOURCE = Table({**_FIELDS, **_PARAMETER}, _details)
_REST = Table({**_FIELDS, **dict.fromkeys(_PARAMETER, _passed_over)}, _details)
