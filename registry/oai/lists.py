"""Lists of records a page at a time (OAI-PMH 2.0, section 3.5).

A list is what the store held when it began: records with change numbers up to that moment's. One
that changes before its page is asked for drops out, and comes in the next harvest from the first
responseDate of this one; so a list ends however fast others write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from oaipmh import error

from registry.oai import sets
from registry.oai.formats import Format
from registry.oai.requests import Request
from registry.oai.tokens import Progress, Tokens
from registry.store import listing
from registry.store.kept import KeptRecord
from registry.store.listing import Selection
from registry.store.reading import Reader

PAGE_BYTES = 20_000_000
"""A page of whole records ends when so much source is on it, before it has its full number."""


@dataclass(slots=True, frozen=True)
class ListPage:
    """One page: its records, and where the list stands.

    `cursor` records came before it, of `size`; `token` leads on, '' where the list is complete.
    """

    format: Format
    records: list[KeptRecord]
    cursor: int
    size: int
    token: str = ""
    expires: int = 0

    @property
    def alone(self) -> bool:
        """Whether this page is the whole list."""
        return not self.cursor and not self.token


class Lists:
    """The lists of one repository, read in one snapshot; `now` is the time for tokens."""

    def __init__(
        self, reader: Reader, tokens: Tokens, now: float, *, page_size: int, token_hours: int
    ) -> None:
        self._reader = reader
        self._tokens = tokens
        self._now = now
        self._page_size = page_size
        self._life = token_hours * 3600

    def first(self, request: Request, format_: Format) -> ListPage:
        """The first page. Raises NoRecordsMatchError."""
        selection = _selection(format_, request.get("set"))
        if selection is None:
            raise _no_match()
        after, upper = listing.bounds(self._reader, request.start, request.end)
        progress = Progress(
            request.verb, format_.prefix, request.get("set"), request.end, after, upper,
            cursor=0, size=0, expires=0,
        )  # fmt: skip
        records, more = self._records(progress, selection)
        if not records:
            raise _no_match()
        size = len(records)
        if more:
            size = listing.count(self._reader, selection, after, upper)
        return self._page(format_, records, more, replace(progress, size=size))

    def further(self, token: str, verb: str, known: Callable[[str], Format]) -> ListPage:
        """The page that a token leads to. Raises BadResumptionTokenError, NoRecordsMatchError."""
        progress = self._tokens.read(token, verb, self._now)
        format_ = known(progress.prefix)
        selection = _selection(format_, progress.set)
        if selection is None:
            raise _no_match()
        records, more = self._records(progress, selection)
        if not records:
            # All that was left has changed meanwhile. A page may not be empty, so it brings them
            # as they are now; whatever came before had no change in this range.
            records = listing.dropped_out(
                self._reader, selection, progress.after, progress.upper, progress.end,
                self._page_size,
            )  # fmt: skip
        if not records:
            raise _no_match()
        return self._page(format_, records, more, progress)

    def _records(self, progress: Progress, selection: Selection) -> tuple[list[KeptRecord], bool]:
        """The records of a page, and whether more come after it: it looks one ahead."""
        rows = listing.page(
            self._reader, selection, progress.after, progress.upper, self._page_size + 1
        )
        fitting, weight = 0, 0
        for record, size in rows[: self._page_size]:
            if progress.verb == "ListRecords" and not record.deleted:
                weight += size
            if fitting and weight > PAGE_BYTES:
                break
            fitting += 1
        return [record for record, _ in rows[:fitting]], fitting < len(rows)

    def _page(
        self, format_: Format, records: list[KeptRecord], more: bool, progress: Progress
    ) -> ListPage:
        brought = progress.cursor + len(records)
        if not more:
            # What dropped out was counted when the list began; the end knows better.
            return ListPage(format_, records, progress.cursor, brought)
        expires = int(self._now) + self._life
        following = replace(
            progress,
            after=records[-1].change_number,
            cursor=brought,
            size=max(progress.size, brought + 1),
            expires=expires,
        )
        token = self._tokens.written(following)
        return ListPage(format_, records, progress.cursor, following.size, token, expires)


def _selection(format_: Format, set_: str) -> Selection | None:
    """What a list is of; None where a set is unknown, or has nothing in this format."""
    selected = sets.selection(set_)
    return None if selected is None else format_.narrowed(selected)


def _no_match() -> error.NoRecordsMatchError:
    return error.NoRecordsMatchError("No record matches these arguments.")
