"""Recognising documents and taking them apart."""

from __future__ import annotations

import pytest
from lxml import etree

from registry.findings import Refusal
from schemas.documents import element, parts
from schemas.parts import Part
from tests.schemas.made import dataset
from tests.shared import needs_shared, shared

RESOURCE = """<ri:Resource xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"
  xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="vs:CatalogService"
  xmlns="" created="2020-01-01T00:00:00" updated="2020-01-01T00:00:00" status="active">
  <title>T</title><identifier> ivo://test/one </identifier></ri:Resource>"""


def _one(content: bytes | str) -> Part:
    (part,) = parts(content.encode() if isinstance(content, str) else content)
    return part


def test_a_spase_record_is_its_document() -> None:
    content = dataset()
    part = _one(content)
    assert (part.format, part.version, part.kind) == ("spase", "2.6.0", "NumericalData")
    assert part.identifier == "spase://Test/NumericalData/Probe/MAG/PT16S"
    assert part.whole
    assert part.content is content
    assert part.refusal is None


def test_white_space_round_an_identifier_is_none_of_it() -> None:
    part = _one(dataset(("spase://Test/NumericalData/Probe/MAG/PT16S", "\n  spase://Test/A/B\t")))
    assert part.identifier == "spase://Test/A/B"
    assert part.refusal is None


ID = "<ResourceID>spase://Test/NumericalData/Probe/MAG/PT16S</ResourceID>"


@pytest.mark.parametrize(
    ("written", "reason", "line"),
    [
        ("", "no-identifier", 5),
        ("<ResourceID/>", "no-identifier", 6),
        (ID + "\n" + ID, "identifier", 7),
        ("<ResourceID>spase://Test/A\tB</ResourceID>", "identifier", 6),
        ("<ResourceID>spase://Test/A\nB</ResourceID>", "identifier", 6),
        ("<ResourceID>http://example.org/x</ResourceID>", "identifier", 6),
        ("<ResourceID>none</ResourceID>", "identifier", 6),
    ],
)
def test_identifiers_that_cannot_be(written: str, reason: str, line: int) -> None:
    part = _one(dataset((ID, written)))
    assert part.refusal is not None
    assert (part.refusal.reason, part.refusal.line) == (reason, line)
    assert part.element is not None


def test_a_spase_without_a_resource() -> None:
    part = _one(
        '<Spase xmlns="http://www.spase-group.org/data/schema"><Version>2</Version></Spase>'
    )
    assert part.refusal is not None
    assert part.refusal.reason == "no-identifier"


SEVERAL = """\
<?xml version="1.0" encoding="{encoding}"?>
<!-- <Spase> before -->
<s:Spase xmlns:s="http://www.spase-group.org/data/schema" xmlns:q='urn:q?a=1&amp;b=2' lang="e>n">
  <s:Version>2.4.0</s:Version>
  <!-- the first -->
  <s:Person><s:ResourceID>spase://T/Person/A</s:ResourceID><s:Note><![CDATA[</s:Person>]]></s:Note>
  <!-- kept é --></s:Person>
  <s:Person>
    <s:ResourceID>spase://T/Person/B</s:ResourceID>  &#x41;
  </s:Person><s:Registry/><s:Person><s:ResourceID>spase://T/Person/C</s:ResourceID></s:Person>
</s:Spase>
"""


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_several_resources_are_taken_apart(encoding: str, newline: str) -> None:
    text = SEVERAL.format(encoding=encoding).replace("\n", newline)
    found = parts(text.encode(encoding))
    assert [part.identifier for part in found] == [
        "spase://T/Person/A", "spase://T/Person/B", "", "spase://T/Person/C",
    ]  # fmt: skip
    assert [part.kind for part in found] == ["Person", "Person", "Registry", "Person"]
    assert [part.refusal and part.refusal.reason for part in found] == [
        None, None, "no-identifier", None,
    ]  # fmt: skip
    first, second = found[:2]
    assert not first.whole
    assert first.content.decode().count("<s:Person>") == 1
    assert f"<![CDATA[</s:Person>]]></s:Note>{newline}  <!-- kept é --></s:Person>" in (
        first.content.decode()
    )
    assert "&#x41;" in second.content.decode()
    for part in found:
        root = element(part.content)
        assert root.tag == "{http://www.spase-group.org/data/schema}Spase"
        assert root.nsmap["q"] == "urn:q?a=1&b=2"
        assert root.get("lang") == "e>n"
        assert root.findtext("{*}Version") == "2.4.0"
        assert len(list(root.iterchildren("{*}Person", "{*}Registry"))) == 1
    # A resource's lines are the document's.
    name = second.element.find(".//{*}ResourceID")
    assert name.sourceline + second.line - 1 == 9


def test_an_extension_beside_the_resource_makes_no_second_record() -> None:
    part = _one(dataset(("</Spase>", "<Extension><x xmlns='u:x'/></Extension></Spase>")))
    assert part.whole
    assert part.refusal is None


@pytest.mark.parametrize(
    ("root", "kind"),
    [
        (RESOURCE, "CatalogService"),
        (RESOURCE.replace(' xsi:type="vs:CatalogService"', ""), "Resource"),
        (RESOURCE.replace("ri:Resource", "resource"), "CatalogService"),
        (RESOURCE.replace("ri:Resource", "Resource"), "CatalogService"),
    ],
)
def test_voresource_under_its_names(root: str, kind: str) -> None:
    part = _one(root)
    assert (part.format, part.kind, part.identifier) == ("voresource", kind, "ivo://test/one")
    assert not part.deleted


def test_a_deleted_voresource() -> None:
    assert _one(RESOURCE.replace('"active"', '"deleted"')).deleted


def test_voresources_are_cut_with_the_declarations_in_scope() -> None:
    inside = RESOURCE.replace('xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"', "")
    inside = inside.replace('xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"', "")
    text = (
        '<ri:VOResources xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"\n'
        ' xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1" numberReturned="2">\n'
        f"{inside}\n{inside.replace('test/one', 'test/two')}</ri:VOResources>"
    )
    first, second = parts(text.encode())
    assert (first.identifier, second.identifier) == ("ivo://test/one", "ivo://test/two")
    assert (first.line, second.line) == (3, 8)
    assert element(second.content).nsmap["vs"] == "http://www.ivoa.net/xml/VODataService/v1.1"


def _oai(records: str, verb: str = "ListRecords") -> str:
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n<responseDate>2020-01-01T00:00:00Z'
        f"</responseDate><request>https://example.org</request>\n<{verb}>{records}</{verb}></OAI-PMH>"
    )


def _record(identifier: str, metadata: str, status: str = "") -> str:
    inside = f"<metadata>{metadata}</metadata>" if metadata else ""
    return (
        f"<record><header{status}><identifier>{identifier}</identifier><datestamp>2020-02-02"
        f"</datestamp><setSpec>a</setSpec><setSpec>b:c</setSpec></header>{inside}</record>"
    )


def test_an_oai_response_with_everything() -> None:
    spase = dataset().decode().split("\n", 1)[1]
    found = parts(
        _oai(
            _record("oai:x:1", spase)
            + _record("oai:x:2", RESOURCE)
            + _record("ivo://test/gone", "", ' status="deleted"')
            + _record("oai:x:4", '<dc xmlns="http://www.openarchives.org/OAI/2.0/oai_dc/"/>')
            + _record("oai:x:5", '<r xmlns="http://www.ivoa.net/xml/VOResource/v0.10"/>')
            + _record("oai:x:6", "")
            + "<resumptionToken>more</resumptionToken>"
        ).encode()
    )
    assert [part.format for part in found] == ["spase", "voresource", "", "", "", ""]
    assert [part.refusal and part.refusal.reason for part in found] == [
        None, None, None, "unrecognised", "obsolete", "unrecognised",
    ]  # fmt: skip
    assert [part.deleted for part in found] == [False, False, True, False, False, False]
    assert [part.header.identifier for part in found if part.header] == [
        "oai:x:1", "oai:x:2", "ivo://test/gone", "oai:x:4", "oai:x:5", "oai:x:6",
    ]  # fmt: skip
    gone = found[2]
    assert gone.header is not None
    assert gone.header.deleted
    assert gone.header.sets == ("a", "b:c")
    assert gone.header.datestamp == "2020-02-02"
    assert (gone.identifier, gone.element) == ("ivo://test/gone", None)
    assert found[0].content.decode().strip() == spase.strip()
    assert found[1].content.decode() == RESOURCE


@pytest.mark.parametrize("verb", ["ListIdentifiers", "Identify", "ListSets", "ListMetadataFormats"])
def test_other_oai_responses_are_refused_in_words(verb: str) -> None:
    with pytest.raises(Refusal, match=f"response with {verb} holds no records"):
        parts(_oai("", verb).encode())


def test_an_oai_error_is_told() -> None:
    text = _oai("").replace(
        "<ListRecords></ListRecords>", '<error code="badVerb">Illegal verb</error>'
    )
    with pytest.raises(Refusal, match="the error badVerb: Illegal verb") as caught:
        parts(text.encode())
    assert caught.value.line == 3


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (b"<html/>", "unrecognised", "html in no namespace"),
        (b"<Spase/>", "unrecognised", "SPASE's root is Spase in the namespace"),
        (b'<Spase xmlns="https://www.spase-group.org/data/schema"/>', "unrecognised", "SPASE's"),
        (b"<resource/>", "unrecognised", "VOResource's root"),
        (b'<R xmlns="http://www.ivoa.net/xml/RegistryInterface/v0.1"/>', "obsolete", "0.1"),
    ],
)
def test_of_no_known_kind(content: bytes, reason: str, words: str) -> None:
    with pytest.raises(Refusal, match=words) as caught:
        parts(content)
    assert caught.value.reason == reason


@needs_shared
def test_every_obsolete_record_is_refused_in_words() -> None:
    files = sorted(shared("ivoa", "records-voresource-0.10").iterdir())
    assert len(files) == 24
    for file in files:
        with pytest.raises(Refusal, match="obsolete") as caught:
            parts(file.read_bytes())
        assert caught.value.reason == "obsolete"


@needs_shared
def test_every_voresource_record_is_recognised() -> None:
    listed = (shared("ivoa", "VERDICTS.tsv")).read_text("utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in listed if line.startswith("records/")]
    assert len(rows) == 261
    for row in rows:
        part = _one(shared("ivoa", row[0]).read_bytes())
        assert part.format == "voresource"
        assert part.identifier == row[7].strip() or part.refusal is not None


@needs_shared
def test_records_cut_from_responses_say_the_same() -> None:
    for file in shared("ivoa", "oai-responses").glob("*.xml"):
        content = file.read_bytes()
        try:
            found = parts(content)
        except Refusal:
            continue
        tree = etree.fromstring(content)
        inside = tree.findall(".//{*}metadata/{*}Resource")
        cut = [part for part in found if part.element is not None]
        assert len(inside) == len(cut)
        for whole, part in zip(inside, cut, strict=True):
            same = [
                etree.tostring(root, method="c14n", exclusive=True)
                for root in (whole, part.element)
            ]
            assert same[0] == same[1]
            assert part.line == whole.sourceline or part.content.splitlines()[0]
