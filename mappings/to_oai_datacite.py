"""Records with a DOI as `oai_datacite`: DataCite's XML in DataCite's wrapper for OAI-PMH.

DataCite Metadata Schema 4.5; DataCite OAI schema 1.1 (datacentreSymbol, schemaVersion, payload).
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from mappings.to_datacite import Lacking, to_datacite
from registry.model import Neighbours, Record

VERSION = "1"
"""Raised when what is said here changes."""

NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
SCHEMA = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
KERNEL = "4.5"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_UNAVAILABLE = ":unav"
"""What DataCite has stand where something that must be there is not known (appendix 3)."""


def to_oai_datacite(
    record: Record, neighbours: Neighbours, *, doi: str, page: str, year: int, datacentre: str
) -> str:
    """The `oai_datacite` element as text.

    `year` stands for the year of publication where the record says none; `datacentre` is the
    name of the DataCite account. Never raises: a DOI stays, whatever becomes of the record, and
    what the record no longer says is `:unav`.
    """
    # Imported when it is needed: it brings all of JSON Schema with it.
    from datacite import schema45

    try:
        found = to_datacite(record, neighbours, doi=doi, url=page, publication_year_today=year)
    except Lacking:
        found = _least(record, doi, year)
    payload = etree.tostring(schema45.dump_etree(_legal(found)), encoding="unicode")
    return (
        f'<oai_datacite xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}" '
        f'xsi:schemaLocation="{NAMESPACE} {SCHEMA}">\n'
        f"<schemaVersion>{KERNEL}</schemaVersion>\n"
        f"<datacentreSymbol>{escape(datacentre or _UNAVAILABLE)}</datacentreSymbol>\n"
        f"<payload>{payload}</payload>\n</oai_datacite>"
    )


def _least(record: Record, doi: str, year: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "doi": doi,
        "types": {"resourceTypeGeneral": "Other", "resourceType": record.kind or "Other"},
        "creators": [{"name": _UNAVAILABLE}],
        "titles": [{"title": " ".join(record.name.split()) or _UNAVAILABLE}],
        "publisher": {"name": _UNAVAILABLE},
        "publicationYear": f"{year:04d}",
        "schemaVersion": "http://datacite.org/schema/kernel-4",
    }
    if record.description.strip():
        said = {"description": record.description.strip(), "descriptionType": "Abstract"}
        found["descriptions"] = [said]
    return found


def _legal(value: Any) -> Any:
    """The same without characters that XML does not have: lxml takes none."""
    if isinstance(value, dict):
        return {name: _legal(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_legal(one) for one in value]
    if isinstance(value, str):
        return "".join(one if one in "\t\n\r" or one >= " " else "\ufffd" for one in value)
    return value
