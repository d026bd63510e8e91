"""What a process that was killed left behind, removed by the next holder of the followers' lock."""

from __future__ import annotations

import shutil
from pathlib import Path

from harvesters import archives
from registry.places import Places

SPOOL = "spool"
BUILD = "build-"


def remove_leftovers(folder: Path) -> None:
    """Removes spools, half-built places, triples and archives of dead processes from a data folder.

    Only the holder of the followers' lock makes any of them, so none is in use; an archive that
    a harvest fetches is locked.
    """
    archives.sweep(folder)
    shutil.rmtree(folder / SPOOL, ignore_errors=True)
    for path in folder.glob(f"{BUILD}*"):
        shutil.rmtree(path, ignore_errors=True)
    for name in ("search", "graph"):
        Places(folder / name).sweep()
