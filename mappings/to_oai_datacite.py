"""Records with a DOI as `oai_datacite`: DataCite's XML in DataCite's wrapper for OAI-PMH.

DataCite Metadata Schema 4.5; DataCite OAI schema 1.1 (datacentreSymbol, schemaVersion, payload).
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from mappings.to_datacite_xml import UNAVAILABLE, datacite_object, datacite_xml
from registry.model import Neighbours, Record

VERSION = "3"
"""Raised when what is said here changes."""

NAMESPACE = "http://schema.datacite.org/oai/oai-1.1/"
SCHEMA = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
KERNEL = "4.5"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def to_oai_datacite(
    record: Record, neighbours: Neighbours, *, doi: str, page: str, year: int, datacentre: str
) -> str:
    """The `oai_datacite` element as text.

    `year` stands for the year of publication where the record says none; `datacentre` is the
    name of the DataCite account. Never raises: a DOI stays, whatever becomes of the record, and
    what the record no longer says is `:unav`.
    """
    payload = datacite_xml(datacite_object(record, neighbours, doi=doi, page=page, year=year))
    return (
        f'<oai_datacite xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}" '
        f'xsi:schemaLocation="{NAMESPACE} {SCHEMA}">\n'
        f"<schemaVersion>{KERNEL}</schemaVersion>\n"
        f"<datacentreSymbol>{escape(datacentre or UNAVAILABLE)}</datacentreSymbol>\n"
        f"<payload>{payload}</payload>\n</oai_datacite>"
    )
