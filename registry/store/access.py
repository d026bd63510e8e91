"""Tokens, sessions and the audit log. Secrets are never stored: only their SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from registry.store import tables as t


@dataclass(slots=True, frozen=True)
class KeptToken:
    """A token by its name; `expires` and `revoked` are 0 where they are not."""

    id: int
    name: str
    role: str
    created: int
    expires: int
    revoked: int


@dataclass(slots=True, frozen=True)
class Act:
    """A line of the audit log."""

    at: int
    who: str
    role: str
    act: str
    subject: str
    detail: str


def tokens(connection: Connection) -> list[KeptToken]:
    query = select(t.token).order_by(t.token.c.name)
    return [_token(row) for row in connection.execute(query)]


def token_named(connection: Connection, name: str) -> KeptToken | None:
    row = connection.execute(select(t.token).where(t.token.c.name == name)).one_or_none()
    return _token(row) if row else None


def token_with(connection: Connection, digest: str) -> KeptToken | None:
    row = connection.execute(select(t.token).where(t.token.c.digest == digest)).one_or_none()
    return _token(row) if row else None


def add_token(
    connection: Connection, name: str, role: str, digest: str, now: int, expires: int
) -> None:
    connection.execute(
        insert(t.token).values(name=name, role=role, digest=digest, created=now, expires=expires)
    )


def revoke_token(connection: Connection, token_id: int, now: int) -> None:
    """Ends a token and every session that was begun with it."""
    connection.execute(update(t.token).where(t.token.c.id == token_id).values(revoked=now))
    connection.execute(delete(t.session).where(t.session.c.token_id == token_id))


def begin_session(
    connection: Connection, digest: str, token_id: int, now: int, expires: int
) -> None:
    connection.execute(delete(t.session).where(t.session.c.expires <= now))
    connection.execute(
        insert(t.session).values(digest=digest, token_id=token_id, created=now, expires=expires)
    )


def session_token(connection: Connection, digest: str, now: int) -> KeptToken | None:
    """The token that a session was begun with; None where the session has ended."""
    query = (
        select(t.token)
        .join(t.session, t.session.c.token_id == t.token.c.id)
        .where(t.session.c.digest == digest, t.session.c.expires > now)
    )
    row = connection.execute(query).one_or_none()
    return _token(row) if row else None


def end_session(connection: Connection, digest: str) -> None:
    connection.execute(delete(t.session).where(t.session.c.digest == digest))


def note_act(connection: Connection, act: Act) -> None:
    connection.execute(
        insert(t.audit).values(
            at=act.at, who=act.who, role=act.role, act=act.act, subject=act.subject,
            detail=act.detail,
        )
    )  # fmt: skip


def acts(connection: Connection, *, subject: str = "", limit: int = 100) -> list[Act]:
    """The newest lines of the audit log, of one subject or of all; the newest first."""
    a = t.audit.c
    query = select(t.audit).order_by(a.id.desc()).limit(limit)
    if subject:
        query = query.where(a.subject == subject)
    return [
        Act(row.at, row.who, row.role, row.act, row.subject, row.detail)
        for row in connection.execute(query)
    ]


def _token(row: Any) -> KeptToken:
    return KeptToken(row.id, row.name, row.role, row.created, row.expires, row.revoked)
