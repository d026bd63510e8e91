"""Which vocabularies there are, where they come from, and under which path they are served."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from vocabularies import namespaces, spase, turtle, ucds
from vocabularies.turtle import Triple

TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
TERM_TYPES = frozenset(
    (
        "<http://www.w3.org/2004/02/skos/core#Concept>",
        "<http://www.w3.org/2000/01/rdf-schema#Class>",
        "<http://www.w3.org/2000/01/rdf-schema#Datatype>",
        "<http://www.w3.org/1999/02/22-rdf-syntax-ns#Property>",
        "<http://www.w3.org/2002/07/owl#AnnotationProperty>",
        "<http://www.w3.org/2002/07/owl#DatatypeProperty>",
    )
)
OURS, SPASE, IVOA = "Parhelion", "SPASE", "IVOA"

FILES = (
    "coordinate_representations.ttl",
    "epntap_target_class.ttl",
    "frame_directions.ttl",
    "frame_origins.ttl",
    "ivoa_messenger.ttl",
    "ivoa_processing_level.ttl",
    "ivoa_product_type.ttl",
    "ivoa_refframe.ttl",
    "ivoa_refposition.ttl",
    "ivoa_timescale.ttl",
    "ontology.ttl",
    "reference_frames.ttl",
    "spase_definitions.ttl",
    "spase_terms.ttl",
    "units.ttl",
    "vocabulary_properties.ttl",
    "voresource_types.ttl",
)
"""The Turtle files, which people edit."""


@dataclass(slots=True, frozen=True)
class Vocabulary:
    """One vocabulary: `path` is its place under /vocabularies/, `iri` that of the scheme."""

    path: str
    iri: str
    title: str
    description: str
    keeper: str
    """Who decides about its terms."""
    made_from: str
    """The Turtle file that is all of it; '' for lists that are made, and parts of a file."""


_WRITTEN = (
    Vocabulary(
        "frames", namespaces.FRAMES[:-1], "Reference frames of heliophysics",
        "The frames in which heliophysics writes positions and vectors: origin, axes, epoch and "
        "rotation of each, its names in other systems, and bridges to the reference frames of "
        "the International Virtual Observatory Alliance where they are true.",
        OURS, "reference_frames.ttl",
    ),
    Vocabulary(
        "origins", namespaces.ORIGINS[:-1], "Origins of reference frames",
        "Where the origin of a frame lies, with bridges to IVOA's reference positions.",
        OURS, "frame_origins.ttl",
    ),
    Vocabulary(
        "directions", namespaces.DIRECTIONS[:-1], "Directions of the axes of frames",
        "Where the axes of reference frames point to.",
        OURS, "frame_directions.ttl",
    ),
    Vocabulary(
        "representations", namespaces.REPRESENTATIONS[:-1], "Coordinate representations",
        "Ways to write the components of a vector in a frame.",
        OURS, "coordinate_representations.ttl",
    ),
    Vocabulary(
        "units", namespaces.UNITS[:-1], "Units",
        "Units of heliophysics in the syntax of VOUnits, with their factors to SI and bridges to "
        "QUDT.",
        OURS, "units.ttl",
    ),
    Vocabulary(
        "voresource/ResourceType", namespaces.VORESOURCE_TYPES[:-1], "Types of VOResource records",
        "What a VOResource record can describe, in the hierarchy of the schemas' types.",
        OURS, "voresource_types.ttl",
    ),
    Vocabulary(
        "status", namespaces.STATUS[:-1], "States of a record",
        "Why a record that is kept is not active.",
        OURS, "",
    ),
    Vocabulary(
        "ontology", namespaces.ONTOLOGY[:-1], "Properties of the graph",
        "The properties and datatypes of our own that the graph and these vocabularies are "
        "written with, where no established vocabulary has one.",
        OURS, "",
    ),
    Vocabulary(
        "epntap/target_class", namespaces.TARGET_CLASS[:-1], "EPN-TAP: classes of targets",
        "The values of target_class in EPN-TAP, which have no IRIs of their own.",
        IVOA, "epntap_target_class.ttl",
    ),
    Vocabulary(
        "ucd", namespaces.UCD[:-1], "UCD1+: words for quantities",
        "The words of which unified content descriptors are put together. What each means, "
        "IVOA's list says.",
        IVOA, "",
    ),
    *(
        Vocabulary(f"ivoa/{name}", namespaces.IVOA + name, f"IVOA: {title}", description,
                   IVOA, f"ivoa_{name.replace('-', '_')}.ttl")
        for name, title, description in (
            ("refframe", "reference frames", "The reference frames of the Virtual Observatory."),
            ("refposition", "reference positions", "Where positions and times are given for."),
            ("timescale", "time scales", "By which clock times are given."),
            ("messenger", "messengers", "What brings the message: light by its bands, neutrinos."),
            ("product-type", "data product types", "What kind of data a product holds."),
            ("processing-level", "calibration levels", "How far data are processed; a draft."),
        )
    ),
)  # fmt: skip


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """Every vocabulary by its path: those written as Turtle, UCD1+, and SPASE's lists."""
    found = {one.path: one for one in _WRITTEN}
    for name in spase.lists():
        path = f"spase/{name}"
        found[path] = Vocabulary(
            path,
            namespaces.SPASE + name,
            f"SPASE: {spase.label(name)}",
            spase.list_definition(name),
            SPASE,
            "",
        )
    return found


@cache
def _paths() -> dict[str, str]:
    return {one.iri: path for path, one in vocabularies().items()}


def path_of(iri: str) -> str | None:
    """The path of the vocabulary of a term or of a scheme; None for one that is not held."""
    return _paths().get(iri.partition("#")[0])


@cache
def triples_of(path: str) -> tuple[Triple, ...]:
    """Every triple whose subject is a vocabulary, given by its path, or one of its terms."""
    iri = vocabularies()[path].iri
    starts = (f"<{iri}>", f"<{iri}#")
    return tuple(
        dict.fromkeys(
            triple for source in sources() for triple in source if triple[0].startswith(starts)
        )
    )


def sources() -> Iterator[Iterable[Triple]]:
    """The triples of every vocabulary, a source at a time."""
    for file in FILES:
        yield turtle.triples(file)
    yield spase.triples()
    yield ucds.triples()
