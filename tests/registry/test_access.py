"""Tokens, roles, sessions and the log of acts, in a real store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from registry import access
from registry.access import (
    ADMIN,
    ADMINISTER,
    CURATE,
    CURATOR,
    NOBODY,
    READER,
    SEE,
    AccessError,
    Actor,
    make_token,
    operator,
    revoke,
    sign_in,
    sign_out,
    signed_in,
)
from registry.store import access as kept
from registry.store.store import Store

DAY = 86400


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Store:
    return Store(tmp_path, clock=clock)


def who(store: Store, secret: str) -> Actor:
    with store.reading() as reader:
        return signed_in(reader, secret, int(store.clock()))


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (READER, {SEE}),
        (CURATOR, {SEE, CURATE}),
        (ADMIN, {SEE, CURATE, ADMINISTER}),
        ("", set()),
        ("emperor", set()),
    ],
)
def test_what_is_not_allowed_is_forbidden(role: str, allowed: set[str]) -> None:
    everything = {SEE, CURATE, ADMINISTER, "fly"}
    assert {one for one in everything if Actor("anna", role).may(one)} == allowed


def test_a_token_signs_in_until_it_is_revoked(store: Store) -> None:
    token = make_token(store, "Anna", CURATOR, 365, operator())
    secret, actor = sign_in(store, f" {token}\n")
    assert actor == who(store, secret) == Actor("Anna", CURATOR)
    revoke(store, "Anna", operator())
    assert who(store, secret) == NOBODY
    with pytest.raises(AccessError):
        sign_in(store, token)


def test_secrets_are_nowhere_in_the_store(store: Store) -> None:
    token = make_token(store, "Anna", CURATOR, 365, operator())
    secret, _ = sign_in(store, token)
    with closing(sqlite3.connect(store.folder / "store.sqlite")) as raw:
        said = "\n".join(raw.iterdump())
    assert "Anna" in said
    assert token not in said
    assert secret not in said


def test_tokens_and_sessions_end_by_themselves(store: Store, clock: Clock) -> None:
    token = make_token(store, "Anna", CURATOR, 1, operator())
    clock.now += DAY - 3600
    secret, _ = sign_in(store, token)
    clock.now += 3599
    assert who(store, secret).name == "Anna"
    clock.now += 1
    assert who(store, secret) == NOBODY
    lasting = make_token(store, "Berta", CURATOR, 0, operator())
    secret, _ = sign_in(store, lasting)
    clock.now += access.SESSION_SECONDS
    assert who(store, secret) == NOBODY


def test_signing_out_ends_the_session_alone(store: Store) -> None:
    token = make_token(store, "Anna", CURATOR, 0, operator())
    first, _ = sign_in(store, token)
    second, _ = sign_in(store, token)
    sign_out(store, first)
    assert (who(store, first), who(store, second).name) == (NOBODY, "Anna")


@pytest.mark.parametrize("token", ["", "parhelion_wrong", "x" * 10_000, "\udcff"])
def test_what_is_no_token_is_refused_and_noted(store: Store, token: str) -> None:
    with pytest.raises(AccessError):
        sign_in(store, token)
    with store.reading() as reader:
        assert kept.acts(reader.connection)[0].act == "sign-in refused"


def test_only_an_admin_makes_tokens(store: Store) -> None:
    for role in (READER, CURATOR, ""):
        with pytest.raises(AccessError):
            make_token(store, "Eve", ADMIN, 0, Actor("eve", role))
    make_token(store, "Anna", READER, 0, operator())
    for name, role in (("Anna", READER), ("", READER), ("a\nb", READER), ("Bob", "emperor")):
        with pytest.raises(AccessError):
            make_token(store, name, role, 0, operator())


def test_form_tokens_are_of_one_session() -> None:
    assert access.is_form_token("one", access.form_token("one"))
    assert not access.is_form_token("two", access.form_token("one"))
    assert not access.is_form_token("one", "ä")
