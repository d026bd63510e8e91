"""Metadata formats: which records have them, and how they are written (OAI-PMH 2.0, section 3.4).

`spase` and `ivo_vor` give the kept source of a record as it is; `oai_dc` and `oai_datacite` are
made from the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from mappings.models import reference_keys
from mappings.to_dublin_core import OAI_DC, dublin_core_text, to_dublin_core
from mappings.to_oai_datacite import NAMESPACE as OAI_DATACITE
from mappings.to_oai_datacite import SCHEMA as OAI_DATACITE_SCHEMA
from mappings.to_oai_datacite import to_oai_datacite
from registry.findings import VALID
from registry.kept_records import models, neighbours
from registry.model import Neighbours, Record
from registry.oai.xml import cut_out, embedded
from registry.store.kept import KeptRecord
from registry.store.listing import Selection
from registry.store.reading import Reader
from schemas.documents import REGISTRY_INTERFACE, SPASE, element
from schemas.spase.tables import NEWEST

Payloads = list[str]
PageAddress = Callable[[str], str]
"""The address of the page of the record with this identifier."""


@dataclass(slots=True, frozen=True)
class Format:
    """A metadata format, and the records that have it.

    `write` gives the metadata of current records, in their order, as text of one element each.
    A record has the format if its own is among `of` (None: whichever), with `kinds` if its
    resource type is; `valid` are the formats of records that have it only while they are valid.
    `with_doi`: only records with a DOI of ours.
    """

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Reader, Sequence[KeptRecord]], Payloads]
    of: tuple[str, ...] | None = None
    valid: tuple[str, ...] = ()
    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    with_doi: bool = False
    as_it_came: tuple[str, ...] = ()
    """The formats of records whose metadata are their source: a peer's stay the peer's."""

    def has(self, record: KeptRecord) -> bool:
        """Whether the record is an item of this format, be it as a deleted one."""
        if self.of is not None and record.format not in self.of:
            return False
        kinds = self.kinds.get(record.format)
        if kinds is not None and not {record.kind, *record.former_kinds}.intersection(kinds):
            return False
        if self.with_doi and not record.minted_doi:
            return False
        return record.was_valid or record.format not in self.valid

    def deleted(self, record: KeptRecord) -> bool:
        """Whether a record that has the format is no longer offered in it."""
        return (
            record.deleted
            or (record.format in self.valid and record.verdict != VALID)
            or record.kind not in self.kinds.get(record.format, (record.kind,))
        )

    def narrowed(self, selections: Iterable[Selection]) -> list[Selection]:
        """What of some selections has this format."""
        return [found for one in selections for found in self._narrowed(one)]

    def _narrowed(self, selection: Selection) -> Iterator[Selection]:
        if self.of is None:
            yield replace(selection, with_doi=self.with_doi)
            return
        for name in self.of:
            if selection.format not in ("", name):
                continue
            one = replace(
                selection, format=name, once_valid=name in self.valid, with_doi=self.with_doi
            )
            kinds = self.kinds.get(name)
            if kinds is None:
                yield one
                continue
            # Each by itself goes by an index, however many records of other types there are.
            asked = [selection.kind] if selection.kind else kinds
            yield from (replace(one, kind=kind) for kind in asked if kind in kinds)
            # Who has harvested a record by its type learns that it has another one now.
            if selection.kind in kinds:
                yield replace(one, kind="", once=(selection.kind,), never=kinds)
            else:
                yield replace(one, once=kinds, never=kinds)


def formats(page: PageAddress, datacentre: str = "") -> dict[str, Format]:
    """The formats of `/oai`, by their prefix; `datacentre` is the DataCite account's name."""
    offered = (
        dublin_core(page),
        Format(
            "spase",
            f"https://spase-group.org/data/schema/spase-{NEWEST}.xsd",
            SPASE,
            source,
            of=("spase",),
            as_it_came=("spase",),
        ),
        Format(
            "ivo_vor",
            REGISTRY_INTERFACE,
            REGISTRY_INTERFACE,
            source,
            of=("voresource",),
            valid=("voresource",),
            as_it_came=("voresource",),
        ),
        Format(
            "oai_datacite",
            OAI_DATACITE_SCHEMA,
            OAI_DATACITE,
            partial(_datacite, page=page, datacentre=datacentre),
            with_doi=True,
        ),
    )
    return {one.prefix: one for one in offered}


def dublin_core(page: PageAddress) -> Format:
    """`oai_dc`, which every record has (OAI-PMH 2.0, section 2.5)."""
    address = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
    return Format("oai_dc", address, OAI_DC, partial(_dublin_core, page=page))


def source(reader: Reader, records: Sequence[KeptRecord]) -> Payloads:
    """The kept source of records, each as one element."""
    bodies = reader.bodies([record.revision_id for record in records])
    return [_embedded(bodies[record.revision_id]) for record in records]


def _embedded(content: bytes) -> str:
    text = cut_out(content)
    # To parse and write a document again costs fifteen times as much.
    return embedded(element(content)) if text is None else text


def with_neighbours(
    reader: Reader, records: Sequence[KeptRecord], *, parameters: bool = True
) -> tuple[list[tuple[KeptRecord, Record]], Neighbours]:
    """Current records with their models, and the labels of all that these name."""
    read = models(reader, records, parameters=parameters)
    keys = {key for _, model in read for _, key in reference_keys(model)}
    return read, neighbours(reader, keys)


def _dublin_core(reader: Reader, records: Sequence[KeptRecord], *, page: PageAddress) -> Payloads:
    read, labels = with_neighbours(reader, records, parameters=False)
    return [
        dublin_core_text(to_dublin_core(model, labels, page=page(kept.identifier)))
        for kept, model in read
    ]


def _datacite(
    reader: Reader, records: Sequence[KeptRecord], *, page: PageAddress, datacentre: str
) -> Payloads:
    read, labels = with_neighbours(reader, records, parameters=False)
    return [
        to_oai_datacite(
            model,
            labels,
            doi=kept.minted_doi,
            page=page(kept.identifier),
            year=datetime.fromtimestamp(kept.created, UTC).year,
            datacentre=datacentre,
        )
        for kept, model in read
    ]
