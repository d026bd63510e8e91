"""How FAIR a record's page is: the metrics of F-UJI that a page can meet, checked on what it says.

FAIRsFAIR Data Object Assessment Metrics 0.5 (Devaraju et al., doi:10.5281/zenodo.6461229). The
checks are our own and look at what the page gives machines (JSON-LD, links), as the tool does;
FsF-A2-01M cannot be seen on a page of what exists, and is left out as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.labels import orcid, ror
from mappings.to_linkset import Link
from registry import identifiers
from registry.model import Record

Object = dict[str, Any]


@dataclass(slots=True, frozen=True)
class Metric:
    """One metric: `points` of `most`, and what would give the rest."""

    identifier: str
    name: str
    points: int
    most: int
    way_up: str


@dataclass(slots=True, frozen=True)
class Said:
    """What a page says: the record, its schema.org description, its links."""

    record: Record
    described: Object
    links: Sequence[Link]

    def has(self, *names: str) -> int:
        """How many of these the description has."""
        return sum(bool(self.described.get(name)) for name in names)


# Formats that F-UJI counts as open, long-lived or scientific, in SPASE's spelling.
_FORMATS = frozenset(
    (
        "CDF", "CSV", "FITS", "HDF", "HDF4", "HDF5", "HTML", "JPEG", "JSON", "MPEG", "NetCDF",
        "PDF", "PNG", "Text", "Text.ASCII", "TIFF", "VOTable", "XML", "GIF", "SVG",
    )
)  # fmt: skip
_CORE = ("creator", "name", "identifier", "datePublished", "publisher", "description", "keywords")
_OF_DATA = frozenset(
    (
        "FsF-F3-01M", "FsF-A1-01M", "FsF-A1-03D", "FsF-R1-01MD", "FsF-R1.1-01M", "FsF-R1.3-02D",
    )
)  # fmt: skip
_WORDS = {
    "creator": "creators (PublicationInfo/Authors)",
    "name": "a title",
    "identifier": "an identifier",
    "datePublished": "a date of publication (PublicationInfo/PublicationDate)",
    "publisher": "a publisher (PublicationInfo/PublishedBy)",
    "description": "a description",
    "keywords": "keywords (Keyword)",
}


def assessed(record: Record, described: Object, links: Sequence[Link]) -> list[Metric]:
    """The metrics of a record's page, in the order of the principles.

    Those that ask for data are left out where the record describes none.
    """
    said = Said(record, described, links)
    data = described.get("@type") == "Dataset"
    found = []
    for identifier, name, most, points, way_up in _METRICS:
        if identifier in _OF_DATA and not data:
            continue
        reached = min(points(said), most)
        told = way_up(said) if callable(way_up) else way_up
        found.append(Metric(identifier, name, reached, most, "" if reached == most else told))
    return found


def score(metrics: Sequence[Metric]) -> int:
    """The points reached, in per cent of all."""
    most = sum(one.most for one in metrics)
    return round(100 * sum(one.points for one in metrics) / most) if most else 0


def _persistent(said: Said) -> int:
    agent = said.record.agent
    if agent and (orcid(agent.orcid) or any(map(ror, agent.rors))):
        return 1
    return int(bool(identifiers.doi(said.record.doi)))


def _core(said: Said) -> int:
    return said.has(*_CORE) * 2 // len(_CORE)


def _core_missing(said: Said) -> str:
    missing = [words for name, words in _WORDS.items() if not said.described.get(name)]
    return f"Say {', '.join(missing)} in the record."


def _data_named(said: Said) -> int:
    return int(any(one.get("contentUrl") or one.get("url") for one in _downloads(said)))


def _downloads(said: Said) -> list[Object]:
    found = said.described.get("distribution", [])
    return found if isinstance(found, list) else [found]


def _access_level(said: Said) -> int:
    return int(bool(said.has("conditionsOfAccess")))


def _protocol(said: Said) -> int:
    known = ("https://", "http://", "ftp://", "ftps://")
    addresses = [str(one.get("contentUrl") or one.get("url") or "") for one in _downloads(said)]
    return int(any(one.lower().startswith(known) for one in addresses))


def _semantic(said: Said) -> int:
    frames = any(one.frame for one in said.record.parameters)
    return int(bool(said.record.measurement_types or said.record.regions or frames))


def _related(said: Said) -> int:
    own = said.has("isPartOf", "isBasedOn", "about", "funder", "includedInDataCatalog")
    linked = any(one.rel == "author" for one in said.links)
    return int(bool(said.record.relations) or own > 1 or linked)


def _content(said: Said) -> int:
    formats = any(access.formats for access in said.record.access)
    sizes = any(access.quantity for access in said.record.access)
    return said.has("variableMeasured") + int(formats) + int(sizes) + 1


def _licence(said: Said) -> int:
    if not said.has("license"):
        return 0
    return 1 + any(one.rel == "license" for one in said.links)


def _provenance(said: Said) -> int:
    own = said.has("datePublished", "sdDatePublished", "version", "isBasedOn", "creator")
    return int(own > 0) + int(own > 2)


def _format(said: Said) -> int:
    return int(any(set(access.formats) & _FORMATS for access in said.record.access))


def _always(said: Said) -> int:
    return 2


_WayUp = str | Callable[[Said], str]
_METRICS: tuple[tuple[str, str, int, Callable[[Said], int], _WayUp], ...] = (
    ("FsF-F1-01D", "A globally unique identifier", 1, _always, ""),
    ("FsF-F1-02D", "A persistent identifier", 1, _persistent,
     "Give it a DOI; a person an ORCID iD, an organisation a ROR id."),
    ("FsF-F2-01M", "Core metadata for finding and citing", 2, _core, _core_missing),
    ("FsF-F3-01M", "The data are named in the metadata", 1, _data_named,
     "Name where the data are (AccessInformation/AccessURL)."),
    ("FsF-F4-01M", "Search engines can read the metadata", 2, _always, ""),
    ("FsF-A1-01M", "Access level and conditions", 1, _access_level,
     "Say who may have the data (AccessInformation/AccessRights)."),
    ("FsF-A1-02M", "The metadata come by a standard protocol", 1, _always, ""),
    ("FsF-A1-03D", "The data come by a standard protocol", 1, _protocol,
     "Name an address of the data at an http, https or ftp server."),
    ("FsF-I1-01M", "Metadata in a formal language", 2, _always, ""),
    ("FsF-I2-01M", "Terms of vocabularies", 1, _semantic,
     "Say what is measured, where, in which frame (MeasurementType, ObservedRegion)."),
    ("FsF-I3-01M", "Links to related things", 1, _related,
     "Name instruments, inputs or related records (InstrumentID, Association)."),
    ("FsF-R1-01MD", "What the data contain", 4, _content,
     "Describe the parameters (Parameter), the formats (Format) and the size (DataExtent)."),
    ("FsF-R1.1-01M", "A licence of the data", 2, _licence,
     "Say the licence of the data with its address (AccessInformation/RightsList)."),
    ("FsF-R1.2-01M", "Where the data come from", 2, _provenance,
     "Say who made them, when, from what (PublicationInfo, ProviderVersion, InputResourceID)."),
    ("FsF-R1.3-01M", "A metadata standard of the community", 1, _always, ""),
    ("FsF-R1.3-02D", "A file format that lasts", 1, _format,
     "Say the format (AccessInformation/Format); offer an open one."),
)  # fmt: skip

NAMES = {identifier: name for identifier, name, *_ in _METRICS}
"""The metrics by their identifiers."""
WAYS_UP = {
    identifier: way_up if isinstance(way_up, str)
    else f"Say {', '.join(_WORDS[name] for name in _CORE)}."
    for identifier, _, _, _, way_up in _METRICS
}  # fmt: skip
"""What gives the points of a metric, said of any record."""
