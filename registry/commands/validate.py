"""`parhelion validate`: what is wrong with records, and what to do."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from harvesters.documents import Task
from harvesters.files import tasks
from registry.findings import ADVICE, ERROR, WARNING
from registry.settings import Settings, read_settings
from registry.validation import baseline
from registry.validation.choosing import Choice
from registry.validation.grouping import CAUSE, RECORD, RULE, Groups
from registry.validation.judging import (
    FORMS,
    HTML,
    JUNIT,
    SARIF,
    TEXT,
    Judged,
    Lookups,
    Order,
    Pass,
)
from registry.validation.lookup import Batch, Combined, Lookup, whole_store
from registry.validation.reports.html import HtmlPage
from registry.validation.reports.junit import JunitSuites
from registry.validation.reports.sarif import SarifLog
from registry.validation.reports.text import as_group, counted, summary
from schemas.spase import added

CHUNK = 2_000_000
"""Bytes of documents a task: small enough that all processes end together."""

STORE = "store.sqlite"

_FINE, _FAILED, _NOT_RUN = 0, 1, 2


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMS),
    default=TEXT,
    show_default=True,
    help="text: for people; json: one object a record and line; sarif: for GitHub and editors; "
    "junit: for continuous integration; html: one page that works offline.",
)
@click.option(
    "--group",
    type=click.Choice([CAUSE, RECORD, RULE]),
    default=CAUSE,
    show_default=True,
    help="How text puts findings together: by what is wrong, a line a finding, or by rule.",
)
@click.option(
    "--select", multiple=True, metavar="RULE", help="Tell only these rules, or what begins so."
)
@click.option(
    "--ignore", multiple=True, metavar="RULE", help="Do not tell these rules, or what begins so."
)
@click.option(
    "--baseline",
    "baseline_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Tell only what this file does not hold.",
)
@click.option(
    "--write-baseline", is_flag=True, help="Write what is found into the baseline's file."
)
@click.option(
    "--fail-on",
    type=click.Choice([ERROR, WARNING, ADVICE]),
    default=ERROR,
    show_default=True,
    help="The least severity that makes the exit status 1.",
)
@click.option(
    "--processes", type=click.IntRange(1), help="How many processes judge (default: all cores)."
)
@click.pass_obj
def validate(
    settings: Settings | None,
    paths: tuple[str, ...],
    form: str,
    group: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    baseline_file: Path | None,
    write_baseline: bool,
    fail_on: str,
    processes: int | None,
) -> None:
    """Say what is wrong with the records in files, folders, archives and - (standard input).

    Exit status: 0 when nothing as bad as --fail-on is told, 1 when something is (a record that is
    invalid, not well-formed or not recognised is an error), 2 when something could not be read.
    Records of a version without a public schema are neither valid nor invalid. Nothing is stored.
    """
    settings = settings or read_settings()
    if write_baseline and baseline_file is None:
        raise click.UsageError("--write-baseline needs --baseline FILE, the file to write.")
    order = Order(
        form=form,
        group=group,
        colour=_colour(sys.stdout),
        fail_on=fail_on,
        choice=Choice(select, ignore, settings.validation.severities),
        known=None if write_baseline else _known(baseline_file),
        collects=write_baseline,
        schemas=settings.data / added.FOLDER,
    )
    total = _tell(paths, order, processes or os.cpu_count() or 1, settings.data, sys.stdin.buffer)
    if not total.verdicts and form != TEXT:
        click.echo("parhelion: there is no document in these paths.", err=True)
    if write_baseline and baseline_file is not None:
        baseline.write(baseline_file, total.entries)
        click.echo(f"{len(total.entries):,} findings written to {baseline_file}.", err=True)
        sys.exit(_NOT_RUN if total.unreadable or not total.verdicts else _FINE)
    sys.exit(_status(total))


def _colour(out: TextIO) -> bool:
    return out.isatty() and "NO_COLOR" not in os.environ


def _known(file: Path | None) -> dict[str, int] | None:
    if file is None:
        return None
    if not file.exists():
        raise click.UsageError(
            f"There is no baseline {file}; make it with --baseline {file} --write-baseline."
        )
    try:
        return baseline.read(file)
    except baseline.BaselineError as error:
        raise click.UsageError(str(error)) from error


def _status(total: Judged) -> int:
    if total.unreadable or not total.verdicts:
        return _NOT_RUN
    return _FAILED if total.failing else _FINE


_WRITERS: dict[str, type[SarifLog] | type[JunitSuites] | type[HtmlPage]] = {
    SARIF: SarifLog,
    JUNIT: JunitSuites,
    HTML: HtmlPage,
}


class _Telling:
    """Writes the report of one run in its form."""

    def __init__(self, order: Order, out: TextIO) -> None:
        self._order = order
        self._out = out
        self._writer: SarifLog | JunitSuites | HtmlPage | None = None
        if order.form in _WRITERS:
            self._writer = _WRITERS[order.form](out)

    def add(self, judged: Judged) -> None:
        if self._writer is not None:
            self._writer.add(judged.pieces)
        elif judged.pieces:
            self._out.write("\n".join(judged.pieces) + "\n")

    def finish(self, total: Judged) -> None:
        groups = total.groups.sorted()
        counts, findings = summary(total.verdicts), counted(total.severities, total.known)
        if isinstance(self._writer, SarifLog):
            self._writer.finish(groups, not total.unreadable)
        elif isinstance(self._writer, JunitSuites):
            self._writer.finish()
        elif isinstance(self._writer, HtmlPage):
            self._writer.finish(groups, counts, findings)
        elif self._order.form == TEXT:
            if self._order.group != RECORD:
                for group in groups:
                    self._out.write(as_group(group, self._order.colour) + "\n")
            self._out.write(counts + "\n" + (findings + "\n" if findings else ""))
        self._out.flush()


def _tell(
    paths: tuple[str, ...], order: Order, processes: int, store: Path, stdin: BinaryIO
) -> Judged:
    """Judges everything, writes the report to standard output, and gives the sums."""
    if order.form != TEXT and isinstance(sys.stdout, io.TextIOWrapper):
        # What other programs read is UTF-8, whatever the terminal's encoding is.
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    telling = _Telling(order, sys.stdout)
    total = Judged(Groups(RULE if order.group == RULE else CAUSE))
    work = Work(paths, stdin)
    for judged in Pass(work.tasks, order, processes).judged(lookups(store)):
        telling.add(judged)
        total.join(judged)
    telling.finish(total)
    return total


class Work:
    """The tasks of all paths, as often as they are asked for.

    What can be read only once (standard input, a pipe) is kept.
    """

    def __init__(self, paths: Iterable[str], stdin: BinaryIO) -> None:
        self._paths = list(dict.fromkeys(paths))
        self._stdin = stdin
        self._once: dict[str, list[Task]] = {}

    def tasks(self) -> Iterator[Task]:
        for path in self._paths:
            if path != "-" and (os.path.isfile(path) or os.path.isdir(path)):
                yield from tasks([path], chunk=CHUNK)
            else:
                if path not in self._once:
                    self._once[path] = list(tasks([path], chunk=CHUNK, stdin=self._stdin))
                yield from self._once[path]


def lookups(folder: Path) -> Lookups:
    """What makes of the records of a call the lookup for rules: with the store's, if there is one.

    A store that cannot be read is said on standard error, and left out.
    """
    if not (folder / STORE).is_file():
        return lambda batch: batch
    from registry.store.connections import Connections, StoreError
    from registry.store.reading import Reader

    def both(batch: Batch) -> Lookup:
        try:
            with Connections(folder, readonly=True).reading() as connection:
                return Combined(batch, whole_store(Reader(connection)))
        except StoreError as error:
            click.echo(f"parhelion: references are judged without the store. {error}", err=True)
            return batch

    return both
