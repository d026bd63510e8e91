"""The outbox of DOIs in the store (`registry.doi.minting.Outbox`): durable, bound for ever."""

from __future__ import annotations

from registry.doi.minting import FINDABLE, REGISTERED, Intent, Taken
from registry.store import dois
from registry.store.store import Store

_SHOWN = (REGISTERED, FINDABLE)


class StoredOutbox:
    """Every call is one transaction of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def intent(self, key: str) -> Intent | None:
        """See `Outbox.intent`."""
        with self._store.reading() as reader:
            record = reader.record(key)
            kept = dois.doi_of(reader.connection, record.id) if record else None
        return Intent(key, kept.doi, kept.state) if kept else None

    def choose(self, key: str, doi: str) -> Intent:
        """See `Outbox.choose`. Raises Taken, LookupError when there is no such record."""
        with self._store.writing() as writer:
            record = writer.record(key)
            if record is None:
                raise LookupError(key)
            holder = dois.holder(writer.connection, doi)
            if holder not in (None, record.id):
                raise Taken(doi)
            kept = dois.choose_doi(writer.connection, record.id, doi, writer.now)
        return Intent(key, kept.doi, kept.state)

    def record(self, doi: str, state: str, answer: str) -> None:
        """See `Outbox.record`. A DOI that begins to be shown moves the record's datestamp."""
        with self._store.writing() as writer:
            dois.note_attempt(writer.connection, doi, state or "fault", answer, writer.now)
            holder = dois.holder(writer.connection, doi)
            if not state or holder is None:
                return
            before = dois.doi_of(writer.connection, holder)
            dois.note_doi(writer.connection, holder, writer.now, state=state)
            if before is not None and (before.state in _SHOWN) != (state in _SHOWN):
                writer.touch_doi(holder)
