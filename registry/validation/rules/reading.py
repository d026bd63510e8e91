"""A record as the rules are given it: its parameters are read when a rule looks at them.

Most records' parameters are right, and `written` shows it from the bytes; to read them all would
be two thirds of what reading a registry costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, SupportsIndex

from mappings.from_spase import KINDS, from_spase, header_of, parameters_of
from mappings.models import model_of
from registry.model import Parameter, Record
from schemas.parts import Part


class Later(list[Parameter]):
    """The parameters of a SPASE record, read once something asks for them."""

    def __init__(self, element: Any) -> None:
        super().__init__()
        self._element: Any = element

    def _read(self) -> Later:
        element, self._element = self._element, None
        if element is not None:
            self.extend(parameters_of(element))
        return self

    def __iter__(self) -> Iterator[Parameter]:
        self._read()
        return super().__iter__()

    def __reversed__(self) -> Iterator[Parameter]:
        self._read()
        return super().__reversed__()

    def __len__(self) -> int:
        # `extend` asks for the length before it adds.
        if self._element is not None:
            self._read()
        return super().__len__()

    def __bool__(self) -> bool:
        return len(self) > 0

    def __getitem__(self, key: SupportsIndex | slice) -> Any:
        self._read()
        return super().__getitem__(key)

    def __contains__(self, one: object) -> bool:
        self._read()
        return super().__contains__(one)

    def __eq__(self, other: object) -> bool:
        self._read()
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[object, ...]:
        return list, (list(self),)


_HEADED = KINDS - {"Person", "Granule"}
_IN_HEADER: tuple[str, ...] = (
    "format", "kind", "identifier", "name", "description", "doi", "publication", "contacts",
)  # fmt: skip
"""What resources with a header say of themselves there, and nowhere else."""
_FIELDS = tuple(field.name for field in fields(Record))


class Unread(Record):
    """A record that is read from its part when something first asks for one of its fields.

    What the bytes leave in doubt is often settled by other bytes.
    """

    __slots__ = ("_part",)
    _part: Part

    def __getattr__(self, name: str) -> Any:
        # Asked only for what is not set yet: a record's fields are slots.
        if name in _IN_HEADER and self._part.kind in _HEADED and self._part.format == "spase":
            read, names = header_of(self._part.element), _IN_HEADER
        else:
            read, names = record_of(self._part), _FIELDS
        for one in names:
            setattr(self, one, getattr(read, one))
        return getattr(self, name)


def unread(part: Part) -> Record:
    """The model of a part with an element, not read yet."""
    record = Unread.__new__(Unread)
    record._part = part
    return record


def record_of(part: Part) -> Record:
    """The model of a part with an element, for `findings`."""
    if part.format != "spase":
        return model_of(part.format, part.element)
    record = from_spase(part.element, parameters=False)
    record.parameters = Later(part.element)
    return record
