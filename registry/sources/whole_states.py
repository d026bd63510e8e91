"""Sources that are read as a whole: archives, folders, and git repositories by what changed.

What they no longer hold is deleted, of archives only when that was asked for; all of it past the
deletion guard.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict

from harvesters import archives, git
from harvesters.documents import Limits, Task
from harvesters.fetching import Fetcher
from harvesters.folders import folder_tasks
from registry.deletion_guard import Guard, HarvestFailed
from registry.ingest.ingest import Ingest
from registry.oai_harvest import Harvested, Progress
from registry.settings import Settings
from registry.store import sources as kept_sources
from registry.store.held import forget_refusals
from registry.store.kept import KeptSource
from registry.store.store import Store

_FEW = 200
"""Files that are read in this process: starting others would take longer."""
GIT_FOLDER = "git"

Tasks = Callable[[], Iterator[Task]]


class WholeState:
    """One harvest of such a source."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        source: KeptSource,
        result: Harvested,
        guard: Guard,
        progress: Progress,
        stopped: Callable[[], bool],
    ) -> None:
        self._store = store
        self._settings = settings
        self._source = source
        self._result = result
        self._guard = guard
        self._progress = progress
        self._stopped = stopped
        self._limits = Limits(document=settings.ingest.document_bytes)

    def archive(self, fetching: Fetcher, *, mirror: bool, full: bool) -> None:
        """Takes an archive in when it has changed; deletes what it no longer holds if mirrored."""
        url = self._source.url
        state = dict(self._source.state)
        mirrored = state.pop("mirrored", False)
        # What came last without --mirror has to be looked at once more before it is mirrored.
        known = bool(state) and (mirrored or not mirror) and not full
        before = archives.ArchiveState(**state) if known else None
        with archives.fetched(url, fetching, before, self._store.folder) as fetched:
            if not fetched.modified:
                return
            self._take(
                lambda: fetched.tasks(limits=self._limits), url, mirror=mirror, known=bool(state)
            )
        with self._store.writing() as writer:
            forget_refusals(writer.connection, self._source.id, [url])
        self._keep({**asdict(fetched.state), "mirrored": mirror})

    def folder(self) -> None:
        """Takes in what is new in a folder; what is no longer there is deleted."""
        path = self._source.url
        if not os.path.isdir(path):
            # A disk that is not mounted is no deletion.
            raise HarvestFailed(f"{self._source.name}: there is no folder {path}.")
        self._take(lambda: folder_tasks(path, self._limits), path, mirror=True)

    def git(self, *, full: bool) -> None:
        """Takes in what changed since the commit taken last."""
        source, harvest = self._source, self._settings.harvest
        repository = git.Repository(
            self._store.folder / GIT_FOLDER / str(source.id),
            git.GitLimits(harvest.total_seconds, harvest.read_seconds, harvest.max_bytes),
            allow_private=harvest.allow_private,
            stopped=self._stopped,
        )
        before = "" if full else str(source.state.get("commit", ""))
        commit = repository.fetch(source.url)
        if commit == before:
            return
        changes = repository.changes(commit, before)
        self._take(
            lambda: repository.tasks(changes.files, self._limits),
            f"{source.url} at {commit[:12]}",
            mirror=changes.whole,
            gone=changes.gone,
            few=len(changes.files) <= _FEW,
        )
        self._keep({"commit": commit})

    # -- what they have in common -------------------------------------------------------------

    def _take(
        self,
        tasks: Tasks,
        where: str,
        *,
        mirror: bool,
        gone: Collection[str] = (),
        known: bool = True,
        few: bool = False,
    ) -> None:
        """Takes all of it in, then what the guard held back, then deletes what went.

        `mirror`: what did not come is gone; else only `gone` is. Raises HarvestFailed,
        TooManyDeletions.
        """
        of = self._guard.count()
        seen: set[str] = set()
        processes = 1 if few else None
        run = Ingest(
            self._store, self._settings, source_id=self._source.id, take=self._guard.take,
            progress=self._progress, processes=processes,
        )  # fmt: skip
        run.counts = self._result.counts
        run.take_tasks(tasks(), seen=seen.update)
        self._refuse_half(run, where)
        vanished = self._vanished(seen, run.unread) if mirror else list(gone)
        self._guard.check(of, vanished, where)
        counts = self._result.counts
        if self._guard.losing:
            again = Ingest(
                self._store, self._settings, source_id=self._source.id, take=self._guard.take_all,
                processes=processes,
            )  # fmt: skip
            again.take_tasks(tasks())
            counts.read += len(self._guard.losing)
            for name in ("new", "changed", "deleted"):
                setattr(counts, name, getattr(counts, name) + getattr(again.counts, name))
        counts.add(self._guard.remove(vanished))

    def _refuse_half(self, run: Ingest, where: str) -> None:
        if self._source.url in run.unread:
            # What did not come is not gone, and the whole of it is to be asked for again.
            self._keep({})
            raise HarvestFailed(
                f"{self._source.name}: {where} could not be read to its end; what was read stays, "
                "nothing was deleted. `parhelion status` names the fault; harvest again."
            )

    def _vanished(self, seen: Collection[str], unread: Iterable[str]) -> list[str]:
        """What is held and did not come, but for what lies where nothing could be read."""
        shut = tuple(f"{one}{sign}" for one in unread for sign in ("/", "!/"))
        with self._store.reading() as reader:
            held = kept_sources.paths_of(reader.connection, self._source.id)
        return [path for path in held if path not in seen and not path.startswith(shut)]

    def _keep(self, state: dict[str, object]) -> None:
        with self._store.writing() as writer:
            kept_sources.update_source(writer.connection, self._source.id, state=state)
