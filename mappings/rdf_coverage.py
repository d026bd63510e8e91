"""What a record covers, as RDF: time, regions, places, and the quantities that were measured."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from mappings import rdf_terms
from mappings.rdf_names import TYPE, name
from mappings.rdf_triples import Triples, word
from registry.model import Parameter, Place, Record, Span
from vocabularies import frames, spase

MOST_VARIABLES = 5000
"""The columns of a whole data centre, which a TAP service may list, are no help in a graph."""


def coverage(about: Triples, record: Record) -> None:
    """Time spans, cadence, regions and places."""
    for number, span in enumerate(record.spans, 1):
        _span(about, span, f"time-{number}")
    about.duration(_RESOLUTION, record.cadence)
    about.text(_CADENCE, record.cadence)
    about.duration(_CADENCE_MIN, record.cadence_min)
    about.duration(_CADENCE_MAX, record.cadence_max)
    about.duration(_EXPOSURE, record.exposure)
    lists = _MODELED if record.kind in _MODELS else _OBSERVED
    for region in record.regions:
        about.add(_OBSERVED_REGION, _region(lists, region))
    for number, place in enumerate(record.places, 1):
        for region in place.regions:
            about.add(_LOCATED_IN, _region(_OBSERVED, region))
        _place(about, place, f"place-{number}")


def _span(about: Triples, span: Span, fragment: str) -> None:
    if not (span.start or span.stop or span.relative_stop):
        return
    period = about.part(_TEMPORAL, fragment)
    period.add(TYPE, _PERIOD)
    period.moment(_START, span.start)
    period.moment(_END, span.stop)
    period.duration(_RELATIVE_END, span.relative_stop)


def _region(lists: tuple[str, ...], value: str) -> str:
    for listed in lists:
        if spase.concept(listed, value):
            return word(listed, value)
    return rdf_terms.literal(value)


def _place(about: Triples, place: Place, fragment: str) -> None:
    """A part for what is said of a place: its frame alone is enough (36 real records)."""
    said = [(predicate, getattr(place, field)) for field, predicate in _COORDINATES.items()]
    others = place.footprint or place.frame or place.description
    if not others and not any(text for _, text in said):
        return
    spot = about.part(_SPATIAL, fragment)
    spot.add(TYPE, _LOCATION)
    if place.frame:
        spot.add(_FRAME, frame(place.frame))
    for predicate, text in said:
        spot.decimal(predicate, text)
    spot.text(_FOOTPRINT, place.footprint)
    spot.text(_DESCRIPTION, place.description)


def frame(value: str) -> str:
    """The term for a frame's name: our concept, IVOA's, or the name itself where there is none."""
    found = frames.concept(value) or frames.ivoa_term(value)
    return f"<{found}>" if found else rdf_terms.literal(value)


def _representation(value: str) -> str:
    found = frames.representation(value)
    return f"<{found}>" if found else rdf_terms.literal(value)


def variables(about: Triples, record: Record) -> None:
    """One node for each parameter or column; what they have in common stands with the record.

    The place that a parameter covers is a place of the record, so that the record leads to it, and
    the parameter names it.
    """
    whole: dict[str, None] = {}
    lines = about.lines
    start = f"{about.subject[:-1]}#variable-"
    link = f"{about.subject} {_VARIABLE}"
    subject = about.subject
    places = len(record.places)
    for number, parameter in enumerate(islice(_parameters(record), MOST_VARIABLES), 1):
        node = f"{start}{number}>"
        lines.append(f"{link} {node} .")
        if parameter.name:
            lines.append(f"{node} {_LABEL} {rdf_terms.literal(parameter.name)} .")
        if parameter.units:
            lines.append(f"{node} {_UNIT} {rdf_terms.literal(parameter.units)} .")
        quantity = parameter.quantity
        if quantity and quantity != "Other":
            term = word(f"{parameter.kind}Quantity", quantity)
            lines.append(f"{node} {_OBSERVED_PROPERTY} {term} .")
            if parameter.kind != "Support":
                whole[f"{subject} {_OBSERVED_PROPERTY} {term} ."] = None
        if parameter.frame:
            term = frame(parameter.frame)
            lines.append(f"{node} {_FRAME} {term} .")
            whole[f"{subject} {_FRAME} {term} ."] = None
        if parameter.representation:
            term = _representation(parameter.representation)
            whole[f"{subject} {_REPRESENTATION} {term} ."] = None
        if parameter.ucd:
            lines.append(f"{node} {_UCD} {rdf_terms.literal(parameter.ucd)} .")
        for particle in parameter.particles:
            whole[f"{subject} {_PARTICLE} {word('ParticleType', particle)} ."] = None
        if parameter.wave_type:
            whole[f"{subject} {_WAVE} {word('WaveType', parameter.wave_type)} ."] = None
        if parameter.place is not None:
            places += 1
            _place_of(about, node, parameter.place, f"place-{places}")
    lines.extend(whole)


def _place_of(about: Triples, node: str, place: Place, fragment: str) -> None:
    before = len(about.lines)
    _place(about, place, fragment)
    if len(about.lines) > before:
        about.lines.append(f"{node} {_SPATIAL} {about.subject[:-1]}#{fragment}> .")


def _parameters(record: Record) -> Iterator[Parameter]:
    yield from record.parameters
    for table in record.tables:
        yield from table.columns


_OBSERVED = ("Region", "ModeledRegion")
_MODELED = ("ModeledRegion", "Region")
_MODELS = frozenset({"NumericalOutput", "DisplayOutput", "Model", "ModelRun"})
_COORDINATES = {
    "latitude": name("ph:latitude"),
    "longitude": name("ph:longitude"),
    "elevation": name("ph:elevation"),
    "south": name("ph:southernmostLatitude"),
    "north": name("ph:northernmostLatitude"),
    "west": name("ph:westernmostLongitude"),
    "east": name("ph:easternmostLongitude"),
}
_CADENCE = name("ph:cadence")
_CADENCE_MAX = name("ph:cadenceMax")
_CADENCE_MIN = name("ph:cadenceMin")
_DESCRIPTION = name("dcterms:description")
_END = name("dcat:endDate")
_EXPOSURE = name("ph:exposure")
_FOOTPRINT = name("ph:footprint")
_FRAME = name("ph:referenceFrame")
_LABEL = name("rdfs:label")
_LOCATED_IN = name("ph:locatedIn")
_LOCATION = name("dcterms:Location")
_OBSERVED_PROPERTY = name("sosa:observedProperty")
_OBSERVED_REGION = name("ph:observedRegion")
_PARTICLE = name("ph:particleType")
_PERIOD = name("dcterms:PeriodOfTime")
_RELATIVE_END = name("ph:relativeEnd")
_REPRESENTATION = name("ph:coordinateRepresentation")
_RESOLUTION = name("dcat:temporalResolution")
_SPATIAL = name("dcterms:spatial")
_START = name("dcat:startDate")
_TEMPORAL = name("dcterms:temporal")
_UCD = name("ph:ucd")
_UNIT = name("schema:unitText")
_VARIABLE = name("schema:variableMeasured")
_WAVE = name("ph:waveType")
