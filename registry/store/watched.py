"""A reader that notes what was asked of it, so that it is known what an answer depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from registry import identifiers
from registry.model import Label
from registry.store import tables as t
from registry.store.kept import KeptRecord
from registry.store.kept_pages import ANYTHING, folder_of
from registry.store.reading import Reader


class WatchedReader(Reader):
    """Notes in `needs` the words of `registry.store.kept_pages` for each question.

    What it cannot put into such words makes the answer depend on everything.
    """

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.needs: set[str] = set()
        self._ids: set[int] = set()

    def records_by_key(self, keys: Iterable[str]) -> dict[str, KeptRecord]:
        found = super().records_by_key(self._knowing(keys))
        self._ids |= {one.id for one in found.values()}
        return found

    def labels(self, keys: Iterable[str]) -> dict[str, Label]:
        return super().labels(self._knowing(keys))

    def verdicts(self, keys: Iterable[str]) -> dict[str, str]:
        return super().verdicts(self._knowing(keys))

    def identifiers_like(self, start: str, limit: int = 2000) -> list[str]:
        self.needs.add(f"folder:{start}" if folder_of(start) == start else ANYTHING)
        return super().identifiers_like(start, limit)

    def identifiers_in_other_case(self, start: str, identifier: str) -> list[str]:
        self.needs.add(f"case:{identifier.lower()}")
        found = super().identifiers_in_other_case(start, identifier)
        self._knowing(map(identifiers.key, found))
        return found

    def referring(self, key: str, limit: int = 1000) -> list[tuple[str, KeptRecord]]:
        self.needs.add(f"refer:{key}")
        found = super().referring(key, limit)
        self._knowing(one.key for _, one in found)
        return found

    def count_referring(self, key: str) -> dict[str, int]:
        self.needs.add(f"refer:{key}")
        r = t.reference.c
        those = select(t.record.c.key).join(t.reference, r.record_id == t.record.c.id)
        self._knowing(self.connection.execute(those.where(r.target == key)).scalars())
        return super().count_referring(key)

    def succeeding(self, prior_key: str) -> list[KeptRecord]:
        self.needs.add(f"prior:{prior_key}")
        found = super().succeeding(prior_key)
        self._knowing(one.key for one in found)
        return found

    def by_doi(self, doi: str) -> list[KeptRecord]:
        self.needs.add(f"doi:{doi}")
        found = super().by_doi(doi)
        self._knowing(one.key for one in found)
        return found

    def references(self, record_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
        if not self._ids.issuperset(record_ids):
            self.needs.add(ANYTHING)
        return super().references(record_ids)

    def _knowing(self, keys: Iterable[str]) -> list[str]:
        known = list(keys)
        self.needs.update(f"know:{key}" for key in known)
        return known


_OF_ITS_OWN = ("record", "bodies", "body", "revisions", "places", "findings")
"""Questions about a record that was asked for by its key, and those made of others."""


def _about_everything(name: str) -> Callable[..., Any]:
    def asked(self: WatchedReader, *given: Any, **named: Any) -> Any:
        self.needs.add(ANYTHING)
        return getattr(Reader, name)(self, *given, **named)

    asked.__name__ = name
    return asked


for _name in dir(Reader):
    if not _name.startswith("_") and _name not in (*vars(WatchedReader), *_OF_ITS_OWN):
        setattr(WatchedReader, _name, _about_everything(_name))
