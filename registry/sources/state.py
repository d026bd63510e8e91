"""How the sources stand: last harvest, next one, the one that runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from registry.sources.kinds import FOLDER
from registry.store import harvests, ownership
from registry.store import sources as kept_sources
from registry.store.harvests import KeptHarvest
from registry.store.kept import KeptSource
from registry.store.reading import Reader


@dataclass(slots=True, frozen=True)
class SourceState:
    """A source, how many places it holds, its newest harvest, and whether that runs now."""

    source: KeptSource
    held: int
    newest: KeptHarvest | None
    running: bool
    managed: list[str]

    @property
    def address(self) -> str:
        """Its address as everybody may see it: no password, no folder of this machine."""
        if self.source.kind == FOLDER:
            return ""
        parts = urlsplit(self.source.url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    def told(self, text: str) -> str:
        """A message about it as everybody may read it: without the folder of this machine."""
        return text.replace(self.source.url, "at its path") if self.source.kind == FOLDER else text

    @property
    def word(self) -> str:
        """In one word: running, ok, failed, due, never, local."""
        if self.running:
            return "running"
        if self.source.kind == "local":
            return "local"
        if self.source.last_error:
            return "failed"
        return "ok" if self.source.last_finished else "never"


def source_states(reader: Reader, now: float) -> Iterator[SourceState]:
    """Every source, in the order they were added."""
    connection = reader.connection
    held = kept_sources.count_records(connection)
    newest = harvests.newest_harvests(connection)
    running = harvests.leased(connection, now)
    for source in kept_sources.sources(connection):
        yield SourceState(
            source, held.get(source.id, 0), newest.get(source.id), source.id in running,
            ownership.managed_by(connection, source.id),
        )  # fmt: skip
