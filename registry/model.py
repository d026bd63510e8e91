"""The waist: one model that every dialect is read into and every output is made from.

Imports nothing of the project. Text stands here as the record writes it, with the white space
round it removed; dates, numbers and units are text too, and who makes an output reads them
(`registry.dates`, astropy). An empty string or an empty list means: the record does not say.
Identifiers of other records stand as written; `registry.identifiers.key` makes them comparable.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Texts = list[str]


@dataclass(slots=True)
class Span:
    """A span of time, its ends as written (ISO 8601, or a duration in `relative_stop`)."""

    start: str = ""
    stop: str = ""
    relative_stop: str = ""
    note: str = ""


@dataclass(slots=True)
class Party:
    """A person or an organisation as named in a record; `identifier` where it has a record."""

    name: str = ""
    identifier: str = ""
    alternate_identifiers: Texts = field(default_factory=list)
    """ORCID, ROR and other identifiers that stand with the name."""


@dataclass(slots=True)
class Contact:
    """Who answers for a resource. SPASE names a Person record, VOResource writes the name out."""

    person: str = ""
    name: str = ""
    roles: Texts = field(default_factory=list)
    email: str = ""
    address: str = ""
    telephone: str = ""
    start: str = ""
    stop: str = ""
    note: str = ""


@dataclass(slots=True)
class Publication:
    """How the publisher wants the resource cited (SPASE PublicationInfo)."""

    title: str = ""
    authors: str = ""
    date: str = ""
    publisher: str = ""
    landing_page: str = ""


@dataclass(slots=True)
class Funding:
    agency: str = ""
    project: str = ""
    award: str = ""


@dataclass(slots=True)
class Link:
    """An address with information for people: never the data themselves."""

    url: str
    name: str = ""
    description: str = ""
    language: str = ""


@dataclass(slots=True)
class Licence:
    identifier: str = ""
    scheme: str = ""
    name: str = ""
    uri: str = ""
    note: str = ""
    scheme_uri: str = ""


@dataclass(slots=True)
class AccessURL:
    """One address of the data. `style` is SPASE's Style: HAPI, TAP, Search, File, Listing …"""

    url: str
    name: str = ""
    style: str = ""
    product_keys: Texts = field(default_factory=list)
    description: str = ""
    language: str = ""


@dataclass(slots=True)
class Access:
    """One way to the data: where they lie, under which terms, in which formats."""

    repository: str = ""
    availability: str = ""
    rights: str = ""
    urls: list[AccessURL] = field(default_factory=list)
    formats: Texts = field(default_factory=list)
    encoding: str = ""
    licences: list[Licence] = field(default_factory=list)
    acknowledgement: str = ""
    quantity: str = ""
    quantity_units: str = ""
    quantity_per: str = ""
    directory_template: str = ""
    file_template: str = ""


@dataclass(slots=True)
class Interface:
    """One interface of a VO capability. `urls` are pairs of address and use (base, full, dir)."""

    type: str = ""
    role: str = ""
    version: str = ""
    urls: list[tuple[str, str]] = field(default_factory=list)
    result_type: str = ""
    query_types: Texts = field(default_factory=list)
    security: Texts = field(default_factory=list)
    test_query: str = ""
    parameters: list[Parameter] = field(default_factory=list)


@dataclass(slots=True)
class Capability:
    """What a VO service can do; `type` is the local name of xsi:type, `standard` standardID."""

    standard: str = ""
    type: str = ""
    description: str = ""
    interfaces: list[Interface] = field(default_factory=list)
    details: list[tuple[str, str]] = field(default_factory=list)
    """What its type adds: pairs of element path below the capability, and text."""


@dataclass(slots=True)
class Range:
    """A range of energy, frequency, wavelength, mass or angle; `kind` is SPASE's element name."""

    kind: str
    low: str = ""
    high: str = ""
    units: str = ""
    spectral_range: str = ""


@dataclass(slots=True)
class Element:
    """One component of a vector, tensor or spectrum."""

    name: str = ""
    key: str = ""
    index: str = ""
    units: str = ""
    qualifiers: Texts = field(default_factory=list)


@dataclass(slots=True)
class Parameter:
    """A SPASE Parameter, or a column of a VO table."""

    name: str = ""
    key: str = ""
    description: str = ""
    units: str = ""
    units_conversion: str = ""
    ucd: str = ""
    utype: str = ""
    data_type: str = ""
    cadence: str = ""
    frame: str = ""
    representation: str = ""
    kind: str = ""
    """The branch the parameter stands in: Field, Particle, Wave, Mixed, Support; '' for VO."""
    quantity: str = ""
    qualifiers: Texts = field(default_factory=list)
    particles: Texts = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    size: str = ""
    elements: list[Element] = field(default_factory=list)
    display_types: Texts = field(default_factory=list)
    valid_min: str = ""
    valid_max: str = ""
    fill_value: str = ""
    caveats: str = ""
    wave_type: str = ""
    atomic_numbers: Texts = field(default_factory=list)
    structure: str = ""
    """What kind of array the value is, in words."""
    place: Place | None = None
    """Where the parameter itself looks, when it says so (SPASE 2.6.1 on)."""


@dataclass(slots=True)
class ForeignKey:
    """How rows of a table find those of another: `pairs` of column here and column there."""

    table: str = ""
    pairs: list[tuple[str, str]] = field(default_factory=list)
    description: str = ""
    utype: str = ""


@dataclass(slots=True)
class Table:
    """A table of a VO service or data collection."""

    name: str = ""
    title: str = ""
    description: str = ""
    utype: str = ""
    columns: list[Parameter] = field(default_factory=list)
    rows: str = ""
    foreign_keys: list[ForeignKey] = field(default_factory=list)


@dataclass(slots=True)
class Place:
    """Where something is or looks: coordinates as written, in degrees and metres."""

    regions: Texts = field(default_factory=list)
    frame: str = ""
    latitude: str = ""
    longitude: str = ""
    elevation: str = ""
    south: str = ""
    north: str = ""
    west: str = ""
    east: str = ""
    footprint: str = ""
    """A MOC in its string form, or an STC-S text, as VODataService gives it."""
    representation: str = ""
    lowest: str = ""
    highest: str = ""
    description: str = ""


@dataclass(slots=True)
class Relation:
    """How this record stands to another. `type` as the dialect spells it: PartOf, IsServedBy …"""

    type: str
    target: str = ""
    name: str = ""
    note: str = ""


@dataclass(slots=True)
class Event:
    """A dated step in the life of the resource or of its description."""

    date: str = ""
    role: str = ""
    note: str = ""


@dataclass(slots=True)
class Agent:
    """What a Person record (SPASE) or an organisation's record says of whom it describes."""

    name: str = ""
    organisation: str = ""
    address: str = ""
    emails: Texts = field(default_factory=list)
    telephones: Texts = field(default_factory=list)
    orcid: str = ""
    rors: Texts = field(default_factory=list)


@dataclass(slots=True)
class Record:
    """A described resource: a dataset, service, instrument, person … of any dialect.

    `format` is `spase` or `voresource`; `kind` the resource type in the dialect's own spelling
    (NumericalData, Observatory, CatalogService …); `status` is `active`, `inactive`,
    `deprecated`, `withdrawn`, `unavailable` or `deleted`.
    `references` are all pairs of element name and identifier by which the record names others,
    in document order, PriorID included.
    """

    identifier: str
    format: str
    kind: str
    version: str = ""
    name: str = ""
    acronym: str = ""
    alternative_names: Texts = field(default_factory=list)
    description: str = ""
    status: str = "active"
    language: str = ""
    released: str = ""
    created: str = ""
    expires: str = ""
    events: list[Event] = field(default_factory=list)
    doi: str = ""
    alternate_identifiers: Texts = field(default_factory=list)
    prior_identifiers: Texts = field(default_factory=list)
    naming_authority: str = ""
    contacts: list[Contact] = field(default_factory=list)
    creators: list[Party] = field(default_factory=list)
    contributors: list[Party] = field(default_factory=list)
    publisher: Party | None = None
    publication: Publication | None = None
    funding: list[Funding] = field(default_factory=list)
    agent: Agent | None = None
    keywords: Texts = field(default_factory=list)
    acknowledgement: str = ""
    caveats: str = ""
    links: list[Link] = field(default_factory=list)
    reference_url: str = ""
    relations: list[Relation] = field(default_factory=list)
    references: list[tuple[str, str]] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    cadence: str = ""
    cadence_min: str = ""
    cadence_max: str = ""
    exposure: str = ""
    measurement_types: Texts = field(default_factory=list)
    instrument_types: Texts = field(default_factory=list)
    phenomenon_types: Texts = field(default_factory=list)
    spectral_ranges: Texts = field(default_factory=list)
    content_types: Texts = field(default_factory=list)
    content_levels: Texts = field(default_factory=list)
    processing_level: str = ""
    regions: Texts = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    instruments: Texts = field(default_factory=list)
    observatories: Texts = field(default_factory=list)
    observatory_groups: Texts = field(default_factory=list)
    investigations: Texts = field(default_factory=list)
    instrument_names: Texts = field(default_factory=list)
    facility_names: Texts = field(default_factory=list)
    inputs: Texts = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    access: list[Access] = field(default_factory=list)
    capabilities: list[Capability] = field(default_factory=list)
    rights: list[Licence] = field(default_factory=list)
    """Rights of the resource itself where they stand outside an access point (VOResource)."""
    metadata_rights: list[Licence] = field(default_factory=list)
    """The licence of the description, never of what it describes."""
    managed_authorities: Texts = field(default_factory=list)
    instrument_groups: Texts = field(default_factory=list)
    provider_name: str = ""
    provider_resource_name: str = ""
    provider_processing_level: str = ""
    resource_version: str = ""
    """The version of what is described (ProviderVersion, curation/version), not of the schema."""
    display_cadence: str = ""
    energies: list[Range] = field(default_factory=list)
    """Spectral coverage of the whole resource as numbers (VODataService: photon energy in J)."""
    sources: Texts = field(default_factory=list)
    """Bibliographic references to what the resource is made from (VOResource content/source)."""
    details: list[tuple[str, str]] = field(default_factory=list)
    """What the record says beyond all this: pairs of element path below the resource, and text."""


@dataclass(slots=True, frozen=True)
class Label:
    """What an output says of another record: its neighbours arrive as identifier key → Label."""

    identifier: str
    name: str
    kind: str
    acronym: str = ""
    orcid: str = ""
    ror: str = ""
    alternative_names: tuple[str, ...] = ()
    observatories: tuple[str, ...] = ()
    """Keys of the observatories an Instrument record names, so that a dataset finds its own."""
    organisation: str = ""
    """Of a Person: where the person works; the same as `name` where an organisation is meant."""
    doi: str = ""
    """The DOI that the record itself carries, in its bare form."""
    groups: tuple[str, ...] = ()
    """Keys of the observatory groups that an Observatory record names."""
    handle: str = ""
    """The handle that an Instrument record carries as its persistent identifier, bare."""


Neighbours = dict[str, Label]
