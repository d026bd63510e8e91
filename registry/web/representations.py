"""A record in every form that programs ask for, and which form a request wants."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import Request

from mappings.models import model_of
from mappings.rdf_names import name
from mappings.rdf_serialisations import serialise
from mappings.rdf_terms import literal, moment, resource
from mappings.rdf_terms import record as record_term
from mappings.to_json import to_json
from mappings.to_rdf import to_rdf
from registry import dates
from registry.findings import Finding
from registry.kept_records import model, neighbours_of
from registry.store import dois
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.web.derived import all_findings
from registry.web.site import Site
from schemas.documents import element
from vocabularies import namespaces


class Form(NamedTuple):
    """One form of a record: the suffix of its address, its media type, its name for people."""

    suffix: str
    media_type: str
    name: str


FORMS = {
    form.suffix: form
    for form in (
        Form("html", "text/html", "Page"),
        Form("xml", "application/xml", "XML"),
        Form("ttl", "text/turtle", "Turtle"),
        Form("rdf", "application/rdf+xml", "RDF/XML"),
        Form("jsonld", "application/ld+json", "JSON-LD"),
        Form("json", "application/json", "JSON"),
    )
}
_ALSO = {"text/xml": "xml", "application/xhtml+xml": "html"}
_RDF = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


def wanted(request: Request) -> str:
    """The form that the Accept header asks for (RFC 9110, section 12.5.1); the page if none."""
    offered = {form.media_type: form.suffix for form in FORMS.values()} | _ALSO
    best = request.accept_mimetypes.best_match(list(offered), default="text/html")
    return offered[best or "text/html"]


def content_type(suffix: str) -> str:
    """The Content-Type of a form; XML says its encoding itself."""
    media_type = FORMS[suffix].media_type
    return (
        media_type if suffix in ("xml", "rdf", "json", "jsonld") else f"{media_type}; charset=utf-8"
    )


def written(site: Site, reader: Reader, kept: KeptRecord, suffix: str) -> bytes:
    """A current record in a form other than the page."""
    body = reader.body(kept)
    if suffix == "xml":
        return body
    if suffix == "json":
        return _json(record_object(site, reader, kept))
    record = model(kept, body)
    lines = to_rdf(record, neighbours_of(reader, record), site.settings.public_url)
    return serialise(lines, _RDF[suffix]).encode()


def record_object(site: Site, reader: Reader, kept: KeptRecord) -> dict[str, Any]:
    """The record as the API gives it: the model, and under `registry` how it stands here."""
    body = reader.body(kept)
    root = element(body)
    record = model_of(kept.format, root)
    findings = all_findings(
        reader, kept, body, root, record, reader.places(kept), site.settings.validation.severities
    )
    if kept.minted_doi:
        record.doi = kept.minted_doi
    found = to_json(record, neighbours_of(reader, record))
    return found | {"registry": _standing(site, reader, kept, findings)}


def _standing(
    site: Site, reader: Reader, kept: KeptRecord, findings: list[Finding]
) -> dict[str, Any]:
    """What the registry itself says of a record."""
    return {
        "page": site.record_address(kept.key),
        "verdict": kept.verdict,
        "findings": [_finding(one) for one in findings],
        "dangling": [
            {"element": element, "identifier": key} for element, key in reader.dangling(kept.id)
        ],
        "changed": utc(kept.datestamp),
        "first_seen": utc(kept.created),
        "revisions": len(reader.revisions(kept.id)),
        "referred_to_by": reader.count_referring(kept.key),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    found = {name: getattr(finding, name) for name in Finding.__slots__}
    return {name: value for name, value in found.items() if value not in ("", 0, None)}


def utc(seconds: float) -> str | None:
    """A moment in seconds since 1970 as xsd:dateTime in UTC; None where no calendar has it."""
    try:
        return dates.written(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def _json(found: dict[str, Any]) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()


# -- tombstones ------------------------------------------------------------------------------


def tombstone(site: Site, kept: KeptRecord) -> dict[str, Any]:
    """What is said of a deleted record: that it was, what it was, since when it is not, why, and
    what replaces it.
    """
    with site.store.reading() as reader:
        said = dois.tombstone_of(reader.connection, kept.id)
    found = {
        "identifier": kept.identifier,
        "status": "deleted",
        "deleted": utc(kept.datestamp),
        "reason": said.reason if said else kept.deleted_why,
        "replaced_by": said.replaced_by if said else "",
        "format": kept.format,
        "kind": kept.kind,
        "name": kept.name,
        "doi": kept.minted_doi or kept.doi,
        "page": site.record_address(kept.key),
    }
    return {name: value for name, value in found.items() if value}


def tombstone_written(site: Site, kept: KeptRecord, suffix: str) -> bytes:
    """The tombstone in a form other than the page."""
    found = tombstone(site, kept)
    if suffix == "json":
        return _json(found)
    if suffix == "xml":
        return _tombstone_xml(found)
    return serialise(_tombstone_triples(kept), _RDF[suffix]).encode()


def _tombstone_xml(found: dict[str, Any]) -> bytes:
    from lxml import etree

    base = namespaces.ONTOLOGY
    root = etree.Element(f"{{{base}}}tombstone", nsmap={"ph": base})
    for local, value in found.items():
        etree.SubElement(root, f"{{{base}}}{local}").text = str(value)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _tombstone_triples(kept: KeptRecord) -> list[str]:
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
    return lines
