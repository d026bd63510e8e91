"""A progress bar on a terminal; nothing where no person looks."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from registry.store.taken import Counts


class Meter:
    """Shows how far long work has come, on standard error, when that is a terminal."""

    def __init__(self, title: str, total: int | None = None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
        )
        self._task = self._progress.add_task(title, total=total, rate="")

    def __enter__(self) -> Meter:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def ingested(self, counts: Counts, _size: int) -> None:
        """Progress of an ingest: records, their rate, what was refused."""
        speed = self._progress.tasks[0].speed
        rate = f"{speed:,.0f}/s" if speed else ""
        if counts.quarantined:
            rate += f" · {counts.quarantined:,} refused"
        self._progress.update(self._task, completed=counts.read, rate=rate)

    def followed(self, follower: str, done: int, total: int) -> None:
        """Progress of a follower: changes applied, or records built."""
        self._progress.update(self._task, completed=done, total=total, description=follower)

    def advanced(self, number: int) -> None:
        """Progress of work that is counted in documents."""
        self._progress.update(self._task, advance=number)
