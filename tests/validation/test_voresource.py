"""The verdict on VOResource records, by the settled rules, and its findings in words."""

import csv
from pathlib import Path
from typing import Any

import pytest

from registry.findings import ERROR, INVALID, UNRECOGNISED, VALID, Finding, Judgement
from registry.validation.voresource import judge_element, judge_voresource
from schemas.documents import parts
from schemas.parsing import parse
from schemas.parts import Part
from tests.shared import needs_shared, shared

RECORD = """<ri:Resource xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0"
 xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0"
 xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xsi:type="vs:CatalogService" created="2020-01-01T00:00:00Z" updated="2020-01-01T00:00:00Z"
 status="active">
<title>A catalogue</title>
<shortName>CAT</shortName>
<identifier>ivo://example.org/cat</identifier>
<curation><publisher>Somebody</publisher>
<date role="Created">2020-01-01</date>
<contact><name>Somebody</name></contact></curation>
<content><subject>solar-wind</subject><description>Text.</description>
<referenceURL>https://example.org/</referenceURL></content>
<capability>
<interface xsi:type="vs:ParamHTTP">
<accessURL use="base">https://example.org/q?</accessURL></interface></capability>
<coverage><regionOfRegard>146.85</regionOfRegard></coverage>
<tableset><schema><name>s</name><table><name>t</name>
<column><name>b</name></column></table></schema></tableset>
</ri:Resource>
"""


def judged(old: str = "", new: str = "") -> Judgement:
    """The judgement on RECORD with one thing changed in it."""
    assert old in RECORD
    [part] = parts(RECORD.replace(old, new, 1).encode())
    return judge_voresource(part)


def only(judgement: Judgement) -> Finding:
    [finding] = judgement.findings
    return finding


def listed() -> list[dict[str, str]]:
    with shared("ivoa", "VERDICTS.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["file"].startswith("records/")]


def judged_file(row: dict[str, str]) -> Judgement:
    [part] = parts(shared("ivoa", row["file"]).read_bytes())
    return judge_voresource(part)


@needs_shared
def test_the_verdicts_are_those_listed() -> None:
    """All of them: no disagreement is known."""
    rows = listed()
    assert len(rows) == 261
    for row in rows:
        judgement = judged_file(row)
        accepted = "valid" in (row["verdict"], row["verdict_draft"])
        assert judgement.verdict == (VALID if accepted else INVALID), row["file"]
        assert judgement.note == ("draft" if accepted and row["verdict"] != "valid" else "")
        assert (judgement.verdict == INVALID) == any(
            finding.severity == ERROR for finding in judgement.findings
        ), row["file"]


@needs_shared
def test_older_sets_are_named_where_they_accept_the_record() -> None:
    counts = {"schema.obsolete": 0, "schema.older": 0}
    for row in listed():
        rules = {finding.rule for finding in judged_file(row).findings}
        legacy = row["verdict"] == "invalid" and row["verdict_legacy"] == "valid"
        old = row["verdict_legacy"] == "invalid" and row["verdict_old"] == "valid"
        assert ("schema.obsolete" in rules) == legacy, row["file"]
        assert ("schema.older" in rules) == old, row["file"]
        counts["schema.obsolete"] += legacy
        counts["schema.older"] += old
    assert counts == {"schema.obsolete": 38, "schema.older": 3}


@needs_shared
def test_a_root_of_another_name_is_told_what_renaming_gives() -> None:
    seen = 0
    for row in listed():
        if "No matching global declaration" not in row["first_error"]:
            continue
        finding = only(judged_file(row))
        seen += 1
        assert finding.rule == "schema.root"
        renamed = "valid" if "renamed to ri:Resource it is valid" in row["note"] else "invalid"
        assert f"renamed to ri:Resource it is {renamed}" in finding.message, row["file"]
    assert seen == 20


@needs_shared
def test_an_unbound_prefix_is_named() -> None:
    for row in listed():
        for said in row["note"].split("; "):
            if said.startswith("xsi:type prefix "):
                prefix = said.split()[2]
                messages = [finding.message for finding in judged_file(row).findings]
                wanted = f"no xmlns:{prefix} declares the prefix"
                assert any(wanted in message for message in messages), row["file"]


def test_a_sound_record_is_valid_without_a_word() -> None:
    assert judged() == Judgement(VALID, [])


@pytest.mark.parametrize(
    ("old", "new", "rule", "line", "path", "said"),
    [
        (
            "<title>A catalogue</title>",
            "",
            "schema.occurrence",
            6,
            "Resource",
            "`Resource` has no `title`, and needs one",
        ),
        (
            "CAT<",
            "AVERYLONGSHORTNAME<",
            "schema.value",
            8,
            "Resource/shortName",
            "at most 16 characters",
        ),
        ("2020-01-01</date", "1.1.2020</date", "schema.value", 11, None, "a date such as"),
        ('status="active"', "", "schema.attribute", 6, "Resource", "lacks the attribute status"),
        (
            'status="active"',
            'status="gone"',
            "schema.value",
            6,
            "Resource/@status",
            "one of active, inactive, deleted",
        ),
        ('use="base"', 'use="base" of="x"', "schema.attribute", 17, None, "of of accessURL"),
        (
            "<contact><name>Somebody</name></contact>",
            "",
            "schema.occurrence",
            10,
            "Resource/curation",
            "`curation` has no `contact`, and needs one",
        ),
        (
            "<shortName>CAT</shortName>",
            "<shortName>A</shortName><shortName>B</shortName>",
            "schema.occurrence",
            8,
            "Resource/shortName[2]",
            "may not stand again",
        ),
        (
            ' xsi:type="vs:ParamHTTP"',
            "",
            "schema.type",
            16,
            "Resource/capability/interface",
            "of which type",
        ),
        (
            '"vs:ParamHTTP"',
            '"vs:Nothing"',
            "schema.type",
            16,
            "Resource/capability/interface",
            "no such type",
        ),
        (
            '"vs:ParamHTTP"',
            '"sia:ParamHTTP"',
            "schema.type",
            16,
            "Resource/capability/interface",
            "no xmlns:sia declares the prefix",
        ),
        ("<curation>", "<curation>text", "schema.element", 10, "Resource/curation", "holds text"),
        ("<title>", "<title><b/>", "schema.element", 7, "Resource/title", "text only"),
        ("example.org/cat", "?", "schema.value", 9, None, "an IVOA identifier such as"),
        ("https://example.org/<", "ftp://x<", "schema.value", 14, None, "begins with http"),
        (
            "</table></schema>",
            "</table><table><name>t</name></table></schema>",
            "schema.unique",
            20,
            None,
            "'t'",
        ),
    ],
)
def test_faults_in_words(
    old: str, new: str, rule: str, line: int, path: str | None, said: str
) -> None:
    judgement = judged(old, new)
    assert judgement.verdict == INVALID
    [finding] = [finding for finding in judgement.findings if finding.rule == rule]
    assert (finding.severity, finding.line) == (ERROR, line)
    assert said in finding.message
    assert "{http" not in finding.message
    assert path is None or finding.path == path


def test_all_faults_are_told_one_finding_each() -> None:
    """The engine stops at the first fault of content in an element, and passes over the rest."""
    text = RECORD
    for old, new in (
        ("<title>A catalogue</title>", ""),
        ("2020-01-01</date", "1.1.2020</date"),
        ("<contact><name>", "<contact><e-mail>a@b</e-mail><name>"),
        ('use="base"', 'use="all"'),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    findings = judge_element(parse(text.encode()).getroot()).findings
    assert [(one.rule, one.path.rpartition("/")[2]) for one in findings] == [
        ("schema.occurrence", "Resource"),
        ("schema.value", "date"),
        ("schema.element", "e-mail"),
        ("schema.value", "@use"),
    ]
    assert findings[2].remedy == "did you mean `email`?"


def test_what_stands_in_the_wrong_place_is_told_once() -> None:
    title, short = "<title>A catalogue</title>", "<shortName>CAT</shortName>"
    text = RECORD.replace(short, "").replace(title, short + title)
    (finding,) = judge_element(parse(text.encode()).getroot()).findings
    assert finding.rule == "schema.order"
    assert finding.message == "`shortName` stands before `title`, and belongs after it"


def test_what_stands_after_may_be_in_a_namespace_where_it_belongs_to_none() -> None:
    swapped = "<shortName>CAT</shortName>\n<vr:title>A catalogue</vr:title>"
    told = judged("<title>A catalogue</title>\n<shortName>CAT</shortName>", swapped)
    assert told.verdict == INVALID
    assert any("`title` stands in the namespace" in one.message for one in told.findings)


def test_what_only_working_drafts_accept_is_valid_with_a_note() -> None:
    # VODataService 1.3-wd4 has productTypeServed in DataResource; 1.2 has not.
    judgement = judged("<coverage>", "<productTypeServed>spectrum</productTypeServed><coverage>")
    assert judgement.verdict == INVALID, "the order is fixed: it stands after coverage"
    judgement = judged("</coverage>", "</coverage><productTypeServed>image</productTypeServed>")
    assert (judgement.verdict, judgement.note) == (VALID, "draft")
    assert "VODataService 1.3wd4" in only(judgement).message


def test_an_obsolete_namespace_is_named_with_its_successor() -> None:
    obsolete = "http://www.ivoa.net/xml/VODataService/v1.0"
    text = RECORD.replace("http://www.ivoa.net/xml/VODataService/v1.1", obsolete)
    before, after = text.split("<coverage>")[0], "</ri:Resource>"
    judgement = judge_element(parse((before + after).encode()).getroot())
    assert judgement.verdict == INVALID
    assert judgement.findings[0].rule == "schema.obsolete"
    assert obsolete in judgement.findings[0].message
    assert "http://www.ivoa.net/xml/VODataService/v1.1" in judgement.findings[0].remedy


def test_ri_voresources_is_a_root_too() -> None:
    record = RECORD.replace("ri:Resource ", "ri:Resource ", 1)
    text = (
        '<ri:VOResources xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0" from="1" '
        f'numberReturned="1" more="false">{record}</ri:VOResources>'
    )
    assert judge_element(parse(text.encode()).getroot()).verdict == VALID


def test_a_record_before_voresource_1_is_refused_in_words() -> None:
    text = '<Resource xmlns="http://www.ivoa.net/xml/VOResource/v0.10"/>'
    judgement = judge_element(parse(text.encode()).getroot())
    assert judgement.verdict == INVALID
    assert "older than VOResource 1.0" in only(judgement).message


def test_a_double_without_its_exponent_is_none() -> None:
    """XSD 1.0 part 2, section 3.2.5; lxml alone would take it."""
    judgement = judged("146.85<", "146.85E<")
    assert judgement.verdict == INVALID
    finding = only(judgement)
    assert (finding.rule, finding.line) == ("schema.value", 18)
    assert finding.path == "Resource/coverage/regionOfRegard"
    assert judged("146.85<", "146.85E0<").verdict == VALID


@pytest.mark.parametrize("date", ["\n 2020-01-01 ", " 2020-01-01T00:00:00Z\n"])
def test_white_space_round_a_date_is_collapsed(date: str) -> None:
    """XSD 1.0 part 2, section 4.3.6; lxml alone would refuse it in a union."""
    assert judged("2020-01-01</date", f"{date}</date").verdict == VALID
    assert judged("2020-01-01</date", f"{date}x</date").verdict == INVALID


@pytest.mark.parametrize("number", ["146.85", "146.85E"])
def test_a_schema_location_is_never_followed(tmp_path: Path, number: str) -> None:
    schema = tmp_path / "own.xsd"
    schema.write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:own" '
        'xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0">'
        '<xs:import namespace="http://www.ivoa.net/xml/VOResource/v1.0"/>'
        '<xs:complexType name="Own"><xs:complexContent><xs:extension base="vr:Interface"/>'
        "</xs:complexContent></xs:complexType></xs:schema>",
        encoding="utf-8",
    )
    text = RECORD.replace('"vs:ParamHTTP"', '"own:Own"').replace("146.85", number)
    hint = f'xmlns:own="urn:own" xsi:schemaLocation="urn:own {schema.as_uri()}" status'
    judgement = judge_element(parse(text.replace("status", hint, 1).encode()).getroot())
    assert judgement.verdict == INVALID
    assert "urn:own" in judgement.findings[0].message


def test_lines_are_those_of_the_document_the_record_was_cut_from() -> None:
    text = RECORD.replace("CAT<", "AVERYLONGSHORTNAME<")
    whole = (
        '<ri:VOResources xmlns:ri="http://www.ivoa.net/xml/RegistryInterface/v1.0">\n\n'
        f"{text}</ri:VOResources>"
    )
    [part] = parts(whole.encode())
    assert only(judge_voresource(part)).line == 10


def test_a_part_without_a_record_has_no_verdict() -> None:
    assert judge_voresource(Part(deleted=True)) == Judgement(UNRECOGNISED, [])


def test_findings_do_not_follow_from_one_another() -> None:
    """A type that is none would make all its children unexpected too: said once is enough."""
    judgement: Any = judged('"vs:CatalogService"', '"vs:Nothing"')
    assert [finding.rule for finding in judgement.findings] == ["schema.type"]
