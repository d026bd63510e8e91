"""DOIs of ours: chosen and stored before anything is sent, then what DataCite answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from registry.store import tables as t
from registry.store.kept import KeptDoi


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


def choose_doi(connection: Connection, record_id: int, doi: str, now: int) -> KeptDoi:
    """Binds a DOI to a record for ever, before anything is sent; the one chosen first stays."""
    known = doi_of(connection, record_id)
    if known is not None:
        return known
    connection.execute(
        insert(t.doi).values(record_id=record_id, doi=doi, state="chosen", chosen=now, changed=now)
    )
    return KeptDoi(record_id, doi, "chosen", "", "", now, now)


def note_doi(connection: Connection, record_id: int, now: int, **values: Any) -> None:
    """Sets state, url or digest of a DOI after DataCite answered."""
    connection.execute(
        update(t.doi).where(t.doi.c.record_id == record_id).values(changed=now, **values)
    )


def note_attempt(connection: Connection, doi: str, what: str, answer: str, now: int) -> None:
    """Keeps what was tried for a DOI and what came of it."""
    connection.execute(insert(t.doi_attempt).values(doi=doi, at=now, what=what, answer=answer))


def attempts(connection: Connection, doi: str) -> list[tuple[int, str, str]]:
    """(time, what, answer) of all attempts for a DOI, in order."""
    a = t.doi_attempt.c
    rows = connection.execute(select(a.at, a.what, a.answer).where(a.doi == doi).order_by(a.id))
    return [(row[0], row[1], row[2]) for row in rows]


def _kept(row: Any) -> KeptDoi:
    return KeptDoi(row.record_id, row.doi, row.state, row.url, row.digest, row.chosen, row.changed)
