"""The ways on from a result: to a record, to a facet's values, to files, feed and pictures."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from urllib.parse import parse_qsl, urlsplit

import pytest
from astropy.io.votable import parse
from flask.testing import FlaskClient
from lxml import etree

from registry.engines import Engines
from registry.web import searching_exports
from schemas.documents import element
from tests.web.pages_read import find, page, text

ACE = "spase://PARHELION/NumericalData/ACE/MAG/PT16S"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
SVG = {"s": "http://www.w3.org/2000/svg"}


def total(client: FlaskClient, query: str) -> int:
    told = client.get(f"/api/v1/search?limit=0&{query}").get_json()
    return int(told["total"])


def keys(client: FlaskClient, query: str) -> set[str]:
    told = client.get(f"/api/v1/search?limit=500&{query}").get_json()
    return {one["identifier"] for one in told["hits"]}


# -- what was pasted -----------------------------------------------------------------------------


@pytest.mark.parametrize("pasted", [
    ACE, f" <{ACE}> ", "https://hpde.io/PARHELION/NumericalData/ACE/MAG/PT16S.html",
    "https://elsewhere.example/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S",
])  # fmt: skip
def test_what_names_one_record_leads_to_it(client: FlaskClient, pasted: str) -> None:
    answer = client.get("/search", query_string={"q": pasted})
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(
        "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S"
    )


def test_a_doi_and_an_orcid_lead_to_their_records(client: FlaskClient, engines: Engines) -> None:
    with engines.store.reading() as reader:
        kept = [one for some in reader.all_records() for one in some]
        labels = reader.labels([one.key for one in kept if one.kind == "Person"])
        people = [label for label in labels.values() if label.orcid]
    dois = [one.doi for one in kept if one.doi]
    known = next(one for one in kept if one.doi and dois.count(one.doi) == 1)
    answer = client.get("/search", query_string={"q": f"https://doi.org/{known.doi}"})
    assert answer.headers["Location"].endswith(known.key.partition("://")[2])
    orcids = [one.orcid for one in people]
    alone = next(one for one in people if orcids.count(one.orcid) == 1)
    answer = client.get("/search", query_string={"q": f"https://orcid.org/{alone.orcid}"})
    assert answer.headers["Location"].endswith(alone.identifier.partition("://")[2])


def test_a_mistyped_identifier_names_those_like_it(client: FlaskClient) -> None:
    answer = client.get("/search", query_string={"q": ACE.replace("PT16S", "PT17S")})
    assert answer.status_code == 200
    assert ACE in text(page(answer))


# -- what is said --------------------------------------------------------------------------------


def test_forgiven_words_are_named(client: FlaskClient) -> None:
    told = page(client.get("/search?q=magnetometre+interplanetery"))
    notice = text(told, "//h:p[@class='notice']")
    assert "interplanetery" in notice
    assert not find(page(client.get("/search?q=ACE")), "//h:p[@class='notice']")


def test_what_was_meant_is_one_step_away(client: FlaskClient) -> None:
    told = page(client.get("/search?q=magnetic+interplanetery&kind=NumericalData"))
    (link,) = find(told, "//h:p[@class='notice']/h:a/@href")
    meant = [("q", "magnetic interplanetary"), ("kind", "NumericalData")]
    assert sorted(parse_qsl(urlsplit(link).query)) == sorted(meant)


def test_it_is_said_where_nothing_has_all_words(client: FlaskClient) -> None:
    told = page(client.get("/search?q=ACE+magnetic+xyzzyplugh"))
    assert "No record has all of these words" in text(told, "//h:p[@class='notice']")
    assert find(told, "//h:ol[@class='hits']/h:li")


def test_what_was_searched_for_is_marked(client: FlaskClient) -> None:
    told = page(client.get("/search?q=magnetic+%26+second"))
    marks = {text(one).lower() for one in find(told, "//h:ol[@class='hits']//h:mark")}
    assert {"magnetic"} <= marks
    assert all(one.startswith(("magnet", "second", "sec", "s", "b")) for one in marks)


def test_where_it_matched_is_said_of_what_is_not_shown(client: FlaskClient) -> None:
    told = page(client.get("/search?q=people:Smith"))
    assert told is not None
    shown = [one for one in find(page(client.get("/search?q=CDF")), "//h:p[@class='hit-why']")]
    assert all(text(one).startswith("Found in its") for one in shown)


def test_a_hit_has_its_ways_to_the_data(client: FlaskClient) -> None:
    told = page(client.get("/search?q=ACE+magnetic+16+second&kind=NumericalData"))
    first = find(told, "//h:ol[@class='hits']/h:li")[0]
    styles = [text(one) for one in find(first, ".//h:span[@class='way-style']")]
    assert "HAPI" in styles
    assert find(first, ".//*[local-name()='svg']/*[contains(@class, 'bar-span')]")


def test_an_unknown_value_is_named_with_those_like_it(client: FlaskClient) -> None:
    told = page(client.get("/search?region=Heliospere"))
    link = find(told, "//h:div[@class='nothing']//h:a[text()='Heliosphere']/@href")[0]
    assert parse_qsl(urlsplit(link).query) == [("region", "Heliosphere")]
    assert "Heliospere" in text(told, "//h:div[@class='nothing']")


def test_the_form_sends_a_span_that_is_led_to_its_parameter(client: FlaskClient) -> None:
    answer = client.get("/search?q=x&span=covers&from=2003-10-28&to=2003-11-05&kind=Person")
    sent = urlsplit(answer.headers["Location"])
    assert dict(parse_qsl(sent.query)) == {
        "q": "x", "kind": "Person", "covers": "2003-10-28/2003-11-05",
    }  # fmt: skip
    answer = client.get("/search?span=overlaps&from=2003&to=&cadence_from=PT1S&cadence_to=")
    assert dict(parse_qsl(urlsplit(answer.headers["Location"]).query)) == {
        "from": "2003", "cadence_range": "PT1S/..",
    }  # fmt: skip
    shown = page(client.get("/search?covers=2003-10-28/.."))
    assert find(shown, "//h:select[@id='span']/h:option[@selected]/@value") == ["covers"]
    assert find(shown, "//h:input[@id='from']/@value") == ["2003-10-28"]
    assert client.get("/search?span=sideways").status_code == 400


# -- one facet -----------------------------------------------------------------------------------


def test_all_values_of_a_facet_and_those_with_some_letters(client: FlaskClient) -> None:
    told = page(client.get("/search/values/kind?q=ACE"))
    counts = {
        find(one, "h:a[@class='choice-name']/@href")[0]: int(text(one, "h:span[1]"))
        for one in find(told, "//h:li[contains(@class, 'choice')]")
    }
    assert counts
    for address, count in counts.items():
        assert total(client, urlsplit(address).query) == count
    some = page(client.get("/search/values/kind?q=ACE&find=numer"))
    names = [text(one) for one in find(some, "//h:a[@class='choice-name']")]
    assert names
    assert all("numer" in one.lower() for one in names)
    assert client.get("/search/values/knid").status_code == 404
    assert "kind" in text(page(client.get("/search/values/knid")))


def test_regions_stand_below_those_that_hold_them(client: FlaskClient) -> None:
    told = page(client.get("/search/values/region"))
    above = ""
    deep = 0
    for one in find(told, "//h:li[contains(@class, 'choice')]"):
        address = find(one, "h:a[@class='choice-name']/@href")[0]
        value = dict(parse_qsl(urlsplit(address).query))["region"]
        if "depth-0" in one.get("class"):
            above = value
        else:
            deep += 1
            assert value.startswith(f"{above}.")
    assert deep


# -- whole results -------------------------------------------------------------------------------


def test_a_table_has_every_record_once(client: FlaskClient) -> None:
    answer = client.get("/search/export/csv?q=field&limit=2")
    assert answer.mimetype == "text/csv"
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    found = [line["identifier"] for line in lines]
    assert len(found) == len(set(found)) > 2
    assert set(found) == keys(client, "q=field")
    told = json.loads(client.get("/search/export/json?q=field").data)["records"]
    assert {one["identifier"] for one in told} == set(found)


def test_a_cell_is_no_formula() -> None:
    begun = [one for one in ("=1+1", "+1", "-1", "@x", "\tx") if searching_exports.cell(one) == one]
    assert begun == []
    assert searching_exports.cell("a=1") == "a=1"


def test_a_votable_is_read_by_astropy(client: FlaskClient) -> None:
    answer = client.get("/search/export/votable?q=ACE")
    read = parse(io.BytesIO(answer.data), verify="exception")
    table = read.get_first_table().to_table()
    assert set(table["identifier"]) == keys(client, "q=ACE")
    status = [one.value for one in read.resources[0].infos if one.name == "QUERY_STATUS"]
    assert status == ["OK"]


@pytest.mark.parametrize(("form", "begin"), [("bibtex", "@misc{"), ("ris", "TY  - ")])
def test_every_record_is_cited(client: FlaskClient, form: str, begin: str) -> None:
    told = client.get(f"/search/export/{form}?q=ACE").get_data(as_text=True)
    assert sum(line.startswith(begin) for line in told.splitlines()) == total(client, "q=ACE")


def test_the_archive_has_the_records_byte_by_byte(client: FlaskClient, engines: Engines) -> None:
    answer = client.get("/search/export/spase?q=ACE")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    wanted = {one for one in keys(client, "q=ACE") if one.startswith("spase:")}
    assert len(archive.namelist()) == len(wanted)
    name = ACE.removeprefix("spase://") + ".xml"
    with engines.store.reading() as reader:
        kept = reader.record(ACE)
        assert kept is not None
        assert archive.read(name) == reader.body(kept)
    assert element(archive.read(name)) is not None


def test_only_so_many_are_exported_at_once(client: FlaskClient) -> None:
    begun = [client.get("/search/export/json", buffered=False)
             for _ in range(searching_exports.AT_ONCE)]  # fmt: skip
    refused = client.get("/search/export/json")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    for one in begun:
        one.close()
    assert client.get("/search/export/json").status_code == 200


def test_an_unknown_form_or_parameter_is_refused(client: FlaskClient) -> None:
    assert client.get("/search/export/xlsx").status_code == 404
    assert client.get("/search/export/csv?kidn=x").status_code == 400
    assert client.get("/search/export/csv?kidn=x").status_code == 400


# -- feed and pictures ---------------------------------------------------------------------------


def test_the_feed_has_what_the_search_finds_newest_first(client: FlaskClient) -> None:
    answer = client.get("/search/feed?kind=Person")
    assert answer.mimetype == "application/atom+xml"
    root = etree.fromstring(answer.data)
    entries = root.findall("a:entry", ATOM)
    assert len(entries) == min(total(client, "kind=Person"), 50)
    updated = [one.findtext("a:updated", namespaces=ATOM) for one in entries]
    assert updated == sorted(updated, reverse=True)
    for need in ("id", "title", "updated", "author/a:name"):
        assert root.findtext(f"a:{need}", namespaces=ATOM)
    etag = answer.headers["ETag"]
    again = client.get("/search/feed?kind=Person", headers={"If-None-Match": etag})
    assert again.status_code == 304


def test_a_year_of_the_timeline_is_what_its_link_finds(client: FlaskClient) -> None:
    answer = client.get("/search/timeline.svg?kind=NumericalData")
    assert answer.mimetype == "image/svg+xml"
    root = etree.fromstring(answer.data)
    years = root.findall("s:a", SVG)
    assert len(years) > 60
    for one in years[::9]:
        query = urlsplit(one.get("href")).query
        said = one.findtext("s:title", namespaces=SVG).split()
        assert int(said[1].replace(",", "")) == total(client, query)


def test_a_station_of_the_map_is_a_link(client: FlaskClient) -> None:
    root = etree.fromstring(client.get("/search/map.svg").data)
    for one in root.findall("s:a", SVG):
        assert "observatory=" in one.get("href")
        circle = one.find("s:circle", SVG)
        assert 0 <= float(circle.get("cx")) <= 720
        assert 0 <= float(circle.get("cy")) <= 360


def test_records_like_one(client: FlaskClient) -> None:
    told = page(client.get(f"/search/similar?record={ACE}"))
    found = [text(one) for one in find(told, "//h:p[@class='hit-id']")]
    assert found
    assert ACE not in found
    assert client.get("/search/similar?record=spase://NO/SUCH").status_code == 404
    assert client.get("/search/similar").status_code == 400


def test_the_search_is_said_in_the_words_of_programs(client: FlaskClient) -> None:
    told = page(client.get(
        "/search?q=field&kind=NumericalData&from=2003-10-28&to=2003-11-05"
        "&observatory=spase://PARHELION/Observatory/ACE"
    ))  # fmt: skip
    names = [text(one) for one in find(told, "//h:details[@class='copies']/h:h3")]
    assert names == ["Address", "API", "Python, requests", "Python, pyvo", "SPARQL"]
    programs = find(told, "//h:details[@class='copies']/h:pre")
    for number in (2, 3):
        compile("".join(programs[number].itertext()), "copied", "exec")
    assert "DALQuery" in text(programs[3])


def test_the_sparql_of_a_search_finds_the_same(client: FlaskClient) -> None:
    query = "kind=NumericalData&observatory=spase://PARHELION/Observatory/ACE&from=1998&to=1999"
    told = page(client.get(f"/search?{query}"))
    sparql = "".join(find(told, "//h:details[@class='copies']/h:pre")[-1].itertext())
    answer = client.get("/sparql", query_string={"query": sparql, "format": "json"})
    assert answer.status_code == 200, answer.data
    rows = json.loads(answer.data)["results"]["bindings"]
    assert {row["record"]["value"] for row in rows} == keys(client, query) != set()


def test_the_api_forgives_and_says_so(client: FlaskClient) -> None:
    told = client.get("/api/v1/search?q=interplanetery").get_json()
    assert told["forgiven"] == ["interplanetery"]
    assert told["total"] > 0
    assert told["respelt"] == "interplanetary"
    assert "forgiven" not in client.get("/api/v1/search?q=interplanetary").get_json()


def test_the_api_says_where_nothing_has_all_words(client: FlaskClient) -> None:
    told = client.get("/api/v1/search?q=ACE+magnetic+xyzzyplugh").get_json()
    assert told["whole"] == 0 < told["total"]
    assert "whole" not in client.get("/api/v1/search?q=ACE+magnetic").get_json()
