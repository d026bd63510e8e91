"""One disagreement between a document and a schema, whichever engine found it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True, frozen=True)
class SchemaError:
    """What an XSD engine reports, before it is put into words.

    `line` and `column` count from 1 within the document judged (0: not known); `path` is the
    element's path with local names and positions (`Spase/NumericalData/ObservedRegion[2]`);
    `message` is the engine's own; `code` its name for the kind of error
    (`SCHEMAV_ELEMENT_CONTENT` from lxml, the class of the error from xmlschema);
    `element_name` the local name of the element concerned; `value` its text where it is the value
    that is wrong.
    """

    line: int
    column: int
    path: str
    message: str
    code: str
    element_name: str
    value: str
