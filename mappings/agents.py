"""Who made, gave out and helped with a resource, with names from the neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mappings.labels import named, orcid, ror
from registry.model import Contact, Neighbours, Party, Record

CREATING = frozenset(("PrincipalInvestigator", "MissionPrincipalInvestigator", "CoPI", "Author"))
"""Roles whose holders count as creators where a record names no authors."""
_ASIDE = frozenset(
    (
        "MetadataContact",
        "GeneralContact",
        "TechnicalContact",
        "HostContact",
        "ArchiveSpecialist",
        "Publisher",
        "User",
    )
)
"""Roles of those who can be asked, or who give out: they did not help to make the resource."""


@dataclass(slots=True, frozen=True)
class Named:
    """A person or an organisation to be named in an output; ORCID and ROR in their bare forms."""

    name: str
    identifier: str = ""
    orcid: str = ""
    ror: str = ""


def creators(record: Record, neighbours: Neighbours) -> list[Named]:
    """The creators: as named in the record, else the authors of its publication, else its PIs."""
    if record.creators:
        return _once(_of_party(party) for party in record.creators)
    if record.publication and record.publication.authors:
        return _once(Named(name) for name in _authors(record.publication.authors))
    return _in_roles(record, neighbours, CREATING)


def contributors(record: Record, neighbours: Neighbours) -> list[Named]:
    """Who helped: contributors by name, and contacts whose role is a part in the work."""
    roles = {role for contact in record.contacts for role in contact.roles}
    made = {one.name for one in creators(record, neighbours)}
    helped = [_of_party(party) for party in record.contributors]
    helped += _in_roles(record, neighbours, roles - _ASIDE)
    return _once(one for one in helped if one.name not in made)


def publishers(record: Record, neighbours: Neighbours) -> list[Named]:
    """Who gives the resource out, where the record says so."""
    if record.publisher:
        return _once([_of_party(record.publisher)])
    if record.publication and record.publication.publisher:
        return [Named(record.publication.publisher)]
    return _in_roles(record, neighbours, frozenset(("Publisher",)))


def _authors(text: str) -> list[str]:
    # Names hold commas, so that only semicolons separate; the last one often begins with "and".
    names = (re.sub(r"^(?:and|&)\s+", "", name.strip()) for name in text.split(";"))
    return [" ".join(name.split()) for name in names if name]


def _of_party(party: Party) -> Named:
    others = party.alternate_identifiers
    return Named(
        " ".join(party.name.split()),
        party.identifier,
        next(filter(None, map(orcid, others)), ""),
        next(filter(None, map(ror, others)), ""),
    )


def _of_contact(contact: Contact, neighbours: Neighbours) -> Named | None:
    known = named(neighbours, contact.person) if contact.person else None
    if known:
        return Named(known.name, contact.person, known.orcid, known.ror)
    return Named(contact.name, contact.person) if contact.name else None


def _in_roles(record: Record, neighbours: Neighbours, roles: Iterable[str]) -> list[Named]:
    wanted = frozenset(roles)
    found = (_of_contact(c, neighbours) for c in record.contacts if wanted.intersection(c.roles))
    return _once(one for one in found if one)


def _once(found: Iterable[Named]) -> list[Named]:
    """Each name once, in the order of the record; who has no name cannot be named."""
    return list({one.name: one for one in reversed([*found]) if one.name}.values())[::-1]
