"""What a record's page is linked with, for machines: Signposting, as Link headers and as a linkset.

FAIR Signposting Profile, levels 1 and 2 (signposting.org/FAIR); link relations of the IANA
registry; linkset as application/linkset+json (RFC 9264, section 4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from mappings import agents
from mappings.to_schema_org import schema_type
from registry import identifiers
from registry.model import Neighbours, Record

Object = dict[str, Any]

IN_HEADERS = 3000
"""So many characters of links stand in headers, since proxies take 4 or 8 kB of headers and no
more; a linkset has all links."""

_FILES = ("", "File", "Listing", "Template")
"""Styles of addresses where the data themselves are, and not a service that is asked for them."""
_MEDIA_TYPES = {
    "CSV": "text/csv",
    "FITS": "application/fits",
    "HDF5": "application/x-hdf5",
    "HTML": "text/html",
    "JPEG": "image/jpeg",
    "JSON": "application/json",
    "MPEG": "video/mpeg",
    "NetCDF": "application/netcdf",
    "PDF": "application/pdf",
    "PNG": "image/png",
    "Text": "text/plain",
    "VOTable": "application/x-votable+xml",
    "XML": "application/xml",
}


@dataclass(slots=True, frozen=True)
class Link:
    """One link (RFC 8288) from the page: relation, target, and attributes of the target."""

    rel: str
    href: str
    media_type: str = ""
    profile: str = ""


@dataclass(slots=True, frozen=True)
class Form:
    """A description of the record under an address of its own."""

    href: str
    media_type: str
    profile: str = ""


def links(record: Record, neighbours: Neighbours, page: str, forms: Sequence[Form]) -> list[Link]:
    """The links of the page at `page`, whose other forms are `forms`."""
    doi = identifiers.doi(record.doi)
    found = [
        Link("cite-as", f"https://doi.org/{_iri(doi)}" if doi else page),
        Link("type", "https://schema.org/AboutPage"),
        Link("type", f"https://schema.org/{schema_type(record)}"),
    ]
    found += [Link("author", one) for one in _authors(record, neighbours)]
    found += [Link("license", one) for one in _licences(record)]
    found += [Link("describedby", one.href, one.media_type, one.profile) for one in forms]
    return [*found, *_items(record)]


def header(found: Iterable[Link], room: int = IN_HEADERS) -> str:
    """The links as the value of a Link header, as many as there is room for; the first first."""
    told: list[str] = []
    for text in map(_written, found):
        room -= len(text) + 2
        if room < 0:
            break
        told.append(text)
    return ", ".join(told)


def linkset(page: str, found: Sequence[Link]) -> Object:
    """All links in both directions: from the page, and to it from its forms and from the data."""
    own: Object = {"anchor": page}
    for one in found:
        own.setdefault(one.rel, []).append(_target(one))
    back: list[Object] = [
        {"anchor": one.href, "describes": [{"href": page, "type": "text/html"}]}
        for one in found
        if one.rel == "describedby"
    ]
    back += [
        {"anchor": one.href, "collection": [{"href": page, "type": "text/html"}]}
        for one in found
        if one.rel == "item"
    ]
    return {"linkset": [own, *back]}


def _written(one: Link) -> str:
    parts = [f"<{one.href}>", f'rel="{one.rel}"']
    parts += [f'type="{one.media_type}"'] if one.media_type else []
    parts += [f'profile="{one.profile}"'] if one.profile else []
    return "; ".join(parts)


def _target(one: Link) -> Object:
    found = {"href": one.href, "type": one.media_type, "profile": one.profile}
    return {name: value for name, value in found.items() if value}


def _authors(record: Record, neighbours: Neighbours) -> list[str]:
    found = []
    for one in agents.creators(record, neighbours):
        if one.orcid:
            found.append(f"https://orcid.org/{one.orcid}")
        elif one.ror:
            found.append(f"https://ror.org/{one.ror}")
    return list(dict.fromkeys(found))


def _licences(record: Record) -> list[str]:
    rights = [*record.rights, *(one for access in record.access for one in access.licences)]
    return list(dict.fromkeys(filter(None, (_iri(one.uri) for one in rights if _web(one.uri)))))


def _items(record: Record) -> list[Link]:
    found: dict[str, Link] = {}
    for access in record.access:
        types = {_MEDIA_TYPES.get(one, "") for one in access.formats}
        media_type = types.pop() if len(types) == 1 else ""
        for url in access.urls:
            # A folder's page has another type than the files in it.
            folder = url.url.strip().endswith("/")
            if url.style in _FILES and _web(url.url):
                address = _iri(url.url)
                found.setdefault(address, Link("item", address, "" if folder else media_type))
    return list(found.values())


def _web(text: str) -> bool:
    return text.strip().lower().startswith(("http://", "https://", "ftp://", "ftps://"))


def _iri(text: str) -> str:
    # In headers nothing but ASCII can stand, and none of what would end the address.
    return quote(text.strip(), safe="!#$%&'()*+,/:;=?@[]~")
