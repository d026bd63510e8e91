"""Records as CSL-JSON: what every citation of a record is made from.

One item of the CSL data schema 1.0.2 (csl-data.json). BibTeX, RIS and the text of citations are
written from it, so that no two of them cite differently.
"""

from __future__ import annotations

import re
from typing import Any

from mappings import datacite_people as people
from registry import dates, identifiers
from registry.model import Neighbours, Record

Object = dict[str, Any]

_TYPES = {
    "NumericalData": "dataset",
    "DisplayData": "dataset",
    "NumericalOutput": "dataset",
    "DisplayOutput": "dataset",
    "ModelRun": "dataset",
    "Catalog": "dataset",
    "Granule": "dataset",
    "DataCollection": "dataset",
    "DataResource": "dataset",
    "CatalogResource": "dataset",
    "Collection": "collection",
    "Software": "software",
    "Model": "software",
    "DesktopApplication": "software",
    "CeaApplication": "software",
    "CeaHttpApplication": "software",
    "Standard": "standard",
    "ServiceStandard": "standard",
    "Document": "document",
}
"""What every other kind is cited as: the page about it."""
_GENRES = {"dataset": "Dataset", "software": "Software", "collection": "Collection"}
_DATE = re.compile(r"([12]\d{3})(?:-(\d\d)(?:-(\d\d))?)?")


def to_csl(record: Record, neighbours: Neighbours, *, page: str) -> Object:
    """The record as one CSL item; `page` is the address of its page.

    Gives no empty values. Where the record says no date of publication there is none: the date
    of the description is not the data's. Never raises.
    """
    doi = identifiers.doi(record.doi)
    kind = _TYPES.get(record.kind, "webpage")
    title = record.publication.title if record.publication else ""
    publisher = people.publisher(record, neighbours)
    found: Object = {
        "id": f"https://doi.org/{doi}" if doi else page,
        "type": kind,
        "title": " ".join((title or record.name or record.identifier).split()),
        "author": [_name(one) for one in people.creators(record, neighbours)],
        "issued": _issued(record),
        "publisher": publisher["name"] if publisher else "",
        "version": " ".join(record.resource_version.split()),
        "genre": _GENRES.get(kind, ""),
        "DOI": doi,
        "URL": f"https://doi.org/{doi}" if doi else page,
        "abstract": record.description.strip(),
        "keyword": ", ".join(dict.fromkeys(" ".join(one.split()) for one in record.keywords)),
        "language": record.language,
        "number": record.identifier,
    }
    return {name: value for name, value in found.items() if value not in ("", [], None)}


def _name(one: Object) -> Object:
    if one.get("familyName"):
        found = {"family": one["familyName"], "given": one.get("givenName", "")}
        return {name: value for name, value in found.items() if value}
    return {"literal": one["name"]}


def _issued(record: Record) -> Object | None:
    texts = [record.publication.date] if record.publication else []
    for role in ("issued", "available"):
        texts += [event.date for event in record.events if event.role.casefold() == role]
    for text in texts:
        # In UTC where it is a whole date; a year or a month is left as it stands.
        found = _DATE.match(dates.utc(text) or text.strip())
        if found:
            return {"date-parts": [[int(part) for part in found.groups() if part]]}
    return None
