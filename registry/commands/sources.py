"""`parhelion source …` and `parhelion harvest`."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from harvesters.well_known import WellKnown, well_known
from registry.commands.adding_sources import Period, add, discover
from registry.commands.ingesting import catch_up, ended_cleanly
from registry.commands.progress import Meter
from registry.deletion_guard import HarvestFailed
from registry.engines import open_store
from registry.followers.lock import FollowersLock
from registry.oai_harvest import Harvested
from registry.settings import Settings
from registry.sources import adding, schedule
from registry.sources.harvesting import harvest as harvested
from registry.sources.state import SourceState, source_states
from registry.store import harvests as kept_harvests
from registry.store import ownership
from registry.store import sources as kept
from registry.store.connections import full_disk_in_words
from registry.store.kept import KeptSource
from registry.store.store import Store

_SHOWN = 10
_BATCH = 500
_INDENT = " " * 21


@click.group()
def source() -> None:
    """Add, list, change and remove sources to harvest."""


source.add_command(add)
source.add_command(discover)


@source.command(name="list")
@click.option("--known", is_flag=True, help="List the well-known sources that ship with Parhelion.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_obj
def list_(settings: Settings, known: bool, as_json: bool) -> None:
    """List the sources: last harvest, next one, the one that runs."""
    if known:
        for one in well_known().values():
            click.echo(json.dumps(asdict(one)) if as_json else _known(one))
        return
    store = open_store(settings)
    with store.reading() as reader:
        states = list(source_states(reader, store.clock()))
    for state in states:
        click.echo(json.dumps(_object(state)) if as_json else _told(state))


def _known(one: WellKnown) -> str:
    return f"{one.name:<20} {one.kind:<8} {one.url}\n{'':<20} {one.description}"


def _object(state: SourceState) -> dict[str, Any]:
    told = asdict(state.source) | {"held": state.held, "running": state.running}
    told["managed"] = state.managed
    told["harvest"] = asdict(state.newest) if state.newest else None
    return told


def _told(state: SourceState) -> str:
    one = state.source
    if one.last_finished:
        when = f"last harvest {_when(one.last_finished)}"
    else:
        when = "never harvested" if one.kind != "local" else "what `ingest` takes in"
    lines = [f"{one.name:<20} {one.kind:<8} {state.held:>7,} records, {when}"]
    if one.url:
        lines.append(_INDENT + one.url)
    if one.every:
        due = f", next {_when(one.next_due)}" if one.next_due else ""
        lines.append(f"{_INDENT}every {schedule.written(one.every)}{due}")
    if state.running and state.newest:
        lines.append(
            f"{_INDENT}harvested now, since {_when(state.newest.started)}: "
            f"{_counted(state.newest.counts)}"
        )
    elif one.last_counts:
        lines.append(f"{_INDENT}last: {_counted(one.last_counts)}")
    if one.last_error:
        times = f" ({one.failures} times in a row)" if one.failures > 1 else ""
        lines.append(f"{_INDENT}last fault{times}: {one.last_error}")
    return "\n".join(lines)


def _counted(counts: dict[str, int]) -> str:
    names = [one for one in ("new", "changed", "deleted", "quarantined") if counts.get(one)]
    return ", ".join([f"{counts.get('read', 0):,} read", *(f"{counts[n]:,} {n}" for n in names)])


def _when(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


@source.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def log(settings: Settings, name: str, as_json: bool) -> None:
    """Show the last harvests of the source NAME, and what was wrong in them."""
    store = open_store(settings)
    with store.reading() as reader:
        known = kept.source(reader.connection, name)
        found = kept_harvests.harvests(reader.connection, known.id, _SHOWN)
        lines = kept_harvests.log_lines(reader.connection, [one.id for one in found])
    if as_json:
        told = [asdict(one) | {"log": [asdict(line) for line in lines[one.id]]} for one in found]
        click.echo(json.dumps({"source": name, "harvests": told}))
        return
    for one in found:
        said = f": {one.message}" if one.message else ""
        click.echo(f"{_when(one.started)}  {one.outcome:<8} {_counted(one.counts)}{said}")
        for line in lines[one.id]:
            click.echo(f"  {line.severity}: {line.message}")
    if not found:
        click.echo(f"{name} was never harvested.")


@source.command(name="set")
@click.argument("name")
@click.option("--every", type=Period(), help="Time between harvests: 30m, 6h, 1d, 2w; `never`.")
@click.option("--mirror/--no-mirror", default=None, help="Delete what an archive no longer holds.")
@click.option("--precedence", type=int, help="Smaller goes first where two sources hold a record.")
@click.pass_obj
def set_(
    settings: Settings, name: str, every: int | None, mirror: bool | None, precedence: int | None
) -> None:
    """Change the schedule, the mirroring or the precedence of the source NAME."""
    store = open_store(settings)
    with store.writing() as writer:
        known = kept.source(writer.connection, name)
        if known.id == kept.LOCAL_SOURCE and (every or mirror):
            raise click.UsageError("The source 'local' is filled by `parhelion ingest`.")
        values: dict[str, object] = {}
        if every is not None:
            values |= {"every": every, "next_due": writer.now if every else None}
        if mirror is not None:
            values["mirror"] = int(mirror)
        if precedence is not None:
            values["precedence"] = precedence
        if not values:
            raise click.UsageError("Say what to change: --every, --mirror or --precedence.")
        kept.update_source(writer.connection, known.id, **values)
        shared: list[int] = []
        if precedence is not None and precedence != known.precedence:
            shared = ownership.shared_records(writer.connection, known.id)
    for start in range(0, len(shared), _BATCH):
        with store.writing() as writer:
            writer.choose_anew(shared[start : start + _BATCH])
    click.echo(f"Changed {name}.")


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
    counts = adding.remove_source(store, known)
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
                    result = harvested(
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
            present[name] = adding.add_source(
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
