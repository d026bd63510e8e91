"""The description of the API (OpenAPI 3.1.0), made from the tables that the code itself reads."""

from __future__ import annotations

from typing import Any

from registry.findings import INVALID, NO_SCHEMA, NOT_WELL_FORMED, UNRECOGNISED, VALID
from registry.search.fields import FIELDS, SORTS
from registry.search.requests import (
    DEFAULT_FACETS,
    FACET_PARAMETERS,
    LIMIT,
    MOST,
    PARAMETERS,
)
from registry.validation.choosing import SEVERITIES
from registry.web.uploads import NDJSON, TAKEN

Object = dict[str, Any]

_DATE = r"^\d{4}(-\d\d(-\d\d(T.+)?)?)?$"
_SCHEMAS: dict[str, Object] = {
    "limit": {"type": "integer", "minimum": 0, "maximum": MOST, "default": LIMIT},
    "sort": {"type": "string", "enum": list(SORTS), "default": "relevance"},
    "from": {"type": "string", "pattern": _DATE},
    "to": {"type": "string", "pattern": _DATE},
    "inactive": {"type": "string", "enum": ["yes", "no"], "default": "no"},
}
_EXAMPLES = {"q": "ACE magnetic field 16 second", "from": "2003-10-28", "to": "2003-11"}
_TEXT: Object = {"type": "string"}
_TEXTS: Object = {"type": "array", "items": _TEXT}


def description(address: str, title: str) -> Object:
    """The OpenAPI document; `address` is the site's, without a slash at its end."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{title}: API",
            "version": "1",
            "description": "Search in, and read, descriptions of the resources of heliophysics: "
            "SPASE and IVOA VOResource records.",
        },
        "servers": [{"url": address}],
        "paths": {
            "/api/v1/search": {"get": _search()},
            "/api/v1/validate": {"post": _validate()},
            "/api/v1/records/{scheme}/{authority}/{path}": {"get": _record(path=True)},
            "/api/v1/records/{scheme}/{authority}": {"get": _record(path=False)},
            "/api/v1/sources": {"get": _sources()},
            "/api/v1/sources/{name}": {"get": _source()},
        },
        "components": {
            "schemas": {
                "Hit": _hit(),
                "Count": {
                    "type": "object",
                    "required": ["value", "count"],
                    "properties": {"value": _TEXT, "count": {"type": "integer", "minimum": 0}},
                },
                "Results": _results(),
                "Record": _record_schema(),
                "Report": _report(),
                "Finding": _finding(),
                "Problem": _problem(),
            }
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
        "parameters": [{"name": "name", "in": "path", "required": True, "schema": _TEXT}],
        "responses": {
            "200": _any_object("The source"),
            "404": _answer("No source of this name", "Problem"),
        },
    }


def _any_object(description_: str) -> Object:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"description": description_, "content": content}


def _search() -> Object:
    return {
        "operationId": "search",
        "summary": "Search the records",
        "description": 'Every text is a legal `q`: words, "phrases", -without, prefix*, '
        "field:value, or an identifier, DOI or ORCID. A restriction can be given several times: "
        "its values are alternatives, and `-value` leaves a value out.",
        "parameters": [_parameter(name, said) for name, said in PARAMETERS.items()],
        "responses": {
            "200": _answer("What was found", "Results"),
            "400": _answer("A parameter or value that does not exist", "Problem"),
            "503": _answer("The search cannot answer now", "Problem"),
        },
    }


def _parameter(name: str, said: str) -> Object:
    several = name in FACET_PARAMETERS
    found: Object = {
        "name": name,
        "in": "query",
        "description": said,
        "required": False,
        "schema": _TEXTS if several else _SCHEMAS.get(name, _TEXT),
    }
    if several:
        found |= {"style": "form", "explode": True}
    if name in _EXAMPLES:
        found["example"] = _EXAMPLES[name]
    return found


def _record(*, path: bool) -> Object:
    parameters = [
        {
            "name": "scheme",
            "in": "path",
            "required": True,
            "description": "the scheme of the identifier",
            "schema": {"type": "string", "enum": ["spase", "ivo"]},
        },
        {
            "name": "authority",
            "in": "path",
            "required": True,
            "description": "the naming authority",
            "schema": _TEXT,
            "example": "NASA",
        },
    ]
    if path:
        parameters.append(
            {
                "name": "path",
                "in": "path",
                "required": True,
                "description": "the rest of the identifier; its slashes may stand as they are",
                "schema": _TEXT,
                "example": "NumericalData/ACE/MAG/L2/PT16S",
            }
        )
    return {
        "operationId": "record" if path else "authority",
        "summary": "One record" if path else "The record of a naming authority",
        "parameters": parameters,
        "responses": {
            "200": _answer("The record", "Record"),
            "300": {"description": "Several records replace this one: `successors` lists them"},
            "301": {"description": "Another record replaces this one"},
            "304": {"description": "Not modified since"},
            "404": _answer("No such record; `near` lists identifiers that look like it", "Problem"),
            "410": _answer("The record was deleted; `tombstone` says what it was", "Problem"),
            "503": _answer("The records cannot be read now", "Problem"),
        },
    }


def _validate() -> Object:
    document = {"schema": {"type": "string", "contentMediaType": "application/octet-stream"}}
    content = dict.fromkeys((one for one in TAKEN if one != "multipart/form-data"), document)
    form = {"type": "object", "additionalProperties": document["schema"]}
    lines = {"schema": {"$ref": "#/components/schemas/Report"}}
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
                "schema": _TEXTS,
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
            "503": _answer("As many uploads are being judged as may be", "Problem"),
        },
    }


def _report() -> Object:
    return {
        "type": "object",
        "description": "What is said of one record, as `parhelion validate --format json` does.",
        "required": ["file", "id", "format", "version", "verdict", "findings"],
        "additionalProperties": False,
        "properties": {
            "file": {"type": "string", "description": "where it stands in what was sent"},
            "id": {"type": "string", "description": "its identifier; empty where it has none"},
            "format": {"type": "string", "enum": ["spase", "voresource", ""]},
            "version": _TEXT,
            "verdict": {
                "type": "string",
                "enum": [VALID, INVALID, NO_SCHEMA, NOT_WELL_FORMED, UNRECOGNISED],
            },
            "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
        },
    }


def _finding() -> Object:
    return {
        "type": "object",
        "required": ["rule", "severity", "line", "column", "path", "message"],
        "additionalProperties": False,
        "properties": {
            "rule": _TEXT,
            "severity": {"type": "string", "enum": list(SEVERITIES)},
            "line": {"type": "integer", "minimum": 0, "description": "from 1; 0: not known"},
            "column": {"type": "integer", "minimum": 0, "description": "in characters, as line"},
            "path": {"type": "string", "description": "the element, from the root"},
            "message": {"type": "string", "description": "what is wrong"},
            "remedy": {"type": "string", "description": "what to do"},
            "replacement": {"type": "string", "description": "what to write, where it is certain"},
        },
    }


def _answer(said: str, schema: str) -> Object:
    media_type = "application/problem+json" if schema == "Problem" else "application/json"
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"description": said, "content": {media_type: {"schema": reference}}}


def _hit() -> Object:
    properties: Object = {"score": {"type": "number"}}
    for field in FIELDS.values():
        if not field.stored or field.name == "digest":
            continue
        moment = {"type": "string", "format": "date-time"}
        properties[field.name] = {
            "text": _TEXT,
            "number": moment,
            "keyword": _TEXTS,
            "shown": _TEXTS if field.name.endswith("_names") else _TEXT,
        }[field.kind]
    properties["key"] = _TEXT
    properties["page"] = properties["record"] = {"type": "string", "format": "uri"}
    return {
        "type": "object",
        "required": ["identifier", "score", "page", "record"],
        "properties": properties,
    }


def _results() -> Object:
    hits = {"type": "array", "items": {"$ref": "#/components/schemas/Hit"}}
    counts = {"type": "array", "items": {"$ref": "#/components/schemas/Count"}}
    return {
        "type": "object",
        "required": ["total", "hits", "facets"],
        "properties": {
            "total": {"type": "integer", "minimum": 0},
            "hits": hits,
            "facets": {
                "type": "object",
                "properties": dict.fromkeys(DEFAULT_FACETS, counts),
            },
            "next": {
                "type": "string",
                "description": "`after` of the next page; absent at the end",
            },
            "next_url": {"type": "string", "format": "uri"},
        },
    }


def _record_schema() -> Object:
    return {
        "type": "object",
        "description": "The fields of the record that it fills; dates as written and, with "
        "`_utc`, in UTC.",
        "required": ["identifier", "format", "kind", "iri", "registry"],
        "properties": {
            "identifier": _TEXT,
            "iri": _TEXT,
            "format": {"type": "string", "enum": ["spase", "voresource"]},
            "kind": _TEXT,
            "name": _TEXT,
            "description": _TEXT,
            "registry": {
                "type": "object",
                "description": "How the record stands here: verdict, findings, dates, who "
                "refers to it.",
            },
        },
    }


def _problem() -> Object:
    return {
        "type": "object",
        "description": "A problem document (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": _TEXT,
            "status": {"type": "integer"},
            "detail": _TEXT,
            "instance": {"type": "string", "format": "uri-reference"},
            "near": _TEXTS,
            "tombstone": {"type": "object"},
        },
    }
