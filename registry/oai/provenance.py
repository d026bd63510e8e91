"""The provenance of records that were harvested and are given on (OAI-PMH's guidelines for
provenance, 2002: the schema `provenance.xsd`)."""

from __future__ import annotations

from registry.oai import xml
from registry.store.listing import Origin
from schemas.oai_pmh.provenance import HOPS, PROVENANCE
from schemas.parts import OriginDescription

_SCHEMA = "http://www.openarchives.org/OAI/2.0/provenance.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def about(origin: Origin, namespace: str) -> str:
    """The `about` element of a record whose metadata, of this namespace, are as they came: ours is
    the last hop, and those that the peer told of are inside it."""
    here = OriginDescription(
        origin.base_url, origin.identifier, origin.datestamp, namespace,
        xml.datestamp(origin.harvested), altered=False,
    )  # fmt: skip
    inside = ""
    for hop in reversed([here, *(OriginDescription(*one) for one in origin.before[: HOPS - 1])]):
        inside = _description(hop, inside)
    return (
        f'<about>\n<provenance xmlns="{PROVENANCE}" xmlns:xsi="{_XSI}" '
        f'xsi:schemaLocation="{PROVENANCE} {_SCHEMA}">\n{inside}\n</provenance>\n</about>\n'
    )


def _description(hop: OriginDescription, inside: str) -> str:
    said = [
        xml.element("baseURL", hop.base_url),
        xml.element("identifier", hop.identifier),
        xml.element("datestamp", hop.datestamp),
        xml.element("metadataNamespace", hop.namespace),
        *([inside] if inside else []),
    ]
    altered = "true" if hop.altered else "false"
    return xml.container("originDescription", said, harvestDate=hop.harvested, altered=altered)
