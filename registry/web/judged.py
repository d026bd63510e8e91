"""Uploads judged as `parhelion validate` judges files, within limits; nothing is stored.

Two passes, as on the command line: who is there, then what is wrong. The records of the upload and
those of the registry are what references are judged against.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from harvesters.documents import Document, Unreadable
from mappings.models import model_of
from registry.findings import ERROR, UNRECOGNISED, Finding, Refusal
from registry.settings import Settings, UploadSettings
from registry.store.reading import Reader
from registry.validation.choosing import Choice
from registry.validation.entries import Entry, entries
from registry.validation.lookup import NOTHING, Batch, Combined, Lookup, Stored, whole_store
from registry.validation.reports.report import Report, reports
from registry.validation.rules.asking import findings
from registry.web.uploads import Upload, documents
from schemas.parts import Part

MORE = "schema.more"
LARGE = 300_000
"""Bytes of a document from which on the registry is read as a whole for it."""
_log = logging.getLogger(__name__)


class Busy(Exception):
    """As many uploads are being judged as may be at the same time."""


class Gate:
    """Lets so many uploads in at the same time; one for an application."""

    def __init__(self, places: int, seconds: float = 5.0) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._seconds = seconds

    def enter(self) -> Callable[[], None]:
        """Waits some seconds for a place; gives what leaves it again, once. Raises Busy."""
        if not self._places.acquire(timeout=self._seconds):
            raise Busy
        left = threading.Event()

        def leave() -> None:
            if not left.is_set():
                left.set()
                self._places.release()

        return leave

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The same for a block. Raises Busy."""
        leave = self.enter()
        try:
            yield
        finally:
            leave()


class Neighbourhood:
    """What the registry knows of other records, for many questions; one for an application.

    It is read anew when the registry has changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: tuple[int, Lookup] = (-1, NOTHING)

    def known(self, reader: Reader, uploads: Sequence[Upload]) -> Lookup | None:
        """What the registry knows, asked for one document or read as a whole for many; None
        where it is empty."""
        if not reader.keys(0, 1):
            return None
        if (
            any(upload.archive or len(upload.content) > LARGE for upload in uploads[:2])
            or uploads[1:]
        ):
            return self.whole(reader)
        return Stored(reader)

    def whole(self, reader: Reader) -> Lookup:
        """All records of the reader's snapshot."""
        number = reader.last_change()
        with self._lock:
            if self._held[0] != number:
                self._held = (number, whole_store(reader))
            return self._held[1]


class Sparing:
    """A lookup that looks for near misses no longer than so many seconds in all: each costs
    milliseconds, and one document can ask for hundreds of thousands."""

    def __init__(self, lookup: Lookup, seconds: float, clock: Callable[[], float]) -> None:
        self._left = seconds
        self._clock = clock
        self._lookup = lookup
        self.scope = lookup.scope
        self.known = lookup.known
        self.covers = lookup.covers
        self.successors = lookup.successors
        self.alike = lookup.alike
        self.places = lookup.places
        self.with_doi = lookup.with_doi
        self.targets = lookup.targets

    def near(self, key: str, kinds: Collection[str] = ()) -> list[str]:
        if self._left <= 0:
            return []
        begun = self._clock()
        found = self._lookup.near(key, kinds)
        self._left -= self._clock() - begun
        return found


class Judging:
    """One upload on its way; `clock` gives seconds."""

    def __init__(
        self,
        uploads: Sequence[Upload],
        limits: UploadSettings,
        choice: Choice,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._uploads = list(uploads)
        self._limits = limits
        self._choice = choice
        self._clock = clock
        self._ends = clock() + limits.seconds
        self._name = uploads[0].name if uploads else ""

    def reports(self, known: Lookup | None) -> Iterator[Report]:
        """A report for each record, as the command line gives them; where a limit ends it, the
        last report says so. `known` is what the registry knows, if it knows anything."""
        batch = Batch(self._entries(), scope="this upload")
        lookup = Sparing(
            Combined(batch, known) if known is not None else batch,
            self._limits.seconds / 10,
            self._clock,
        )
        left = self._limits.findings
        for report in self._judged(lookup):
            report.findings = self._choice.told(report.findings)
            if len(report.findings) > left:
                report.findings = _cut(report.findings, left)
            left = max(0, left - len(report.findings))
            yield report

    def _over(self) -> bool:
        """Whether the time is up."""
        return self._clock() > self._ends

    def _documents(self) -> Iterator[Document | Unreadable]:
        """As many as may be, then the limit that was reached."""
        for number, document in enumerate(documents(self._uploads, self._limits)):
            if number >= self._limits.documents:
                message = f"at most {self._limits.documents:,} documents of an upload are judged"
                yield _limit(self._name, message, _IN_PIECES)
                return
            if self._over():
                message = (
                    f"the time for one upload ({self._limits.seconds:g} s) ended after "
                    f"{number:,} documents; the others have not been judged"
                )
                yield _limit(self._name, message, _IN_PIECES)
                return
            yield document

    def _entries(self) -> Iterator[Entry]:
        for document in self._documents():
            if isinstance(document, Document):
                try:
                    yield from entries(document.content, document.path)
                except Exception:  # noqa: BLE001 - nothing that was sent may end this in a fault
                    _log.exception("the records of an upload cannot be listed")

    def _judged(self, lookup: Lookup) -> Iterator[Report]:
        def beyond(part: Part) -> list[Finding]:
            model = model_of(part.format, part.element)
            select, ignore = self._choice.select, self._choice.ignore
            found = findings(part, model, lookup, select, ignore, enough=self._over)
            return [*found, _UNFINISHED] if self._over() else found

        for document in self._documents():
            try:
                yield from list(reports(document, beyond))
            except Exception:  # noqa: BLE001 - nothing that was sent may end this in a fault
                # Whatever one document does to us, the others are judged.
                _log.exception("a document of an upload cannot be judged")
                yield _failed(document.path)


_IN_PIECES = "send it in pieces, or judge it with `parhelion validate`, which has no such limit"


_UNFINISHED = Finding(
    MORE,
    ERROR,
    "the time for one upload ended before all rules were asked about this record",
    remedy=_IN_PIECES,
)


def _limit(name: str, message: str, remedy: str) -> Unreadable:
    return Unreadable(name, Refusal("too-large", message, remedy=remedy))


def _cut(found: list[Finding], left: int) -> list[Finding]:
    number = len(found) - left
    message = f"{number:,} finding{'s' if number > 1 else ''} more, which are only counted here"
    return [*found[:left], Finding(MORE, ERROR, message)]


def _failed(path: str) -> Report:
    finding = Finding(
        "document.internal",
        ERROR,
        "something went wrong here with this document; the fault is not yours and has been logged",
        remedy="please report it, with the document",
    )
    return Report(path, "", "", "", UNRECOGNISED, [finding])


def choice_of(settings: Settings, select: Sequence[str] = (), ignore: Sequence[str] = ()) -> Choice:
    """What is told: as the installation's settings say, less what this request leaves out."""
    return Choice(tuple(select), tuple(ignore), settings.validation.severities)
