"""`parhelion fix` and `parhelion upgrade`: records mended on their own characters."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

import click

from harvesters.documents import Task, Unreadable
from harvesters.files import read, tasks
from registry.commands.progress import Meter
from registry.dates import utc, written
from registry.findings import ERROR, INVALID, NOT_WELL_FORMED, UNRECOGNISED, VALID, Finding
from registry.mending.diffs import unified
from registry.mending.fixing import fixed
from registry.mending.mended import Mended
from registry.mending.upgrading import upgraded
from registry.mending.writing import Changed, NotWritten, beside, write_archive, write_file
from registry.processes import in_order, pool
from registry.validation.baseline import from_here
from schemas.spase import added
from schemas.spase.tables import NEWEST, VERSIONS

CHUNK = 1_000_000
"""Bytes of documents a task."""

_FINE, _LEFT, _NOT_RUN = 0, 1, 2
_BAD = (INVALID, NOT_WELL_FORMED, UNRECOGNISED)
_QUIET = ("upgrade.version", "upgrade.location")
"""Edits that nearly every record has: counted, not told one by one."""

Mend = Callable[[bytes], Mended]


@dataclass(slots=True, frozen=True)
class Order:
    """What is asked for; `what` is the word in the name of a new archive."""

    what: str
    mend: Mend
    diff: bool = False
    write: bool = False
    as_json: bool = False
    unfinished: bool = False
    schemas: Path | None = None


@dataclass(slots=True)
class Outcome:
    """What came of one document; the contents only where they are to be written."""

    path: str
    before: str = ""
    after: str = ""
    edits: int = 0
    held_back: bool = False
    unreadable: bool = False
    told: str = ""
    diff: bytes = b""
    old: bytes = b""
    new: bytes = b""


@dataclass(slots=True)
class Total:
    documents: int = 0
    changed: int = 0
    edits: int = 0
    written: int = 0
    held_back: int = 0
    failed: int = 0
    after: Counter[str] = field(default_factory=Counter)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.argument("paths", nargs=-1, required=True),
        click.option("--processes", type=click.IntRange(1), help="How many processes work."),
        click.option("--json", "as_json", is_flag=True, help="One object a document and line."),
        click.option("--write", is_flag=True, help="Write files in place, archives beside theirs."),
        click.option("--diff", is_flag=True, help="Show the changes as a unified diff."),
    ):
        command = option(command)
    return command


@click.command()
@_options
@click.pass_obj
def fix(settings: Any, paths: tuple[str, ...], diff: bool, write: bool, as_json: bool,
        processes: int | None) -> None:  # fmt: skip
    """Mend what is certain in files, folders, archives and - (standard input).

    Without --diff and --write it says what it would do. Every byte that is not mended stays; a
    valid record never becomes invalid. An archive NAME.zip is left alone: --write makes
    NAME-fixed.zip beside it.

    Exit status: 0 when what comes out is valid, 1 when something is not, 2 when something could
    not be read or written.
    """
    order = Order("fixed", fixed, diff, write, as_json, True, _schemas(settings))
    _run(paths, order, processes)


@click.command()
@_options
@click.option("--to", default=NEWEST, show_default=True, type=click.Choice(VERSIONS),
              metavar="VERSION", help="The SPASE version to bring records to.")  # fmt: skip
@click.option("--release-date", metavar="DATE",
              help="Set ReleaseDate of what changes (ISO 8601, or `now`).")  # fmt: skip
@click.option("--revision-note", metavar="TEXT",
              help="Add a RevisionEvent with this note, of the release date or now.")  # fmt: skip
@click.option("--unfinished", is_flag=True,
              help="Write also valid records that are not valid after it.")  # fmt: skip
@click.pass_obj
def upgrade(settings: Any, paths: tuple[str, ...], diff: bool, write: bool, as_json: bool,
            processes: int | None, to: str, release_date: str | None, revision_note: str | None,
            unfinished: bool) -> None:  # fmt: skip
    """Bring SPASE records of older versions to the newest.

    Takes files, folders, archives and - (standard input). Without --diff and --write it says what
    it would do. What a person has to decide is told, and such records are written only with
    --unfinished. What has no place any more is told, and kept as a comment. --write makes of an
    archive NAME.zip a new one, NAME-upgraded.zip.

    Exit status: 0 when what comes out is valid, 1 when something is not, 2 when something could
    not be read or written.
    """
    if revision_note and to < "2.3.1":
        raise click.UsageError(f"SPASE {to} has no RevisionHistory: leave --revision-note out.")
    mend = partial(upgraded, to=to, release_date=_date(release_date, bool(revision_note)),
                   revision_note=revision_note or "")  # fmt: skip
    order = Order("upgraded", mend, diff, write, as_json, unfinished, _schemas(settings))
    _run(paths, order, processes)


def _schemas(settings: Any) -> Path | None:
    """The folder of schemas that the operator added."""
    return None if settings is None else settings.data / "schemas"


def _date(said: str | None, needed: bool) -> str:
    if said == "now" or (needed and not said):
        return written(datetime.now(UTC).replace(microsecond=0))
    if not said:
        return ""
    date = utc(said)
    if date is None:
        raise click.UsageError(f"--release-date {said!r} is no date; write 2024-05-01 or `now`.")
    return date


def _run(paths: tuple[str, ...], order: Order, processes: int | None) -> None:
    total = Total()
    putter = _Putter(order)
    with Meter(order.what) as meter:
        for outcomes in _outcomes(paths, order, processes or os.cpu_count() or 1):
            for outcome in outcomes:
                _count(total, outcome)
                _tell(order, outcome)
                putter.put(outcome)
            meter.advanced(len(outcomes))
        putter.finish()
    sys.stdout.flush()
    total.written, total.failed = putter.written, total.failed + putter.failed
    quiet = order.as_json or order.diff or "-" in paths
    click.echo(_summary(total, order), err=quiet)
    if total.failed or not total.documents:
        sys.exit(_NOT_RUN)
    sys.exit(_LEFT if any(total.after[verdict] for verdict in _BAD) else _FINE)


def _count(total: Total, outcome: Outcome) -> None:
    total.documents += 1
    if outcome.edits and not outcome.held_back:
        total.changed += 1
        total.edits += outcome.edits
    total.held_back += outcome.held_back
    total.failed += outcome.unreadable
    total.after[outcome.after] += 1


def _tell(order: Order, outcome: Outcome) -> None:
    if outcome.unreadable and not order.as_json:
        click.echo(outcome.told, err=True)
    elif order.diff and not order.as_json:
        sys.stdout.buffer.write(outcome.diff)
    elif outcome.told:
        click.echo(outcome.told, err=outcome.path == "-")


def _summary(total: Total, order: Order) -> str:
    if not total.documents:
        return "There is no document in these paths."
    would = "" if order.write else "would be "
    said = f"{total.changed:,} of {total.documents:,} documents {would}{order.what}"
    said += f" ({total.edits:,} edit{'s' if total.edits > 1 else ''})" if total.edits else ""
    said += f"; {total.after[VALID]:,} are valid{'' if order.write else ' then'}"
    bad = sum(total.after[verdict] for verdict in _BAD)
    said += f", {bad:,} are not" if bad else ""
    if total.held_back:
        said += (
            f". {total.held_back:,} that were valid wait for a decision and are not written "
            "(--unfinished writes them too)"
        )
    return said + "."


def _outcomes(paths: tuple[str, ...], order: Order, processes: int) -> Iterator[list[Outcome]]:
    work = tasks(paths, chunk=CHUNK, stdin=sys.stdin.buffer)
    # A single task is done sooner than a process is started.
    first = list(islice(work, 2))
    every: Iterable[Task] = chain(first, work)
    if processes == 1 or len(first) < 2:
        _begin(order)
        yield from map(_do, every)
        return
    workers = pool(processes, _begin, order)
    try:
        yield from in_order(workers, _do, every, processes * 4)
    finally:
        workers.shutdown(wait=True, cancel_futures=True)


_order = Order("", Mended)


def _begin(order: Order) -> None:
    global _order
    _order = order
    if order.schemas is not None:
        added.use(order.schemas)


def _do(task: Task) -> list[Outcome]:
    outcomes = []
    for document in read(task):
        if isinstance(document, Unreadable):
            refusal = document.refusal
            told = f"{document.path}: {refusal.message}"
            outcomes.append(Outcome(document.path, after=UNRECOGNISED, unreadable=True, told=told))
        else:
            outcomes.append(_mended(document.path, document.content))
    return outcomes


def _mended(path: str, content: bytes) -> Outcome:
    mended = _order.mend(content)
    outcome = Outcome(path, mended.before, mended.after, len(mended.edits))
    outcome.held_back = mended.before == VALID and mended.after != VALID and not _order.unfinished
    if _order.diff:
        outcome.diff = unified(from_here(path), content, mended.content)
    if _order.write and (path == "-" or (mended.edits and not outcome.held_back)):
        outcome.old, outcome.new = content, mended.content
        if outcome.held_back:
            outcome.new = content
    outcome.told = _as_json(outcome, mended) if _order.as_json else _as_text(outcome, mended)
    return outcome


def _as_json(outcome: Outcome, mended: Mended) -> str:
    """One line: `file`, `before`, `after` (verdicts), `edits`, `left`, with --diff `diff`."""
    told: dict[str, Any] = {
        "file": outcome.path,
        "before": outcome.before,
        "after": outcome.after,
        "edits": [asdict(edit) for edit in mended.edits],
        "left": [asdict(finding) for finding in mended.left],
    }
    if _order.write:
        told["held_back"] = outcome.held_back
    if _order.diff:
        told["diff"] = outcome.diff.decode("utf-8", "replace")
    return json.dumps(told, ensure_ascii=False)


def _as_text(outcome: Outcome, mended: Mended) -> str:
    """A line a document that changes or waits, one an edit and one a decision to be made."""
    open_ = [one for one in mended.left if one.severity == ERROR or not _known_rule(one.rule)]
    if not mended.edits and not open_:
        return ""
    count = f"{len(mended.edits)} edit{'' if len(mended.edits) == 1 else 's'}"
    lines = [f"{from_here(outcome.path)}: {outcome.before} → {outcome.after}, {count}"]
    lines += [
        f"  line {edit.line}: {edit.message} [{edit.rule}]"
        for edit in mended.edits
        if edit.rule not in _QUIET
    ]
    lines += [_to_decide(finding) for finding in open_]
    return "\n".join(lines)


def _known_rule(rule: str) -> bool:
    """Whether `validate` tells a finding anyhow: here only what mending itself has to say."""
    return not rule.startswith(("upgrade.", "fix."))


def _to_decide(finding: Finding) -> str:
    remedy = f" ({finding.remedy})" if finding.remedy else ""
    return f"  left, line {finding.line}: {finding.message}{remedy} [{finding.rule}]"


class _Putter:
    """Writes what is to be written: files at once, an archive when all of it came."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._archive = ""
        self._changed = Changed()
        self.written = 0
        self.failed = 0

    def put(self, outcome: Outcome) -> None:
        if not self._order.write or not outcome.new:
            return
        if outcome.path == "-":
            sys.stdout.buffer.write(outcome.new)
            return
        if os.path.isfile(outcome.path):
            self._try(partial(write_file, outcome.path, outcome.old, outcome.new))
            return
        archive, _, member = outcome.path.partition("!/")
        if archive != self._archive:
            self.finish()
            self._archive = archive
        self._changed.add(member, outcome.new)

    def finish(self) -> None:
        """Write the archive that is under way."""
        if self._archive and self._changed:
            target = beside(self._archive, self._order.what)
            if self._try(partial(write_archive, self._archive, self._changed, target)):
                click.echo(f"{target}: written with {len(self._changed):,} changed files", err=True)
        self._changed.close()
        self._archive, self._changed = "", Changed()

    def _try(self, write: Callable[[], None]) -> bool:
        try:
            write()
        except NotWritten as error:
            click.echo(f"parhelion: {error}", err=True)
            self.failed += 1
            return False
        self.written += 1
        return True
