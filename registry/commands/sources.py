"""`parhelion source …` and `parhelion harvest`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from harvesters.well_known import WellKnown, well_known
from registry import sources
from registry.commands.ingesting import catch_up, ended_cleanly
from registry.commands.progress import Meter
from registry.deletion_guard import HarvestFailed
from registry.engines import open_store
from registry.followers.lock import FollowersLock
from registry.oai_harvest import Harvested
from registry.settings import Settings
from registry.store import sources as kept
from registry.store.connections import full_disk_in_words
from registry.store.kept import KeptSource
from registry.store.store import Store


@click.group()
def source() -> None:
    """Add, list and remove sources to harvest."""


@source.command()
@click.argument("name")
@click.argument("url")
@click.option("--kind", type=click.Choice(sources.KINDS), default=sources.OAI_PMH,
              show_default=True, help="How the source is harvested.")  # fmt: skip
@click.option("--prefix", default="", help="metadataPrefix; else the peer's formats decide.")
@click.option("--set", "set_spec", default="", help="setSpec of the records wanted.")
@click.pass_obj
def add(settings: Settings, name: str, url: str, kind: str, prefix: str, set_spec: str) -> None:
    """Add a source NAME at URL."""
    store = open_store(settings)
    added = sources.add_source(store, name, kind, url, prefix=prefix, set_spec=set_spec)
    click.echo(
        f"Added {added.name} ({added.kind}, {added.url}). `parhelion harvest {name}` begins."
    )


@source.command(name="list")
@click.option("--known", is_flag=True, help="List the well-known sources that ship with Parhelion.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_(settings: Settings, known: bool, as_json: bool) -> None:
    """List the sources, with their last harvest."""
    if known:
        for one in well_known().values():
            click.echo(json.dumps(asdict(one)) if as_json else _known(one))
        return
    for one_source, held in sources.every_source(open_store(settings)):
        if as_json:
            click.echo(json.dumps({**asdict(one_source), "held": held}))
        else:
            click.echo(_told(one_source, held))


def _known(one: WellKnown) -> str:
    return f"{one.name:<20} {one.kind:<8} {one.url}\n{'':<20} {one.description}"


def _told(one: KeptSource, held: int) -> str:
    if one.last_finished:
        when = f"last harvest {datetime.fromtimestamp(one.last_finished, UTC):%Y-%m-%d %H:%M} UTC"
    else:
        when = "never harvested" if one.kind != "local" else "what `ingest` takes in"
    said = f"{one.name:<20} {one.kind:<8} {held:>7,} records, {when}"
    if one.url:
        said += f"\n{'':<20} {one.url}"
    if one.last_error:
        said += f"\n{'':<20} last fault: {one.last_error}"
    return said


@source.command()
@click.argument("name")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """Remove the source NAME; records that lie nowhere else are deleted."""
    store = open_store(settings)
    with store.reading() as reader:
        known = kept.source(reader.connection, name)
    if known.id == kept.LOCAL_SOURCE:
        raise click.UsageError("The source 'local' is what `ingest` took in; it stays.")
    counts = sources.remove_source(store, known)
    click.echo(f"Removed {name}; {counts.deleted:,} records deleted.")


@click.command()
@click.argument("names", nargs=-1)
@click.option("--full", is_flag=True, help="Ask for everything, not only for what is new.")
@click.option("--mirror", is_flag=True, help="Delete what an archive no longer holds.")
@click.option("--accept-deletions", is_flag=True, help="However many they are.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a source.")
@click.pass_obj
def harvest(
    settings: Settings,
    names: tuple[str, ...],
    full: bool,
    mirror: bool,
    accept_deletions: bool,
    as_json: bool,
) -> None:
    """Harvest the sources NAMES, or all of them.

    The names of well-known sources (`parhelion source list --known`) need not be added first.
    """
    store = open_store(settings)
    lock = FollowersLock(settings.data)
    failed = False
    with ended_cleanly(), full_disk_in_words(settings.data):
        for one in _chosen(store, names):
            try:
                with Meter(one.name) as meter:
                    result = sources.harvest(
                        store, settings, one, full=full, mirror=mirror,
                        accept_deletions=accept_deletions, progress=meter.ingested,
                    )  # fmt: skip
            except HarvestFailed as error:
                failed = True
                click.echo(f"parhelion: {error}", err=True)
                continue
            _report(result, as_json)
        if lock.take_when_free():
            catch_up(settings, store)
            lock.free()
    if failed:
        raise click.exceptions.Exit(1)


def _chosen(store: Store, names: tuple[str, ...]) -> list[KeptSource]:
    """The sources named, well-known ones added; all but `local` when none is named."""
    with store.reading() as reader:
        present = {one.name: one for one in kept.sources(reader.connection)}
    if not names:
        return [one for one in present.values() if one.id != kept.LOCAL_SOURCE]
    chosen = []
    for name in names:
        if name not in present and name in well_known():
            known = well_known()[name]
            present[name] = sources.add_source(
                store, name, known.kind, known.url, prefix=known.prefix, set_spec=known.set
            )
        if name not in present:
            raise click.UsageError(
                f"There is no source {name!r}. `parhelion source list` and `source list --known` "
                "name those there are."
            )
        if present[name].kind == "local":
            raise click.UsageError("The source 'local' is filled by `parhelion ingest`.")
        chosen.append(present[name])
    return chosen


def _report(result: Harvested, as_json: bool) -> None:
    if as_json:
        told = {"source": result.source, **asdict(result.counts), "faults": result.faults}
        click.echo(json.dumps(told))
        return
    counts = result.counts
    click.echo(
        f"{result.source}: {counts.read:,} records read, {counts.new:,} new, "
        f"{counts.changed:,} changed, {counts.unchanged:,} unchanged, {counts.deleted:,} deleted, "
        f"{counts.quarantined:,} quarantined."
    )
    for fault in result.faults[:20]:
        click.echo(f"  {fault}")
