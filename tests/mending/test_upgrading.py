"""What an upgrade makes of the structures that SPASE gave up, one by one.

What must come out is what the newest published schema calls for, written by hand.
"""

from __future__ import annotations

import pytest
from lxml import etree

from registry.mending.upgrading import upgraded
from schemas.spase.xsd import validator

NS = "http://www.spase-group.org/data/schema"
HEADER = """    <ResourceHeader>
      <ResourceName>Made</ResourceName>
      <ReleaseDate>2010-01-01T00:00:00Z</ReleaseDate>
      <Description>Made for a test</Description>
      <Contact><PersonID>spase://Made/Person/X</PersonID><Role>GeneralContact</Role></Contact>
    </ResourceHeader>
"""
ACCESS = """    <AccessInformation>
      <RepositoryID>spase://Made/Repository/R</RepositoryID>
      <AccessURL><URL>http://made.example/</URL></AccessURL>
      <Format>{}</Format>
    </AccessInformation>
"""


def spase(version: str, kind: str, inside: str, attributes: str = "") -> bytes:
    return (
        f'<Spase xmlns="{NS}"{attributes}>\n  <Version>{version}</Version>\n  <{kind}>\n'
        f"    <ResourceID>spase://Made/{kind}/A</ResourceID>\n{inside}  </{kind}>\n</Spase>\n"
    ).encode()


def data(version: str, parameter: str, name: str = "Parameter", more: str = "") -> bytes:
    return spase(
        version, "NumericalData", HEADER + ACCESS.format("CDF")
        + f"    <MeasurementType>MagneticField</MeasurementType>\n{more}    <{name}>\n"
        + f"      <Name>P</Name>\n{parameter}    </{name}>\n",
    )  # fmt: skip


def assert_valid(content: bytes, version: str) -> None:
    schema = validator(version)
    assert schema.validate(etree.fromstring(content)), str(schema.error_log)


def changed(content: bytes, version: str, old: str, new: str) -> None:
    """The record is valid in its version; upgraded it is valid, and only `old` became `new`."""
    assert_valid(content, version)
    mended = upgraded(content)
    wanted = content.replace(f"<Version>{version}<".encode(), b"<Version>2.7.1<")
    assert wanted.count(old.encode()) == 1
    assert mended.content.decode() == wanted.replace(old.encode(), new.encode()).decode()
    assert (mended.before, mended.after, mended.left) == ("valid", "valid", [])
    assert_valid(mended.content, "2.7.1")


def test_most_records_need_only_their_version_and_schema_location() -> None:
    xsi = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"\r\n  xsi:schemaLocation='
    secure = NS.replace("http:", "https:")
    old = f"{xsi}'{secure}  {secure}/spase-2_2_0.xsd'"
    new = f"{xsi}'{NS}  {secure}/spase-2.7.1.xsd'"
    person = "    <OrganizationName>&#201;cole</OrganizationName><!-- é -->\r\n"
    content = spase("2.2.0", "Person", person, old)
    mended = upgraded(content)
    wanted = spase("2.7.1", "Person", person, new)
    assert mended.content.decode() == wanted.decode()
    assert [edit.rule for edit in mended.edits] == ["upgrade.version", "upgrade.location"]
    assert mended.after == "valid"


def test_a_schema_of_somebody_else_stays_and_is_told() -> None:
    location = (
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xsi:schemaLocation="{NS} http://amda.example/spase-2.2.0.xsd"'
    )
    mended = upgraded(spase("2.2.0", "Person", "<OrganizationName>O</OrganizationName>", location))
    assert location.encode() in mended.content
    assert [(one.rule, one.severity) for one in mended.left] == [("upgrade.location", "advice")]


def test_end_dates_of_a_time_span() -> None:
    catalog = HEADER + ACCESS.format("CDF") + (
        "    <PhenomenonType>Aurora</PhenomenonType>\n    <TimeSpan>\n"
        "      <StartDate>2001-01-01T00:00:00</StartDate>\n{}    </TimeSpan>\n"
    )  # fmt: skip
    for old, new, text in (
        ("EndDate", "StopDate", "2002-01-01T00:00:00"),
        ("RelativeEndDate", "RelativeStopDate", "-P1D"),
    ):  # fmt: skip
        before, after = (f"      <{name}>{text}</{name}>\n" for name in (old, new))
        changed(spase("1.2.2", "Catalog", catalog.format(before)), "1.2.2", before, after)


def test_what_was_measured_stands_in_the_parameter() -> None:
    old = (
        "    <PhysicalParameter>\n      <Name>P</Name>\n      <Measured>\n        <Field>\n"
        "          <FieldQualifier>Component.X</FieldQualifier>\n"
        "          <FieldQuantity>Magnetic</FieldQuantity>\n        </Field>\n"
        "      </Measured>\n    </PhysicalParameter>\n"
    )
    new = (
        "    <Parameter>\n      <Name>P</Name>\n      <Field>\n"
        "          <Qualifier>Component.I</Qualifier>\n"
        "          <FieldQuantity>Magnetic</FieldQuantity>\n        </Field>\n    </Parameter>\n"
    )
    content = data("1.2.2", "@", "PhysicalParameter")
    begin = content.decode().index("    <PhysicalParameter>")
    content = content[:begin] + old.encode() + b"  </NumericalData>\n</Spase>\n"
    changed(content, "1.2.2", old, new)


def test_a_photon_is_a_wave_of_photons() -> None:
    old = (
        "      <Photon>\n        <Qualifier>LineofSight</Qualifier>\n"
        "        <PhotonQuantity>Polarization</PhotonQuantity>\n      </Photon>\n"
    )
    new = (
        "      <Wave>\n        <WaveType>Photon</WaveType>\n"
        "        <Qualifier>LineOfSight</Qualifier>\n"
        "        <WaveQuantity>Polarization</WaveQuantity>\n      </Wave>\n"
    )
    changed(data("1.3.2", old), "1.3.2", old, new)


def test_orders_that_changed() -> None:
    old = (
        "      <Wave>\n        <!-- of the set -->\n        <Qualifier>Peak</Qualifier>\n"
        "        <WaveType>PlasmaWaves</WaveType>\n        <WaveQuantity>Intensity</WaveQuantity>\n"
        "      </Wave>\n"
    )
    new = (
        "      <Wave>\n        <WaveType>PlasmaWaves</WaveType>\n        <!-- of the set -->\n"
        "        <Qualifier>Peak</Qualifier>\n        <WaveQuantity>Intensity</WaveQuantity>\n"
        "      </Wave>\n"
    )
    changed(data("2.0.1", old), "2.0.1", old, new)


def test_texts_that_became_containers() -> None:
    changed(
        data("1.2.2", "      <Support>Temporal</Support>\n", "PhysicalParameter").replace(
            b"PhysicalParameter", b"PhysicalParameter"
        ),
        "1.2.2",
        "    <PhysicalParameter>\n      <Name>P</Name>\n      <Support>Temporal</Support>\n"
        "    </PhysicalParameter>\n",
        "    <Parameter>\n      <Name>P</Name>\n      <Support>\n"
        "        <SupportQuantity>Temporal</SupportQuantity>\n      </Support>\n    </Parameter>\n",
    )
    old = "      <Mixed>plasma beta</Mixed>\n"
    new = "      <Mixed>\n        <MixedQuantity>PlasmaBeta</MixedQuantity>\n      </Mixed>\n"
    changed(data("1.3.2", old), "1.3.2", old, new)


def test_components_of_elements() -> None:
    structure = (
        "      <Structure>\n        <Size>1</Size>\n        <Element>\n          <Name>Bx</Name>\n"
        "          <{0}>{1}</{0}>\n          <Index>1</Index>\n        </Element>\n"
        "      </Structure>\n      <Field><FieldQuantity>Magnetic</FieldQuantity></Field>\n"
    )
    changed(
        data("1.3.2", structure.format("Component", "X")), "1.3.2",
        "<Component>X</Component>", "<Qualifier>Component.I</Qualifier>",
    )  # fmt: skip


def test_a_missing_size_is_the_number_of_elements() -> None:
    element = "<Element><Name>B</Name><Index>{}</Index></Element>"
    structure = f"      <Structure>{element.format(1)}{element.format(2)}</Structure>\n"
    field = "      <Field><FieldQuantity>Magnetic</FieldQuantity></Field>\n"
    changed(
        data("2.0.1", structure + field), "2.0.1", "<Structure><Element><Name>B</Name><Index>1<",
        "<Structure><Size>2</Size><Element><Name>B</Name><Index>1<",
    )  # fmt: skip


def test_an_association_gets_the_type_that_says_nothing() -> None:
    header = HEADER.replace(
        "    </ResourceHeader>",
        "      <AssociationID>spase://Made/Observatory/B</AssociationID>\n    </ResourceHeader>",
    )
    location = "    <Location><ObservatoryRegion>Earth.Surface</ObservatoryRegion></Location>\n"
    content = spase("1.3.2", "Observatory", header + location)
    changed(
        content, "1.3.2",
        "      <AssociationID>spase://Made/Observatory/B</AssociationID>\n",
        "      <Association>\n        <AssociationID>spase://Made/Observatory/B</AssociationID>\n"
        "        <AssociationType>Other</AssociationType>\n      </Association>\n",
    )  # fmt: skip


def test_a_group_without_an_identifier_is_kept_as_a_comment() -> None:
    location = "    <Location><ObservatoryRegion>Earth.Surface</ObservatoryRegion></Location>\n"
    group = "    <ObservatoryGroup>The -- Group</ObservatoryGroup>\n"
    content = spase("2.0.1", "Observatory", HEADER + group + location)
    assert_valid(content, "2.0.1")
    mended = upgraded(content)
    assert mended.after == "valid"
    assert b"<!-- SPASE 2.7.1 has no place for" in mended.content
    assert b"<ObservatoryGroup>The - - Group</ObservatoryGroup> -->" in mended.content
    (told,) = mended.left
    assert (told.rule, told.severity) == ("upgrade.no-place", "warning")
    assert "<ObservatoryGroup>The -- Group</ObservatoryGroup>" in told.message
    named = content.replace(b"The -- Group", b"spase://Made/Observatory/G")
    changed(
        named, "2.0.1", "<ObservatoryGroup>spase://Made/Observatory/G</ObservatoryGroup>",
        "<ObservatoryGroupID>spase://Made/Observatory/G</ObservatoryGroupID>",
    )  # fmt: skip


def test_rights_of_2_7_0() -> None:
    access = ACCESS.format("CDF").replace(
        "      <AccessURL>",
        "      <rightsList>\n        <rights>https://spdx.org/licenses/CC0-1.0</rights>\n"
        "      </rightsList>\n      <AccessURL>",
    )
    catalog = HEADER + access + "    <PhenomenonType>Aurora</PhenomenonType>\n"
    changed(
        spase("2.7.0", "Catalog", catalog), "2.7.0",
        "<rightsList>\n        <rights>https://spdx.org/licenses/CC0-1.0</rights>\n"
        "      </rightsList>",
        "<RightsList>\n        <Rights>\n          <RightsURI>https://spdx.org/licenses/CC0-1.0"
        "</RightsURI>\n        </Rights>\n      </RightsList>",
    )  # fmt: skip


def test_a_media_type_follows_from_the_format_and_a_paper_is_a_decision() -> None:
    content = spase(
        "2.2.1",
        "Document",
        HEADER + ACCESS.format("PDF") + "    <DocumentType>Paper</DocumentType>\n",
    )
    assert_valid(content, "2.2.1")
    mended = upgraded(content)
    assert b"Paper</DocumentType>\n    <MIMEType>application/pdf</MIMEType>\n" in mended.content
    (told,) = mended.left
    assert told.severity == "error"
    assert told.remedy == (
        "decide which is meant: Report, Specification, TechnicalNote, WhitePaper"
    )


def test_identifiers_lose_the_white_space_that_2_6_0_forbids() -> None:
    header = HEADER.replace("spase://Made/Person/X<", "spase://Made/Person/X\n<")
    content = spase(
        "2.2.1", "Service", header + "    <AccessURL><URL>http://made.example/</URL></AccessURL>\n"
    )
    changed(content, "2.2.1", "spase://Made/Person/X\n<", "spase://Made/Person/X<")


def test_a_particle_without_a_type_is_a_decision() -> None:
    particle = "      <Particle><ParticleQuantity>Counts</ParticleQuantity></Particle>\n"
    content = data("2.4.1", particle).replace(b"<Name>P</Name>", b"<Name>electron counts</Name>")
    assert_valid(content, "2.4.1")
    mended = upgraded(content)
    assert mended.after == "invalid"
    (told,) = mended.left
    assert told.path == "Spase/NumericalData/Parameter/Particle"
    assert told.remedy.startswith(
        "decide on `ParticleType`, which `Particle` needs since 2.6.0: one of Aero"
    )
    assert told.remedy.endswith("the parameter is called 'electron counts': Electron?")


def test_release_date_and_revision_only_on_request() -> None:
    content = spase("2.4.1", "Service", HEADER + "    <AccessURL><URL>u</URL></AccessURL>\n")
    assert b"2010-01-01" in upgraded(content).content
    mended = upgraded(content, release_date="2024-05-01T00:00:00Z", revision_note="To 2.7.1 & on")
    wanted = content.replace(b"2.4.1", b"2.7.1").replace(
        b"<ReleaseDate>2010-01-01T00:00:00Z</ReleaseDate>\n",
        b"<ReleaseDate>2024-05-01T00:00:00Z</ReleaseDate>\n      <RevisionHistory>\n"
        b"        <RevisionEvent>\n          <ReleaseDate>2024-05-01T00:00:00Z</ReleaseDate>\n"
        b"          <Note>To 2.7.1 &amp; on</Note>\n        </RevisionEvent>\n"
        b"      </RevisionHistory>\n",
    )
    assert mended.content.decode() == wanted.decode()
    assert mended.after == "valid"
    with pytest.raises(ValueError, match="needs the release date"):
        upgraded(content, revision_note="x")


@pytest.mark.parametrize(
    ("version", "rule", "severity"),
    [("2.7.2", "upgrade.newer", "advice"), ("2.8.8", "upgrade.version", "error")],
)
def test_versions_that_it_cannot_start_from(version: str, rule: str, severity: str) -> None:
    content = spase(version, "Person", "<OrganizationName>O</OrganizationName>")
    mended = upgraded(content)
    assert mended.content == content
    assert [(one.rule, one.severity) for one in mended.left] == [(rule, severity)]


def test_other_documents_stay() -> None:
    for content in (b"", b"<a/>", b"<!DOCTYPE a []><a/>"):
        assert upgraded(content).content == content
    with pytest.raises(ValueError, match="no SPASE version '9'"):
        upgraded(b"<a/>", "9")


def test_every_record_of_an_oai_response_is_upgraded() -> None:
    record = (
        "<record><header><identifier>oai:x:{0}</identifier><datestamp>2020-01-01</datestamp></header>"
        '<metadata><Spase xmlns="'
        + NS
        + '"><Version>2.4.1</Version><Person><ResourceID>spase://M/P/{0}'
        "</ResourceID><OrganizationName>O</OrganizationName></Person></Spase></metadata></record>"
    )
    content = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2020-01-01T00:00:00Z'
        "</responseDate><request verb='ListRecords'>http://x.example/</request><ListRecords>"
        + record.format(1) + record.format(2) + "</ListRecords></OAI-PMH>"
    ).encode()  # fmt: skip
    mended = upgraded(content)
    assert mended.content == content.replace(b"2.4.1", b"2.7.1")
    assert mended.after == "valid"
