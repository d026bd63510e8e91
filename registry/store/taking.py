"""Taking a batch of documents in: places, what is current, references, and the change log.

One call is inside one write transaction. The rules are in docs/decisions.md, sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry.findings import VALID
from registry.store import tables as t
from registry.store.bulk import insert_rows
from registry.store.changes import ChangeLog
from registry.store.ownership import best_place
from registry.store.taken import Counts, Refused, Taken, TakenDocument, facts, from_facts

Row = dict[str, Any]

MARKED = "its publisher marked it as deleted"
VANISHED = "its source no longer holds it"


COLUMNS = {
    "record": (
        "id", "key", "identifier", "format", "kind", "version", "authority", "name", "label",
        "status", "verdict", "released", "doi", "deleted", "deleted_why", "was_valid",
        "revision_id", "place_id", "created", "change_number", "datestamp", "owner_id",
    ),
    "revision": (
        "id", "record_id", "digest", "canonical", "body", "size", "version", "verdict", "note",
        "received", "released", "facts",
    ),
    "place": (
        "id", "source_id", "path", "part", "digest", "record_id", "revision_id", "gone",
        "datestamp", "provenance",
    ),
    "reference": ("record_id", "element", "target"),
    "finding": (
        "revision_id", "rule", "severity", "message", "line", "column", "path", "remedy",
        "replacement",
    ),
}  # fmt: skip
"""The columns of the tables that are filled in bulk, in the order of the tables."""


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
        self._rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in COLUMNS}
        self._settle: dict[int, str] = {}
        """Records whose current revision has to be chosen anew: record id → key."""
        self._pending: dict[int, Taken] = {}
        """Items by revision, for records whose current revision comes in this very batch."""
        self._arrived: set[int] = set()
        self._log = ChangeLog(connection, self.now)

    # -- verbs -------------------------------------------------------------------------------

    def take(self, source_id: int, documents: Sequence[TakenDocument]) -> None:
        """Puts documents at their places."""
        records = self._records(item.key for d in documents for item in d.taken)
        for some in _rounds(documents):
            held = self._places(source_id, [document.path for document in some])
            for document in some:
                self._document(source_id, document, held.get(document.path, {}), records)
            self._flush()
            self._quarantine(source_id, some)

    def remove(self, source_id: int, paths: Iterable[str]) -> int:
        """Takes places away, with all their parts; gives how many there were."""
        places = self._places(source_id, list(paths))
        gone = [row for parts in places.values() for row in parts.values()]
        for row in gone:
            self._lose(row)
        for path in places:
            self._forget_quarantine(source_id, path)
        return len(gone)

    def choose_anew(self, record_ids: Sequence[int]) -> None:
        """Has the current place and the owner of records chosen again: a claim has changed."""
        for start in range(0, len(record_ids), 500):
            some = t.record.c.id.in_(record_ids[start : start + 500])
            rows = self.connection.execute(select(t.record.c.id, t.record.c.key).where(some))
            self._settle.update((row.id, row.key) for row in rows)

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
        # The same content in another place is no new revision, and moves no datestamp.
        revision_id = 0 if first else self._held_already(record_id, item)
        revision_id = revision_id or self._revision(record_id, item)
        if row is not None and row.record_id != record_id:
            self._lose(row)
            row = None
        if row is None:
            place_id = self._id("place")
            self._rows["place"].append(
                (
                    place_id, source_id, document.path, item.part, document.digest, record_id,
                    revision_id, int(item.gone), document.datestamp, document.provenance,
                )
            )  # fmt: skip
        else:
            place_id = row.id
            self.connection.execute(
                update(t.place)
                .where(t.place.c.id == place_id)
                .values(
                    digest=document.digest,
                    revision_id=revision_id,
                    gone=int(item.gone),
                    datestamp=document.datestamp,
                    provenance=document.provenance,
                )
            )
        if first:
            self._insert_record(record_id, revision_id, place_id, item, source_id)
        else:
            self._settle[record_id] = item.key
            self._arrived.add(record_id)

    def _same(self, row: Any, item: Taken) -> bool:
        query = select(t.revision.c.digest, t.revision.c.canonical)
        kept = self.connection.execute(query.where(t.revision.c.id == row.revision_id)).one()
        if kept.digest == item.digest:
            return True
        return item.canonical is not None and kept.canonical == item.canonical

    def _held_already(self, record_id: int, item: Taken) -> int:
        """The record's current revision if it is this content; else 0."""
        query = select(t.revision.c.id, t.revision.c.digest, t.revision.c.canonical)
        query = query.join(t.record, t.record.c.revision_id == t.revision.c.id)
        held = self.connection.execute(query.where(t.record.c.id == record_id)).one_or_none()
        if held is None:
            return 0
        same = held.digest == item.digest or (
            item.canonical is not None and held.canonical == item.canonical
        )
        return int(held.id) if same else 0

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
            (
                revision_id, record_id, item.digest, item.canonical, item.body, item.size,
                item.version, item.verdict, item.note, self.now, item.released,
                item.facts or facts(item),
            )
        )  # fmt: skip
        self._rows["finding"] += [
            (
                revision_id, f.rule, f.severity, f.message, f.line, f.column, f.path, f.remedy,
                f.replacement,
            )
            for f in item.findings
        ]  # fmt: skip
        self._pending[revision_id] = item
        return revision_id

    def _insert_record(
        self, record_id: int, revision_id: int, place_id: int, item: Taken, source_id: int
    ) -> None:
        self._rows["record"].append(
            (
                record_id, item.key, item.identifier, item.format, item.kind, item.version,
                item.authority, item.name, item.label, item.status, item.verdict, item.released,
                item.doi, int(item.gone), MARKED if item.gone else "",
                int(item.verdict == VALID and not item.gone), revision_id, place_id, self.now,
                self._log.own(record_id, item.key), self.now, source_id,
            )
        )  # fmt: skip
        if item.gone:
            self.counts.deleted += 1
        else:
            self._refer(record_id, item)
            self.counts.new += 1

    def _refer(self, record_id: int, item: Taken) -> None:
        self._rows["reference"] += [
            (record_id, element, target) for element, target in item.references
        ]

    def _flush(self) -> None:
        for name, rows in self._rows.items():
            insert_rows(self.connection, t.metadata.tables[name], COLUMNS[name], rows)
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
                for part in {"", *(taken.part for taken in document.taken)}:
                    self._forget_part(source_id, document.path, part)
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
        best, owner_id = best_place(self.connection, before)
        if owner_id != before.owner_id:
            self.connection.execute(
                update(t.record).where(t.record.c.id == before.id).values(owner_id=owner_id)
            )
        if best is not None and (before.deleted or best.revision_id != before.revision_id):
            self._make_current(before, best)
            return
        if best is None and not before.deleted:
            self._delete(before)
            return
        if before.id in self._arrived:
            self.counts.unchanged += 1
        moved: Row = {}
        if best is not None and best.id != before.place_id:
            moved["place_id"] = best.id
        if best is not None and owner_id != before.owner_id:
            # Whose it is stands in the search index.
            moved["change_number"] = self._log.own(before.id)
            moved["datestamp"] = self.now
        if moved:
            self.connection.execute(
                update(t.record).where(t.record.c.id == before.id).values(**moved)
            )

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
        if item.kind != before.kind:
            described["former_kinds"] = _with_kind(before.former_kinds, before.kind)
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


def _with_kind(former: str, kind: str) -> str:
    """The resource types that a record had, with one more, each between spaces."""
    kinds = dict.fromkeys([*former.split(), kind])
    return f" {' '.join(kinds)} "


def _described(item: Taken, revision_id: int, place_id: int) -> Row:
    return {
        "key": item.key, "identifier": item.identifier, "format": item.format,
        "kind": item.kind, "version": item.version, "authority": item.authority,
        "name": item.name, "label": item.label, "status": item.status,
        "verdict": item.verdict, "released": item.released, "doi": item.doi,
        "was_valid": int(item.verdict == VALID), "revision_id": revision_id,
        "place_id": place_id,
    }  # fmt: skip


def _rounds(documents: Sequence[TakenDocument]) -> Iterable[list[TakenDocument]]:
    """The documents in order, cut so that no place comes twice in one round."""
    some: list[TakenDocument] = []
    paths: set[str] = set()
    for document in documents:
        if document.path in paths:
            yield some
            some, paths = [], set()
        some.append(document)
        paths.add(document.path)
    if some:
        yield some


def _slices(items: list[str], size: int = 500) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
