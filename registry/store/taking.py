"""Taking a batch of documents in: places, what is current, references, and the change log.

One call is inside one write transaction. The rules are in docs/decisions.md, sections 2 and 3.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry.findings import VALID
from registry.store import tables as t
from registry.store.changes import ChangeLog
from registry.store.taken import Counts, Refused, Taken, TakenDocument

Row = dict[str, Any]

MARKED = "its publisher marked it as deleted"
VANISHED = "its source no longer holds it"


class Taking:
    """One batch going in. Make it inside a write transaction, call the verbs, then `finish`."""

    def __init__(self, connection: Connection, now: int) -> None:
        self.connection = connection
        last = connection.execute(select(func.max(t.record.c.datestamp))).scalar() or 0
        self.now = max(now, last)
        self.counts = Counts()
        self._next = {
            table.name: (connection.execute(select(func.max(table.c.id))).scalar() or 0) + 1
            for table in (t.record, t.revision, t.place)
        }
        self._rows: dict[str, list[Row]] = {
            name: [] for name in ("record", "revision", "place", "reference", "finding")
        }
        self._settle: dict[int, str] = {}
        """Records whose current revision has to be chosen anew: record id → key."""
        self._pending: dict[int, Taken] = {}
        """Items by revision, for records whose current revision comes in this very batch."""
        self._arrived: set[int] = set()
        self._log = ChangeLog(connection, self.now)

    # -- verbs -------------------------------------------------------------------------------

    def take(self, source_id: int, documents: Sequence[TakenDocument]) -> None:
        """Puts documents at their places."""
        held = self._places(source_id, [document.path for document in documents])
        records = self._records(item.key for d in documents for item in d.taken)
        for document in documents:
            self._document(source_id, document, held.get(document.path, {}), records)
        self._flush()
        self._quarantine(source_id, documents)

    def remove(self, source_id: int, paths: Iterable[str]) -> int:
        """Takes places away, with all their parts; gives how many there were."""
        places = self._places(source_id, list(paths))
        gone = [row for parts in places.values() for row in parts.values()]
        for row in gone:
            self._lose(row)
        for path in places:
            self._forget_quarantine(source_id, path)
        return len(gone)

    def finish(self) -> int:
        """Chooses what is current, writes the change log; gives the last change number."""
        for record_id, key in self._settle.items():
            before = self.connection.execute(
                select(t.record).where(t.record.c.id == record_id)
            ).one_or_none()
            if before is not None:
                self._choose_one(before, key)
        self._flush()
        return self._log.finish()

    # -- places ------------------------------------------------------------------------------

    def _places(self, source_id: int, paths: list[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for some in _slices(paths):
            query = select(t.place, t.record.c.key).join(
                t.record, t.record.c.id == t.place.c.record_id
            )
            query = query.where(t.place.c.source_id == source_id, t.place.c.path.in_(some))
            for row in self.connection.execute(query):
                found.setdefault(row.path, {})[row.part] = row
        return found

    def _records(self, keys: Iterable[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in _slices(list(dict.fromkeys(keys))):
            query = select(t.record.c.key, t.record.c.id).where(t.record.c.key.in_(some))
            found.update((row.key, row.id) for row in self.connection.execute(query))
        return found

    def _document(
        self, source_id: int, document: TakenDocument, held: dict[str, Any], records: dict[str, int]
    ) -> None:
        refused = {item.part for item in document.refused}
        for item in document.taken:
            self._part(source_id, document, item, held.pop(item.part, None), records)
        if document.complete and "" not in refused:
            for part, row in held.items():
                if part not in refused:
                    self._lose(row)

    def _part(
        self,
        source_id: int,
        document: TakenDocument,
        item: Taken,
        row: Any,
        records: dict[str, int],
    ) -> None:
        self.counts.read += 1
        self._count_verdict(item.verdict)
        record_id = records.get(item.key)
        if row is not None and row.record_id == record_id and self._same(row, item):
            self.counts.unchanged += 1
            self._touch(row, document)
            return
        first = record_id is None
        if record_id is None:
            record_id = records[item.key] = self._id("record")
        revision_id = self._revision(record_id, item)
        if row is not None and row.record_id != record_id:
            self._lose(row)
            row = None
        if row is None:
            place_id = self._id("place")
            self._rows["place"].append(
                {
                    "id": place_id, "source_id": source_id, "path": document.path,
                    "part": item.part, "digest": document.digest, "record_id": record_id,
                    "revision_id": revision_id, "gone": int(item.gone),
                }
            )  # fmt: skip
        else:
            place_id = row.id
            self.connection.execute(
                update(t.place)
                .where(t.place.c.id == place_id)
                .values(digest=document.digest, revision_id=revision_id, gone=int(item.gone))
            )
        if first:
            self._insert_record(record_id, revision_id, place_id, item)
        else:
            self._settle[record_id] = item.key
            self._arrived.add(record_id)

    def _same(self, row: Any, item: Taken) -> bool:
        query = select(t.revision.c.digest, t.revision.c.canonical)
        kept = self.connection.execute(query.where(t.revision.c.id == row.revision_id)).one()
        if kept.digest == item.digest:
            return True
        return item.canonical is not None and kept.canonical == item.canonical

    def _touch(self, row: Any, document: TakenDocument) -> None:
        if row.digest != document.digest:
            self.connection.execute(
                update(t.place).where(t.place.c.id == row.id).values(digest=document.digest)
            )

    def _lose(self, row: Any) -> None:
        self.connection.execute(delete(t.place).where(t.place.c.id == row.id))
        self._settle[row.record_id] = row.key

    # -- rows --------------------------------------------------------------------------------

    def _id(self, table: str) -> int:
        number = self._next[table]
        self._next[table] += 1
        return number

    def _count_verdict(self, verdict: str) -> None:
        name = {"valid": "valid", "invalid": "invalid"}.get(verdict, "no_schema")
        setattr(self.counts, name, getattr(self.counts, name) + 1)

    def _revision(self, record_id: int, item: Taken) -> int:
        revision_id = self._id("revision")
        self._rows["revision"].append(
            {
                "id": revision_id, "record_id": record_id, "digest": item.digest,
                "canonical": item.canonical, "body": item.body, "size": item.size,
                "version": item.version, "verdict": item.verdict, "note": item.note,
                "received": self.now, "released": item.released, "facts": facts(item),
            }
        )  # fmt: skip
        self._rows["finding"] += [
            {
                "revision_id": revision_id, "rule": f.rule, "severity": f.severity,
                "message": f.message, "line": f.line, "column": f.column, "path": f.path,
                "remedy": f.remedy, "replacement": f.replacement,
            }
            for f in item.findings
        ]  # fmt: skip
        self._pending[revision_id] = item
        return revision_id

    def _insert_record(self, record_id: int, revision_id: int, place_id: int, item: Taken) -> None:
        self._rows["record"].append(
            {
                "id": record_id, "created": self.now, "deleted": int(item.gone),
                "deleted_why": MARKED if item.gone else "",
                "change_number": self._log.own(record_id, item.key),
                "datestamp": self.now,
                **_described(item, revision_id, place_id),
            }
        )  # fmt: skip
        if item.gone:
            self.counts.deleted += 1
        else:
            self._refer(record_id, item)
            self.counts.new += 1

    def _refer(self, record_id: int, item: Taken) -> None:
        self._rows["reference"] += [
            {"record_id": record_id, "element": element, "target": target}
            for element, target in item.references
        ]

    def _flush(self) -> None:
        for name, rows in self._rows.items():
            if rows:
                self.connection.execute(insert(t.metadata.tables[name]), rows)
                rows.clear()

    # -- quarantine --------------------------------------------------------------------------

    def _quarantine(self, source_id: int, documents: Sequence[TakenDocument]) -> None:
        self._forget_quarantine(source_id, *(d.path for d in documents if d.complete))
        rows = []
        for document in documents:
            for item in document.refused:
                self.counts.read += 1
                self.counts.quarantined += 1
                if not document.complete:
                    self._forget_part(source_id, document.path, item.part)
                rows.append(self._quarantine_row(source_id, document, item))
            if not document.complete:
                for taken in document.taken:
                    self._forget_part(source_id, document.path, taken.part)
        if rows:
            self.connection.execute(insert(t.quarantine), rows)

    def _quarantine_row(self, source_id: int, document: TakenDocument, item: Refused) -> Row:
        return {
            "source_id": source_id, "path": document.path, "part": item.part,
            "digest": document.digest, "reason": item.reason, "message": item.message,
            "line": item.line, "column": item.column, "remedy": item.remedy,
            "body": item.body, "seen": self.now,
        }  # fmt: skip

    def _forget_quarantine(self, source_id: int, *paths: str) -> None:
        for some in _slices(list(paths)):
            self.connection.execute(
                delete(t.quarantine).where(
                    t.quarantine.c.source_id == source_id, t.quarantine.c.path.in_(some)
                )
            )

    def _forget_part(self, source_id: int, path: str, part: str) -> None:
        q = t.quarantine.c
        self.connection.execute(
            delete(t.quarantine).where(q.source_id == source_id, q.path == path, q.part == part)
        )

    # -- what is current ---------------------------------------------------------------------

    def _choose_one(self, before: Any, key: str) -> None:
        best = self._best(before.id)
        if best is None:
            if not before.deleted:
                self._delete(before)
            return
        if before.deleted or best.revision_id != before.revision_id:
            self._make_current(before, best)
            return
        if before.id in self._arrived:
            self.counts.unchanged += 1
        if best.id != before.place_id:
            self.connection.execute(
                update(t.record).where(t.record.c.id == before.id).values(place_id=best.id)
            )

    def _best(self, record_id: int) -> Any:
        """The record's best place, or None; see docs/decisions.md, section 2."""
        query = (
            select(
                t.place.c.id, t.place.c.source_id, t.place.c.path, t.place.c.part,
                t.place.c.revision_id, t.revision.c.verdict, t.revision.c.released,
                t.source.c.precedence,
            )
            .join(t.revision, t.revision.c.id == t.place.c.revision_id)
            .join(t.source, t.source.c.id == t.place.c.source_id)
            .where(t.place.c.record_id == record_id, t.place.c.gone == 0)
        )  # fmt: skip
        rows = self.connection.execute(query).all()
        if not rows:
            return None
        first = min((row.precedence, row.source_id) for row in rows)
        rows = [row for row in rows if (row.precedence, row.source_id) == first]
        rows.sort(key=lambda row: (row.path, row.part))
        rows.sort(key=lambda row: (row.released, row.verdict == VALID), reverse=True)
        return rows[0]

    def _delete(self, before: Any) -> None:
        marked = select(t.place.c.id).where(t.place.c.record_id == before.id, t.place.c.gone == 1)
        why = MARKED if self.connection.execute(marked).first() else VANISHED
        self.connection.execute(
            update(t.record)
            .where(t.record.c.id == before.id)
            .values(
                deleted=1,
                deleted_why=why,
                change_number=self._log.own(before.id, before.key),
                datestamp=self.now,
            )
        )
        self._unrefer(before.id)
        self.counts.deleted += 1

    def _unrefer(self, record_id: int) -> None:
        self.connection.execute(delete(t.reference).where(t.reference.c.record_id == record_id))

    def _make_current(self, before: Any, best: Any) -> None:
        item = self._pending.get(best.revision_id) or self._recalled(best.revision_id)
        described = _described(item, best.revision_id, best.id)
        described["was_valid"] = max(before.was_valid, described["was_valid"])
        moved = before.deleted or item.label != before.label
        self.connection.execute(
            update(t.record)
            .where(t.record.c.id == before.id)
            .values(
                deleted=0,
                deleted_why="",
                change_number=self._log.own(before.id, before.key if moved else None),
                datestamp=self.now,
                **described,
            )
        )
        self._unrefer(before.id)
        self._refer(before.id, item)
        if before.deleted:
            self.counts.new += 1
        else:
            self.counts.changed += 1

    def _recalled(self, revision_id: int) -> Taken:
        row = self.connection.execute(
            select(t.revision).where(t.revision.c.id == revision_id)
        ).one()
        return from_facts(row)


def facts(item: Taken) -> str:
    """What a revision needs to become current again without being parsed, as JSON."""
    return json.dumps(
        [
            item.key, item.identifier, item.format, item.kind, item.authority, item.name,
            item.label, item.status, item.doi, item.references,
        ],
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip


def from_facts(row: Any) -> Taken:
    """The item that `row`, a revision, was made from; its body stays where it is."""
    key, identifier, format_, kind, authority, name, label, status, doi, references = json.loads(
        row.facts
    )
    return Taken(
        part="", key=key, identifier=identifier, format=format_, kind=kind, version=row.version,
        authority=authority, name=name, label=label, status=status, verdict=row.verdict,
        note=row.note, released=row.released, doi=doi, body=b"", size=row.size,
        digest=row.digest, references=[(element, target) for element, target in references],
    )  # fmt: skip


def _described(item: Taken, revision_id: int, place_id: int) -> Row:
    return {
        "key": item.key, "identifier": item.identifier, "format": item.format,
        "kind": item.kind, "version": item.version, "authority": item.authority,
        "name": item.name, "label": item.label, "status": item.status,
        "verdict": item.verdict, "released": item.released, "doi": item.doi,
        "was_valid": int(item.verdict == VALID), "revision_id": revision_id,
        "place_id": place_id,
    }  # fmt: skip


def _slices(items: list[str], size: int = 500) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
