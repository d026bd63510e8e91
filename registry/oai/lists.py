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
from registry.oai.pages import Key, Pages
from registry.oai.requests import Request
from registry.oai.stitched import Piece
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

    `own` records come first, then `records`, or `written` where these were written before.
    `cursor` records came before it, of `size`; `token` leads on, '' where the list is complete.
    `key` is where `records`, once written, are to be kept; None where they are not.
    """

    format: Format
    own: Sequence[KeptRecord]
    records: list[KeptRecord]
    written: Piece | None
    cursor: int
    size: int
    token: str = ""
    expires: int = 0
    key: Key | None = None

    @property
    def alone(self) -> bool:
        """Whether this page is the whole list."""
        return not self.cursor and not self.token


@dataclass(slots=True, frozen=True)
class _Found:
    """What comes next in a list: records, or what was written of them; whether `more` follow."""

    records: list[KeptRecord]
    count: int
    last: int
    more: bool
    written: Piece | None = None
    key: Key | None = None


class Lists:
    """The lists of one repository, read in one snapshot; `now` is the time for tokens."""

    def __init__(
        self,
        reader: Reader,
        items: Items,
        tokens: Tokens,
        now: float,
        pages: Pages,
        *,
        repository: str,
        page_size: int,
        token_hours: int,
    ) -> None:
        self._reader = reader
        self._items = items
        self._tokens = tokens
        self._now = now
        self._pages = pages
        self._repository = repository
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
        found = self._next(progress, selections)
        if not own and not found.count:
            raise _no_match()
        size = found.count
        if found.more:
            size = listing.count(self._reader, selections, after, upper)
        return self._page(format_, found, replace(progress, size=len(own) + size), own)

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
        found = self._next(progress, selections)
        if not found.count:
            # All that was left has changed meanwhile. A page may not be empty, so it brings them
            # as they are now; whatever came before had no change in this range.
            records = listing.dropped_out(
                self._reader, selections, progress.after, progress.upper, progress.end,
                self._page_size,
            )  # fmt: skip
            found = _Found(records, len(records), progress.after, more=False)
        if not found.count:
            raise _no_match()
        return self._page(format_, found, progress)

    def _selections(self, format_: Format, set_: str) -> list[Selection]:
        """What a list is of. Raises NoRecordsMatchError for a set that is unknown, or has nothing
        in this format."""
        found = format_.narrowed(self._items.selections(set_))
        if not found:
            raise _no_match()
        return found

    def _next(self, progress: Progress, selections: Selections) -> _Found:
        """What comes next: as it was written before, if it still holds, else from the store."""
        key = (
            self._repository, progress.verb, progress.prefix, progress.set, self._page_size,
            progress.after,
        )  # fmt: skip
        kept, upper = self._pages.get(key), progress.upper
        if kept is not None and kept.last <= upper:
            count, more = listing.stretch(
                self._reader, selections, progress.after, kept.last, upper
            )
            # Where the list ended then and goes on now, the page has room for more.
            if count == kept.count and (kept.full or not more):
                return _Found([], count, kept.last, more, kept.piece)
        rows = listing.page(self._reader, selections, progress.after, upper, self._page_size + 1)
        records = _fitting(rows[: self._page_size], progress.verb)
        last = records[-1].change_number if records else progress.after
        more = len(records) < len(rows)
        return _Found(records, len(records), last, more, key=key if records else None)

    def _page(
        self,
        format_: Format,
        found: _Found,
        progress: Progress,
        own: Sequence[KeptRecord] = (),
    ) -> ListPage:
        brought = progress.cursor + len(own) + found.count
        page = ListPage(
            format_, own, found.records, found.written, progress.cursor, brought, key=found.key
        )
        if not found.more:
            # What dropped out was counted when the list began; the end knows better.
            return page
        expires = int(self._now) + self._life
        size = max(progress.size, brought + 1)
        following = replace(progress, after=found.last, cursor=brought, size=size, expires=expires)
        token = self._tokens.written(following)
        return replace(page, size=size, token=token, expires=expires)


def _fitting(rows: Sequence[tuple[KeptRecord, int]], verb: str) -> list[KeptRecord]:
    """The records that a page takes: one at least, and no more than so many bytes."""
    found: list[KeptRecord] = []
    weight = 0
    for record, size in rows:
        if verb == "ListRecords" and not record.deleted:
            weight += size
        if found and weight > PAGE_BYTES:
            break
        found.append(record)
    return found


def _no_match() -> error.NoRecordsMatchError:
    return error.NoRecordsMatchError("No record matches these arguments.")
