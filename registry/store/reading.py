"""Asking the store, inside one snapshot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select, union

from registry.findings import Finding
from registry.model import Label
from registry.store import tables as t
from registry.store.changes import last_change, stamp_at
from registry.store.kept import (
    KeptPlace,
    KeptRecord,
    KeptRefusal,
    KeptRevision,
    label_from,
)
from registry.store.packing import unpacked

_SLICE = 500
SHOWN = ("registered", "findable")
"""The states in which a DOI of ours resolves, so that the record is known by it."""


class Reader:
    """All questions about records; one snapshot, so that the answers belong together."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    # -- records -----------------------------------------------------------------------------

    def record(self, key: str) -> KeptRecord | None:
        """The record with this identifier key, deleted ones too."""
        return next(iter(self.records_by_key([key]).values()), None)

    def records_by_key(self, keys: Iterable[str]) -> dict[str, KeptRecord]:
        rows: dict[str, KeptRecord] = {}
        for some in _slices(list(dict.fromkeys(keys))):
            for row in self.connection.execute(records_query().where(t.record.c.key.in_(some))):
                rows[row.key] = kept_record(row)
        return rows

    def verdicts(self, keys: Iterable[str]) -> dict[str, str]:
        """The verdicts of records, by key."""
        found: dict[str, str] = {}
        for some in _slices(list(keys)):
            query = select(t.record.c.key, t.record.c.verdict).where(t.record.c.key.in_(some))
            found.update((row[0], row[1]) for row in self.connection.execute(query))
        return found

    def owners(self, keys: Iterable[str]) -> dict[str, str]:
        """The name of the source that each record belongs to, by the record's key."""
        found: dict[str, str] = {}
        for some in _slices(list(keys)):
            query = select(t.record.c.key, t.source.c.name).where(
                t.record.c.key.in_(some), t.source.c.id == t.record.c.owner_id
            )
            found.update((row[0], row[1]) for row in self.connection.execute(query))
        return found

    def source_names(self) -> dict[int, str]:
        """The names of all sources, by id."""
        query = select(t.source.c.id, t.source.c.name)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def records_by_id(self, ids: Iterable[int]) -> dict[int, KeptRecord]:
        rows: dict[int, KeptRecord] = {}
        for some in _slices(list(dict.fromkeys(ids))):
            for row in self.connection.execute(records_query().where(t.record.c.id.in_(some))):
                rows[row.id] = kept_record(row)
        return rows

    def all_records(self, *, deleted: bool = False, batch: int = 500) -> Iterator[list[KeptRecord]]:
        """Every current record (and deleted ones if asked for), in batches, by id."""
        after = 0
        while True:
            query = (
                records_query().where(t.record.c.id > after).order_by(t.record.c.id).limit(batch)
            )
            if not deleted:
                query = query.where(t.record.c.deleted == 0)
            rows = [kept_record(row) for row in self.connection.execute(query)]
            if not rows:
                return
            yield rows
            after = rows[-1].id

    def identifiers_like(self, start: str, limit: int = 2000) -> list[str]:
        """Identifiers of current records whose key begins like this, for near matches."""
        query = select(t.record.c.identifier).where(
            t.record.c.deleted == 0, t.record.c.key >= start, t.record.c.key < start + "\U0010ffff"
        )
        return list(self.connection.execute(query.limit(limit)).scalars())

    def identifiers_in_other_case(self, start: str, identifier: str) -> list[str]:
        """Identifiers of current records below `start` that differ from this one in case only.

        SQLite compares ASCII letters so, and no others.
        """
        query = select(t.record.c.identifier).where(
            func.lower(t.record.c.key) == func.lower(identifier),
            func.substr(t.record.c.key, 1, len(start)) == start,
            t.record.c.deleted == 0, t.record.c.identifier != identifier,
        )  # fmt: skip
        return list(self.connection.execute(query).scalars())

    def keys(self, skip: int, limit: int) -> list[str]:
        """Keys of current records in the order of their ids, for lists of everything."""
        query = select(t.record.c.key).where(t.record.c.deleted == 0).order_by(t.record.c.id)
        return list(self.connection.execute(query.offset(skip).limit(limit)).scalars())

    def bodies(self, revision_ids: Iterable[int]) -> dict[int, bytes]:
        """The kept bytes of revisions, as they came."""
        found: dict[int, bytes] = {}
        for some in _slices(list(revision_ids)):
            query = select(t.revision.c.id, t.revision.c.body).where(t.revision.c.id.in_(some))
            found.update((row.id, unpacked(row.body)) for row in self.connection.execute(query))
        return found

    def body(self, record: KeptRecord) -> bytes:
        """The bytes of the record's current revision, as they came."""
        return self.bodies([record.revision_id])[record.revision_id]

    def revisions(self, record_id: int) -> list[KeptRevision]:
        """Every content the record had, newest first."""
        query = select(t.revision).where(t.revision.c.record_id == record_id)
        return [
            KeptRevision(
                row.id, row.digest.hex(), row.size, row.version, row.verdict, row.note,
                row.received, row.released,
            )
            for row in self.connection.execute(query.order_by(t.revision.c.id.desc()))
        ]  # fmt: skip

    def places(self, record: KeptRecord) -> list[KeptPlace]:
        """Where the record lies, the current place marked."""
        query = (
            select(t.place, t.source.c.name, t.revision.c.digest.label("content"),
                   t.revision.c.canonical)
            .join(t.source, t.source.c.id == t.place.c.source_id)
            .join(t.revision, t.revision.c.id == t.place.c.revision_id)
            .where(t.place.c.record_id == record.id)
            .order_by(t.source.c.id, t.place.c.path, t.place.c.part)
        )  # fmt: skip
        rows = self.connection.execute(query).all()
        current = next((row for row in rows if row.id == record.place_id), None)
        return [
            KeptPlace(
                row.name, row.path, row.part, row.id == record.place_id,
                current is not None and not _same_content(row, current),
            )
            for row in rows
        ]  # fmt: skip

    def findings(self, revision_id: int) -> list[Finding]:
        query = select(t.finding).where(t.finding.c.revision_id == revision_id)
        return [
            Finding(
                row.rule, row.severity, row.message, row.line, row.column, row.path, row.remedy,
                row.replacement,
            )
            for row in self.connection.execute(query.order_by(t.finding.c.id))
        ]  # fmt: skip

    # -- who names whom ----------------------------------------------------------------------

    def labels(self, keys: Iterable[str]) -> dict[str, Label]:
        """Labels of current records, with DOIs of ours; what is no current record is absent."""
        found: dict[str, Label] = {}
        for some in _slices(list(dict.fromkeys(keys))):
            query = select(t.record.c.key, t.record.c.label, t.doi.c.doi, t.doi.c.state).where(
                t.record.c.key.in_(some), t.record.c.deleted == 0
            )
            query = query.outerjoin(t.doi, t.doi.c.record_id == t.record.c.id)
            for row in self.connection.execute(query):
                label = label_from(row.label)
                if row.state in SHOWN:
                    label = replace(label, doi=row.doi)
                found[row.key] = label
        return found

    def references(self, record_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
        """(element, key of the one named) of each record, in document order."""
        found: dict[int, list[tuple[str, str]]] = {number: [] for number in record_ids}
        for some in _slices(list(record_ids)):
            query = select(t.reference).where(t.reference.c.record_id.in_(some))
            for row in self.connection.execute(query.order_by(t.reference.c.id)):
                found[row.record_id].append((row.element, row.target))
        return found

    def referring(self, key: str, limit: int = 1000) -> list[tuple[str, KeptRecord]]:
        """(element, record) of who names this record, PriorIDs aside, by name."""
        query = (
            records_query(t.reference.c.element)
            .join(t.reference, t.reference.c.record_id == t.record.c.id)
            .where(t.reference.c.target == key, t.reference.c.element != "PriorID")
            .order_by(t.record.c.kind, t.record.c.name, t.record.c.key)
            .limit(limit)
        )
        return [(row.element, kept_record(row)) for row in self.connection.execute(query)]

    def count_referring(self, key: str) -> dict[str, int]:
        """How many records name this one, by their kind."""
        query = (
            select(t.record.c.kind, func.count(func.distinct(t.record.c.id)))
            .join(t.reference, t.reference.c.record_id == t.record.c.id)
            .where(t.reference.c.target == key, t.reference.c.element != "PriorID")
            .group_by(t.record.c.kind)
        )
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def succeeding(self, prior_key: str) -> list[KeptRecord]:
        """The current records that name this identifier as a PriorID."""
        query = (
            records_query()
            .distinct()
            .join(t.reference, t.reference.c.record_id == t.record.c.id)
            .where(t.reference.c.target == prior_key, t.reference.c.element == "PriorID")
            .order_by(t.record.c.key)
        )
        return [kept_record(row) for row in self.connection.execute(query)]

    def by_doi(self, doi: str) -> list[KeptRecord]:
        """Current records that carry this DOI (bare, lower case), or were given it by us."""
        # Two questions, each with an index of its own; one with an OR reads all records.
        carried = select(t.record.c.id).where(t.record.c.doi == doi, t.record.c.doi != "")
        given = select(t.doi.c.record_id).where(t.doi.c.doi == doi)
        query = records_query().where(t.record.c.id.in_(union(carried, given)))
        return [
            kept_record(row)
            for row in self.connection.execute(query.where(t.record.c.deleted == 0))
        ]

    # -- the change log ----------------------------------------------------------------------

    def last_change(self) -> int:
        return last_change(self.connection)

    def stamp_at(self, number: int) -> str:
        """What tells this log from another one that reached this number; '' for 0."""
        return stamp_at(self.connection, number)

    def changed(self, after: int, limit: int = 500) -> tuple[list[KeptRecord], int]:
        """The records with changes after this number, at their current state, and the number
        up to which they are complete. Oldest first, each once; ([], after) when there is none."""
        query = records_query().where(t.record.c.change_number > after)
        query = query.order_by(t.record.c.change_number).limit(limit)
        rows = [kept_record(row) for row in self.connection.execute(query)]
        if len(rows) < limit:
            return rows, max(self.last_change(), after)
        return rows, rows[-1].change_number

    def count_changed(self, after: int) -> int:
        """How many records have changed after this number."""
        query = select(func.count()).where(t.record.c.change_number > after)
        return self.connection.execute(query).scalar() or 0

    # -- counts and lists --------------------------------------------------------------------

    def counts(self) -> list[tuple[str, str, str, int]]:
        """(format, kind, verdict, number) over the current records."""
        r = t.record.c
        query = select(r.format, r.kind, r.verdict, func.count()).where(r.deleted == 0)
        rows = self.connection.execute(query.group_by(r.format, r.kind, r.verdict))
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def count_deleted(self) -> int:
        query = select(func.count()).where(t.record.c.deleted == 1)
        return self.connection.execute(query).scalar() or 0

    def count_revisions(self) -> int:
        """How many contents are kept, those of deleted records and earlier ones too."""
        return self.connection.execute(select(func.count()).select_from(t.revision)).scalar() or 0

    def count_quarantined(self) -> dict[str, int]:
        """Quarantine entries by reason."""
        q = t.quarantine.c
        rows = self.connection.execute(select(q.reason, func.count()).group_by(q.reason))
        return {row[0]: row[1] for row in rows}

    def quarantined(self, limit: int = 1000) -> list[KeptRefusal]:
        query = (
            select(t.quarantine, t.source.c.name)
            .join(t.source, t.source.c.id == t.quarantine.c.source_id)
            .order_by(t.quarantine.c.source_id, t.quarantine.c.path, t.quarantine.c.part)
            .limit(limit)
        )
        return [
            KeptRefusal(
                row.name, row.path, row.part, row.reason, row.message, row.line, row.column,
                row.remedy, row.seen,
            )
            for row in self.connection.execute(query)
        ]  # fmt: skip

    def duplicates(self) -> list[tuple[str, int]]:
        """(key, number of places) of records that lie in more than one place."""
        query = (
            select(t.record.c.key, func.count())
            .join(t.place, t.place.c.record_id == t.record.c.id)
            .group_by(t.record.c.key)
            .having(func.count() > 1)
            .order_by(t.record.c.key)
        )
        return [(row[0], row[1]) for row in self.connection.execute(query)]

    def dangling(self, record_id: int) -> list[tuple[str, str]]:
        """(element, key) of this record's references that lead to no current record."""
        other = t.record.alias()
        query = (
            select(t.reference.c.element, t.reference.c.target)
            .outerjoin(other, and_(other.c.key == t.reference.c.target, other.c.deleted == 0))
            .where(
                t.reference.c.record_id == record_id,
                t.reference.c.element != "PriorID",
                other.c.id.is_(None),
            )
            .order_by(t.reference.c.id)
        )
        return [(row[0], row[1]) for row in self.connection.execute(query)]

    def authorities(self) -> list[tuple[str, str]]:
        """(format, authority) of every record ever seen, in order."""
        query = select(t.record.c.format, t.record.c.authority).distinct()
        rows = self.connection.execute(query.order_by(t.record.c.format, t.record.c.authority))
        return [(row[0], row[1]) for row in rows]

    def meta(self, key: str) -> str:
        """A named value of the store; '' if it has none."""
        query = select(t.meta.c.value).where(t.meta.c.key == key)
        return self.connection.execute(query).scalar() or ""

    def refused(self) -> list[tuple[str, str, str]]:
        """(follower, key, reason) of records that an engine refused."""
        r = t.refused.c
        rows = self.connection.execute(select(r.follower, r.key, r.reason).order_by(r.follower))
        return [(row[0], row[1], row[2]) for row in rows]


def records_query(*more: Any) -> Select[Any]:
    """Every record with the DOI it was given, and `more` columns; for `kept_record`."""
    query = select(
        t.record, t.doi.c.doi.label("minted"), t.doi.c.state.label("minted_state"), *more
    )
    return query.outerjoin(t.doi, t.doi.c.record_id == t.record.c.id)


def kept_record(row: Any) -> KeptRecord:
    """The record of a row that `records_query` brought."""
    minted = row.minted if row.minted_state in SHOWN else ""
    return KeptRecord(
        row.id, row.key, row.identifier, row.format, row.kind, row.version, row.authority,
        row.name, row.label, row.status, row.verdict, row.released, row.doi, bool(row.deleted),
        row.deleted_why, bool(row.was_valid), row.revision_id, row.place_id, row.created,
        row.change_number, row.datestamp, minted or "", row.owner_id,
        tuple(row.former_kinds.split()) if row.former_kinds else (),
    )  # fmt: skip


def _same_content(one: Any, other: Any) -> bool:
    """Whether two rows have the same `content` digest, or the same canonical XML as far as that is
    known (`registry.store.conflicts`)."""
    if one.content == other.content or one.canonical is None or other.canonical is None:
        return True
    return bool(one.canonical == other.canonical)


def _slices(items: list[Any]) -> Iterator[list[Any]]:
    return (items[start : start + _SLICE] for start in range(0, len(items), _SLICE))
