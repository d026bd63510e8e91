"""What real VOResource records say, written down by reading them, and made ones."""

from __future__ import annotations

import pytest
from astropy.time import Time
from lxml import etree

from mappings.from_voresource import from_voresource
from registry.model import Event, ForeignKey, Interface, Licence, Party, Range, Record, Relation
from tests.mappings.real_records import voresource
from tests.shared import needs_shared

ROOT = (
    '<ri:Resource xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" {}>{}</ri:Resource>'
)


def read(inner: str, attributes: str = "") -> Record:
    return from_voresource(etree.fromstring(ROOT.format(attributes, inner)))


@needs_shared
def test_tap_service():
    record = voresource("org.gavo.dc__tap")
    assert record.identifier == "ivo://org.gavo.dc/tap"
    assert (record.format, record.kind, record.status) == ("voresource", "CatalogService", "active")
    assert (record.name, record.acronym) == ("GAVO Data Center TAP service", "GAVO DC TAP")
    assert (record.created, record.released) == ("2009-12-01T10:00:00", "2015-05-15T08:09:57")
    assert record.publisher == Party("The GAVO DC team")
    assert record.creators == [Party("GAVO Data Center")]
    assert record.events == [Event("2015-05-15T08:09:57", "updated")]
    (contact,) = record.contacts
    assert contact.name == "GAVO Data Center Team"
    assert contact.telephone == "++49 6221 54 1837"
    assert record.keywords == ["Virtual observatory", "Catalogs", "ADQL"]
    assert record.relations[0] == Relation(
        "service-for", "ivo://org.gavo.dc/rr/q/create", "The GAVO Relational VO Registy"
    )
    tap = record.capabilities[0]
    assert (tap.standard, tap.type) == ("ivo://ivoa.net/std/TAP", "TableAccess")
    assert tap.interfaces == [
        Interface("ParamHTTP", "std", "", [("http://dc.zah.uni-heidelberg.de/tap", "base")])
    ]
    assert ("dataModel", "Obscore-1.0") in tap.details
    assert ("dataModel@ivo-id", "ivo://ivoa.net/std/ObsCore/v1.0") in tap.details
    assert ("language/name", "ADQL") in tap.details


@needs_shared
def test_references_leave_out_the_standards_that_capabilities_follow():
    record = voresource("org.gavo.dc__tap")
    assert {name for name, _ in record.references} == {"relatedResource"}
    assert len(record.references) == len(set(record.references))
    assert ("relatedResource", "ivo://org.gavo.dc/mpc/q/import") in record.references


@needs_shared
def test_registry():
    record = voresource("ivoa.net__rofr", "3ba3f5")
    assert record.kind == "Registry"
    assert record.managed_authorities == ["ivoa.net"]
    (harvest,) = record.capabilities
    assert (harvest.standard, harvest.type) == ("ivo://ivoa.net/std/Registry", "Harvest")
    assert harvest.interfaces[0].type == "OAIHTTP"
    assert harvest.interfaces[0].urls == [("http://rofr.ivoa.net/cgi-bin/oai.pl", "")]
    assert harvest.details == [("maxRecords", "0")]
    assert record.publisher == Party(
        "International Virtual Observatory Alliance", "ivo://ivoa.net/IVOA"
    )
    assert record.details == [("full", "false")]


@needs_shared
def test_authority():
    record = voresource("nasa.heasarc__authority")
    assert record.kind == "Authority"
    assert record.publisher == Party("NASA/GSFC HEASARC", "ivo://nasa.heasarc/registry")
    assert record.relations == [
        Relation("managingOrg", "ivo://nasa.heasarc/registry", "NASA/GSFC HEASARC")
    ]
    assert record.references == [
        ("publisher", "ivo://nasa.heasarc/registry"),
        ("managingOrg", "ivo://nasa.heasarc/registry"),
    ]
    assert record.events == [Event("2004-10-11", "representative")]
    assert record.keywords == []
    assert record.reference_url == "http://heasarc.gsfc.nasa.gov"
    assert record.naming_authority == "nasa.heasarc"


@needs_shared
def test_standard():
    record = voresource("ivoa.net__std__MOC", "2c95e7")
    assert record.kind == "Standard"
    assert [party.name for party in record.creators][:2] == ["Fernique, P.", "Boch, T."]
    assert len(record.creators) == 7
    assert record.resource_version == "1.0"
    assert record.content_types == ["Other"]
    assert record.content_levels == ["Research"]
    assert record.details == [("endorsedVersion", "1.0")]


@needs_shared
def test_document_and_its_tables():
    record = voresource("edu.gavo.org__hd__arvo_dfbs")
    assert record.doi == "10.21938/mxuvksequ_gxcwygocudlg"
    assert record.alternate_identifiers == []
    assert record.relations[3] == Relation(
        "Cites", "ivo://cds.vizier/iii/227", "General Catalog of galactic Carbon stars, 3d Ed."
    )
    assert record.relations[0] == Relation("Cites", "", "TOPCAT")
    assert record.energies == [Range("EnergyRange", "2.879e-19", "6.35459e-19", "J")]
    assert record.places[0].footprint.startswith("5/2653-2655,2673-2678")
    table = record.tables[0]
    assert table.name == "dfbsspec.spectra"
    assert [column.name for column in table.columns][:5] == [
        "accref",
        "plate",
        "specid",
        "ra",
        "dec",
    ]
    column = table.columns[0]
    assert (column.ucd, column.utype) == ("meta.ref.url", "Access.Reference")
    assert (column.data_type, column.size) == ("char", "*")
    assert column.qualifiers == ["indexed", "nullable"]
    assert table.columns[3].units == "deg"
    assert "point" in table.columns[5].qualifiers
    assert ("schema/name", "dfbsspec") in record.details


@needs_shared
def test_coverage_rights_and_interface_parameters():
    record = voresource("x-invalid-test__siap__xmm-om", "f41f90")
    assert len(record.spans) == 6
    expected = Time([37190, 37250], format="mjd").strftime("%Y-%m-%dT%H:%M:%SZ").tolist()
    assert [record.spans[0].start, record.spans[0].stop] == expected
    assert record.spectral_ranges == ["Optical"]
    assert [one.low for one in record.energies] == ["4e-20", "3.00977e-19"]
    assert record.instrument_names == ["XMM"]
    assert ("footprint", "ivo://foot/print") in record.references
    assert record.rights[0] == Licence(
        name="This must only contain the first rights content",
        uri="http://creativecommons.org/publicdomain/zero/1.0/",
    )
    assert record.sources == ["2000FooBa...1Q....X"]
    (parameter,) = record.capabilities[0].interfaces[0].parameters
    assert (parameter.name, parameter.data_type, parameter.size) == ("POS", "char", "*")
    assert record.capabilities[0].interfaces[0].query_types == ["GET"]
    assert record.description.startswith("The Newton X-ray Multi-Mirror Mission")


@pytest.mark.parametrize("root", ["Resource", "resource"])
def test_roots_without_a_namespace(root):
    text = f'<{root} status="deleted"><identifier>ivo://a/b</identifier></{root}>'
    record = from_voresource(etree.fromstring(text))
    assert (record.identifier, record.kind, record.status) == ("ivo://a/b", "Resource", "deleted")


def test_a_type_is_known_by_its_local_name():
    assert read("", 'xsi:type="q7:DataCollection"').kind == "DataCollection"
    assert read("", 'xsi:type=" Service "').kind == "Service"
    assert read("", 'status="nonsense"').status == "active"


def test_identifiers_that_stand_with_names():
    record = read(
        "<curation><publisher altIdentifier='https://ror.org/05dxps055'>P</publisher>"
        "<creator ivo-id='ivo://a/c'><name>Lee, A.</name>"
        "<altIdentifier>https://orcid.org/0000-0002-1825-0097</altIdentifier></creator>"
        "<creator><name ivo-id='ivo://a/d'>Doe, J.</name></creator>"
        "<contributor altIdentifier='x:y'>Helper</contributor>"
        "<contact ivo_id='ivo://a/e'><name>Desk</name></contact></curation>"
    )
    assert record.publisher == Party("P", "", ["https://ror.org/05dxps055"])
    assert record.creators == [
        Party("Lee, A.", "ivo://a/c", ["https://orcid.org/0000-0002-1825-0097"]),
        Party("Doe, J.", "ivo://a/d"),
    ]
    assert record.contributors == [Party("Helper", "", ["x:y"])]
    assert record.contacts[0].person == "ivo://a/e"
    assert record.references == [
        ("creator", "ivo://a/c"),
        ("creator", "ivo://a/d"),
        ("contact", "ivo://a/e"),
    ]


def test_facilities_and_instruments_with_records_of_their_own():
    record = read("<facility ivo-id='ivo://a/f'>F</facility><instrument ivo-id='ivo://a/i'/>")
    assert (record.facility_names, record.observatories) == (["F"], ["ivo://a/f"])
    assert (record.instrument_names, record.instruments) == ([], ["ivo://a/i"])
    assert record.references == [("facility", "ivo://a/f"), ("instrument", "ivo://a/i")]


def test_alternate_identifiers():
    record = read(
        "<altIdentifier>doi:10.5072/ABC</altIdentifier><altIdentifier>doi:fixme</altIdentifier>"
        "<altIdentifier>https://doi.org/10.5072/second</altIdentifier>"
    )
    assert record.doi == "10.5072/abc"
    assert record.alternate_identifiers == ["doi:fixme", "https://doi.org/10.5072/second"]


@pytest.mark.parametrize(
    ("text", "start", "stop", "note"),
    [
        ("53329.5 64328", "2004-11-20T12:00:00Z", "2035-01-01T00:00:00Z", ""),
        ("-Inf 51544.00001", "", "2000-01-01T00:00:00.864Z", ""),
        ("51544 +INF", "2000-01-01T00:00:00Z", "", ""),
        ("NaN 51544", "", "", "NaN 51544"),
        ("1e300 2e300", "", "", "1e300 2e300"),
        ("since ever", "", "", "since ever"),
        ("51544", "", "", "51544"),
    ],
)
def test_temporal_coverage_is_in_modified_julian_days(text, start, stop, note):
    (span,) = read(f"<coverage><temporal>{text}</temporal></coverage>").spans
    assert (span.start, span.stop, span.note) == (start, stop, note)


def test_a_deprecated_standard():
    record = read("<deprecated>see SIA 2</deprecated>", 'xsi:type="vstd:Standard" status="active"')
    assert (record.status, record.caveats) == ("deprecated", "see SIA 2")


def test_data_collections_have_an_address_and_formats():
    record = read("<format>FITS</format><accessURL>https://example.org/</accessURL>")
    assert record.access[0].formats == ["FITS"]
    assert record.access[0].urls[0].url == "https://example.org/"


def test_keys_between_tables():
    record = read(
        "<tableset><schema><table><name>t</name><foreignKey><targetTable>u</targetTable><fkColumn>"
        "<fromColumn>a</fromColumn><targetColumn>b</targetColumn></fkColumn></foreignKey>"
        "<nrows>12</nrows></table></schema></tableset>"
    )
    assert record.tables[0].foreign_keys == [ForeignKey("u", [("a", "b")])]
    assert record.tables[0].rows == "12"


def test_tables_and_interfaces_of_older_forms():
    record = read(
        "<interface xsi:type='vr:WebService'><accessURL> </accessURL>"
        "<accessURL use='full'>http://a/</accessURL><queryType>GET POST</queryType></interface>"
        "<catalog><description>d</description><table><name>t</name></table></catalog>"
        "<table><name>u</name></table>"
        "<coverage><STCResourceProfile><AstroCoordArea><TimeInterval><StartTime><ISOTime>1999-01-01"
        "</ISOTime></StartTime></TimeInterval></AstroCoordArea></STCResourceProfile></coverage>"
    )
    assert record.capabilities[0].interfaces == [
        Interface("WebService", urls=[("http://a/", "full")], query_types=["GET", "POST"])
    ]
    assert [table.name for table in record.tables] == ["t", "u"]
    assert record.spans[0].start == "1999-01-01"
