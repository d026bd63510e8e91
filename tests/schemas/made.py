"""A small valid SPASE record, and what tests change in it."""

from __future__ import annotations

DATASET = """<?xml version="1.0" encoding="UTF-8"?>
<Spase xmlns="http://www.spase-group.org/data/schema"
       xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <Version>2.6.0</Version>
  <NumericalData>
    <ResourceID>spase://Test/NumericalData/Probe/MAG/PT16S</ResourceID>
    <ResourceHeader>
      <ResourceName>Probe magnetic field</ResourceName>
      <ReleaseDate>2020-01-02T03:04:05Z</ReleaseDate>
      <Description>Made for a test.</Description>
      <Contact>
        <PersonID>spase://Test/Person/Somebody</PersonID>
        <Role>PrincipalInvestigator</Role>
      </Contact>
    </ResourceHeader>
    <AccessInformation>
      <RepositoryID>spase://Test/Repository/Archive</RepositoryID>
      <AccessURL>
        <URL>https://example.org/data</URL>
      </AccessURL>
      <Format>CDF</Format>
    </AccessInformation>
    <InstrumentID>spase://Test/Instrument/Probe/MAG</InstrumentID>
    <MeasurementType>MagneticField</MeasurementType>
    <TemporalDescription>
      <TimeSpan>
        <StartDate>2001-01-01T00:00:00Z</StartDate>
        <StopDate>2002-01-01T00:00:00Z</StopDate>
      </TimeSpan>
      <Cadence>PT16S</Cadence>
    </TemporalDescription>
    <ObservedRegion>Earth.Magnetosphere</ObservedRegion>
    <Parameter>
      <Name>Field</Name>
      <ValidMin>0</ValidMin>
      <Field>
        <FieldQuantity>Magnetic</FieldQuantity>
        <FrequencyRange>
          <Low>1.5</Low>
          <High>20</High>
          <Units>Hz</Units>
        </FrequencyRange>
      </Field>
    </Parameter>
  </NumericalData>
</Spase>
"""


def dataset(*changes: tuple[str, str], encoding: str = "utf-8") -> bytes:
    """The record with texts replaced; each must be there, so that no change is lost."""
    text = DATASET
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode(encoding)
