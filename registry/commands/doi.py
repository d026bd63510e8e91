"""`parhelion doi`: minting at DataCite. Off until prefix and credentials are set."""

from __future__ import annotations

import json

import click

from registry import identifiers
from registry.commands.ingesting import catch_up
from registry.doi.datacite_client import DataCite, DataCiteFault
from registry.doi.minting import Minted, NotSettled, Refused, mint
from registry.doi.stored_outbox import StoredOutbox
from registry.engines import open_store
from registry.findings import INVALID
from registry.followers.lock import FollowersLock
from registry.kept_records import model, neighbours_of
from registry.settings import Settings
from registry.store.store import Store


@click.group()
def doi() -> None:
    """Mint DOIs at DataCite."""


@doi.command(name="mint")
@click.argument("identifiers_", metavar="ID…", nargs=-1, required=True)
@click.option(
    "--year", type=click.IntRange(1000, 2999), help="Publication year, where none is said."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a record.")
@click.pass_obj
def mint_(
    settings: Settings, identifiers_: tuple[str, ...], year: int | None, as_json: bool
) -> None:
    """Give records a DOI that leads to their pages.

    Run again after a fault: it goes on where it stood, and a record never gets a second DOI.
    """
    registrar = _registrar(settings)
    store = open_store(settings)
    failed = False
    for identifier in identifiers_:
        try:
            minted = _minted(settings, store, registrar, identifier, year)
        except (Refused, DataCiteFault, NotSettled) as error:
            failed = True
            _say_fault(identifier, error, as_json)
            continue
        if as_json:
            told = {"identifier": identifier, "doi": minted.doi, "new": minted.new}
            click.echo(json.dumps(told))
        else:
            click.echo(f"{identifier}: {minted.doi}" + ("" if minted.new else " (had it already)"))
    lock = FollowersLock(settings.data)
    if lock.take():
        catch_up(settings, store)
        lock.free()
    if failed:
        raise click.exceptions.Exit(1)


def _registrar(settings: Settings) -> DataCite:
    """The client, when everything that minting needs is set."""
    lacking = []
    if not settings.doi.prefix:
        lacking.append("no DOI prefix is set (doi.prefix)")
    if not settings.doi.username or not settings.doi.password.get_secret_value():
        lacking.append("no account at DataCite is set (doi.username, doi.password)")
    if not settings.doi.authorities:
        lacking.append("no authority whose records may be given DOIs is set (doi.authorities)")
    fault = settings.public_url_fault()
    if fault:
        lacking.append(f"{fault}, and a DOI has to lead to a page that lasts")
    if lacking:
        raise click.UsageError("Minting is switched off: " + "; ".join(lacking) + ".")
    try:
        return DataCite(
            settings.doi.api,
            settings.doi.username,
            settings.doi.password.get_secret_value(),
            settings.doi.prefix,
        )
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _minted(
    settings: Settings, store: Store, registrar: DataCite, identifier: str, year: int | None
) -> Minted:
    with store.reading() as reader:
        kept = reader.record(identifiers.key(identifier))
        if kept is None or kept.deleted:
            state = "is deleted" if kept else "is not in this registry"
            raise Refused([f"The record {identifier} {state}."])
        if kept.verdict == INVALID:
            raise Refused(["The record is invalid: `parhelion validate` says what to change."])
        record = model(kept, reader.body(kept))
        neighbours = neighbours_of(reader, record)
    return mint(
        record,
        neighbours,
        outbox=StoredOutbox(store),
        registrar=registrar,
        prefix=settings.doi.prefix,
        page=settings.base_url() + identifiers.page_path(kept.key),
        authorities=settings.doi.authorities,
        publication_year_today=year,
    )


def _say_fault(identifier: str, error: Exception, as_json: bool) -> None:
    reasons = error.reasons if isinstance(error, Refused) else [str(error)]
    if as_json:
        click.echo(json.dumps({"identifier": identifier, "faults": reasons}))
    else:
        click.echo(f"{identifier}: " + " ".join(reasons), err=True)
