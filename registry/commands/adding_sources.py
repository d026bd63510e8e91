"""`parhelion source add` and `discover`: what stands at an address, shown before it is stored."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import click

from harvesters.publishing_registries import PublishingRegistry
from harvesters.well_known import well_known
from registry.deletion_guard import HarvestFailed
from registry.engines import open_store
from registry.settings import Settings
from registry.sources import adding, schedule
from registry.sources.adding import Looked
from registry.sources.kinds import ARCHIVE, FOLDER, KINDS, OAI_PMH
from registry.store import sources as kept
from registry.store.store import Store

_REGISTRY_OF_REGISTRIES = "ivoa-rofr"


class Period(click.ParamType):  # type: ignore[type-arg]
    """A time between harvests, in seconds; 0 for `never`."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        if isinstance(value, int):
            return value
        if value == "never":
            return 0
        try:
            return schedule.seconds(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.argument("name")
@click.argument("url")
@click.option("--kind", type=click.Choice(KINDS), default=OAI_PMH, show_default=True,
              help="How the source is harvested.")  # fmt: skip
@click.option("--prefix", default="", help="metadataPrefix; else the peer's formats decide.")
@click.option("--set", "set_spec", default="", help="setSpec of the records wanted.")
@click.option("--every", type=Period(), default=0, help="`serve` harvests it: 30m, 6h, 1d, 2w.")
@click.option("--mirror", is_flag=True, help="Delete what the archive no longer holds.")
@click.option("--precedence", type=int, default=100, show_default=True,
              help="Smaller goes first where two sources hold a record.")  # fmt: skip
@click.option("--unchecked", is_flag=True, help="Do not ask the address first.")
@click.option("--yes", is_flag=True, help="Do not ask whether to add it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def add(
    settings: Settings,
    name: str,
    url: str,
    kind: str,
    prefix: str,
    set_spec: str,
    every: int,
    mirror: bool,
    precedence: int,
    unchecked: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Add a source NAME at URL (for the kind `folder` a path).

    What stands there is shown first: of an OAI-PMH peer its Identify. A branch of a git
    repository is named behind `#`.
    """
    if mirror and kind != ARCHIVE:
        raise click.UsageError("--mirror is for archives; of other kinds deletions are known.")
    url = os.path.abspath(url) if kind == FOLDER else url
    store = open_store(settings)
    adding.check_name(store, name)
    looked = Looked()
    if not unchecked:
        try:
            looked = adding.look_at(settings, kind, url, prefix=prefix, set_spec=set_spec)
        except HarvestFailed as error:
            raise HarvestFailed(
                f"{error} The source was not added; --unchecked adds it all the same."
            ) from error
    if not as_json:
        for what, value in looked.facts:
            click.echo(f"  {what:<20} {value or '(not said)'}")
    if not yes and not as_json and sys.stdin.isatty():
        click.confirm(f"Add it as {name!r}?", default=True, abort=True)
    added = adding.add_source(
        store, name, kind, url, prefix=prefix, set_spec=set_spec, every=every, mirror=mirror,
        precedence=precedence, managed=looked.managed,
    )  # fmt: skip
    if as_json:
        told = {"name": name, "kind": kind, "url": url, "prefix": prefix or looked.prefix,
                "set": set_spec, "every": every, "managed": looked.managed,
                "found": dict(looked.facts)}  # fmt: skip
        click.echo(json.dumps(told))
        return
    click.echo(f"Added {added.name} ({added.kind}, {added.url}). {_begins(name, every)}")


def _begins(name: str, every: int) -> str:
    if every:
        return f"`serve` harvests it every {schedule.written(every)}, beginning now."
    return f"`parhelion harvest {name}` begins."


@click.command()
@click.argument("url", required=False)
@click.option("--add", "wanted", multiple=True, metavar="IVOID", help="Add this one (repeatable).")
@click.option("--add-all", is_flag=True, help="Add every one that is not a source yet.")
@click.option("--every", type=Period(), default=0, help="`serve` harvests them: 30m, 6h, 1d, 2w.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a registry.")
@click.pass_obj
def discover(
    settings: Settings,
    url: str | None,
    wanted: tuple[str, ...],
    add_all: bool,
    every: int,
    as_json: bool,
) -> None:
    """List the publishing registries of the Virtual Observatory, as the registry of registries
    at URL (else the IVOA's) has them, and add those wanted: their own records, set ivo_managed."""
    store = open_store(settings)
    address = url or well_known()[_REGISTRY_OF_REGISTRIES].url
    present = _addresses(store)
    found = list(adding.publishing_registries(settings, address))
    left = {one.lower() for one in wanted}
    for one in found:
        known = one.address.rstrip("/") in present
        chosen = (add_all or one.identifier.lower() in left) and not known
        left.discard(one.identifier.lower())
        name = present.get(one.address.rstrip("/"), "")
        if chosen:
            name = adding.add_registry(store, one, every=every).name
            present[one.address.rstrip("/")] = name
        _tell(one, name, chosen, as_json)
    if not as_json:
        click.echo(f"{len(found):,} publishing registries at {address}.")
    if left:
        raise click.UsageError(f"Not listed there: {', '.join(sorted(left))}.")


def _addresses(store: Store) -> dict[str, str]:
    """Source names by address."""
    with store.reading() as reader:
        return {one.url.rstrip("/"): one.name for one in kept.sources(reader.connection)}


def _tell(one: PublishingRegistry, name: str, chosen: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(one.object() | {"source": name, "added": chosen}))
        return
    state = f"added as {name}" if chosen else f"is the source {name}" if name else "not a source"
    click.echo(f"{one.identifier}  {one.title} ({state})")
    full = "; holds the whole Virtual Observatory" if one.full else ""
    click.echo(f"    {one.address}{full}")
    if one.managed:
        more = f" and {len(one.managed) - 8:,} more" if len(one.managed) > 8 else ""
        click.echo(f"    manages {', '.join(one.managed[:8])}{more}")
