"""Whole lives of DOIs, each disturbed once: by a kill at a chosen step, or a fault of DataCite's.

A life is: mint, change the record, update, hide, show again, delete. Each runs in a process of
its own, so that a kill is a kill; the next process goes on with what the killed one left.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harvesters.documents import Document
from registry import identifiers
from registry.access import Actor
from registry.doi.account import Account
from registry.doi.asking import HIDE, MINT, Asked, ask
from registry.doi.datacite_client import DataCite, Limits
from registry.doi.keeping import order_what_changed
from registry.doi.trial import Fault, TrialDataCite
from registry.doi.working import Worker
from registry.ingest.reading import taken_document
from registry.store import access, dois
from registry.store.doi_orders import order_of
from registry.store.store import Store, Writer

EXAMPLE = (
    Path(__file__).parents[2] / "examples/spase/PARHELION/NumericalData/Wind/SWE/PT92S.xml"
).read_text("utf-8")
ID = "spase://PARHELION/NumericalData/Wind/SWE/PT92S"
LOCAL = 1
PREFIX = "10.5072"
ANNA = Actor("anna", "curator")
STEPS = 125
"""How many steps a kill is chosen from: a life has about as many."""
REQUESTS = 12
KINDS = (
    "drop-before", "drop-after", "hang-before", "hang-after", "garbage", "truncated", "trickle",
    "wrong-state", "wrong-doi",
)  # fmt: skip
STATUSES = (401, 403, 404, 409, 422, 429, 500, 503)


class LifeWentWrong(AssertionError):
    """A life did not end as it must."""


@dataclass(slots=True, frozen=True)
class Disturbance:
    """`step`: where the process is killed (0: it is not); else a fault of the double's, at its
    request number `request`.
    """

    step: int = 0
    request: int = 0
    fault: Fault | None = None

    @classmethod
    def chosen(cls, chance: random.Random) -> Disturbance:
        if chance.random() < 0.5:
            return cls(step=chance.randint(1, STEPS))
        when = chance.randrange(REQUESTS)
        if chance.random() < 0.5:
            return cls(request=when, fault=Fault(chance.choice(KINDS)))
        status, moment = chance.choice(STATUSES), chance.choice(("before", "after"))
        # DataCite refuses before it does anything; only a fault of its own may come after.
        moment = moment if status >= 500 else "before"
        asked = chance.choice(("", "2", "Fri, 31 Dec 1999 23:59:59 GMT"))
        fault = Fault(f"status-{moment}", status=status, retry_after=asked)
        return cls(request=when, fault=fault)


@dataclass(slots=True)
class Killer:
    """Ends the process at its nth step."""

    step: int
    count: int = field(default=0)

    def __call__(self) -> None:
        self.count += 1
        if self.count == self.step:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(Store):
    """A store each of whose writes may be the process's last: before, within, or after it."""

    killer: Killer

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        self.killer()
        with super().writing() as writer:
            yield writer
            self.killer()
        self.killer()


class MortalDataCite:
    """Requests of which each may be the process's last, and nobody hears the answer."""

    def __init__(self, inner: DataCite, killer: Killer) -> None:
        self._inner = inner
        self._killer = killer

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)

        def mortal(*args: Any, **more: Any) -> Any:
            found = call(*args, **more)
            self._killer()
            return found

        return mortal


def document(key: str, description: str = "") -> bytes:
    """A record to be minted, under another identifier."""
    text = EXAMPLE.replace(ID, key)
    if description:
        head, _, rest = text.partition("<Description>")
        text = f"{head}<Description>{description} {rest}"
    return text.encode()


def take(store: Store, key: str, content: bytes) -> None:
    digest = hashlib.sha256(content).digest()
    taken = taken_document(Document(f"/made/{key}", content), digest)
    with store.writing() as writer:
        writer.take(LOCAL, [taken])


@dataclass(slots=True)
class World:
    """One store and one double, in which lives are lived one after another."""

    folder: Path
    trial: TrialDataCite
    clock_ahead: float = 0.0

    def live(self, number: int, disturbance: Disturbance) -> None:
        """One life. Raises LifeWentWrong."""
        key = f"spase://PARHELION/NumericalData/Life/{number}"
        if disturbance.fault:
            self.trial.faults.extend([Fault("none")] * disturbance.request)
            self.trial.faults.append(disturbance.fault)
        told = self._in_a_process(lambda: self._lived(key, disturbance.step))
        if told != 0:
            if os.WIFEXITED(told):
                raise LifeWentWrong(f"{key}, {disturbance}: a fault of ours, see above")
            told = self._in_a_process(lambda: self._lived(key, 0))
            if told != 0:
                raise LifeWentWrong(f"{key}, {disturbance}: it did not go on after the kill")
        self.trial.faults.clear()
        self._check(key, disturbance)

    def _in_a_process(self, work: Callable[[], None]) -> int:
        self.clock_ahead += 40_000
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1]
        status = 1
        try:
            work()
            status = 0
        except Exception:  # noqa: BLE001 - who waits for this process sees that it failed
            traceback.print_exc()
        finally:
            os._exit(status)

    # -- inside the process ------------------------------------------------------------------

    def _lived(self, key: str, step: int) -> None:
        ahead = [self.clock_ahead]
        store = MortalStore(self.folder, clock=lambda: time.time() + ahead[0])
        store.killer = Killer(step)
        account = Account(
            self.trial.address, "TRIAL.PARHELION", "trial", PREFIX, ("PARHELION",),
            "https://registry.example.org", "random", 1000.0,
        )  # fmt: skip
        client = DataCite(
            account.api, account.username, account.password, PREFIX,
            limits=Limits(connect=5, read=0.6, total=0.9), before=store.killer,
        )  # fmt: skip

        def rest(seconds: float) -> None:
            ahead[0] += seconds

        worker = Worker(store, account, registrar=MortalDataCite(client, store.killer), wait=rest)
        _Life(key, store, account, worker, ahead).run()

    # -- outside it --------------------------------------------------------------------------

    def _check(self, key: str, disturbance: Disturbance) -> None:
        """Exactly one DOI, hidden, with the newest metadata, and both sides say so."""
        store = Store(self.folder)
        with store.reading() as reader:
            kept = reader.record(key)
            assert kept is not None
            own = dois.doi_of(reader.connection, kept.id)
            order = order_of(reader.connection, kept.id)
            tombstone = dois.tombstone_of(reader.connection, kept.id)
            open_ = dois.unanswered(reader.connection, own.doi) if own else []
            acts = [one.act for one in access.acts(reader.connection, subject=key)]
        store.close()
        page = "https://registry.example.org" + identifiers.page_path(key)
        there = [one for one in self.trial.entries.values() if one.attributes.get("url") == page]
        told = {
            "one DOI": own is not None and [one.doi for one in there] == [own.doi],
            "hidden": [one.state for one in there] == ["registered"],
            "the same here": own is not None and own.state == "registered",
            "nothing waits": order is None and kept.deleted and tombstone is not None,
            "no attempt without an answer": not open_,
            "newest metadata": "Newer." in str(there[0].attributes.get("descriptions")),
            "acts noted": all(f"doi {what} done" in acts for what in ("mint", "hide", "tombstone")),
        }
        wrong = [name for name, good in told.items() if not good]
        if wrong:
            raise LifeWentWrong(
                f"{key}, {disturbance}: {', '.join(wrong)} ({own}, {order}, {acts})"
            )


@dataclass(slots=True)
class _Life:
    """The life of one record's DOI; may be begun again at any place."""

    key: str
    store: Store
    account: Account
    worker: Worker
    ahead: list[float]

    def run(self) -> None:
        if not self._held():
            take(self.store, self.key, document(self.key))
        if not self._deleted():
            self._minted_and_changed()
        order_what_changed(self.store, self.account)
        self._work()

    def _minted_and_changed(self) -> None:
        acts = self._acts()
        if "doi hide done" not in acts:
            self._until(MINT, "findable")
            take(self.store, self.key, document(self.key, "Newer."))
            order_what_changed(self.store, self.account)
            self._work()
            self._until(HIDE, "registered")
        self._until(MINT, "findable")
        with self.store.writing() as writer:
            writer.remove(LOCAL, [f"/made/{self.key}"])

    def _until(self, what: str, state: str) -> None:
        """Asks, and goes on until it is so, as a curator and the server would."""
        if self._state() != state or self._waits():
            ask(self.store, self.account, ANNA, self.key, Asked(what))
        self._work()
        if self._state() != state:
            raise LifeWentWrong(f"{self.key} is {self._state()} after {what}")

    def _work(self) -> None:
        for _ in range(20):
            self.worker.work()
            with self.store.reading() as reader:
                kept = reader.record(self.key)
                assert kept is not None
                order = order_of(reader.connection, kept.id)
            if order is None:
                return
            if order.stuck:
                # A person looks, and asks for the same again.
                ask_again = {"update": "update", "tombstone": "tombstone"}.get(order.what)
                wanted = Asked(ask_again or order.what, reason="It is gone.")
                ask(self.store, self.account, ANNA, self.key, wanted)
            self.ahead[0] += 3700
        raise LifeWentWrong(f"{self.key}: {order} is never done")

    def _held(self) -> bool:
        with self.store.reading() as reader:
            return reader.record(self.key) is not None

    def _deleted(self) -> bool:
        with self.store.reading() as reader:
            kept = reader.record(self.key)
            return bool(kept and kept.deleted)

    def _state(self) -> str:
        with self.store.reading() as reader:
            kept = reader.record(self.key)
            own = dois.doi_of(reader.connection, kept.id) if kept else None
        return own.state if own else ""

    def _waits(self) -> bool:
        with self.store.reading() as reader:
            kept = reader.record(self.key)
            return bool(kept and order_of(reader.connection, kept.id))

    def _acts(self) -> list[str]:
        with self.store.reading() as reader:
            return [one.act for one in access.acts(reader.connection, subject=self.key)]
