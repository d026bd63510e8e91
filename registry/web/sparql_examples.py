"""Questions that the form at `/sparql` offers, over the shape that docs/graph.md describes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mappings.rdf_names import PREFIXES
from vocabularies import namespaces

SPASE_LISTS = ("MeasurementType", "Region", "Role", "Style")
"""The lists of SPASE whose words stand in the questions: `spase-Region:Earth.Magnetosphere`."""

_PREFIXES = PREFIXES | {f"spase-{name}": f"{namespaces.SPASE}{name}#" for name in SPASE_LISTS}


@dataclass(slots=True, frozen=True)
class Example:
    """A question: a name for links, what it asks, in words, and as SPARQL."""

    name: str
    title: str
    words: str
    query: str


def prefixed(body: str) -> str:
    """A query with the PREFIX lines of the names that it uses."""
    used = sorted(name for name in _PREFIXES if f"{name}:" in body)
    return "\n".join([*(f"PREFIX {name}: <{_PREFIXES[name]}>" for name in used), "", body.strip()])


def all_prefixes() -> dict[str, str]:
    """Every prefix that the questions use, and its namespace."""
    return dict(_PREFIXES)


@cache
def examples() -> tuple[Example, ...]:
    """The questions, in the order of the page."""
    return tuple(
        Example(name, title, words, prefixed(body)) for name, title, words, body in _EXAMPLES
    )


_EXAMPLES = (
    (
        "frames",
        "Which reference frames are in use, and what does IVOA call them?",
        "Every frame that a dataset is given in, by number of datasets, with the terms of IVOA’s "
        "refframe vocabulary that it matches; none where IVOA has nothing for it.",
        """
SELECT ?frame ?name (COUNT(DISTINCT ?dataset) AS ?datasets)
       (GROUP_CONCAT(DISTINCT ?match; separator=", ") AS ?ivoa)
WHERE {
  ?dataset a dcat:Dataset ; ph:referenceFrame ?frame .
  ?frame skos:prefLabel ?name .
  OPTIONAL {
    VALUES (?relation ?word) {
      (skos:exactMatch "exactly ") (skos:closeMatch "close to ") (skos:broadMatch "a kind of ")
    }
    ?frame ?relation ?term .
    FILTER(STRSTARTS(STR(?term), STR(refframe:)))
    BIND(CONCAT(?word, STRAFTER(STR(?term), "#")) AS ?match)
  }
}
GROUP BY ?frame ?name
ORDER BY DESC(?datasets) ?name
""",
    ),
    (
        "bridge",
        "Which datasets are in a frame that IVOA’s tools know by a wider term?",
        "The bridge from the frames of heliophysics to IVOA’s, by skos:broadMatch.",
        """
SELECT ?dataset ?title ?frame ?ivoa
WHERE {
  ?frame skos:broadMatch ?ivoa .
  ?dataset a dcat:Dataset ; ph:referenceFrame ?frame ; dcterms:title ?title .
}
ORDER BY ?frame ?title
LIMIT 500
""",
    ),
    (
        "equatorial",
        "Which datasets are in a frame that IVOA calls equatorial?",
        "Asked by IVOA’s word: it finds (ph:finds) its own narrower terms and the frames of "
        "heliophysics that match them.",
        """
SELECT ?frame ?name (COUNT(DISTINCT ?dataset) AS ?datasets) (MIN(?title) AS ?one)
WHERE {
  refframe:EQUATORIAL ph:finds ?frame .
  ?frame skos:prefLabel ?name .
  ?dataset a dcat:Dataset ; ph:referenceFrame ?frame ; dcterms:title ?title .
}
GROUP BY ?frame ?name
ORDER BY DESC(?datasets) ?name
""",
    ),
    (
        "halloween",
        "What magnetic field data of one minute or better cover the Halloween storm, in GSE or a "
        "frame like it?",
        "Frames centred on the Earth with an axis fixed by the Sun (GSE, GSM, …), cadences of a "
        "minute or less, and time spans that contain 28 October to 5 November 2003.",
        """
SELECT ?dataset ?title ?frame ?cadence
WHERE {
  frames:GeocentricSolarFrame ph:finds ?frame .
  ?dataset a dcat:Dataset ;
           ph:measurementType spase-MeasurementType:MagneticField ;
           ph:referenceFrame ?frame ;
           dcat:temporalResolution ?cadence ;
           dcterms:title ?title ;
           dcterms:temporal ?time .
  FILTER(?cadence <= "PT1M"^^xsd:duration)
  ?time dcat:startDate ?from .
  OPTIONAL { ?time dcat:endDate ?to }
  FILTER(?from <= "2003-10-28T00:00:00Z"^^xsd:dateTime)
  FILTER(!BOUND(?to) || ?to >= "2003-11-05T00:00:00Z"^^xsd:dateTime)
}
ORDER BY ?cadence ?title ?frame
LIMIT 500
""",
    ),
    (
        "works",
        "Who works on which instruments?",
        "People in a role for an instrument, or for data that it made.",
        """
SELECT ?person ?name ?instrument ?sensor (GROUP_CONCAT(DISTINCT ?role; separator=", ") AS ?roles)
WHERE {
  ?instrument a sosa:Sensor ; dcterms:title ?sensor ;
              (prov:qualifiedAttribution|^sosa:madeBySensor/prov:qualifiedAttribution) ?contact .
  ?contact prov:agent ?person ; dcat:hadRole ?concept .
  ?person foaf:name ?name .
  BIND(STRAFTER(STR(?concept), "#") AS ?role)
  FILTER(?role NOT IN ("MetadataContact", "Publisher", "HostContact"))
}
GROUP BY ?person ?name ?instrument ?sensor
ORDER BY ?name ?sensor ?instrument
LIMIT 500
""",
    ),
    (
        "body",
        "Which SPASE datasets and VO resources are about the same body or region?",
        "A keyword of a VO resource that is the name of a region of SPASE (singular or plural), "
        "and how many SPASE datasets were observed in that region or a part of it.",
        """
SELECT ?region ?vo ?title (COUNT(DISTINCT ?dataset) AS ?datasets) (MIN(?dataset) AS ?one)
WHERE {
  { SELECT DISTINCT ?region ?vo ?title WHERE {
      ?region skos:topConceptOf <https://w3id.org/parhelion/spase/Region> ; skos:notation ?name .
      ?vo dcat:keyword ?keyword .
      FILTER(STRSTARTS(STR(?vo), "ivo://"))
      FILTER(REPLACE(LCASE(?keyword), "s$", "") = REPLACE(LCASE(?name), "s$", ""))
      ?vo dcterms:title|foaf:name ?title .
  } }
  ?region ph:finds ?part .
  ?dataset ph:observedRegion ?part .
}
GROUP BY ?region ?vo ?title
ORDER BY ?region ?title
""",
    ),
    (
        "missions",
        "How long have which observatories measured thermal plasma?",
        "From the first to the last day of their datasets; data that go on have no last day.",
        """
SELECT ?observatory ?name (COUNT(DISTINCT ?dataset) AS ?datasets)
       (MIN(?from) AS ?first) (MAX(?to) AS ?last)
WHERE {
  ?dataset ph:measurementType spase-MeasurementType:ThermalPlasma ;
           sosa:madeBySensor ?instrument ;
           dcterms:temporal ?time .
  ?instrument sosa:isHostedBy ?observatory .
  ?observatory dcterms:title ?name .
  ?time dcat:startDate ?from .
  OPTIONAL { ?time dcat:endDate ?to }
}
GROUP BY ?observatory ?name
ORDER BY ?first ?name
LIMIT 200
""",
    ),
    (
        "regions",
        "What was observed in the Earth’s magnetosphere, and in which parts of it?",
        "Datasets by region, with every region that lies in the magnetosphere: a word finds "
        "(ph:finds) what is narrower, by the dotted names of SPASE.",
        """
SELECT ?region (COUNT(DISTINCT ?dataset) AS ?datasets)
WHERE {
  spase-Region:Earth.Magnetosphere ph:finds ?region .
  ?dataset a dcat:Dataset ; ph:observedRegion ?region .
}
GROUP BY ?region
ORDER BY DESC(?datasets) ?region
""",
    ),
    (
        "instruments",
        "Which instruments measured magnetic fields, and on which observatory?",
        "Instruments by the number of their datasets, each with the observatory that carries it.",
        """
SELECT ?instrument ?name ?observatory (COUNT(DISTINCT ?dataset) AS ?datasets)
WHERE {
  ?dataset ph:measurementType spase-MeasurementType:MagneticField ;
           sosa:madeBySensor ?instrument .
  ?instrument dcterms:title ?name ; sosa:isHostedBy ?observatory .
}
GROUP BY ?instrument ?name ?observatory
ORDER BY DESC(?datasets) ?name ?instrument
LIMIT 100
""",
    ),
    (
        "cadence",
        "Which magnetic field data are given at least every four seconds, and in which frame?",
        "Cadences are durations and compare as such.",
        """
SELECT ?dataset ?title ?cadence ?frame
WHERE {
  ?dataset a dcat:Dataset ;
           ph:measurementType spase-MeasurementType:MagneticField ;
           dcterms:title ?title ;
           dcat:temporalResolution ?cadence .
  FILTER(?cadence <= "PT4S"^^xsd:duration)
  OPTIONAL { ?dataset ph:referenceFrame ?frame }
}
ORDER BY ?cadence ?title
LIMIT 200
""",
    ),
    (
        "storms",
        "What covers the storms of October and November 2003, near the Earth?",
        "Datasets of the heliosphere near Earth whose time span contains those days. Data that "
        "go on have no end date, but may have an end that moves (ph:relativeEnd).",
        """
SELECT ?dataset ?title ?from ?to
WHERE {
  ?dataset a dcat:Dataset ;
           ph:observedRegion spase-Region:Heliosphere.NearEarth ;
           dcterms:title ?title ;
           dcterms:temporal ?time .
  ?time dcat:startDate ?from .
  OPTIONAL { ?time dcat:endDate ?to }
  FILTER(?from <= "2003-10-28T00:00:00Z"^^xsd:dateTime)
  FILTER(!BOUND(?to) || ?to >= "2003-11-05T00:00:00Z"^^xsd:dateTime)
}
ORDER BY ?title
LIMIT 200
""",
    ),
    (
        "hapi",
        "Which data can be read by HAPI, from which server and by which name?",
        "A HAPI server is a dcat:accessService of a distribution; ph:productKey is the name of "
        "the dataset there.",
        """
SELECT ?dataset ?title ?server ?key
WHERE {
  ?dataset dcterms:title ?title ; dcat:distribution ?access .
  ?access dcat:accessService ?service .
  ?service dcterms:type spase-Style:HAPI ; dcat:endpointURL ?server .
  OPTIONAL { ?access ph:productKey ?key }
}
ORDER BY ?server ?title ?key
LIMIT 500
""",
    ),
    (
        "variables",
        "Which variables are given in GSE, and in which units?",
        "The variables of datasets, with what they measure.",
        """
SELECT ?dataset ?variable ?quantity ?unit
WHERE {
  ?dataset a dcat:Dataset ; schema:variableMeasured ?part .
  ?part ph:referenceFrame frames:GSE ; rdfs:label ?variable .
  OPTIONAL { ?part sosa:observedProperty ?quantity }
  OPTIONAL { ?part schema:unitText ?unit }
}
ORDER BY ?dataset ?variable
LIMIT 300
""",
    ),
    (
        "people",
        "Who is principal investigator of how many datasets?",
        "The role stands with the contact, between the dataset and the person.",
        """
SELECT ?person ?name (COUNT(DISTINCT ?dataset) AS ?datasets)
WHERE {
  ?dataset a dcat:Dataset ; prov:qualifiedAttribution ?contact .
  ?contact dcat:hadRole spase-Role:PrincipalInvestigator ; prov:agent ?person .
  ?person foaf:name ?name .
}
GROUP BY ?person ?name
ORDER BY DESC(?datasets) ?name
LIMIT 100
""",
    ),
    (
        "observatories",
        "Which observatories carry which instruments?",
        "As RDF: an answer to CONSTRUCT is a graph, here platforms, their sensors and the names "
        "of both.",
        """
CONSTRUCT {
  ?observatory a sosa:Platform ; dcterms:title ?platform ; sosa:hosts ?instrument .
  ?instrument a sosa:Sensor ; dcterms:title ?sensor .
}
WHERE {
  ?instrument a sosa:Sensor ; dcterms:title ?sensor ; sosa:isHostedBy ?observatory .
  ?observatory dcterms:title ?platform .
}
LIMIT 500
""",
    ),
    (
        "services",
        "Which services answer by a standard of the IVOA, and where?",
        "Services described in VOResource, with the standards that their capabilities name.",
        """
SELECT ?service ?title ?standard ?address
WHERE {
  ?service dcterms:title ?title ; ph:accessService ?interface .
  ?interface dcterms:conformsTo ?standard ; dcat:endpointURL ?address .
  FILTER(STRSTARTS(STR(?standard), "ivo://"))
}
ORDER BY ?service ?standard ?address
LIMIT 200
""",
    ),
    (
        "dois",
        "Which datasets have a DOI?",
        "DOIs are addresses of type xsd:anyURI among the identifiers.",
        """
SELECT ?doi ?dataset ?title
WHERE {
  ?dataset a dcat:Dataset ; dcterms:title ?title ; dcterms:identifier ?doi .
  FILTER(STRSTARTS(STR(?doi), "https://doi.org/"))
}
ORDER BY ?doi ?dataset
LIMIT 500
""",
    ),
    (
        "words",
        "What is measured, and how often?",
        "All measurement types of SPASE, those that no dataset has included.",
        """
SELECT ?type ?name (COUNT(DISTINCT ?dataset) AS ?datasets)
WHERE {
  ?type skos:inScheme ?list ; skos:prefLabel ?name .
  FILTER(STR(?list) = STRBEFORE(STR(spase-MeasurementType:), "#"))
  OPTIONAL { ?dataset ph:measurementType ?type }
}
GROUP BY ?type ?name
ORDER BY DESC(?datasets) ?name
""",
    ),
)
