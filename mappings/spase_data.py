"""The parts of SPASE descriptions of data: parameters, access, coverage (SPASE 1.2.0 to 2.7.2)."""

from __future__ import annotations

from typing import Any

from mappings.elements import Fill, Table, each, fill, inside, local_name, one, several, text
from registry.model import (
    Access,
    AccessURL,
    Element,
    Licence,
    Parameter,
    Place,
    Range,
    Span,
)


def _range(kind: str) -> Fill:
    def read(parameter: Parameter, element: Any) -> None:
        part = Range(kind)
        fill(part, element, _RANGE)
        parameter.ranges.append(part)

    return read


def _display_types(parameter: Parameter, element: Any) -> None:
    # Of all the hints on drawing only this one says what the parameter is.
    for child in element.iterchildren("{*}DisplayType"):
        if text(child):
            parameter.display_types.append(text(child))


def _branch(kind: str) -> Fill:
    def read(parameter: Parameter, element: Any) -> None:
        parameter.kind = parameter.kind or kind
        fill(parameter, element, _QUANTITY)

    return read


def _right(licences: list[Licence], element: Any) -> None:
    part = Licence()
    if len(element):
        fill(part, element, _RIGHTS)
    else:
        # SPASE 2.7.0 has a text where 2.7.1 has a container.
        part.name = text(element)
    if part != Licence():
        licences.append(part)


def rights(licences: list[Licence], element: Any) -> None:
    """Read a RightsList, MetadataRightsList, or the `rightsList` of 2.7.0."""
    for child in element:
        name = local_name(child.tag)
        if name in ("Rights", "rights"):
            _right(licences, child)
        elif name == "Note" and text(child):
            # In 2.7.0 the note stands beside the rights that it explains.
            if licences and not licences[-1].note:
                licences[-1].note = text(child)
            else:
                licences.append(Licence(note=text(child)))


def _access_rights(access: Access, element: Any) -> None:
    rights(access.licences, element)


def access_url(access: Access, element: Any) -> None:
    """Read one AccessURL; one without an address says nothing that can be reached."""
    part = AccessURL("")
    fill(part, element, _ACCESS_URL)
    if part != AccessURL(""):
        access.urls.append(part)


def access_information(record: Any, element: Any) -> None:
    """Read AccessInformation or AccessInformationOptional."""
    part = Access()
    fill(part, element, _ACCESS)
    record.access.append(part)
    if part.repository:
        record.references.append(("RepositoryID", part.repository))


def own_access_url(record: Any, element: Any) -> None:
    """Read the AccessURL that a Service, Registry or Repository has without AccessInformation."""
    part = Access()
    access_url(part, element)
    record.access.extend([part] if part.urls else [])


def _source_url(access: Access, element: Any) -> None:
    address = text(element)
    if address:
        access.urls.append(AccessURL(address, name=local_name(element.tag)))


def granule_source(record: Any, element: Any) -> None:
    """Read a Granule's Source: where the granule itself lies."""
    part = Access()
    fill(part, element, _SOURCE)
    record.access.extend([part] if part.urls else [])


def granule_url(record: Any, element: Any) -> None:
    """Read a Granule's URL as it stood up to 1.3.0."""
    part = Access()
    _source_url(part, element)
    record.access.extend([part] if part.urls else [])


def _span_note(span: Span, element: Any) -> None:
    span.note = f"{span.note}\n{text(element)}".strip()


SPAN = Table(
    {
        "StartDate": "start",
        "StopDate": "stop",
        "EndDate": "stop",
        "RelativeStopDate": "relative_stop",
        "RelativeEndDate": "relative_stop",
        "Note": _span_note,
    }
)
span = several(Span, "spans", SPAN)

_RIGHTS = Table(
    {
        "SchemeURI": "scheme_uri",
        "RightsIdentifierScheme": "scheme",
        "RightsIdentifier": "identifier",
        "RightsURI": "uri",
        "RightsName": "name",
        "Note": "note",
    }
)
_ACCESS_URL = Table(
    {
        "Name": "name",
        "URL": "url",
        "Style": "style",
        "ProductKey": each("product_keys"),
        "Description": "description",
        "Language": "language",
    }
)
_EXTENT = Table(
    {
        "Quantity": "quantity",
        "Bytes": "quantity",
        "Units": "quantity_units",
        "Per": "quantity_per",
    }
)
_ACCESS = Table(
    {
        "RepositoryID": "repository",
        "Availability": "availability",
        "AccessRights": "rights",
        "RightsList": _access_rights,
        "rightsList": _access_rights,
        "AccessURL": access_url,
        "Format": each("formats"),
        "Encoding": "encoding",
        "AccessDirectoryTemplate": "directory_template",
        "AccessFilenameTemplate": "file_template",
        "DataExtent": inside(_EXTENT),
        "Acknowledgement": "acknowledgement",
    }
)
_SOURCE = Table(
    {
        "URL": _source_url,
        "MirrorURL": _source_url,
        "DataExtent": inside(_EXTENT),
    }
)
_SYSTEM = Table({"CoordinateSystemName": "frame", "CoordinateRepresentation": "representation"})
_COVERAGE = Table(
    {
        "CoordinateSystem": inside(_SYSTEM),
        "CenterLatitude": "latitude",
        "CenterLongitude": "longitude",
        "CenterElevation": "elevation",
        "NorthernmostLatitude": "north",
        "SouthernmostLatitude": "south",
        "EasternmostLongitude": "east",
        "WesternmostLongitude": "west",
        "MinimumElevation": "lowest",
        "MaximumElevation": "highest",
        "Description": "description",
    }
)
coverage = several(Place, "places", _COVERAGE)
_LOCATION = Table(
    {
        "ObservatoryRegion": each("regions"),
        "CoordinateSystemName": "frame",
        "Latitude": "latitude",
        "Longitude": "longitude",
        "Elevation": "elevation",
    }
)
location = several(Place, "places", _LOCATION)

_RANGE = Table({"Low": "low", "High": "high", "Units": "units", "SpectralRange": "spectral_range"})
_QUANTITY = Table(
    {
        "FieldQuantity": "quantity",
        "ParticleQuantity": "quantity",
        "PhotonQuantity": "quantity",
        "WaveQuantity": "quantity",
        "MixedQuantity": "quantity",
        "SupportQuantity": "quantity",
        "Qualifier": each("qualifiers"),
        "FieldQualifier": each("qualifiers"),
        "ParticleQualifier": each("qualifiers"),
        "PhotonQualifier": each("qualifiers"),
        "ParticleType": each("particles"),
        "WaveType": "wave_type",
        "AtomicNumber": each("atomic_numbers"),
        "EnergyRange": _range("EnergyRange"),
        "FrequencyRange": _range("FrequencyRange"),
        "WavelengthRange": _range("WavelengthRange"),
        "MassRange": _range("MassRange"),
        "AzimuthalAngleRange": _range("AzimuthalAngleRange"),
        "PolarAngleRange": _range("PolarAngleRange"),
        "PitchAngleRange": _range("PitchAngleRange"),
    }
)
_BRANCHES: dict[str, str | Fill] = {
    kind: _branch(kind) for kind in ("Field", "Particle", "Photon", "Wave", "Mixed", "Support")
}
_ELEMENT = Table(
    {
        "Name": "name",
        "ParameterKey": "key",
        "Index": "index",
        "Units": "units",
        "Qualifier": each("qualifiers"),
        "Component": each("qualifiers"),
    }
)
_STRUCTURE = Table(
    {"Size": "size", "Description": "structure", "Element": several(Element, "elements", _ELEMENT)}
)
_PARAMETER = Table(
    {
        "Name": "name",
        "ParameterKey": "key",
        "Description": "description",
        "UCD": "ucd",
        "Caveats": "caveats",
        "Cadence": "cadence",
        "Units": "units",
        "UnitsConversion": "units_conversion",
        "CoordinateSystem": inside(_SYSTEM),
        "SpatialCoverage": one(Place, "place", _COVERAGE),
        "RenderingHints": _display_types,
        "Structure": inside(_STRUCTURE),
        "ValidMin": "valid_min",
        "ValidMax": "valid_max",
        "FillValue": "fill_value",
        # Up to 1.3.0 a PhysicalParameter has its branch inside Measured.
        "Measured": inside(Table(_BRANCHES)),
        **_BRANCHES,
    }
)
parameter = several(Parameter, "parameters", _PARAMETER)
