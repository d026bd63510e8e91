"""Documents judged in several processes, and what is told of them in the form that was asked for.

The processes open files and archives themselves and give back pieces of the report; few tasks are
under way at once, so the memory does not grow with the records.
"""

from __future__ import annotations

import gc
import pickle
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from harvesters.documents import Task
from harvesters.files import read
from registry.findings import ERROR
from registry.processes import in_order, pool
from registry.validation import baseline
from registry.validation.choosing import Choice, at_least, matches
from registry.validation.entries import Entry
from registry.validation.examining import Examined, complete
from registry.validation.grouping import CAUSE, RECORD, Groups, Shown
from registry.validation.lookup import Batch, Lookup
from registry.validation.reports import html, junit, sarif
from registry.validation.reports.json_lines import as_json
from registry.validation.reports.report import Report, by_schema
from registry.validation.reports.text import as_text
from registry.validation.rules.registry import rules
from schemas.spase import added

TEXT, JSON, SARIF, JUNIT, HTML = "text", "json", "sarif", "junit", "html"
FORMS = (TEXT, JSON, SARIF, JUNIT, HTML)


@dataclass(slots=True, frozen=True)
class Order:
    """What each process is told once.

    `known` is a baseline, None where none is asked for; `collects`: a baseline is to be written.
    `schemas` is the folder of added schemas.
    """

    form: str = TEXT
    group: str = CAUSE
    colour: bool = False
    fail_on: str = ERROR
    choice: Choice = field(default_factory=Choice)
    known: dict[str, int] | None = None
    collects: bool = False
    schemas: Path | None = None


@dataclass(slots=True)
class Judged:
    """What came of documents: pieces of the report, and counts.

    `failing` counts the findings as bad as the order's `fail_on`, `known` those that the baseline
    holds, `unreadable` the documents that could not be read.
    """

    groups: Groups
    pieces: list[Any] = field(default_factory=list)
    verdicts: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    failing: int = 0
    known: int = 0
    unreadable: int = 0
    entries: baseline.Entries = field(default_factory=dict)

    def join(self, other: Judged) -> None:
        """Adds the counts of later documents; their pieces are the caller's to write."""
        self.groups.join(other.groups)
        self.verdicts += other.verdicts
        self.severities += other.severities
        self.failing += other.failing
        self.known += other.known
        self.unreadable += other.unreadable
        baseline.join(self.entries, other.entries)


class Telling:
    """Puts reports into the form that was asked for."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._grouped_by = order.group if order.group != RECORD else CAUSE

    def told(self, reports: Iterable[Report]) -> Judged:
        judged = Judged(Groups(self._grouped_by))
        for report in reports:
            self._add(judged, report)
        return judged

    def _add(self, judged: Judged, report: Report) -> None:
        order = self._order
        judged.verdicts[report.verdict] += 1
        judged.unreadable += report.unreadable
        report.findings = order.choice.told(report.findings)
        if report.findings and (order.known is not None or order.collects):
            self._compare(judged, report)
        for finding in report.findings:
            judged.severities[finding.severity] += 1
            judged.failing += at_least(finding.severity, order.fail_on)
        judged.groups.add(report.file, report.id, report.findings)
        judged.pieces += self._pieces(report)

    def _compare(self, judged: Judged, report: Report) -> None:
        place = baseline.place_of(report.id, report.file)
        if self._order.collects:
            baseline.join(judged.entries, baseline.entries(place, report.findings))
        if self._order.known is not None:
            known = self._order.known
            report.findings, number = baseline.without_known(place, report.findings, known)
            judged.known += number

    def _pieces(self, report: Report) -> list[Any]:
        form = self._order.form
        if form == JSON:
            return [as_json(report)]
        if form == SARIF:
            return sarif.results(report)
        if form == JUNIT:
            return [junit.case(report, self._order.fail_on)]
        if form == HTML:
            return html.rows(report)
        if self._order.group == RECORD and report.findings:
            return [as_text(report, self._order.colour)]
        return []


LOOKUP = "lookup"
Lookups = Callable[[Batch], Lookup]
"""Makes of the records of the call what rules may ask, with the store's where there is one."""


class Pass:
    """All documents judged; in two rounds where rules beyond the schema are asked for.

    The first round reads and judges every record by itself, and finds who is there. In the second
    round only those records are read once more of which something is in doubt among the others.
    What the first knows is kept in files, so that the memory does not grow with the records.
    """

    def __init__(self, work: Callable[[], Iterable[Task]], order: Order, processes: int) -> None:
        self._work = work
        self._order = order
        # A single task is done sooner than a process is started.
        self._alone = processes == 1 or len(list(islice(work(), 2))) < 2
        self._processes = processes

    def judged(self, lookups: Lookups) -> Iterator[Judged]:
        """What comes of the tasks, in their order. Raises WorkersDied."""
        with tempfile.TemporaryDirectory(prefix="parhelion-") as name, self._doing() as do:
            if not any_rule(self._order.choice):
                yield from do(by_schema_only, self._work())
                return
            folder = Path(name)
            files: list[Path] = []
            found = do(examined, _filed(self._work(), folder, files))
            batch = Batch(chain.from_iterable(found))
            with (folder / LOOKUP).open("wb") as file:
                pickle.dump(lookups(batch), file, protocol=5)
            del batch
            yield from do(completed, files)

    @contextmanager
    def _doing(self) -> Iterator[Callable[..., Iterator[Any]]]:
        """Does tasks in this process, or in several."""
        if self._alone:
            worker = Worker(self._order)
            yield lambda what, tasks: (what(task, worker) for task in tasks)
            return
        workers = pool(self._processes, _begin, self._order, lockless=True)
        try:
            yield lambda what, tasks: in_order(
                workers, partial(_do, what), tasks, self._processes * 4
            )
        finally:
            workers.shutdown(wait=True, cancel_futures=True)


def _filed(tasks: Iterable[Task], folder: Path, files: list[Path]) -> Iterator[tuple[Task, Path]]:
    """Each task with the file for what is known of it."""
    for number, task in enumerate(tasks):
        files.append(folder / str(number))
        yield task, files[-1]


def any_rule(choice: Choice) -> bool:
    """Whether any rule beyond the schema is asked for."""
    return any(
        (not choice.select or matches(rule.id, choice.select))
        and not matches(rule.id, choice.ignore)
        for rule in rules()
    )


class Worker:
    """What a process keeps from task to task."""

    def __init__(self, order: Order) -> None:
        self.telling = Telling(order)
        self.select, self.ignore = tuple(order.choice.select), tuple(order.choice.ignore)
        self._lookup: tuple[Path, Lookup] | None = None
        self.is_shown: Shown | None = None
        """Whose places are shown; None: all. The tasks of a process come in their order, so that
        the first places of all are among the first of each process."""
        is_whole = order.known is None and not order.collects
        if order.form == TEXT and order.group != RECORD and is_whole:
            self.is_shown = Shown()
        if order.schemas is not None:
            added.use(order.schemas)

    def lookup(self, file: Path) -> Lookup:
        if self._lookup is None or self._lookup[0] != file:
            with file.open("rb") as opened:
                self._lookup = file, pickle.load(opened)  # noqa: S301 our own, folder 0700
            gc.freeze()
        return self._lookup[1]


def by_schema_only(task: Task, worker: Worker) -> Judged:
    return worker.telling.told(
        report for document in read(task) for report, _ in by_schema(document)
    )


def examined(task: tuple[Task, Path], worker: Worker) -> list[Entry]:
    """The first round: writes what is known of the task's records, and gives their entries."""
    known: list[Examined] = []
    entries: list[Entry] = []
    for document in read(task[0]):
        for number, (report, part) in enumerate(by_schema(document)):
            one = Examined(report, number)
            known.append(one)
            if part is not None:
                entry = one.examine(part, worker.select, worker.ignore, worker.is_shown)
                if entry is not None:
                    entries.append(entry)
    with task[1].open("wb") as file:
        pickle.dump((task[0], known), file, protocol=5)
    return entries


def completed(file: Path, worker: Worker) -> Judged:
    """The second round: what is in doubt among the others is looked at, and all is told."""
    with file.open("rb") as opened:
        task, known = pickle.load(opened)  # noqa: S301 our own, folder 0700
    file.unlink()
    complete(task, known, worker.lookup(file.parent / LOOKUP), worker.select, worker.ignore)
    return worker.telling.told(one.report for one in known)


_worker: Worker | None = None


def _begin(order: Order) -> None:
    global _worker
    _worker = Worker(order)
    # What a document brings is freed by reference counts; looking for cycles in between costs a
    # tenth of the work. What stands now is never looked at again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _do(what: Callable[[Any, Worker], Any], task: Any) -> Any:
    assert _worker is not None
    return what(task, _worker)
