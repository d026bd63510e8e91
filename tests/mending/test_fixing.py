"""What is certain is mended, and nothing else."""

from __future__ import annotations

import pytest
from lxml import etree

from registry.mending.fixing import fixed
from registry.validation import certain
from schemas.spase.xsd import validator

NS = "http://www.spase-group.org/data/schema"

RECORD = f"""<?xml version='1.0' encoding="UTF-8"?>\r
<!-- kept -->\r
<Spase xmlns="{NS}"  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
       xsi:schemaLocation="https://www.spase-group.org/data/schema
                           https://www.spase-group.org/data/schema/spase-2.4.1.xsd">\r
\t<Version>2.4.1</Version>
  <Catalog>
    <ResourceID>spase://Made/Catalog/A</ResourceID>
    <ResourceHeader>
      <ResourceName>A &amp; B</ResourceName>
      <ReleaseDate>2020-1-2 03:04</ReleaseDate>
      <Description>  Free text stays as it is.
      </Description>
      <Contact><PersonID>
         spase://Made/Person/X
      </PersonID><Role>generalcontact</Role></Contact>
      <InformationURL><URL>http://doi.org/10.1/x?a=1&amp;b=2</URL></InformationURL>
    </ResourceHeader>
    <AccessInformation>
      <RepositoryID>spase://Made/Repository/R</RepositoryID>
      <AccessURL><URL>http://somewhere.example/</URL></AccessURL>
      <Format>netcdf</Format>
    </AccessInformation>
    <PhenomenonType>MagneticCluod</PhenomenonType>
    <Keyword/>
  </Catalog>
</Spase>""".encode()


def test_certain_faults_are_mended_and_every_other_byte_stays() -> None:
    mended = fixed(RECORD)
    wanted = RECORD
    for old, new in (
        (
            b'"https://www.spase-group.org/data/schema\n',
            b'"http://www.spase-group.org/data/schema\n',
        ),
        (b"2020-1-2 03:04", b"2020-01-02T03:04:00"),
        (b"\n         spase://Made/Person/X\n      ", b"spase://Made/Person/X"),
        (b"generalcontact", b"GeneralContact"),
        (b"http://doi.org/10.1/x?a=1&amp;b=2", b"https://doi.org/10.1/x?a=1&amp;b=2"),
        (b"netcdf", b"NetCDF"),
        (b"MagneticCluod", b"MagneticCloud"),
    ):
        assert wanted.count(old) == 1
        wanted = wanted.replace(old, new)
    assert mended.content == wanted
    assert (mended.before, mended.after) == ("invalid", "valid")
    assert validator("2.4.1").validate(etree.fromstring(mended.content))


def test_each_edit_says_where_and_what() -> None:
    edits = {edit.path: edit for edit in fixed(RECORD).edits}
    role = edits["Spase/Catalog/ResourceHeader/Contact/Role"]
    assert (role.before, role.after, role.line) == ("generalcontact", "GeneralContact", 16)
    assert role.rule == "fix.value"
    assert "Spase/@schemaLocation" in edits
    assert len(edits) == 7


def test_a_second_time_there_is_nothing_to_do() -> None:
    mended = fixed(fixed(RECORD).content)
    assert mended.edits == []


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "UTF-16"])
def test_other_encodings_stay(encoding: str) -> None:
    content = (
        RECORD.decode().replace("UTF-8", encoding).replace("Free", "Frei für").encode(encoding)
    )
    mended = fixed(content)
    assert mended.after == "valid"
    before, after = content.decode(encoding), mended.content.decode(encoding)
    assert after.replace("NetCDF", "netcdf").count("\r\n") == before.count("\r\n")
    assert "Frei für text" in after


def test_what_is_uncertain_stays() -> None:
    content = RECORD.replace(b"netcdf", b"CEF3").replace(b"2020-1-2 03:04", b"02/01/2020")
    content = content.replace(b"MagneticCluod", b"Something")
    mended = fixed(content)
    assert b"CEF3" in mended.content
    assert b"02/01/2020" in mended.content
    assert b"Something" in mended.content
    assert mended.after == "invalid"
    assert {finding.path.rpartition("/")[2] for finding in mended.left} >= {
        "Format", "ReleaseDate", "PhenomenonType",
    }  # fmt: skip


def test_text_with_comments_in_it_is_left_alone() -> None:
    content = RECORD.replace(b"netcdf", b"net<!-- why? -->cdf")
    assert b"net<!-- why? -->cdf" in fixed(content).content


def test_an_edit_that_would_make_it_worse_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certain, "list_value", lambda value, known: "Nonsense " + value)
    content = RECORD.replace(b"netcdf", b"NetCDF").replace(b"MagneticCluod", b"MagneticCloud")
    content = content.replace(b"generalcontact", b"GeneralContact")
    content = content.replace(b"2020-1-2 03:04", b"2020-01-02T03:04:00")
    valid = fixed(content)
    assert valid.before == valid.after == "valid"
    from registry.mending import fixing

    made = fixing.replacements

    def spoilt(*arguments: object) -> list[object]:
        found = made(*arguments)  # type: ignore[arg-type]
        from registry.mending.replacements import Replacement

        wrong = next(one for one in arguments[1].every() if one.name == "Format")  # type: ignore[attr-defined]
        return [*found, Replacement("made.up", wrong, "", "Nonsense", "a wrong edit")]

    monkeypatch.setattr(fixing, "replacements", spoilt)
    mended = fixed(content)
    assert mended.content == valid.content
    assert [finding.rule for finding in mended.left if finding.rule == "fix.dropped"]


def test_documents_that_cannot_be_read_come_back_as_they_are() -> None:
    for content in (b"", b"<Spase", b"<!DOCTYPE a []><a/>", b"\xff\xfe\x00", b"<a/>"):
        mended = fixed(content)
        assert mended.content == content
        assert mended.edits == []
        assert mended.left[0].severity == "error"


VO = b"""<?xml version="1.0"?>
<ri:VOResources xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"
  xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  from="1" numberReturned="2" more="false">
<ri:Resource created="2020-01-01T00:00:00Z" updated="2020-01-01 00:00:00"
  status="active" xsi:type="vr:Organisation">
  <title>One</title><identifier>ivo://made/one</identifier>
  <curation><publisher>P</publisher><contact><name>N</name></contact></curation>
  <content><subject>s</subject><description>d</description>
    <referenceURL>http://ror.org/05dxps055</referenceURL></content>
</ri:Resource>
<ri:Resource created="2020-01-01T00:00:00Z" updated="2020-01-01T00:00:00Z"
  status="active" xsi:type="vr:Organisation">
  <title>Two</title><identifier>ivo://made/two</identifier>
  <curation><publisher>P</publisher><contact><name>N</name></contact></curation>
  <content><subject>s</subject><description>d</description>
    <referenceURL>http://made.example/</referenceURL></content>
</ri:Resource>
</ri:VOResources>
"""


def test_several_voresource_records_in_one_document() -> None:
    mended = fixed(VO)
    wanted = VO.replace(b'updated="2020-01-01 00:00:00"', b'updated="2020-01-01T00:00:00"')
    assert mended.content == wanted.replace(b"http://ror.org", b"https://ror.org")
    assert (mended.before, mended.after) == ("invalid", "valid")


def test_white_space_that_xsd_takes_off_itself_stays() -> None:
    content = VO.replace(b">http://made.example/<", b">  http://made.example/ <")
    assert b">  http://made.example/ <" in fixed(content).content


def test_a_fixed_value_does_not_push_out_another() -> None:
    rights = (
        b"<Version>2.7.1</Version>\n  <MetadataRightsList><Rights><RightsIdentifierScheme>CC0-1.0"
        b"</RightsIdentifierScheme><RightsURI>https://spdx.org/licenses/CC0-1.0</RightsURI></Rights>"
        b"</MetadataRightsList>"
    )
    mended = fixed(RECORD.replace(b"<Version>2.4.1</Version>", rights))
    assert rights in mended.content
    assert [one.path for one in mended.left if one.severity == "error"] == [
        "Spase/MetadataRightsList/Rights/RightsIdentifierScheme"
    ]
    spelt = fixed(
        RECORD.replace(b"<Version>2.4.1</Version>", rights.replace(b">CC0-1.0<", b">spdx<"))
    )
    assert b"<RightsIdentifierScheme>SPDX</RightsIdentifierScheme>" in spelt.content
    assert spelt.after == "valid"


KNOWN = ("NetCDF", "CEF", "CEF1", "CEF2", "RINEX2", "RINEX3", "Earth.Magnetosphere", "XRays",
         "Component.I", "Component.J", "Text.ASCII", "MagneticCloud")  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("netcdf", "NetCDF"), ("Earth.Magnetospere", "Earth.Magnetosphere"), ("X-rays", "XRays"),
        ("Text_ASCII", ""), ("earth.MAGNETOSPHERE", "Earth.Magnetosphere"), ("CEF3", ""),
        ("RINEX4", ""), ("Component.K", ""), ("Magnetic Cloud", "MagneticCloud"),
        ("MagneticClouds", "MagneticCloud"), ("MagnetikKloud", ""), ("", ""), ("NetCDF", ""),
    ],
)  # fmt: skip
def test_list_values(wrong: str, right: str) -> None:
    assert certain.list_value(wrong, KNOWN) == right


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2001-2-3 4:05", "2001-02-03T04:05:00"),
        ("2001/02/03T04:05:06z", "2001-02-03T04:05:06Z"),
        ("20010203T040506Z", "2001-02-03T04:05:06Z"),
        ("2001-034T04:05:06.5", "2001-02-03T04:05:06.5"),
        ("2000-366T00:00:00Z", "2000-12-31T00:00:00Z"),
        ("2001-366T00:00:00Z", ""),
        ("2001-02-03T04:05:06+0100", "2001-02-03T04:05:06+01:00"),
        ("2001-02-03 04:05:06 UTC", "2001-02-03T04:05:06Z"),
        ("2001-02-30T00:00:00", ""),
        ("2001-02-03", ""),
        ("03/02/2001 04:05", ""),
        ("2001-02-03T04:05:06Z", ""),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert certain.date_time(text) == date


@pytest.mark.parametrize(
    ("text", "duration"),
    [("pt16s", "PT16S"), ("P 1 D", "P1D"), ("PT16", ""), ("16S", ""), ("P", ""), ("PT16S", "")],
)
def test_durations(text: str, duration: str) -> None:
    assert certain.duration(text) == duration


@pytest.mark.parametrize(
    ("address", "secure"),
    [
        ("http://doi.org/10.1/X", "https://doi.org/10.1/X"),
        ("http://DOI.org:80/a", "https://DOI.org/a"),
        ("http://doi.org:8080/a", ""),
        ("http://doi.org.evil.example/", ""),
        ("http://user@doi.org/", ""),
        ("https://doi.org/", ""),
        ("ftp://spdf.gsfc.nasa.gov/", ""),
    ],
)
def test_addresses(address: str, secure: str) -> None:
    assert certain.https(address) == secure
