"""The lists of SPASE as SKOS schemes, made from the tables of `schemas/spase`.

A list is the enumeration's name in the schemas (`Region` is what ObservedRegion and
ObservatoryRegion take their values from); a value is a concept, and the dots in its name are its
place in the hierarchy. Frames and representations are no lists here: `frames` has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from vocabularies import namespaces

_NOT_LISTS = frozenset({"Version", "YN", "CoordinateSystemName", "CoordinateRepresentation"})


@cache
def intervals() -> dict[str, dict[str, str]]:
    """List → value → the versions that have it, as the tables write them.

    `-` is every version that has the list, `1.3.4-` since 1.3.4, `-1.3.0 1.3.2-` with a gap.
    """
    found: dict[str, dict[str, str]] = {}
    for line in files("schemas.spase").joinpath("members.txt").read_text("utf-8").splitlines():
        name, versions, values = line.split("\t")
        if name not in _NOT_LISTS:
            found.setdefault(name, {}).update(dict.fromkeys(values.split(), versions))
    return found


@cache
def lists() -> dict[str, tuple[str, ...]]:
    """Every list, and every value that it has had in any version, in the order of the tables."""
    return {name: tuple(values) for name, values in intervals().items()}


def list_definition(name: str) -> str:
    """What a list is for, in a sentence."""
    return _DEFINITIONS.get(name, f"The values of SPASE's {name}.")


@cache
def iris(name: str) -> dict[str, str]:
    """The concept IRI of each value of a list; empty for a list that SPASE does not have."""
    base = f"{namespaces.SPASE}{name}#"
    return {value: base + value for value in lists().get(name, ())}


def concept(name: str, value: str) -> str | None:
    """The concept IRI of a value of a list, None where no version has it."""
    return iris(name).get(value)


def broader(value: str, values: frozenset[str]) -> str | None:
    """The nearest value above a dotted one that is in the list itself; None for a top value."""
    above = value
    while "." in above:
        above = above.rpartition(".")[0]
        if above in values:
            return above
    return None


def label(value: str) -> str:
    """A value as words: `Earth.NearSurface.AuroralRegion` is `Earth, Near Surface, …`."""
    return ", ".join(_WORDS.sub(" ", part) for part in value.split("."))


def triples() -> Iterator[tuple[str, str, str]]:
    """(subject, predicate, object) of all lists as N-Triples terms, without duplicates."""
    for name, values in lists().items():
        scheme = f"<{namespaces.SPASE}{name}>"
        yield scheme, _A, f"<{_SKOS}ConceptScheme>"
        yield scheme, f"<{_SKOS}prefLabel>", f'"SPASE {name}"@en'
        known = frozenset(values)
        for value in values:
            yield from _concept(name, value, broader(value, known))
    for value, modeled in iris("ModeledRegion").items():
        # One word for one place, whether it is observed or modelled.
        observed = concept("Region", value)
        if observed:
            yield f"<{modeled}>", f"<{_SKOS}exactMatch>", f"<{observed}>"


# fmt: off
_DEFINITIONS = {
    "AccessRights": "Who may have the data.",
    "AnnotationType": "What a note on data is about.",
    "ApplicationInterface": "How a piece of software is used.",
    "AssociationType": "How one resource stands to another.",
    "Availability": "Whether data can be had at once.",
    "ClassificationMethod": "How something was recognised in data.",
    "Component": "Which component of a vector or tensor a parameter is.",
    "ConfidenceRating": "How sure an annotation is.",
    "CoordinateRepresentation": "How the components of a vector are written.",
    "DisplayType": "What kind of picture a display of data is.",
    "DocumentType": "What kind of document is described.",
    "Encoding": "How files are packed or coded.",
    "FieldQuantity": "What is measured of an electric or magnetic field.",
    "FieldQualifier": "Which part or statistic of a field a parameter is; older versions only.",
    "Format": "How files are written.",
    "HashFunction": "By what a checksum was computed.",
    "InstrumentType": "How an instrument works.",
    "MeasurementType": "What kind of measurement data are of.",
    "MixedQuantity": "Quantities that follow from particles and fields together.",
    "ModelProduct": "What a run of a model gives.",
    "ModelType": "What kind of model something was computed with.",
    "ModeledRegion": "The part of space that a model describes.",
    "ParticleQuantity": "What is measured of particles.",
    "ParticleQualifier": "Which part or statistic of particles a value is; older versions only.",
    "ParticleType": "What particles are measured.",
    "PhenomenonType": "What kind of event or feature a catalogue lists.",
    "PhotonQuantity": "What is measured of light; older versions only.",
    "PhotonQualifier": "Which part or statistic of light a parameter is; older versions only.",
    "ProcessingLevel": "How far data are processed.",
    "Qualifier": "Which part, direction or statistic of a quantity a parameter is.",
    "Region": "The part of space that is observed, or that an observatory is in.",
    "RenderingAxis": "Which axis of a plot is meant.",
    "ResourceType": "What kind of resource a record describes.",
    "Role": "What part a person has in a resource.",
    "ScaleType": "How an axis of a plot is divided.",
    "SourceType": "What an image or a piece of metadata shows of a resource.",
    "SpectralRange": "The part of the spectrum that data cover.",
    "Status": "Whether a resource is still to be used.",
    "Style": "How an access address is to be used.",
    "SupportQuantity": "What helps to use the other parameters: time, position, quality.",
    "Symmetry": "What symmetry a model assumes.",
    "WaveQuantity": "What is measured of waves and light.",
    "WaveType": "What waves are measured.",
}
# fmt: on
_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_")
_A = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_SKOS = "http://www.w3.org/2004/02/skos/core#"


def _concept(name: str, value: str, above: str | None) -> Iterator[tuple[str, str, str]]:
    base = f"{namespaces.SPASE}{name}"
    term = f"<{base}#{value}>"
    yield term, _A, f"<{_SKOS}Concept>"
    yield term, f"<{_SKOS}inScheme>", f"<{base}>"
    yield term, f"<{_SKOS}prefLabel>", f'"{label(value)}"@en'
    yield term, f"<{_SKOS}notation>", f'"{value}"'
    versions = intervals()[name][value]
    if versions != "-":
        yield term, f"<{namespaces.ONTOLOGY}spaseVersions>", f'"{versions}"'
    if above is None:
        yield term, f"<{_SKOS}topConceptOf>", f"<{base}>"
    else:
        yield term, f"<{_SKOS}broader>", f"<{base}#{above}>"
