"""`parhelion status`, `reindex` and `check`."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from registry.commands.progress import Meter
from registry.engines import Engines, opened
from registry.followers.checking import NAMED, Difference
from registry.followers.checking import check as compare
from registry.followers.state import status as state_of
from registry.settings import Settings
from registry.store.store import request_progress

POLL_SECONDS = 0.5
_WAITING_NAMED = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def status(settings: Settings, as_json: bool) -> None:
    """Say what the registry holds, and how far index and graph have come."""
    with opened(settings) as engines:
        state = state_of(engines.store, engines.following())
    click.echo(json.dumps(state) if as_json else _told(settings, state))


def _told(settings: Settings, state: dict[str, Any]) -> str:
    records = state["records"]
    lines = [
        f"Data folder   {settings.data}",
        f"Records       {records['total']:,} ({_listed(records['by_format'])}), "
        f"{records['deleted']:,} deleted",
        f"Verdicts      {_listed(records['by_verdict'])}",
        f"Types         {_listed(records['by_type'])}",
        f"Last change   {state['last_change']:,}",
    ]
    for name, follower in state["followers"].items():
        said = follower.get("fault") or f"applied {follower['applied']:,}, lag {follower['lag']:,}"
        lines.append(f"{name.capitalize():<14}{said}")
    for source in state["sources"]:
        when = _when(source["last_finished"]) if source["last_finished"] else "never harvested"
        if source["kind"] == "local":
            when = "what `ingest` took in"
        fault = f"; last fault: {source['last_error']}" if source["last_error"] else ""
        lines.append(f"Source        {source['name']}: {source['held']:,} records, {when}{fault}")
    if state["dois"]:
        lines.append(f"DOIs          {_listed(state['dois'])}")
    for item in state["dois_waiting"][:_WAITING_NAMED]:
        again = f", again at {_when(item['due'])}" if item["due"] else ", waits for a person"
        lines.append(f"  {item['what']} of {item['identifier']}{again}: {item['why']}")
    if len(state["dois_waiting"]) > _WAITING_NAMED:
        lines.append(f"  {len(state['dois_waiting']) - _WAITING_NAMED:,} more wait")
    if state["quarantine"]:
        lines.append(f"Quarantine    {_listed(state['quarantine'])}")
        for item in state["quarantined"]:
            at = f", line {item['line']}" if item["line"] else ""
            lines.append(f"  {item['place']}{at}: {item['message']}")
        more = sum(state["quarantine"].values()) - len(state["quarantined"])
        if more:
            lines.append(f"  {more:,} more")
    lines += [
        f"Refused       {item['record']} by {item['follower']}: {item['reason']}"
        for item in state["refused"]
    ]
    return "\n".join(lines)


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.items()) or "none"


def _when(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


@click.command()
@click.argument("what", type=click.Choice(["search", "graph"]), required=False)
@click.pass_obj
def reindex(settings: Settings, what: str | None) -> None:
    """Build the search index, the graph or both anew; the old ones answer meanwhile."""
    names = [what] if what else ["search", "graph"]
    with opened(settings) as engines:
        if engines.writes:
            with Meter("reindex") as meter:
                following = engines.following()
                following.rebuild(names, progress=meter.followed)
                following.catch_up(progress=meter.followed)
        else:
            _ask(engines, names)
    click.echo(f"Built anew: {', '.join(names)}.")


def _ask(engines: Engines, names: list[str]) -> None:
    """Leaves the request to the process that holds the followers' lock, and shows its progress."""
    with engines.store.writing() as writer:
        number = writer.ask("reindex " + " ".join(names))
    shown = ""
    while True:
        with engines.store.reading() as reader:
            progress, done = request_progress(reader, number)
        if progress != shown and sys.stderr.isatty():
            click.echo(f"\r{progress:<60}", nl=False, err=True)
            shown = progress
        if done:
            return
        time.sleep(POLL_SECONDS)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def check(settings: Settings, as_json: bool) -> None:
    """Compare the store with index and graph, record by record; exit status 1 if they differ."""
    with opened(settings) as engines:
        with engines.store.reading() as reader:
            refused: dict[str, set[str]] = {}
            for follower, key, _ in reader.refused():
                refused.setdefault(follower, set()).add(key)
        found = compare(engines.store, engines.index, engines.graph, settings.public_url, refused)
    clean = all(difference.clean for difference in found)
    if as_json:
        told = [{**asdict(item), "clean": item.clean} for item in found]
        click.echo(json.dumps({"clean": clean, "followers": told}))
    else:
        for difference in found:
            click.echo(_difference(difference))
    if not clean:
        raise click.exceptions.Exit(1)


def _difference(difference: Difference) -> str:
    lines = [
        f"{difference.follower}: {difference.held:,} held, {difference.in_store:,} in the store, "
        + ("the same." if difference.clean else "they differ.")
    ]
    for words, keys in (
        ("missing", difference.missing),
        ("other content", difference.differing),
        ("not in the store", difference.surplus),
        ("refused by the engine, see `parhelion status`", difference.refused),
    ):
        lines += [f"  {words}: {key}" for key in keys[:NAMED]]
        if len(keys) > NAMED:
            lines.append(f"  {words}: {len(keys) - NAMED:,} more")
    if not difference.clean:
        lines.append(f"  `parhelion reindex {difference.follower}` builds it anew.")
    return "\n".join(lines)
