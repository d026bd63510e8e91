"""Who may do what: tokens with a role, sessions begun with them, and a log of every act.

Nobody may do anything that is not allowed to the role here. A token is shown once, when it is
made; the store has its SHA-256, which is enough for a secret of 256 random bits.
"""

from __future__ import annotations

import getpass
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from registry.store import access as kept
from registry.store.access import Act, KeptToken
from registry.store.reading import Reader
from registry.store.store import Store, Writer

READER, CURATOR, ADMIN = "reader", "curator", "admin"
ROLES = (READER, CURATOR, ADMIN)
"""reader: sees what is kept about DOIs. curator: mints, updates, hides. admin: tokens too."""

SEE, CURATE, ADMINISTER = "see", "curate", "administer"
_ALLOWED = {
    READER: frozenset((SEE,)),
    CURATOR: frozenset((SEE, CURATE)),
    ADMIN: frozenset((SEE, CURATE, ADMINISTER)),
}
SESSION_SECONDS = 12 * 3600
_NAME = re.compile(r"[\w.@ -]{1,80}")


class AccessError(Exception):
    """It is not allowed, or there is no such token; the message says which."""


@dataclass(slots=True, frozen=True)
class Actor:
    """Who acts, and as what."""

    name: str
    role: str

    def may(self, what: str) -> bool:
        return what in _ALLOWED.get(self.role, frozenset())


NOBODY = Actor("", "")


def operator() -> Actor:
    """Who works at the command line: whoever can write the data folder may do everything."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "unknown"
    return Actor(f"command line ({name})", ADMIN)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def make_token(store: Store, name: str, role: str, days: int, by: Actor) -> str:
    """A new token, which is shown this once; `days` 0: it does not expire. Raises AccessError."""
    require(by, ADMINISTER)
    if not _NAME.fullmatch(name.strip()):
        raise AccessError("A token's name has 1 to 80 letters, digits, spaces and . @ _ -")
    if role not in ROLES:
        raise AccessError(f"There is no role {role}: there are {', '.join(ROLES)}.")
    secret = f"parhelion_{secrets.token_urlsafe(32)}"
    with store.writing() as writer:
        if kept.token_named(writer.connection, name.strip()):
            raise AccessError(f"There is a token {name} already: choose another name.")
        expires = writer.now + days * 86400 if days else 0
        kept.add_token(writer.connection, name.strip(), role, digest(secret), writer.now, expires)
        note(writer, by, "token made", name.strip(), role)
    return secret


def revoke(store: Store, name: str, by: Actor) -> None:
    """Ends a token and its sessions. Raises AccessError."""
    require(by, ADMINISTER)
    with store.writing() as writer:
        found = kept.token_named(writer.connection, name)
        if found is None or found.revoked:
            raise AccessError(f"There is no token {name} that could be revoked.")
        kept.revoke_token(writer.connection, found.id, writer.now)
        note(writer, by, "token revoked", name)


def sign_in(store: Store, token: str) -> tuple[str, Actor]:
    """A session's secret and who it is. Raises AccessError for a token that is not good (any
    more); why not is not said.
    """
    with store.writing() as writer:
        found = kept.token_with(writer.connection, digest(token.strip()))
        if found is None or not _good(found, writer.now):
            note(writer, NOBODY, "sign-in refused", found.name if found else "unknown token")
            raised = True
        else:
            raised = False
            secret = secrets.token_urlsafe(32)
            ends = writer.now + SESSION_SECONDS
            ends = min(ends, found.expires) if found.expires else ends
            kept.begin_session(writer.connection, digest(secret), found.id, writer.now, ends)
            actor = Actor(found.name, found.role)
            note(writer, actor, "signed in", found.name)
    if raised:
        raise AccessError("This token is not known, has expired, or was revoked.")
    return secret, actor


def signed_in(reader: Reader, secret: str, now: int) -> Actor:
    """Who a session's secret belongs to; NOBODY where it is not good (any more)."""
    found = kept.session_token(reader.connection, digest(secret), now) if secret else None
    if found is None or not _good(found, now):
        return NOBODY
    return Actor(found.name, found.role)


def sign_out(store: Store, secret: str) -> None:
    with store.writing() as writer:
        kept.end_session(writer.connection, digest(secret))


def form_token(secret: str) -> str:
    """What a form of this session has to bring along: nobody else's page can know it."""
    return hmac.new(secret.encode(), b"form", hashlib.sha256).hexdigest()


def is_form_token(secret: str, given: str) -> bool:
    return hmac.compare_digest(form_token(secret).encode(), given.encode("utf-8", "replace"))


def require(actor: Actor, what: str) -> None:
    """Raises AccessError unless the actor may do it."""
    if not actor.may(what):
        who = f"{actor.name} ({actor.role})" if actor.name else "Nobody who is not signed in"
        raise AccessError(f"{who} may not do this: it needs a role that may {what}.")


def note(writer: Writer, actor: Actor, act: str, subject: str, detail: str = "") -> None:
    """Adds a line to the audit log, in the transaction of the act itself."""
    line = Act(writer.now, actor.name, actor.role, act, subject, detail[:2000])
    kept.note_act(writer.connection, line)


def _good(token: KeptToken, now: int) -> bool:
    return not token.revoked and not (token.expires and token.expires <= now)
