"""Records as DataCite metadata: kernel 4.5 in JSON, as `datacite.schema45` reads it.

What stands where is said by the DataCite Metadata Schema 4.5; which part of a record it is made
from, by the project's decisions (docs/decisions.md). Nothing is invented: what DataCite must
have and the record lacks is said by `lacking`, and what was taken for want of better, by
`doubts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from mappings import datacite_people as people
from mappings.datacite_relations import related
from registry import dates, identifiers
from registry.model import Licence, Neighbours, Place, Record, Span
from vocabularies import namespaces, spase

Object = dict[str, Any]

SCHEMA = "http://datacite.org/schema/kernel-4"

_GENERAL = {
    "NumericalData": "Dataset",
    "DisplayData": "Image",
    "Catalog": "Dataset",
    "Collection": "Collection",
    "Granule": "Dataset",
    "NumericalOutput": "Dataset",
    "DisplayOutput": "Image",
    "ModelRun": "Dataset",
    "Model": "Model",
    "Software": "Software",
    "Instrument": "Instrument",
    "Document": "Text",
    "Service": "Service",
    "DataResource": "Dataset",
    "DataCollection": "Dataset",
    "CatalogResource": "Dataset",
    "CatalogService": "Service",
    "DataService": "Service",
    "Registry": "Service",
    "Standard": "Standard",
    "ServiceStandard": "Standard",
}
"""Every other kind is Other, with the kind's own name beside it."""
_NEVER = {
    "Person": "a person is identified by an ORCID iD, not by a DOI",
    "Organisation": "an organisation is identified by a ROR id, not by a DOI",
    "Authority": "a naming authority is nothing that can be cited",
}
_DATE_TYPES = {
    one.casefold(): one
    for one in (
        "Accepted", "Available", "Copyrighted", "Collected", "Created", "Issued", "Submitted",
        "Updated", "Valid", "Withdrawn",
    )
}  # fmt: skip
_SPDX = "https://spdx.org/licenses/"
_SPDX_ADDRESS = re.compile(r"https?://spdx\.org/licenses/([A-Za-z0-9.+-]+?)(?:\.html)?")
_PICTURES = frozenset(
    (
        "AVI", "BMP", "GIF", "HTML", "Hardcopy", "JPEG", "MPEG", "PDF", "PNG", "Postscript",
        "QuickTime", "TIFF",
    )
)  # fmt: skip
"""SPASE Formats of pictures and films."""
_DAY = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")


class Lacking(Exception):
    """The record has not what DataCite must have; `reasons` say in words what is missing."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def to_datacite(
    record: Record,
    neighbours: Neighbours,
    *,
    doi: str,
    url: str,
    publication_year_today: int | None = None,
) -> Object:
    """The metadata of `record` under its DOI; `url` is the address of its landing page.

    `publication_year_today` is the year of publication where the record says none: whoever
    mints gives it on purpose. Raises `Lacking`.
    """
    missing = lacking(record, neighbours, publication_year_today=publication_year_today)
    if missing:
        raise Lacking(missing)
    return parts(record, neighbours, doi=doi, url=url, year=publication_year_today)


def parts(
    record: Record, neighbours: Neighbours, *, doi: str, url: str, year: int | None
) -> Object:
    """What `to_datacite` gives, made from whatever the record has: nothing is refused."""
    published = publication_year(record) or year
    found: Object = {
        "doi": doi,
        "url": url,
        "types": _types(record),
        "creators": people.creators(record, neighbours),
        "titles": _titles(record),
        "publisher": people.publisher(record, neighbours),
        "publicationYear": f"{published:04d}" if published else "",
        "subjects": _subjects(record),
        "contributors": people.contributors(record, neighbours),
        "dates": _dates(record),
        "language": record.language,
        "alternateIdentifiers": _alternates(record, doi),
        "relatedIdentifiers": related(record, neighbours, url),
        "sizes": _sizes(record),
        "formats": _unique(one for access in record.access for one in access.formats),
        "rightsList": _rights(record),
        "descriptions": _descriptions(record),
        "geoLocations": _locations(record),
        "fundingReferences": _funding(record),
        "schemaVersion": SCHEMA,
    }
    return {name: value for name, value in found.items() if value not in ("", None, [])}


def lacking(
    record: Record, neighbours: Neighbours, *, publication_year_today: int | None = None
) -> list[str]:
    """What stands in the way of a DOI, in words; an empty list when nothing does."""
    found = []
    if record.kind in _NEVER:
        found.append(f"It is described as {record.kind}: {_NEVER[record.kind]}.")
    if record.status in ("deleted", "withdrawn"):
        found.append(f"The record is {record.status}.")
    if not _titles(record):
        found.append("It has no title.")
    if not people.creators(record, neighbours):
        found.append(_no_creators(record, neighbours))
    if people.publisher(record, neighbours) is None:
        found.append(
            "It has no publisher: "
            + (
                "PublicationInfo/PublishedBy is missing."
                if record.format == "spase"
                else "curation/publisher is empty."
            )
        )
    if publication_year(record) is None and publication_year_today is None:
        found.append(_no_year(record))
    return found


def doubts(record: Record, neighbours: Neighbours) -> list[str]:
    """What is taken for want of better, or is missing though it need not be there."""
    found = []
    if not (record.publication and record.publication.authors) and not record.creators:
        named = [str(one["name"]) for one in people.creators(record, neighbours)]
        if named:
            found.append(
                "There is no PublicationInfo/Authors: the creators are taken from the contacts "
                f"({'; '.join(named)})."
            )
    found += [
        f"“{name}” looks like several authors: put a semicolon between them."
        for name in people.several_in_one(record)
    ]
    if publication_year(record) is None:
        found.append(_no_year(record))
    if not _rights(record):
        found.append("Nothing is said of the rights in the data (AccessInformation/RightsList).")
    if not record.description.strip():
        found.append("There is no description.")
    return found


def publication_year(record: Record) -> int | None:
    """The year of publication that the record states; never its ReleaseDate's."""
    texts = [record.publication.date] if record.publication else []
    for role in ("issued", "available"):
        texts += [event.date for event in record.events if event.role.casefold() == role]
    for text in texts:
        moment = dates.moment(text)
        if moment is not None:
            return moment.year
        if re.fullmatch(r"[12]\d{3}(?:-\d\d)?", text.strip()):
            return int(text.strip()[:4])
    return None


def _no_creators(record: Record, neighbours: Neighbours) -> str:
    unknown = people.unknown_makers(record, neighbours)
    if unknown:
        return f"It has no creators: {', '.join(unknown)} is named, and has no record here."
    if record.format == "spase":
        return (
            "It has no creators: PublicationInfo/Authors is missing, and no contact has the role "
            "PrincipalInvestigator."
        )
    return "It has no creators: curation/creator is missing."


def _no_year(record: Record) -> str:
    return (
        "It has no year of publication: "
        + (
            "PublicationInfo/PublicationDate is missing; ReleaseDate is the description's."
            if record.format == "spase"
            else "no curation/date has the role Issued or Available."
        )
        + " Give the year on purpose."
    )


def _types(record: Record) -> Object:
    general = _GENERAL.get(record.kind, "Other")
    formats = {one for access in record.access for one in access.formats}
    # DisplayData with numbers beside its pictures is more than pictures.
    if general == "Image" and formats - _PICTURES:
        general = "Dataset"
    return {"resourceTypeGeneral": general, "resourceType": record.kind}


def _titles(record: Record) -> list[Object]:
    cited = record.publication.title if record.publication else ""
    texts = _unique([cited, record.name, record.acronym, *record.alternative_names])
    return [
        {"title": text} if number == 0 else {"title": text, "titleType": "AlternativeTitle"}
        for number, text in enumerate(texts)
        # A record without name or title must not be called by its acronym.
        if number or text in (" ".join(cited.split()), " ".join(record.name.split()))
    ]


def _subjects(record: Record) -> list[Object]:
    lists = (
        ("MeasurementType", record.measurement_types),
        ("PhenomenonType", record.phenomenon_types),
        ("SpectralRange", record.spectral_ranges),
        ("Region", record.regions),
    )
    found: list[Object] = [{"subject": text} for text in _unique(record.keywords)]
    return found + [_subject(name, text) for name, texts in lists for text in _unique(texts)]


def _subject(name: str, text: str) -> Object:
    """A term of a SPASE list, with the address of its concept."""
    found: Object = {"subject": text, "subjectScheme": f"SPASE {name}"}
    concept = _concepts(name).get(text)
    if concept:
        found |= {"schemeUri": f"{namespaces.SPASE}{name}", "valueUri": concept}
    return found


@cache
def _concepts(name: str) -> dict[str, str]:
    return spase.iris(name)


def _dates(record: Record) -> list[Object]:
    found = [_collected(span) for span in record.spans]
    if record.publication:
        found.append(_dated(record.publication.date, "Issued", ""))
    for event in record.events:
        kind = _DATE_TYPES.get(event.role.casefold())
        if kind:
            found.append(_dated(event.date, kind, event.note))
    kept: list[Object] = []
    for one in found:
        if one and one not in kept:
            kept.append(one)
    return kept


def _collected(span: Span) -> Object | None:
    start, stop = _when(span.start), _when(span.stop)
    if not start and not stop:
        return None
    # No end is invented for what is still running (RKMS-ISO8601 leaves the end open).
    found: Object = {"date": f"{start}/{stop}", "dateType": "Collected"}
    if not stop and span.relative_stop:
        found["dateInformation"] = (
            f"still running; the record gives its end as {span.relative_stop}"
        )
    return found


def _dated(text: str, kind: str, note: str) -> Object | None:
    when = _when(text)
    if not when:
        return None
    return {"date": when, "dateType": kind} | ({"dateInformation": note} if note else {})


def _when(text: str) -> str:
    text = text.strip()
    return text if _DAY.fullmatch(text) else dates.utc(text) or ""


def _alternates(record: Record, doi: str) -> list[Object]:
    kind = "SPASE ResourceID" if record.format == "spase" else "IVOA Identifier"
    own = {"alternateIdentifier": record.identifier, "alternateIdentifierType": kind}
    found = [own]
    for text in _unique([*record.prior_identifiers, record.doi, *record.alternate_identifiers]):
        scheme = identifiers.scheme(text)
        what = {"spase": "SPASE ResourceID", "ivo": "IVOA Identifier"}.get(scheme)
        if identifiers.doi(text):
            if identifiers.doi(text) == identifiers.doi(doi):
                continue
            what = "DOI"
        found.append(
            {"alternateIdentifier": text, "alternateIdentifierType": what or "Other identifier"}
        )
    return [one for number, one in enumerate(found) if one not in found[:number]]


def _sizes(record: Record) -> list[str]:
    return _unique(
        f"{access.quantity} {access.quantity_units}"
        for access in record.access
        if access.quantity.strip()
    )


def _rights(record: Record) -> list[Object]:
    """The rights in the data. The licence of the description says nothing about them."""
    licences = [one for access in record.access for one in access.licences] + record.rights
    found: list[Object] = []
    for licence in licences:
        one = _licence(licence)
        if one and one not in found:
            found.append(one)
    return found


def _licence(licence: Licence) -> Object:
    words = " ".join((licence.name or licence.note).split())
    found: Object = {"rights": words} if words else {}
    if _is_address(licence.uri):
        found["rightsUri"] = licence.uri.strip()
    named = _SPDX_ADDRESS.fullmatch(licence.uri.strip())
    identifier = licence.identifier or (named[1] if named else "")
    if identifier:
        found["rightsIdentifier"] = identifier
        spdx = licence.scheme.upper() == "SPDX" or licence.uri.startswith(_SPDX)
        if spdx:
            found |= {"rightsIdentifierScheme": "SPDX", "schemeUri": _SPDX}
        elif licence.scheme:
            found["rightsIdentifierScheme"] = licence.scheme
    return found


def _descriptions(record: Record) -> list[Object]:
    parts = (
        ("Abstract", record.description),
        ("TechnicalInfo", record.caveats),
        ("Other", record.acknowledgement),
    )
    return [
        {"description": text.strip(), "descriptionType": kind}
        for kind, text in parts
        if text.strip()
    ]


def _locations(record: Record) -> list[Object]:
    found = [_location(place) for place in record.places]
    return [one for number, one in enumerate(found) if one and one not in found[:number]]


def _location(place: Place) -> Object | None:
    # DataCite's coordinates are WGS 84: only those of a geographic frame can stand there.
    if place.frame not in ("GEO", "WGS84"):
        return None
    latitude, longitude = _degrees(place.latitude, 90), _degrees(place.longitude, 180)
    if latitude is not None and longitude is not None:
        return {"geoLocationPoint": {"pointLongitude": longitude, "pointLatitude": latitude}}
    west, east = _degrees(place.west, 180), _degrees(place.east, 180)
    south, north = _degrees(place.south, 90), _degrees(place.north, 90)
    if west is None or east is None or south is None or north is None:
        return None
    return {
        "geoLocationBox": {
            "westBoundLongitude": west,
            "eastBoundLongitude": east,
            "southBoundLatitude": south,
            "northBoundLatitude": north,
        }
    }


def _degrees(text: str, limit: int) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    if limit == 180 and 180 < value <= 360:
        value -= 360
    return value if -limit <= value <= limit else None


def _funding(record: Record) -> list[Object]:
    found: list[Object] = []
    for one in record.funding:
        if not one.agency.strip():
            continue
        entry: Object = {"funderName": one.agency}
        entry |= {"awardTitle": one.project} if one.project else {}
        entry |= {"awardNumber": one.award} if one.award else {}
        if entry not in found:
            found.append(entry)
    return found


def _is_address(text: str) -> bool:
    return bool(re.fullmatch(r"https?://[^\s<>\"]+", text.strip()))


def _unique(texts: Iterable[str]) -> list[str]:
    return [text for text in dict.fromkeys(" ".join(one.split()) for one in texts) if text]
