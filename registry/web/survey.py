"""What the rules beyond the schema find in the whole registry, and how FAIR it is, for `/quality`.

A process of the lowest priority reads the records that have changed since it was last asked, so
that pages are not slowed down. What it found is held in memory, and begun anew with the server.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mappings.models import model_of, reference_keys
from registry import identifiers
from registry.findings import Finding, Refusal
from registry.kept_records import neighbours
from registry.model import Neighbours, Record
from registry.processes import WorkersDied, in_order, pool
from registry.settings import Settings
from registry.store.connections import Connections, StoreError
from registry.store.kept import KeptRecord
from registry.store.quality import NONE, Concerned, RuleCount
from registry.store.reading import Reader
from registry.validation.lookup import NOTHING, Lookup, whole_store
from registry.validation.rules.registry import rules
from registry.web.derived import beyond
from registry.web.fair import score
from registry.web.fair_figures import FairKind, fair_kinds, fair_of
from schemas.documents import element
from schemas.spase import added

BATCH = 500
AGAIN_SECONDS = 60.0
"""After a fault the survey is not begun again before this."""
_log = logging.getLogger(__name__)


@dataclass(slots=True, frozen=True)
class Surveyed:
    """What was found in one record: (rule, severity, findings) each; its FAIR score, and the
    metrics that it does not reach whole."""

    format: str
    authority: str
    year: str
    found: tuple[tuple[str, str, int], ...]
    kind: str
    score: int
    lacks: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Progress:
    """How far the survey is: done when nothing is under way and everything was read."""

    under_way: bool
    records: int
    of: int


class Survey:
    """The survey of one application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._not_before = 0.0
        self._records: dict[int, Surveyed] = {}
        self._reached = 0
        self._of = 0
        self.number = 0
        """Changes whenever the survey has found something new."""

    def wanted(self, reader: Reader) -> None:
        """Says that the survey is wanted as of now; returns at once."""
        with self._lock:
            idle = self._thread is None or not self._thread.is_alive()
            if not idle or time.monotonic() < self._not_before:
                return
            if self._reached >= reader.last_change():
                return
            self._of = len(self._records) + reader.count_changed(self._reached)
            self._thread = threading.Thread(target=self._run, name="survey", daemon=True)
            self._thread.start()

    def wait(self) -> None:
        """Until the survey that is under way has ended."""
        if self._thread is not None:
            self._thread.join()

    def progress(self) -> Progress:
        alive = self._thread is not None and self._thread.is_alive()
        return Progress(alive, len(self._records), self._of)

    def covers(self, rule: str) -> bool:
        """Whether a rule's findings come from the survey; those of others are stored."""
        return any(one.id == rule for one in rules())

    # -- what was found ------------------------------------------------------------------------

    def counts(self) -> list[RuleCount]:
        """Findings by rule, severity, format and authority."""
        findings: Counter[tuple[str, str, str, str]] = Counter()
        records: Counter[tuple[str, str, str, str]] = Counter()
        for one in self._all().values():
            for rule, severity, number in one.found:
                key = (rule, severity, one.format, one.authority)
                findings[key] += number
                records[key] += 1
        return [RuleCount(*key, findings[key], records[key]) for key in sorted(findings)]

    def by_year(self) -> Counter[str]:
        """Findings by the year of the description."""
        found: Counter[str] = Counter()
        for one in self._all().values():
            if one.found:
                found[one.year] += sum(number for _, _, number in one.found)
        return found

    def by_record(self) -> dict[int, Counter[str]]:
        """Findings by severity of each record that has any, by the record's number."""
        found: dict[int, Counter[str]] = {}
        for number, one in self._all().items():
            if one.found:
                severities: Counter[str] = Counter()
                for _, severity, times in one.found:
                    severities[severity] += times
                found[number] = severities
        return found

    def fair(self) -> list[FairKind]:
        """The FAIR scores by kind of record, the commonest kinds first."""
        return fair_kinds((one.kind, one.score, one.lacks) for one in self._all().values())

    def lacking(
        self, reader: Reader, metric: str, kind: str, after: str, limit: int
    ) -> tuple[list[KeptRecord], int]:
        """Records that do not reach a metric whole, of a kind or ('') of all, a page by key; and
        how many there are in all."""
        ids = [
            number for number, one in self._all().items()
            if metric in one.lacks and kind in ("", one.kind)
        ]  # fmt: skip
        kept = sorted(reader.records_by_id(ids).values(), key=lambda one: one.key)
        return [one for one in kept if one.key > after][:limit], len(kept)

    def concerned(
        self, reader: Reader, wanted: Concerned, after: str, limit: int, lookup: Lookup
    ) -> tuple[list[tuple[KeptRecord, list[Finding]]], int]:
        """Records in which a rule found something, a page by key, with what it finds now; and how
        many there are in all."""
        ids = [number for number, one in self._all().items() if _told(one, wanted)]
        kept = [one for one in reader.records_by_id(ids).values() if _fits(one, wanted)]
        page = sorted((one for one in kept if one.key > after), key=lambda one: one.key)[:limit]
        bodies = reader.bodies([one.revision_id for one in page])
        severities = self._settings.validation.severities
        return [
            (one, [finding for finding in _found(one, bodies[one.revision_id], lookup, severities)
                   if finding.rule == wanted.rule])
            for one in page
        ], len(kept)  # fmt: skip

    def _all(self) -> Mapping[int, Surveyed]:
        with self._lock:
            return dict(self._records)

    # -- the run -------------------------------------------------------------------------------

    def _run(self) -> None:
        folder, severities = self._settings.data, dict(self._settings.validation.severities)
        base = self._settings.base_url()
        try:
            # Begun and ended in this thread: a worker ends with the thread that began it.
            workers = pool(1, _begin, folder, severities, base)
            try:
                while True:
                    task = (self._reached, BATCH)
                    some, reached = next(iter(in_order(workers, _surveyed, [task], 1)))
                    self._take(some, reached)
                    if len(some) < BATCH:
                        break
            finally:
                workers.shutdown(wait=True, cancel_futures=True)
        except (WorkersDied, StoreError, OSError) as error:
            _log.warning("survey: %s", error)
            self._not_before = time.monotonic() + AGAIN_SECONDS
        except Exception:  # noqa: BLE001 - the thread must end in a state that can be begun again
            _log.exception("survey")
            self._not_before = time.monotonic() + AGAIN_SECONDS
        self.number += 1

    def _take(self, some: list[tuple[int, Surveyed | None]], reached: int) -> None:
        with self._lock:
            for number, one in some:
                if one is None:
                    self._records.pop(number, None)
                else:
                    self._records[number] = one
            self._reached = reached


def _told(one: Surveyed, wanted: Concerned) -> bool:
    return any(
        rule == wanted.rule and wanted.severity in ("", severity) for rule, severity, _ in one.found
    )


def _fits(kept: KeptRecord, wanted: Concerned) -> bool:
    return (
        not kept.deleted
        and wanted.format in ("", kept.format)
        and wanted.authority in ("", kept.authority)
        and wanted.version in ("", kept.version or NONE)
        and wanted.verdict in ("", kept.verdict)
        and wanted.year in ("", kept.released[:4] or NONE)
    )


# -- in the survey's process -----------------------------------------------------------------

_connections: Connections | None = None
_severities: Mapping[str, str] = {}
_lookup: tuple[int, Lookup] = (-1, NOTHING)
_base = ""


def _begin(folder: Path, severities: Mapping[str, str], base: str) -> None:
    global _base, _connections, _severities
    if hasattr(os, "nice"):
        os.nice(19)
    added.use(folder / added.FOLDER)
    _connections, _severities = Connections(folder, readonly=True), severities
    _base = base


def _surveyed(task: tuple[int, int]) -> tuple[list[tuple[int, Surveyed | None]], int]:
    """(number, what was found) of the records changed after a change number, None for deleted
    ones; and the change number reached."""
    global _lookup
    after, limit = task
    assert _connections is not None
    with _connections.reading() as connection:
        reader = Reader(connection)
        records, reached = reader.changed(after, limit)
        if _lookup[0] != reader.last_change():
            _lookup = (reader.last_change(), whole_store(reader))
        bodies = reader.bodies([one.revision_id for one in records if not one.deleted])
        read = {one.id: _read(one, bodies[one.revision_id]) for one in records if not one.deleted}
        known = neighbours(
            reader, {key for one in read.values() if one for _, key in reference_keys(one[1])}
        )
    return [(one.id, _one(one, bodies, read, known)) for one in records], reached


def _one(
    kept: KeptRecord, bodies: Mapping[int, bytes], read: Mapping[int, _Read], known: Neighbours
) -> Surveyed | None:
    if kept.deleted:
        return None
    own = read[kept.id]
    if own is None:
        return Surveyed(kept.format, kept.authority, kept.released[:4], (), kept.kind, 0, ())
    told = beyond(kept, bodies[kept.revision_id], *own, _lookup[1], _severities)
    counts = Counter((finding.rule, finding.severity) for finding in told)
    found = tuple((*key, number) for key, number in sorted(counts.items()))
    metrics = fair_of(kept, own[1], known, _base + identifiers.page_path(kept.key))
    lacks = tuple(one.identifier for one in metrics if one.way_up)
    return Surveyed(
        kept.format, kept.authority, kept.released[:4], found, kept.kind, score(metrics), lacks
    )


def _found(
    kept: KeptRecord, body: bytes, lookup: Lookup, severities: Mapping[str, str]
) -> list[Finding]:
    own = _read(kept, body)
    return beyond(kept, body, *own, lookup, severities) if own else []


_Read = tuple[Any, Record] | None
"""A record's element and its model; None for what cannot be parsed."""


def _read(kept: KeptRecord, body: bytes) -> _Read:
    try:
        root = element(body)
    except Refusal:
        return None
    return root, model_of(kept.format, root)
