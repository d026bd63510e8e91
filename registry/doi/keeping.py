"""Keeping DOIs in step: what DataCite would see changed, and whose record was deleted."""

from __future__ import annotations

import hashlib

from mappings import to_oai_datacite
from registry.access import Actor, note
from registry.doi.account import Account
from registry.doi.asking import TOMBSTONE, UPDATE
from registry.doi.minting import Refused, digest, metadata_of
from registry.doi.outbox import DRAFT
from registry.doi.working import described
from registry.store import dois
from registry.store.doi_orders import order_of, put_order
from registry.store.kept import KeptRecord, KeptTombstone
from registry.store.reading import Reader
from registry.store.store import Store, Writer

ITSELF = "Parhelion"
_BATCH = 200
_COMPARED_WITH = "doi_compared_with"
_BY_ITSELF = Actor(ITSELF, "")


def order_what_changed(store: Store, account: Account) -> int:
    """Orders updates for DOIs whose metadata or address is another than DataCite was told, and
    tombstones for records that were deleted here; gives how many orders.

    A record is looked at once after each of its changes.
    """
    fingerprint = _fingerprint(account)
    with store.reading() as reader:
        anew = reader.meta(_COMPARED_WITH) != fingerprint
    if anew:
        with store.writing() as writer:
            dois.compare_all_again(writer.connection)
            writer.set_meta(_COMPARED_WITH, fingerprint)
    return _order_updates(store, account) + _order_tombstones(store)


def _order_updates(store: Store, account: Account) -> int:
    ordered = 0
    while True:
        with store.reading() as reader:
            moved = dict(dois.moved_since_compared(reader.connection, _BATCH))
            records = reader.records_by_id(moved)
            differing = {
                number for number, kept in records.items() if _differs(reader, kept, account)
            }
        if not moved:
            return ordered
        with store.writing() as writer:
            # What is under way may have been read before the change: it is looked at again when
            # it has gone by.
            free = [one for one in sorted(moved) if not _under_way(writer, one)]
            for number in free:
                ordered += _put_again(writer, number) if number in differing else 0
            dois.note_compared(writer.connection, [(one, moved[one]) for one in free])
        if len(moved) < _BATCH or not free:
            return ordered


def _differs(reader: Reader, kept: KeptRecord, account: Account) -> bool:
    own = dois.doi_of(reader.connection, kept.id)
    if own is None or own.state == DRAFT or kept.deleted:
        return False
    if not own.doi.startswith(f"{account.prefix}/"):
        return False
    try:
        record, neighbours = described(reader, kept)
        page = account.page(kept.key)
        metadata = metadata_of(record, neighbours, own.doi, page, own.year or None)
    except Refused:
        return True  # the worker says why it cannot be sent
    return digest(metadata) != own.digest


def _under_way(writer: Writer, record_id: int) -> bool:
    order = order_of(writer.connection, record_id)
    return order is not None and not order.stuck


def _put_again(writer: Writer, record_id: int) -> int:
    """Orders an update, or again what was stuck before the record changed."""
    order = order_of(writer.connection, record_id)
    what, who = (order.what, order.who) if order else (UPDATE, ITSELF)
    year, forced = (order.year, order.forced) if order else (0, False)
    put_order(writer.connection, record_id, what, who, writer.now, year=year, forced=forced)
    return 1


def _order_tombstones(store: Store) -> int:
    with store.reading() as reader:
        waiting = dois.deleted_and_findable(reader.connection)
        mine = [one for one in waiting if dois.deleted_here(reader.connection, one)]
        records = reader.records_by_id(mine)
    for number in mine:
        kept = records[number]
        with store.writing() as writer:
            said = KeptTombstone(kept.deleted_why, "", ITSELF, writer.now)
            if dois.tombstone_of(writer.connection, number) is None:
                dois.set_tombstone(writer.connection, number, said)
            put_order(writer.connection, number, TOMBSTONE, ITSELF, writer.now)
            note(writer, _BY_ITSELF, "doi tombstone asked", kept.key, kept.deleted_why)
    return len(mine)


def _fingerprint(account: Account) -> str:
    text = f"{account.base} {account.prefix} {to_oai_datacite.VERSION}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]
