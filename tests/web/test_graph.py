"""`/graph`: the description in all its forms, true in its numbers; dumps and shapes as files."""

from __future__ import annotations

import gzip

import pytest
import rdflib
from flask.testing import FlaskClient
from rdflib.namespace import DCAT, RDF, VOID

from registry.commands.exporting import DUMPS, dump
from registry.engines import Engines
from registry.graph import protocol
from registry.web.graph import DUMP
from tests.web.pages_read import find, page

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
DATASETS = "SELECT (COUNT(*) AS ?n) { ?s a <http://www.w3.org/ns/dcat#Dataset> }"


def number(engines: Engines, query: str) -> int:
    (row,) = protocol.rows(engines.graph.query(query, protocol.RESULTS_JSON))
    return int(row["n"])


def described(client: FlaskClient, accept: str = "text/turtle") -> rdflib.Graph:
    answer = client.get("/graph", headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.mimetype == accept
    return rdflib.Graph().parse(data=answer.data, format=accept)


@pytest.mark.parametrize(
    "accept",
    ["text/turtle", "application/rdf+xml", "application/ld+json", "application/n-triples"],
)
def test_every_form_tells_the_truth_about_the_graph(
    client: FlaskClient, engines: Engines, accept: str
) -> None:
    told = described(client, accept)
    (graph,) = told.subjects(RDF.type, VOID.Dataset)
    assert (graph, RDF.type, DCAT.Dataset) in told
    assert int(str(told.value(graph, VOID.triples))) == number(engines, COUNT)
    parts = {
        str(told.value(part, VOID["class"])): int(str(told.value(part, VOID.entities)))
        for part in told.objects(graph, VOID.classPartition)
    }
    assert parts[str(DCAT.Dataset)] == number(engines, DATASETS)
    assert str(told.value(graph, VOID.sparqlEndpoint)).endswith("/sparql")


@pytest.fixture
def published(engines: Engines) -> str:
    folder = engines.settings.data / DUMPS
    folder.mkdir(exist_ok=True)
    with engines.store.reading() as reader:
        name = f"parhelion-all-{reader.last_change()}.nq.gz"
        with gzip.open(folder / name, "wt", encoding="utf-8") as file:
            dump(reader, file.write, "nquads", 0, "")
    return name


def test_a_dump_is_offered_described_and_whole(client: FlaskClient, published: str) -> None:
    told = described(client)
    (address,) = set(told.objects(None, VOID.dataDump))
    assert str(address).endswith(f"/graph/dumps/{published}")
    (distribution,) = told.subjects(DCAT.downloadURL, address)
    answer = client.get(f"/graph/dumps/{published}")
    assert answer.status_code == 200
    assert int(str(told.value(distribution, DCAT.byteSize))) == len(answer.data)
    dataset = rdflib.Dataset()
    dataset.parse(data=gzip.decompress(answer.data), format="nquads")
    assert len(list(dataset.graphs())) > 60
    root = page(client.get("/graph", headers={"Accept": "text/html"}))
    assert f"/helio/graph/dumps/{published}" in find(root, "//h:a/@href")


@pytest.mark.parametrize("name", ["..%2Fparhelion.sqlite", "parhelion-all-1.nq.gz.part", "x.nq.gz"])
def test_no_other_file_is_given_out(client: FlaskClient, published: str, name: str) -> None:
    assert DUMP.fullmatch(published)
    assert client.get(f"/graph/dumps/{name}").status_code == 404


def test_the_shapes_are_served(client: FlaskClient) -> None:
    answer = client.get("/graph/shapes.ttl")
    assert answer.mimetype == "text/turtle"
    assert len(rdflib.Graph().parse(data=answer.data, format="turtle")) > 100
