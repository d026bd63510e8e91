"""Asking for something to be done at DataCite: looked at, noted, and put into the outbox."""

from __future__ import annotations

from dataclasses import dataclass

from registry import identifiers
from registry.access import CURATE, Actor, note, require
from registry.doi.account import Account
from registry.doi.minting import Refused
from registry.doi.outbox import CHOSEN, FINDABLE, Registrar
from registry.doi.preflight import preflight
from registry.doi.replacing import circle
from registry.findings import ERROR, WARNING
from registry.store import dois
from registry.store.doi_orders import order_of, put_order
from registry.store.kept import KeptDoi, KeptOrder, KeptRecord, KeptTombstone
from registry.store.reading import Reader
from registry.store.store import Store

MINT, UPDATE, HIDE, TOMBSTONE = "mint", "update", "hide", "tombstone"
ACTS = (MINT, UPDATE, HIDE, TOMBSTONE)


class Overtaken(Exception):
    """Somebody else did something with this DOI since it was looked at."""


@dataclass(slots=True, frozen=True)
class Asked:
    """What is wanted of a record's DOI. `year`: of publication, given on purpose. `forced`:
    warnings do not count. `reason`, `replaced_by`: of a tombstone. `seen`: how it stood when
    somebody decided this (`standing`), '' where that does not matter.
    """

    what: str
    year: int = 0
    forced: bool = False
    reason: str = ""
    replaced_by: str = ""
    seen: str = ""


def standing(reader: Reader, record_id: int) -> str:
    """Another text as soon as something was asked or came of it."""
    own = dois.doi_of(reader.connection, record_id)
    order = order_of(reader.connection, record_id)
    doi = f"{own.doi} {own.state}" if own else "none"
    return f"{doi} {order.number if order else 0}"


def ask(store: Store, account: Account, actor: Actor, key: str, wanted: Asked) -> KeptOrder | None:
    """Puts an order into the outbox; None where there is nothing to do.

    Raises Refused (with the reasons), Overtaken, AccessError.
    """
    require(actor, CURATE)
    with store.reading() as reader:
        kept = reader.record(key)
        if kept is None:
            raise Refused([f"The record {key} is not in this registry."])
        own = dois.doi_of(reader.connection, kept.id)
        if wanted.what == MINT:
            done = _check_mint(reader, kept, account, wanted, own)
        else:
            done = _check_held(reader, kept, wanted, own)
        if done and order_of(reader.connection, kept.id) is None:
            return None
    with store.writing() as writer:
        if wanted.seen and standing(writer, kept.id) != wanted.seen:
            raise Overtaken(
                f"Somebody else did something with the DOI of {kept.identifier} meanwhile: look "
                "at it again, then decide."
            )
        if wanted.what == TOMBSTONE:
            said = KeptTombstone(wanted.reason, wanted.replaced_by, actor.name, writer.now)
            dois.set_tombstone(writer.connection, kept.id, said)
        order = put_order(
            writer.connection, kept.id, wanted.what, actor.name, writer.now,
            year=wanted.year, forced=wanted.forced,
        )  # fmt: skip
        told = " ".join(filter(None, (wanted.reason, wanted.replaced_by)))
        note(writer, actor, f"doi {wanted.what} asked", kept.key, told)
    return order


def _check_mint(
    reader: Reader, kept: KeptRecord, account: Account, wanted: Asked, own: KeptDoi | None
) -> bool:
    """Whether it is done already. Raises Refused."""
    if own and not own.doi.startswith(f"{account.prefix}/"):
        raise Refused([f"Its DOI {own.doi} is not under the prefix {account.prefix}."])
    year = wanted.year or (own.year if own else 0)
    checked = preflight(reader, kept, account, year=year or None)
    errors = [one.message for one in checked.of(ERROR)]
    if errors:
        raise Refused(errors)
    if own and own.state == FINDABLE:
        return True
    warnings = [one.message for one in checked.of(WARNING)]
    if warnings and not wanted.forced:
        raise Refused([*warnings, "These are warnings: with --force it is minted all the same."])
    return False


def _check_held(reader: Reader, kept: KeptRecord, wanted: Asked, own: KeptDoi | None) -> bool:
    """Whether there is nothing to do. Raises Refused."""
    if own is None or own.state == CHOSEN:
        raise Refused([f"The record {kept.identifier} has no DOI of ours."])
    if wanted.what == UPDATE and kept.deleted:
        raise Refused([f"The record {kept.identifier} is deleted: `hide` makes a tombstone of it."])
    if wanted.what == TOMBSTONE:
        _check_tombstone(reader, kept, wanted)
        return False
    return wanted.what == HIDE and own.state == "registered"


def _check_tombstone(reader: Reader, kept: KeptRecord, wanted: Asked) -> None:
    if not kept.deleted:
        raise Refused([f"The record {kept.identifier} is not deleted: `hide` hides its DOI."])
    if not wanted.reason.strip():
        raise Refused(["Say why it is gone (--reason): it will stand at its address for ever."])
    if not wanted.replaced_by:
        return
    target = identifiers.key(wanted.replaced_by)
    if reader.record(target) is None:
        raise Refused([f"What replaces it, {wanted.replaced_by}, is not in this registry."])
    chain = circle(reader, kept, target)
    if chain:
        raise Refused([f"It would be replaced by itself: {' → '.join(chain)}."])


def adopt(
    store: Store, account: Account, registrar: Registrar, actor: Actor, key: str, given: str = ""
) -> KeptDoi:
    """Makes a DOI that stands at DataCite already the record's: `given`, or the one it carries.

    Raises Refused, AccessError, DataCiteFault. Nothing is changed at DataCite by this.
    """
    require(actor, CURATE)
    with store.reading() as reader:
        kept = reader.record(key)
        if kept is None or kept.deleted:
            state = "is deleted" if kept else "is not in this registry"
            raise Refused([f"The record {key} {state}."])
        doi = _adoptable(kept, given, account)
        own = dois.doi_of(reader.connection, kept.id)
        holder = dois.holder(reader.connection, doi)
        if own and own.doi != doi:
            raise Refused([f"{kept.identifier} has the DOI {own.doi} already."])
        if holder not in (None, kept.id):
            raise Refused([f"The DOI {doi} is another record's already."])
    held = registrar.get(doi)
    if held is None:
        raise Refused([f"DataCite has no DOI {doi}, or does not show it to {account.username}."])
    if held.owner and held.owner != account.username.lower():
        raise Refused([f"The DOI {doi} belongs to {held.owner} at DataCite: it is not touched."])
    with store.writing() as writer:
        bound = dois.choose_doi(
            writer.connection, kept.id, doi, writer.now, state=held.state, adopted=True
        )
        if dois.holder(writer.connection, doi) != kept.id or bound.doi != doi:
            raise Refused([f"{kept.identifier} was given another DOI meanwhile."])
        if held.state in dois.SHOWN:
            writer.touch_doi(kept.id)
        note(writer, actor, "doi imported", kept.key, f"{doi} ({held.state})")
    return bound


def _adoptable(kept: KeptRecord, given: str, account: Account) -> str:
    doi = identifiers.doi("".join(given.split())) if given else identifiers.doi(kept.doi)
    if not doi:
        told = f"{given!r} is no DOI" if given else f"{kept.identifier} carries no DOI: name one"
        raise Refused([f"{told}; one looks like {account.prefix}/abcd-1234."])
    carried = identifiers.doi(kept.doi)
    if carried and carried != doi:
        raise Refused([f"{kept.identifier} carries another DOI: {carried}."])
    if doi.partition("/")[0] != account.prefix:
        raise Refused(
            [f"{doi} is not under our prefix {account.prefix}: DOIs of others are not touched."]
        )
    authority = identifiers.authority(kept.identifier)
    if account.authorities is not None and authority not in account.authorities:
        raise Refused([f"The authority {authority} is not among those of doi.authorities."])
    return doi
