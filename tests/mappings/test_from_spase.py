"""What real SPASE records say, written down by reading them, and made ones of old versions."""

from __future__ import annotations

from lxml import etree

from mappings.from_spase import from_spase
from registry.model import Element, Event, Licence, Range, Record, Relation, Span
from tests.mappings.real_records import spase
from tests.shared import needs_shared

NS = "http://www.spase-group.org/data/schema"


def read(inner: str, namespace: str = NS) -> Record:
    return from_spase(etree.fromstring(f'<Spase xmlns="{namespace}">{inner}</Spase>'))


@needs_shared
def test_numerical_data():
    record = spase("NASA/NumericalData/ACE/MAG/L2/PT16S")
    assert record.identifier == "spase://NASA/NumericalData/ACE/MAG/L2/PT16S"
    assert (record.format, record.kind, record.version) == ("spase", "NumericalData", "2.7.1")
    assert record.status == "active"
    assert record.name == "ACE Magnetic Field 16-Second Level 2 Data"
    assert record.naming_authority == "NASA"
    assert record.doi == "10.48322/e0dc-0h53"
    assert record.released == "2026-07-21T12:03:50Z"
    assert len(record.events) == 6
    assert record.events[0] == Event(
        "2021-04-27T15:38:11Z", "Updated", "Only known prior ReleaseDate of the metadata"
    )
    assert record.publication is not None
    assert record.publication.authors == "Smith, C.W., and N.F. Ness"
    assert record.publication.date == "2022-01-01T00:00:00Z"
    assert [contact.roles for contact in record.contacts] == [
        ["CoInvestigator"],
        ["TechnicalContact"],
        *[["MetadataContact"]] * 3,
    ]
    assert record.links[2].url == "https://helio.data.nasa.gov/dataset/ACE_MAG_L2_PT16S"
    assert record.prior_identifiers == [
        "spase://VHO/NumericalData/ACE/MAG/L2_PT16S",
        "spase://VSPO/NumericalData/ACE/MAG/L2/PT16S",
    ]
    assert record.instruments == ["spase://SMWG/Instrument/ACE/MAG"]
    assert record.measurement_types == ["MagneticField"]
    assert record.regions == ["Heliosphere.NearEarth"]
    assert record.spans == [Span("1997-09-02T00:00:12Z", "", "-P2M")]
    assert record.cadence == "PT16S"
    assert record.provider_resource_name == "ACE MAG Level 2 Data, 16-second averages"
    assert record.provider_processing_level == "Level 2"
    assert record.resource_version == "5"
    assert record.details == []


@needs_shared
def test_access_and_licences_stand_apart_from_the_licence_of_the_description():
    record = spase("NASA/NumericalData/ACE/MAG/L2/PT16S")
    assert len(record.access) == 5
    assert [len(one.licences) for one in record.access] == [1, 1, 1, 0, 0]
    assert all(one.rights == "Open" and one.availability == "Online" for one in record.access)
    hapi = record.access[2]
    assert hapi.repository == "spase://SMWG/Repository/NASA/GSFC/SPDF/CDAWeb"
    assert hapi.formats == ["CSV"]
    assert hapi.urls[0].url == "https://cdaweb.gsfc.nasa.gov/hapi"
    assert (hapi.urls[0].style, hapi.urls[0].product_keys) == ("HAPI", ["AC_H0_MFI"])
    assert [one.note.rpartition(" all ")[2] for one in record.metadata_rights] == [
        "publicly available SPASE metadata descriptions"
    ]
    assert hapi.licences == [
        Licence(
            identifier="CC0-1.0",
            scheme="SPDX",
            name="Creative Commons Zero v1.0 Universal",
            uri="https://spdx.org/licenses/CC0-1.0.html",
            note="CC0 1.0 Universal is the Creative Commons license applicable to all publicly"
            " available NASA Heliophysics data products",
            scheme_uri="https://spdx.org/licenses/",
        )
    ]


@needs_shared
def test_parameters():
    record = spase("NASA/NumericalData/ACE/MAG/L2/PT16S")
    assert [one.name for one in record.parameters][:6] == [
        "Time",
        "Time PB5",
        "Bmagnitude",
        "B GSE",
        "B GSM",
        "B RMS",
    ]
    field = record.parameters[3]
    assert (field.key, field.units, field.units_conversion) == ("BGSEc", "nT", "1e-9>T")
    assert (field.kind, field.quantity) == ("Field", "Magnetic")
    assert (field.frame, field.representation) == ("GSE", "Cartesian")
    assert field.qualifiers == ["Vector", "Component.I", "Component.J", "Component.K"]
    assert field.size == "3"
    assert field.elements[1] == Element("By GSE", index="2", qualifiers=["Component.J"])
    magnitude = record.parameters[2]
    assert (magnitude.valid_min, magnitude.valid_max, magnitude.fill_value) == (
        "0.0",
        "500.0",
        "-1.0E31",
    )
    assert (record.parameters[0].kind, record.parameters[0].quantity) == ("Support", "Temporal")


@needs_shared
def test_references_are_all_that_is_named_in_document_order():
    record = spase("NASA/DisplayData/ACE/MAG/Daily")
    assert record.references == [
        ("PersonID", "spase://SMWG/Person/Edward.C.Stone.Jr"),
        ("PersonID", "spase://SMWG/Person/Charles.W.Smith"),
        ("PersonID", "spase://SMWG/Person/Ruth.Skoug"),
        ("PriorID", "spase://VSPO/DisplayData/P_ACE_HDR_GWS"),
        ("PriorID", "spase://VSPO/DisplayData/ACE/MAG/Daily"),
        ("RepositoryID", "spase://SMWG/Repository/NASA/GSFC/SPDF"),
        ("InstrumentID", "spase://SMWG/Instrument/ACE/MAG"),
        ("InstrumentID", "spase://SMWG/Instrument/ACE/SWEPAM"),
    ]
    assert record.display_cadence == "PT60S"
    assert record.spans[0].note == "Data are current to within about one month"


@needs_shared
def test_person():
    record = spase("SMWG/Person/Charles.W.Smith")
    assert record.name == "Dr Charles W. Smith"
    assert record.released == "2010-08-05T17:35:46Z"
    assert record.agent is not None
    assert record.agent.name == "Dr Charles W. Smith"
    assert record.agent.organisation == "University of New Hampshire"


@needs_shared
def test_a_person_without_a_name_is_not_called_by_the_organisation():
    record = spase("SMWG/Person/Yulia.Kartavykh")
    assert record.name == "Yulia Kartavykh"
    assert record.agent is not None
    assert (record.agent.name, record.agent.orcid) == ("", "0000-0002-0623-6992")
    assert record.agent.organisation == "Kiel University"


@needs_shared
def test_repository():
    record = spase("SMWG/Repository/NASA/GSFC/SPDF")
    assert record.alternative_names == ["Space Physics Data Facility"]
    assert [url.url for access in record.access for url in access.urls] == [
        "https://spdf.gsfc.nasa.gov/"
    ]
    assert record.agent is not None
    assert record.agent.rors == ["00ryjtt64"]
    assert record.contacts[1].stop == "2019-08-01T00:00:00"
    assert ("PersonID", "spase://SMWG/Person/Lan.Jian") in record.references


@needs_shared
def test_observatories_in_space_and_on_the_ground():
    ace = spase("SMWG/Observatory/ACE")
    assert [place.regions for place in ace.places] == [
        ["Heliosphere.NearEarth", "Heliosphere.Inner"]
    ]
    assert ace.regions == []
    aso = spase("SMWG/Observatory/WDC/Aso")
    (place,) = aso.places
    assert (place.frame, place.latitude, place.longitude) == ("GEO", "32.882", "131.01")
    assert aso.observatory_groups == ["spase://SMWG/Observatory/WDC"]
    assert ("ObservatoryGroupID", "spase://SMWG/Observatory/WDC") in aso.references


@needs_shared
def test_instrument():
    record = spase("SMWG/Instrument/ICON/IVM")
    assert record.instrument_types == ["IonDrift"]
    assert record.investigations == ["Ion Velocity Meter"]
    assert record.observatories == ["spase://SMWG/Observatory/ICON"]
    assert record.spans == [Span("2019-10-11T02:00:00Z")]
    (funding,) = record.funding
    assert funding.agency == "National Aeronautics and Space Administration"
    assert (funding.project, funding.award) == ("Explorers Program", "contracts NNG12FA44C")


@needs_shared
def test_catalog():
    record = spase("NASA/Catalog/ACE/MagneticReconnectionExhaust")
    assert record.phenomenon_types == ["SolarWindExtreme"]
    assert record.spans == [Span("1997-11-04T01:09:00", "2007-03-11T05:23:00")]
    assert record.provider_name == "ACE SCIENCE CENTER"
    assert [one.name for one in record.parameters] == ["Event", "Date", "DOY", "Time"]
    assert record.description.startswith("A list of magnetic reconnection exhausts")


@needs_shared
def test_annotation():
    record = spase("NASA/Annotation/Alysha.Reinard/IPShock/ACE.1994-02-21T08_00_00")
    assert record.content_types == ["Event"]
    assert record.phenomenon_types == ["InterplanetaryShock"]
    assert record.regions == ["Heliosphere.NearEarth"]
    assert record.relations[2] == Relation(
        "ChildEventOf", "spase://NASA/Annotation/Alysha.Reinard/CME/ACE.1994-02-21T19_00_00"
    )
    assert ("ClassificationMethod", "Inspection") in record.details
    assert ("ConfidenceRating", "Strong") in record.details


@needs_shared
def test_collection_members_are_relations_with_their_own_spans():
    record = spase("NASA/Collection/PUNCH/NFI_WFI/Level3/PT4M")
    assert len(record.relations) == 4
    assert record.relations[1] == Relation(
        "Member",
        "spase://NASA/NumericalData/PUNCH/NFI_WFI_Mosaic/Level3/CFM/PT24H",
        "PUNCH Level 3 Clear Mosaic F-corona Model",
    )
    assert record.spans[0] == Span("2025-06-20T00:00:29Z", note="PUNCH Level 3 Clear Mosaic Data")


@needs_shared
def test_status_of_the_whole_document():
    record = spase("NASA/NumericalData/Wind/3DP/ECHSFITS_E0-DAY/PT96S")
    assert record.status == "deprecated"
    assert any(relation.type == "SupersededBy" for relation in record.relations)


def test_words_of_status():
    def status(word: str) -> str:
        return read(f"<Status>{word}</Status><Person/>").status

    assert status("Withdrawn") == "withdrawn"
    assert status("Unavailable") == "unavailable"
    assert status("Ongoing") == "active"


def test_the_oldest_names():
    record = read(
        """<Version>1.2.0</Version><NumericalData><ResourceID> spase://A/B
        </ResourceID><ResourceHeader><AssociationID>spase://A/C</AssociationID></ResourceHeader>
        <TemporalDescription><TimeSpan><StartDate>1999-01-01</StartDate>
        <RelativeEndDate>-P1D</RelativeEndDate></TimeSpan></TemporalDescription>
        <AccessInformation><DataExtent><Bytes>12</Bytes></DataExtent></AccessInformation>
        <PhysicalParameter><Name>N</Name><Measured><Particle><ParticleType>Ion</ParticleType>
        <ParticleQualifier>Average</ParticleQualifier><ParticleQuantity>NumberDensity
        </ParticleQuantity><EnergyRange><Low>1</Low><High>2</High><Units>keV</Units></EnergyRange>
        </Particle></Measured></PhysicalParameter></NumericalData>""",
        "http://www.spase-group.org/data/schema/other",
    )
    assert record.identifier == "spase://A/B"
    assert record.relations == [Relation("", "spase://A/C")]
    assert record.references == [("AssociationID", "spase://A/C")]
    assert record.spans == [Span("1999-01-01", "", "-P1D")]
    assert record.access[0].quantity == "12"
    (parameter,) = record.parameters
    assert (parameter.kind, parameter.quantity) == ("Particle", "NumberDensity")
    assert (parameter.particles, parameter.qualifiers) == (["Ion"], ["Average"])
    assert parameter.ranges == [Range("EnergyRange", "1", "2", "keV")]


def test_an_old_observatory_names_its_group_in_words():
    record = read(
        "<Observatory><ObservatoryGroup>THEMIS</ObservatoryGroup>"
        "<Location><ObservatoryRegion>Earth.Magnetosphere</ObservatoryRegion></Location>"
        "</Observatory>"
    )
    assert record.facility_names == ["THEMIS"]
    assert record.observatory_groups == []


def test_the_lower_case_rights_of_2_7_0():
    record = read(
        "<Version>2.7.0</Version><NumericalData><AccessInformation><rightsList>"
        "<rights>CC BY 4.0</rights><Note>cite it</Note></rightsList></AccessInformation>"
        "</NumericalData>"
    )
    assert record.access[0].licences == [Licence(name="CC BY 4.0", note="cite it")]
    assert record.metadata_rights == []


def test_granules():
    record = read(
        "<Granule><ResourceID>spase://A/G</ResourceID><ReleaseDate>2001-01-01T00:00:00</ReleaseDate>"
        "<ParentID>spase://A/N</ParentID><StartDate>2000-01-01T00:00:00</StartDate>"
        "<StopDate>2000-01-02T00:00:00</StopDate><Source><SourceType>Data</SourceType>"
        "<URL>https://example.org/g.cdf</URL><DataExtent><Quantity>5</Quantity></DataExtent>"
        "</Source></Granule>"
    )
    assert record.released == "2001-01-01T00:00:00"
    assert record.relations == [Relation("PartOf", "spase://A/N")]
    assert record.references == [("ParentID", "spase://A/N")]
    assert record.spans == [Span("2000-01-01T00:00:00", "2000-01-02T00:00:00")]
    assert record.access[0].urls[0].url == "https://example.org/g.cdf"
    assert record.access[0].quantity == "5"


def test_model_runs_name_instruments_and_models():
    record = read(
        "<ModelRun><ModelSpecification><ModelID>spase://A/M</ModelID></ModelSpecification>"
        "<ModeledRegion>Mars</ModeledRegion></ModelRun>"
    )
    assert record.references == [("ModelID", "spase://A/M")]
    assert record.regions == ["Mars"]
    output = read(
        "<NumericalOutput><ModeledInstrumentID>spase://A/I</ModeledInstrumentID></NumericalOutput>"
    )
    assert output.references == [("ModeledInstrumentID", "spase://A/I")]


def test_comments_inside_texts_do_not_cut_them():
    record = read(
        "<Person><ResourceID>spase://A/<!-- no -->B</ResourceID>"
        "<PersonName><?pi x?>Ann <!-- M. -->Lee</PersonName></Person>"
    )
    assert record.identifier == "spase://A/B"
    assert record.name == "Ann Lee"


def test_what_is_doubled_or_out_of_place_is_taken_as_it_comes():
    record = read(
        "<Catalog><ResourceID>spase://A/1</ResourceID><ResourceID>spase://A/2</ResourceID>"
        "<Nonsense><Deep>word</Deep></Nonsense><ResourceHeader><Keyword>lost</Keyword>"
        "</ResourceHeader></Catalog><Person/>"
    )
    assert record.kind == "Catalog"
    assert record.identifier == "spase://A/1"
    assert record.details == [("Nonsense/Deep", "word"), ("Keyword", "lost")]


def test_what_is_no_doi_stays_as_written():
    header = "<Catalog><ResourceHeader><DOI>{}</DOI></ResourceHeader></Catalog>"
    assert read(header.format(" TBD ")).doi == "TBD"
    assert read(header.format("doi:10.48322/TXCA-X050")).doi == "10.48322/txca-x050"


def test_a_document_without_a_resource():
    assert read("<Version>2.7.1</Version>") == Record("", "spase", "", version="2.7.1")
