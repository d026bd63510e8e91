"""OpenSearch: how browsers and aggregators search here (OpenSearch 1.1, draft 6)."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, request

from registry import identifiers
from registry.search.suggesting import suggestions
from registry.web.site import site

blueprint = Blueprint("opensearch", __name__)

DESCRIPTION = "application/opensearchdescription+xml"
SUGGESTIONS = "application/x-suggestions+json"
NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
_SUGGESTED = 8
_SHORT, _LONG = 16, 48
"""How many characters a ShortName and a LongName may have (section 4.4)."""


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """The description document."""
    here = site()
    title = here.settings.title
    urls = [
        ("results", "text/html", "/search?q={searchTerms}"),
        ("results", "application/json", "/api/v1/search?q={searchTerms}&limit={count?}"),
        ("suggestions", SUGGESTIONS, "/opensearch/suggest?q={searchTerms}"),
        ("self", DESCRIPTION, "/opensearch.xml"),
    ]
    lines = [
        f"<ShortName>{escape(_cut(title, _SHORT))}</ShortName>",
        f"<LongName>{escape(_cut(f'{title}: heliophysics', _LONG))}</LongName>",
        "<Description>Descriptions of the data, instruments, people and services of heliophysics."
        "</Description>",
        "<Tags>heliophysics SPASE IVOA</Tags>",
        *(
            f'<Url rel="{rel}" type="{kind}" template={quoteattr(here.address(path))} />'
            for rel, kind, path in urls
        ),
        f'<Image type="image/svg+xml">{escape(here.address("/static/mark.svg"))}</Image>',
        '<Query role="example" searchTerms="magnetic field" />',
        "<SyndicationRight>open</SyndicationRight>",
        "<AdultContent>false</AdultContent>",
        "<Language>en</Language>",
        "<InputEncoding>UTF-8</InputEncoding>",
        "<OutputEncoding>UTF-8</OutputEncoding>",
    ]
    text = "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<OpenSearchDescription xmlns="{NAMESPACE}">',
            *lines,
            "</OpenSearchDescription>",
        ]
    )
    return Response(f"{text}\n", content_type=f"{DESCRIPTION}; charset=utf-8")


@blueprint.get("/opensearch/suggest")
def suggest() -> Response:
    """Completions of `q` as browsers take them: what was typed, texts, what they are, addresses
    (OpenSearch Suggestions 1.1)."""
    here = site()
    typed = request.args.get("q", "")
    found = suggestions(here.index, typed, _SUGGESTED)
    addresses = [
        here.record_address(identifiers.key(one.identifier)) if one.identifier else ""
        for one in found
    ]
    told = [typed, [one.text for one in found], [one.kind for one in found], addresses]
    return Response(json.dumps(told, ensure_ascii=False) + "\n", content_type=SUGGESTIONS)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
