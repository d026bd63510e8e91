"""Errors that a user can do something about, said in words and without a traceback."""

from __future__ import annotations

from harvesters.fetching import FetchFailed
from registry.deletion_guard import HarvestFailed
from registry.graph.errors import GraphError
from registry.processes import WorkersDied
from registry.search.query import SearchUnavailable
from registry.settings import SettingsError
from registry.store.connections import StoreError
from registry.store.sources import SourceError

KNOWN = (
    FetchFailed,
    GraphError,
    HarvestFailed,
    SearchUnavailable,
    SettingsError,
    SourceError,
    StoreError,
    WorkersDied,
)


def in_words(error: BaseException) -> str | None:
    """What to tell the user of an error; None when it is a fault of ours."""
    if isinstance(error, KNOWN):
        return f"parhelion: {error}"
    if isinstance(error, OSError) and error.filename:
        return f"parhelion: {error.filename}: {error.strerror}."
    if isinstance(error, OSError) and error.errno is not None:
        return f"parhelion: {error.strerror}."
    return None
