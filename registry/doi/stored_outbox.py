"""The outbox of DOIs in the store (`registry.doi.outbox.Outbox`): durable, bound for ever."""

from __future__ import annotations

from typing import Any

from registry.doi.outbox import Intent, Taken
from registry.store import dois
from registry.store.kept import KeptDoi
from registry.store.reading import Reader
from registry.store.store import Store


class StoredOutbox:
    """Every call is one transaction of the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def intent(self, key: str) -> Intent | None:
        """See `Outbox.intent`."""
        with self._store.reading() as reader:
            record = reader.record(key)
            kept = dois.doi_of(reader.connection, record.id) if record else None
            return _intent(reader, key, kept) if kept else None

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
            return _intent(writer, key, kept)

    def attempt(self, doi: str, what: str) -> int:
        """See `Outbox.attempt`."""
        with self._store.writing() as writer:
            return dois.begin_attempt(writer.connection, doi, what, writer.now)

    def record(self, doi: str, state: str, answer: str, *, attempt: int = 0,
               digest: str | None = None) -> None:  # fmt: skip
        """See `Outbox.record`. A DOI that begins to be shown moves the record's datestamp."""
        with self._store.writing() as writer:
            connection = writer.connection
            if attempt:
                dois.end_attempt(connection, attempt, answer)
            else:
                # A look settles what was sent before and never answered.
                for number in dois.unanswered(connection, doi):
                    dois.end_attempt(connection, number, f"no answer; then {answer}")
                dois.note_attempt(connection, doi, "look", answer, writer.now)
            holder = dois.holder(connection, doi)
            if not state or holder is None:
                return
            before = dois.doi_of(connection, holder)
            values: dict[str, Any] = {"state": state}
            if digest is not None:
                values["digest"] = digest
            dois.note_doi(connection, holder, writer.now, **values)
            if before is not None and (before.state in dois.SHOWN) != (state in dois.SHOWN):
                writer.touch_doi(holder)


def _intent(reader: Reader, key: str, kept: KeptDoi) -> Intent:
    waiting = dois.unanswered(reader.connection, kept.doi)
    return Intent(key, kept.doi, kept.state, kept.digest, bool(waiting), kept.adopted)
