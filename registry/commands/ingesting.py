"""`parhelion ingest`: files, folders, archives and standard input into the store."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from registry.commands.progress import Meter
from registry.engines import open_graph, open_index, open_store
from registry.followers.following import Following
from registry.followers.leftovers import SPOOL
from registry.followers.lock import FollowersLock
from registry.ingest.ingest import Ingest
from registry.ingest.spool import Spool
from registry.settings import Settings
from registry.store.connections import full_disk_in_words
from registry.store.store import Store
from registry.store.taken import Counts


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
@click.option("--no-follow", is_flag=True, help="Leave search index and graph as they are.")
@click.pass_obj
def ingest(settings: Settings, paths: tuple[str, ...], as_json: bool, no_follow: bool) -> None:
    """Take files, folders, .zip, .tar, .tar.gz and - (standard input) in.

    What a document is, is seen from its root element. What cannot be taken goes to the
    quarantine with the reason; the same bytes again change nothing.
    """
    missing = [path for path in paths if path != "-" and not os.path.lexists(path)]
    if missing:
        raise click.UsageError(f"There is no file or folder {', '.join(missing)}.")
    began = time.monotonic()
    with ended_cleanly(), full_disk_in_words(settings.data):
        counts, followed = run(settings, paths, follow=not no_follow)
    seconds = round(time.monotonic() - began, 3)
    if as_json:
        click.echo(json.dumps({**asdict(counts), "seconds": seconds}))
        return
    click.echo(summary(counts, seconds))
    if not followed and not no_follow:
        click.echo("The running server brings search and graph up to date.")


def run(settings: Settings, paths: tuple[str, ...], *, follow: bool = True) -> tuple[Counts, bool]:
    """Takes paths in, and brings the followers up to date unless another process does.

    Gives the counts and whether the followers were brought up to date here.
    """
    store = open_store(settings)
    lock = FollowersLock(settings.data)
    spool = None
    try:
        if follow and lock.take():
            with store.reading() as reader:
                empty = reader.last_change() == 0
            spool = Spool(settings.data / SPOOL) if empty else None
        with Meter("ingest") as meter:
            work = Ingest(store, settings, spool=spool, progress=meter.ingested)
            counts = work.run(paths, sys.stdin.buffer if sys.stdin else None)
        # Who has the lock may have looked at the store before the last batch was in.
        if follow and lock.take_when_free():
            catch_up(settings, store, spool)
        return counts, lock.held
    finally:
        if spool:
            spool.remove()
        store.close()
        lock.free()


def catch_up(settings: Settings, store: Store, spool: Spool | None = None) -> None:
    """Brings index and graph to the store's last change; the lock is ours."""
    index = open_index(settings)
    graph = open_graph(settings)
    try:
        following = Following(store, index, graph, settings.public_url)
        with Meter("followers") as meter:
            following.catch_up(spool=spool, progress=meter.followed)
    finally:
        graph.close()
        index.close()


@contextmanager
def ended_cleanly() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does: between two commits, or with a rollback."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def summary(counts: Counts, seconds: float) -> str:
    """The counts as a person reads them."""
    lines = [
        f"{counts.read:,} records read in {seconds:,.1f} s: {counts.new:,} new, "
        f"{counts.changed:,} changed, {counts.unchanged:,} unchanged, {counts.deleted:,} deleted.",
        f"{counts.valid:,} valid, {counts.invalid:,} invalid, {counts.no_schema:,} without schema.",
    ]
    if counts.quarantined:
        lines.append(f"{counts.quarantined:,} could not be taken in: `parhelion status` says why.")
    return "\n".join(lines)
