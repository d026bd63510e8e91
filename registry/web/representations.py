"""A record in every form that programs ask for."""

from __future__ import annotations

import json
from typing import Any

from mappings import to_linkset
from mappings.models import model_of
from mappings.rdf_serialisations import serialise
from mappings.to_bibtex import to_bibtex
from mappings.to_citation import to_citation
from mappings.to_csl import to_csl
from mappings.to_datacite_xml import datacite_object, datacite_xml
from mappings.to_json import to_json
from mappings.to_rdf import to_rdf
from mappings.to_ris import to_ris
from mappings.to_schema_org import to_schema_org
from registry import identifiers
from registry.findings import Finding
from registry.kept_records import model, neighbours_of
from registry.model import Neighbours, Record
from registry.store.kept import KeptRecord
from registry.store.reading import Reader
from registry.web.derived import all_findings
from registry.web.forms import FORMS
from registry.web.moments import utc, year
from registry.web.site import Site
from schemas.documents import element

_RDF = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


def written(site: Site, reader: Reader, kept: KeptRecord, suffix: str, style: str) -> bytes:
    """A current record in a form other than the page; `style` is that of a citation's text."""
    body = reader.body(kept)
    if suffix == "xml":
        return body
    if suffix == "json":
        return _json(record_object(site, reader, kept))
    record = model(kept, body)
    record.doi = kept.minted_doi or record.doi
    known = neighbours_of(reader, record)
    if suffix in _RDF:
        lines = to_rdf(record, known, site.settings.public_url)
        return serialise(lines, _RDF[suffix]).encode()
    return _described(site, kept, record, known, suffix, style)


def _described(
    site: Site, kept: KeptRecord, record: Record, known: Neighbours, suffix: str, style: str
) -> bytes:
    page = site.record_address(kept.key)
    if suffix == "schema.jsonld":
        return _json(schema_org(site, record, known, page))
    if suffix.startswith("datacite"):
        doi = identifiers.doi(record.doi)
        found = datacite_object(record, known, doi=doi, page=page, year=year(kept.created))
        return _json(found) if suffix == "datacite.json" else datacite_xml(found).encode()
    if suffix == "linkset.json":
        return _json(to_linkset.linkset(page, page_links(record, known, page)))
    item = to_csl(record, known, page=page)
    if suffix == "csl.json":
        return _json(item)
    if suffix == "bib":
        return to_bibtex(item).encode()
    if suffix == "ris":
        return to_ris(item).encode()
    return (to_citation(item, style) + "\n").encode()


def schema_org(site: Site, record: Record, known: Neighbours, page: str) -> dict[str, Any]:
    """The record's schema.org description, with this registry as a catalogue that holds it."""
    catalogue = {
        "@type": "DataCatalog",
        "@id": site.address("/"),
        "url": site.address("/"),
        "name": site.settings.title,
    }
    return to_schema_org(record, known, page, catalogue)


def page_links(record: Record, known: Neighbours, page: str) -> list[to_linkset.Link]:
    """The page's links by FAIR Signposting, without the link to the linkset itself."""
    forms = [
        to_linkset.Form(f"{page}.{form.suffix}", form.media_type, form.profile)
        for form in FORMS.values()
        if form.suffix not in ("html", "txt", "linkset.json")
    ]
    return to_linkset.links(record, known, page, forms)


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


def _json(found: dict[str, Any]) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode()
