"""The IVOA publishing registry (RegistryInterfaces 1.1, section 3.1): items, sets and formats.

Every item has an ivoid: a VOResource record its own, a SPASE record one under our authority, and
the registry's own records, which the store does not hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from mappings.models import model_of
from mappings.to_dublin_core import dublin_core_text, to_dublin_core
from mappings.to_voresource import KINDS, Publishing, to_voresource
from registry.oai import sets
from registry.oai.formats import Format, PageAddress, Payloads, dublin_core, source, with_neighbours
from registry.oai.items import keys
from registry.oai.ivoids import ivoids, key_of
from registry.oai.own_records import OwnRecord, authority, managed_authorities
from registry.oai.xml import no_default
from registry.settings import Settings
from registry.store import listing
from registry.store.kept import KeptRecord
from registry.store.listing import Selection
from registry.store.reading import Reader
from schemas.documents import REGISTRY_INTERFACE, element

MANAGED = "ivo_managed"
_MANAGED_NAME = "What originates here, under authorities that this registry manages"

Write = Callable[[Reader, Sequence[KeptRecord]], Payloads]


class PublishedRecords:
    """The items of `/oai/ivoa`."""

    def __init__(self, settings: Settings, own: Sequence[OwnRecord]) -> None:
        self._authority = authority(settings)
        self._managed = tuple(one.lower() for one in managed_authorities(settings))
        self._own = {one.kept.key: one for one in own}

    def identifiers(self, reader: Reader, records: Sequence[KeptRecord]) -> list[str]:
        known = ivoids(reader, self._authority, (one.key for one in records))
        return [
            known.ivoid(one.key) if one.format == "spase" else _as_written(one) for one in records
        ]

    def find(self, reader: Reader, identifier: str) -> KeptRecord | None:
        wanted = keys(identifier)
        for key in wanted:
            if key in self._own:
                return self._own[key].kept
        for key in list(wanted):
            made = key_of(reader, self._authority, key)
            wanted += [made] if made else listing.near_equals(reader, key)
        found = reader.records_by_key(wanted)
        ours = listing.our_sources(reader)
        return next(
            (found[key] for key in wanted if key in found and self._is_item(found[key], ours)),
            None,
        )

    def _is_item(self, record: KeptRecord, ours: frozenset[int]) -> bool:
        return (
            record.format == "spase"
            or record.owner_id in ours
            or record.authority.lower() not in self._managed
        )

    def sets_of(self, reader: Reader, records: Sequence[KeptRecord]) -> list[list[str]]:
        ours = listing.our_sources(reader)
        return [
            [*([MANAGED] if self._is_managed(one, ours) else []), *sets.sets_of(one)]
            for one in records
        ]

    def _is_managed(self, record: KeptRecord, ours: frozenset[int]) -> bool:
        if record.key in self._own:
            return True
        known = record.format == "spase" or record.authority.lower() in self._managed
        return known and record.owner_id in ours

    def every_set(self, reader: Reader) -> Iterable[tuple[str, str]]:
        found = dict(sets.every_set(reader))
        for one in self._own.values():
            found.update(sets.named(one.kept))
        return [(MANAGED, _MANAGED_NAME), *sorted(found.items())]

    def selections(self, set_: str) -> list[Selection]:
        if set_ == MANAGED:
            found = [
                Selection(format="spase", ours=True),
                Selection(format="voresource", ours=True, authorities=self._managed),
            ]
        else:
            one = sets.selection(set_)
            found = [] if one is None else self._ours_alone(one)
        without = tuple(self._own)
        return [one if one.format == "spase" else replace(one, without=without) for one in found]

    def _ours_alone(self, selection: Selection) -> list[Selection]:
        """A selection without what peers say of authorities that are ours."""
        if selection.format == "spase":
            return [selection]
        return [replace(selection, never_from_peers=self._managed)]

    def own(self) -> list[KeptRecord]:
        return [one.kept for one in self._own.values()]

    def descriptions(self) -> list[str]:
        """Exactly one: the registry's own record (RegistryInterfaces 1.1, section 3.1.1)."""
        own = next(one.text for one in self._own.values() if one.kept.kind == "Registry")
        return [no_default(own)]


def _as_written(record: KeptRecord) -> str:
    """A VOResource record's ivoid as its metadata have it, without what is no part of it."""
    return record.identifier.partition("?")[0].partition("#")[0]


def publishing_formats(
    settings: Settings, own: Sequence[OwnRecord], page: PageAddress
) -> dict[str, Format]:
    """The formats of `/oai/ivoa`: `ivo_vor` and `oai_dc`."""
    texts = {one.kept.key: one.text for one in own}
    writers = _Writers(settings, texts, page)
    simple = dublin_core(page)
    vor = Format(
        "ivo_vor",
        REGISTRY_INTERFACE,
        REGISTRY_INTERFACE,
        writers.voresource,
        of=("voresource", "spase"),
        valid=("voresource",),
        kinds={"spase": KINDS},
        as_it_came=("voresource",),
    )
    return {
        one.prefix: one for one in (vor, replace(simple, write=writers.dublin_core(simple.write)))
    }


class _Writers:
    """How the records of `/oai/ivoa` are written."""

    def __init__(self, settings: Settings, own: dict[str, str], page: PageAddress) -> None:
        self._settings = settings
        self._authority = authority(settings)
        self._own = own
        self._page = page

    def voresource(self, reader: Reader, records: Sequence[KeptRecord]) -> Payloads:
        mapped = [one for one in records if one.format == "spase"]
        kept = [one for one in records if one.format != "spase" and one.key not in self._own]
        written = {
            one.key: text
            for some, texts in (
                (mapped, self._mapped(reader, mapped)),
                (kept, source(reader, kept)),
            )
            for one, text in zip(some, texts, strict=True)
        }
        return [
            written[one.key] if one.key in written else no_default(self._own[one.key])
            for one in records
        ]

    def _mapped(self, reader: Reader, records: Sequence[KeptRecord]) -> Iterator[str]:
        read, labels = with_neighbours(reader, records)
        known = ivoids(reader, self._authority, [*(one.key for one in records), *labels])
        publishing = Publishing(
            known.ivoid,
            self._page,
            self._settings.ivoa.contact or self._settings.ivoa.publisher or self._settings.title,
            self._settings.oai.admin_email,
        )
        for one, model in read:
            yield no_default(to_voresource(model, labels, publishing, changed=one.datestamp))

    def dublin_core(self, write: Write) -> Write:
        """Dublin Core, of the registry's own records too."""

        def written(reader: Reader, records: Sequence[KeptRecord]) -> Payloads:
            kept = [one for one in records if one.key not in self._own]
            texts = iter(write(reader, kept))
            return [
                self._own_dublin_core(one) if one.key in self._own else next(texts)
                for one in records
            ]

        return written

    def _own_dublin_core(self, record: KeptRecord) -> str:
        model = model_of("voresource", element(self._own[record.key].encode("utf-8")))
        return dublin_core_text(to_dublin_core(model, {}, page=self._settings.base_url() + "/"))
