"""Metadata formats: which records have them, and how they are written (OAI-PMH 2.0, section 3.4).

`spase` and `ivo_vor` give the kept source of a record as it is; `oai_dc` is made from the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mappings.models import reference_keys
from mappings.to_dublin_core import OAI_DC, dublin_core_element, to_dublin_core
from registry.findings import VALID
from registry.kept_records import models, neighbours
from registry.oai.xml import embedded
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
    """A metadata format: of records of the format `of` ('' of all), or only of the valid ones.

    `write` gives the metadata of current records, in their order, as text of one element each.
    """

    prefix: str
    schema: str
    namespace: str
    write: Callable[[Reader, Sequence[KeptRecord]], Payloads]
    of: str = ""
    only_valid: bool = False

    def has(self, record: KeptRecord) -> bool:
        """Whether the record is an item of this format, be it as a deleted one."""
        return self.of in ("", record.format) and (record.was_valid or not self.only_valid)

    def deleted(self, record: KeptRecord) -> bool:
        """Whether a record that has the format is no longer offered in it."""
        return record.deleted or (self.only_valid and record.verdict != VALID)

    def narrowed(self, selection: Selection) -> Selection | None:
        """What of a selection has this format; None if nothing can."""
        if self.of and selection.format not in ("", self.of):
            return None
        return replace(selection, format=self.of or selection.format, once_valid=self.only_valid)


def formats(page: PageAddress) -> dict[str, Format]:
    """The formats of `/oai`, by their prefix."""

    def dublin_core(reader: Reader, records: Sequence[KeptRecord]) -> Payloads:
        return _dublin_core(reader, records, page)

    offered = (
        Format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC, dublin_core),
        Format(
            "spase",
            f"https://spase-group.org/data/schema/spase-{NEWEST}.xsd",
            SPASE,
            _source,
            of="spase",
        ),
        Format(
            "ivo_vor",
            REGISTRY_INTERFACE,
            REGISTRY_INTERFACE,
            _source,
            of="voresource",
            only_valid=True,
        ),
    )
    return {one.prefix: one for one in offered}


def _source(reader: Reader, records: Sequence[KeptRecord]) -> Payloads:
    bodies = reader.bodies([record.revision_id for record in records])
    return [embedded(element(bodies[record.revision_id])) for record in records]


def _dublin_core(reader: Reader, records: Sequence[KeptRecord], page: PageAddress) -> Payloads:
    read = models(reader, records)
    keys = {key for _, model in read for _, key in reference_keys(model)}
    labels = neighbours(reader, keys)
    return [
        embedded(dublin_core_element(to_dublin_core(model, labels, page=page(kept.identifier))))
        for kept, model in read
    ]
