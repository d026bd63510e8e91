"""A record document as a model, whatever its dialect, and whom the model names."""

from __future__ import annotations

from typing import Any

from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from registry import identifiers
from registry.model import Record


def model_of(format_: str, root: Any, *, parameters: bool = True) -> Record:
    """The model of a record document, by its format (`spase`, `voresource`).

    Without `parameters` those of a SPASE record are left out, which is two thirds of the work.
    """
    if format_ == "spase":
        return from_spase(root, parameters=parameters)
    return from_voresource(root)


def reference_keys(record: Record) -> list[tuple[str, str]]:
    """(element, identifier key) of all that the record names, each pair once."""
    return list(
        dict.fromkeys(
            (element, key)
            for element, target in record.references
            if (key := identifiers.key(target))
        )
    )
