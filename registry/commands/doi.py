"""`parhelion doi`: minting at DataCite. Off until prefix and credentials are set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from registry import identifiers
from registry.access import AccessError, operator
from registry.commands.ingesting import catch_up
from registry.commands.progress import Meter
from registry.doi.account import TRIAL_PREFIX, Account, MintingOff, account, trial_file
from registry.doi.asking import HIDE, MINT, TOMBSTONE, UPDATE, Asked, adopt, ask
from registry.doi.datacite_client import DataCiteFault
from registry.doi.minting import Refused
from registry.doi.pace import Pace
from registry.doi.patching import NotPatched, patched
from registry.doi.preflight import Checked, preflight
from registry.doi.reconciling import mend, reconciled
from registry.doi.working import Outcome, Worker
from registry.engines import open_index, open_store
from registry.findings import ERROR
from registry.followers.lock import FollowersLock
from registry.search.parsing import parsed
from registry.search.query import BadQuery, Query
from registry.settings import Settings
from registry.store import dois
from registry.store.doi_orders import order_of
from registry.store.reading import Reader
from registry.store.store import Store

Command = Callable[..., None]


@click.group()
def doi() -> None:
    """Mint DOIs at DataCite, and keep them in step with their records."""


def _records(command: Command) -> Command:
    options: list[Callable[[Command], Command]] = [
        click.option("--json", "as_json", is_flag=True, help="Print one JSON object a record."),
        click.option("--select", metavar="QUERY", help="The records that a search finds, too."),
        click.argument("identifiers_", metavar="ID…", nargs=-1),
    ]
    for option in options:
        command = option(command)
    return command


_patience = click.option(
    "--patience",
    type=click.FloatRange(0),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a DataCite that is busy or away; what then still waits is sent by "
    "the server, or by `parhelion doi send`.",
)


@doi.command(name=MINT)
@_records
@click.option("--year", type=click.IntRange(1000, 2999),
              help="Publication year, where none is said.")  # fmt: skip
@click.option("--force", is_flag=True, help="Mint in spite of warnings (never of errors).")
@_patience
@click.pass_obj
def mint_(settings: Settings, identifiers_: tuple[str, ...], select: str | None, as_json: bool,
          year: int | None, force: bool, patience: float) -> None:  # fmt: skip
    """Give records a DOI that leads to their pages; show again one that was hidden.

    Run again after a fault: it goes on where it stood, and a record never gets a second DOI.
    """
    _order(settings, identifiers_, select, Asked(MINT, year or 0, force), as_json, patience)


@doi.command(name=UPDATE)
@_records
@_patience
@click.pass_obj
def update_(settings: Settings, identifiers_: tuple[str, ...], select: str | None, as_json: bool,
            patience: float) -> None:  # fmt: skip
    """Send DataCite what changed in records (the server does it by itself)."""
    _order(settings, identifiers_, select, Asked(UPDATE), as_json, patience)


@doi.command(name=HIDE)
@_records
@click.option("--reason", default="", help="Why; of a deleted record it stands on its tombstone.")
@click.option("--replaced-by", default="", metavar="ID", help="What replaces a deleted record.")
@_patience
@click.pass_obj
def hide_(settings: Settings, identifiers_: tuple[str, ...], select: str | None, as_json: bool,
          reason: str, replaced_by: str, patience: float) -> None:  # fmt: skip
    """Take DOIs out of searches; they go on resolving. Of a deleted record: make a tombstone."""
    wanted = Asked(HIDE, reason=reason, replaced_by=replaced_by)
    _order(settings, identifiers_, select, wanted, as_json, patience)


@doi.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a record.")
@_patience
@click.pass_obj
def send(settings: Settings, as_json: bool, patience: float) -> None:
    """Try what waits in the outbox and is due."""
    with _opened(settings) as (store, there):
        tally = _Tally(as_json)
        Worker(store, there).work(patience=patience, told=tally.told)
        if tally.done:
            _follow(settings, store)
    tally.end()


@doi.command(name="preflight")
@_records
@click.option("--year", type=click.IntRange(1000, 2999), help="Publication year to check with.")
@click.pass_obj
def preflight_(settings: Settings, identifiers_: tuple[str, ...], select: str | None,
               as_json: bool, year: int | None) -> None:  # fmt: skip
    """Say what stands in the way of a DOI, and what would make it better; send nothing."""
    failed = False
    with _opened(settings) as (store, there):
        for key in _keys(settings, store, identifiers_, select):
            with store.reading() as reader:
                kept = reader.record(key)
                checked = preflight(reader, kept, there, year=year) if kept else None
            failed = failed or checked is None or bool(checked.of(ERROR))
            _tell_checked(key, checked, as_json)
    if failed:
        raise click.exceptions.Exit(1)


@doi.command()
@_records
@click.pass_obj
def show(settings: Settings, identifiers_: tuple[str, ...], select: str | None,
         as_json: bool) -> None:  # fmt: skip
    """Say which DOIs records have, and what was sent for them; without ID, all of ours."""
    store = open_store(settings)
    with store.reading() as reader:
        if identifiers_ or select:
            keys = _keys(settings, store, identifiers_, select)
        else:
            held = reader.records_by_id(one.record_id for one in dois.dois(reader.connection))
            keys = [one.key for one in held.values()]
        for key in keys:
            told = _shown(reader, key)
            click.echo(json.dumps(told) if as_json else _shown_text(told))


@doi.command(name="import")
@click.argument("identifiers_", metavar="[ID…]", nargs=-1)
@click.option("--select", metavar="QUERY", help="The records that a search finds, those with a DOI "
              "under our prefix.")  # fmt: skip
@click.option("--doi", "given", default="", help="The DOI, for one record that carries none.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a record.")
@click.pass_obj
def import_(
    settings: Settings, identifiers_: tuple[str, ...], select: str | None, given: str, as_json: bool
) -> None:
    """Adopt DOIs that stand at DataCite already, under our prefix, and keep them from now on."""
    if given and (len(identifiers_) != 1 or select is not None):
        raise click.UsageError("--doi names one DOI, so name one record.")
    failed = False
    with _opened(settings) as (store, there):
        registrar = there.registrar(Pace(store, there.per_second))
        for identifier in _to_adopt(settings, store, there, identifiers_, select):
            try:
                bound = adopt(store, there, registrar, operator(), _key(identifier), given)
            except (Refused, DataCiteFault) as error:
                failed = True
                _say(identifier, error, as_json)
                continue
            told = {"identifier": identifier, "doi": bound.doi, "state": bound.state}
            text = f"{identifier}: {bound.doi} ({bound.state}) is kept from now on"
            click.echo(json.dumps(told) if as_json else text)
        _follow(settings, store)
    if failed:
        raise click.exceptions.Exit(1)


@doi.command()
@click.option("--mend", "mends", is_flag=True, help="Mend what can be mended.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a difference.")
@_patience
@click.pass_obj
def reconcile(settings: Settings, mends: bool, as_json: bool, patience: float) -> None:
    """Compare all our DOIs with what DataCite holds; exit status 1 if they differ."""
    found, mended = 0, set()
    with _opened(settings) as (store, there):
        registrar = there.registrar(Pace(store, there.per_second))
        with store.reading() as reader:
            total = sum(dois.count_states(reader.connection).values())
        with Meter("reconcile", total) as meter:
            for one in reconciled(store, there, registrar, progress=meter.advanced):
                found += 1
                if mends and mend(store, operator(), one):
                    mended.add(one.record_id)
                text = f"{one.doi} {one.identifier}: {one.message}"
                remedy = f" (`doi {one.mends}` mends it)" if one.mends else ""
                click.echo(json.dumps(asdict(one)) if as_json else text + remedy)
        if mended:
            tally = _Tally(as_json)
            Worker(store, there).work(mended, patience=patience, told=tally.told)
            found -= tally.done
    if not as_json:
        click.echo(f"{total:,} DOIs of ours looked at, {found:,} left that differ.")
    if found:
        raise click.exceptions.Exit(1)


@doi.command()
@click.argument("identifier", metavar="ID")
@click.pass_obj
def patch(settings: Settings, identifier: str) -> None:
    """Print the record's XML with its DOI in place, for whoever keeps the source."""
    store = open_store(settings)
    with store.reading() as reader:
        kept = reader.record(_key(identifier))
        if kept is None or not kept.minted_doi:
            raise click.UsageError(f"The record {identifier} has no DOI of ours that resolves.")
        body = reader.body(kept)
    try:
        click.echo(patched(body, kept.minted_doi), nl=False)
    except NotPatched as error:
        raise click.ClickException(str(error)) from error


@doi.command(name="end-trial")
@click.pass_obj
def end_trial(settings: Settings) -> None:
    """Forget every DOI of a trial, so that minting can begin in earnest."""
    if settings.doi.prefix == TRIAL_PREFIX:
        raise click.UsageError(f"{TRIAL_PREFIX} is the prefix of your settings, not a trial's.")
    store = open_store(settings)
    with store.writing() as writer:
        ids = dois.forget_dois(writer.connection, TRIAL_PREFIX)
        for number in ids:
            writer.touch_doi(number)
    for file in trial_file(settings).parent.glob("*.json"):
        file.unlink()
    _follow(settings, store)
    click.echo(f"{len(ids):,} DOIs of the trial are forgotten.")


# -- what they have in common --------------------------------------------------------------------


class _Tally:
    """Says each outcome as it comes, and counts."""

    def __init__(self, as_json: bool, meter: Meter | None = None) -> None:
        self.as_json = as_json
        self.meter = meter
        self.done = 0
        self.heard: set[str] = set()
        self.failed: dict[str, Outcome] = {}

    def told(self, outcome: Outcome) -> None:
        self.heard.add(outcome.identifier)
        if not outcome.done:
            # Said once, at the end: it may be done before the patience is over.
            self.failed[outcome.identifier] = outcome
            return
        self.done += 1
        self.failed.pop(outcome.identifier, None)
        if self.meter:
            self.meter.advanced(1)
        new = outcome.sent
        if self.as_json:
            told = {"identifier": outcome.identifier, "doi": outcome.doi, "state": outcome.state}
            click.echo(json.dumps({**told, "new": new}))
        else:
            click.echo(f"{outcome.identifier}: {outcome.said}{'' if new else ' already'}")

    def end(self) -> None:
        for outcome in self.failed.values():
            _say(outcome.identifier, outcome, self.as_json)
        if self.failed:
            raise click.exceptions.Exit(1)


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Store, Account]]:
    try:
        there = account(settings)
        store = open_store(settings)
        try:
            yield store, there
        finally:
            store.close()
    except MintingOff as error:
        raise click.UsageError(str(error)) from error
    except AccessError as error:
        raise click.ClickException(str(error)) from error


def _order(
    settings: Settings,
    named: Sequence[str],
    select: str | None,
    wanted: Asked,
    as_json: bool,
    patience: float,
) -> None:
    """Puts orders into the outbox for each record, and works at them."""
    refused = False
    with _opened(settings) as (store, there):
        keys = _keys(settings, store, named, select)
        with Meter(f"doi {wanted.what}", len(keys)) as meter:
            tally = _Tally(as_json, meter)
            ids = set()
            for key in keys:
                try:
                    ids.add(_asked(store, there, key, wanted, tally))
                except Refused as error:
                    refused = True
                    meter.advanced(1)
                    _say(key, error, as_json)
            ids.discard(0)
            if ids:
                Worker(store, there).work(ids, patience=patience, told=tally.told)
                _told_by_others(store, wanted, ids, tally)
        if tally.done:
            _follow(settings, store)
    tally.end()
    if refused:
        raise click.exceptions.Exit(1)


def _asked(store: Store, there: Account, key: str, wanted: Asked, tally: _Tally) -> int:
    """The id of the record that something was ordered for, 0 where there is nothing to do."""
    with store.reading() as reader:
        kept = reader.record(key)
        if kept and kept.deleted and wanted.what == HIDE:
            wanted = Asked(TOMBSTONE, reason=wanted.reason, replaced_by=wanted.replaced_by)
    order = ask(store, there, operator(), key, wanted)
    if order is not None:
        return order.record_id
    with store.reading() as reader:
        kept = reader.record(key)
        own = dois.doi_of(reader.connection, kept.id) if kept else None
    if kept and own:
        said = f"{own.doi} is {own.state}"
        done = Outcome(kept.identifier, wanted.what, own.doi, own.state, True, said, sent=False)
        tally.told(done)
    return 0


def _told_by_others(store: Store, wanted: Asked, ids: set[int], tally: _Tally) -> None:
    """Says what came of orders that the server, or another command, has worked at."""
    with store.reading() as reader:
        for kept in reader.records_by_id(ids).values():
            if kept.identifier in tally.heard:
                continue
            own = dois.doi_of(reader.connection, kept.id)
            order = order_of(reader.connection, kept.id)
            doi, state = (own.doi, own.state) if own else ("", "")
            said = order.said or "It is under way." if order else f"{doi} is {state}"
            later = bool(order and not order.stuck)
            tally.told(Outcome(kept.identifier, wanted.what, doi, state, not order, said, later))


def _to_adopt(
    settings: Settings, store: Store, there: Account, named: Sequence[str], select: str | None
) -> list[str]:
    """The records that are named, and of those that a search finds all with a DOI to adopt."""
    if select is None:
        if not named:
            raise click.UsageError("Name records, or find them with --select QUERY.")
        return list(named)
    found = _keys(settings, store, (), select)
    with store.reading() as reader:
        records = reader.records_by_key(found)
    ours = f"{there.prefix}/"
    chosen = [
        one.identifier for one in records.values()
        if identifiers.doi(one.doi).startswith(ours) and not one.minted_doi and not one.deleted
    ]  # fmt: skip
    return list(dict.fromkeys([*named, *chosen]))


def _key(identifier: str) -> str:
    return identifiers.key(identifier.strip())


def _keys(settings: Settings, store: Store, named: Iterable[str], select: str | None) -> list[str]:
    """The keys of the records that are named (DOIs too), and of those that a search finds."""
    found = [_named(store, one) for one in named]
    if select is not None:
        index = open_index(settings)
        try:
            hits = index.every(Query(node=parsed(select), inactive=True))
            found += [identifiers.key(hit.identifier) for hit in hits]
        except BadQuery as error:
            raise click.UsageError(f"--select: {error}.") from error
        finally:
            index.close()
    elif not found:
        raise click.UsageError("Name records, or find them with --select QUERY.")
    return list(dict.fromkeys(found))


def _named(store: Store, text: str) -> str:
    bare = identifiers.doi(text) if identifiers.scheme(text) not in ("spase", "ivo") else ""
    if not bare:
        return _key(text)
    with store.reading() as reader:
        holders = [one.key for one in reader.by_doi(bare)]
    if len(holders) != 1:
        told = "several records carry" if holders else "no record here has"
        raise click.UsageError(f"{told} the DOI {bare}: name the record.")
    return holders[0]


def _follow(settings: Settings, store: Store) -> None:
    """Brings search and graph up to date, unless a server does."""
    lock = FollowersLock(settings.data)
    if lock.take():
        try:
            catch_up(settings, store)
        finally:
            lock.free()


def _say(identifier: str, error: Any, as_json: bool) -> None:
    reasons = list(getattr(error, "reasons", ())) or [str(error)]
    if as_json:
        told: dict[str, Any] = {"identifier": identifier, "faults": reasons}
        if isinstance(error, Outcome):
            told["waits"] = error.later
        click.echo(json.dumps(told))
        return
    waits = " It waits in the outbox." if isinstance(error, Outcome) and error.later else ""
    click.echo(f"{identifier}: " + " ".join(reasons) + waits, err=True)


def _tell_checked(key: str, checked: Checked | None, as_json: bool) -> None:
    if checked is None:
        _say(key, Refused([f"The record {key} is not in this registry."]), as_json)
        return
    if as_json:
        remarks = [asdict(one) for one in checked.remarks]
        click.echo(json.dumps({"identifier": key, "remarks": remarks}))
        return
    ready = "" if checked.of(ERROR) else ": can be minted"
    click.echo(f"{key}{ready}")
    for one in checked.remarks:
        where = f" [{one.path}{f', line {one.line}' if one.line else ''}]" if one.path else ""
        click.echo(f"  {one.severity}: {one.message}{where}")


def _shown(reader: Reader, key: str) -> dict[str, Any]:
    kept = reader.record(key)
    if kept is None:
        return {"identifier": key, "fault": "is not in this registry"}
    own = dois.doi_of(reader.connection, kept.id)
    order = order_of(reader.connection, kept.id)
    told: dict[str, Any] = {"identifier": kept.identifier}
    if own:
        tried = dois.attempts(reader.connection, own.doi)
        told |= {"doi": own.doi, "state": own.state, "url": own.url, "adopted": own.adopted}
        told["attempts"] = [{"at": at, "what": what, "answer": said} for at, what, said in tried]
    elif kept.doi:
        told |= {"doi": identifiers.doi(kept.doi) or kept.doi, "state": "carried by the record"}
    if order:
        told["waits"] = {"what": order.what, "why": order.said, "tries": order.tries}
    return told


def _shown_text(told: dict[str, Any]) -> str:
    if "doi" not in told:
        lines = [f"{told['identifier']}: {told.get('fault', 'has no DOI')}"]
    else:
        lines = [f"{told['identifier']}: {told['doi']} ({told['state']})"]
    for one in told.get("attempts", []):
        lines.append(f"  {one['what']}: {one['answer'] or 'no answer yet'}")
    if "waits" in told:
        lines.append(f"  {told['waits']['what']} waits: {told['waits']['why'] or 'not tried yet'}")
    return "\n".join(lines)
