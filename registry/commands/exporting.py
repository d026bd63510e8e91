"""`parhelion export`: the records as RDF, all of them or what has changed since a number."""

from __future__ import annotations

import gzip
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from mappings import rdf_dump, rdf_inferred
from registry import identifiers
from registry.engines import open_store
from registry.followers.described import described
from registry.graph.graph import VOCABULARIES
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
    type=click.Choice(list(ENDINGS)),
    default="nquads",
    show_default=True,
    help="N-Quads with a graph for each record, or Turtle.",
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
@click.pass_obj
def export(
    settings: Settings, format_: str, since: int, output: Path | None, publish: bool
) -> None:
    """Write the records out as RDF.

    The first line says up to which change number the dump goes: give it to --since the next time.
    """
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
    if output:
        click.echo(f"{count:,} records, up to change {last:,}, in {output}.", err=True)


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
