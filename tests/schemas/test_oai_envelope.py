"""The OAI-PMH envelope apart from its payloads, oai_dc and oai-identifier."""

import csv

import pytest
from lxml import etree

from schemas.oai_pmh.envelope import validate_envelope, validate_payload
from schemas.parsing import parse
from tests.shared import needs_shared, shared

OAI = "http://www.openarchives.org/OAI/2.0/"
RESPONSE = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2024-05-01T12:00:00Z</responseDate>
<request verb="GetRecord" identifier="oai:a.b:c" metadataPrefix="x">https://a.b/oai</request>
<GetRecord><record>
<header><identifier>oai:a.b:c</identifier><datestamp>2024-05-01</datestamp>
<setSpec>format:spase</setSpec></header>
<metadata><any xmlns="urn:any" unheard="of">thing<at/>all</any></metadata>
</record></GetRecord>
</OAI-PMH>"""
DUBLIN_CORE = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">{}</oai_dc:dc>'
)
IDENTIFIER = (
    '<oai-identifier xmlns="http://www.openarchives.org/OAI/2.0/oai-identifier">'
    "<scheme>oai</scheme><repositoryIdentifier>a.example</repositoryIdentifier>"
    "<delimiter>:</delimiter><sampleIdentifier>oai:a.example:x/1</sampleIdentifier>"
    "</oai-identifier>"
)


@needs_shared
def test_real_responses_are_read_as_listed() -> None:
    """The lists judge the payload too; two of its faults are none of the envelope's."""
    with shared("ivoa", "VERDICTS.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        listed = [row for row in rows if row["file"].startswith("oai-responses/")]
    assert len(listed) == 33
    in_payload = ("Element 'securityMethod'", "Element 'capability'")
    for row in listed:
        sound = row["verdict"] == "valid" or any(name in row["first_error"] for name in in_payload)
        errors = validate_envelope(parse(shared("ivoa", row["file"]).read_bytes()))
        assert (not errors) == sound, row["file"]
        if errors:
            assert row["first_error"] == f"line {errors[0].line}: {errors[0].message}"


def test_any_payload_will_do() -> None:
    assert validate_envelope(etree.fromstring(RESPONSE)) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "path"),
    [
        ("2024-05-01T12:00:00Z", "yesterday", 2, "OAI-PMH/responseDate"),
        ('verb="GetRecord"', 'verb="getRecord"', 3, "OAI-PMH/request/@verb"),
        ("<datestamp>2024-05-01<", "<datestamp>2024-05-01T12:00:00<", 5, None),
        ("format:spase", "format::spase", 6, "OAI-PMH/GetRecord/record/header/setSpec"),
        ('xmlns="urn:any"', "", 7, "OAI-PMH/GetRecord/record/metadata/any"),
        ("</metadata>", '<more xmlns="urn:any"/></metadata>', 7, None),
        ("<header>", '<header status="gone">', 5, None),
        ("<GetRecord>", "<error code='none'/><GetRecord>", 4, "OAI-PMH/error/@code"),
        ("</GetRecord>", "</GetRecord><ListSets/>", 8, "OAI-PMH/ListSets"),
    ],
)
def test_faults_of_the_envelope(old: str, new: str, line: int, path: str | None) -> None:
    errors = validate_envelope(etree.fromstring(RESPONSE.replace(old, new)))
    assert errors
    assert errors[0].line == line
    assert path is None or errors[0].path == path


PAYLOADS = [
    (DUBLIN_CORE.format(""), True),
    (DUBLIN_CORE.format("<dc:title xml:lang='en'>a</dc:title><dc:date/><dc:title/>"), True),
    (DUBLIN_CORE.format("<dc:titel>a</dc:titel>"), False),
    (DUBLIN_CORE.format("<title>a</title>"), False),
    (DUBLIN_CORE.format("<dc:title lang='en'>a</dc:title>"), False),
    (DUBLIN_CORE.format("<dc:title><b/></dc:title>"), False),
    (DUBLIN_CORE.format("text"), False),
    (IDENTIFIER, True),
    (IDENTIFIER.replace("<scheme>oai", "<scheme>ivo"), False),
    (IDENTIFIER.replace(">:<", ">/<"), False),
    (IDENTIFIER.replace(">a.example<", ">localhost<"), False),
    (IDENTIFIER.replace("oai:a.example:x/1", "a.example:x/1"), False),
]


@pytest.mark.parametrize(("text", "sound"), PAYLOADS)
def test_oai_pmhs_own_payloads(text: str, sound: bool) -> None:
    errors = validate_payload(etree.fromstring(text))
    assert errors is not None
    assert (not errors) == sound


@needs_shared
def test_the_published_dublin_core_schema_says_the_same() -> None:
    published = etree.XMLSchema(etree.parse(str(shared("ivoa", "xsd", "driver-current.xsd"))))
    for text, sound in PAYLOADS:
        if "oai_dc:dc" in text:
            assert published.validate(etree.fromstring(text)) == sound, text


def test_other_payloads_are_not_judged_here() -> None:
    assert validate_payload(etree.fromstring('<a xmlns="urn:a"/>')) is None


def test_a_payload_is_judged_where_it_stands() -> None:
    text = RESPONSE.replace(
        '<any xmlns="urn:any" unheard="of">thing<at/>all</any>', DUBLIN_CORE.format("\n<dc:x/>")
    )
    [payload] = etree.fromstring(text).iter("{*}dc")
    errors = validate_payload(payload)
    assert errors
    assert errors[0].line == 8
    assert errors[0].path == "OAI-PMH/GetRecord/record/metadata/dc/x"
