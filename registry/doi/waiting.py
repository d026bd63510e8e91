"""What waits to be done at DataCite, and why: for `status` and the pages."""

from __future__ import annotations

from dataclasses import dataclass

from registry.store import dois
from registry.store.doi_orders import orders
from registry.store.reading import Reader


@dataclass(slots=True, frozen=True)
class Waiting:
    """One thing that is not done. `due` is when it is tried again (seconds since 1970), 0 where
    it waits for a person.
    """

    identifier: str
    doi: str
    what: str
    who: str
    since: int
    tries: int
    due: float
    why: str


def waiting(reader: Reader) -> list[Waiting]:
    """Orders, then what waits for a curator: deletions that came by a harvest, and records that
    came back while their DOI is hidden; the oldest first."""
    asked = orders(reader.connection)
    gone = [
        one
        for one in dois.deleted_and_findable(reader.connection)
        if not dois.deleted_here(reader.connection, one)
    ]
    back = dois.returned_and_hidden(reader.connection)
    records = reader.records_by_id([*(one.record_id for one in asked), *gone, *back])
    found = []
    for order in asked:
        kept = records[order.record_id]
        own = dois.doi_of(reader.connection, kept.id)
        due = 0.0 if order.stuck else order.due or float(order.asked)
        found.append(
            Waiting(
                kept.identifier, own.doi if own else "", order.what, order.who, order.asked,
                order.tries, due, order.said or "It was not tried yet.",
            )
        )  # fmt: skip
    for number in gone:
        kept = records[number]
        why = (
            f"The record was deleted ({kept.deleted_why}) by a harvest: a curator has to decide. "
            "`parhelion doi hide ID --reason …` makes a tombstone of it."
        )
        found.append(
            Waiting(kept.identifier, kept.minted_doi, "tombstone", "", kept.datestamp, 0, 0.0, why)
        )
    for number in back:
        kept = records[number]
        why = (
            "The record was deleted, and is there again; its DOI is hidden still. `parhelion doi "
            "mint ID` shows it again."
        )
        found.append(
            Waiting(kept.identifier, kept.minted_doi, "show", "", kept.datestamp, 0, 0.0, why)
        )
    return found
