"""DataCite metadata of any record, minted or not, as JSON and as XML (Metadata Schema 4.5).

Unlike `to_datacite`, which minting needs, nothing is refused here: what DataCite must have and
the record lacks is `:unav`, the value that DataCite's documentation gives for it (appendix 3),
and a record without a DOI has `:none` in its place in XML.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from mappings.to_datacite import parts
from registry.model import Neighbours, Record

Object = dict[str, Any]

UNAVAILABLE = ":unav"
"""What is not known, and may not be."""
NONE = ":none"
"""What never was and may never be: the DOI of a record that nobody gave one."""

_LEAST: Object = {
    "creators": [{"name": UNAVAILABLE}],
    "titles": [{"title": UNAVAILABLE}],
    "publisher": {"name": UNAVAILABLE},
}


def datacite_object(
    record: Record, neighbours: Neighbours, *, doi: str, page: str, year: int
) -> Object:
    """The metadata as `datacite.schema45` reads it; without `doi` where there is none.

    `page` is the address of the record's page, `year` stands for the year of publication where
    the record says none. Never raises.
    """
    had = parts(record, neighbours, doi=doi, url=page, year=year)
    return _LEAST | had


def datacite_xml(found: Object) -> str:
    """The `resource` element of DataCite's XML, made from such an object."""
    # Imported when it is needed: it brings all of JSON Schema with it.
    from datacite import schema45

    text: str = etree.tostring(
        schema45.dump_etree(_legal({"doi": NONE} | found)), encoding="unicode"
    )
    return text


def _legal(value: Any) -> Any:
    """The same without characters that XML does not have: lxml takes none."""
    if isinstance(value, dict):
        return {name: _legal(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_legal(one) for one in value]
    if isinstance(value, str):
        return "".join(one if one in "\t\n\r" or one >= " " else "\ufffd" for one in value)
    return value
