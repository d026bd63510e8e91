"""Records as schema.org JSON-LD for their pages.

The types are schema.org's own; `Dataset` follows science-on-schema.org and what dataset search
engines ask for (a description of 50 to 5,000 characters, of which only the upper end can be
kept without inventing anything).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from mappings import agents
from mappings.labels import named, orcid, ror
from registry import dates, identifiers
from registry.model import AccessURL, Licence, Neighbours, Parameter, Place, Record, Span

Object = dict[str, Any]

_LONGEST = 5000
_DATA = frozenset(
    (
        "NumericalData",
        "DisplayData",
        "Catalog",
        "Collection",
        "DataCollection",
        "DataResource",
        "CatalogResource",
    )
)
_TYPES = {
    "Service": "Service",
    "CatalogService": "WebAPI",
    "DataService": "WebAPI",
    "Software": "SoftwareApplication",
    "DesktopApplication": "SoftwareApplication",
    "CeaApplication": "SoftwareApplication",
    "CeaHttpApplication": "SoftwareApplication",
    "Repository": "Organization",
    "Organisation": "Organization",
    "Authority": "Organization",
    "Registry": "DataCatalog",
    "Person": "Person",
    "Observatory": "Place",
    "Instrument": "Thing",
}
"""Every other kind is a CreativeWork."""
_NO_WORKS = frozenset(("Organization", "Person", "Place", "Thing", "Service", "WebAPI"))
_SERVICE_STYLES = frozenset(("EPNTAP", "HAPI", "Search", "TAP", "WebService", "Overview", "Git"))


def to_schema_org(
    record: Record, neighbours: Neighbours, page: str, catalogue: Object | None = None
) -> Object:
    """The JSON-LD of a record's page; `page` is the page's address and names what is described,
    `catalogue` what is said of the registry that gives it.

    Gives a dictionary with one `@type`, without empty values. Never raises on a record that
    lacks something: what it does not say is not there.
    """
    kind = schema_type(record)
    found: Object = {"@context": "https://schema.org/", "@type": kind, "@id": page, "url": page}
    found |= _thing(record)
    if kind == "Person":
        found |= _person(record)
    elif kind == "Organization":
        found |= _organisation(record)
    elif kind == "Place":
        found |= _geography(record)
    if kind not in _NO_WORKS:
        found |= _work(record, neighbours)
    if kind == "Dataset":
        found |= _dataset(record, neighbours, catalogue)
    return _filled(found)


def schema_type(record: Record) -> str:
    """The schema.org type of what the record describes."""
    if record.kind in _DATA:
        return "Dataset"
    if record.kind == "Observatory" and not any(map(_on_earth, record.places)):
        return "Thing"
    if record.format == "voresource" and record.kind == "Service":
        return "WebAPI"
    return _TYPES.get(record.kind, "CreativeWork")


def script_text(found: Object) -> str:
    """JSON that can stand in a `script` element of HTML and of XHTML alike."""
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The text up to the last sentence that ends within `longest` characters.

    A text without such an end is cut at a word, and says by `…` that it goes on.
    """
    if len(text) <= longest:
        return text
    ends = [one.end() for one in re.finditer(r"[.!?][\"')\]]?(?=\s)", text[: longest + 1])]
    if ends and ends[-1] >= longest // 2:
        return text[: ends[-1]]
    return text[: longest - 1].rsplit(None, 1)[0].rstrip(",;:") + "…"


def _filled(found: Object) -> Object:
    return {name: value for name, value in found.items() if value not in ("", None, [], {})}


def _few(values: Iterable[Any]) -> Any:
    """One value as itself, several as a list: the shape that most readers of JSON-LD expect."""
    many: list[Any] = []
    for value in values:
        if value not in ("", None, {}) and value not in many:
            many.append(value)
    return many[0] if len(many) == 1 else many


def _thing(record: Record) -> Object:
    doi = identifiers.doi(record.doi)
    own = {"@type": "PropertyValue", "propertyID": record.format, "value": record.identifier}
    names = [own]
    if doi:
        names.append(
            {
                "@type": "PropertyValue",
                "@id": f"https://doi.org/{doi}",
                "propertyID": "https://registry.identifiers.org/registry/doi",
                "value": f"doi:{doi}",
                "url": f"https://doi.org/{doi}",
            }
        )
    publication = record.publication
    return {
        "name": record.name,
        "alternateName": _few([record.acronym, *record.alternative_names]),
        "description": shortened(record.description),
        "identifier": names,
        "sameAs": _few(
            [
                f"https://doi.org/{doi}" if doi else "",
                publication.landing_page if publication else "",
                record.reference_url,
            ]
        ),
    }


def _person(record: Record) -> Object:
    agent = record.agent
    if agent is None:
        return {}
    number = orcid(agent.orcid)
    found: Object = {
        "affiliation": _organisation_named(agent.organisation, agent.rors),
    }
    if number:
        found["sameAs"] = f"https://orcid.org/{number}"
    return found


def _organisation(record: Record) -> Object:
    agent = record.agent
    found: Object = {}
    rors = [one for one in map(ror, agent.rors) if one] if agent else []
    if rors:
        found["sameAs"] = _few(f"https://ror.org/{one}" for one in rors)
    return found


def _organisation_named(name: str, rors: list[str]) -> Object | None:
    if not name:
        return None
    number = next(filter(None, map(ror, rors)), "")
    found: Object = {"@type": "Organization", "name": name}
    if number:
        found["@id"] = f"https://ror.org/{number}"
    return found


def _on_earth(place: Place) -> bool:
    # Latitude and longitude are Earth's only in a geographic frame.
    return place.frame in ("GEO", "WGS84") and bool(place.latitude and place.longitude)


def _geography(record: Record) -> Object:
    place = next(filter(_on_earth, record.places))
    return {
        "geo": _filled(
            {
                "@type": "GeoCoordinates",
                "latitude": place.latitude,
                "longitude": place.longitude,
                "elevation": place.elevation,
            }
        )
    }


def _agent(one: agents.Named) -> Object:
    body = one.organisational or (one.ror and not one.personal)
    found: Object = {"@type": "Organization" if body else "Person", "name": one.name}
    if one.orcid:
        found["@id"] = f"https://orcid.org/{one.orcid}"
    elif one.ror and body:
        found["@id"] = f"https://ror.org/{one.ror}"
    return found


def _work(record: Record, neighbours: Neighbours) -> Object:
    published = record.publication.date if record.publication else ""
    publisher = agents.publisher(record, neighbours)
    access = [one.rights for one in record.access if one.rights]
    licences = [*record.rights, *(one for a in record.access for one in a.licences)]
    return {
        "creator": _few(_agent(one) for one in agents.creators(record, neighbours)),
        "contributor": _few(_agent(one) for one in agents.contributors(record, neighbours)),
        "publisher": _agent(publisher) if publisher else None,
        "datePublished": dates.utc(published) or published,
        "expires": dates.utc(record.expires) or record.expires,
        "version": record.resource_version,
        "keywords": list(dict.fromkeys([*record.keywords, *record.phenomenon_types])),
        "inLanguage": record.language,
        "license": _few(map(_licence, licences)),
        "isAccessibleForFree": True if access and set(access) == {"Open"} else None,
        "conditionsOfAccess": _few(access),
        "creditText": record.acknowledgement,
        "funding": _few(_grant(one.agency, one.project, one.award) for one in record.funding),
        "funder": _few(
            {"@type": "Organization", "name": one.agency} for one in record.funding if one.agency
        ),
        "isPartOf": _few(_related(record, neighbours, "PartOf", "IsPartOf")),
        "isBasedOn": _few(
            [
                *(_reference(one, neighbours) for one in record.inputs),
                *_related(record, neighbours, "DerivedFrom", "IsDerivedFrom"),
            ]
        ),
        "sdDatePublished": dates.utc(record.released) or record.released,
        "sdLicense": _few(map(_licence, record.metadata_rights)),
    }


def _licence(licence: Licence) -> Any:
    if licence.uri:
        return licence.uri
    name = licence.name or licence.identifier or licence.note
    return {"@type": "CreativeWork", "name": name} if name else None


def _grant(agency: str, project: str, award: str) -> Object:
    funder = {"@type": "Organization", "name": agency} if agency else None
    found = _filled({"name": project, "identifier": award, "funder": funder})
    return {"@type": "Grant", **found} if found else {}


def _related(record: Record, neighbours: Neighbours, *types: str) -> list[Object]:
    return [
        _reference(one.target, neighbours)
        for one in record.relations
        if one.type in types and one.target
    ]


def _reference(identifier: str, neighbours: Neighbours, kind: str = "CreativeWork") -> Object:
    known = named(neighbours, identifier)
    return _filled(
        {
            "@type": kind,
            "@id": identifiers.iri(identifier),
            "name": known.name if known else "",
        }
    )


def _dataset(record: Record, neighbours: Neighbours, catalogue: Object | None) -> Object:
    columns = [column for table in record.tables for column in table.columns]
    repositories = [one.repository for one in record.access if one.repository]
    seen_by = [*record.instruments, *record.observatories]
    return {
        "temporalCoverage": _few(map(_period, record.spans)),
        "spatialCoverage": _few(
            [
                *({"@type": "Place", "name": one} for one in record.regions),
                *(_box(one) for one in record.places),
            ]
        ),
        "measurementTechnique": _few(record.measurement_types),
        "variableMeasured": [_variable(one) for one in [*record.parameters, *columns]],
        "distribution": [
            _download(url, access.formats) for access in record.access for url in access.urls
        ],
        "includedInDataCatalog": _few(
            [
                catalogue,
                *(
                    _reference(one, neighbours, "DataCatalog")
                    for one in repositories
                    if named(neighbours, one)
                ),
            ]
        ),
        "about": _few(_reference(one, neighbours, "Thing") for one in seen_by),
    }


def _period(span: Span) -> str:
    if not span.start and not span.stop:
        return ""
    ends = (dates.utc(end) or end or ".." for end in (span.start, span.stop))
    return "/".join(ends)


def _box(place: Place) -> Object | None:
    sides = (place.south, place.west, place.north, place.east)
    if place.frame in ("GEO", "WGS84") and all(sides):
        return {"@type": "Place", "geo": {"@type": "GeoShape", "box": " ".join(sides)}}
    return {"@type": "Place", "name": place.description} if place.description else None


def _variable(parameter: Parameter) -> Object:
    return _filled(
        {
            "@type": "PropertyValue",
            "name": parameter.name or parameter.key,
            "alternateName": parameter.key if parameter.key != parameter.name else "",
            "description": shortened(parameter.description),
            "unitText": parameter.units,
            "propertyID": parameter.ucd,
        }
    )


def _download(url: AccessURL, formats: list[str]) -> Object:
    # A service's address is where one asks, and not the data themselves.
    address = "url" if url.style in _SERVICE_STYLES else "contentUrl"
    return _filled(
        {
            "@type": "DataDownload",
            "name": url.name,
            "description": url.description,
            address: url.url,
            "encodingFormat": _few(formats),
        }
    )
