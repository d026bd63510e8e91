"""Records judged by themselves first, and then those of which others leave something in doubt."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial

from harvesters.documents import Document, Task, Unreadable
from harvesters.files import read
from registry.findings import VALID, Finding, Refusal
from registry.model import Record
from registry.validation.entries import Entry, entry_from, entry_of
from registry.validation.lookup import Lookup
from registry.validation.reports.report import Report
from registry.validation.rules.asking import Question, alone, among_others, doubtful, in_order
from registry.validation.rules.reading import unread
from registry.validation.rules.written import written
from schemas.documents import parts
from schemas.parts import Part


@dataclass(slots=True)
class Examined:
    """What is known of a record before any other is: the schema's report, what rules found in the
    record alone, and what has to wait. `number` is its place among the document's records."""

    report: Report
    number: int
    kind: str = ""
    found: list[Finding] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def examine(
        self,
        part: Part,
        select: tuple[str, ...],
        ignore: tuple[str, ...],
        is_shown: Callable[[Finding], bool] | None = None,
    ) -> Entry | None:
        """Look at the record; its entry, None where others cannot name it.

        `is_shown`: whose columns are needed; None: all findings'.
        """
        valid = self.report.verdict == VALID
        model = _once(part)
        self.kind = part.kind
        found, self.questions = alone(part, model, valid, select, ignore)
        self.found = in_order(part, found, is_shown)
        if not part.identifier or part.deleted:
            return None
        texts = written(part) if valid else None
        return entry_of(part, model()) if texts is None else entry_from(texts)


def complete(
    task: Task,
    known: Iterable[Examined],
    lookup: Lookup,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> None:
    """Put into the reports of a task's records all that the rules say of them."""
    doubts: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for one in known:
        which = one.report.format, one.kind
        left = doubtful(which, one.questions, lookup, select, ignore)
        if left:
            doubts[one.report.file, one.number] = left
    more = _read_again(task, doubts, lookup, select, ignore) if doubts else {}
    for one in known:
        told = more.get((one.report.file, one.number))
        found = one.found
        if told:
            found = sorted([*found, *told], key=lambda finding: (finding.line, finding.column))
        one.report.findings = one.report.findings + found


def _read_again(
    task: Task,
    doubts: dict[tuple[str, int], list[tuple[int, int]]],
    lookup: Lookup,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
) -> dict[tuple[str, int], list[Finding]]:
    found: dict[tuple[str, int], list[Finding]] = {}
    for document in read(task, {path for path, _ in doubts}):
        for number, part in enumerate(_reported(document)):
            left = doubts.get((document.path, number))
            if left and part.element is not None:
                told = among_others(part, _once(part), left, lookup, select, ignore)
                found[document.path, number] = in_order(part, told)
    return found


def _reported(document: Document | Unreadable) -> list[Part]:
    """The parts of a document of which `by_schema` gives a report, in its order."""
    if isinstance(document, Unreadable):
        return []
    try:
        found = parts(document.content, layout=False)
    except Refusal:  # it has changed since
        return []
    for part in found:
        part.path = document.path
    return [part for part in found if part.element is not None or part.refusal is not None]


def _once(part: Part) -> Callable[[], Record]:
    return cache(partial(unread, part))
