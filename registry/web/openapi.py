"""The description of the API (OpenAPI 3.1.0), made from the tables that the code itself reads."""

from __future__ import annotations

from typing import Any

from registry.web.openapi_parameters import (
    AFTER,
    facet_parameters,
    path_parameter,
    records_parameters,
    search_parameters,
    suggest_parameters,
)
from registry.web.openapi_schemas import TEXT, TEXTS, examples, of, schemas
from registry.web.uploads import NDJSON, TAKEN

Object = dict[str, Any]

_CONTRADICTING = "A span that ends before it begins"
_BAD = "A parameter or value that does not exist"
_LATER = {"Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}}}


def description(address: str, title: str, held: str = "") -> Object:
    """The OpenAPI document; `address` is the site's, without a slash at its end, and `held` the
    identifier of a record that is an example."""
    paths = {
        "/api/v1/search": {"get": _search()},
        "/api/v1/suggest": {"get": _suggest()},
        "/api/v1/facets": {"get": _facets()},
        "/api/v1/facets/{name}": {"get": _facet()},
        "/api/v1/records": {"get": _records()},
        "/api/v1/records/{scheme}/{authority}/{path}": {"get": _record(held, path=True)},
        "/api/v1/records/{scheme}/{authority}": {"get": _record(held, path=False)},
        "/api/v1/validate": {"post": _validate()},
        "/api/v1/sources": {"get": _sources()},
        "/api/v1/sources/{name}": {"get": _source()},
        "/api/openapi.json": {"get": _itself()},
    }
    told = examples(address)
    for item in paths.values():
        for operation in item.values():
            operation["responses"] |= _any_time()
            _add_examples(operation, told)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{title}: API",
            "version": "1",
            "description": "Search in, and read, descriptions of the resources of heliophysics: "
            "SPASE and IVOA VOResource records.",
        },
        "servers": [{"url": address}],
        "paths": paths,
        "components": {"schemas": schemas()},
    }


def _any_time() -> Object:
    return {
        "429": {**_answer("Asked more often than is answered", "Problem"), "headers": _LATER},
        "503": {**_answer("Cannot be answered now", "Problem"), "headers": _LATER},
    }


def _add_examples(operation: Object, told: Object) -> None:
    for answer in operation["responses"].values():
        for media in answer.get("content", {}).values():
            name = media["schema"].get("$ref", "").rpartition("/")[2]
            if name in told and (name != "Problem" or answer["description"] == _BAD):
                media["example"] = told[name]


def _search() -> Object:
    return {
        "operationId": "search",
        "summary": "Search the records",
        "description": 'Every text is a legal `q`: words, "phrases", -without, prefix*, '
        "field:value, or an identifier, DOI or ORCID. A restriction can be given several times: "
        "its values are alternatives, and `-value` leaves a value out.",
        "parameters": search_parameters(),
        "responses": {
            "200": _validated("What was found", "Results") | _next("search"),
            "304": _UNCHANGED,
            "400": _answer(_BAD, "Problem"),
            "404": _answer("`after` is not what an earlier page gave", "Problem"),
            "409": _answer(_CONTRADICTING, "Problem"),
        },
    }


def _suggest() -> Object:
    return {
        "operationId": "suggest",
        "summary": "What may be meant while somebody types",
        "parameters": suggest_parameters(),
        "responses": {
            "200": _validated("Texts to search for, the likeliest first", "Suggestions"),
            "304": _UNCHANGED,
            "400": _answer(_BAD, "Problem"),
        },
    }


def _facets() -> Object:
    return {
        "operationId": "facets",
        "summary": "The facets that there are",
        "responses": {"200": _answer("Every facet", "Facets")},
    }


def _facet() -> Object:
    return {
        "operationId": "facet",
        "summary": "The values of a facet under the restrictions of a search",
        "description": "Counts are made without the facet's own restriction. All parameters of a "
        f"search but {', '.join(f'`{one}`' for one in (AFTER, 'sort'))} matter.",
        "parameters": facet_parameters(),
        "responses": {
            "200": _validated("Values, the most frequent first", "Facet"),
            "304": _UNCHANGED,
            "400": _answer(_BAD, "Problem"),
            "404": _answer("No such facet", "Problem"),
            "409": _answer(_CONTRADICTING, "Problem"),
        },
    }


def _records() -> Object:
    return {
        "operationId": "records",
        "summary": "All records in the order of their last changes, deleted ones too",
        "description": "Go on with `next` until there is none; ask again later with `latest` for "
        "what has changed since.",
        "parameters": records_parameters(),
        "responses": {
            "200": _validated("Records", "Records") | _next("records"),
            "304": _UNCHANGED,
            "400": _answer(_BAD, "Problem"),
        },
    }


def _record(held: str, *, path: bool) -> Object:
    names = ("scheme", "authority", "path") if path else ("scheme", "authority")
    scheme, _, rest = held.partition("://")
    parts = (scheme, *rest.split("/", 1)) if path and "/" in rest else ("", "", "")
    return {
        "operationId": "record" if path else "authority",
        "summary": "One record" if path else "The record of a naming authority",
        "parameters": [path_parameter(*one) for one in zip(names, parts, strict=False)],
        "responses": {
            "200": _validated("The record", "Record"),
            "300": _answer("Several records replace this one", "Successors"),
            "301": {
                **_answer("Another record replaces this one", "Successors"),
                "headers": {"Location": {"description": "where it is", "schema": TEXT}},
            },
            "304": _UNCHANGED,
            "404": _answer("No such record; `near` lists identifiers that look like it", "Problem"),
            "410": _answer("The record was deleted; `tombstone` says what it was", "Problem"),
        },
    }


def _validate() -> Object:
    bytes_: Object = {
        "type": "string",
        "format": "binary",
        "contentMediaType": "application/octet-stream",
    }
    # A file in a form may be empty, which is then what is wrong with it.
    document = {"schema": {**bytes_, "minLength": 1}}
    content = dict.fromkeys((one for one in TAKEN if one != "multipart/form-data"), document)
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "array", "minItems": 1, "items": bytes_}},
    }
    lines = {"schema": of("Report")}
    return {
        "operationId": "validate",
        "summary": "Judge a document or an archive",
        "description": "SPASE and VOResource records, OAI-PMH responses with these, or a zip or "
        "tar archive of them. Nothing is stored. The answer is streamed: one JSON object, a "
        "Report, on each line, in the order of the records. A limit that ends the judging is the "
        "last line.",
        "parameters": [
            {
                "name": name,
                "in": "query",
                "description": said,
                "required": False,
                "schema": TEXTS,
                "style": "form",
                "explode": True,
            }
            for name, said in (
                ("select", "tell only these rules, or what begins so"),
                ("ignore", "do not tell these rules, or what begins so"),
            )
        ],
        "requestBody": {
            "required": True,
            "content": {**content, "multipart/form-data": {"schema": form}},
        },
        "responses": {
            "200": {
                "description": "A Report on each line, for each record",
                "content": {NDJSON: lines},
            },
            "400": _answer("There is no document in the request", "Problem"),
            "413": _answer("The body is larger than is judged here", "Problem"),
            "415": _answer("The body is of another kind", "Problem"),
        },
    }


def _sources() -> Object:
    return {
        "operationId": "sources",
        "summary": "The sources of the records, with their last and next harvests",
        "responses": {"200": _any_object("The sources")},
    }


def _source() -> Object:
    return {
        "operationId": "source",
        "summary": "One source, with its last harvests and their log",
        "parameters": [path_parameter("source")],
        "responses": {
            "200": _any_object("The source"),
            "404": _answer("No source of this name", "Problem"),
        },
    }


def _itself() -> Object:
    return {
        "operationId": "description",
        "summary": "This description",
        "responses": {"200": _any_object("OpenAPI 3.1")},
    }


def _any_object(description_: str) -> Object:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"description": description_, "content": content}


_UNCHANGED: Object = {"description": "Not modified since what If-None-Match names"}


def _validated(said: str, schema: str) -> Object:
    tag = {"description": "for If-None-Match", "schema": TEXT}
    return {**_answer(said, schema), "headers": {"ETag": tag}}


def _next(operation: str) -> Object:
    link = {
        "operationId": operation,
        "parameters": {f"query.{AFTER}": "$response.body#/next"},
        "description": "The answer that follows, with the other parameters as they were.",
    }
    return {"links": {"next": link}}


def _answer(said: str, schema: str) -> Object:
    media_type = "application/problem+json" if schema == "Problem" else "application/json"
    return {"description": said, "content": {media_type: {"schema": of(schema)}}}
