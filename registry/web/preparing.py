"""Landing pages made before anybody asks for them, where many are not kept: after a first ingest,
a new version, another day; the pages of OAI-PMH's lists with them. A process of the lowest
priority makes them; it ends when all are made.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess

from werkzeug.test import EnvironBuilder, run_wsgi_app

from registry import identifiers
from registry.engines import opened
from registry.processes import alone
from registry.settings import Settings
from registry.store.connections import StoreError
from registry.store.store import Store
from registry.web.application import application
from registry.web.oai import write_lists
from registry.web.page_cache import kept_pages, made_with

FEW = 500
"""So many pages are left to whoever asks for them first."""
QUIET_SECONDS = 10.0
_POLL_SECONDS = 2.0
_log = logging.getLogger(__name__)


def lacking(store: Store, kept: set[str]) -> list[str]:
    """Keys of the current records whose pages are not among those kept."""
    with store.reading() as reader:
        keys = [one.key for some in reader.all_records() for one in some]
    return [key for key in keys if key not in kept]


def prepare(settings: Settings, *, gently: bool = True) -> int:
    """Makes the pages that are not kept; gives how many there were. Raises StoreError.

    `gently`: this process gives way to all others from now on.
    """
    if gently and hasattr(os, "nice"):
        os.nice(19)
    with opened(settings, wants_lock=False) as engines:
        app = application(engines)
        with app.app_context():
            write_lists()
        keys = lacking(engines.store, kept_pages(settings).keys())
        for key in keys:
            environ = EnvironBuilder(path=identifiers.page_path(key)).get_environ()
            run_wsgi_app(app, environ, buffered=True)
    return len(keys)


def _prepare(settings: Settings, made: str) -> None:
    # A program that was put in the place of the running one would make other pages.
    if made_with(settings) != made:
        return
    with contextlib.suppress(StoreError, BrokenPipeError):
        # What is wrong with the store, the server itself says.
        prepare(settings)


class PagesThread(threading.Thread):
    """Has pages made while a server runs, after every change that was followed by quiet."""

    def __init__(
        self, store: Store, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(name="pages", daemon=True)
        self._store = store
        self._settings = settings
        self._clock = clock
        self._ended = threading.Event()
        self._seen: tuple[object, ...] = ()
        self._since = 0.0
        self._done: tuple[object, ...] = ()

    def run(self) -> None:
        while not self._ended.wait(_POLL_SECONDS):
            try:
                if self.due():
                    self.make()
            except StoreError as error:
                _log.warning("Pages are not made before they are asked for: %s", error)
                return

    def stop(self) -> None:
        """Ends the thread, and the process that makes pages."""
        self._ended.set()
        if self.is_alive():
            self.join()

    def due(self) -> bool:
        """Whether it is quiet, and pages have not been made since the last change, or today."""
        with self._store.reading() as reader:
            state = (reader.last_change(), datetime.now(UTC).date())
        if state != self._seen:
            self._seen, self._since = state, self._clock()
        return state != self._done and self._clock() - self._since >= QUIET_SECONDS

    def make(self) -> None:
        """Has the pages made that are lacking, where they are many."""
        self._done = self._seen
        if len(lacking(self._store, kept_pages(self._settings).keys())) < FEW:
            return
        process = alone(_prepare, self._settings, made_with(self._settings))
        self._wait(process)
        if process.exitcode:
            _log.warning("The process that makes pages ended with status %s.", process.exitcode)

    def _wait(self, process: BaseProcess) -> None:
        while process.is_alive():
            if self._ended.wait(0.5):
                process.terminate()
                process.join()
                return
