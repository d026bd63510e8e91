"""Worker processes that open files and archives themselves, and give what the store takes."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harvesters.documents import Document, Task, Unreadable
from harvesters.files import read
from registry.findings import Refusal
from registry.ingest.reading import Described, has_place, refused_document, taken_document
from registry.ingest.spool import SpoolWriter
from registry.processes import WorkersDied, in_order, pool
from registry.store.taken import TakenDocument
from schemas.spase import added


@dataclass(slots=True, frozen=True)
class WorkOrder:
    """What a worker is told once. `known`: whether the store may hold the documents already."""

    folder: Path
    source_id: int
    known: bool
    spool: Path | None = None
    public_url: str = ""


@dataclass(slots=True)
class Done:
    """What came of a task; `unchanged` are the paths whose bytes the store holds already."""

    documents: list[TakenDocument] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    spooled: list[str] = field(default_factory=list)
    size: int = 0


class Worker:
    """Does tasks one after the other; the same in a worker process and in this one."""

    def __init__(self, order: WorkOrder) -> None:
        added.use(order.folder / added.FOLDER)
        self._held = _held_in(order) if order.known else _nothing_held
        self._spool = SpoolWriter(order.spool, order.public_url) if order.spool else None

    def do(self, task: Task) -> Done:
        done = Done(size=task.size)
        described = self._spool.add if self._spool else None
        found = [
            (item, b"" if isinstance(item, Unreadable) else hashlib.sha256(item.content).digest())
            for item in read(task)
        ]
        held = self._held([item.path for item, _ in found if has_place(item.path)])
        for item, digest in found:
            if isinstance(item, Unreadable):
                done.documents.append(refused_document(item.path, digest, item.refusal))
            elif held.get(item.path) == digest:
                done.unchanged.append(item.path)
            else:
                done.documents.append(_taken(item, digest, described))
        if self._spool:
            done.spooled = self._spool.flush()
        return done


def _taken(item: Document, digest: bytes, described: Described | None) -> TakenDocument:
    """The records of a document; a fault of ours in one document does not stop the others."""
    try:
        return taken_document(item, digest, described)
    except OSError:
        raise  # not the document's fault: the spool cannot be written
    except Exception as error:  # noqa: BLE001
        message = f"this version of Parhelion fails on it ({type(error).__name__}: {error})"
        refusal = Refusal("internal", message, remedy="please report it, with the document")
        # Without a digest: the next version is to try again.
        return refused_document(item.path, b"", refusal, item.content)


def _nothing_held(_: list[str]) -> dict[str, bytes]:
    return {}


def _held_in(order: WorkOrder) -> Callable[[list[str]], dict[str, bytes]]:
    """What asks the store for the digests that it holds; loaded only where there are any."""
    from registry.store.held import held_digests
    from registry.store.store import Store

    store = Store(order.folder)

    def held(paths: list[str]) -> dict[str, bytes]:
        with store.reading() as reader:
            return held_digests(reader.connection, order.source_id, paths)

    return held


_worker: Worker | None = None


def _begin(order: WorkOrder) -> None:
    global _worker
    _worker = Worker(order)
    # What a document brings is freed by reference counts; looking for cycles in between costs a
    # tenth of the work. What stands now is never looked at again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _do(task: Task) -> Done:
    assert _worker is not None
    return _worker.do(task)


def work(tasks: Iterable[Task], order: WorkOrder, processes: int) -> Iterator[Done]:
    """What comes of each task, in their order; few are under way at once, so memory is bounded.

    Raises WorkersDied.
    """
    if processes <= 1:
        worker = Worker(order)
        yield from (worker.do(task) for task in tasks)
        return
    workers = pool(processes, _begin, order)
    try:
        yield from in_order(workers, _do, tasks, processes * 3)
    except WorkersDied as error:
        raise WorkersDied(
            f"{error} What was taken in before stays; run the same command again, and it goes on."
        ) from error
    finally:
        workers.shutdown(wait=True, cancel_futures=True)
