"""A running `parhelion serve`, asked by clients that people use and that know nothing of it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from lxml import etree
from sickle import Sickle
from SPARQLWrapper import JSON, SPARQLWrapper

from registry.store.store import Store
from tests.shared import SHARED, needs_shared, shared
from tests.whole.corpus import EXAMPLES
from tests.whole.running import Installation
from tests.whole.serving import served

ARCHIVES = ("CNES.zip", "NASA.zip")
ACE = "spase://NASA/NumericalData/ACE/MAG/L2/PT16S"
SECONDS = 60


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The examples, and real archives where they are at hand."""
    made = Installation(tmp_path_factory.mktemp("clients") / "data")
    archives = [str(shared("spase", name)) for name in ARCHIVES] if SHARED else []
    ended = made.run("ingest", "--json", str(EXAMPLES), *archives)
    assert ended.status == 0, ended.said
    return made


@pytest.fixture(scope="module")
def address(installation: Installation) -> Iterator[str]:
    with served(installation) as server:
        yield server.address


@pytest.fixture(scope="module")
def held(installation: Installation, address: str) -> set[str]:
    """The identifiers in the store, read by this process beside the server."""
    store = Store(installation.data)
    try:
        with store.reading() as reader:
            return {record.identifier for batch in reader.all_records() for record in batch}
    finally:
        store.close()


def counted(address: str, query: str) -> int:
    wrapper = SPARQLWrapper(f"{address}/sparql")
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery(query)
    found: Any = wrapper.queryAndConvert()
    (row,) = found["results"]["bindings"]
    return int(row["n"]["value"])


def test_the_store_holds_what_the_files_have(held: set[str]) -> None:
    contents = [path.read_bytes() for path in EXAMPLES.rglob("spase/**/*.xml")]
    for name in ARCHIVES if SHARED else ():
        with zipfile.ZipFile(shared("spase", name)) as archive:
            contents += [archive.read(one) for one in archive.namelist() if one.endswith(".xml")]
    wanted = {
        str(found).strip()
        for content in contents
        for found in etree.fromstring(content).xpath("/*/*/*[local-name()='ResourceID']/text()")
    }
    assert {one for one in held if one.startswith("spase://")} == wanted


def test_sparqlwrapper_counts_all_records(address: str, held: set[str]) -> None:
    found = counted(
        address,
        "SELECT (COUNT(DISTINCT ?record) AS ?n) "
        "{ ?record <http://xmlns.com/foaf/0.1/isPrimaryTopicOf> ?description }",
    )
    assert found == len(held)


def test_sparqlwrapper_crosses_the_bridge_to_ivoa(address: str, held: set[str]) -> None:
    wrapper = SPARQLWrapper(f"{address}/sparql")
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery("""
        PREFIX ph: <https://w3id.org/parhelion/ontology#>
        PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
        SELECT DISTINCT ?record ?term { ?record ph:referenceFrame/skos:broadMatch ?term }
    """)
    answer: Any = wrapper.queryAndConvert()
    rows = [(row["record"]["value"], row["term"]["value"]) for row in answer["results"]["bindings"]]
    # Its file names the frame J2000, which is one of IVOA's equatorial frames.
    orbit = "spase://PARHELION/NumericalData/MMS/1/MEC/PT30S"
    assert (orbit, "http://www.ivoa.net/rdf/refframe#EQUATORIAL") in rows
    assert {record.partition("#")[0] for record, _ in rows} <= held
    assert all(term.startswith("http://www.ivoa.net/rdf/refframe#") for _, term in rows)


def test_sickle_harvests_all_records(address: str, held: set[str]) -> None:
    brought = [
        one.header.identifier
        for one in Sickle(f"{address}/oai").ListRecords(metadataPrefix="oai_dc")
    ]
    assert len(brought) == len(set(brought))
    assert set(brought) == held


def test_sickle_reads_who_it_is_and_one_record(address: str) -> None:
    sickle = Sickle(f"{address}/oai")
    assert sickle.Identify().baseURL == f"{address}/oai"
    record = sickle.GetRecord(
        identifier="spase://PARHELION/NumericalData/ACE/MAG/PT16S", metadataPrefix="oai_dc"
    )
    assert "ACE MAG Level 2, magnetic field, 16 s averages" in record.metadata["title"]


def found_first(address: str) -> str:
    answer = requests.get(
        f"{address}/api/v1/search", params={"q": "ACE magnetic field 16 second"}, timeout=SECONDS
    )
    answer.raise_for_status()
    return str(answer.json()["hits"][0]["identifier"])


@needs_shared
def test_a_search_finds_the_dataset_first(address: str) -> None:
    assert found_first(address) == ACE


@pytest.mark.skipif(SHARED is not None, reason="the real one is looked for")
def test_a_search_finds_the_example_first(address: str) -> None:
    assert found_first(address) == "spase://PARHELION/NumericalData/ACE/MAG/PT16S"


def test_what_is_found_can_be_followed(address: str) -> None:
    answer = requests.get(
        f"{address}/api/v1/search", params={"q": "wind plasma", "limit": "3"}, timeout=SECONDS
    )
    for hit in answer.json()["hits"]:
        assert requests.get(hit["page"], timeout=SECONDS).status_code == 200


def test_a_client_that_goes_away_is_no_trouble(address: str) -> None:
    with requests.get(
        f"{address}/sparql",
        params={"query": "SELECT * { ?s ?p ?o } LIMIT 100000", "format": "csv"},
        stream=True,
        timeout=SECONDS,
    ) as answer:
        assert answer.status_code == 200
        next(answer.iter_content(100))
    assert requests.get(f"{address}/healthz", timeout=SECONDS).status_code == 200
