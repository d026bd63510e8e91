"""The SPARQL 1.1 Service Description of `/sparql`: what it speaks, and what graphs it has."""

from __future__ import annotations

from typing import Any

from registry.graph import protocol
from registry.graph.graph import MARKER, VOCABULARIES
from vocabularies import namespaces

_SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
_NAMES = {
    protocol.RESULTS_JSON: "SPARQL_Results_JSON",
    protocol.RESULTS_XML: "SPARQL_Results_XML",
    protocol.CSV: "SPARQL_Results_CSV",
    protocol.TSV: "SPARQL_Results_TSV",
    protocol.TURTLE: "Turtle",
    protocol.N_TRIPLES: "N-Triples",
    protocol.JSON_LD: "JSON-LD",
    protocol.RDF_XML: "RDF_XML",
}
_WRITERS = {
    protocol.TURTLE: "turtle",
    protocol.N_TRIPLES: "nt",
    protocol.JSON_LD: "json-ld",
    protocol.RDF_XML: "pretty-xml",
}
_SCHEMES = (
    namespaces.FRAMES,
    namespaces.REPRESENTATIONS,
    namespaces.ONTOLOGY,
    namespaces.IVOA_REFFRAME,
)


def description(endpoint: str, title: str, media_type: str) -> bytes:
    """The description of the service at this address, in one of the media types of graphs.

    No feature is named (section 3.1.4), because none holds: the default graph is no union of
    named ones, nothing is fetched, SERVICE is refused.
    """
    written = _graph(endpoint, title).serialize(
        format=_WRITERS[media_type], encoding="utf-8", **_options(media_type)
    )
    return bytes(written)


def _options(media_type: str) -> dict[str, Any]:
    return {"auto_compact": True} if media_type == protocol.JSON_LD else {}


def _graph(endpoint: str, title: str) -> Any:
    import rdflib
    from rdflib.namespace import DCTERMS, RDF, VOID

    sd = rdflib.Namespace(_SD)
    graph = rdflib.Graph()
    for prefix, space in (("sd", sd), ("dcterms", DCTERMS), ("void", VOID)):
        graph.bind(prefix, space)
    graph.bind("format", rdflib.Namespace(_FORMATS))
    service, dataset, records = (
        rdflib.URIRef(f"{endpoint}#{part}") for part in ("service", "dataset", "default-graph")
    )
    said: list[tuple[Any, Any, Any]] = [
        (service, RDF.type, sd.Service),
        (service, DCTERMS.title, rdflib.Literal(f"{title}: SPARQL", lang="en")),
        (service, sd.endpoint, rdflib.URIRef(endpoint)),
        (service, sd.supportedLanguage, sd.SPARQL11Query),
        (service, sd.defaultDataset, dataset),
        (dataset, RDF.type, sd.Dataset),
        (dataset, sd.defaultGraph, records),
        (records, RDF.type, sd.Graph),
        (records, DCTERMS.title, _english("Every current record, with the vocabularies")),
    ]
    for part, iri, words in (
        ("vocabularies", VOCABULARIES, "The vocabularies alone, with what is inferred from them"),
        ("marker", MARKER, "How far the graph has come: for the registry's own use"),
    ):
        named, content = (rdflib.URIRef(f"{endpoint}#{part}{more}") for more in ("-name", ""))
        said += [
            (dataset, sd.namedGraph, named),
            (named, RDF.type, sd.NamedGraph),
            (named, sd.name, rdflib.URIRef(iri)),
            (named, sd.graph, content),
            (content, RDF.type, sd.Graph),
            (content, DCTERMS.title, _english(words)),
        ]
    said += [(service, sd.resultFormat, rdflib.URIRef(_FORMATS + name)) for name in _NAMES.values()]
    said += [
        (records, VOID.vocabulary, rdflib.URIRef(address.removesuffix("#"))) for address in _SCHEMES
    ]
    for triple in said:
        graph.add(triple)
    return graph


def _english(text: str) -> Any:
    import rdflib

    return rdflib.Literal(text, lang="en")
