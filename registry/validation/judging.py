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
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

from harvesters.documents import Document, Task
from harvesters.files import read
from registry.findings import ERROR, Finding
from registry.processes import in_order, pool
from registry.validation import baseline
from registry.validation.choosing import Choice, at_least, matches
from registry.validation.entries import Entry, entries
from registry.validation.grouping import CAUSE, RECORD, Groups
from registry.validation.lookup import Batch, Lookup
from registry.validation.reports import html, junit, sarif
from registry.validation.reports.json_lines import as_json
from registry.validation.reports.report import BeyondSchema, Report, reports
from registry.validation.reports.text import as_text
from registry.validation.rules.reading import record_of
from registry.validation.rules.registry import findings, rules
from schemas.parts import Part
from schemas.spase import added

TEXT, JSON, SARIF, JUNIT, HTML = "text", "json", "sarif", "junit", "html"
FORMS = (TEXT, JSON, SARIF, JUNIT, HTML)


@dataclass(slots=True, frozen=True)
class Order:
    """What each process is told once.

    `known` is a baseline, None where none is asked for; `collects`: a baseline is to be written.
    `schemas` is the folder of added schemas, `lookup` the file with what rules may ask.
    """

    form: str = TEXT
    group: str = CAUSE
    colour: bool = False
    fail_on: str = ERROR
    choice: Choice = field(default_factory=Choice)
    known: dict[str, int] | None = None
    collects: bool = False
    schemas: Path | None = None
    lookup: Path | None = None


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


class Judge:
    """Judges tasks one after the other; the same in a worker process and in this one."""

    def __init__(self, order: Order, beyond: BeyondSchema | None = None) -> None:
        self._order = order
        self._beyond = beyond
        self._grouped_by = order.group if order.group != RECORD else CAUSE
        if order.schemas is not None:
            added.use(order.schemas)

    def do(self, task: Task) -> Judged:
        judged = Judged(Groups(self._grouped_by))
        for document in read(task):
            for report in reports(document, self._beyond):
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


Lookups = Callable[[Batch], Lookup]
"""Makes of the records of the call what rules may ask, with the store's where there is one."""


class Pass:
    """The two passes over the same documents: who is there, then what is wrong.

    `work` gives the tasks anew each time. The first pass is left out where no rule beyond the
    schema is asked for.
    """

    def __init__(self, work: Callable[[], Iterable[Task]], order: Order, processes: int) -> None:
        self._work = work
        self._order = order
        # A single task is done sooner than a process is started.
        self._alone = processes == 1 or len(list(islice(work(), 2))) < 2
        self._processes = processes

    def judged(self, lookups: Lookups) -> Iterator[Judged]:
        """What comes of the tasks, in their order. Raises WorkersDied."""
        asked = _any_rule(self._order.choice)
        if self._alone:
            batch = (
                Batch(entry for task in self._work() for entry in _entries(task)) if asked else None
            )
            judge = Judge(self._order, _beyond(self._order.choice, batch and lookups(batch)))
            yield from (judge.do(task) for task in self._work())
            return
        with tempfile.TemporaryDirectory(prefix="parhelion-") as folder:
            order = replace(self._order, lookup=Path(folder) / "lookup" if asked else None)
            workers = pool(self._processes, _begin, order)
            try:
                if order.lookup is not None:
                    found = in_order(workers, _entries, self._work(), self._processes * 4)
                    batch = Batch(chain.from_iterable(found))
                    with order.lookup.open("wb") as file:
                        pickle.dump(lookups(batch), file, protocol=5)
                    del batch
                yield from in_order(workers, _do, self._work(), self._processes * 4)
            finally:
                workers.shutdown(wait=True, cancel_futures=True)


def _any_rule(choice: Choice) -> bool:
    return any(
        (not choice.select or matches(rule.id, choice.select))
        and not matches(rule.id, choice.ignore)
        for rule in rules()
    )


def _beyond(choice: Choice, lookup: Lookup | None) -> BeyondSchema | None:
    if lookup is None:
        return None
    select, ignore = tuple(choice.select), tuple(choice.ignore)

    def beyond(part: Part) -> list[Finding]:
        return findings(part, record_of(part), lookup, select, ignore)

    return beyond


def _entries(task: Task) -> list[Entry]:
    return [
        entry
        for document in read(task)
        if isinstance(document, Document)
        for entry in entries(document.content, document.path)
    ]


_order: Order | None = None
_judge: Judge | None = None


def _begin(order: Order) -> None:
    global _order
    _order = order
    # What a document brings is freed by reference counts; looking for cycles in between costs a
    # tenth of the work. What stands now is never looked at again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _do(task: Task) -> Judged:
    global _judge
    if _judge is None:
        assert _order is not None
        lookup = None
        if _order.lookup is not None:
            with _order.lookup.open("rb") as file:
                lookup = pickle.load(file)  # noqa: S301 written by our parent, folder 0700
        _judge = Judge(_order, _beyond(_order.choice, lookup))
        gc.freeze()
    return _judge.do(task)
