"""Who made, gave out and helped with a resource, as outputs name them.

Who counts as what is decided once, for DataCite (`datacite_people`), so that a citation, a
Dublin Core record and a page never name different people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mappings import datacite_people
from mappings.datacite_names import ORGANIZATIONAL, PERSONAL
from mappings.labels import orcid, ror
from registry.model import Neighbours, Record

_NO_PART = ("ContactPerson", "Distributor")


@dataclass(slots=True, frozen=True)
class Named:
    """A person or an organisation to be named in an output; ORCID and ROR in their bare forms.

    Both `personal` and `organisational` are false where the record does not tell.
    """

    name: str
    orcid: str = ""
    ror: str = ""
    personal: bool = False
    organisational: bool = False


def creators(record: Record, neighbours: Neighbours) -> list[Named]:
    """Who made the resource, in the order in which they are to be cited."""
    return [_named(one) for one in datacite_people.creators(record, neighbours)]


def contributors(record: Record, neighbours: Neighbours) -> list[Named]:
    """Who had a part in the work and is no creator: neither who answers questions nor who
    gives it out.
    """
    found = datacite_people.contributors(record, neighbours)
    return [_named(one) for one in found if one["contributorType"] not in _NO_PART]


def publisher(record: Record, neighbours: Neighbours) -> Named | None:
    """Who gives the resource out; None where the record does not say."""
    found = datacite_people.publisher(record, neighbours)
    if found is None:
        return None
    number = ror(str(found.get("publisherIdentifier", "")))
    return Named(str(found["name"]), ror=number, organisational=True)


def _named(found: dict[str, Any]) -> Named:
    numbers = [str(one["nameIdentifier"]) for one in found.get("nameIdentifiers", [])]
    kind = found.get("nameType")
    return Named(
        str(found["name"]),
        next(filter(None, map(orcid, numbers)), ""),
        next(filter(None, map(ror, numbers)), ""),
        kind == PERSONAL,
        kind == ORGANIZATIONAL,
    )
