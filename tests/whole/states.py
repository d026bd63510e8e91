"""All that an installation holds, so that two of them can be compared."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from registry.engines import opened
from registry.followers.following import Following
from registry.settings import read_settings
from registry.store.reading import Reader


def held(data: Path) -> dict[str, Any]:
    """Records, bodies, references, places, quarantine, index and graph, as plain values.

    Numbers of changes, ids and times are left out: they may differ between two histories.
    """
    with opened(read_settings(data)) as engines:
        assert engines.writes
        with engines.store.reading() as reader:
            state = held_in_store(reader)
        following = engines.following()
        state |= derived(following)
        with engines.store.reading() as reader:
            last = reader.last_change()
        state["behind"] = [f.name for f in following.followers if f.applied() != last]
    return state


def held_in_store(reader: Reader) -> dict[str, Any]:
    records: dict[str, Any] = {}
    places: set[tuple[str, ...]] = set()
    for batch in reader.all_records(deleted=True):
        bodies = reader.bodies([kept.revision_id for kept in batch])
        references = reader.references([kept.id for kept in batch])
        for kept in batch:
            records[kept.key] = (
                kept.identifier, kept.format, kept.kind, kept.version, kept.name, kept.label,
                kept.status, kept.verdict, kept.released, kept.deleted, kept.deleted_why,
                hashlib.sha256(bodies[kept.revision_id]).hexdigest(),
                tuple(references[kept.id]),
                len(reader.findings(kept.revision_id)),
            )  # fmt: skip
            places |= {
                (kept.key, place.source, place.path, place.part, str(place.current))
                for place in reader.places(kept)
            }
    quarantine = {
        (one.source, one.path, one.part, one.reason, one.message, one.line)
        for one in reader.quarantined(100_000)
    }
    return {"records": records, "places": places, "quarantine": quarantine}


def derived(following: Following) -> dict[str, Any]:
    """What index and graph hold."""
    found = list(following.search.index.identifiers())
    assert len(found) == len(dict(found))
    return {"index": dict(found), "graph": set(following.graph.graph.lines())}
