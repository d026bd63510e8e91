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
from registry.oai.stretches import Stretch
from registry.oai.tokens import Progress, Tokens
from registry.store import listing
from registry.store.changes import stamp_at
from registry.store.kept import KeptRecord
from registry.store.listing import Selection, Selections
from registry.store.reading import Reader

PAGE_BYTES = 20_000_000
"""A page of whole records ends when so much source is on it, before it has its full number."""


@dataclass(slots=True, frozen=True)
class ListPage:
    """One page: its records, and where the list stands.

    `own` records come first, then what of it was `written` before, then `records`.
    `cursor` records came before it, of `size`; `token` leads on, '' where the list is complete.
    `key` is where `records`, once written, are to be kept, with the change log's `stamp`; None
    where they are not.
    """

    format: Format
    own: Sequence[KeptRecord]
    records: list[KeptRecord]
    written: Stretch | None
    cursor: int
    size: int
    token: str = ""
    expires: int = 0
    key: Key | None = None
    stamp: str = ""

    @property
    def alone(self) -> bool:
        """Whether this page is the whole list."""
        return not self.cursor and not self.token


@dataclass(slots=True, frozen=True)
class _Found:
    """What comes next in a list: what of it was written before, and the records behind that, up to
    the change number `last`; whether `more` follow."""

    written: Stretch | None
    records: list[KeptRecord]
    last: int
    more: bool
    key: Key | None = None
    stamp: str = ""

    @property
    def count(self) -> int:
        return len(self.records) + (self.written.count if self.written else 0)


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
            found = _Found(None, records, progress.after, more=False)
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
        """What comes next: as it was written before, as far as that still holds, and from the
        store what is lacking."""
        key = (
            self._repository, progress.verb, progress.prefix, progress.set, self._page_size,
            progress.after,
        )  # fmt: skip
        kept, more = self._kept(key, progress.upper, selections)
        if kept is not None and more and kept.count < self._page_size // 2:
            kept, more = self._with_the_next(kept, key, progress.upper, selections, more=more)
        if kept is not None and kept.count and (kept.full or not more):
            return _Found(kept, [], kept.last, more)
        written, after = (kept, kept.last) if kept else (None, progress.after)
        room = self._page_size - (written.count if written else 0)
        rows = listing.page(self._reader, selections, after, progress.upper, room + 1)
        weight = written.piece.size if written else 0
        records = _fitting(rows[:room], progress.verb, weight)
        last = records[-1].change_number if records else after
        stamp = stamp_at(self._reader.connection, last)
        return _Found(written, records, last, len(records) < len(rows), key, stamp)

    def _kept(self, key: Key, upper: int, selections: Selections) -> tuple[Stretch | None, bool]:
        """What was written of a stretch, without what it has lost since; whether more follows."""
        kept, after = self._pages.get(key), key[-1]
        if kept is None or kept.last > upper:
            return None, True
        if kept.stamp != stamp_at(self._reader.connection, kept.last):
            return None, True  # written from a store that has gone another way since
        count, more = listing.stretch(self._reader, selections, after, kept.last, upper)
        if count == kept.count:
            return kept, more
        held = set(listing.numbers(self._reader, selections, after, kept.last))
        if not held.issubset(kept.numbers):
            return None, True
        kept = kept.only(held)
        self._pages.cut(key, kept)
        return kept, more

    def _with_the_next(
        self, kept: Stretch, key: Key, upper: int, selections: Selections, *, more: bool
    ) -> tuple[Stretch, bool]:
        """A stretch that has lost half of its records, with those of the one behind it."""
        behind, beyond = self._kept((*key[:-1], kept.last), upper, selections)
        if (
            behind is None
            or kept.count + behind.count > self._page_size
            or kept.piece.size + behind.piece.size > PAGE_BYTES
        ):
            return kept, more
        both = kept.followed_by(behind)
        self._pages.put(key, both)
        return both, beyond

    def _page(
        self,
        format_: Format,
        found: _Found,
        progress: Progress,
        own: Sequence[KeptRecord] = (),
    ) -> ListPage:
        brought = progress.cursor + len(own) + found.count
        page = ListPage(
            format_, own, found.records, found.written, progress.cursor, brought, key=found.key,
            stamp=found.stamp,
        )  # fmt: skip
        if not found.more:
            # What dropped out was counted when the list began; the end knows better.
            return page
        expires = int(self._now) + self._life
        size = max(progress.size, brought + 1)
        following = replace(progress, after=found.last, cursor=brought, size=size, expires=expires)
        token = self._tokens.written(following)
        return replace(page, size=size, token=token, expires=expires)


def _fitting(
    rows: Sequence[tuple[KeptRecord, int]], verb: str, weight: int = 0
) -> list[KeptRecord]:
    """The records that a page takes: one at least, and no more than so many bytes, of which it
    has `weight` already."""
    found: list[KeptRecord] = []
    begun = bool(weight)
    for record, size in rows:
        if verb == "ListRecords" and not record.deleted:
            weight += size
        if (found or begun) and weight > PAGE_BYTES:
            break
        found.append(record)
    return found


def _no_match() -> error.NoRecordsMatchError:
    return error.NoRecordsMatchError("No record matches these arguments.")
