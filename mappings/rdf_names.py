"""The classes and properties of the graph, as N-Triples terms, and the prefixes for people.

`docs/graph.md` says what each is for; `vocabularies/ontology.ttl` defines our own (`ph:`).
"""

from __future__ import annotations

from vocabularies import namespaces

PREFIXES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "sosa": "http://www.w3.org/ns/sosa/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "adms": "http://www.w3.org/ns/adms#",
    "ph": namespaces.ONTOLOGY,
    "frames": namespaces.FRAMES,
    "representations": namespaces.REPRESENTATIONS,
    "refframe": namespaces.IVOA_REFFRAME,
}


def name(curie: str) -> str:
    """A term as N-Triples from its short form: `dcterms:title`."""
    prefix, _, local = curie.partition(":")
    return f"<{PREFIXES[prefix]}{local}>"


TYPE = name("rdf:type")

CLASSES = {
    # SPASE
    "NumericalData": "dcat:Dataset",
    "DisplayData": "dcat:Dataset",
    "NumericalOutput": "dcat:Dataset",
    "DisplayOutput": "dcat:Dataset",
    "Catalog": "dcat:Dataset",
    "Collection": "dcat:Dataset",
    "Granule": "dcat:Dataset",
    "Instrument": "sosa:Sensor",
    "Observatory": "sosa:Platform",
    "Person": "foaf:Person",
    "Repository": "foaf:Organization",
    "Registry": "dcat:Catalog",
    "Service": "dcat:DataService",
    "Document": "foaf:Document",
    # VOResource and its extensions
    "DataCollection": "dcat:Dataset",
    "DataResource": "dcat:Dataset",
    "CatalogResource": "dcat:Dataset",
    "DataService": "dcat:DataService",
    "CatalogService": "dcat:DataService",
    "Organisation": "foaf:Organization",
    "Standard": "dcterms:Standard",
    "ServiceStandard": "dcterms:Standard",
}
"""The class of each kind of record; what is not named here is a dcat:Resource."""

ALSO = {"CatalogService": "dcat:Dataset"}
"""A second class: a CatalogService is described with its tables and coverage, as data are."""

RELATIONS = {
    # SPASE AssociationType, and Member
    "partof": "dcterms:isPartOf",
    "childeventof": "dcterms:isPartOf",
    "member": "dcterms:hasPart",
    "derivedfrom": "prov:wasDerivedFrom",
    "revisionof": "prov:wasRevisionOf",
    "supersedes": "dcterms:replaces",
    "supersededby": "dcterms:isReplacedBy",
    "observedby": "ph:observedBy",
    # VOResource relationship_type, with the terms of 1.0
    "ispartof": "dcterms:isPartOf",
    "haspart": "dcterms:hasPart",
    "isderivedfrom": "prov:wasDerivedFrom",
    "isnewversionof": "prov:wasRevisionOf",
    "continues": "dcterms:replaces",
    "iscontinuedby": "dcterms:isReplacedBy",
    "cites": "dcterms:references",
    "isservicefor": "dcat:servesDataset",
    "servicefor": "dcat:servesDataset",
    "isservedby": "ph:accessService",
    "servedby": "ph:accessService",
}
"""The property of each kind of relation, without capitals and hyphens; else dcterms:relation."""
