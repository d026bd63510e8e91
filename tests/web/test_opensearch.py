"""OpenSearch, robots.txt and sitemaps: every address by public_url, moments as they are stored."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from lxml import etree

from registry import identifiers
from registry.engines import Engines
from registry.web import sitemaps
from registry.web.application import application
from registry.web.opensearch import NAMESPACE
from tests.web.conftest import PUBLIC

O = {"o": NAMESPACE}  # noqa: E741
S = {"s": sitemaps.NAMESPACE}


def test_the_description_leads_to_the_search(client: FlaskClient) -> None:
    answer = client.get("/opensearch.xml")
    assert answer.mimetype == "application/opensearchdescription+xml"
    root = etree.fromstring(answer.data)
    assert root.tag == f"{{{NAMESPACE}}}OpenSearchDescription"
    # OpenSearch 1.1 draft 6, section 4.4: lengths, and one of each of these.
    assert len(root.findtext("o:ShortName", namespaces=O)) <= 16
    assert len(root.findtext("o:Description", namespaces=O)) <= 1024
    templates = {one.get("type"): one.get("template") for one in root.iterfind("o:Url", O)}
    assert all(one.startswith(PUBLIC) for one in templates.values())
    for kind in ("text/html", "application/json", "application/x-suggestions+json"):
        path = templates[kind].removeprefix(PUBLIC)
        found = client.get(path.replace("{searchTerms}", "ACE").replace("{count?}", ""))
        assert (found.status_code, found.mimetype) == (200, kind)
    page = client.get("/").get_data(as_text=True)
    assert 'rel="search" type="application/opensearchdescription+xml"' in page


def test_a_long_title_is_cut(engines: Engines) -> None:
    settings = engines.settings.model_copy(update={"title": "The <longest> title & more" * 3})
    asker = application(replace(engines, settings=settings)).test_client()
    root = etree.fromstring(asker.get("/opensearch.xml").data)
    assert len(root.findtext("o:ShortName", namespaces=O)) <= 16
    assert len(root.findtext("o:LongName", namespaces=O)) <= 48


def test_suggestions_as_browsers_take_them(client: FlaskClient) -> None:
    typed, texts, kinds, addresses = json.loads(client.get("/opensearch/suggest?q=ACE").data)
    assert typed == "ACE"
    assert len(texts) == len(kinds) == len(addresses) > 0
    assert any(one.startswith(f"{PUBLIC}/records/spase/PARHELION/") for one in addresses)
    assert json.loads(client.get("/opensearch/suggest").data) == ["", [], [], []]


def test_robots_are_kept_out_below_the_path_of_the_site(client: FlaskClient) -> None:
    lines = client.get("/robots.txt").get_data(as_text=True).splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /helio/search" in lines
    assert "Disallow: /helio/WS/" in lines
    assert lines[-1] == f"Sitemap: {PUBLIC}/sitemap.xml"


def test_sitemaps_tell_the_last_change(
    client: FlaskClient, engines: Engines, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Several blocks, and several batches in each.
    monkeypatch.setattr(sitemaps, "RECORDS", 50)
    monkeypatch.setattr(sitemaps, "_BATCH", 7)
    with engines.store.reading() as reader:
        stamps = {
            PUBLIC + identifiers.page_path(one.key): one.datestamp
            for some in reader.all_records()
            for one in some
        }
    index = etree.fromstring(client.get("/sitemap.xml").data)
    found: dict[str, str] = {}
    for part in index.iterfind("s:sitemap", S):
        path = part.findtext("s:loc", namespaces=S).removeprefix(PUBLIC)
        entries = {
            one.findtext("s:loc", namespaces=S): one.findtext("s:lastmod", namespaces=S)
            for one in etree.fromstring(client.get(path).data).iterfind("s:url", S)
        }
        assert 0 < len(entries) <= 50
        assert part.findtext("s:lastmod", namespaces=S) >= max(entries.values())
        found |= entries
    assert len(index) > 2
    assert found.keys() == stamps.keys()
    for address, said in found.items():
        assert datetime.fromisoformat(said) == datetime.fromtimestamp(stamps[address], UTC)


@pytest.mark.parametrize("path", ["/sitemap/0.xml", "/sitemap/99.xml", "/sitemap/x.xml"])
def test_there_are_no_other_sitemaps(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404
