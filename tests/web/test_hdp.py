"""HDP's web services, asked by the client that people use: the package hdpws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import requests
from hdpws import NAMESPACES, XHTML_NS
from hdpws.hdpws import HdpWs
from hdpws.resourcetype import ResourceType

from registry.engines import Engines
from schemas.spase.tables import NEWEST, members
from tests.web import hdp_site

PT1H = "spase://MADE/NumericalData/Hourly"
ACE = "spase://PARHELION/NumericalData/ACE/MAG/PT16S"
DATA = [ResourceType.NUMERICAL_DATA, ResourceType.DISPLAY_DATA]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engines, str]]:
    settings = hdp_site.make(tmp_path_factory.mktemp("hdp"))
    with hdp_site.served(settings) as found:
        yield found


@pytest.fixture(scope="module")
def hdp(site: tuple[Engines, str]) -> HdpWs:
    return HdpWs(endpoint=site[1], timeout=30)


@pytest.fixture(scope="module")
def endpoint(site: tuple[Engines, str]) -> str:
    return site[1]


@pytest.fixture(scope="module")
def documents() -> dict[str, ElementTree.Element]:
    """Every SPASE document that is held, by its ResourceID, parsed by another parser."""
    found = {}
    bodies = [path.read_bytes() for path in sorted(hdp_site.EXAMPLES.rglob("*.xml"))]
    made = {name: one for name, one in hdp_site.MADE.items() if name != "gone.xml"}
    bodies += [one if isinstance(one, bytes) else one.encode() for one in made.values()]
    bodies.append(hdp_site.data("NumericalData/Instead").encode())
    for body in bodies:
        root = ElementTree.fromstring(body)
        found[_text(root, "ResourceID")] = root
    return found


def _text(root: ElementTree.Element, name: str) -> str:
    return (root.findtext(f".//{{*}}{name}") or "").strip()


def _texts(root: ElementTree.Element, name: str) -> list[str]:
    return [" ".join((one.text or "").split()) for one in root.iterfind(f".//{{*}}{name}")]


def _ids(answer: dict[str, Any]) -> list[str]:
    assert answer["HttpStatus"] == 200, answer
    return [one.text for one in answer["Result"].findall("./Spase/*/ResourceID", NAMESPACES)]


# -- lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("call", "key", "enumeration"), [
    ("get_application_interfaces", "ApplicationInterface", "ApplicationInterface"),
    ("get_measurement_types", "MeasurementType", "MeasurementType"),
    ("get_observed_regions", "ObservedRegion", "Region"),
    ("get_phenomenon_types", "PhenomenonType", "PhenomenonType"),
    ("get_spectral_ranges", "SpectralRange", "SpectralRange"),
    ("get_styles", "Style", "Style"),
])  # fmt: skip
def test_lists_of_the_newest_version(hdp: HdpWs, call: str, key: str, enumeration: str) -> None:
    answer = getattr(hdp, call)()
    assert answer["HttpStatus"] == 200
    assert set(answer[key]) == set(members(enumeration, NEWEST))
    assert answer[key] == sorted(answer[key], key=str.casefold)


@pytest.mark.parametrize(("call", "key", "kind", "element"), [
    ("get_instrument_ids", "InstrumentID", "Instrument", "ResourceID"),
    ("get_observatory_ids", "ObservatoryID", "Observatory", "ResourceID"),
    ("get_repository_ids", "RepositoryID", "Repository", "ResourceID"),
    ("get_observatory_group_ids", "ObservatoryGroupID", "Observatory", "ObservatoryGroupID"),
])  # fmt: skip
def test_lists_of_identifiers(
    hdp: HdpWs, documents: dict[str, ElementTree.Element], call: str, key: str, kind: str,
    element: str,
) -> None:  # fmt: skip
    held = [one for one in documents.values() if one.find(f"{{*}}{kind}") is not None]
    wanted = {text for one in held for text in _texts(one, element)}
    assert wanted
    assert getattr(hdp, call)()[key] == sorted(wanted)


def test_keywords_follow_the_records(hdp: HdpWs, documents: dict[str, ElementTree.Element]) -> None:
    wanted = {text for one in documents.values() for text in _texts(one, "Keyword")}
    found = hdp.get_keywords()["Keyword"]
    assert {"Solar wind & ions", "solar wind & IONS", "Ærø"} <= wanted
    assert set(found) == wanted
    assert len(found) == len(wanted)


# -- documents by identifier ---------------------------------------------------------------------


def test_documents_come_as_they_are_kept(
    hdp: HdpWs, documents: dict[str, ElementTree.Element]
) -> None:
    wanted = [ACE, PT1H, "spase://MADE/Software/Tracer"]
    answer = hdp.get_spase(wanted)
    found = answer["Result"].findall("./Spase", NAMESPACES)
    assert _ids(answer) == sorted(wanted, key=wanted.index)
    for one in found:
        held = documents[_text(one, "ResourceID")]
        one.tail = held.tail
        assert ElementTree.canonicalize(ElementTree.tostring(one)) == ElementTree.canonicalize(
            ElementTree.tostring(held)
        )


@pytest.mark.parametrize(("wanted", "found"), [
    (["spase://MADE/NumericalData/Earlier"], ["spase://MADE/NumericalData/Ranged"]),
    (["spase://MADE/NumericalData/Split"],
     ["spase://MADE/NumericalData/First", "spase://MADE/NumericalData/Second"]),
    ([PT1H, "spase://MADE/NumericalData/Never", "bad"], [PT1H]),
    ([PT1H, PT1H], [PT1H]),
])  # fmt: skip
def test_what_identifiers_lead_to(hdp: HdpWs, wanted: list[str], found: list[str]) -> None:
    assert sorted(_ids(hdp.get_spase(wanted))) == found


def test_unknown_and_deleted_records_are_told_in_words(hdp: HdpWs) -> None:
    answer = hdp.get_spase(["spase://PARHELION/NumericalData/ACE/MAG/PT16X"])
    assert (answer["HttpStatus"], answer["ErrorMessage"]) == (404, "Not Found")
    assert f"Did you mean {ACE}" in answer["ErrorDescription"]
    answer = hdp.get_spase(["spase://MADE/NumericalData/Gone"])
    assert (answer["HttpStatus"], answer["ErrorMessage"]) == (410, "Gone")


@pytest.mark.parametrize("call", ["get_spase", "get_spase_html", "get_spase_json_ld"])
def test_what_has_not_changed_is_not_sent_again(hdp: HdpWs, call: str) -> None:
    get = getattr(hdp, call)
    given = [PT1H] if call == "get_spase" else PT1H
    when = get(given)["Last-Modified"]
    assert get(given, if_modified_since=when)["HttpStatus"] == 304
    assert get(given, if_modified_since=when - timedelta(seconds=1))["HttpStatus"] == 200


def test_the_page_is_xhtml_with_json_ld(hdp: HdpWs) -> None:
    root = ElementTree.fromstring(hdp.get_spase_html(ACE)["Result"])
    assert root.tag == f"{{{XHTML_NS}}}html"
    told = json.loads(hdp.get_spase_json_ld(ACE)["Result"])
    assert (told["@context"], told["@type"]) == ("https://schema.org/", "Dataset")


# -- queries -------------------------------------------------------------------------------------

HOURLY = ["spase://MADE/NumericalData/Hourly", "spase://MADE/NumericalData/Ranged"]

# Each parameter, and how another reading of the documents says the same.
QUERIES: dict[str, tuple[dict[str, Any], Any]] = {
    "an instrument": (
        {"InstrumentID": "spase://PARHELION/Instrument/ACE/MAG"},
        lambda one: "spase://PARHELION/Instrument/ACE/MAG" in _texts(one, "InstrumentID"),
    ),
    "one or the other": (
        {"MeasurementType": ["Waves", "EnergeticParticles"]},
        lambda one: {"Waves", "EnergeticParticles"} & set(_texts(one, "MeasurementType")),
    ),
    "both": (
        {"MeasurementType": "MagneticField", "Format": "CDF"},
        lambda one: "MagneticField" in _texts(one, "MeasurementType")
        and "CDF" in _texts(one, "Format"),
    ),
    "a region and what lies in it": (
        {"ObservedRegion": "Heliosphere"},
        lambda one: any(f"{text}.".startswith("Heliosphere.")
                        for text in _texts(one, "ObservedRegion")),
    ),
    "access rights": (
        {"AccessRights": "Open"}, lambda one: "Open" in _texts(one, "AccessRights"),
    ),
    "HAPI": ({"Style": "HAPI"}, lambda one: "HAPI" in _texts(one, "Style")),
    "a style that is written with a reference": (
        {"Style": ["Git", "TAP"]}, lambda one: {"Git", "TAP"} & set(_texts(one, "Style")),
    ),
    "a repository": (
        {"RepositoryID": "spase://MADE/Repository/None"},
        lambda one: "spase://MADE/Repository/None" in _texts(one, "RepositoryID"),
    ),
    "a keyword, whatever its case": (
        {"Keyword": "SOLAR wind & ions"},
        lambda one: "solar wind & ions" in map(str.lower, _texts(one, "Keyword")),
    ),
    "a DOI in another spelling": (
        {"DOI": "doi:10.48322/TSFN-6V47"},
        lambda one: "https://doi.org/10.48322/tsfn-6v47" in _texts(one, "DOI"),
    ),
    "a spectral range": (
        {"SpectralRange": "ExtremeUltraviolet"},
        lambda one: "ExtremeUltraviolet" in _texts(one, "SpectralRange"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", QUERIES)
def test_parameters_let_through_what_the_documents_say(
    hdp: HdpWs, documents: dict[str, ElementTree.Element], name: str
) -> None:
    given, says = QUERIES[name]
    wanted = [
        key
        for key, root in documents.items()
        if root.find("{*}NumericalData") is not None or root.find("{*}DisplayData") is not None
        if says(root)
    ]
    answer = hdp.get_spase_data(DATA, given)
    assert (_ids(answer) if answer["HttpStatus"] == 200 else []) == sorted(wanted)


@pytest.mark.parametrize(("cadence", "lets"), [
    ("=PT1H", lambda low, high: low <= 3600 <= high),
    ("PT1H", lambda low, high: low <= 3600 <= high),
    ("<PT1S", lambda low, high: low < 1),
    ("<=PT1S", lambda low, high: low <= 1),
    (">PT1H", lambda low, high: high > 3600),
    (">=PT1H", lambda low, high: high >= 3600),
])  # fmt: skip
def test_cadences(
    hdp: HdpWs, documents: dict[str, ElementTree.Element], cadence: str, lets: Any
) -> None:
    seconds = {"PT60M": 3600.0, "PT2H": 7200.0}
    wanted = []
    for key, root in documents.items():
        coverage = root.find(".//{*}TemporalDescription")
        if coverage is None or root.find("{*}NumericalData") is None:
            continue
        lengths = [
            seconds.get(text) or float(text[2:-1]) * {"S": 1, "M": 60, "H": 3600}[text[-1]]
            for name in ("Cadence", "CadenceMin", "CadenceMax")
            for text in _texts(coverage, name)
        ]
        if lengths and lets(min(lengths), max(lengths)):
            wanted.append(key)
    answer = hdp.get_spase_data([ResourceType.NUMERICAL_DATA], {"Cadence": cadence})
    assert (_ids(answer) if answer["HttpStatus"] == 200 else []) == sorted(wanted)


@pytest.mark.parametrize(("span", "found"), [
    (["2001-06-01", "2001-06-02"], True),
    (["2000-12-31", "2001-01-01"], True),
    (["2001-12-31", "2002-06-01"], True),
    (["2002-01-01", "2002-06-01"], False),
    (["2000-01-01", "2000-12-30"], False),
])  # fmt: skip
def test_the_time_is_met(hdp: HdpWs, span: list[str], found: bool) -> None:
    answer = hdp.get_spase_data(DATA, {"ResourceID": PT1H}, span)
    assert answer["HttpStatus"] == (200 if found else 404)


def test_software_and_descriptions(hdp: HdpWs) -> None:
    tracer = ["spase://MADE/Software/Tracer"]
    given = {"CodeLanguage": "Python", "Description": '"lines of force" AND (model* OR nothing)'}
    assert _ids(hdp.get_spase_software(given)) == tracer
    assert _ids(hdp.get_spase_software({"ApplicationInterface": ["GUI", "CLI"]})) == tracer
    assert hdp.get_spase_software(given | {"CodeLanguage": "Pyth"})["HttpStatus"] == 404
    assert hdp.get_spase_software({"Description": '"force of lines"'})["HttpStatus"] == 404
    assert hdp.get_spase_software({"Description": "lines NOT force"})["HttpStatus"] == 404


def test_a_query_that_finds_the_same_is_not_sent_again(hdp: HdpWs) -> None:
    given = {"ResourceID": [PT1H]}
    when = hdp.get_spase_data(DATA, given)["Last-Modified"]
    assert hdp.get_spase_data(DATA, given, if_modified_since=when)["HttpStatus"] == 304
    earlier = when - timedelta(seconds=1)
    assert hdp.get_spase_data(DATA, given, if_modified_since=earlier)["HttpStatus"] == 200


def test_what_may_still_change_in_this_second_has_no_date(
    site: tuple[Engines, str], hdp: HdpWs
) -> None:
    engines, _ = site
    clock = engines.store.clock
    with engines.store.reading() as reader:
        newest = max(one.datestamp for some in reader.all_records() for one in some)
    engines.store.clock = lambda: float(newest) + 0.5
    try:
        assert "Last-Modified" not in hdp.get_spase_data(DATA, {"ResourceID": [PT1H]})
    finally:
        engines.store.clock = clock


@pytest.mark.parametrize(("path", "said"), [
    ("Spase", "takes ResourceID"),
    ("Spase?ResourceID=", "takes ResourceID"),
    ("Spase?resourceid=x", "takes ResourceID"),
    ("Spase?" + "&".join(f"ResourceID={one}" for one in range(501)), "More than 500"),
    ("Spase/NumericalDat", "did you mean NumericalData"),
    ("Spase/NumericalData;Nothing", "no resource type"),
    ("Spase/Catalog?Instrument=x", "did you mean InstrumentID"),
    ("Spase/Catalog?Description=~bad", "Invalid Description syntax"),
    ("Spase/Catalog?Cadence=fast", "Cadence is"),
    ("Spase/Catalog?Cadence=-PT1H", "Cadence is"),
    ("Spase/Catalog/2001-01-01", "not START,STOP"),
    ("Spase/Catalog/2001-13-01,2002", "no date"),
    ("Spase/Catalog/2002-01-01,2001-01-01", "ends before"),
    ("Spase/Catalog/9999-12-31,9999-12-31", "no date"),
])  # fmt: skip
def test_wrong_requests_are_told_what_is_wrong(endpoint: str, path: str, said: str) -> None:
    answer = requests.get(endpoint + path, timeout=30)
    assert answer.status_code == 400
    assert said in _error(answer)


@pytest.mark.parametrize("path", [
    "", "Spase/Nothing/ResourceID", "Nothing", "Spase/Catalog/x/y", "../nothing",
    "Spase/Catalog?Keyword=" + "x" * 3000, "Spase/Catalog?Keyword=%00%1f%3Cscript%3E",
    "Spase/Catalog?Description=the",
])  # fmt: skip
def test_what_is_not_there_is_told_in_words(endpoint: str, path: str) -> None:
    answer = requests.get(endpoint + path, timeout=30)
    assert answer.status_code == 404
    assert _error(answer)


def test_other_methods_are_refused_in_words(endpoint: str) -> None:
    answer = requests.post(endpoint + "Spase/Catalog", timeout=30)
    assert answer.status_code == 405
    assert _error(answer)


def _error(answer: requests.Response) -> str:
    """What the client takes from a fault; raises where it could not."""
    assert answer.headers["Content-Type"].startswith("application/xhtml+xml")
    root = ElementTree.fromstring(answer.content)
    bold = root.find(f".//{{{XHTML_NS}}}p[@class='ErrorDescription']/{{{XHTML_NS}}}b")
    assert bold is not None
    return bold.tail or ""


def test_whose_search_is_gone_is_told_so(
    site: tuple[Engines, str], hdp: HdpWs, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.search.query import SearchUnavailable

    def gone(query: object) -> Iterator[Any]:
        raise SearchUnavailable("the cluster does not answer")
        yield

    monkeypatch.setattr(site[0].index, "every", gone)
    answer = hdp.get_spase_data(DATA, {})
    assert answer["HttpStatus"] == 503
    assert "the cluster does not answer" in answer["ErrorDescription"]


def test_nothing_here_names_a_folder(endpoint: str, tmp_path: Path) -> None:
    for path in ("Spase", "Spase/Catalog", "Spase?ResourceID=" + PT1H):
        assert str(tmp_path.parent.parent) not in requests.get(endpoint + path, timeout=30).text
