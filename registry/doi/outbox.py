"""What the life of a DOI needs: a place where intents and attempts are kept, and a registrar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from registry.doi.datacite_client import Held

Object = dict[str, Any]

CHOSEN, DRAFT, REGISTERED, FINDABLE = "chosen", "draft", "registered", "findable"
STATES = (DRAFT, REGISTERED, FINDABLE)


@dataclass(slots=True, frozen=True)
class Intent:
    """A DOI bound to a record for ever; `state` is chosen until DataCite has said more.

    `digest` is of what DataCite last took. `unsettled`: something was sent, and nobody knows what
    came of it. `adopted`: it was not we who made the DOI.
    """

    key: str
    doi: str
    state: str
    digest: str = ""
    unsettled: bool = False
    adopted: bool = False


class Taken(Exception):
    """The DOI is bound to another record already."""


class Outbox(Protocol):
    """Where intents are kept. Every call is durable when it returns."""

    def intent(self, key: str) -> Intent | None:
        """The intent for a record, None if there is none."""

    def choose(self, key: str, doi: str) -> Intent:
        """Binds the DOI to the record in one atomic step and gives what is bound: another DOI if
        another process was first. Raises Taken if the DOI is another record's.
        """

    def attempt(self, doi: str, what: str) -> int:
        """Keeps that something is about to be sent; gives the attempt's number."""

    def record(self, doi: str, state: str, answer: str, *, attempt: int = 0,
               digest: str | None = None) -> None:  # fmt: skip
        """Keeps what came of an attempt, or (0) of a look; a `state` of '' or a `digest` of None
        leaves what was.
        """


class Registrar(Protocol):
    """What the life of a DOI needs of DataCite; `datacite_client.DataCite` is it."""

    def get(self, doi: str) -> Held | None: ...

    def put_draft(self, doi: str, metadata: Object, url: str) -> Held: ...

    def publish(self, doi: str, url: str, metadata: Object | None = None) -> Held: ...

    def register(self, doi: str, url: str) -> Held: ...

    def hide(self, doi: str, metadata: Object | None = None) -> Held: ...
