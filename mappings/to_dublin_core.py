"""Records as unqualified Dublin Core, for `oai_dc` (OAI-PMH 2.0, section 5; DCMES 1.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from mappings import agents
from mappings.labels import named
from registry import dates, identifiers
from registry.model import Licence, Neighbours, Record, Span

Pairs = list[tuple[str, str]]

DC = "http://purl.org/dc/elements/1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

_START = (
    f'<oai_dc:dc xmlns:oai_dc="{OAI_DC}" xmlns:dc="{DC}" xmlns:xsi="{_XSI}" '
    f'xsi:schemaLocation="{_SCHEMA}">\n'
)
_ESCAPED = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#13;"}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNKNOWN = "\ufffd"

# Kinds that the DCMI Type Vocabulary has a term for; the others stand under their own name only.
_DCMI_TYPES = {
    "NumericalData": "Dataset",
    "DisplayData": "Dataset",
    "NumericalOutput": "Dataset",
    "DisplayOutput": "Dataset",
    "Catalog": "Dataset",
    "Granule": "Dataset",
    "DataCollection": "Dataset",
    "DataResource": "Dataset",
    "CatalogResource": "Dataset",
    "Collection": "Collection",
    "Document": "Text",
    "Standard": "Text",
    "ServiceStandard": "Text",
    "Software": "Software",
    "Model": "Software",
    "Service": "Service",
    "CatalogService": "Service",
    "DataService": "Service",
    "Instrument": "PhysicalObject",
}

VERSION = "1"
"""Raised when what is said here changes: then every record that OAI-PMH gives out has changed."""


def to_dublin_core(record: Record, neighbours: Neighbours, *, page: str = "") -> Pairs:
    """Pairs of element name (without namespace) and text; every pair once, none empty.

    `page` is the address of the record's page. Dates are UTC. dc:date is only what is said of
    the resource itself: the date of a description is in the OAI header.
    """
    pairs = dict.fromkeys(
        (name, text.strip()) for name, text in _pairs(record, neighbours, page) if text.strip()
    )
    return list(pairs)


def dublin_core_element(pairs: Pairs) -> Any:
    """The `oai_dc:dc` element with these pairs, as it stands in an OAI-PMH metadata element."""
    names = {"oai_dc": OAI_DC, "dc": DC, "xsi": _XSI}
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap=names)
    root.set(f"{{{_XSI}}}schemaLocation", _SCHEMA)
    for name, text in pairs:
        etree.SubElement(root, f"{{{DC}}}{name}").text = text
    return root


def dublin_core_text(pairs: Pairs) -> str:
    """The same element as text."""
    said = "".join(f"<dc:{name}>{_NO_XML.sub(_UNKNOWN, text).translate(_ESCAPED)}</dc:{name}>\n"
                   for name, text in pairs)  # fmt: skip
    return f"{_START}{said}</oai_dc:dc>"


def _pairs(record: Record, neighbours: Neighbours, page: str) -> Iterator[tuple[str, str]]:
    yield from _each("title", [record.name, *record.alternative_names])
    yield from _each("creator", (one.name for one in agents.creators(record, neighbours)))
    yield from _each("subject", _subjects(record, neighbours))
    yield "description", record.description
    publisher = agents.publisher(record, neighbours)
    yield "publisher", publisher.name if publisher else ""
    yield from _each("contributor", (one.name for one in agents.contributors(record, neighbours)))
    yield from _each("date", _dates(record))
    yield from _each("type", [_DCMI_TYPES.get(record.kind, ""), record.kind])
    yield from _each("type", record.content_types)
    yield from _each("format", (name for access in record.access for name in access.formats))
    yield from _each("identifier", _identifiers(record, page))
    yield from _each("source", [*record.sources, *map(identifiers.iri, record.inputs)])
    yield "language", record.language
    yield from _each("relation", _relations(record))
    yield from _each("coverage", _coverage(record))
    yield from _each("rights", _rights(record))


def _each(name: str, texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((name, text) for text in texts)


def _subjects(record: Record, neighbours: Neighbours) -> Iterator[str]:
    yield from record.keywords
    yield from record.measurement_types
    yield from record.phenomenon_types
    yield from record.instrument_types
    yield from record.spectral_ranges
    yield from record.instrument_names
    yield from record.facility_names
    for identifier in [*record.instruments, *record.observatories]:
        known = named(neighbours, identifier)
        if known:
            yield known.name


def _dates(record: Record) -> Iterator[str]:
    if record.publication:
        yield _date(record.publication.date)
    for event in record.events:
        # Updates are the description's in SPASE, and no date of origin in VOResource.
        if not event.role.lower().startswith("update"):
            yield _date(event.date)


def _date(text: str) -> str:
    """A date in UTC, as a day when it is midnight; as written when it is no date."""
    value = dates.utc(text)
    return text if value is None else value.removesuffix("T00:00:00Z")


def _identifiers(record: Record, page: str) -> Iterator[str]:
    yield record.identifier
    doi = identifiers.doi(record.doi)
    yield f"https://doi.org/{doi}" if doi else ""
    yield page
    yield from record.alternate_identifiers


def _relations(record: Record) -> Iterator[str]:
    for relation in record.relations:
        yield identifiers.iri(relation.target) if relation.target else relation.name
    yield record.reference_url
    yield from (link.url for link in record.links)


def _coverage(record: Record) -> Iterator[str]:
    yield from (_period(span) for span in record.spans)
    yield from record.regions
    for place in record.places:
        yield from place.regions
        yield place.footprint


def _period(span: Span) -> str:
    """An ISO 8601 interval; an end that is open or relative is `..` (ISO 8601-2)."""
    if not span.start and not span.stop:
        return ""
    return f"{_date(span.start) or '..'}/{_date(span.stop) or '..'}"


def _rights(record: Record) -> Iterator[str]:
    for licence in record.rights:
        yield licence_text(licence)
    for access in record.access:
        for licence in access.licences:
            yield licence_text(licence)
        # Open or restricted says who gets in, not what may be done with it.
        yield f"Access: {access.rights}" if access.rights else ""


def licence_text(licence: Licence) -> str:
    """A licence in one text: its address if it has one, else its name, identifier or note."""
    return licence.uri or licence.name or licence.identifier or licence.note
