"""`parhelion schema`: official schemas of SPASE versions that Parhelion has no tables of yet."""

from __future__ import annotations

from pathlib import Path

import click

from registry.commands.ingesting import catch_up, ended_cleanly
from registry.engines import open_store
from registry.followers.lock import FollowersLock
from registry.settings import Settings
from registry.validation.rejudging import Rejudged, rejudge
from registry.validation.reports.text import VERDICTS
from schemas.spase import added
from schemas.spase.tables import NEWEST, VERSIONS


@click.group()
def schema() -> None:
    """Add official schemas of new SPASE versions."""


@schema.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def add(settings: Settings, file: Path) -> None:
    """Let an official SPASE schema decide for its version, from now on.

    It is kept in the data folder; the records of its version are judged again. The schema has to
    be one file without a DTD; nothing is fetched.
    """
    folder = settings.data / added.FOLDER
    try:
        kept = added.keep(file.read_bytes(), folder)
    except added.SchemaRefused as error:
        raise click.ClickException(f"{file} cannot be added: {error}.") from error
    version = kept.stem.removeprefix("spase-")
    with ended_cleanly():
        store = open_store(settings)
        lock = FollowersLock(settings.data)
        try:
            done = rejudge(store, [version])
            if done.moved and lock.take():
                catch_up(settings, store)
        finally:
            store.close()
            lock.free()
    click.echo(f"SPASE {version} is now judged by {kept}.")
    click.echo(_told(done, version))


@schema.command(name="list")
@click.pass_obj
def list_(settings: Settings) -> None:
    """Name the versions that have a schema here."""
    added.use(settings.data / added.FOLDER)
    click.echo(f"From Parhelion's own tables: SPASE {VERSIONS[0]} to {NEWEST}.")
    for version, path in added.versions():
        click.echo(f"Added: SPASE {version} ({path}).")


def _told(done: Rejudged, version: str) -> str:
    if not done.judged:
        return f"The registry holds no record of SPASE {version}."
    verdicts = ", ".join(
        f"{number:,} {VERDICTS.get(name, name)}" for name, number in sorted(done.verdicts.items())
    )
    moved = f"{done.moved:,} record{'s have' if done.moved != 1 else ' has'} another verdict"
    return f"{done.judged:,} judged again: {verdicts}; {moved}."
