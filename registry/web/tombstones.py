"""What is left of a deleted record at its address, in every form (410)."""

from __future__ import annotations

import json
from typing import Any

from mappings import to_linkset
from mappings.rdf_names import name
from mappings.rdf_serialisations import serialise
from mappings.rdf_terms import literal, moment, resource
from mappings.rdf_terms import record as record_term
from mappings.to_bibtex import to_bibtex
from mappings.to_citation import to_citation
from mappings.to_csl import to_csl
from mappings.to_datacite_xml import datacite_object, datacite_xml
from mappings.to_ris import to_ris
from mappings.to_schema_org import to_schema_org
from registry import identifiers
from registry.model import Event, Record
from registry.store import dois
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.web.moments import utc, year
from registry.web.site import Site
from vocabularies import namespaces

Object = dict[str, Any]

_RDF = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


def tombstone(site: Site, reader: Reader, kept: KeptRecord) -> Object:
    """What is said of a deleted record: that it was, what it was, since when it is not, and what
    took its place."""
    said = dois.tombstone_of(reader.connection, kept.id)
    other = identifiers.key(said.replaced_by) if said and said.replaced_by else ""
    found = {
        "identifier": kept.identifier,
        "status": "deleted",
        "deleted": utc(kept.datestamp),
        "reason": (said.reason if said else "") or kept.deleted_why,
        "replaced_by": said.replaced_by if said else "",
        "replaced_by_page": site.record_address(other) if other and "://" in other else "",
        "format": kept.format,
        "kind": kept.kind,
        "name": kept.name,
        "doi": kept.minted_doi or identifiers.doi(kept.doi),
        "page": site.record_address(kept.key),
    }
    return {name: value for name, value in found.items() if value}


def written(site: Site, reader: Reader, kept: KeptRecord, suffix: str, style: str) -> bytes:
    """The tombstone in a form other than the page."""
    found = tombstone(site, reader, kept)
    if suffix == "json":
        return _json(found)
    if suffix == "xml":
        return _xml(found)
    if suffix in _RDF:
        return serialise(_triples(kept, found), _RDF[suffix]).encode()
    return _described(kept, found, suffix, style)


def _described(kept: KeptRecord, found: Object, suffix: str, style: str) -> bytes:
    page = found["page"]
    record = _left(kept, found)
    if suffix.startswith("datacite"):
        parts = datacite_object(
            record, {}, doi=found.get("doi", ""), page=page, year=year(kept.created)
        )
        return _json(parts) if suffix.endswith("json") else datacite_xml(parts).encode()
    if suffix == "schema.jsonld":
        return _json(to_schema_org(record, {}, page) | {"creativeWorkStatus": "Deleted"})
    if suffix == "linkset.json":
        return _json(to_linkset.linkset(page, to_linkset.links(record, {}, page, [])))
    item = to_csl(record, {}, page=page) | {"note": record.description}
    if suffix == "csl.json":
        return _json(item)
    if suffix == "bib":
        return to_bibtex(item).encode()
    if suffix == "ris":
        return to_ris(item).encode()
    return (to_citation(item, style) + "\n").encode()


def _left(kept: KeptRecord, found: Object) -> Record:
    """A record that says of the deleted one no more than the registry still does."""
    return Record(
        kept.identifier,
        kept.format,
        kept.kind,
        name=kept.name,
        description=_words(found),
        status="deleted",
        doi=found.get("doi", ""),
        events=[Event(found.get("deleted", ""), "Withdrawn")],
    )


def _words(found: Object) -> str:
    words = f"Deleted on {str(found.get('deleted', ''))[:10]}: {found['reason'].rstrip('.')}."
    if "replaced_by" in found:
        words += f" It was replaced by {found['replaced_by']}."
    return words


def _json(found: Object) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()


def _xml(found: Object) -> bytes:
    from lxml import etree

    base = namespaces.ONTOLOGY
    root = etree.Element(f"{{{base}}}tombstone", nsmap={"ph": base})
    for local, value in found.items():
        etree.SubElement(root, f"{{{base}}}{local}").text = str(value)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _triples(kept: KeptRecord, found: Object) -> list[str]:
    subject = record_term(kept.identifier)
    if not subject.startswith("<"):
        return []
    deleted = resource(namespaces.STATUS + "deleted")
    lines = [
        f"{subject} {name('adms:status')} {deleted} .",
        f"{subject} {name('dcterms:identifier')} {literal(kept.identifier)} .",
        f"{subject} {name('prov:invalidatedAtTime')} {moment(utc(kept.datestamp) or '')} .",
    ]
    if kept.name:
        lines.append(f"{subject} {name('dcterms:title')} {literal(kept.name)} .")
    lines.append(f"{subject} {name('dcterms:description')} {literal(_words(found))} .")
    other = record_term(found["replaced_by"]) if "replaced_by" in found else ""
    if other.startswith("<"):
        lines.append(f"{subject} {name('dcterms:isReplacedBy')} {other} .")
    return lines
