"""Bringing index and graph to the change log's last number.

Each keeps its marker in its own store, written together with what it marks: the number, what it
was made with, and the stamp that the log has at this number, so that a log that was restored from
a backup and went on another way is noticed. One reader of the log makes each model once and hands
it to all followers at the same number. A record in which a mapping of ours fails is left out and
named, as one that the engine refuses.
"""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mappings import to_rdf
from mappings.to_search import with_neighbours
from registry import identifiers
from registry.followers.described import (
    Described,
    described,
    every_described,
    fault_of_ours,
    with_digest,
)
from registry.followers.leftovers import BUILD
from registry.graph.errors import GraphError
from registry.graph.graph import Graph
from registry.ingest.spool import Spool, SpooledFields
from registry.kept_records import neighbours
from registry.search import fields as search_fields
from registry.search.query import SearchIndex, SearchUnavailable
from registry.store.reading import Reader
from registry.store.store import Store

BATCH = 500
REBUILD_ABOVE = 2000
"""More changes than this, and the graph is loaded in bulk behind the old one."""

AWAY = (SearchUnavailable, GraphError)
"""What a follower raises whose engine does not answer."""

Marker = tuple[int, str]
Refusals = list[tuple[str, str]]
Progress = Callable[[str, int, int], None]
"""Called with (follower, done, of how many)."""


class Follower(ABC):
    """Something derived from the store that follows its change log."""

    name: str
    fingerprint: str
    stamp_at: Callable[[int], str]
    """Gives the stamp of the store's change log at a number."""

    @abstractmethod
    def marker(self) -> Marker:
        """(change number applied, fingerprint it was built with)."""

    @abstractmethod
    def apply(self, changed: Sequence[Described], number: int) -> Refusals:
        """Brings these records to their current state, and the marker to `number`."""

    def applied(self) -> int:
        """The change number reached; -1 when all has to be built anew."""
        marker = self.marker()
        return marker[0] if marker == self.mark(marker[0]) else -1

    def mark(self, number: int) -> Marker:
        """The marker of what was brought to this number of the store's log."""
        return number, f"{self.fingerprint}@{self.stamp_at(number)}"


class SearchFollower(Follower):
    name = "search"

    def __init__(self, index: SearchIndex, stamp_at: Callable[[int], str]) -> None:
        self.index = index
        self.stamp_at = stamp_at
        self.fingerprint = search_fields.FINGERPRINT

    def marker(self) -> Marker:
        return self.index.marker()

    def apply(self, changed: Sequence[Described], number: int) -> Refusals:
        documents: list[dict[str, object]] = []
        refused: Refusals = []
        for item in changed:
            document = item.try_document(refused)
            if document is not None:
                documents.append(document)
        kept = {str(document["key"]) for document in documents}
        gone = [item.kept.key for item in changed if item.kept.key not in kept]
        return refused + self.index.apply(documents, gone, self.mark(number))

    def build(self, documents: Iterable[dict[str, object]], number: int) -> Refusals:
        return self.index.build(documents, self.mark(number))


class GraphFollower(Follower):
    name = "graph"

    def __init__(self, graph: Graph, public_url: str, stamp_at: Callable[[int], str]) -> None:
        self.graph = graph
        self.public_url = public_url
        self.stamp_at = stamp_at
        self.fingerprint = f"{to_rdf.FINGERPRINT}|{public_url}"

    def marker(self) -> Marker:
        return self.graph.marker()

    def apply(self, changed: Sequence[Described], number: int) -> Refusals:
        records: list[tuple[str, list[str]]] = []
        gone: list[str] = []
        faults: Refusals = []
        for item in changed:
            iri, triples = identifiers.iri(item.kept.key), item.try_triples(self.public_url, faults)
            if triples is None:
                gone.append(iri)
            else:
                records.append((iri, triples))
        keys = {identifiers.iri(item.kept.key): item.kept.key for item in changed}
        refused = self.graph.apply(records, gone, self.mark(number))
        return faults + [(keys.get(iri, iri), reason) for iri, reason in refused]

    def build(self, files: Sequence[Path], number: int) -> Refusals:
        return self.graph.build(files, self.mark(number))


@dataclass(slots=True)
class Reached:
    """The change number that each follower has reached whose engine answers (-1: to be built anew).

    `fault` is what the engine of another one said.
    """

    places: dict[str, int]
    fault: SearchUnavailable | GraphError | None = None


class Following:
    """The followers of one store. Only the holder of the followers' lock may call the verbs."""

    def __init__(self, store: Store, index: SearchIndex, graph: Graph, public_url: str) -> None:
        self.store = store
        self.search = SearchFollower(index, self._stamp_at)
        self.graph = GraphFollower(graph, public_url, self._stamp_at)

    def _stamp_at(self, number: int) -> str:
        with self.store.reading() as reader:
            return reader.stamp_at(number)

    @property
    def followers(self) -> tuple[Follower, ...]:
        return self.search, self.graph

    def reached(self) -> Reached:
        """How far each follower has come whose engine answers; what the others say."""
        reached = Reached({})
        for follower in self.followers:
            try:
                reached.places[follower.name] = follower.applied()
            except AWAY as error:
                reached.fault = reached.fault or error
        return reached

    def catch_up(self, *, spool: Spool | None = None, progress: Progress | None = None) -> None:
        """Applies what waits, in bulk where that is cheaper; returns when nothing waits.

        A follower whose engine is away holds nobody up: when the others have all that waits, what
        is wrong is raised (SearchUnavailable, GraphError); what it lacks stays in the log.
        """
        reached = self.reached()
        with self.store.reading() as reader:
            last = reader.last_change()
            waiting = {
                name: reader.count_changed(max(place, 0)) for name, place in reached.places.items()
            }
        if last == 0 and reached.fault is None and self._is_new():
            return
        anew = [
            name
            for name, place in reached.places.items()
            if not 0 < place <= last or (name == "graph" and waiting[name] > REBUILD_ABOVE)
        ]
        if anew:
            number = self.rebuild(anew, spool=spool, progress=progress)
            reached.places.update(dict.fromkeys(anew, number))
        while self._step(reached, progress):
            pass
        if reached.fault is not None:
            raise reached.fault

    def _is_new(self) -> bool:
        return all(follower.marker() == (0, "") for follower in self.followers)

    def _step(self, reached: Reached, progress: Progress | None) -> bool:
        """One batch; False when every follower that is there has reached the end."""
        after = min(reached.places.values(), default=None)
        with self.store.reading() as reader:
            last = reader.last_change()
            if after is None or after >= last:
                return False
            records, number = reader.changed(after, BATCH)
            changed = described(reader, records)
        for follower in self.followers:
            place = reached.places.get(follower.name, number)
            if place >= number:
                continue
            new = [item for item in changed if item.kept.change_number > place]
            try:
                self._note(follower.name, follower.apply(new, number), new)
            except AWAY as error:
                reached.fault = reached.fault or error
                del reached.places[follower.name]
                continue
            reached.places[follower.name] = number
            if progress:
                progress(follower.name, number, last)
        return True

    def _note(self, follower: str, refused: Refusals, changed: Sequence[Described]) -> None:
        with self.store.reading() as reader:
            before = {key for name, key, _ in reader.refused() if name == follower}
        mended = [item.kept.key for item in changed if item.kept.key in before]
        if refused or mended:
            with self.store.writing() as writer:
                writer.forget_refused(follower, mended)
                writer.note_refused(follower, refused)

    # -- building anew -------------------------------------------------------------------------

    def rebuild(
        self,
        names: Sequence[str],
        *,
        spool: Spool | None = None,
        progress: Progress | None = None,
    ) -> int:
        """Builds followers in fresh places and switches them; the old ones answer meanwhile.

        Gives the change number that they have reached.
        """
        with self.store.reading() as reader:
            number = reader.last_change()
            total = sum(count for *_, count in reader.counts())
            # Another process may have put a newer content of a spooled record beside ours.
            contents = reader.count_revisions()
            if spool is not None and contents == total and spool.holds_exactly(total):
                refused = self._from_spool(reader, names, spool, number)
            else:
                refused = self._from_store(reader, names, number, total, progress)
        with self.store.writing() as writer:
            for name in names:
                writer.forget_refused(name)
                writer.note_refused(name, refused.get(name, []))
        return number

    def _from_spool(
        self, reader: Reader, names: Sequence[str], spool: Spool, number: int
    ) -> dict[str, Refusals]:
        refused: dict[str, Refusals] = {}
        with ThreadPoolExecutor(1) as pool:
            # The graph's loader is a process of its own: it runs beside the index's build.
            loading = None
            if "graph" in names:
                loading = pool.submit(self.graph.build, spool.triple_files(), number)
            if "search" in names:
                faults: Refusals = []
                documents = _spooled_documents(reader, spool, faults)
                refused["search"] = [*self.search.build(documents, number), *faults]
            if loading is not None:
                refused["graph"] = _by_key(reader, loading.result())
        return refused

    def _from_store(
        self,
        reader: Reader,
        names: Sequence[str],
        number: int,
        total: int,
        progress: Progress | None,
    ) -> dict[str, Refusals]:
        folder = Path(tempfile.mkdtemp(prefix=BUILD, dir=self.store.folder))
        refused: dict[str, Refusals] = {name: [] for name in names}
        try:
            with ExitStack() as stack:
                triples = None
                if "graph" in names:
                    triples = stack.enter_context((folder / "records.nt").open("wb"))
                records = self._told(every_described(reader), triples, refused, total, progress)
                if "search" in names:
                    faults = refused["search"]
                    made = (item.try_document(faults) for item in records)
                    documents = (document for document in made if document is not None)
                    refused["search"] = [*self.search.build(documents, number), *faults]
                else:
                    for _ in records:
                        pass
            if "graph" in names:
                loaded = self.graph.build([folder / "records.nt"], number)
                refused["graph"] += _by_key(reader, loaded)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return refused

    def _told(
        self,
        records: Iterable[Described],
        triples: IO[bytes] | None,
        refused: dict[str, Refusals],
        total: int,
        progress: Progress | None,
    ) -> Iterator[Described]:
        """Passes records on; writes the triples of each beside it."""
        for number, item in enumerate(records, start=1):
            if triples is not None:
                lines = item.try_triples(self.graph.public_url, refused["graph"])
                if lines:
                    triples.write(("\n".join(lines) + "\n").encode())
            if progress and (number % BATCH == 0 or number == total):
                progress("rebuild", number, total)
            yield item


def _by_key(reader: Reader, refused: Refusals) -> Refusals:
    """What a graph refused, by key: a bulk load knows records by their IRIs only."""
    reasons = dict(refused)
    if not reasons:
        return []
    keys = (kept.key for batch in reader.all_records() for kept in batch)
    return [(key, reasons[iri]) for key in keys if (iri := identifiers.iri(key)) in reasons]


def _spooled_documents(
    reader: Reader, spool: Spool, faults: Refusals
) -> Iterator[dict[str, object]]:
    batch = []
    for item in spool.search_fields():
        batch.append(item)
        if len(batch) == BATCH:
            yield from _joined(reader, batch, faults)
            batch = []
    yield from _joined(reader, batch, faults)


def _joined(
    reader: Reader, batch: Sequence[SpooledFields], faults: Refusals
) -> Iterator[dict[str, object]]:
    keys = [key for key, _, _ in batch]
    verdicts, owners = reader.verdicts(keys), reader.owners(keys)
    labels = neighbours(reader, {target for *_, refs in batch for _, target in refs})
    for key, fields, references in batch:
        try:
            fields = with_neighbours(fields, references, labels)
            fields["verdict"] = [verdicts[key]]
            if owners.get(key):
                fields["source"] = [owners[key]]
            document = with_digest(fields)
        except Exception as error:  # noqa: BLE001
            faults.append((key, fault_of_ours(error)))
        else:
            yield document
