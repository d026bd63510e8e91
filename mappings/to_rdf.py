"""A record as RDF: DCAT 3, Dublin Core, PROV-O, SOSA, FOAF, vCard, SKOS, and little of our own.

`docs/graph.md` draws the shape. Lines of N-Triples, written as text; no blank nodes: a part of
a record is named `record#part` and is reached from its record by exactly one triple, so that a
change deletes along that step. Nothing is said that the record does not say, and nothing about
another record: what a dataset's instrument is called stands with the instrument.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

from mappings import rdf_access, rdf_coverage, rdf_people, rdf_terms
from mappings.rdf_names import ALSO, CLASSES, RELATIONS, TYPE, name
from mappings.rdf_triples import Triples, word
from registry import identifiers
from registry.model import Neighbours, Record
from vocabularies import namespaces, spase, voresource

VERSION = "1"
"""Raised when the mapping changes in a way that its sources do not show."""

_DATA = frozenset(kind for kind, curie in {**CLASSES, **ALSO}.items() if curie == "dcat:Dataset")


def to_rdf(record: Record, neighbours: Neighbours, public_url: str = "") -> list[str]:
    """The triples of a record, one line of N-Triples each, without duplicates, in a stable order.

    Every subject is the record's IRI or one of its parts. `neighbours` is not needed: a graph
    says a thing once. `public_url`, where an installation has one, gives the record its page.
    An identifier that can be no IRI gives no triples.
    """
    subject = rdf_terms.record(record.identifier)
    if not subject.startswith("<"):
        return []
    about = Triples(subject, [])
    _what(about, record)
    if public_url:
        page = public_url.rstrip("/") + identifiers.page_path(record.identifier)
        about.resource(_LANDING_PAGE, page)
    _description(about, record)
    rdf_people.people(about, record)
    _relations(about, record)
    _subjects(about, record)
    rdf_coverage.coverage(about, record)
    rdf_access.access(about, record, data=record.kind in _DATA)
    rdf_coverage.variables(about, record)
    return list(dict.fromkeys(about.lines))


def _what(about: Triples, record: Record) -> None:
    kind = record.kind
    about.add(TYPE, _CLASS.get(kind, _RESOURCE))
    if kind in _ALSO:
        about.add(TYPE, _ALSO[kind])
    about.add(_KIND, _kind(record))
    about.text(_NAME if kind in _NAMED else _TITLE, record.name)
    about.text(_ALTERNATIVE, record.acronym)
    for other in record.alternative_names:
        about.text(_ALTERNATIVE, other)
    about.text(_DESCRIPTION, record.description)
    if record.doi:
        about.add(_IDENTIFIER, _doi(record.doi))
    for other in record.alternate_identifiers:
        about.text(_IDENTIFIER, other)
    for prior in record.prior_identifiers:
        about.record(_PRIOR, prior)
    if record.status != "active":
        about.add(_STATUS, rdf_terms.resource(namespaces.STATUS + record.status))
    about.text(_VERSION, record.resource_version)
    about.text(_LANGUAGE, record.language)


def _doi(text: str) -> str:
    if text.startswith("10."):
        return rdf_terms.address("https://doi.org/" + text)
    return rdf_terms.literal(text)


def _kind(record: Record) -> str:
    if record.format == "voresource":
        return _term(voresource.record_type(record.kind), record.kind)
    return word("ResourceType", record.kind)


def _description(about: Triples, record: Record) -> None:
    """What is said of the description, not of what it describes."""
    entry = about.part(_DESCRIBED_BY, "record")
    entry.add(TYPE, _CATALOG_RECORD)
    entry.add(_PRIMARY_TOPIC, about.subject)
    entry.moment(_ISSUED, record.created)
    entry.moment(_MODIFIED, record.released)
    entry.text(_SCHEMA_VERSION, record.version)
    for licence in record.metadata_rights:
        rdf_access.licence(entry, licence)


def _relations(about: Triples, record: Record) -> None:
    for relation in record.relations:
        kind = relation.type.replace("-", "").lower()
        about.record(_RELATION.get(kind, _RELATED), relation.target)
    for source in record.inputs:
        about.record(_DERIVED_FROM, source)
    on = _HOSTED_BY if record.kind == "Instrument" else _OBSERVATORY
    for observatory in record.observatories:
        about.record(on, observatory)
    for group in record.observatory_groups + record.instrument_groups:
        about.record(_IS_PART_OF, group)
    for instrument in record.instruments:
        about.record(_SENSOR, instrument)
    for instrument in record.instrument_names:
        about.text(_INSTRUMENT_NAME, instrument)
    for facility in record.facility_names:
        about.text(_FACILITY_NAME, facility)
    for authority in record.managed_authorities:
        about.text(_MANAGED_AUTHORITY, authority)


def _subjects(about: Triples, record: Record) -> None:
    """What the resource is about, in words of the controlled lists."""
    for keyword in record.keywords:
        about.text(_KEYWORD, keyword)
    for value in record.measurement_types:
        about.word(_MEASUREMENT_TYPE, "MeasurementType", value)
    for value in record.instrument_types:
        about.word(_INSTRUMENT_TYPE, "InstrumentType", value)
    for value in record.phenomenon_types:
        about.word(_PHENOMENON_TYPE, "PhenomenonType", value)
    for value in record.investigations:
        about.text(_INVESTIGATION, value)
    about.word(_PROCESSING_LEVEL, "ProcessingLevel", record.processing_level)
    if record.format == "voresource":
        for value in record.spectral_ranges:
            about.add(_SPECTRAL_RANGE, _term(voresource.waveband(value), value))
        for value in record.content_types:
            about.add(_GENRE, _term(voresource.content_type(value), value))
        return
    for value in record.spectral_ranges:
        about.word(_SPECTRAL_RANGE, "SpectralRange", value)
    for value in record.content_types:
        about.word(_GENRE, _CONTENT_LISTS.get(record.kind, ""), value)


def _term(concept: str | None, value: str) -> str:
    return f"<{concept}>" if concept else rdf_terms.literal(value)


_CLASS = {kind: name(curie) for kind, curie in CLASSES.items()}
_ALSO = {kind: name(curie) for kind, curie in ALSO.items()}
_RELATION = {kind: name(curie) for kind, curie in RELATIONS.items()}
_NAMED = frozenset({"Person", "Repository", "Organisation"})
_CONTENT_LISTS = {
    "Document": "DocumentType",
    "Annotation": "AnnotationType",
    "Model": "ModelType",
    "ModelRun": "ModelType",
}
_RESOURCE = name("dcat:Resource")
_CATALOG_RECORD = name("dcat:CatalogRecord")
_KIND = name("dcterms:type")
_GENRE = name("ph:contentType")
_TITLE = name("dcterms:title")
_NAME = name("foaf:name")
_ALTERNATIVE = name("dcterms:alternative")
_DESCRIPTION = name("dcterms:description")
_IDENTIFIER = name("dcterms:identifier")
_PRIOR = name("ph:priorIdentifier")
_STATUS = name("adms:status")
_VERSION = name("dcat:version")
_LANGUAGE = name("dcterms:language")
_LANDING_PAGE = name("dcat:landingPage")
_DESCRIBED_BY = name("foaf:isPrimaryTopicOf")
_PRIMARY_TOPIC = name("foaf:primaryTopic")
_ISSUED = name("dcterms:issued")
_MODIFIED = name("dcterms:modified")
_SCHEMA_VERSION = name("ph:schemaVersion")
_RELATED = name("dcterms:relation")
_DERIVED_FROM = name("prov:wasDerivedFrom")
_IS_PART_OF = name("dcterms:isPartOf")
_HOSTED_BY = name("sosa:isHostedBy")
_OBSERVATORY = name("ph:observatory")
_SENSOR = name("sosa:madeBySensor")
_INSTRUMENT_NAME = name("ph:instrumentName")
_FACILITY_NAME = name("ph:facilityName")
_MANAGED_AUTHORITY = name("ph:managedAuthority")
_KEYWORD = name("dcat:keyword")
_MEASUREMENT_TYPE = name("ph:measurementType")
_INSTRUMENT_TYPE = name("ph:instrumentType")
_PHENOMENON_TYPE = name("ph:phenomenonType")
_INVESTIGATION = name("ph:investigation")
_PROCESSING_LEVEL = name("ph:processingLevel")
_SPECTRAL_RANGE = name("ph:spectralRange")


_NOT_MADE_FROM = frozenset({"rdf_dump.py", "rdf_serialisations.py", "shapes.ttl"})


def _fingerprint() -> str:
    """Changes when anything changes that a triple is made from."""
    digest = hashlib.sha256(VERSION.encode())
    made_from = [*files("mappings").iterdir(), *files("vocabularies").iterdir()]
    for one in sorted(made_from, key=lambda one: one.name):
        other_output = one.name.startswith("to_") and one.name != "to_rdf.py"
        other_output |= one.name in _NOT_MADE_FROM
        if one.name.endswith((".py", ".ttl")) and not other_output:
            digest.update(one.name.encode() + b"\0" + one.read_bytes())
    digest.update(repr(spase.lists()).encode())
    return f"rdf-{VERSION}-{digest.hexdigest()[:16]}"


FINGERPRINT: str = _fingerprint()
"""What an engine notes beside its marker: with another one the graph is built anew."""
