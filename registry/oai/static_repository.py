"""An OAI static repository: all records in one XML file that a gateway serves for who cannot
(Specification for an OAI Static Repository, 2004-04-23).

By its section 3.2 and its restricted schema: UTF-8, dates without time, no sets, no deleted
records, no compression, no tokens, and for every format at least one record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain

from registry import identifiers
from registry.oai import xml
from registry.oai.formats import Format
from registry.oai.repository import admin_email
from registry.settings import OaiSettings
from registry.store import listing
from registry.store.kept import KeptRecord
from registry.store.listing import Selection
from registry.store.reading import Reader
from schemas.oai_pmh.envelope import OAI

NAMESPACE = "http://www.openarchives.org/OAI/2.0/static-repository"
_SCHEMA = "http://www.openarchives.org/OAI/2.0/static-repository.xsd"
_BATCH = 500


class NoRecords(Exception):
    """There is nothing that a static repository could hold; the message says so."""


def static_repository(
    reader: Reader,
    settings: OaiSettings,
    formats: Sequence[Format],
    base_url: str,
    progress: Callable[[int], None] = lambda number: None,
) -> Iterator[str]:
    """The file in pieces. Raises NoRecords.

    `base_url` is the gateway's address with that of the file behind it (section 3.2).
    `progress` is told how many records were written.
    """
    begun = []
    for one in formats:
        records = _records(reader, one)
        first = next(records, None)
        if first is not None:
            begun.append((one, chain([first], records)))
    if not begun:
        raise NoRecords("There are no records: a static repository must hold one at least.")
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Repository xmlns="{NAMESPACE}" xmlns:oai="{OAI}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NAMESPACE} {_SCHEMA}">\n'
    )
    yield _identify(reader, settings, base_url) + "\n"
    yield _formats([one for one, _ in begun]) + "\n"
    for one, batches in begun:
        yield f'<ListRecords metadataPrefix="{one.prefix}">\n'
        for batch in batches:
            for kept, text in zip(batch, one.write(reader, batch), strict=True):
                yield _record(kept, text)
            progress(len(batch))
        yield "</ListRecords>\n"
    yield "</Repository>\n"


def _records(reader: Reader, format_: Format) -> Iterator[list[KeptRecord]]:
    """The records that are offered in a format now, in batches that are not empty."""
    selections = format_.narrowed([Selection()])
    after, upper = 0, reader.last_change()
    while True:
        rows = listing.page(reader, selections, after, upper, _BATCH)
        if not rows:
            return
        after = rows[-1][0].change_number
        found = [one for one, _ in rows if format_.has(one) and not format_.deleted(one)]
        if found:
            yield found


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


def _identify(reader: Reader, settings: OaiSettings, base_url: str) -> str:
    said = [
        xml.element("oai:repositoryName", settings.repository_name),
        xml.element("oai:baseURL", base_url),
        xml.element("oai:protocolVersion", "2.0"),
        xml.element("oai:adminEmail", admin_email(settings)),
        xml.element("oai:earliestDatestamp", _day(listing.earliest_datestamp(reader))),
        xml.element("oai:deletedRecord", "no"),
        xml.element("oai:granularity", "YYYY-MM-DD"),
    ]
    return xml.container("Identify", said)


def _formats(formats: Sequence[Format]) -> str:
    said = [
        xml.container(
            "oai:metadataFormat",
            [
                xml.element("oai:metadataPrefix", one.prefix),
                xml.element("oai:schema", one.schema),
                xml.element("oai:metadataNamespace", one.namespace),
            ],
        )
        for one in formats
    ]
    return xml.container("ListMetadataFormats", said)


def _record(record: KeptRecord, text: str) -> str:
    head = xml.container(
        "oai:header",
        [
            xml.element("oai:identifier", identifiers.iri(record.key)),
            xml.element("oai:datestamp", _day(record.datestamp)),
        ],
    )
    return f"<oai:record>\n{head}\n<oai:metadata>{text}</oai:metadata>\n</oai:record>\n"
