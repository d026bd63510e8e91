"""All our DOIs beside what DataCite holds: every difference, and what would mend it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from registry.access import Actor, note
from registry.doi.account import Account
from registry.doi.asking import HIDE, MINT, UPDATE
from registry.doi.datacite_client import DataCite, Held
from registry.doi.differing import differences
from registry.doi.minting import Refused, metadata_of
from registry.doi.outbox import CHOSEN, DRAFT, FINDABLE, REGISTERED
from registry.doi.working import described
from registry.store import dois
from registry.store.doi_orders import order_of, put_order
from registry.store.kept import KeptDoi, KeptRecord
from registry.store.reading import Reader
from registry.store.store import Store


@dataclass(slots=True, frozen=True)
class Difference:
    """One DOI that is not as it should be. `mends` is what to order; '' where a person decides.

    `state` is DataCite's, '' for a DOI that it does not have.
    """

    doi: str
    identifier: str
    record_id: int
    message: str
    mends: str = ""
    state: str = ""


def reconciled(
    store: Store,
    account: Account,
    registrar: DataCite,
    *,
    progress: Callable[[int], None] = lambda number: None,
) -> Iterator[Difference]:
    """Every difference, one DOI after another, then the DOIs at DataCite that are none of ours.

    Each DOI is asked for by itself: lists at DataCite are behind. Raises DataCiteFault.
    """
    with store.reading() as reader:
        ours = dois.dois(reader.connection)
    known = {one.doi for one in ours}
    for kept in ours:
        yield from _looked_at(store, account, registrar, kept)
        progress(1)
    for held in registrar.listed():
        if held.doi not in known:
            told = f"DataCite holds it for {held.url or 'no address'}, and no record here has it"
            yield Difference(held.doi, "", 0, f"{told}.", "", held.state)


def mend(store: Store, actor: Actor, difference: Difference) -> bool:
    """Takes over DataCite's state, and orders what mends the difference; False where only a
    person can.
    """
    if not difference.mends:
        return False
    with store.writing() as writer:
        own = dois.doi_of(writer.connection, difference.record_id)
        if own is None or order_of(writer.connection, difference.record_id) is not None:
            return False
        state = difference.state or CHOSEN
        dois.note_doi(writer.connection, own.record_id, writer.now, state=state, digest="")
        if (own.state in dois.SHOWN) != (state in dois.SHOWN):
            writer.touch_doi(own.record_id)
        put_order(
            writer.connection, own.record_id, difference.mends, actor.name, writer.now,
            year=own.year, forced=True,
        )  # fmt: skip
        act = f"doi {difference.mends} asked"
        note(writer, actor, act, difference.identifier, f"reconcile: {difference.message}")
    return True


def _looked_at(
    store: Store, account: Account, registrar: DataCite, own: KeptDoi
) -> Iterator[Difference]:
    if not own.doi.startswith(f"{account.prefix}/"):
        yield _difference(own, None, f"It is not under the prefix {account.prefix}.")
        return
    held = registrar.get(own.doi)
    with store.reading() as reader:
        # What was asked for meanwhile will be settled by who works at it.
        now = dois.doi_of(reader.connection, own.record_id)
        kept = reader.records_by_id([own.record_id]).get(own.record_id)
        if now != own or kept is None or order_of(reader.connection, own.record_id) is not None:
            return
        found = _state(own, kept, held) or _content(reader, account, own, kept, held)
    if found:
        yield found


def _state(own: KeptDoi, kept: KeptRecord, held: Held | None) -> Difference | None:
    if held is None:
        if own.state == CHOSEN:
            return _difference(own, kept, "It was chosen and never sent.", MINT)
        told = f"DataCite has no such DOI, and it is {own.state} here."
        return _difference(own, kept, told, "" if kept.deleted else MINT)
    if held.state != own.state:
        mends = {FINDABLE: MINT, REGISTERED: HIDE, DRAFT: "", CHOSEN: MINT}[own.state]
        mends = HIDE if kept.deleted and held.state == FINDABLE else mends
        mends = "" if kept.deleted and mends == MINT else mends
        told = f"It is {held.state} at DataCite and {own.state} here."
        return _difference(own, kept, told, mends, held.state)
    if own.state in (CHOSEN, DRAFT):
        return _difference(own, kept, f"It is {own.state} and was never shown.", MINT, held.state)
    if kept.deleted and held.state == FINDABLE:
        told = "The record is deleted and its DOI findable: a curator has to decide (`doi hide`)."
        return _difference(own, kept, told, "", held.state)
    return None


def _content(
    reader: Reader, account: Account, own: KeptDoi, kept: KeptRecord, held: Held | None
) -> Difference | None:
    if held is None or kept.deleted:
        return None
    page = account.page(kept.key)
    try:
        record, neighbours = described(reader, kept)
        told = metadata_of(record, neighbours, own.doi, page, own.year or None)
    except Refused as refused:
        return _difference(own, kept, f"It cannot be updated: {refused}", "", held.state)
    if held.url != page:
        message = f"It leads to {held.url or 'no address'}, not to {page}."
        return _difference(own, kept, message, UPDATE, held.state)
    parts = differences(told, held.attributes)
    if parts:
        message = f"DataCite holds something else in {', '.join(parts)}."
        return _difference(own, kept, message, UPDATE, held.state)
    return None


def _difference(
    own: KeptDoi, kept: KeptRecord | None, message: str, mends: str = "", state: str = ""
) -> Difference:
    identifier = kept.identifier if kept else ""
    return Difference(own.doi, identifier, own.record_id, message, mends, state)
