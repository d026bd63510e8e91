"""`parhelion access`: tokens for curators, and the log of what was done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

import click

from registry.access import ROLES, AccessError, make_token, operator, revoke
from registry.engines import open_store
from registry.settings import Settings
from registry.store import access as kept
from registry.store.store import Store


@click.group()
def access() -> None:
    """Say who may sign in, and read what was done."""


@access.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="curator", show_default=True,
              help="reader: sees; curator: mints, updates, hides; admin: everything.")  # fmt: skip
@click.option("--days", type=click.IntRange(0), default=365, show_default=True,
              help="Life of the token; 0: without end.")  # fmt: skip
@click.pass_obj
def add(settings: Settings, name: str, role: str, days: int) -> None:
    """Make a token, print it, and keep only its hash."""
    with _opened(settings) as store:
        secret = make_token(store, name, role, days, operator())
    click.echo(secret)
    click.echo("This is the only time that it is shown.", err=True)


@access.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a token.")
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List tokens, by name."""
    with _opened(settings) as store, store.reading() as reader:
        for one in kept.tokens(reader.connection):
            ends = f"until {_day(one.expires)}" if one.expires else "without end"
            ends = f"revoked {_day(one.revoked)}" if one.revoked else ends
            click.echo(json.dumps(asdict(one)) if as_json else f"{one.name}: {one.role}, {ends}")


@access.command(name="revoke")
@click.argument("name")
@click.pass_obj
def revoke_(settings: Settings, name: str) -> None:
    """End a token, and the sessions that were begun with it."""
    with _opened(settings) as store:
        revoke(store, name, operator())
    click.echo(f"{name} is revoked.")


@access.command()
@click.argument("subject", required=False, default="")
@click.option("--limit", type=click.IntRange(1, 100_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def log(settings: Settings, subject: str, limit: int, as_json: bool) -> None:
    """Show what was done, the newest first; of one record or token where it is named."""
    with _opened(settings) as store, store.reading() as reader:
        for one in kept.acts(reader.connection, subject=subject, limit=limit):
            if as_json:
                click.echo(json.dumps(asdict(one)))
                continue
            at = f"{datetime.fromtimestamp(one.at, UTC):%Y-%m-%d %H:%M:%S}"
            click.echo(f"{at} {one.who or 'nobody'}: {one.act} {one.subject} {one.detail}".rstrip())


@contextmanager
def _opened(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    try:
        yield store
    except AccessError as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.close()


def _day(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
