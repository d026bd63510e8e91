"""Vocabularies and terms in the forms that programs ask for: Turtle, JSON-LD, RDF/XML, desise."""

from __future__ import annotations

import json
from functools import cache
from typing import NamedTuple

from flask import Request

from mappings.rdf_serialisations import serialise
from vocabularies import catalogue, terms, turtle
from vocabularies.desise import MEDIA_TYPE, desise


class Form(NamedTuple):
    """One form: the suffix of its address, its media type, its name for people."""

    suffix: str
    media_type: str
    name: str


FORMS = {
    form.suffix: form
    for form in (
        Form("html", "text/html", "Page"),
        Form("ttl", "text/turtle", "Turtle"),
        Form("jsonld", "application/ld+json", "JSON-LD"),
        Form("rdf", "application/rdf+xml", "RDF/XML"),
        Form("json", MEDIA_TYPE, "desise JSON"),
    )
}
_ALSO = {"application/xhtml+xml": "html", "application/json": "json"}
_RDF = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}


def wanted(request: Request) -> str:
    """The form that the Accept header asks for (RFC 9110, section 12.5.1); the page if none."""
    offered = {form.media_type: form.suffix for form in FORMS.values()} | _ALSO
    best = request.accept_mimetypes.best_match(list(offered), default="text/html")
    return offered[best or "text/html"]


def content_type(suffix: str) -> str:
    """The Content-Type of a form; XML and JSON say or fix their encoding themselves."""
    media_type = FORMS[suffix].media_type
    return f"{media_type}; charset=utf-8" if suffix in ("html", "ttl") else media_type


@cache
def vocabulary(path: str, suffix: str) -> bytes:
    """A whole vocabulary in a form other than the page; a Turtle file as people edit it."""
    if suffix == "json":
        return _json(desise(path))
    file = catalogue.vocabularies()[path].made_from
    if suffix == "ttl" and file:
        return turtle.text(file).encode()
    lines = (f"{s} {p} {o} ." for s, p, o in catalogue.triples_of(path))
    return serialise(lines, _RDF[suffix]).encode()


def term(one: terms.Term, suffix: str) -> bytes:
    """One term in a form other than the page; desise with that term alone."""
    if suffix == "json":
        whole = desise(one.scheme)
        return _json(whole | {"terms": {one.local: whole["terms"][one.local]}})
    subject = f"<{one.iri}>"
    lines = (f"{s} {p} {o} ." for s, p, o in catalogue.triples_of(one.scheme) if s == subject)
    return serialise(lines, _RDF[suffix]).encode()


def _json(found: object) -> bytes:
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()
