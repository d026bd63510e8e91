"""The lists of HDP's web services: the values that a query's parameters can have.

Enumerations are those of the newest SPASE version; identifiers and keywords are those of the
records held here.
"""

from __future__ import annotations

import threading

from registry.store.kept import KeptRecord
from registry.store.named import identifiers_of, named_by
from registry.store.reading import Reader
from schemas.documents import element
from schemas.spase.tables import NEWEST, members

ENUMERATIONS = {
    "ApplicationInterface": ("ApplicationInterface", "ApplicationInterface"),
    "MeasurementType": ("MeasurementType", "MeasurementType"),
    "ObservedRegion": ("Region", "Region"),
    "PhenomenonType": ("PhenomenonType", "PhenomenonType"),
    "SpectralRange": ("SpectralRange", "SpectralRange"),
    "Style": ("Style", "Style"),
    "AccessRights": ("AccessRights", "AccessRights"),
    "Format": ("Format", "Format"),
}
"""List in the address → (enumeration in the schemas, name of an item)."""

_UTF_16 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def enumeration(name: str) -> tuple[str, list[str]]:
    """(name of an item, the values in order) of one of ENUMERATIONS."""
    known, item = ENUMERATIONS[name]
    return item, sorted(members(known, NEWEST), key=str.casefold)


def resource_ids(reader: Reader, kind: str) -> list[str]:
    """Identifiers of the SPASE records of a kind."""
    return identifiers_of(reader, "spase", kind)


def observatory_group_ids(reader: Reader) -> list[str]:
    """Identifiers that Observatory records name as their ObservatoryGroupID."""
    return named_by(reader, "spase", "Observatory", "ObservatoryGroupID")


class Keywords:
    """Every Keyword of the SPASE records, kept in step with the change log; one for a process.

    Made at the first question, which reads all records once; later ones read what has changed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[str, ...]] = {}
        self._all: list[str] = []
        self._upto, self._stamp = 0, ""

    def all(self, reader: Reader) -> list[str]:
        """The keywords as of the reader's snapshot or later, each once, in order."""
        with self._lock:
            if self._upto and reader.stamp_at(self._upto) != self._stamp:
                self._known, self._upto = {}, 0
            if reader.last_change() > self._upto:
                self._read(reader)
            return self._all

    def _read(self, reader: Reader) -> None:
        upto = self._upto
        while upto < reader.last_change():
            records, upto = reader.changed(upto)
            self._take(reader, records)
        self._upto, self._stamp = upto, reader.stamp_at(upto)
        every = {keyword for some in self._known.values() for keyword in some}
        self._all = sorted(every, key=lambda one: (one.casefold(), one))

    def _take(self, reader: Reader, records: list[KeptRecord]) -> None:
        current = [one for one in records if one.format == "spase" and not one.deleted]
        for one in records:
            self._known.pop(one.id, None)
        bodies = reader.bodies([one.revision_id for one in current])
        for one in current:
            found = keywords(bodies[one.revision_id])
            if found:
                self._known[one.id] = found


def keywords(body: bytes) -> tuple[str, ...]:
    """The keywords of a SPASE document, each once."""
    # Two thirds of the documents have none, and to look is faster than to parse.
    if b"Keyword" not in body and not body.startswith(_UTF_16):
        return ()
    texts = (" ".join((one.text or "").split()) for one in element(body).iter("{*}Keyword"))
    return tuple(dict.fromkeys(filter(None, texts)))
