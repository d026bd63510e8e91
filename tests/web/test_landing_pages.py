"""What a record's page shows people: coverage, chain, citation, code, revisions, FAIR score."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from lxml import etree

from registry.engines import Engines
from registry.model import Access, AccessURL, Licence, Record, Span
from registry.web import fair
from registry.web.coverage_drawing import coverage_drawing
from tests.web import made
from tests.web.pages_read import find, page, text

OMNI = "/records/spase/PARHELION/NumericalData/OMNI/PT1M"
ACE = "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S"


# -- coverage --------------------------------------------------------------------------------


def test_coverage_is_drawn_to_scale() -> None:
    drawn = coverage_drawing([Span("2000-01-01", "2005-01-01"), Span("2007-07-02", "2010-01-01")])
    assert drawn
    assert [year for _, year in drawn.ticks] == [2000, 2002, 2004, 2006, 2008, 2010, 2012]
    first, second = drawn.bars
    # Five of twelve years, and from half of the eighth.
    assert first[:2] == pytest.approx((0, 416.7), abs=0.2)
    assert second[0] == pytest.approx(625, abs=1)
    assert not first[2]


def test_coverage_that_goes_on_ends_today() -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC)
    drawn = coverage_drawing([Span("2010-01-01", relative_stop="-P1Y")], now)
    assert drawn
    ((left, width, going),) = drawn.bars
    assert going
    assert width == pytest.approx(9 / 10 * 1000, abs=5) or left == 0
    assert "now" in drawn.words


@pytest.mark.parametrize("span", [Span(), Span("soon"), Span("2010-01-01", "2000-01-01")])
def test_what_has_no_dates_is_not_drawn(span: Span) -> None:
    assert coverage_drawing([span]) is None


def test_the_page_draws_coverage_and_chain_without_inline_style(client: FlaskClient) -> None:
    root = page(client.get(ACE))
    assert len(root.findall(".//{*}svg/{*}rect")) == 1
    assert not root.xpath("//@style")
    chain = text(root, "//h:section[h:h2/@id='chain']")
    assert chain.index("Instrument") < chain.index("Observatory")
    assert "ACE" in chain


# -- citation, code, parameters -----------------------------------------------------------------


def test_the_citation_stands_whole_with_the_forms_beside_it(client: FlaskClient) -> None:
    root = page(client.get(OMNI))
    assert text(root, "//h:p[contains(@class,'citation')]") == (
        "Papitashvili, N. E., & King, J. H. (2020). OMNI 1-min Data Set [Dataset]. "
        "NASA Space Physics Data Facility. https://doi.org/10.48322/45bb-8792"
    )
    links = find(root, "//h:section[h:h2/@id='cite']//h:a/@href")
    assert f"/helio{OMNI}.bib" in links
    assert f"/helio{OMNI}.txt?style=agu" in links


def test_code_for_the_data_stands_on_the_page(client: FlaskClient) -> None:
    code = text(page(client.get(ACE)), "//h:section[h:h2/@id='data']//h:pre")
    assert 'dataset = "AC_H0_MFI"' in code
    assert "hapi_load_data" in code


def test_parameters_can_be_searched(client: FlaskClient) -> None:
    def rows(words: str) -> list[str]:
        root = page(client.get(ACE, query_string={"parameters": words}))
        path = "//h:section[h:h2/@id='parameters']//h:tbody/h:tr/h:th"
        return [text(one) for one in find(root, path)]

    assert len(rows("")) == 8
    assert rows("gse Field") == ["Field, GSE"]
    assert rows("nothing-like-it") == []
    root = page(client.get(ACE, query_string={"parameters": made.HOSTILE}))
    assert not find(root, "//h:b")


# -- addresses that last ------------------------------------------------------------------------


@pytest.mark.parametrize(("suffix", "own"), [("", ""), (".html", ""), (".xml", ".xml"),
                                             (".json", ".json")])  # fmt: skip
def test_addresses_of_hpde_lead_to_the_record(client: FlaskClient, suffix: str, own: str) -> None:
    answer = client.get(f"/PARHELION/NumericalData/ACE/MAG/PT16S{suffix}")
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith(f"{ACE}{own}")


def test_addresses_of_hpde_that_lead_nowhere_are_404(client: FlaskClient) -> None:
    answer = client.get("/PARHELION/NumericalData/ACE/MAG/PT16X.html")
    assert answer.status_code == 404
    assert "/helio" + ACE in find(page(answer), "//h:main//h:a/@href")
    gone = client.get("/MADE/Repository/Vanished")
    assert gone.status_code == 301
    assert client.get("/records/spase/MADE/Repository/Vanished").status_code == 410


def test_a_revision_has_an_address_of_its_own(client: FlaskClient, engines: Engines) -> None:
    with engines.store.reading() as reader:
        kept = reader.record("spase://PARHELION/NumericalData/ACE/MAG/PT16S")
        assert kept
        (one,) = reader.revisions(kept.id)
        body = reader.body(kept)
    links = find(page(client.get(ACE)), "//h:section[h:h2/@id='history']//h:a/@href")
    assert f"/helio{ACE}?revision={one.digest[:12]}" in links
    answer = client.get(ACE, query_string={"revision": one.digest[:12]})
    assert one.digest in text(page(answer))
    assert 'rel="latest-version"' in answer.headers["Link"]
    source = client.get(f"{ACE}.xml", query_string={"revision": one.digest})
    assert source.data == body
    assert "immutable" in source.headers["Cache-Control"]
    for wrong in ("", "0" * 64, "x", one.digest[:4]):
        assert client.get(ACE, query_string={"revision": wrong}).status_code == 404


def test_the_revision_of_a_deleted_record_is_still_there(
    client: FlaskClient, engines: Engines
) -> None:
    path = "/records/spase/MADE/Repository/Vanished"
    links = find(page(client.get(path)), "//h:table//h:a/@href")
    answer = client.get(links[0].removeprefix("/helio"))
    assert answer.status_code == 200
    source = client.get(links[0].removeprefix("/helio").replace("?", ".xml?"))
    assert etree.fromstring(source.data).findtext(".//{*}ResourceName") == "Here today"


# -- FAIR -------------------------------------------------------------------------------------


def test_a_record_that_says_all_reaches_all_points(client: FlaskClient) -> None:
    poor = fair.assessed(
        Record("spase://A/B", "spase", "NumericalData", name="X"), {"@type": "Dataset"}, []
    )
    missing = {one.identifier for one in poor if one.way_up}
    assert {"FsF-F1-02D", "FsF-F2-01M", "FsF-R1.1-01M", "FsF-R1-01MD"} <= missing
    assert all(one.way_up for one in poor if one.points < one.most)
    root = page(client.get(OMNI))
    score = int(find(root, "//h:meter/@value")[0])
    assert fair.score(poor) < 60 < score <= 100


def test_a_licence_counts_when_it_has_an_address(client: FlaskClient) -> None:
    from registry.web.representations import page_links

    def points(licence: Licence) -> int:
        record = Record("spase://A/B", "spase", "NumericalData", name="X")
        record.access = [Access(urls=[AccessURL("https://x.org/")], licences=[licence])]
        linked = page_links(record, {}, "https://r.org/records/spase/A/B")
        found = fair.assessed(record, {"@type": "Dataset", "license": "said"}, linked)
        return next(one.points for one in found if one.identifier == "FsF-R1.1-01M")

    assert points(Licence(name="Ask the team")) == 1
    assert points(Licence(uri="https://spdx.org/licenses/CC0-1.0.html")) == 2


def test_what_describes_no_data_is_not_asked_for_them() -> None:
    person = fair.assessed(Record("spase://A/B", "spase", "Person"), {"@type": "Person"}, [])
    asked = {one.identifier for one in person}
    assert "FsF-F2-01M" in asked
    assert not asked & {"FsF-F3-01M", "FsF-A1-03D", "FsF-R1-01MD", "FsF-R1.3-02D"}


def test_every_kind_has_a_score(client: FlaskClient) -> None:
    for path in ("Person/SPDF", "Observatory/ACE", "Repository/SPDF", "Catalog/ICME/NearEarth"):
        root = page(client.get(f"/records/spase/PARHELION/{path}"))
        assert 0 < int(find(root, "//h:meter/@value")[0]) <= 100
