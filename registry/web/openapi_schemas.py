"""What the API's answers hold (JSON Schema 2020-12, as OpenAPI 3.1 has it), and examples of it."""

from __future__ import annotations

from typing import Any

from registry.findings import INVALID, NO_SCHEMA, NOT_WELL_FORMED, UNRECOGNISED, VALID
from registry.search.fields import FIELDS
from registry.search.requests import DEFAULT_FACETS, FACET_PARAMETERS
from registry.validation.choosing import SEVERITIES

Object = dict[str, Any]

TEXT: Object = {"type": "string"}
TEXTS: Object = {"type": "array", "items": TEXT}
ADDRESS: Object = {"type": "string", "format": "uri"}
MOMENT: Object = {"type": "string", "format": "date-time"}
_COUNT: Object = {"type": "integer", "minimum": 0}


def schemas() -> Object:
    """Every schema of `components`, by name."""
    return {
        "Hit": _hit(),
        "Count": {
            "type": "object",
            "required": ["value", "count"],
            "properties": {"value": TEXT, "count": _COUNT},
        },
        "Results": _results(),
        "Suggestions": _suggestions(),
        "Facets": _facets(),
        "Facet": _facet(),
        "Records": _records(),
        "Record": _record(),
        "Successors": {
            "type": "object",
            "required": ["prior", "successors"],
            "properties": {"prior": TEXT, "successors": {"type": "array", "items": ADDRESS}},
        },
        "Report": _report(),
        "Finding": _finding(),
        "Problem": _problem(),
    }


def of(name: str) -> Object:
    """The reference to one of the schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def _hit() -> Object:
    properties: Object = {"score": {"type": "number"}}
    for field in FIELDS.values():
        if not field.stored or field.name == "digest":
            continue
        properties[field.name] = {
            "text": TEXT,
            "number": MOMENT,
            "keyword": TEXTS,
            "shown": TEXTS if field.name.endswith("_names") else TEXT,
        }[field.kind]
    properties["key"] = TEXT
    properties["page"] = properties["record"] = ADDRESS
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
            "forgiven": {
                **TEXTS,
                "description": "words of `q` for which similarly spelt ones were taken too, "
                "because what was typed finds little; absent where none were",
            },
            "respelt": {
                "type": "string",
                "description": "`q` as it may have been meant; absent where it is spelt well",
            },
            "whole": {
                "type": "integer",
                "minimum": 0,
                "description": "how many of these records have all words of `q`, where that are so "
                "few that what has most of them was found too; absent where all have all",
            },
            "next": {
                "type": "string",
                "description": "`after` of the next page; absent at the end",
            },
            "next_url": ADDRESS,
        },
    }


def _record() -> Object:
    return {
        "type": "object",
        "description": "The fields of the record that it fills; dates as written and, with "
        "`_utc`, in UTC.",
        "required": ["identifier", "format", "kind", "iri", "registry"],
        "properties": {
            "identifier": TEXT,
            "iri": TEXT,
            "format": {"type": "string", "enum": ["spase", "voresource"]},
            "kind": TEXT,
            "name": TEXT,
            "description": TEXT,
            "registry": {
                "type": "object",
                "description": "How the record stands here: verdict, findings, dates, who "
                "refers to it.",
            },
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
            "version": TEXT,
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
            "rule": TEXT,
            "severity": {"type": "string", "enum": list(SEVERITIES)},
            "line": {"type": "integer", "minimum": 0, "description": "from 1; 0: not known"},
            "column": {"type": "integer", "minimum": 0, "description": "in characters, as line"},
            "path": {"type": "string", "description": "the element, from the root"},
            "message": {"type": "string", "description": "what is wrong"},
            "remedy": {"type": "string", "description": "what to do"},
            "replacement": {"type": "string", "description": "what to write, where it is certain"},
        },
    }


def _suggestions() -> Object:
    one = {
        "type": "object",
        "required": ["text"],
        "properties": {
            "text": TEXT,
            "kind": TEXT,
            "identifier": TEXT,
            "page": ADDRESS,
            "record": ADDRESS,
        },
    }
    return {
        "type": "object",
        "required": ["suggestions"],
        "properties": {"suggestions": {"type": "array", "items": one}},
    }


def _facets() -> Object:
    one = {
        "type": "object",
        "required": ["facet", "title", "values"],
        "properties": {"facet": TEXT, "title": TEXT, "values": ADDRESS},
    }
    return {
        "type": "object",
        "required": ["facets"],
        "properties": {"facets": {"type": "array", "items": one}},
    }


def _facet() -> Object:
    one = {
        "type": "object",
        "required": ["value", "count"],
        "properties": {
            "value": TEXT,
            "count": _COUNT,
            "name": {"type": "string", "description": "of the record that the value identifies"},
        },
    }
    return {
        "type": "object",
        "required": ["facet", "title", "values"],
        "properties": {
            "facet": {"type": "string", "enum": list(FACET_PARAMETERS)},
            "title": TEXT,
            "values": {"type": "array", "items": one},
        },
    }


def _records() -> Object:
    one = {
        "type": "object",
        "description": "A deleted record has no version and no verdict.",
        "required": ["identifier", "format", "kind", "status", "changed", "page", "record"],
        "properties": {
            "identifier": TEXT,
            "format": {"type": "string", "enum": ["spase", "voresource"]},
            "kind": TEXT,
            "name": TEXT,
            "status": {
                "type": "string",
                "enum": [
                    "active", "inactive", "deprecated", "withdrawn", "unavailable", "deleted",
                ],
            },
            "version": TEXT,
            "verdict": {"type": "string", "enum": [VALID, INVALID, NO_SCHEMA]},
            "doi": TEXT,
            "changed": MOMENT,
            "page": ADDRESS,
            "record": ADDRESS,
        },
    }  # fmt: skip
    return {
        "type": "object",
        "required": ["records"],
        "properties": {
            "records": {"type": "array", "items": one},
            "next": {"type": "string", "description": "`after` of the next answer"},
            "next_url": ADDRESS,
            "latest": {
                "type": "string",
                "description": "in the last answer: `after` for what changes later",
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
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "instance": {"type": "string", "format": "uri-reference"},
            "near": TEXTS,
            "tombstone": {"type": "object"},
        },
    }


def examples(address: str) -> Object:
    """An answer of each kind, by the name of its schema; `address` is the site's."""
    ace = "NASA/NumericalData/ACE/MAG/L2/PT16S"
    identifier, page = f"spase://{ace}", f"{address}/records/spase/{ace}"
    record = f"{address}/api/v1/records/spase/{ace}"
    places = {"page": page, "record": record}
    own = {"identifier": identifier, "format": "spase", "kind": "NumericalData"}
    return {
        "Results": {
            "total": 1,
            "hits": [
                {
                    "identifier": identifier, "score": 14.2, "kind": ["NumericalData"],
                    "name": "ACE Magnetic Field 16-Second Level 2 Data",
                    "start": "1997-09-02T00:00:12Z", **places,
                }
            ],
            "facets": {"kind": [{"value": "NumericalData", "count": 1}]},
        },
        "Suggestions": {
            "suggestions": [
                {"text": "ACE", "kind": "Observatory",
                 "identifier": "spase://SMWG/Observatory/ACE",
                 "page": f"{address}/records/spase/SMWG/Observatory/ACE",
                 "record": f"{address}/api/v1/records/spase/SMWG/Observatory/ACE"}
            ]
        },
        "Facets": {
            "facets": [
                {"facet": "kind", "title": FACET_PARAMETERS["kind"],
                 "values": f"{address}/api/v1/facets/kind"}
            ]
        },
        "Facet": {
            "facet": "observatory",
            "title": FACET_PARAMETERS["observatory"],
            "values": [{"value": "spase://SMWG/Observatory/ACE", "count": 42, "name": "ACE"}],
        },
        "Records": {
            "records": [
                {**own, "status": "active", "version": "2.7.1", "verdict": "valid",
                 "changed": "2026-08-08T10:20:30Z", **places}
            ],
            "latest": "54274",
        },
        "Record": {
            **own, "iri": identifier, "name": "ACE Magnetic Field 16-Second Level 2 Data",
            "registry": {"page": page, "verdict": "valid", "changed": "2026-08-08T10:20:30Z"},
        },
        "Successors": {"prior": "spase://VSPO/NumericalData/Split",
                       "successors": [record, f"{record}.v2"]},
        "Problem": {
            "type": "about:blank", "title": "Bad Request", "status": 400,
            "detail": "There is no parameter 'kidn'; did you mean 'kind'?",
            "instance": "/api/v1/search?kidn=Person",
        },
    }  # fmt: skip
