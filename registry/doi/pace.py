"""A request's turn: so many a second, over all processes of an installation."""

from __future__ import annotations

import time
from collections.abc import Callable

from registry.doi.datacite_client import TooMany
from registry.store.doi_orders import hold_requests, take_slot
from registry.store.store import Store

LONGEST_TURN = 5.0


class Pace:
    """`Pace(store, 2.0)()` waits until the next request may go out."""

    def __init__(
        self, store: Store, per_second: float, *, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self._store = store
        self._gap = 1.0 / per_second
        self._wait = wait

    def __call__(self) -> None:
        """Raises TooMany when DataCite asked for a longer rest than a request waits."""
        now = self._store.clock()
        with self._store.writing() as writer:
            slot = take_slot(writer.connection, now, self._gap, LONGEST_TURN)
        if slot - now > LONGEST_TURN:
            raise TooMany(
                f"DataCite has had too many requests: the next may go out in {slot - now:.0f} s.",
                retry_after=slot - now,
            )
        if slot > now:
            self._wait(slot - now)

    def hold(self, seconds: float) -> None:
        """Lets no request out for so long."""
        with self._store.writing() as writer:
            hold_requests(writer.connection, self._store.clock() + seconds)
