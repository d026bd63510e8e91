"""The forms in which a record's address answers, and which of them a request wants."""

from __future__ import annotations

from typing import NamedTuple

from flask import Request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import dump_options_header, parse_options_header

from mappings.to_citation import FIRST, STYLES


class Form(NamedTuple):
    """One form of a record: the suffix of its address, its media type, its name for people.

    `profile` says what is written in the media type; `cites`: it is for reference managers.
    """

    suffix: str
    media_type: str
    name: str
    profile: str = ""
    cites: bool = False


FORMS = {
    form.suffix: form
    for form in (
        Form("html", "text/html", "Page"),
        Form("xml", "application/xml", "XML"),
        Form("ttl", "text/turtle", "Turtle"),
        Form("rdf", "application/rdf+xml", "RDF/XML"),
        Form("jsonld", "application/ld+json", "JSON-LD", "http://www.w3.org/ns/dcat#"),
        Form("json", "application/json", "JSON"),
        Form("schema.jsonld", "application/vnd.schemaorg.ld+json", "schema.org",
             "https://schema.org/"),
        Form("datacite.json", "application/vnd.datacite.datacite+json", "DataCite JSON",
             "http://datacite.org/schema/kernel-4"),
        Form("datacite.xml", "application/vnd.datacite.datacite+xml", "DataCite XML",
             "http://datacite.org/schema/kernel-4"),
        Form("bib", "application/x-bibtex", "BibTeX", cites=True),
        Form("ris", "application/x-research-info-systems", "RIS", cites=True),
        Form("csl.json", "application/vnd.citationstyles.csl+json", "CSL-JSON", cites=True),
        Form("txt", "text/x-bibliography", "Citation", cites=True),
        Form("linkset.json", "application/linkset+json", "Linkset",
             "https://signposting.org/FAIR/"),
    )
}  # fmt: skip
_ALSO = {
    "text/xml": "xml",
    "application/xhtml+xml": "html",
    "application/x-datacite+json": "datacite.json",
    "application/x-datacite+xml": "datacite.xml",
    "application/x-bibtex-text-file": "bib",
}
_OFFERED = {form.media_type: form.suffix for form in FORMS.values()} | _ALSO
_BYTES = ("xml", "rdf", "datacite.xml")
"""XML says its encoding itself."""
_SCHEMA_ORG = ("http://schema.org", "https://schema.org")


def suffixed(rest: str) -> list[tuple[str, str]]:
    """(stem, suffix) of a path, the longest suffix first; none where it has none of ours."""
    parts = rest.split(".")
    pairs = [(".".join(parts[:-count]), ".".join(parts[-count:])) for count in (2, 1)]
    return [(stem, suffix) for stem, suffix in pairs if stem and suffix in FORMS]


def wanted(request: Request) -> str:
    """The form that the Accept header asks for (RFC 9110, section 12.5.1); the page if none."""
    asked = []
    for value, quality in request.accept_mimetypes:
        media_type, parameters = parse_options_header(value)
        if media_type == FORMS["txt"].media_type:
            # Style and language are no other type.
            value = media_type
        elif parameters.get("profile", "").rstrip("/") in _SCHEMA_ORG:
            value = FORMS["schema.jsonld"].media_type
        elif media_type == "application/ld+json":
            value = media_type
        asked.append((value, quality))
    best = MIMEAccept(asked).best_match(list(_OFFERED), default="text/html")
    return _OFFERED[best or "text/html"]


def wanted_style(request: Request) -> str:
    """The citation style that a request asks for: `style` in the query, or with the media type.

    One that is not known in the Accept header gives the first; in the query it is given back, so
    that it can be refused.
    """
    if asked := request.args.get("style"):
        return asked
    for value, _ in request.accept_mimetypes:
        media_type, parameters = parse_options_header(value)
        if media_type == FORMS["txt"].media_type and parameters.get("style") in STYLES:
            return parameters["style"]
    return FIRST


def content_type(suffix: str, style: str = "") -> str:
    """The Content-Type of a form."""
    media_type = FORMS[suffix].media_type
    if suffix in _BYTES or media_type.endswith("json"):
        return media_type
    parameters = {"charset": "utf-8"} | ({"style": style} if style else {})
    return dump_options_header(media_type, parameters)
