"""`parhelion export`: the records as RDF, all of them or what has changed since a number; and whole
dumps in other forms (`record_dumps`)."""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from mappings import rdf_dump, rdf_inferred
from registry import identifiers
from registry.commands import record_dumps
from registry.engines import open_store
from registry.followers.described import described
from registry.graph.graph import VOCABULARIES
from registry.oai.static_repository import NoRecords
from registry.settings import Settings
from registry.store.reading import Reader
from vocabularies.graph import graph_lines

DUMPS = "dumps"
"""The folder of the data folder that `/graph` describes and serves."""
ENDINGS = {"nquads": "nq", "turtle": "ttl"}
_BATCH = 500


@click.command()
@click.option(
    "--format",
    "format_",
    type=click.Choice([*ENDINGS, *record_dumps.FORMATS]),
    default="nquads",
    show_default=True,
    help="N-Quads with a graph for each record, or Turtle; the source documents (tar), a JSON "
    "object a line (ndjson), or an OAI static repository.",
)
@click.option(
    "--since",
    type=click.IntRange(0),
    default=0,
    help="Only what has changed after this change number; deleted records are named.",
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; one that ends in .gz is compressed. Else standard output.",
)
@click.option(
    "--publish", is_flag=True, help="Write into the data folder, from where /graph offers it."
)
@click.option(
    "--base-url",
    default="",
    help="Of an OAI static repository: the gateway's address with that of the file behind it.",
)
@click.option("--json", "as_json", is_flag=True, help="Say what was written as one JSON object.")
@click.pass_obj
def export(
    settings: Settings,
    format_: str,
    since: int,
    output: Path | None,
    publish: bool,
    base_url: str,
    as_json: bool,
) -> None:
    """Write the records out.

    A dump in RDF says in its first line up to which change number it goes, every dump when it
    ends: give it to --since the next time.
    """
    if base_url and format_ != record_dumps.STATIC:
        raise click.UsageError(f"--base-url goes with --format {record_dumps.STATIC}.")
    if format_ in record_dumps.FORMATS:
        if publish:
            raise click.UsageError("--publish is for RDF, which /graph offers.")
        _dump_records(settings, record_dumps.Dump(format_, output, since, base_url), as_json)
        return
    if publish and output:
        raise click.UsageError("--publish names the file itself: leave --output out.")
    store = open_store(settings)
    try:
        with store.reading() as reader:
            last = reader.last_change()
            if since > last:
                raise click.UsageError(f"--since {since}: the last change has the number {last}.")
            if publish:
                output = settings.data / DUMPS / _name(format_, since, last)
            with _opened(output) as write:
                count = dump(reader, write, format_, since, settings.public_url)
    finally:
        store.close()
    said = {"format": format_, "records": count, "change": last}
    _say(said | {"output": str(output) if output else None}, as_json)


def _dump_records(settings: Settings, dump: record_dumps.Dump, as_json: bool) -> None:
    store = open_store(settings)
    try:
        with store.reading() as reader:
            said = record_dumps.write_dump(reader, settings, dump)
    except NoRecords as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.close()
    _say(said, as_json)


def _say(said: dict[str, Any], as_json: bool) -> None:
    """What was written, on standard error: standard output may be the dump."""
    if as_json:
        click.echo(json.dumps(said), err=True)
    elif said["output"]:
        words = f"{said['records']:,} records, up to change {said['change']:,}"
        click.echo(f"{words}, in {said['output']}.", err=True)


def dump(
    reader: Reader, write: Callable[[str], object], format_: str, since: int, public_url: str
) -> int:
    """Writes the records changed after `since` (0: all, with the vocabularies); says how many."""
    last = reader.last_change()
    write(f"# Parhelion: changes {since + 1} to {last}\n")
    turtle = format_ == "turtle"
    if turtle:
        write(rdf_dump.prefixes())
    if not since:
        words = graph_lines()
        words += rdf_inferred.inferred(words)
        write(rdf_dump.turtle(words) if turtle else rdf_dump.quads(words, VOCABULARIES))
    count = 0
    for identifier, lines in _records(reader, since, public_url):
        graph = identifiers.iri(identifier)
        write(rdf_dump.turtle(lines) if turtle else rdf_dump.quads(lines, graph))
        count += 1
    return count


def _records(reader: Reader, since: int, public_url: str) -> Iterator[tuple[str, Iterable[str]]]:
    """(key, lines) of each record; those that are no more only where a part is asked for."""
    last, after = reader.last_change(), since
    while after < last:
        batch, after = reader.changed(after, _BATCH)
        for item in described(reader, batch):
            if item.record is not None:
                yield item.kept.key, item.triples(public_url)
            elif since and item.kept.deleted:
                yield item.kept.key, rdf_dump.deleted(item.kept.key)


def _name(format_: str, since: int, last: int) -> str:
    part = f"changes-{since + 1}-{last}" if since else f"all-{last}"
    return f"parhelion-{part}.{ENDINGS[format_]}.gz"


@contextmanager
def _opened(path: Path | None) -> Iterator[Callable[[str], object]]:
    """Where to write text: the file, which appears only when it is whole, or standard output."""
    if path is None:
        yield sys.stdout.write
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with waiting.open("wb") as file:
            # The same records give the same bytes: no name and no time in the header.
            packed = gzip.GzipFile("", "wb", 6, file, 0) if path.suffix == ".gz" else file
            with packed, io.TextIOWrapper(packed, "utf-8", newline="\n") as text:  # type: ignore[type-var]
                yield text.write
        waiting.replace(path)
    finally:
        waiting.unlink(missing_ok=True)
