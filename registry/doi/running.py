"""The worker that `serve` has beside it: what waits is tried when it is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from registry.doi.account import Account, MintingOff
from registry.doi.keeping import order_what_changed
from registry.doi.working import Outcome, Worker
from registry.store.connections import StoreError
from registry.store.store import Store

POLL_SECONDS = 1.0
COMPARE_SECONDS = 10.0
_log = logging.getLogger(__name__)


class DoisThread(threading.Thread):
    """Works for as long as the process lives; several processes may have one each."""

    def __init__(self, store: Store, account: Callable[[], Account]) -> None:
        """`account` gives the account, or raises MintingOff, which ends the thread at once."""
        super().__init__(name="dois", daemon=True)
        self._store = store
        self._account = account
        self._ended = threading.Event()
        self._asked = threading.Event()
        self._fault = ""

    def run(self) -> None:
        try:
            account = self._account()
            worker = Worker(self._store, account, wait=self._rest)
        except MintingOff:
            return
        left = 0.0
        while not self._ended.is_set():
            try:
                if left <= 0:
                    order_what_changed(self._store, account)
                    left = COMPARE_SECONDS
                worker.work(told=_told, stop=self._ended.is_set)
                self._say("")
            except StoreError as error:
                self._say(str(error))
            except Exception as error:  # noqa: BLE001
                # A fault of ours with one record must not keep the others from DataCite.
                if str(error) != self._fault:
                    _log.exception("A fault of Parhelion's own, while it worked at DOIs")
                self._say(str(error))
            self._asked.wait(POLL_SECONDS)
            self._asked.clear()
            left -= POLL_SECONDS

    def wake(self) -> None:
        """Something was asked for: it is looked at now."""
        self._asked.set()

    def stop(self) -> None:
        """Ends the thread after the request that is out; what waits stays in the outbox."""
        self._ended.set()
        self._asked.set()
        if self.is_alive():
            self.join()

    def _rest(self, seconds: float) -> None:
        self._ended.wait(seconds)

    def _say(self, fault: str) -> None:
        if fault and fault != self._fault:
            _log.error("The outbox of DOIs cannot be worked through: %s", fault)
        self._fault = fault


def _told(outcome: Outcome) -> None:
    if outcome.done:
        _log.info("DOI: %s of %s: %s.", outcome.what, outcome.identifier, outcome.said)
    else:
        _log.warning("DOI: %s of %s waits: %s", outcome.what, outcome.identifier, outcome.said)
