"""The way of a harvest's documents into the store: past its lease, and past the deletion guard.

What would delete a record is held back until the whole list has come. Then it is done, or, where
it is more than the setting allows of the source's records, nothing of it is, and the harvest says
so: whether a peer meant to delete its records or lost them can only be seen from all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from registry.ingest.reading import taken_page
from registry.store import withheld as held
from registry.store.packing import unpacked
from registry.store.store import Store, Writer
from registry.store.taken import Counts, TakenDocument
from schemas.documents import parts

_BATCH = 500


class HarvestFailed(Exception):
    """A harvest that did not come to its end; what was committed stays, and the next goes on."""


class TooManyDeletions(HarvestFailed):
    """A harvest would delete more of a source's records than the guard lets pass."""


class Guard:
    """The deletions of one harvest of one source.

    `share` is how many of its records may go (1 when they were accepted), and `floor` how many
    whatever their share, unless they are all; `holds` is asked in every transaction and raises
    when the harvest may not write any more.
    """

    def __init__(
        self,
        store: Store,
        source_id: int,
        name: str,
        share: float,
        holds: Callable[[Writer], None] = lambda writer: None,
        floor: int = 0,
    ) -> None:
        self.store = store
        self.source_id = source_id
        self.name = name
        self.share = share
        self.holds = holds
        self.floor = floor
        self.losing: dict[str, set[int]] = {}
        """Documents held back that are read again at the end: path → ids of the records lost."""

    def count(self) -> int:
        """How many records the source holds now: the whole that the share is of."""
        with self.store.reading() as reader:
            return held.count_live(reader.connection, self.source_id)

    # -- page by page, kept in the store ----------------------------------------------------------

    def begin(self, writer: Writer) -> None:
        """A list begins: what an earlier one held back is of no account."""
        held.forget_withheld(writer.connection, self.source_id)
        held.forget_listed(writer.connection, self.source_id)

    def take_page(
        self,
        writer: Writer,
        documents: Sequence[TakenDocument],
        gone: Iterable[str],
        *,
        full: bool,
    ) -> Counts:
        """Takes a page in, inside its transaction; deletions wait for `settle`."""
        self.holds(writer)
        connection, leaving = writer.connection, set(gone)
        losing = held.losses(connection, self.source_id, documents)
        wait = [one for one in documents if one.path in losing]
        come = [
            one
            for one in documents
            if one.path not in losing and one.path not in leaving and (one.taken or one.refused)
        ]
        counts = writer.take(self.source_id, come)
        held.forget_withheld(connection, self.source_id, [one.path for one in come if one.taken])
        there = held.records_at(connection, self.source_id, leaving)
        noted: dict[str, bytes | None] = {path: None for path in there}
        noted |= {one.path: one.taken[0].body for one in wait if one.taken}
        held.withhold(connection, self.source_id, noted.items())
        if leaving - set(there):
            counts.add(writer.remove(self.source_id, sorted(leaving - set(there))))
        if full:
            listed = [one.path for one in documents if one.path not in leaving]
            held.note_listed(connection, self.source_id, [*listed, *leaving])
        return counts

    def unlisted(self) -> list[str]:
        """What the source holds and the full harvest that has just ended did not bring."""
        with self.store.reading() as reader:
            return held.unlisted(reader.connection, self.source_id)

    def settle(self, of: int, vanished: Sequence[str], where: str) -> Counts:
        """Does what was held back, and deletes what vanished. Raises TooManyDeletions before."""
        with self.store.reading() as reader:
            waiting = held.withheld(reader.connection, self.source_id)
        self.check(of, [*waiting, *vanished], where)
        counts = self.remove([*(p for p, body in waiting.items() if body is None), *vanished])
        said = [(path, body) for path, body in waiting.items() if body is not None]
        for start in range(0, len(said), _BATCH):
            some = [_document(path, body) for path, body in said[start : start + _BATCH]]
            with self.store.writing() as writer:
                self.holds(writer)
                counts.add(writer.take(self.source_id, some))
        counts.read -= len(said)  # they were counted when they came
        return counts

    # -- whole states: archives, folders, repositories ---------------------------------------------

    def take(self, writer: Writer, documents: Sequence[TakenDocument]) -> Counts:
        """Takes a batch in; documents that would delete something are left for another reading."""
        self.holds(writer)
        losing = held.losses(writer.connection, self.source_id, documents)
        self.losing |= losing
        return writer.take(self.source_id, [one for one in documents if one.path not in losing])

    def take_all(self, writer: Writer, documents: Sequence[TakenDocument]) -> Counts:
        """Takes a batch in whole, once `check` has passed."""
        self.holds(writer)
        return writer.take(self.source_id, documents)

    def check(self, of: int, vanished: Iterable[str], where: str) -> None:
        """Raises TooManyDeletions when what was held back and what vanished is too much.

        `of` is how many records the source held before, `where` what the list was read from.
        """
        paths = list(dict.fromkeys(vanished))
        with self.store.reading() as reader:
            connection = reader.connection
            at = held.records_at(connection, self.source_id, paths)
            lost = {number for ids in (*at.values(), *self.losing.values()) for number in ids}
            leaving = {*paths, *self.losing}
            lost = held.without_place(connection, self.source_id, lost, leaving)
            if len(lost) <= self._may_go(of):
                return
            named = ", ".join(held.keys_of(connection, lost))
        more = " …" if len(lost) > 5 else ""
        raise TooManyDeletions(
            f"{self.name}: {len(lost):,} of {of:,} records are deleted in {where} or no longer "
            f"there, more than {self.share:.0%} ({named}{more}). Nothing was deleted; if that is "
            "right, harvest again with --accept-deletions."
        )

    def _may_go(self, of: int) -> float:
        """How many of so many records may go. One that is alone goes as any other does."""
        if not self.share:
            return 0.0  # who allows no share of them allows none
        return max(self.share * of, min(self.floor, max(of - 1, 1)))

    def remove(self, paths: Sequence[str]) -> Counts:
        """Takes places away in batches; gives what became of their records."""
        counts = Counts()
        for start in range(0, len(paths), _BATCH):
            with self.store.writing() as writer:
                self.holds(writer)
                counts.add(writer.remove(self.source_id, paths[start : start + _BATCH]))
        return counts


def _document(path: str, body: bytes) -> TakenDocument:
    """A record that was held back, as its page brought it."""
    found = taken_page(parts(unpacked(body)))
    document = found[0]
    document.path = path
    return document
