"""How FAIR the records of each kind are, for `/quality`: scores, and what would raise them most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mappings.to_schema_org import to_schema_org
from registry.model import Neighbours, Record
from registry.store.kept import KeptRecord
from registry.web import fair
from registry.web.representations import page_links

WAYS = 5


@dataclass(slots=True, frozen=True)
class Way:
    """A metric that records do not reach whole: how many, and what would do it."""

    metric: str
    name: str
    records: int
    way_up: str


@dataclass(slots=True, frozen=True)
class FairKind:
    """The records of one kind: their mean score in per cent, and the ways up by their number."""

    kind: str
    records: int
    score: int
    ways: list[Way]


def fair_kinds(surveyed: Iterable[tuple[str, int, tuple[str, ...]]]) -> list[FairKind]:
    """From (kind, score, metrics not reached whole) of each record, the commonest kind first."""
    records: Counter[str] = Counter()
    scores: Counter[str] = Counter()
    lacks: dict[str, Counter[str]] = {}
    for kind, score, lacking in surveyed:
        records[kind] += 1
        scores[kind] += score
        lacks.setdefault(kind, Counter()).update(lacking)
    return [
        FairKind(kind, number, round(scores[kind] / number), _ways(lacks[kind]))
        for kind, number in sorted(records.items(), key=lambda item: (-item[1], item[0]))
    ]


def _ways(lacking: Counter[str]) -> list[Way]:
    ordered = sorted(lacking.items(), key=lambda item: (-item[1], item[0]))
    return [
        Way(metric, fair.NAMES[metric], number, fair.WAYS_UP[metric])
        for metric, number in ordered[:WAYS]
    ]


def fair_of(kept: KeptRecord, record: Record, known: Neighbours, page: str) -> list[fair.Metric]:
    """The metrics of a record as its page says them; `page` is the page's address."""
    record.doi = kept.minted_doi or record.doi
    # Every page names this registry as a catalogue.
    described = to_schema_org(record, known, page, {"@type": "DataCatalog", "name": "registry"})
    return fair.assessed(record, described, page_links(record, known, page))
