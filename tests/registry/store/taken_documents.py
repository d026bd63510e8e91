"""Made documents for the tests of the store."""

from __future__ import annotations

import hashlib

from registry.model import Label
from registry.store.kept import label_text
from registry.store.packing import packed
from registry.store.taken import Taken, TakenDocument


def taken(identifier: str, text: str = "", **values: object) -> Taken:
    """One record, with the content `text`."""
    body = (text or identifier).encode()
    kind = str(values.get("kind", "NumericalData"))
    name = str(values.get("name", identifier))
    label = label_text(Label(identifier, name, kind))
    item = Taken(
        part="", key=identifier, identifier=identifier, format="spase", kind=kind,
        version="2.7.1", authority="A", name=name, label=label, status="active",
        verdict="valid", note="", released="2020-01-01T00:00:00Z", doi="",
        body=packed(body), size=len(body), digest=hashlib.sha256(body).digest(),
    )  # fmt: skip
    for field, value in values.items():
        setattr(item, field, value)
    return item


def at(path: str, *items: Taken, complete: bool = True) -> TakenDocument:
    """A document at a path."""
    digest = hashlib.sha256(b"".join(item.digest for item in items)).digest()
    return TakenDocument(path, digest, list(items), [], complete)
