"""Working through the outbox: one order after another, each until DataCite said it is done."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass

from mappings.models import model_of
from registry import identifiers
from registry.access import Actor, note
from registry.doi import datacite_client as faults
from registry.doi.account import Account
from registry.doi.asking import HIDE, MINT, TOMBSTONE
from registry.doi.datacite_client import DataCiteFault
from registry.doi.minting import Foreign, Life, NotSettled, Refused, metadata_of, mint
from registry.doi.outbox import Intent, Object, Registrar
from registry.doi.pace import Pace
from registry.doi.preflight import element_of, preflight
from registry.doi.stored_outbox import StoredOutbox
from registry.doi.suffixes import random_suffix, suffix_from
from registry.findings import ERROR, INVALID, WARNING
from registry.kept_records import neighbours_of
from registry.model import Neighbours, Record
from registry.store import dois
from registry.store.doi_orders import end_order, next_due, put_off, take_order
from registry.store.kept import KeptDoi, KeptOrder, KeptRecord
from registry.store.reading import Reader
from registry.store.store import Store
from schemas.documents import element

FIRST_WAIT, LONGEST_WAIT = 5.0, 3600.0
ACCOUNT_WAIT = 300.0
"""Seconds until an account that was refused is tried again: somebody has to mend a setting."""
_UNDER_WAY, _GRACE = 0.25, 30.0
RATE_WAIT = 300.0
"""DataCite counts requests in windows of five minutes."""


@dataclass(slots=True, frozen=True)
class Outcome:
    """What came of one try. `later`: it is tried again by itself, after `wait` seconds."""

    identifier: str
    what: str
    doi: str
    state: str
    done: bool
    said: str
    later: bool = False
    wait: float = 0.0
    reasons: tuple[str, ...] = ()
    sent: bool = True


class Worker:
    """Works for one account. Several may run at once, in one process or more."""

    def __init__(
        self,
        store: Store,
        account: Account,
        *,
        registrar: Registrar | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """Raises MintingOff."""
        self.store = store
        self.account = account
        self.pace = Pace(store, account.per_second, wait=wait)
        self.registrar = registrar or account.registrar(self.pace)
        self.outbox = StoredOutbox(store)
        self._wait = wait
        self._lease = f"{socket.gethostname()}:{os.getpid()}/{uuid.uuid4().hex}"

    def work(
        self,
        among: Collection[int] | None = None,
        *,
        patience: float = 0.0,
        told: Callable[[Outcome], None] = lambda outcome: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Tries every order that is due (`among`: of these records only), and tells each outcome.

        What has to wait is waited for up to `patience` seconds in all; what then still waits
        stays in the outbox.
        """
        left, grace = patience, _GRACE if among is not None else 0.0
        while not stop():
            now = self.store.clock()
            with self.store.writing() as writer:
                order = take_order(writer.connection, self._lease, now, among)
                due = next_due(writer.connection, among) if order is None else None
            if order is not None:
                outcome = self.try_once(order)
                told(outcome)
                if not outcome.done and not _worth_waiting(outcome):
                    left = 0.0
                continue
            if due is None:
                return
            # What is due and was not to be had is under way in another process.
            rest = due - now if due > now else _UNDER_WAY
            left, grace = (left - rest, grace) if due > now else (left, grace - rest)
            if left < 0.0 or grace < 0.0:
                return
            self._wait(rest)

    def try_once(self, order: KeptOrder) -> Outcome:
        """One try of an order whose lease is ours; whatever comes of it is kept."""
        try:
            return self._done(order, *self._do(order))
        except Refused as refused:
            return self._put_off(order, refused, stuck=True, reasons=tuple(refused.reasons))
        except Foreign as foreign:
            return self._put_off(order, foreign, stuck=True)
        except faults.Invalid as invalid:
            return self._put_off(order, invalid, stuck=True)
        except faults.TooMany as many:
            wait = min(many.retry_after or RATE_WAIT, LONGEST_WAIT)
            self.pace.hold(wait)
            return self._put_off(order, many, wait=wait)
        except (faults.Unauthorised, faults.Forbidden) as refusal:
            return self._put_off(order, refusal, wait=max(ACCOUNT_WAIT, _growing(order)))
        except DataCiteFault as fault:
            asked = min(fault.retry_after or 0.0, LONGEST_WAIT)
            return self._put_off(order, fault, wait=max(asked, _growing(order)))
        except NotSettled as unsettled:
            return self._put_off(order, unsettled, wait=_growing(order))
        except Exception as error:
            self._put_off(order, error, wait=LONGEST_WAIT)
            raise

    # -- doing it --------------------------------------------------------------------------------

    def _do(self, order: KeptOrder) -> tuple[KeptRecord, str]:
        """The record, and what was done in words."""
        with self.store.reading() as reader:
            kept = reader.records_by_id([order.record_id])[order.record_id]
            own = dois.doi_of(reader.connection, kept.id)
            if order.what == MINT:
                record, neighbours = self._mintable(reader, kept, order, own)
            elif order.what not in (HIDE, TOMBSTONE) and not kept.deleted:
                record, neighbours = described(reader, kept)
            replaced = self._replacement(reader, kept) if order.what == TOMBSTONE else None
        if order.what == MINT:
            return kept, self._mint(kept, record, neighbours, order, own)
        intent = self.outbox.intent(kept.key)
        if own is None or intent is None:
            raise Refused([f"The record {kept.identifier} has no DOI of ours."])
        life = Life(intent, kept.identifier, self.outbox, self.registrar)
        page = self.account.page(kept.key)
        if order.what in (HIDE, TOMBSTONE):
            life.hide(page, self._said_of_replacement(intent, replaced))
            return kept, f"{own.doi} is {life.state}"
        if kept.deleted:
            return kept, f"{own.doi} is left as it is: the record is deleted"
        life.update(metadata_of(record, neighbours, own.doi, page, own.year or None), page)
        return kept, f"{own.doi} is up to date"

    def _mintable(
        self, reader: Reader, kept: KeptRecord, order: KeptOrder, own: KeptDoi | None
    ) -> tuple[Record, Neighbours]:
        year = order.year or (own.year if own else 0)
        checked = preflight(reader, kept, self.account, year=year or None)
        against = checked.of(ERROR) + ([] if order.forced else checked.of(WARNING))
        if against and (checked.of(ERROR) or own is None):
            raise Refused([one.message for one in against])
        return checked.record, checked.neighbours

    def _mint(
        self,
        kept: KeptRecord,
        record: Record,
        neighbours: Neighbours,
        order: KeptOrder,
        own: KeptDoi | None,
    ) -> str:
        made = suffix_from(kept.identifier) if self.account.suffix == "identifier" else None
        minted = mint(
            record,
            neighbours,
            outbox=self.outbox,
            registrar=self.registrar,
            prefix=self.account.prefix,
            page=self.account.page(kept.key),
            authorities=self.account.authorities,
            publication_year_today=order.year or (own.year if own else 0) or None,
            suffix=(lambda: next(made)) if made else random_suffix,
            trial=self.account.trial,
        )
        return f"{minted.doi} is findable"

    def _replacement(self, reader: Reader, kept: KeptRecord) -> Object | None:
        """What replaces a deleted record, as DataCite writes it."""
        said = dois.tombstone_of(reader.connection, kept.id)
        other = reader.record(identifiers.key(said.replaced_by)) if said else None
        if other is None:
            return None
        doi = other.minted_doi or identifiers.doi(other.doi)
        kind, value = ("DOI", doi) if doi else ("URL", self.account.page(other.key))
        return {
            "relatedIdentifier": value,
            "relatedIdentifierType": kind,
            "relationType": "IsObsoletedBy",
        }

    def _said_of_replacement(self, intent: Intent, replaced: Object | None) -> Object | None:
        held = self.registrar.get(intent.doi) if replaced else None
        if held is None or replaced is None:
            return None
        there = held.attributes.get("relatedIdentifiers") or []
        return {"relatedIdentifiers": [*(one for one in there if one != replaced), replaced]}

    # -- what came of it -------------------------------------------------------------------------

    def _done(self, order: KeptOrder, kept: KeptRecord, said: str) -> Outcome:
        with self.store.writing() as writer:
            connection = writer.connection
            own = dois.doi_of(connection, kept.id)
            if own is not None:
                values = {"url": self.account.page(kept.key)}
                year = {"year": order.year} if order.year else {}
                dois.note_doi(connection, kept.id, writer.now, **values, **year)
            end_order(connection, order)
            attempts = dois.attempts(connection, own.doi) if own else []
            sent = any(at >= order.asked and what != "look" for at, what, _ in attempts)
            note(writer, Actor(order.who, ""), f"doi {order.what} done", kept.key, said)
        doi, state = (own.doi, own.state) if own else ("", "")
        return Outcome(kept.identifier, order.what, doi, state, True, said, sent=sent)

    def _put_off(
        self,
        order: KeptOrder,
        error: Exception,
        *,
        wait: float = 0.0,
        stuck: bool = False,
        reasons: tuple[str, ...] = (),
    ) -> Outcome:
        with self.store.writing() as writer:
            kept = writer.records_by_id([order.record_id])[order.record_id]
            own = dois.doi_of(writer.connection, kept.id)
            said = in_words(error, kept.format)
            due = self.store.clock() + wait
            put_off(writer.connection, order, said, due=due, stuck=stuck)
            if stuck:
                act = f"doi {order.what} stuck"
                note(writer, Actor(order.who, ""), act, kept.key, said)
        doi, state = (own.doi, own.state) if own else ("", "")
        return Outcome(
            kept.identifier, order.what, doi, state, False, said, not stuck, wait,
            reasons or (said,),
        )  # fmt: skip


def described(reader: Reader, kept: KeptRecord) -> tuple[Record, Neighbours]:
    """A current record as its source has it, and its neighbours. Raises Refused."""
    if kept.verdict == INVALID:
        raise Refused(
            ["The record is invalid now, so DataCite keeps what it has: `parhelion validate` "
             "says what to change."]
        )  # fmt: skip
    record = model_of(kept.format, element(reader.body(kept)))
    return record, neighbours_of(reader, record)


def in_words(error: Exception, format_: str) -> str:
    """A fault as the record's curator can understand it: attributes by their elements."""
    said = str(error) or type(error).__name__
    if not isinstance(error, DataCiteFault):
        return said
    named = [element_of(format_, part) for part in error.parts]
    places = ", ".join(dict.fromkeys(filter(None, named)))
    return f"{said} In the record this comes from {places}." if places else said


def _growing(order: KeptOrder) -> float:
    return min(FIRST_WAIT * 2.0 ** min(order.tries, 20), LONGEST_WAIT)


def _worth_waiting(outcome: Outcome) -> bool:
    """Whether it may mend itself soon: a wrong password does not."""
    return not outcome.later or outcome.wait < ACCOUNT_WAIT
