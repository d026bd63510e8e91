"""Lists of records a page at a time (OAI-PMH 2.0, section 3.5).

A list is what the store held when it began: records with change numbers up to that moment's. One
that changes before its page is asked for drops out, and comes in the next harvest from the first
responseDate of this one; so a list ends however fast others write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from oaipmh import error

from registry.oai import sets
from registry.oai.formats import Format
from registry.oai.items import Items
from registry.oai.requests import Request
from registry.oai.tokens import Progress, Tokens
from registry.store import listing
from registry.store.kept import KeptRecord
from registry.store.listing import Selection, Selections
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
        self,
        reader: Reader,
        items: Items,
        tokens: Tokens,
        now: float,
        *,
        page_size: int,
        token_hours: int,
    ) -> None:
        self._reader = reader
        self._items = items
        self._tokens = tokens
        self._now = now
        self._page_size = page_size
        self._life = token_hours * 3600

    def first(self, request: Request, format_: Format) -> ListPage:
        """The first page. Raises NoRecordsMatchError."""
        selections = self._selections(format_, request.get("set"))
        after, upper = listing.bounds(self._reader, request.start, request.end)
        progress = Progress(
            request.verb, format_.prefix, request.get("set"), request.end, after, upper,
            cursor=0, size=0, expires=0,
        )  # fmt: skip
        own = [one for one in self._items.own() if self._is_asked_for(one, request, format_)]
        records, more = self._records(progress, selections)
        if not own and not records:
            raise _no_match()
        size = len(records)
        if more:
            size = listing.count(self._reader, selections, after, upper)
        progress = replace(progress, size=len(own) + size)
        return self._page(format_, records, more, progress, own)

    def _is_asked_for(self, own: KeptRecord, request: Request, format_: Format) -> bool:
        """Whether a record that the store does not hold is in a list: it then comes first."""
        set_ = request.get("set")
        return (
            format_.has(own)
            and (not set_ or sets.is_in(set_, self._items.sets_of(self._reader, [own])[0]))
            and (request.start is None or own.datestamp >= request.start)
            and (request.end is None or own.datestamp <= request.end)
        )

    def further(self, token: str, verb: str, known: Callable[[str], Format]) -> ListPage:
        """The page that a token leads to. Raises BadResumptionTokenError, NoRecordsMatchError."""
        progress = self._tokens.read(token, verb, self._now)
        format_ = known(progress.prefix)
        selections = self._selections(format_, progress.set)
        records, more = self._records(progress, selections)
        if not records:
            # All that was left has changed meanwhile. A page may not be empty, so it brings them
            # as they are now; whatever came before had no change in this range.
            records = listing.dropped_out(
                self._reader, selections, progress.after, progress.upper, progress.end,
                self._page_size,
            )  # fmt: skip
        if not records:
            raise _no_match()
        return self._page(format_, records, more, progress)

    def _selections(self, format_: Format, set_: str) -> list[Selection]:
        """What a list is of. Raises NoRecordsMatchError for a set that is unknown, or has nothing
        in this format."""
        found = format_.narrowed(self._items.selections(set_))
        if not found:
            raise _no_match()
        return found

    def _records(self, progress: Progress, selections: Selections) -> tuple[list[KeptRecord], bool]:
        """The records of a page, and whether more come after it: it looks one ahead."""
        rows = listing.page(
            self._reader, selections, progress.after, progress.upper, self._page_size + 1
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
        self,
        format_: Format,
        records: list[KeptRecord],
        more: bool,
        progress: Progress,
        own: Sequence[KeptRecord] = (),
    ) -> ListPage:
        after = records[-1].change_number if records else progress.after
        records = [*own, *records]
        brought = progress.cursor + len(records)
        if not more:
            # What dropped out was counted when the list began; the end knows better.
            return ListPage(format_, records, progress.cursor, brought)
        expires = int(self._now) + self._life
        following = replace(
            progress,
            after=after,
            cursor=brought,
            size=max(progress.size, brought + 1),
            expires=expires,
        )
        token = self._tokens.written(following)
        return ListPage(format_, records, progress.cursor, following.size, token, expires)


def _no_match() -> error.NoRecordsMatchError:
    return error.NoRecordsMatchError("No record matches these arguments.")
