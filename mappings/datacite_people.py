"""Creators, contributors and publisher as DataCite writes them (Metadata Schema 4.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mappings import datacite_names as names
from mappings.labels import named, orcid, ror
from registry import identifiers
from registry.model import Contact, Label, Neighbours, Party, Record

Object = dict[str, Any]

MAKERS = ("Author", "PrincipalInvestigator")
"""Roles whose holders are the creators where a record does not say how it is to be cited."""

_CONTRIBUTING = {
    "MissionPrincipalInvestigator": "ProjectLeader",
    "PrincipalInvestigator": "ProjectLeader",
    "CoPI": "ProjectLeader",
    "DeputyPI": "ProjectLeader",
    "TeamLeader": "ProjectLeader",
    "InstrumentLead": "ProjectLeader",
    "MissionManager": "ProjectManager",
    "ProjectManager": "ProjectManager",
    "ProgramManager": "ProjectManager",
    "OperationsManager": "ProjectManager",
    "CoInvestigator": "Researcher",
    "ProjectScientist": "Researcher",
    "ProgramScientist": "Researcher",
    "InstrumentScientist": "Researcher",
    "Scientist": "Researcher",
    "TeamMember": "ProjectMember",
    "Developer": "ProjectMember",
    "ProjectEngineer": "ProjectMember",
    "DataProducer": "Producer",
    "ArchiveSpecialist": "DataCurator",
    "Publisher": "Distributor",
    "HostContact": "ContactPerson",
    "TechnicalContact": "ContactPerson",
    "GeneralContact": "ContactPerson",
    "Contributor": "Other",
    "FormerPI": "Other",
}
"""SPASE Role → contributorType. MetadataContact answers for the description, not for the data."""

_NO_AFFILIATION = re.compile(r"\s*(?:deceased|unknown|retired|none|n/?a)\b", re.IGNORECASE)


def creators(record: Record, neighbours: Neighbours) -> list[Object]:
    """Who made the resource: the publication's authors in order, else the record's creators,
    else those that it names as Author or PrincipalInvestigator.
    """
    if record.publication and record.publication.authors:
        found = names.authors(record.publication.authors)
        known = names.joined(found, _people(record, neighbours))
        pairs = zip(found, known, strict=True)
        return _once(_author(name, label) for name, label in pairs)
    if record.creators:
        return _once(one for party in record.creators for one in _parties(party))
    return _once(_contacts(record, neighbours, MAKERS))


def several_in_one(record: Record) -> list[str]:
    """Authors that look like several people with commas between them."""
    text = record.publication.authors if record.publication else ""
    return [one.name for one in names.authors(text) if one.several]


def contributors(record: Record, neighbours: Neighbours) -> list[Object]:
    """Who had a part in it and is no creator, each with the part that stands first."""
    made = {_norm(one) for one in creators(record, neighbours)}
    found: dict[str, Object] = {}
    for party in record.contributors:
        for one in _parties(party):
            found.setdefault(_norm(one), one | {"contributorType": "Other"})
    for contact in record.contacts:
        kinds = [_CONTRIBUTING[role] for role in contact.roles if role in _CONTRIBUTING]
        who = _contact(contact, neighbours) if kinds else None
        if who:
            found.setdefault(_norm(who), who | {"contributorType": kinds[0]})
    return [one for key, one in found.items() if key not in made]


def publisher(record: Record, neighbours: Neighbours) -> Object | None:
    """Who gives the resource out; None where the record does not say."""
    if record.publication and record.publication.publisher:
        return {"name": _words(record.publication.publisher)}
    party = record.publisher
    if party and party.name.strip():
        label = named(neighbours, party.identifier) if party.identifier else None
        number = next(filter(None, map(ror, party.alternate_identifiers)), "")
        return _with_ror({"name": _words(party.name)}, number or (label.ror if label else ""))
    for contact in record.contacts:
        if "Publisher" in contact.roles:
            who = _contact(contact, neighbours)
            if who:
                return {"name": who["name"]}
    return None


def unknown_makers(record: Record, neighbours: Neighbours) -> list[str]:
    """Identifiers of those in a maker's role whose records are not known here."""
    return [
        contact.person
        for contact in record.contacts
        if contact.person
        and set(MAKERS).intersection(contact.roles)
        and named(neighbours, contact.person) is None
    ]


def _people(record: Record, neighbours: Neighbours) -> list[Label]:
    # Only whom the record itself names: the neighbours may be those of a whole batch.
    keys = dict.fromkeys(identifiers.key(one.person) for one in record.contacts if one.person)
    labels = [named(neighbours, key) for key in keys]
    return [one for one in labels if one and one.kind == "Person" and not _is_body(one)]


def _is_body(label: Label) -> bool:
    return label.name == label.organisation or names.is_organisation(label.name)


def _contacts(record: Record, neighbours: Neighbours, roles: Iterable[str]) -> list[Object]:
    found = []
    for role in roles:
        held = [contact for contact in record.contacts if role in contact.roles]
        found = [one for one in (_contact(contact, neighbours) for contact in held) if one]
        if found:
            break
    return found


def _contact(contact: Contact, neighbours: Neighbours) -> Object | None:
    label = named(neighbours, contact.person) if contact.person else None
    if label:
        return _body(label) if _is_body(label) else _author(names.person(label.name), label)
    return _author(names.author(_words(contact.name)), None) if contact.name.strip() else None


def _body(label: Label) -> Object:
    found: Object = {"name": _words(label.name), "nameType": names.ORGANIZATIONAL}
    if label.ror:
        found["nameIdentifiers"] = [_ror_identifier(label.ror)]
    return found


def _author(name: names.Author, label: Label | None) -> Object:
    found: Object = {"name": name.name}
    kind = name.kind or (names.PERSONAL if label else "")
    if kind:
        found["nameType"] = kind
    if name.family:
        found |= {"givenName": name.given, "familyName": name.family}
    if label and label.orcid:
        found["nameIdentifiers"] = [_orcid_identifier(label.orcid)]
    if label and label.organisation and not _NO_AFFILIATION.match(label.organisation):
        place: Object = {"name": _words(label.organisation)}
        if label.ror:
            place |= {
                "affiliationIdentifier": f"https://ror.org/{label.ror}",
                "affiliationIdentifierScheme": "ROR",
                "schemeUri": "https://ror.org",
            }
        found["affiliation"] = [place]
    return found


def _parties(party: Party) -> list[Object]:
    # One element is one name by VOResource, and yet several stand in some with `;` between.
    found = [_author(name, None) for name in names.authors(party.name)]
    if len(found) != 1:
        return found
    known = [_orcid_identifier(one) for one in map(orcid, party.alternate_identifiers) if one]
    known += [_ror_identifier(one) for one in map(ror, party.alternate_identifiers) if one]
    return [found[0] | {"nameIdentifiers": known[:1]}] if known else found


def _orcid_identifier(number: str) -> Object:
    return {
        "nameIdentifier": f"https://orcid.org/{number}",
        "nameIdentifierScheme": "ORCID",
        "schemeUri": "https://orcid.org",
    }


def _ror_identifier(number: str) -> Object:
    return {
        "nameIdentifier": f"https://ror.org/{number}",
        "nameIdentifierScheme": "ROR",
        "schemeUri": "https://ror.org",
    }


def _with_ror(found: Object, number: str) -> Object:
    if not number:
        return found
    return found | {
        "publisherIdentifier": f"https://ror.org/{number}",
        "publisherIdentifierScheme": "ROR",
        "schemeUri": "https://ror.org",
    }


def _words(text: str) -> str:
    return " ".join(text.split())


def _norm(who: Object) -> str:
    return str(who["name"]).casefold()


def _once(found: Iterable[Object]) -> list[Object]:
    """Each name once, in the order of the record."""
    kept: dict[str, Object] = {}
    for one in found:
        kept.setdefault(_norm(one), one)
    return list(kept.values())
