"""How far everything has come, for `status`, `/healthz` and `/metrics`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from registry.doi.waiting import waiting
from registry.followers.following import Following
from registry.graph.errors import GraphError
from registry.search.query import SearchUnavailable
from registry.store import dois, sources
from registry.store.store import Store


def status(store: Store, following: Following) -> dict[str, Any]:
    """Counts, quarantine, followers, sources and DOIs as one plain object.

    A follower that cannot be asked has `applied` None and `fault` in words.
    """
    with store.reading() as reader:
        counts = reader.counts()
        last = reader.last_change()
        state: dict[str, Any] = {
            "records": {
                "total": sum(number for *_, number in counts),
                "by_format": _sums(counts, 0),
                "by_type": _sums(counts, 1),
                "by_verdict": _sums(counts, 2),
                "deleted": reader.count_deleted(),
            },
            "quarantine": reader.count_quarantined(),
            "quarantined": [
                {"source": item.source, "place": item.path, "reason": item.reason,
                 "message": item.message, "line": item.line}
                for item in reader.quarantined(20)
            ],
            "last_change": last,
            "followers": {},
            "refused": [
                {"follower": follower, "record": key, "reason": reason}
                for follower, key, reason in reader.refused()
            ],
            "sources": _sources(reader.connection),
            "dois": dois.count_states(reader.connection),
            "dois_waiting": [asdict(one) for one in waiting(reader)],
        }  # fmt: skip
        for follower in following.followers:
            entry: dict[str, Any] = {"applied": None, "lag": None}
            try:
                applied = follower.applied()
                entry["applied"] = max(applied, 0)
                entry["lag"] = reader.count_changed(max(applied, 0))
            except (GraphError, SearchUnavailable) as error:
                entry["fault"] = str(error)
            state["followers"][follower.name] = entry
    return state


def _sums(counts: list[tuple[str, str, str, int]], column: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for row in counts:
        name = str(row[column])
        sums[name] = sums.get(name, 0) + row[3]
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def _sources(connection: Any) -> list[dict[str, Any]]:
    held = sources.count_records(connection)
    return [
        {
            "name": source.name, "kind": source.kind, "url": source.url,
            "held": held.get(source.id, 0), "last_started": source.last_started,
            "last_finished": source.last_finished, "last_error": source.last_error,
            "last_counts": source.last_counts,
        }
        for source in sources.sources(connection)
    ]  # fmt: skip
