"""Which record replaces which: by tombstones, and by what records say of themselves."""

from __future__ import annotations

from registry import identifiers
from registry.kept_records import model
from registry.store import dois
from registry.store.kept import KeptRecord
from registry.store.reading import Reader

_REPLACED_BY = frozenset(("supersededby", "ispreviousversionof", "replaced-by", "iscontinuedby"))
_LONGEST = 50


def circle(reader: Reader, kept: KeptRecord, replaced_by: str = "") -> list[str]:
    """The identifiers of a chain of replacements that leads back to the record; [] if none does.

    `replaced_by` is what is about to be said to replace it.
    """
    own = kept.key
    chains = [[own, one] for one in ([replaced_by] if replaced_by else _successors(reader, own))]
    seen: set[str] = set()
    while chains:
        chain = chains.pop()
        last = chain[-1]
        if last == own:
            return chain
        if last in seen or len(chain) > _LONGEST:
            continue
        seen.add(last)
        chains += [[*chain, one] for one in _successors(reader, last)]
    return []


def _successors(reader: Reader, key: str) -> list[str]:
    kept = reader.record(key)
    if kept is None:
        return []
    if kept.deleted:
        said = dois.tombstone_of(reader.connection, kept.id)
        return [identifiers.key(said.replaced_by)] if said and said.replaced_by else []
    record = model(kept, reader.body(kept), parameters=False)
    return [
        identifiers.key(one.target)
        for one in record.relations
        if one.target and one.type.casefold() in _REPLACED_BY
    ]
