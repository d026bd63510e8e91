"""Records that no rule has anything against, and what tests and documentation change in them.

`record` takes a piece of a record and puts it in the place of the element of its name.
"""

from __future__ import annotations

import re

from mappings.models import model_of
from registry.findings import Finding
from registry.validation.entries import Entry
from registry.validation.lookup import Batch, Lookup
from registry.validation.rules.asking import findings
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.parts import Part

SPASE = "http://www.spase-group.org/data/schema"

DATASET = """<Spase xmlns="http://www.spase-group.org/data/schema">
  <Version>2.6.0</Version>
  <NumericalData>
    <ResourceID>spase://Example/NumericalData/Probe/MAG/PT16S</ResourceID>
    <ResourceHeader>
      <ResourceName>Probe magnetic field</ResourceName>
      <DOI>10.48322/zz99-zz99</DOI>
      <ReleaseDate>2020-01-02T03:04:05Z</ReleaseDate>
      <Description>The magnetic field along the orbit of the Probe, in GSE.</Description>
      <PublicationInfo>
        <Authors>Doe, Jane; Roe, Richard</Authors>
        <PublicationDate>2019-05-06T00:00:00Z</PublicationDate>
        <PublishedBy>Example Archive</PublishedBy>
      </PublicationInfo>
      <Contact>
        <PersonID>spase://Example/Person/Jane.Doe</PersonID>
        <Role>PrincipalInvestigator</Role>
      </Contact>
      <InformationURL>
        <URL>https://example.org/about</URL>
      </InformationURL>
      <Association>
        <AssociationID>spase://Example/NumericalData/Probe/MAG/PT1S</AssociationID>
        <AssociationType>DerivedFrom</AssociationType>
      </Association>
      <PriorID>spase://Example/NumericalData/Probe/MAG/Old</PriorID>
    </ResourceHeader>
    <AccessInformation>
      <RepositoryID>spase://Example/Repository/Archive</RepositoryID>
      <AccessURL>
        <URL>https://example.org/data</URL>
      </AccessURL>
      <Format>CDF</Format>
    </AccessInformation>
    <InstrumentID>spase://Example/Instrument/Probe/MAG</InstrumentID>
    <MeasurementType>MagneticField</MeasurementType>
    <TemporalDescription>
      <TimeSpan>
        <StartDate>2001-01-01T00:00:00Z</StartDate>
        <StopDate>2002-01-01T00:00:00Z</StopDate>
      </TimeSpan>
      <Cadence>PT16S</Cadence>
    </TemporalDescription>
    <ObservedRegion>Earth.Magnetosphere</ObservedRegion>
    <SpatialCoverage>
      <CoordinateSystem>
        <CoordinateRepresentation>Spherical</CoordinateRepresentation>
        <CoordinateSystemName>GEO</CoordinateSystemName>
      </CoordinateSystem>
      <NorthernmostLatitude>60</NorthernmostLatitude>
      <SouthernmostLatitude>-60</SouthernmostLatitude>
    </SpatialCoverage>
    <Parameter>
      <Name>Field</Name>
      <ParameterKey>B_GSE</ParameterKey>
      <UCD>phys.magField</UCD>
      <Units>nT</Units>
      <CoordinateSystem>
        <CoordinateRepresentation>Cartesian</CoordinateRepresentation>
        <CoordinateSystemName>GSE</CoordinateSystemName>
      </CoordinateSystem>
      <ValidMin>-100</ValidMin>
      <ValidMax>100</ValidMax>
      <FillValue>-1.0E31</FillValue>
      <Field>
        <FieldQuantity>Magnetic</FieldQuantity>
      </Field>
    </Parameter>
  </NumericalData>
</Spase>"""

OBSERVATORY = """<Spase xmlns="http://www.spase-group.org/data/schema">
  <Version>2.6.0</Version>
  <Observatory>
    <ResourceID>spase://Example/Observatory/Hill</ResourceID>
    <ResourceHeader>
      <ResourceName>Observatory on the Hill</ResourceName>
      <ReleaseDate>2020-01-02T03:04:05Z</ReleaseDate>
      <Description>A station with three magnetometers above the town.</Description>
      <Contact>
        <PersonID>spase://Example/Person/Jane.Doe</PersonID>
        <Role>GeneralContact</Role>
      </Contact>
    </ResourceHeader>
    <ObservatoryGroupID>spase://Example/Observatory/Network</ObservatoryGroupID>
    <Location>
      <ObservatoryRegion>Earth.Surface</ObservatoryRegion>
      <CoordinateSystemName>GEO</CoordinateSystemName>
      <Latitude>61.5</Latitude>
      <Longitude>23.8</Longitude>
    </Location>
    <OperatingSpan>
      <StartDate>1957-07-01T00:00:00Z</StartDate>
    </OperatingSpan>
  </Observatory>
</Spase>"""

PERSON = """<Spase xmlns="http://www.spase-group.org/data/schema">
  <Version>2.7.1</Version>
  <Person>
    <ResourceID>spase://Example/Person/Jane.Doe</ResourceID>
    <PersonName>Jane Doe</PersonName>
    <OrganizationName>Example Archive</OrganizationName>
    <ORCIdentifier>0000-0002-1825-0097</ORCIdentifier>
    <RORIdentifier>05dxps055</RORIdentifier>
  </Person>
</Spase>"""

SERVICE = """<ri:Resource xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"
    xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"
    xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="vs:CatalogService"
    created="2020-01-01T00:00:00Z" updated="2021-01-01T00:00:00Z" status="active">
  <title>Catalogue of flares</title>
  <identifier>ivo://example.org/flares</identifier>
  <curation>
    <publisher>Example Archive</publisher>
    <date role="Created">2019-05-06</date>
    <contact><name>Jane Doe</name></contact>
  </curation>
  <content>
    <subject>solar-flares</subject>
    <description>All flares that were seen from the hill since the first one.</description>
    <referenceURL>https://example.org/flares</referenceURL>
    <type>Catalog</type>
    <contentLevel>Research</contentLevel>
    <relationship>
      <relationshipType>IsServedBy</relationshipType>
      <relatedResource ivo-id="ivo://example.org/tap">The TAP service</relatedResource>
    </relationship>
  </content>
  <capability standardID="ivo://ivoa.net/std/ConeSearch">
    <interface xsi:type="vr:WebBrowser">
      <accessURL use="full">https://example.org/flares/search</accessURL>
    </interface>
  </capability>
  <coverage>
    <spatial frame="ICRS">0/0-11</spatial>
    <waveband>X-ray</waveband>
  </coverage>
  <tableset><schema><name>public</name><table><name>flares</name>
    <column><name>t</name><unit>s</unit><ucd>time.start</ucd></column>
  </table></schema></tableset>
</ri:Resource>"""

RECORDS = (DATASET, OBSERVATORY, PERSON, SERVICE)


def _entry(kind: str, rest: str, *targets: tuple[str, str], doi: str = "", path: str = "") -> Entry:
    identifier = f"spase://Example/{kind}/{rest}"
    return Entry(identifier, identifier, kind, path, doi, targets)


OTHERS = (
    _entry("NumericalData", "Probe/MAG/PT1S"),
    _entry("NumericalData", "Probe/MAG/Everything", doi="10.48322/ab12-cd34"),
    _entry("NumericalData", "Probe/Twice", path="/m/Example/NumericalData/Probe/Twice.xml"),
    _entry("NumericalData", "Probe/Twice", path="/m/Example/NumericalData/Copy/Twice.xml"),
    _entry("Person", "Jane.Doe"),
    _entry("Person", "Richard.Roe"),
    _entry("Instrument", "Probe/MAG", ("PriorID", "spase://Example/Instrument/Probe/FGM")),
    _entry("Instrument", "Probe/PWI"),
    _entry("Observatory", "Probe"),
    _entry("Observatory", "Network"),
    _entry("Observatory", "Ring", ("ObservatoryGroupID", "spase://Example/Observatory/Hill")),
    _entry("Repository", "Archive"),
    _entry("Repository", "Backup"),
    Entry("ivo://example.org/tap", "ivo://example.org/tap", "CatalogService"),
)
"""What the examples in docs/rules take for the other records of the registry."""

LOOKUP: Lookup = Batch(OTHERS, whole=True, scope="the registry")


def record(piece: str) -> bytes:
    """A whole record with `piece` in the place of the first element of its name.

    The first of `RECORDS` that has such an element is taken; what is a whole record stays.
    """
    name = re.match(r"\s*<([\w:]+)", piece)
    assert name, piece
    if name[1] in ("Spase", "ri:Resource", "Resource"):
        return piece.encode()
    for whole in RECORDS:
        found = re.search(rf"[ ]*<{name[1]}\b[^>]*>.*?</{name[1]}>", whole, re.DOTALL)
        if found:
            return (whole[: found.start()] + piece.rstrip("\n") + whole[found.end() :]).encode()
    raise AssertionError(f"no record has an element {name[1]}")


def part_of(content: bytes, path: str = "") -> Part:
    """The one record of a document."""
    (part,) = parts(content)
    part.path = path
    return part


def told(content: bytes, lookup: Lookup = LOOKUP, path: str = "") -> list[Finding]:
    """All that the schema and the rules have against a record."""
    part = part_of(content, path)
    assert part.element is not None
    model = model_of(part.format, part.element)
    return [*judge(part).findings, *findings(part, model, lookup)]
