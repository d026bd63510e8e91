"""Judgements that change though the record does not: a schema came that was not there before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select, update

from registry.findings import VALID, Finding, Judgement
from registry.store import tables as t
from registry.store.changes import VERDICT
from registry.store.packing import unpacked
from registry.store.taking import Taking

SCHEMA_RULES = "schema."
"""What the schema has to say; what other rules found stays."""


def judge_anew(connection: Connection, now: int, judged: Sequence[tuple[int, Judgement]]) -> int:
    """`Writer.judge_anew`, inside its transaction."""
    again = _JudgingAnew(connection, now)
    moved = sum([again.judge(revision_id, judgement) for revision_id, judgement in judged])
    again.finish()
    return moved


def revisions_of(
    connection: Connection, version: str, after: int, limit: int
) -> list[tuple[int, bytes]]:
    """(revision id, content) of SPASE records of a version, current or not, ids above `after`."""
    query = (
        select(t.revision.c.id, t.revision.c.body)
        .join(t.record, t.record.c.id == t.revision.c.record_id)
        .where(
            t.record.c.format == "spase",
            t.revision.c.version == version,
            t.revision.c.id > after,
        )
        .order_by(t.revision.c.id)
        .limit(limit)
    )
    return [(row.id, unpacked(row.body)) for row in connection.execute(query)]


class _JudgingAnew(Taking):
    """A batch in which nothing comes in, and verdicts change."""

    def judge(self, revision_id: int, judgement: Judgement) -> bool:
        """Replaces one revision's judgement; says whether its record's verdict is another."""
        self.connection.execute(
            update(t.revision)
            .where(t.revision.c.id == revision_id)
            .values(verdict=judgement.verdict, note=judgement.note)
        )
        self._replace_findings(revision_id, judgement.findings)
        record = self.connection.execute(
            select(t.record)
            .join(t.revision, t.revision.c.record_id == t.record.c.id)
            .where(t.revision.c.id == revision_id)
        ).one()
        # A valid content goes before an invalid one: another place may be current now.
        self._settle[record.id] = record.key
        if record.revision_id != revision_id or record.verdict == judgement.verdict:
            return False
        self._move(record, judgement.verdict)
        return True

    def _move(self, record: Any, verdict: str) -> None:
        """The current revision's new verdict, at the record; a deleted record has no change."""
        values: dict[str, object] = {"verdict": verdict}
        if not record.deleted:
            values["was_valid"] = max(record.was_valid, int(verdict == VALID))
            values["change_number"] = self._log.own(record.id, reason=VERDICT)
            values["datestamp"] = self.now
        self.connection.execute(update(t.record).where(t.record.c.id == record.id).values(**values))

    def _replace_findings(self, revision_id: int, findings: Sequence[Finding]) -> None:
        self.connection.execute(
            delete(t.finding).where(
                t.finding.c.revision_id == revision_id,
                t.finding.c.rule.startswith(SCHEMA_RULES, autoescape=True),
            )
        )
        self._rows["finding"] += [
            (
                revision_id, f.rule, f.severity, f.message, f.line, f.column, f.path, f.remedy,
                f.replacement,
            )
            for f in findings
        ]  # fmt: skip
