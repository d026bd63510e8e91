"""How a record stands to others, as DataCite's relatedIdentifiers (Metadata Schema 4.5)."""

from __future__ import annotations

from typing import Any

from mappings.labels import handle, named
from registry import identifiers
from registry.model import Neighbours, Record

Object = dict[str, Any]

_RELATIONS = {
    "supersedes": "Obsoletes",
    "supersededby": "IsObsoletedBy",
    "revisionof": "IsNewVersionOf",
    "partof": "IsPartOf",
    "childeventof": "IsPartOf",
    "derivedfrom": "IsDerivedFrom",
    "derived-from": "IsDerivedFrom",
    "mirror-of": "IsIdenticalTo",
    "cites": "Cites",
    "iscitedby": "IsCitedBy",
    "continues": "Continues",
    "iscontinuedby": "IsContinuedBy",
    "haspart": "HasPart",
    "ispartof": "IsPartOf",
    "isderivedfrom": "IsDerivedFrom",
    "issourceof": "IsSourceOf",
    "isidenticalto": "IsIdenticalTo",
    "isnewversionof": "IsNewVersionOf",
    "ispreviousversionof": "IsPreviousVersionOf",
    "issupplementto": "IsSupplementTo",
    "issupplementedby": "IsSupplementedBy",
    "isdocumentedby": "IsDocumentedBy",
    "documents": "Documents",
}
"""SPASE AssociationType, and VOResource relationshipType old and new, in lower case.

What is not here (Other, ObservedBy, IsServedBy …) has no counterpart in DataCite's list.
"""


def related(record: Record, neighbours: Neighbours, url: str) -> list[Object]:
    """What the record refers to: by DOI, else by the address of its landing page.

    `url` is the landing page of the record itself, from which those of others are made; what
    has neither a DOI nor a page here is left out.
    """
    site = _site(record, url)
    pairs = [(_RELATIONS.get(one.type.casefold(), ""), one.target) for one in record.relations]
    pairs += [("IsDerivedFrom", target) for target in record.inputs]
    pairs += [("IsCollectedBy", target) for target in record.instruments]
    found: list[Object] = []
    for relation, target in pairs:
        address = _address(target, neighbours, site) if relation and target.strip() else None
        one = address | {"relationType": relation} if address else None
        if one and one not in found and not _is_self(record, target):
            found.append(one)
    return found


def _site(record: Record, url: str) -> str:
    path = identifiers.page_path(record.identifier)
    return url[: -len(path)] if url.endswith(path) else ""


def _is_self(record: Record, target: str) -> bool:
    return identifiers.key(target) == identifiers.key(record.identifier)


def _address(target: str, neighbours: Neighbours, site: str) -> Object | None:
    doi = identifiers.doi(target) if identifiers.scheme(target) not in ("spase", "ivo") else ""
    label = named(neighbours, target)
    doi = doi or (label.doi if label else "")
    if doi:
        return {"relatedIdentifier": doi, "relatedIdentifierType": "DOI"}
    persistent = handle(target) or (label.handle if label else "")
    if persistent:
        # Instruments have handles from B2INST and others (PIDINST), where they have no DOI.
        return {"relatedIdentifier": persistent, "relatedIdentifierType": "Handle"}
    if label and site:
        page = site + identifiers.page_path(label.identifier)
        return {"relatedIdentifier": page, "relatedIdentifierType": "URL"}
    return None
