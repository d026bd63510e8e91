"""What the store gives: rows as plain dataclasses."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any

from registry.model import Label


@dataclass(slots=True, frozen=True)
class KeptRecord:
    """A record as the store holds it now; times are seconds since 1970 (UTC).

    `doi` is the DOI that the source's record carries; `minted_doi` one of ours, '' if none.
    """

    id: int
    key: str
    identifier: str
    format: str
    kind: str
    version: str
    authority: str
    name: str
    label: str
    status: str
    verdict: str
    released: str
    doi: str
    deleted: bool
    deleted_why: str
    was_valid: bool
    revision_id: int
    place_id: int
    created: int
    change_number: int
    datestamp: int
    minted_doi: str = ""
    owner_id: int = 0
    """The source that the record belongs to; 0 if its source has gone."""
    former_kinds: tuple[str, ...] = ()
    """Resource types that it had before."""


@dataclass(slots=True, frozen=True)
class KeptRevision:
    id: int
    digest: str
    size: int
    version: str
    verdict: str
    note: str
    received: int
    released: str


@dataclass(slots=True, frozen=True)
class KeptPlace:
    """Where a record lies; `differs`: with another content than the current one."""

    source: str
    path: str
    part: str
    current: bool
    differs: bool = False


@dataclass(slots=True, frozen=True)
class KeptRefusal:
    """A quarantine entry."""

    source: str
    path: str
    part: str
    reason: str
    message: str
    line: int
    column: int
    remedy: str
    seen: int


@dataclass(slots=True, frozen=True)
class KeptSource:
    """A way in and the state of its harvests; `state` is what the harvester handed out.

    `every` is the time in seconds between two harvests of the schedule (0: none), `next_due` when
    the next one is due; `mirror`: what it no longer holds is deleted; `failures`: how many
    harvests failed since one that did not.
    """

    id: int
    name: str
    kind: str
    url: str
    prefix: str
    set_spec: str
    precedence: int
    state: dict[str, Any]
    last_started: int | None
    last_finished: int | None
    last_error: str
    last_counts: dict[str, int]
    every: int = 0
    next_due: int | None = None
    mirror: bool = False
    failures: int = 0


@dataclass(slots=True, frozen=True)
class KeptDoi:
    record_id: int
    doi: str
    state: str
    url: str
    digest: str
    chosen: int
    changed: int
    year: int = 0
    adopted: bool = False


@dataclass(slots=True, frozen=True)
class KeptOrder:
    """What is to be done for a record at DataCite: `what` is mint, update, hide or tombstone.

    `due` is when it may be tried again, `said` what came of it so far; `stuck`: it waits for a
    person, `lease`: the process that is at it.
    """

    record_id: int
    number: int
    what: str
    who: str
    asked: int
    year: int
    forced: bool
    tries: int
    due: float
    stuck: bool
    said: str
    lease: str


@dataclass(slots=True, frozen=True)
class KeptTombstone:
    reason: str
    replaced_by: str
    who: str
    at: int


def label_text(label: Label) -> str:
    """A label as the store keeps it; two labels are the same when this text is."""
    values = [getattr(label, name) for name in _LABEL]
    return _JSON(values)


def label_from(text: str) -> Label:
    """The label that `label_text` wrote."""
    values: list[Any] = json.loads(text)
    made: list[Any] = [tuple(one) if isinstance(one, list) else one for one in values]
    return Label(*made)


_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_LABEL = [field.name for field in fields(Label)]
