"""Places of documents without the folders of this machine, which are nobody's business."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from registry.store.kept import KeptPlace

LOCAL = "local"
"""The source of what `ingest` takes in: its paths are this machine's."""


def public_place(place: KeptPlace) -> KeptPlace:
    """A place as pages may name it: of a local file the name alone, of an archive what is inside
    it too."""
    if place.source != LOCAL:
        return place
    outside, archive, inside = place.path.partition("!/")
    return replace(place, path=f"{PurePath(outside).name}{archive}{inside}")
