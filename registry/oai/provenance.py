"""The provenance of records that were harvested and are given on (OAI-PMH's guidelines for
provenance, 2002: the schema `provenance.xsd`)."""

from __future__ import annotations

from registry.oai import xml
from registry.store.listing import Origin

NAMESPACE = "http://www.openarchives.org/OAI/2.0/provenance"
_SCHEMA = "http://www.openarchives.org/OAI/2.0/provenance.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def about(origin: Origin, namespace: str) -> str:
    """The `about` element of a record whose metadata, of this namespace, are as they came."""
    description = xml.container(
        "originDescription",
        [
            xml.element("baseURL", origin.base_url),
            xml.element("identifier", origin.identifier),
            xml.element("datestamp", origin.datestamp),
            xml.element("metadataNamespace", namespace),
        ],
        harvestDate=xml.datestamp(origin.harvested),
        altered="false",
    )
    return (
        f'<about>\n<provenance xmlns="{NAMESPACE}" xmlns:xsi="{_XSI}" '
        f'xsi:schemaLocation="{NAMESPACE} {_SCHEMA}">\n{description}\n</provenance>\n</about>\n'
    )
