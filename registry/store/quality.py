"""How good the records are, counted over the whole store; and lists of the records behind a count.

Findings about references are no rows: where a reference leads is asked when it is counted.
Counts are of current records, deleted ones aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, distinct, exists, func, literal, or_, select

from registry.findings import Finding
from registry.store import tables as t
from registry.store.kept import KeptPlace, KeptRecord, KeptRefusal
from registry.store.reading import Reader, kept_record, records_query

A_DAY = 86400
MOST_CHANGES = 300_000
NONE = "none"
"""Asks for the records without a version, or without a date."""

_r, _f, _x = t.record.c, t.finding.c, t.reference.c
_year = func.substr(_r.released, 1, 4)
_current = _r.deleted == 0


@dataclass(slots=True, frozen=True)
class Standing:
    """How many records of an authority, format and version have a verdict."""

    format: str
    authority: str
    version: str
    verdict: str
    records: int


@dataclass(slots=True, frozen=True)
class RuleCount:
    """How often a rule found something at an authority, and in how many records."""

    rule: str
    severity: str
    format: str
    authority: str
    findings: int
    records: int


@dataclass(slots=True, frozen=True)
class Nowhere:
    """References by one element that lead to no record, of all by that element."""

    element: str
    references: int
    records: int
    all: int


@dataclass(slots=True, frozen=True)
class Concerned:
    """Which records a list is of; an empty value selects nothing out.

    `year` is that of the description's release; `NONE` asks for records without; `day` a number
    of days since 1970 on which the record changed; `several`: only records that lie in more than
    one place.
    """

    format: str = ""
    authority: str = ""
    version: str = ""
    verdict: str = ""
    rule: str = ""
    severity: str = ""
    year: str = ""
    day: int | None = None
    several: bool = False


# -- counts ----------------------------------------------------------------------------------


def standings(reader: Reader) -> list[Standing]:
    """Records by format, authority, version and verdict."""
    columns = (_r.format, _r.authority, _r.version, _r.verdict)
    query = select(*columns, func.count()).where(_current).group_by(*columns).order_by(*columns)
    return [Standing(*row) for row in reader.connection.execute(query)]


def rules(reader: Reader) -> list[RuleCount]:
    """Stored findings by rule, severity, format and authority."""
    columns = (_f.rule, _f.severity, _r.format, _r.authority)
    query = (
        select(*columns, func.count(), func.count(distinct(_r.id)))
        .join(t.finding, _f.revision_id == _r.revision_id)
        .where(_current)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [RuleCount(*row) for row in reader.connection.execute(query)]


def years(reader: Reader) -> list[tuple[str, str, int]]:
    """(year of release or '', verdict, records), by year."""
    query = select(_year, _r.verdict, func.count()).where(_current)
    rows = reader.connection.execute(query.group_by(_year, _r.verdict).order_by(_year))
    return [(row[0] or "", row[1], row[2]) for row in rows]


def findings_by_year(reader: Reader) -> dict[str, int]:
    """How many findings are stored for the records of each year of release."""
    query = (
        select(_year, func.count())
        .join(t.finding, _f.revision_id == _r.revision_id)
        .where(_current)
        .group_by(_year)
    )
    return {row[0] or "": row[1] for row in reader.connection.execute(query)}


def worst(reader: Reader, limit: int) -> list[tuple[KeptRecord, int, int]]:
    """(record, errors, findings) of the records with most errors, then most findings."""
    errors = func.sum(func.iif(_f.severity == "error", 1, 0)).label("errors")
    number = func.count().label("number")
    ranked = (
        select(_r.id, errors, number)
        .join(t.finding, _f.revision_id == _r.revision_id)
        .where(_current)
        .group_by(_r.id)
        .order_by(errors.desc(), number.desc(), _r.key)
        .limit(limit)
    )
    rows = reader.connection.execute(ranked).all()
    records = reader.records_by_id([row[0] for row in rows])
    return [(records[row[0]], row[1], row[2]) for row in rows]


def leading_nowhere(reader: Reader) -> list[Nowhere]:
    """References without a current record at their end, by element; PriorIDs aside."""
    query = _nowhere(_x.element, func.count(), func.count(distinct(_x.record_id)))
    found = reader.connection.execute(query.group_by(_x.element)).all()
    every = (
        select(_x.element, func.count())
        .join(t.record, _r.id == _x.record_id)
        .where(_current)
        .group_by(_x.element)
    )
    all_: dict[str, int] = {row[0]: row[1] for row in reader.connection.execute(every)}
    counts = [Nowhere(row[0], row[1], row[2], all_[row[0]]) for row in found]
    return sorted(counts, key=lambda one: (-one.references, one.element))


def missing(reader: Reader, limit: int) -> list[tuple[str, int]]:
    """(key, references) of what is named most often and is no current record."""
    number = func.count().label("number")
    query = _nowhere(_x.target, number).group_by(_x.target)
    rows = reader.connection.execute(query.order_by(number.desc(), _x.target).limit(limit))
    return [(row[0], row[1]) for row in rows]


def count_several(reader: Reader) -> int:
    """How many records lie in more than one place."""
    some = (
        select(t.place.c.record_id)
        .join(t.record, _r.id == t.place.c.record_id)
        .where(_current)
        .group_by(t.place.c.record_id)
        .having(func.count() > 1)
    )
    query = select(func.count()).select_from(some.subquery())
    return int(reader.connection.execute(query).scalar_one())


def count_places(reader: Reader) -> int:
    """The number of the newest place and of all: a copy that comes is no change of a record."""
    query = select(func.count(), func.coalesce(func.max(t.place.c.id), 0))
    number, last = reader.connection.execute(query).one()
    return int(number) + int(last)


def changes(reader: Reader, limit: int) -> list[tuple[int, dict[str, int]]]:
    """(day since 1970, records changed by reason) of the latest days with changes, newest first."""
    day = (t.change.c.at // A_DAY).label("day")
    query = (
        select(day, t.change.c.reason, func.count(distinct(t.change.c.record_id)))
        # The log is never cut: what lies further back is not read for a page.
        .where(t.change.c.number > reader.last_change() - MOST_CHANGES)
        .group_by(day, t.change.c.reason)
        .order_by(day.desc())
    )
    return _by_day(reader.connection.execute(query))[:limit]


def received(reader: Reader, limit: int) -> list[tuple[int, dict[str, int]]]:
    """(day since 1970, contents that came in by verdict) of the latest days, newest first."""
    day = (t.revision.c.received // A_DAY).label("day")
    query = (
        select(day, t.revision.c.verdict, func.count())
        .group_by(day, t.revision.c.verdict)
        .order_by(day.desc())
    )
    return _by_day(reader.connection.execute(query))[:limit]


def moves(reader: Reader) -> list[tuple[int, str, str, int]]:
    """(day since 1970, verdict before, verdict after, records) of all days on which current
    contents came or records went, newest first; '' before the first content, and after deletion.

    A content has the verdict of today's rules, whatever was said of it when it came.
    """
    v = t.revision.c
    aside = (
        select(t.place.c.revision_id)
        .join(t.record, _r.id == t.place.c.record_id)
        .where(t.place.c.revision_id != _r.revision_id)
    )
    before = func.coalesce(
        func.lag(v.verdict).over(partition_by=v.record_id, order_by=v.id), ""
    ).label("before")
    steps = (
        select((v.received // A_DAY).label("day"), before, v.verdict)
        # What lies in another place than the record's was never its content.
        .where(v.id.not_in(aside))
        .subquery()
    ).c
    day = (_r.datestamp // A_DAY).label("day")
    came = select(steps.day, steps.before, steps.verdict, func.count()).group_by(
        steps.day, steps.before, steps.verdict
    )
    went = select(day, _r.verdict, literal(""), func.count()).where(_r.deleted == 1)
    rows = [
        *reader.connection.execute(came).all(),
        *reader.connection.execute(went.group_by(day, _r.verdict)).all(),
    ]
    return sorted(((int(row[0]), row[1], row[2], row[3]) for row in rows), reverse=True)


def _by_day(rows: Any) -> list[tuple[int, dict[str, int]]]:
    found: dict[int, dict[str, int]] = {}
    for day, name, number in rows:
        found.setdefault(int(day), {})[name] = number
    return list(found.items())


def _nowhere(*columns: Any) -> Select[Any]:
    """References of current records to what is none."""
    other = t.record.alias()
    return (
        select(*columns)
        .select_from(t.reference)
        .join(t.record, and_(_r.id == _x.record_id, _current))
        .outerjoin(other, and_(other.c.key == _x.target, other.c.deleted == 0))
        .where(_x.element != "PriorID", other.c.id.is_(None))
    )


# -- lists -----------------------------------------------------------------------------------


def concerned(
    reader: Reader, wanted: Concerned, after: str, limit: int
) -> list[tuple[KeptRecord, list[Finding]]]:
    """The first records of a list with keys after `after`, by key, each with the stored findings
    that the list asks for."""
    query = _selected(records_query(), wanted).where(_r.key > after)
    rows = reader.connection.execute(query.order_by(_r.key).limit(limit))
    records = [kept_record(row) for row in rows]
    findings = _findings(reader, [record.revision_id for record in records], wanted)
    return [(record, findings.get(record.revision_id, [])) for record in records]


def count_concerned(reader: Reader, wanted: Concerned) -> int:
    """How many records a list holds."""
    query = _selected(select(func.count()).select_from(t.record), wanted)
    return int(reader.connection.execute(query).scalar_one())


def nowhere(
    reader: Reader, element: str, authority: str, after: tuple[str, int], limit: int
) -> list[tuple[KeptRecord, int, str, str]]:
    """(record, number of the reference, element, key named) of references that lead nowhere, by
    the record's key and the reference's number, behind `after`; '' is any element, or authority."""
    query = _nowhere(_r.id, _r.key, _x.id, _x.element, _x.target)
    query = query.where(or_(_r.key > after[0], and_(_r.key == after[0], _x.id > after[1])))
    if element:
        query = query.where(_x.element == element)
    if authority:
        query = query.where(_r.authority == authority)
    rows = reader.connection.execute(query.order_by(_r.key, _x.id).limit(limit)).all()
    records = reader.records_by_id([row[0] for row in rows])
    return [(records[row[0]], row[2], row[3], row[4]) for row in rows]


def places(reader: Reader, record_ids: Sequence[int]) -> dict[int, list[KeptPlace]]:
    """Where records lie, by their ids."""
    query = (
        select(t.place, t.source.c.name, _r.place_id)
        .join(t.source, t.source.c.id == t.place.c.source_id)
        .join(t.record, _r.id == t.place.c.record_id)
        .where(t.place.c.record_id.in_(list(record_ids)))
        .order_by(t.source.c.id, t.place.c.path, t.place.c.part)
    )
    found: dict[int, list[KeptPlace]] = {}
    for row in reader.connection.execute(query):
        place = KeptPlace(row.name, row.path, row.part, row.id == row.place_id)
        found.setdefault(row.record_id, []).append(place)
    return found


def quarantined(
    reader: Reader, reason: str, after: int, limit: int
) -> list[tuple[int, KeptRefusal]]:
    """(number, entry) of the quarantine's entries with numbers after `after`; '' is any reason."""
    q = t.quarantine.c
    query = select(t.quarantine, t.source.c.name).join(t.source, t.source.c.id == q.source_id)
    query = query.where(q.id > after)
    if reason:
        query = query.where(q.reason == reason)
    return [
        (
            row.id,
            KeptRefusal(
                row.name, row.path, row.part, row.reason, row.message, row.line, row.column,
                row.remedy, row.seen,
            ),
        )
        for row in reader.connection.execute(query.order_by(q.id).limit(limit))
    ]  # fmt: skip


def _selected(query: Select[Any], wanted: Concerned) -> Select[Any]:
    query = query.where(_current)
    for column, value in (
        (_r.format, wanted.format),
        (_r.authority, wanted.authority),
        (_r.version, wanted.version),
        (_r.verdict, wanted.verdict),
    ):
        if value:
            query = query.where(column == ("" if value == NONE else value))
    if wanted.rule or wanted.severity:
        found = _of_findings(wanted)
        query = query.where(exists().where(_f.revision_id == _r.revision_id, *found))
    if wanted.year:
        query = query.where(_year == ("" if wanted.year == NONE else wanted.year))
    if wanted.day is not None:
        start = wanted.day * A_DAY
        changed = select(t.change.c.record_id).where(
            t.change.c.at >= start, t.change.c.at < start + A_DAY
        )
        query = query.where(_r.id.in_(changed))
    if wanted.several:
        some = select(t.place.c.record_id).group_by(t.place.c.record_id)
        query = query.where(_r.id.in_(some.having(func.count() > 1)))
    return query


def _of_findings(wanted: Concerned) -> list[Any]:
    found = []
    if wanted.rule:
        found.append(_f.rule == wanted.rule)
    if wanted.severity:
        found.append(_f.severity == wanted.severity)
    return found


def _findings(
    reader: Reader, revision_ids: Sequence[int], wanted: Concerned
) -> dict[int, list[Finding]]:
    query = select(t.finding).where(_f.revision_id.in_(list(revision_ids)), *_of_findings(wanted))
    found: dict[int, list[Finding]] = {}
    for row in reader.connection.execute(query.order_by(_f.id)):
        found.setdefault(row.revision_id, []).append(
            Finding(row.rule, row.severity, row.message, row.line, row.column, row.path,
                    row.remedy, row.replacement)
        )  # fmt: skip
    return found
