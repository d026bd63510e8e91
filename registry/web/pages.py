"""The first page, and what crawlers ask for."""

from __future__ import annotations

from typing import NamedTuple
from xml.sax.saxutils import escape

from flask import Blueprint, Response

from registry.store.reading import Reader
from registry.web.presentation import render
from registry.web.site import site

blueprint = Blueprint("pages", __name__)

SITEMAP_RECORDS = 20_000
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


class Totals(NamedTuple):
    """How many records there are, in all and by format, kind and verdict, many first."""

    total: int
    formats: list[tuple[str, int]]
    kinds: list[tuple[str, int]]
    verdicts: list[tuple[str, int]]


def totals(reader: Reader) -> Totals:
    """What the registry holds."""
    rows = reader.counts()
    sums: list[dict[str, int]] = [{}, {}, {}]
    for *names, number in rows:
        for column, name in zip(sums, names, strict=True):
            column[name] = column.get(name, 0) + number
    ranked = [sorted(column.items(), key=lambda item: (-item[1], item[0])) for column in sums]
    return Totals(sum(row[3] for row in rows), *ranked)


@blueprint.get("/")
def home() -> Response:
    """What this is, what it holds, a search box, and the ways in for programs."""
    with site().store.reading() as reader:
        held = totals(reader)
    return render("home.html", held=held)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Pages may be read; searches, of which there are endlessly many, may not."""
    lines = [
        "User-agent: *",
        "Disallow: /search",
        "Disallow: /api/",
        "Disallow: /sparql",
        "Disallow: /oai",
        "Disallow: /validate",
        "Disallow: /quality/",
        f"Sitemap: {site().address('/sitemap.xml')}",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """The index of the sitemaps (sitemaps.org protocol 0.9)."""
    with site().store.reading() as reader:
        count = totals(reader).total
    number = max(1, -(-count // SITEMAP_RECORDS))
    addresses = [site().address(f"/sitemap/{one}.xml") for one in range(1, number + 1)]
    return _map("sitemapindex", "sitemap", addresses)


@blueprint.get("/sitemap/<int:one>.xml")
def sitemap_part(one: int) -> Response:
    """The addresses of a part of the records' pages."""
    with site().store.reading() as reader:
        keys = reader.keys(SITEMAP_RECORDS * max(one - 1, 0), SITEMAP_RECORDS)
    return _map("urlset", "url", [site().record_address(key) for key in keys])


def _map(root: str, item: str, addresses: list[str]) -> Response:
    lines = [f"<{item}><loc>{escape(address)}</loc></{item}>" for address in addresses]
    text = "\n".join(
        ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{_SITEMAP}">', *lines]
    )
    return Response(f"{text}\n</{root}>\n", content_type="application/xml; charset=utf-8")
