"""Capabilities, tables and coverage of VOResource records.

VOResource 1.2 section 3.3, VODataService 1.2 sections 3.3 to 3.5, and the forms that these had
in earlier versions (STC profiles, tables outside a tableset).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from mappings.elements import Fill, Table, each, fill, inside, leaves, local_name, several, text
from registry import dates
from registry.model import (
    Access,
    AccessURL,
    Capability,
    ForeignKey,
    Interface,
    Link,
    Parameter,
    Place,
    Range,
    Record,
    Span,
)
from registry.model import Table as VOTable

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)


def type_name(element: Any) -> str:
    """The local part of xsi:type, whatever its prefix is bound to; '' without one."""
    return str(element.get(_XSI_TYPE, "")).strip().rpartition(":")[2]


def ivoid(element: Any) -> str:
    """The ivo-id attribute, also as `ivo_id`, as drafts and some publishers spell it."""
    return str(element.get("ivo-id") or element.get("ivo_id") or "").strip()


# Capabilities and interfaces


def capability(record: Record, element: Any) -> None:
    """Read a capability."""
    part = Capability(str(element.get("standardID", "")).strip(), type_name(element))
    fill(part, element, _CAPABILITY)
    record.capabilities.append(part)


def own_interface(record: Record, element: Any) -> None:
    """Read an interface that stands in the resource itself, as before VOResource 1.0."""
    part = Capability()
    _interface(part, element)
    record.capabilities.append(part)


def _interface(into: Capability, element: Any) -> None:
    part = Interface(
        type_name(element),
        str(element.get("role", "")).strip(),
        str(element.get("version", "")).strip(),
    )
    fill(part, element, _INTERFACE)
    into.interfaces.append(part)


def _address(use: str) -> Fill:
    def read(interface: Interface, element: Any) -> None:
        url = text(element)
        if url:
            interface.urls.append((url, str(element.get("use", use)).strip() or use))

    return read


def _query_type(interface: Interface, element: Any) -> None:
    # "GET POST" in one element is what some publishers write for two elements.
    interface.query_types.extend(text(element).split())


def _security(interface: Interface, element: Any) -> None:
    standard = str(element.get("standardID", "")).strip()
    if standard:
        interface.security.append(standard)


def _capability_detail(into: Capability, element: Any) -> None:
    into.details.extend(leaves(element))
    for node in element.iter("{*}*"):
        if ivoid(node):
            path = local_name(element.tag)
            if node is not element:
                path = f"{path}/{local_name(node.tag)}"
            into.details.append((f"{path}@ivo-id", ivoid(node)))


def own_address(record: Record, element: Any) -> None:
    """Read the accessURL of a data collection."""
    url = text(element)
    if url:
        _own_access(record).urls.append(AccessURL(url))


def own_format(record: Record, element: Any) -> None:
    """Read the format of a data collection."""
    if text(element):
        _own_access(record).formats.append(text(element))


def _own_access(record: Record) -> Access:
    if not record.access:
        record.access.append(Access())
    return record.access[0]


# Tables


def _data_type(column: Parameter, element: Any) -> None:
    column.data_type = column.data_type or text(element)
    column.size = column.size or str(element.get("arraysize", "")).strip()
    extended = str(element.get("extendedType", "")).strip()
    if extended:
        column.qualifiers.append(extended)


def _parameter(attribute: str) -> Fill:
    def read(into: Any, element: Any) -> None:
        part = Parameter()
        fill(part, element, _COLUMN)
        getattr(into, attribute).append(part)

    return read


def _foreign_columns(key: ForeignKey, element: Any) -> None:
    ends = {local_name(child.tag): text(child) for child in element}
    key.pairs.append((ends.get("fromColumn", ""), ends.get("targetColumn", "")))


def table(record: Record, element: Any) -> None:
    """Read a table of a tableset, a catalogue or the resource itself."""
    part = VOTable()
    fill(part, element, _TABLE)
    record.tables.append(part)


def _schema_detail(record: Record, element: Any) -> None:
    record.details.extend((f"schema/{path}", words) for path, words in leaves(element))


# Coverage


def _spatial(record: Record, element: Any) -> None:
    if text(element):
        frame = str(element.get("frame", "")).strip()
        record.places.append(Place(footprint=text(element), frame=frame))


def _temporal(record: Record, element: Any) -> None:
    ends = _interval(element)
    if ends is None:
        if text(element):
            record.spans.append(Span(note=text(element)))
        return
    try:
        start, stop = (_moment(end) for end in ends)
    except (OverflowError, ValueError):
        record.spans.append(Span(note=text(element)))
        return
    record.spans.append(Span(start, stop))


def _interval(element: Any) -> tuple[float, float] | None:
    try:
        low, high = (float(word) for word in text(element).split())
    except ValueError:
        return None
    return None if math.isnan(low) or math.isnan(high) else (low, high)


def _moment(mjd: float) -> str:
    """A modified Julian date as ISO text in UTC, to the millisecond; '' for an open end."""
    if math.isinf(mjd):
        return ""
    return dates.written(_MJD_ZERO + timedelta(milliseconds=round(mjd * 86_400_000)))


def _spectral(record: Record, element: Any) -> None:
    words = text(element).split()
    if len(words) == 2:
        record.energies.append(Range("EnergyRange", words[0], words[1], "J"))
    elif words:
        record.details.extend(leaves(element))


def _footprint(record: Record, element: Any) -> None:
    if text(element):
        record.links.append(Link(text(element), name="footprint"))


def _old_coverage(record: Record, element: Any) -> None:
    """An STC profile: of its many forms only the time intervals are read as such."""
    for interval in element.iter("{*}TimeInterval"):
        span = Span()
        fill(span, interval, _STC_INTERVAL)
        if span != Span():
            record.spans.append(span)
    record.details.extend(leaves(element))


def _detail(record: Record, element: Any) -> None:
    record.details.extend(leaves(element))


_COLUMN = Table(
    {
        "name": "name",
        "description": "description",
        "unit": "units",
        "ucd": "ucd",
        "utype": "utype",
        "dataType": _data_type,
        "flag": each("qualifiers"),
    }
)
_FOREIGN_KEY = Table(
    {
        "targetTable": "table",
        "fkColumn": _foreign_columns,
        "description": "description",
        "utype": "utype",
    }
)
_TABLE = Table(
    {
        "name": "name",
        "title": "title",
        "description": "description",
        "utype": "utype",
        "column": _parameter("columns"),
        "nrows": "rows",
        "foreignKey": several(ForeignKey, "foreign_keys", _FOREIGN_KEY),
    }
)
_SCHEMA = Table({"table": table}, _schema_detail)
tableset = inside(Table({"schema": inside(_SCHEMA), "table": table}))
catalogue = inside(Table({"table": table}, _detail))

_INTERFACE = Table(
    {
        "accessURL": _address(""),
        "mirrorURL": _address("mirror"),
        "wsdlURL": _address("wsdl"),
        "resultType": "result_type",
        "queryType": _query_type,
        "securityMethod": _security,
        "testQueryString": "test_query",
        "testQuery": "test_query",
        "param": _parameter("parameters"),
    }
)
_CAPABILITY = Table({"description": "description", "interface": _interface}, _capability_detail)
_STC_INTERVAL = Table(
    {
        "StartTime": inside(Table({"ISOTime": "start"})),
        "StopTime": inside(Table({"ISOTime": "stop"})),
    }
)
coverage = inside(
    Table(
        {
            "spatial": _spatial,
            "temporal": _temporal,
            "spectral": _spectral,
            "waveband": each("spectral_ranges"),
            "footprint": _footprint,
            "STCResourceProfile": _old_coverage,
        },
        _detail,
    )
)
