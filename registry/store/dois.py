"""DOIs of ours: chosen and stored before anything is sent, then what DataCite answered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry.store import tables as t
from registry.store.kept import KeptDoi, KeptTombstone
from registry.store.reading import SHOWN as SHOWN


def doi_of(connection: Connection, record_id: int) -> KeptDoi | None:
    row = connection.execute(select(t.doi).where(t.doi.c.record_id == record_id)).one_or_none()
    return None if row is None else _kept(row)


def holder(connection: Connection, doi: str) -> int | None:
    """The id of the record that a DOI is bound to; None if it is bound to none."""
    return connection.execute(select(t.doi.c.record_id).where(t.doi.c.doi == doi)).scalar()


def dois(connection: Connection, *, unfinished: bool = False) -> list[KeptDoi]:
    """Every DOI of ours, or those that are not findable yet."""
    query = select(t.doi).order_by(t.doi.c.chosen, t.doi.c.doi)
    if unfinished:
        query = query.where(t.doi.c.state != "findable")
    return [_kept(row) for row in connection.execute(query)]


def count_states(connection: Connection) -> dict[str, int]:
    """How many DOIs of ours are in each state."""
    query = select(t.doi.c.state, func.count()).group_by(t.doi.c.state).order_by(t.doi.c.state)
    return {row[0]: row[1] for row in connection.execute(query)}


def choose_doi(
    connection: Connection,
    record_id: int,
    doi: str,
    now: int,
    *,
    state: str = "chosen",
    adopted: bool = False,
) -> KeptDoi:
    """Binds a DOI to a record for ever, before anything is sent; the one chosen first stays."""
    known = doi_of(connection, record_id)
    if known is not None:
        return known
    values = {"record_id": record_id, "doi": doi, "state": state, "chosen": now, "changed": now}
    connection.execute(insert(t.doi).values(**values, adopted=int(adopted)))
    return KeptDoi(record_id, doi, state, "", "", now, now, 0, adopted)


def note_doi(connection: Connection, record_id: int, now: int, **values: Any) -> None:
    """Sets state, url, digest or year of a DOI after DataCite answered."""
    connection.execute(
        update(t.doi).where(t.doi.c.record_id == record_id).values(changed=now, **values)
    )


def forget_dois(connection: Connection, prefix: str) -> list[int]:
    """Forgets every DOI under a trial's prefix; gives the ids of the records that had one."""
    under = select(t.doi.c.record_id).where(t.doi.c.doi.startswith(f"{prefix}/", autoescape=True))
    ids = list(connection.execute(under).scalars())
    a = t.doi_attempt.c
    connection.execute(delete(t.doi_attempt).where(a.doi.startswith(f"{prefix}/", autoescape=True)))
    for number in ids:
        connection.execute(delete(t.doi).where(t.doi.c.record_id == number))
        connection.execute(delete(t.doi_order).where(t.doi_order.c.record_id == number))
    return ids


# -- attempts ------------------------------------------------------------------------------------


def begin_attempt(connection: Connection, doi: str, what: str, now: int) -> int:
    """Keeps that something is about to be sent; gives the attempt's number."""
    made = connection.execute(insert(t.doi_attempt).values(doi=doi, at=now, what=what, answer=""))
    return int(made.inserted_primary_key[0]) if made.inserted_primary_key else 0


def end_attempt(connection: Connection, number: int, answer: str) -> None:
    """Keeps what came of an attempt."""
    connection.execute(
        update(t.doi_attempt).where(t.doi_attempt.c.id == number).values(answer=answer)
    )


def note_attempt(connection: Connection, doi: str, what: str, answer: str, now: int) -> None:
    """Keeps what was tried for a DOI and what came of it."""
    connection.execute(insert(t.doi_attempt).values(doi=doi, at=now, what=what, answer=answer))


def attempts(connection: Connection, doi: str) -> list[tuple[int, str, str]]:
    """(time, what, answer) of all attempts for a DOI, in order; no answer: none is known."""
    a = t.doi_attempt.c
    rows = connection.execute(select(a.at, a.what, a.answer).where(a.doi == doi).order_by(a.id))
    return [(row[0], row[1], row[2]) for row in rows]


def unanswered(connection: Connection, doi: str) -> list[int]:
    """The numbers of attempts of which nobody knows what came of them."""
    a = t.doi_attempt.c
    query = select(a.id).where(a.doi == doi, a.answer == "").order_by(a.id)
    return list(connection.execute(query).scalars())


# -- keeping in step -----------------------------------------------------------------------------


def moved_since_compared(connection: Connection, limit: int) -> list[tuple[int, int]]:
    """(record id, change number) of records with a DOI of ours that changed since a look."""
    query = (
        select(t.record.c.id, t.record.c.change_number)
        .join(t.doi, t.doi.c.record_id == t.record.c.id)
        .where(t.doi.c.state != "chosen", t.record.c.change_number > t.doi.c.compared)
        .order_by(t.record.c.change_number)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def note_compared(connection: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Keeps up to which change each record was looked at."""
    for record_id, change in pairs:
        connection.execute(
            update(t.doi).where(t.doi.c.record_id == record_id).values(compared=change)
        )


def compare_all_again(connection: Connection) -> None:
    connection.execute(update(t.doi).values(compared=0))


# -- tombstones ----------------------------------------------------------------------------------


def deleted_and_findable(connection: Connection) -> list[int]:
    """Ids of deleted records whose DOI is findable still, and for which nothing is ordered."""
    query = (
        select(t.record.c.id)
        .join(t.doi, t.doi.c.record_id == t.record.c.id)
        .where(
            t.record.c.deleted == 1,
            t.doi.c.state == "findable",
            t.record.c.id.not_in(select(t.doi_order.c.record_id)),
        )
        .order_by(t.record.c.id)
    )
    return list(connection.execute(query).scalars())


def returned_and_hidden(connection: Connection) -> list[int]:
    """Ids of current records that have a tombstone, and whose DOI is hidden with nothing ordered.

    A DOI that a curator hid while its record was there has no tombstone.
    """
    query = (
        select(t.record.c.id)
        .join(t.doi, t.doi.c.record_id == t.record.c.id)
        .join(t.tombstone, t.tombstone.c.record_id == t.record.c.id)
        .where(
            t.record.c.deleted == 0,
            t.doi.c.state == "registered",
            t.record.c.id.not_in(select(t.doi_order.c.record_id)),
        )
        .order_by(t.record.c.id)
    )
    return list(connection.execute(query).scalars())


def deleted_here(connection: Connection, record_id: int) -> bool:
    """Whether a deleted record was one that somebody here took in, and no harvest's."""
    query = (
        select(t.source.c.kind)
        .join(t.record, t.record.c.owner_id == t.source.c.id)
        .where(t.record.c.id == record_id)
    )
    return connection.execute(query).scalar() == "local"


def tombstone_of(connection: Connection, record_id: int) -> KeptTombstone | None:
    """What a curator said of a deleted record."""
    query = select(t.tombstone).where(t.tombstone.c.record_id == record_id)
    row = connection.execute(query).one_or_none()
    return KeptTombstone(row.reason, row.replaced_by, row.who, row.at) if row else None


def set_tombstone(connection: Connection, record_id: int, said: KeptTombstone) -> None:
    connection.execute(delete(t.tombstone).where(t.tombstone.c.record_id == record_id))
    connection.execute(
        insert(t.tombstone).values(
            record_id=record_id, reason=said.reason, replaced_by=said.replaced_by,
            who=said.who, at=said.at,
        )
    )  # fmt: skip


def _kept(row: Any) -> KeptDoi:
    return KeptDoi(
        row.record_id, row.doi, row.state, row.url, row.digest, row.chosen, row.changed,
        row.year, bool(row.adopted),
    )  # fmt: skip
