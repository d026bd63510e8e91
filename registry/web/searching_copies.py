"""A search in the words of programs: its address, the API, Python, SPARQL."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode

from mappings.rdf_names import PREFIXES
from registry import identifiers
from registry.search.query import Query
from registry.search.requests import query_from
from registry.search.words import tokens
from registry.web.moments import utc
from registry.web.searching_restrictions import Arguments
from registry.web.site import Site
from vocabularies import namespaces

_LONGEST = 4000
_HDP = {
    "instrument": "InstrumentID",
    "observatory": "ObservatoryID",
    "observatory_group": "ObservatoryGroupID",
    "repository": "RepositoryID",
    "region": "ObservedRegion",
    "measurement": "MeasurementType",
    "spectral_range": "SpectralRange",
    "phenomenon": "PhenomenonType",
    "access": "AccessRights",
    "data_format": "Format",
}
"""Facets that the Heliophysics Data Portal's services know, by their names there."""
_HDP_KINDS = {
    "NumericalData": "NUMERICAL_DATA",
    "DisplayData": "DISPLAY_DATA",
    "Catalog": "CATALOG",
}
"""Resource types that `hdpws` can ask for, and its own names of them."""
_CONCEPTS = {
    "measurement": ("ph:measurementType", "MeasurementType"),
    "region": ("ph:observedRegion", "Region"),
    "phenomenon": ("ph:phenomenonType", "PhenomenonType"),
    "spectral_range": ("ph:spectralRange", "SpectralRange"),
    "processing_level": ("ph:processingLevel", "ProcessingLevel"),
}
"""Facets whose values are words of SPASE's lists: property, and list."""
_WIDER = ("region",)
"""Those of them whose values find what stands below them."""
_RECORDS = {
    "instrument": "sosa:madeBySensor",
    "observatory": "sosa:madeBySensor/sosa:isHostedBy",
    "repository": "dcat:distribution/ph:repository",
    "person": "prov:qualifiedAttribution/prov:agent",
}
"""Facets whose values are records: the way to them."""


class Copy(NamedTuple):
    """One way to say the search: a name for people, the text, and what to know of it."""

    name: str
    text: str
    note: str = ""


def copies(here_site: Site, given: Arguments, query: Query) -> list[Copy]:
    """The search as address, call, Python and SPARQL; what cannot say it is left out."""
    pairs = [(name, value) for name, values in given.items() for value in values]
    if sum(len(value) for _, value in pairs) > _LONGEST:
        return []
    asked = f"?{urlencode(pairs)}" if pairs else ""
    api = here_site.address("/api/v1/search")
    found = [
        Copy("Address", here_site.address("/search") + asked),
        Copy("API", f'curl "{api}{asked}"'),
        Copy("Python, requests", _requests(api, given)),
        Copy(
            "Python, pyvo",
            _pyvo(here_site.address("/search/export/votable"), given),
            "The whole result as an Astropy table.",
        ),
    ]
    hdp = _hdpws(here_site, given, query)
    if hdp:
        found.append(Copy("Python, hdpws", hdp))
    sparql, left = _sparql(given, query)
    note = f"Without: {', '.join(left)}." if left else ""
    found.append(Copy("SPARQL", sparql, note))
    return found


def _plain(given: Arguments) -> dict[str, str | list[str]]:
    return {name: values[0] if len(values) == 1 else values for name, values in given.items()}


def _literal(value: object) -> str:
    """A value as Python and JSON both write it."""
    return json.dumps(value, ensure_ascii=True)


def _requests(address: str, given: Arguments) -> str:
    return "\n".join(
        [
            "import requests",
            "",
            f"asked = {_literal(_plain(given))}",
            f"found = requests.get({_literal(address)}, params=asked, timeout=30).json()",
            'for hit in found["hits"]:',
            '    print(hit["identifier"], hit["name"])',
        ]
    )


def _pyvo(address: str, given: Arguments) -> str:
    asked = {name: value for name, value in _plain(given).items() if name != "limit"}
    return "\n".join(
        [
            "from pyvo.dal import DALQuery",
            "",
            f"asked = DALQuery({_literal(address)})",
            f"asked.update({_literal(asked)})",
            "table = asked.execute().to_table()",
        ]
    )


def _hdpws(here_site: Site, given: Arguments, query: Query) -> str:
    """What hdpws can say: resource types, its own parameters, a span of time; '' for more."""
    kinds = query.restrictions.get("kind", ())
    others = [name for name in given if name not in (*_HDP, "kind", "from", "to", "sort", "limit")]
    if others or query.excluded or not kinds or not set(kinds) <= set(_HDP_KINDS):
        return ""
    if "Catalog" in kinds and len(kinds) > 1:
        return ""
    asked = {_HDP[name]: list(values) for name, values in query.restrictions.items()
             if name in _HDP}  # fmt: skip
    span = _span(given)
    if (given.get("from") or given.get("to")) and not span:
        return ""
    time = f", {_literal(span)}" if span else ""
    lines = ["from hdpws.hdpws import HdpWs"]
    if kinds == ("Catalog",):
        call = f"hdp.get_spase_catalog({_literal(asked)}{time})"
    else:
        lines.append("from hdpws.resourcetype import ResourceType")
        types = ", ".join(f"ResourceType.{_HDP_KINDS[kind]}" for kind in kinds)
        call = f"hdp.get_spase_data([{types}], {_literal(asked)}{time})"
    address = here_site.address("/WS/hdp/1/")
    return "\n".join([*lines, "", f"hdp = HdpWs(endpoint={_literal(address)})", f"found = {call}"])


def _span(given: Arguments) -> list[str]:
    """Both ends of the span of time that is asked for, as dates; empty if one is open."""
    begin, end = given.get("from", [""])[0].strip(), given.get("to", [""])[0].strip()
    if len(begin) >= 10 and len(end) >= 10:
        return [begin, end]
    return []


def _sparql(given: Arguments, query: Query) -> tuple[str, list[str]]:
    """The query, and the names of the parameters that it leaves out."""
    # What a record is called: people and organisations have names.
    lines = ["?record dcterms:type ?type ; dcterms:title|foaf:name ?title ."]
    left = []
    for name, values in query.restrictions.items():
        made = _restricted(name, values)
        lines += made
        if not made:
            left.append(name)
    left += [f"-{name}" for name in query.excluded]
    lines += _time(query, given, left)
    for word in tokens(" ".join(given.get("q", ())))[:12]:
        if not any("?text" in line for line in lines):
            lines.append("OPTIONAL { ?record dcterms:description ?description }")
            lines.append('BIND (LCASE(CONCAT(?title, " ", COALESCE(?description, ""))) AS ?text)')
        lines.append(f'FILTER (CONTAINS(?text, "{word}"))')
    body = "\n".join(f"  {line}" for line in lines)
    text = f"SELECT DISTINCT ?record ?title WHERE {{\n{body}\n}}\nORDER BY ?title\nLIMIT 100"
    used = sorted(name for name in PREFIXES if re.search(rf"(?<![\w<]){name}:", text))
    return "\n".join([*(f"PREFIX {name}: <{PREFIXES[name]}>" for name in used), text]), left


def _restricted(name: str, values: Sequence[str]) -> list[str]:
    if name == "kind":
        types = [f"<{namespaces.SPASE}ResourceType#{quote(one)}>" for one in values]
        types += [f"<{namespaces.VORESOURCE_TYPES}{quote(one)}>" for one in values]
        return [f"VALUES ?type {{ {' '.join(types)} }}"]
    if name in _CONCEPTS:
        way, list_ = _CONCEPTS[name]
        words = " ".join(f"<{namespaces.SPASE}{list_}#{quote(one)}>" for one in values)
        if name not in _WIDER:
            return [f"VALUES ?{name} {{ {words} }}", f"?record {way} ?{name} ."]
        return [
            f"VALUES ?{name}Wider {{ {words} }}",
            f"?{name}Wider ph:finds ?{name} . ?record {way} ?{name} .",
        ]
    if name in _RECORDS:
        iris = " ".join(f"<{identifiers.iri(one)}>" for one in values)
        return [f"VALUES ?{name} {{ {iris} }}", f"?record {_RECORDS[name]} ?{name} ."]
    return []


def _time(query: Query, given: Arguments, left: list[str]) -> list[str]:
    begin, end = given.get("from", [""])[0].strip(), given.get("to", [""])[0].strip()
    left += [
        name for name in ("covers", "within", "cadence_range", "spectrum", "particle_energy")
        if given.get(name)
    ]  # fmt: skip
    if not begin and not end:
        return []
    asked = query_from({name: [value] for name, value in (("from", begin), ("to", end)) if value})
    span = next(iter(getattr(asked.node, "nodes", ())[1:]), asked.node)
    start, stop = getattr(span, "start", None), getattr(span, "stop", None)
    lines = ["?record dcterms:temporal ?time . ?time dcat:startDate ?start ."]
    if stop is not None:
        lines.append(f'FILTER (?start <= "{utc(stop)}"^^xsd:dateTime)')
    if start is not None:
        lines.append("OPTIONAL { ?time dcat:endDate ?end }")
        lines.append(f'FILTER (!BOUND(?end) || ?end >= "{utc(start)}"^^xsd:dateTime)')
    return lines
