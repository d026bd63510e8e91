"""Labels, Dublin Core, schema.org and JSON of records, held against what they must say."""

from __future__ import annotations

import json

import pytest
from lxml import etree

from mappings.labels import label, named, orcid, ror
from mappings.to_dublin_core import dublin_core_element, to_dublin_core
from mappings.to_json import to_json
from mappings.to_schema_org import script_text, shortened, to_schema_org
from registry import identifiers
from registry.model import (
    Access,
    AccessURL,
    Agent,
    Contact,
    Event,
    Funding,
    Label,
    Licence,
    Neighbours,
    Parameter,
    Party,
    Place,
    Publication,
    Record,
    Relation,
    Span,
)
from tests.mappings.real_records import spase, spase_names, voresource
from tests.shared import needs_shared, shared

PAGE = "https://registry.example.org/records/spase/A/N"
CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def dataset() -> Record:
    return Record(
        "spase://A/N",
        "spase",
        "NumericalData",
        name="Field data",
        alternative_names=["FD"],
        description="Measured.",
        released="2024-02-03T04:05:06+01:00",
        doi="10.5072/abc",
        events=[Event("2020-01-01", "Updated")],
        publication=Publication(
            authors="Burch, James, L.; and R.L. Richard", date="2021-05-06", publisher="SPDF"
        ),
        contacts=[Contact("spase://A/P", roles=["PrincipalInvestigator"])],
        keywords=["solar wind"],
        spans=[Span("2000-01-01T00:00:00", "2001-01-01"), Span("2002-01-01", "", "-P1M")],
        regions=["Heliosphere.NearEarth"],
        instruments=["spase://A/I"],
        measurement_types=["MagneticField"],
        parameters=[Parameter("B", "BGSE", "Field", "nT")],
        access=[
            Access(
                "spase://A/R",
                rights="Open",
                formats=["CDF"],
                urls=[
                    AccessURL("https://a.example/files", "Files"),
                    AccessURL("https://a.example/hapi", "HAPI", "HAPI"),
                ],
                licences=[Licence(identifier="CC-BY-4.0", uri=CC_BY)],
            )
        ],
        metadata_rights=[Licence(identifier="CC0-1.0", uri=CC0)],
        relations=[Relation("PartOf", "spase://A/C"), Relation("Other", "", "a book")],
        references=[("PersonID", "spase://A/P"), ("InstrumentID", "spase://A/I")],
        funding=[Funding("NASA", "Explorers", "N1")],
    )


def neighbours() -> Neighbours:
    return {
        "spase://A/P": Label("spase://A/P", "Ann Lee", "Person", orcid="0000-0002-1825-0097"),
        "spase://A/I": Label("spase://A/I", "Magnetometer", "Instrument"),
        "spase://A/R": Label("spase://A/R", "Archive", "Repository"),
    }


# Labels


@needs_shared
def test_labels():
    mag = label(spase("SMWG/Instrument/ICON/IVM"))
    assert (mag.name, mag.kind) == ("The Ion Velocity Meter", "Instrument")
    assert mag.alternative_names == ("IVM",)
    assert mag.observatories == ("spase://SMWG/Observatory/ICON",)
    assert label(spase("SMWG/Repository/NASA/GSFC/SPDF")).ror == "00ryjtt64"
    assert label(spase("SMWG/Person/Yulia.Kartavykh")).orcid == "0000-0002-0623-6992"
    assert label(voresource("org.gavo.dc__tap")).acronym == "GAVO DC TAP"


def test_only_instruments_pass_on_their_observatories():
    record = Record("ivo://a/b", "voresource", "CatalogService", observatories=["ivo://A/F"])
    assert label(record).observatories == ()
    record.kind = "Instrument"
    assert label(record).observatories == ("ivo://a/f",)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0000-0002-1825-009x", "0000-0002-1825-009X"),
        (" https://orcid.org/0000-0002-1825-0097/ ", "0000-0002-1825-0097"),
        ("orcid:0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("0000-0002-1825", ""),
        ("", ""),
    ],
)
def test_orcid(text, number):
    assert orcid(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("00ryjtt64", "00ryjtt64"),
        ("https://ror.org/00RYJTT64", "00ryjtt64"),
        ("i051w7zc95", ""),
        ("NOT_FOUND", ""),
    ],
)
def test_ror(text, number):
    assert ror(text) == number


def test_a_neighbour_without_a_name_cannot_be_named():
    known: Neighbours = {"ivo://a/b": Label("ivo://a/b", "", "Organisation")}
    assert named(known, "ivo://A/B") is None
    known["ivo://a/b"] = Label("ivo://a/b", "N", "Organisation")
    assert named(known, "ivo://A/B#part") == known["ivo://a/b"]


# Dublin Core


def test_dublin_core():
    pairs = to_dublin_core(dataset(), neighbours(), page=PAGE)

    def texts(name: str) -> list[str]:
        return [text for element, text in pairs if element == name]

    assert texts("title") == ["Field data", "FD"]
    assert len(texts("creator")) == 2
    assert texts("creator")[0].startswith("Burch")
    assert texts("contributor") == ["Lee, Ann"]
    assert texts("publisher") == ["SPDF"]
    assert texts("date") == ["2021-05-06"]
    assert texts("type") == ["Dataset", "NumericalData"]
    assert texts("format") == ["CDF"]
    assert texts("identifier") == ["spase://A/N", "https://doi.org/10.5072/abc", PAGE]
    assert texts("coverage") == [
        "2000-01-01/2001-01-01",
        "2002-01-01/..",
        "Heliosphere.NearEarth",
    ]
    assert texts("relation") == ["spase://A/C", "a book"]
    assert texts("subject") == ["solar wind", "MagneticField", "Magnetometer"]
    assert texts("rights") == [CC_BY, "Access: Open"]


def test_the_date_of_a_description_is_no_date_of_the_resource():
    record = Record("spase://A/N", "spase", "Catalog", released="2024-01-01", name="x")
    assert "date" not in dict(to_dublin_core(record, {}))


def test_the_licence_of_the_description_is_no_right_in_the_data():
    record = dataset()
    record.access[0].licences = []
    pairs = to_dublin_core(record, {})
    assert CC0 not in {text for _, text in pairs}


def test_voresource_dates_and_people_in_dublin_core():
    record = Record(
        "ivo://a/b",
        "voresource",
        "DataCollection",
        events=[Event("2012-01-02T00:00:00Z", "Created"), Event("2015-01-01", "updated")],
        creators=[Party("Doe, J.")],
        rights=[Licence(name="free")],
        sources=["2000FooBa...1Q....X"],
    )
    pairs = to_dublin_core(record, {})
    assert ("date", "2012-01-02") in pairs
    assert [text for name, text in pairs if name == "date"] == ["2012-01-02"]
    assert ("creator", "Doe, J.") in pairs
    assert ("rights", "free") in pairs
    assert ("source", "2000FooBa...1Q....X") in pairs


@needs_shared
def test_dublin_core_is_valid_by_its_published_schema():
    schema = etree.XMLSchema(etree.parse(shared("ivoa", "xsd", "driver-current.xsd")))
    for _, name in spase_names()[::400]:
        record = spase(name.removesuffix(".xml"))
        element = dublin_core_element(to_dublin_core(record, {}, page=PAGE))
        again = etree.fromstring(etree.tostring(element))
        assert schema.validate(again), (name, schema.error_log)
        etree.SubElement(again, "{http://purl.org/dc/elements/1.1/}page").text = PAGE
        assert not schema.validate(again)
        again.remove(again[-1])
        assert again.findtext("{http://purl.org/dc/elements/1.1/}identifier") == record.identifier


# schema.org


def test_schema_org_of_a_dataset():
    found = to_schema_org(dataset(), neighbours(), PAGE)
    assert found["@context"] == "https://schema.org/"
    assert found["@type"] == "Dataset"
    assert found["url"] == PAGE
    assert [one["value"] for one in found["identifier"]] == ["spase://A/N", "doi:10.5072/abc"]
    assert found["temporalCoverage"] == [
        "2000-01-01T00:00:00Z/2001-01-01T00:00:00Z",
        "2002-01-01T00:00:00Z/..",
    ]
    assert found["license"] == CC_BY
    assert found["sdLicense"] == CC0
    assert found["sdDatePublished"] == "2024-02-03T03:05:06Z"
    assert found["datePublished"] == "2021-05-06T00:00:00Z"
    assert found["isAccessibleForFree"] is True
    assert found["variableMeasured"] == [
        {
            "@type": "PropertyValue",
            "name": "B",
            "alternateName": "BGSE",
            "description": "Field",
            "unitText": "nT",
        }
    ]
    files, hapi = found["distribution"]
    assert (files["contentUrl"], files["encodingFormat"]) == ("https://a.example/files", "CDF")
    assert hapi["url"] == "https://a.example/hapi"
    assert "contentUrl" not in hapi
    assert found["includedInDataCatalog"]["name"] == "Archive"
    assert found["about"]["name"] == "Magnetometer"
    assert found["spatialCoverage"] == {"@type": "Place", "name": "Heliosphere.NearEarth"}
    assert found["publisher"] == {"@type": "Organization", "name": "SPDF"}
    assert found["funding"]["funder"]["name"] == "NASA"
    assert found["isPartOf"]["@id"] == "spase://A/C"


def test_what_is_not_said_is_not_there():
    found = to_schema_org(Record("spase://A/N", "spase", "NumericalData"), {}, PAGE)
    assert set(found) == {"@context", "@type", "@id", "url", "identifier"}


def test_restricted_data_are_not_said_to_be_free():
    record = dataset()
    record.access.append(Access(rights="Restricted"))
    found = to_schema_org(record, {}, PAGE)
    assert "isAccessibleForFree" not in found
    assert found["conditionsOfAccess"] == ["Open", "Restricted"]


@pytest.mark.parametrize(
    ("format_", "kind", "expected"),
    [
        ("spase", "NumericalData", "Dataset"),
        ("spase", "DisplayData", "Dataset"),
        ("spase", "Catalog", "Dataset"),
        ("spase", "Collection", "Dataset"),
        ("voresource", "DataCollection", "Dataset"),
        ("voresource", "DataResource", "Dataset"),
        ("voresource", "CatalogResource", "Dataset"),
        ("spase", "NumericalOutput", "CreativeWork"),
        ("spase", "Service", "Service"),
        ("voresource", "Service", "WebAPI"),
        ("voresource", "CatalogService", "WebAPI"),
        ("spase", "Person", "Person"),
        ("spase", "Repository", "Organization"),
        ("spase", "Instrument", "Thing"),
        ("spase", "Observatory", "Thing"),
        ("spase", "Annotation", "CreativeWork"),
        ("voresource", "Authority", "Organization"),
        ("voresource", "Standard", "CreativeWork"),
    ],
)
def test_types(format_, kind, expected):
    assert to_schema_org(Record("x", format_, kind), {}, PAGE)["@type"] == expected


def test_an_observatory_on_the_ground_is_a_place():
    record = Record("spase://A/O", "spase", "Observatory")
    record.places = [Place(["Earth.Surface"], "GEO", "32.882", "131.01")]
    found = to_schema_org(record, {}, PAGE)
    assert found["@type"] == "Place"
    assert found["geo"]["latitude"] == "32.882"
    # The same numbers in another frame are no place on Earth.
    record.places[0].frame = "GSE"
    assert to_schema_org(record, {}, PAGE)["@type"] == "Thing"


def test_a_person():
    record = Record("spase://A/P", "spase", "Person", name="Ann Lee")
    record.agent = Agent("Ann Lee", "Kiel University", orcid="0000-0002-1825-0097", emails=["a@b"])
    record.agent.rors = ["04v76ef78"]
    found = to_schema_org(record, {}, PAGE)
    assert found["affiliation"] == {
        "@type": "Organization",
        "name": "Kiel University",
        "@id": "https://ror.org/04v76ef78",
    }
    assert found["sameAs"] == "https://orcid.org/0000-0002-1825-0097"
    assert "a@b" not in json.dumps(found)


def test_long_descriptions_end_with_a_sentence():
    sentence = "A sentence of the description, with v. 1.2 in it. "
    long = sentence * 200
    cut = shortened(long)
    assert 4900 < len(cut) <= 5000
    assert cut.endswith("in it.")
    assert shortened(sentence * 100) == sentence * 100
    wordy = shortened("word " * 2000)
    assert len(wordy) <= 5000
    assert wordy.endswith("word…")
    assert len(shortened("x" * 6000)) == 5000


def test_script_text_can_stand_in_html_and_xhtml():
    found = {"a": "</script><b>&amp;\u2028", "b": "é"}
    text = script_text(found)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == found
    assert "é" in text


# JSON


def test_json_leaves_out_what_is_empty_and_adds_dates_in_utc():
    found = to_json(dataset(), neighbours())
    assert found["released"] == "2024-02-03T04:05:06+01:00"
    assert found["released_utc"] == "2024-02-03T03:05:06Z"
    assert found["spans"][1] == {
        "start": "2002-01-01",
        "start_utc": "2002-01-01T00:00:00Z",
        "relative_stop": "-P1M",
    }
    assert found["publication"]["date_utc"] == "2021-05-06T00:00:00Z"
    assert found["references"][0] == {"element": "PersonID", "identifier": "spase://A/P"}
    assert found["labels"]["spase://A/P"] == {
        "identifier": "spase://A/P",
        "name": "Ann Lee",
        "kind": "Person",
        "orcid": "0000-0002-1825-0097",
    }
    assert "expires" not in found
    assert "capabilities" not in found
    assert json.loads(json.dumps(found)) == found


def test_json_of_a_day_that_ends_at_24_hours():
    record = Record("spase://A/N", "spase", "Catalog", spans=[Span("2000-12-31T24:00:00", "soon")])
    (span,) = to_json(record, {})["spans"]
    assert span == {
        "start": "2000-12-31T24:00:00",
        "start_utc": "2001-01-01T00:00:00Z",
        "stop": "soon",
    }


@needs_shared
def test_json_of_a_tap_service():
    record = voresource("org.gavo.dc__tap")
    found = to_json(record, {})
    assert found["capabilities"][0]["interfaces"][0]["urls"] == [
        {"url": "http://dc.zah.uni-heidelberg.de/tap", "use": "base"}
    ]
    assert len(found["tables"]) == len(record.tables)
    assert found["iri"] == identifiers.iri(record.identifier)
