"""Lists of records in the order of their changes, a page at a time, deleted ones included.

A list is cut by change numbers alone. Dates are turned into change numbers once, when it begins:
datestamps never decrease from one change to the next (docs/decisions.md, section 3). So a page
costs what it holds, however large the store is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import add
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Dialect,
    Integer,
    Select,
    TextClause,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from registry.store import tables as t
from registry.store.kept import KeptRecord
from registry.store.ownership import PASSED_ON
from registry.store.reading import Reader, kept_record, records_query


@dataclass(slots=True, frozen=True)
class Selection:
    """Which records a list is of; an empty value selects nothing out.

    `once_valid`: only records that are valid or have been. `with_doi`: only those with a DOI of
    ours. `ours`: only what belongs to no peer; `authorities` (lower case) are those of which it
    then has to be. Of the authorities `never_from_peers` no VOResource record that belongs to
    a peer is selected, and none with one of the keys in `without`. `once`: only records that had
    one of these resource types and have another now, which is none of `never`.
    """

    format: str = ""
    kind: str = ""
    authority: str = ""
    once_valid: bool = False
    with_doi: bool = False
    ours: bool = False
    authorities: tuple[str, ...] = ()
    never_from_peers: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


Number = int | BindParameter[int]
Selections = Sequence[Selection]
"""A list is of all that one of them selects; no two of them select the same record."""


def bounds(reader: Reader, start: int | None, end: int | None) -> tuple[int, int]:
    """(after, upper): the change numbers n with after < n <= upper are those with datestamps from
    `start` to `end`, both included, in seconds; None leaves that side open."""
    r = t.record.c
    after, upper = 0, reader.last_change()
    if start is not None:
        query = select(r.change_number).where(r.datestamp >= start)
        first = reader.connection.execute(
            query.order_by(r.datestamp, r.change_number).limit(1)
        ).scalar()
        after = upper if first is None else first - 1
    if end is not None:
        query = select(r.change_number).where(r.datestamp <= end)
        last = reader.connection.execute(
            query.order_by(r.datestamp.desc(), r.change_number.desc()).limit(1)
        ).scalar()
        upper = min(upper, last or 0)
    return after, upper


def page(
    reader: Reader, selections: Selections, after: int, upper: int, limit: int
) -> list[tuple[KeptRecord, int]]:
    """(record, size of its content in bytes) of the first `limit` records of a list, in order."""
    query = _page(tuple(selections))
    rows = reader.connection.execute(query, {"after": after, "upper": upper, "limit": limit})
    return [(kept_record(row), row.size) for row in rows]


def count(reader: Reader, selections: Selections, after: int, upper: int) -> int:
    """How many records a list holds."""
    query, given = _as_text(_count, tuple(selections), _dialect(reader))
    given = given | {"after": after, "upper": upper}
    return reader.connection.execute(query, given).scalar() or 0


def stretch(
    reader: Reader, selections: Selections, after: int, last: int, upper: int
) -> tuple[int, bool]:
    """(how many records a list holds up to `last`, whether it holds any from there to `upper`)."""
    query, given = _as_text(_stretch, tuple(selections), _dialect(reader))
    given = given | {"after": after, "upper": last, "last": last, "end": upper}
    row = reader.connection.execute(query, given).one()
    return row[0], bool(row[1])


# The statements are the same for every page of a list, and to make one anew costs more than to
# ask it: those of the selections used last are kept.
_AFTER, _UPPER = bindparam("after", 0, type_=Integer), bindparam("upper", 0, type_=Integer)
_LIMIT = bindparam("limit", 0, type_=Integer)
_LAST, _END = bindparam("last", 0, type_=Integer), bindparam("end", 0, type_=Integer)


@lru_cache(maxsize=256)
def _page(selections: tuple[Selection, ...]) -> Select[Any]:
    query = records_query(t.revision.c.size).join(
        t.revision, t.revision.c.id == t.record.c.revision_id
    )
    if len(selections) == 1:
        query = query.where(*_conditions(selections[0], _AFTER, _UPPER))
    else:
        query = query.where(t.record.c.id.in_(_first_of_each(selections)))
    return query.order_by(t.record.c.change_number).limit(_LIMIT)


def _first_of_each(selections: Selections) -> Select[Any]:
    """The ids of the first records: each selection goes by an index of its own, in whose order
    they are merged, so that no more of them are looked at than there come."""
    r = t.record.c
    arms = [
        select(r.id, r.change_number).where(*_conditions(one, _AFTER, _UPPER)) for one in selections
    ]
    found = union_all(*arms).order_by("change_number").limit(_LIMIT).subquery()
    return select(found.c.id)


def _dialect(reader: Reader) -> Callable[..., Dialect]:
    return type(reader.connection.dialect)


@lru_cache(maxsize=256)
def _as_text(
    make: Callable[[tuple[Selection, ...]], Select[Any]],
    selections: tuple[Selection, ...],
    dialect: Callable[..., Dialect],
) -> tuple[TextClause, dict[str, Any]]:
    """A statement as text, and its constants: with ten selections it is long, and the library
    would go through all of it each time to find out that it knows it."""
    made = make(selections).compile(
        dialect=dialect(paramstyle="named"), compile_kwargs={"render_postcompile": True}
    )
    return text(str(made)), dict(made.params)


@lru_cache(maxsize=256)
def _count(selections: tuple[Selection, ...]) -> Select[Any]:
    counts = [
        select(func.count())
        .select_from(t.record)
        .where(*_conditions(one, _AFTER, _UPPER))
        .scalar_subquery()
        for one in selections
    ]
    return select(reduce(add, counts))


@lru_cache(maxsize=256)
def _stretch(selections: tuple[Selection, ...]) -> Select[Any]:
    left = [
        exists().select_from(t.record).where(*_conditions(one, _LAST, _END)) for one in selections
    ]
    return _count(selections).add_columns(or_(*left))


def numbers(reader: Reader, selections: Selections, after: int, last: int) -> list[int]:
    """The change numbers of the records that a list holds up to `last`."""
    query, given = _as_text(_numbers, tuple(selections), _dialect(reader))
    given = given | {"after": after, "upper": last}
    return [row[0] for row in reader.connection.execute(query, given)]


@lru_cache(maxsize=256)
def _numbers(selections: tuple[Selection, ...]) -> Select[Any]:
    arms = [select(t.record.c.change_number).where(*_conditions(one, _AFTER, _UPPER))
            for one in selections]  # fmt: skip
    if len(arms) == 1:
        return arms[0]
    every = union_all(*arms).subquery()
    return select(every.c.change_number)


def dropped_out(
    reader: Reader, selections: Selections, after: int, upper: int, end: int | None, limit: int
) -> list[KeptRecord]:
    """Records that had a change in a list's range and have changed again since, in order.

    What the list has brought already had its changes before `after`, so none of it is here.
    """
    within = (
        select(t.change.c.record_id)
        .where(t.change.c.number > after, t.change.c.number <= upper)
        .distinct()
    )
    any_of = [and_(*_conditions(one, upper, reader.last_change())) for one in selections]
    query = records_query().where(or_(*any_of), t.record.c.id.in_(within))
    if end is not None:
        query = query.where(t.record.c.datestamp <= end)
    query = query.order_by(t.record.c.change_number).limit(limit)
    return [kept_record(row) for row in reader.connection.execute(query)]


def earliest_datestamp(reader: Reader) -> int:
    """The datestamp that none is before: of the oldest change, else when the store was made."""
    first = reader.connection.execute(select(func.min(t.record.c.datestamp))).scalar()
    if first is None:
        first = reader.connection.execute(select(func.min(t.source.c.added))).scalar()
    return int(first or 0)


def newest_datestamp(reader: Reader) -> int:
    """The datestamp that none is after; 0 in an empty store."""
    return int(reader.connection.execute(select(func.max(t.record.c.datestamp))).scalar() or 0)


def ids_of_authorities(reader: Reader, format_: str, authorities: Iterable[str]) -> list[int]:
    """The ids of the current records of naming authorities, which are given in lower case."""
    r = t.record.c
    query = select(r.id).where(
        r.format == format_, r.deleted == 0, func.lower(r.authority).in_(list(authorities))
    )
    return list(reader.connection.execute(query.order_by(r.id)).scalars())


def kinds(reader: Reader) -> list[tuple[str, str]]:
    """(format, kind) of every record, deleted ones too, in order."""
    return _distinct(reader, t.record.c.format, t.record.c.kind)


def authorities(reader: Reader) -> list[tuple[str, str]]:
    """(format, authority) of every record, deleted ones too, in order."""
    return _distinct(reader, t.record.c.format, t.record.c.authority)


def _distinct(reader: Reader, first: Any, second: Any) -> list[tuple[str, str]]:
    """The distinct pairs, by one step in the index for each: DISTINCT reads every row."""
    found: list[tuple[str, str]] = []
    query = select(first, second).order_by(first, second).limit(1)
    row = reader.connection.execute(query).first()
    while row is not None:
        found.append((row[0], row[1]))
        # Two steps: a comparison of pairs would run over all rows of the pair it stands at.
        below = query.where(first == row[0], second > row[1])
        beside = query.where(first > row[0])
        row = reader.connection.execute(below).first() or reader.connection.execute(beside).first()
    return found


def our_sources(reader: Reader) -> frozenset[int]:
    """The sources that bring originals: records of these belong to no peer."""
    query = select(t.source.c.id).where(t.source.c.kind != PASSED_ON)
    return frozenset(reader.connection.execute(query).scalars())


@dataclass(slots=True, frozen=True)
class Origin:
    """Where a harvested record comes from; `harvested` in seconds since 1970. `before`: its way to
    there, the last hop first, each the values of an OriginDescription (`schemas.parts`)."""

    base_url: str
    identifier: str
    datestamp: str
    harvested: int
    before: tuple[tuple[Any, ...], ...] = ()


def origins(reader: Reader, records: Sequence[KeptRecord]) -> dict[int, Origin]:
    """By id, those of the records that a peer's OAI-PMH repository brought."""
    query = (
        select(
            t.place.c.id, t.source.c.url, t.place.c.path, t.place.c.datestamp,
            t.revision.c.received, t.place.c.provenance,
        )
        .join(t.source, t.source.c.id == t.place.c.source_id)
        .join(t.revision, t.revision.c.id == t.place.c.revision_id)
        .where(t.source.c.kind == PASSED_ON, t.place.c.datestamp != "")
    )  # fmt: skip
    places = {one.place_id: one.id for one in records}
    found: dict[int, Origin] = {}
    ids = list(places)
    for start in range(0, len(ids), 500):
        some = query.where(t.place.c.id.in_(ids[start : start + 500]))
        for row in reader.connection.execute(some):
            before = tuple(map(tuple, json.loads(row.provenance or "[]")))
            found[places[row.id]] = Origin(row.url, row.path, row.datestamp, row.received, before)
    return found


def near_equals(reader: Reader, key: str) -> list[str]:
    """Keys of SPASE records that are this one but for the case of ASCII letters, oldest first."""
    r = t.record.c
    if not _lower(key).startswith("spase://"):
        return []
    query = select(r.key).where(func.lower(r.key) == _lower(key))
    return list(reader.connection.execute(query.order_by(r.id)).scalars())


def later_near_equals(reader: Reader, keys: Iterable[str]) -> set[str]:
    """Of all keys that equal one of these but for the case of ASCII letters, those that came
    later than another."""
    wanted, r = sorted({_lower(key) for key in keys}), t.record.c
    later: set[str] = set()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        # By nothing else: with the format beside it SQLite would rather read all of that format.
        query = select(func.lower(r.key)).where(func.lower(r.key).in_(some))
        twice = query.group_by(func.lower(r.key)).having(func.count() > 1)
        for one in reader.connection.execute(twice).scalars().all():
            later.update(near_equals(reader, one)[1:])
    return later


def _lower(key: str) -> str:
    """A key as SQL's lower() of SQLite gives it: ASCII letters only."""
    return key.encode("utf-8").lower().decode("utf-8")


def _conditions(selection: Selection, after: Number, upper: Number) -> list[ColumnElement[bool]]:
    r = t.record.c
    found: list[ColumnElement[bool]] = [r.change_number > after, r.change_number <= upper]
    # With nothing put to it no index of formats serves, where the few that had another type are
    # wanted: theirs does, and SQLite would rather read all of a format.
    format_: ColumnElement[Any] = r.format + literal_column("''") if selection.once else r.format
    for column, value in (
        (format_, selection.format),
        (r.kind, selection.kind),
        (r.authority, selection.authority),
    ):
        if value:
            found.append(column == value)
    if selection.once_valid:
        found.append(r.was_valid == 1)
    if selection.once:
        # As a constant, so that the index of the few such records is used.
        found.append(r.former_kinds != literal_column("''"))
        found.append(or_(*(r.former_kinds.contains(f" {one} ") for one in selection.once)))
        found.append(r.kind.not_in(selection.never))
    if selection.with_doi:
        states = t.doi.c.state.in_(("registered", "findable"))
        found.append(r.id.in_(select(t.doi.c.record_id).where(states)))
    own = r.owner_id.in_(select(t.source.c.id).where(t.source.c.kind != PASSED_ON))
    if selection.ours:
        found.append(own)
    if selection.authorities:
        found.append(func.lower(r.authority).in_(selection.authorities))
    if selection.never_from_peers and selection.format != "spase":
        others = func.lower(r.authority).not_in(selection.never_from_peers)
        found.append(or_(r.format == "spase", others, own))
    if selection.without and selection.format != "spase":
        found.append(r.key.not_in(selection.without))
    return found
