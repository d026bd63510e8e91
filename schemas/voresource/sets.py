"""The namespaces of VOResource and its extensions, and their schemas in four sets.

Minor versions of a VO standard share one namespace, so a record says nothing of the version that
it follows: a set takes one version of each (XML Schema Versioning Policies 1.0, section 2).
`tables/sets.txt` says which; `schemas.notation` says how a table is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from schemas.compiled import CompiledSchema, from_tables

CURRENT, DRAFT, LEGACY, OLD = SETS = ("current", "draft", "legacy", "old")
"""The newest released versions; those and working drafts; the released ones beside the obsolete
namespaces; the first minor versions beside the obsolete namespaces."""

RI = "http://www.ivoa.net/xml/RegistryInterface/v1.0"
VR = "http://www.ivoa.net/xml/VOResource/v1.0"

_TABLES = Path(__file__).parent / "tables"


@dataclass(slots=True, frozen=True)
class Vocabulary:
    """One namespace: its usual prefix, its table, and its version in each set that has it."""

    prefix: str
    namespace: str
    table: str
    versions: dict[str, str]
    successor: str
    """The prefix of the namespace that took its place; '' where none did or it is in use."""

    @property
    def name(self) -> str:
        """The standard's name, as people write it."""
        return self.table.rpartition("/")[2].partition("-")[0]

    @property
    def obsolete(self) -> bool:
        return CURRENT not in self.versions


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """All namespaces held, by namespace, those first that others build upon."""
    found = {}
    for line in (_TABLES / "sets.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            prefix, namespace, table, *versions, successor = line.split("\t")
            taken = {s: v for s, v in zip(SETS, versions, strict=True) if v != "-"}
            found[namespace] = Vocabulary(
                prefix, namespace, table, taken, "" if successor == "-" else successor
            )
    return found


def by_prefix(prefix: str) -> Vocabulary | None:
    """The namespace that is usually bound to this prefix."""
    return next((v for v in vocabularies().values() if v.prefix == prefix), None)


@cache
def compiled(name: str) -> CompiledSchema:
    """The schema of one of `SETS`; compiled when it is first asked."""
    return from_tables(
        {
            v.prefix: (v.namespace, _TABLES / f"{v.table}.txt", v.versions[name])
            for v in vocabularies().values()
            if name in v.versions
        }
    )


@cache
def table_texts() -> tuple[str, ...]:
    """The tables of the newest released versions, as they are written."""
    return tuple(
        (_TABLES / f"{v.table}.txt").read_text("utf-8")
        for v in vocabularies().values()
        if CURRENT in v.versions
    )


@cache
def type_names(namespace: str) -> tuple[str, ...]:
    """The types that a namespace of VOResource's has; none for others."""
    held = vocabularies().get(namespace)
    if held is None:
        return ()
    text = (_TABLES / f"{held.table}.txt").read_text("utf-8")
    return tuple(re.findall(r"^type (\S+)", text, re.MULTILINE))
