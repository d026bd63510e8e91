"""`parhelion validate`: what is wrong with records, as the published schemas see them."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

import click

from harvesters.documents import Task
from harvesters.files import read, tasks
from registry.findings import INVALID, NO_SCHEMA, NOT_WELL_FORMED, UNRECOGNISED, VALID
from registry.processes import in_order, pool
from registry.validation.reports import as_json, as_text, reports

CHUNK = 2_000_000
"""Bytes of documents a task: small enough that all processes end together."""

_ALL_VALID, _SOMETHING_INVALID, _NOT_RUN = 0, 1, 2
_WORSE = (INVALID, NOT_WELL_FORMED, UNRECOGNISED)
_IN_WORDS = {
    VALID: "valid",
    INVALID: "invalid",
    NO_SCHEMA: "without a public schema",
    NOT_WELL_FORMED: "not well-formed",
    UNRECOGNISED: "not recognised",
}


@dataclass(slots=True)
class Judged:
    """What came of one task: lines to print, and how many records had which verdict."""

    lines: list[str] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text: a line a finding, and a summary; json: one object a record and line.",
)
@click.option(
    "--processes", type=click.IntRange(1), help="How many processes judge (default: all cores)."
)
def validate(paths: tuple[str, ...], form: str, processes: int | None) -> None:
    """Say what is wrong with the records in files, folders, archives and - (standard input).

    Exit status: 0 when nothing is invalid, 1 when something is invalid, not well-formed or not
    recognised, 2 when something could not be read. Records of a version without a public schema
    are neither valid nor invalid. Nothing is stored.
    """
    total = Judged()
    for judged in judge_all(paths, form, processes or os.cpu_count() or 1):
        if judged.lines:
            sys.stdout.write("\n".join(judged.lines) + "\n")
        total.verdicts += judged.verdicts
        total.unreadable += judged.unreadable
    sys.stdout.flush()
    if form == "text":
        click.echo(summary(total.verdicts))
    elif not total.verdicts:
        click.echo("parhelion: there is no document in these paths.", err=True)
    sys.exit(_status(total))


def _status(total: Judged) -> int:
    if total.unreadable or not total.verdicts:
        return _NOT_RUN
    return _SOMETHING_INVALID if any(total.verdicts[v] for v in _WORSE) else _ALL_VALID


def summary(verdicts: Counter[str]) -> str:
    """The counts as a person reads them."""
    count = verdicts.total()
    if not count:
        return "There is no document in these paths."
    told = ", ".join(f"{verdicts[v]:,} {words}" for v, words in _IN_WORDS.items() if verdicts[v])
    return f"{count:,} record{'s' if count > 1 else ''}: {told}."


def judge_all(paths: Sequence[str], form: str, processes: int) -> Iterator[Judged]:
    """What comes of the documents of all paths, in their order, judged in several processes.

    The processes open files and archives themselves; few tasks are under way at once, so the
    memory stays bounded.
    """
    work = tasks(paths, chunk=CHUNK, stdin=sys.stdin.buffer)
    # A single task is done sooner than a process is started.
    first = list(islice(work, 2))
    every: Iterable[Task] = chain(first, work)
    if processes == 1 or len(first) < 2:
        _begin(form)
        yield from map(_judged, every)
        return
    workers = pool(processes, _begin, form)
    try:
        yield from in_order(workers, _judged, every, processes * 4)
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


_form = "text"


def _begin(form: str) -> None:
    global _form
    _form = form


def _judged(task: Task) -> Judged:
    judged = Judged()
    for document in read(task):
        for report in reports(document):
            judged.verdicts[report.verdict] += 1
            line = as_json(report) if _form == "json" else as_text(report)
            if line:
                judged.lines.append(line)
            judged.unreadable += any(f.rule == "document.unreadable" for f in report.findings)
    return judged
