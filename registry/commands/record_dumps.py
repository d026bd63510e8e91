"""Whole dumps of the current records: their sources as tar, NDJSON, an OAI static repository."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import click

from mappings.to_json import to_json
from registry import identifiers
from registry.commands.progress import Meter
from registry.oai.formats import formats, with_neighbours
from registry.oai.static_repository import static_repository
from registry.settings import Settings
from registry.store.kept import KeptRecord
from registry.store.reading import Reader

TAR, NDJSON, STATIC = "tar", "ndjson", "oai-static"
FORMATS = (TAR, NDJSON, STATIC)
_BATCH = 100
Advanced = Callable[[int], None]


@dataclass(slots=True, frozen=True)
class Dump:
    """What a dump is to hold. `since`: only what changed after this number (NDJSON)."""

    format: str
    output: Path | None = None
    since: int = 0
    base_url: str = ""


def write_dump(reader: Reader, settings: Settings, dump: Dump) -> dict[str, Any]:
    """Writes a dump, and gives what there is to say of it. Raises click.UsageError, NoRecords."""
    last = reader.last_change()
    if dump.since > last:
        raise click.UsageError(f"--since {dump.since}: the last change has the number {last}.")
    if dump.since and dump.format != NDJSON:
        raise click.UsageError(f"--since goes with RDF and {NDJSON}, not with {dump.format}.")
    count = 0
    with ExitStack() as stack:
        file = stack.enter_context(_opened(dump.output))
        # On a terminal, what is written and how far it has come would run into each other.
        meter = stack.enter_context(Meter("export")) if dump.output else None

        def advanced(number: int) -> None:
            nonlocal count
            count += number
            if meter:
                meter.advanced(number)

        _WRITERS[dump.format](reader, settings, dump, file, advanced)
    return {
        "format": dump.format,
        "records": count,
        "change": last,
        "output": str(dump.output) if dump.output else None,
    }


# -- the sources as they came ----------------------------------------------------------------


def _tar(
    reader: Reader, settings: Settings, dump: Dump, file: IO[bytes], advanced: Advanced
) -> None:
    """Each source under the path of its record's page; the same records give the same bytes."""
    with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as archive:
        for batch in reader.all_records(batch=_BATCH):
            bodies = reader.bodies([one.revision_id for one in batch])
            for one in batch:
                content = bodies[one.revision_id]
                member = tarfile.TarInfo(identifiers.page_path(one.identifier)[1:] + ".xml")
                member.size, member.mtime, member.mode = len(content), one.datestamp, 0o644
                archive.addfile(member, io.BytesIO(content))
            advanced(len(batch))


# -- one JSON object a line ------------------------------------------------------------------


def _ndjson(
    reader: Reader, settings: Settings, dump: Dump, file: IO[bytes], advanced: Advanced
) -> None:
    """In the order of changes: a dump that was broken off goes on with --since its last one."""
    for batch in _changed(reader, dump.since):
        read, labels = with_neighbours(reader, [one for one in batch if not one.deleted])
        models = {kept.id: to_json(model, labels) for kept, model in read}
        for one in batch:
            if one.id in models or dump.since:
                line = json.dumps(_line(one, models.get(one.id)), ensure_ascii=False)
                file.write(line.encode("utf-8") + b"\n")
                advanced(1)


def _changed(reader: Reader, since: int) -> Iterator[list[KeptRecord]]:
    last, after = reader.last_change(), since
    while after < last:
        batch, after = reader.changed(after, _BATCH)
        yield batch


def _line(record: KeptRecord, model: dict[str, Any] | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "identifier": record.identifier,
        "change": record.change_number,
        "datestamp": record.datestamp,
    }
    if model is None:
        return said | {"deleted": True}
    doi = {"doi": record.minted_doi} if record.minted_doi else {}
    return said | {"format": record.format, "verdict": record.verdict, **doi, "record": model}


# -- an OAI static repository ----------------------------------------------------------------


def _static(
    reader: Reader, settings: Settings, dump: Dump, file: IO[bytes], advanced: Advanced
) -> None:
    def page(identifier: str) -> str:
        return settings.base_url() + identifiers.page_path(identifier)

    offered = list(formats(page, settings.doi.username).values())
    base = dump.base_url or f"{settings.base_url()}/oai-static.xml"
    for text in static_repository(reader, settings.oai, offered, base, advanced):
        file.write(text.encode("utf-8"))


_WRITERS: dict[str, Callable[[Reader, Settings, Dump, IO[bytes], Advanced], None]] = {
    TAR: _tar,
    NDJSON: _ndjson,
    STATIC: _static,
}


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    """Where to write: the file, which appears only when it is whole, or standard output."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with ExitStack() as stack:
            file = cast(IO[bytes], stack.enter_context(waiting.open("wb")))
            if path.suffix in (".gz", ".tgz"):
                # No name and no time in the header: the same records give the same bytes.
                packed = gzip.GzipFile("", "wb", 6, file, 0)
                file = cast(IO[bytes], stack.enter_context(packed))
            yield file
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
