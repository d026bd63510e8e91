"""What other records' outputs say of a record: its label."""

from __future__ import annotations

import re

from registry import identifiers
from registry.model import Label, Neighbours, Record

_ORCID = re.compile(r"(?:.*[/:])?(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])/?", re.DOTALL)
_HANDLE = re.compile(
    r"(?:https?://hdl\.handle\.net/|hdl:(?://)?|info:hdl/)([0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*/\S+)",
    re.IGNORECASE,
)
_ROR = re.compile(r"(?:.*[/:])?(0[0-9a-hj-km-np-tv-z]{6}\d\d)/?", re.DOTALL)


def label(record: Record) -> Label:
    """The record's label. ORCID and ROR stand in their bare forms, or not at all."""
    agent = record.agent
    rors = [ror(one) for one in agent.rors] if agent else []
    observatories = record.observatories if record.kind == "Instrument" else []
    groups = record.observatory_groups if record.kind == "Observatory" else []
    return Label(
        identifier=record.identifier,
        name=record.name,
        kind=record.kind,
        acronym=record.acronym,
        orcid=orcid(agent.orcid) if agent else "",
        ror=next(filter(None, rors), ""),
        alternative_names=tuple(record.alternative_names),
        observatories=tuple(dict.fromkeys(map(identifiers.key, observatories))),
        organisation=agent.organisation if agent else "",
        doi=identifiers.doi(record.doi),
        groups=tuple(dict.fromkeys(map(identifiers.key, groups))),
        handle=_own_handle(record) if record.kind == "Instrument" else "",
    )


def _own_handle(record: Record) -> str:
    """The PIDINST identifier of an instrument, where it is a handle (RDA PIDINST, property 1)."""
    links = [record.reference_url, *(one.url for one in record.links)]
    return next(filter(None, map(handle, [*record.alternate_identifiers, *links])), "")


def handle(text: str) -> str:
    """The bare handle in an address of the Handle System's resolver or `hdl:…`; '' if none."""
    found = _HANDLE.fullmatch(text.strip())
    # A DOI is a handle too, and has a type of its own.
    return found[1] if found and not found[1].startswith("10.") else ""


def orcid(text: str) -> str:
    """The bare ORCID iD in a text or an address (`0000-0002-1825-0097`); '' if there is none."""
    found = _ORCID.fullmatch(text.strip())
    return found[1].upper() if found else ""


def ror(text: str) -> str:
    """The bare ROR id in a text or an address (`05dxps055`); '' if there is none."""
    found = _ROR.fullmatch(text.strip().lower())
    return found[1] if found else ""


def named(neighbours: Neighbours, identifier: str) -> Label | None:
    """The label of what `identifier` refers to; None if it is not known or has no name."""
    found = neighbours.get(identifiers.key(identifier))
    return found if found and found.name else None
