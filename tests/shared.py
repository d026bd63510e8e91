"""The shared test material (real SPASE and VOResource records), wherever it lies here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def _found() -> Path | None:
    named = os.environ.get("PARHELION_SHARED")
    folder = Path(named) if named else Path(__file__).parents[1].parent / "shared"
    return folder.resolve() if (folder / "spase").is_dir() else None


SHARED: Path | None = _found()
"""The folder with `spase/` and `ivoa/`, or None where it is not at hand."""

needs_shared = pytest.mark.skipif(
    SHARED is None,
    reason="the shared records are missing: set PARHELION_SHARED or put them into ../shared",
)


def shared(*names: str) -> Path:
    """A file or folder of the shared material; only for tests marked `needs_shared`."""
    assert SHARED is not None
    return SHARED.joinpath(*names)
