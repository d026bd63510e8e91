"""What other records' outputs say of a record: its label."""

from __future__ import annotations

import re

from registry import identifiers
from registry.model import Label, Neighbours, Record

_ORCID = re.compile(r"(?:.*[/:])?(\d{4}-\d{4}-\d{4}-\d{3}[\dXx])/?", re.DOTALL)
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
    )


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
