"""What crawlers ask for: robots.txt, and the sitemaps with the address of every record."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from flask import Blueprint, Response, abort

from registry.store.blocks import blocks, in_block
from registry.web.moments import utc
from registry.web.site import Site, site

blueprint = Blueprint("sitemaps", __name__)

RECORDS = 20_000
"""Ids of records in one sitemap; the protocol allows 50,000 addresses."""
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
CLOSED = ("/search", "/api/", "/WS/", "/sparql", "/oai", "/opensearch/", "/validate", "/quality/")
"""Paths that crawlers keep out of: there are endlessly many answers below them."""
_BATCH = 2000
_XML = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Pages may be read; searches, of which there are endlessly many, may not (RFC 9309)."""
    here = site()
    prefix = urlsplit(here.settings.base_url()).path
    lines = [
        "User-agent: *",
        *(f"Disallow: {prefix}{path}" for path in CLOSED),
        f"Sitemap: {here.address('/sitemap.xml')}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def index() -> Response:
    """The index of the sitemaps (sitemaps.org protocol 0.9)."""
    here = site()
    with here.store.reading() as reader:
        found = blocks(reader, RECORDS)
    lines = [
        _entry("sitemap", here.address(f"/sitemap/{number}.xml"), newest)
        for number, newest in found
    ]
    text = f'{_HEAD}<sitemapindex xmlns="{NAMESPACE}">\n{"".join(lines)}</sitemapindex>\n'
    return Response(text, content_type=_XML)


@blueprint.get("/sitemap/<int:number>.xml")
def sitemap(number: int) -> Response:
    """The addresses of the records of one block, with the moment of their last change."""
    here = site()
    with here.store.reading() as reader:
        if number not in dict(blocks(reader, RECORDS)):
            abort(404)
    return Response(_written(here, number), content_type=_XML)


def _written(here: Site, number: int) -> Iterator[str]:
    yield f'{_HEAD}<urlset xmlns="{NAMESPACE}">\n'
    after = 0
    while True:
        with here.store.reading() as reader:
            found = in_block(reader, number, RECORDS, after, _BATCH)
        if not found:
            break
        yield "".join(_entry("url", here.record_address(key), moved) for _, key, moved in found)
        after = found[-1][0]
    yield "</urlset>\n"


def _entry(name: str, address: str, moved: int) -> str:
    moment = utc(moved)
    changed = f"<lastmod>{moment}</lastmod>" if moment else ""
    return f"<{name}><loc>{escape(address)}</loc>{changed}</{name}>\n"
