"""Verdicts and findings on records made for the traps that the archives lack."""

from __future__ import annotations

import pytest

from registry.findings import ADVICE, ERROR, INVALID, NO_SCHEMA, VALID, WARNING, Finding, Judgement
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.spase.tables import VERSIONS
from tests.schemas.made import dataset


def _judge(*changes: tuple[str, str], encoding: str = "utf-8") -> Judgement:
    (part,) = parts(dataset(*changes, encoding=encoding))
    return judge(part)


def _only(judgement: Judgement) -> Finding:
    assert judgement.verdict == INVALID
    (finding,) = judgement.findings
    assert finding.severity == ERROR
    return finding


START, LOW = "2001-01-01T00:00:00Z", "1.5"


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (("", ""), VALID),
        # XSD collapses the white space of dates, durations and numbers (XSD 1.1-2, 4.3.6).
        ((START, f" {START}"), VALID),
        ((START, f"{START}\n\t"), VALID),
        (("<Cadence>PT16S", "<Cadence> PT16S\n"), VALID),
        ((LOW, " 1.5 "), VALID),
        ((START, "2001-01-01T00:00:00<!-- UTC -->Z"), VALID),
        ((START, " 2001-01-01T00:00:00<!-- UTC -->Z "), VALID),
        # XSD 1.1-2, 3.3.7: the end of a day is the beginning of the next.
        ((START, "2001-01-01T24:00:00"), VALID),
        ((START, "2001-01-01T24:00:01"), INVALID),
        ((START, "2001-02-30T00:00:00"), INVALID),
        ((START, "2001-01-01"), INVALID),
        ((START, "2001-01-01T00:00:00\u00a0"), INVALID),
        ((START, f" 1 {START}"), INVALID),
        # 3.3.5: an exponent has digits.
        ((LOW, "146.85E"), INVALID),
        ((LOW, "146.85e+"), INVALID),
        ((LOW, "146.85E1"), VALID),
        ((LOW, "146.85&#69;"), INVALID),
        ((LOW, "<![CDATA[146.85E]]>"), INVALID),
        ((LOW, "146.85<!-- -->E"), INVALID),
        ((LOW, "INF"), VALID),
        ((LOW, "+INF"), VALID),
        ((LOW, "inf"), INVALID),
        # 3.3.6: a second's fraction has digits on both sides.
        (("<Cadence>PT16S", "<Cadence>PT.5S"), INVALID),
        (("<Cadence>PT16S", "<Cadence>PT0.5S"), VALID),
        (("<Cadence>PT16S", "<Cadence>PT"), INVALID),
        # A string keeps its white space: an enumeration's value has none round it.
        (("MagneticField<", " MagneticField<"), INVALID),
        (("<Version>2.6.0", "<Version> 2.6.0"), INVALID),
    ],
)  # fmt: skip
def test_values_are_judged_by_the_recommendation(change: tuple[str, str], verdict: str) -> None:
    assert _judge(change).verdict == verdict


def test_iso_8859_1() -> None:
    judgement = _judge(("UTF-8", "ISO-8859-1"), ("Made for", "Mesuré à"), encoding="iso-8859-1")
    assert judgement == Judgement(VALID, [])


def test_2_7_2_has_no_schema_and_provisional_findings() -> None:
    judgement = _judge(("2.6.0", "2.7.2"))
    assert judgement.verdict == NO_SCHEMA
    (said,) = judgement.findings
    assert (said.rule, said.severity, said.line) == ("schema.version", ADVICE, 4)
    judgement = _judge(("2.6.0", "2.7.2"), ("MagneticField", "MagneticFeld"))
    assert judgement.verdict == NO_SCHEMA
    assert [f.severity for f in judgement.findings] == [ADVICE, WARNING]
    assert "MagneticFeld" in judgement.findings[1].message


@pytest.mark.parametrize("version", ["9.9.9", "2.6", "2.7.3", ""])
def test_a_version_that_does_not_exist_is_invalid(version: str) -> None:
    judgement = _judge(("2.6.0", version))
    assert judgement.verdict == INVALID
    finding = judgement.findings[0]
    assert (finding.rule, finding.severity, finding.path) == (
        "schema.version", ERROR, "Spase/Version",
    )  # fmt: skip
    assert f"known are {VERSIONS[0]} to {VERSIONS[-1]}" in finding.message


def test_no_version_is_invalid() -> None:
    judgement = _judge(("<Version>2.6.0</Version>", ""))
    assert judgement.verdict == INVALID
    finding = _only(judgement)
    assert "does not say of which SPASE version it is" in finding.message
    assert "write `<Version>` before all else" in finding.remedy


@pytest.mark.parametrize(
    ("change", "rule", "line", "path", "words"),
    [
        (("Earth.Magnetosphere", "Earth.Magnetospere"), "schema.value", 32,
         "ObservedRegion", "did you mean `Earth.Magnetosphere`?"),
        (("Earth.Magnetosphere", "Jupiter.Amalthea"), "schema.value", 32,
         "ObservedRegion", "it is a value since 2.7.1"),
        (("Earth.Magnetosphere", "earth magnetosphere"), "schema.value", 32,
         "ObservedRegion", "has no `earth magnetosphere`"),
        (("<ReleaseDate>2020-01-02T03:04:05Z</ReleaseDate>", ""), "schema.occurrence", 7,
         "ResourceHeader", "`ResourceHeader` has no `ReleaseDate`, and needs one"),
        (("<Format>CDF</Format>", ""), "schema.occurrence", 16,
         "AccessInformation", "add it at its end"),
        (("<Cadence>PT16S</Cadence>", "<Cadence>PT16S</Cadence>\n<Cadence>PT1S</Cadence>"),
         "schema.occurrence", 31, "TemporalDescription/Cadence[2]", "has 2 of `Cadence`"),
        (("<ObservedRegion>", "<Keyword>x</Keyword><ObservedRegion>"), "schema.order", 32,
         "Keyword", "`Keyword` stands before `ObservedRegion`, and belongs after it"),
        (("<Description>", "<Desciption>y</Desciption><Description>"),
         "schema.element", 10, "ResourceHeader/Desciption", "did you mean `Description`?"),
        (("<Cadence>", "<Field/><Cadence>"), "schema.element", 30,
         "TemporalDescription/Field", "belongs in `Parameter`"),
        (("<ObservedRegion>", "<x:y xmlns:x='u:x'/><ObservedRegion>"), "schema.element", 32,
         "y", "in the namespace u:x"),
        (("<Name>", "<Name lang='en'>"), "schema.attribute", 34, "Parameter/Name", "`lang`"),
        (("<Parameter>", "<Parameter>text"), "schema.text", 33, "Parameter",
         "holds the text 'text'"),
        (("<Name>Field", "<Name>F<b/>"), "schema.text", 34, "Parameter/Name", "the element `b`"),
        ((LOW, "146.85E"), "schema.type", 39, "Parameter/Field/FrequencyRange/Low", "'146.85E'"),
        ((START, "yesterday"), "schema.type", 27,
         "TemporalDescription/TimeSpan/StartDate", "not a date and time"),
        (("spase://Test/Repository/Archive", "Archive"), "schema.type", 17,
         "AccessInformation/RepositoryID", "not an identifier"),
    ],
)  # fmt: skip
def test_findings_say_what_where_and_what_to_do(
    change: tuple[str, str], rule: str, line: int, path: str, words: str
) -> None:
    finding = _found(change, rule)
    assert (finding.rule, finding.line) == (rule, line)
    assert finding.path == f"Spase/NumericalData/{path}"
    assert words in f"{finding.message} ({finding.remedy})"


def _found(change: tuple[str, str], rule: str) -> Finding:
    judgement = _judge(change)
    assert judgement.verdict == INVALID
    return next(finding for finding in judgement.findings if finding.rule == rule)


def test_every_fault_of_a_container_is_told_at_once() -> None:
    judgement = _judge(
        ("MagneticField", "Magnetic Field"),
        ("<ResourceName>Probe magnetic field</ResourceName>", ""),
        ("<Format>CDF</Format>", "<Fromat>CDF</Fromat>"),
        ("20</High>", "twenty</High>"),
    )
    # `Fromat` stands for the Format that is missing: that is said once.
    assert [finding.rule for finding in judgement.findings] == [
        "schema.occurrence", "schema.element", "schema.value", "schema.type",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("<StartDate>2001-01-01T00:00:00Z", "<StartDate>"),
         "`StartDate` is empty, and needs a date and time like 2001-02-03T04:05:06Z"),
        ((START, "2001-02-30T00:00:00"), "month 2 of 2001 has no day 30"),
        ((START, "2001-13-01T00:00:00"), "there is no month 13"),
        ((START, "2001-02-03"),
         "add the time: 2001-02-03T00:00:00Z if the beginning of the day is meant"),
        ((START, "03/02/2001"), "write year, month and day, T, and the time"),
        (("PT16S</Cad", "P16S</Cad"), "did you mean PT16S? A T stands before hours"),
        ((LOW, "1,5"), "did you mean 1.5?"),
        (("spase://Test/Repository/Archive", "Test/Repository/Archive"),
         "did you mean spase://Test/Repository/Archive?"),
        (("spase://Test/Repository/Archive", "spase//Test/Repository/Archive"),
         "did you mean spase://Test/Repository/Archive?"),
        (("PrincipalInvestigator", "TeamLeader; Publisher"),
         "write each of the 2 in a `Role` of its own"),
        (("StopDate>", "EndDate>"), "it is called `StopDate` in 2.6.0"),
        (("<ObservedRegion>", "<ObservedRegion xmlns=''>"), 'remove xmlns=""'),
        (("<ObservedRegion>", "<Note xmlns='urn:x'/><ObservedRegion>"), "only `Extension` takes"),
    ],
)  # fmt: skip
def test_one_fault_is_one_finding_that_says_what_to_do(change: tuple[str, str], words: str) -> None:
    # The name of an element stands at its beginning and at its end.
    both = change[0] == "StopDate>"
    finding = _only(_judge(change, change) if both else _judge(change))
    assert words in f"{finding.message} ({finding.remedy})"


@pytest.mark.parametrize(
    ("change", "replacement"),
    [
        ((START, "2001-2-3 04:05"), "2001-02-03T04:05:00"),
        (("PT16S</Cad", "pt16s</Cad"), "PT16S"),
        (("Earth.Magnetosphere", "earth.magnetosphere"), "Earth.Magnetosphere"),
        (("Earth.Magnetosphere", "Earth.Magnetospere"), "Earth.Magnetosphere"),
        (("Earth.Magnetosphere", "Earth.Magnet"), None),
    ],
)
def test_a_replacement_where_it_is_certain(
    change: tuple[str, str], replacement: str | None
) -> None:
    assert _only(_judge(change)).replacement == replacement


def test_an_element_of_a_newer_version_is_said_with_its_place() -> None:
    finding = _only(judge_person("2.2.9"))
    assert (
        finding.message == "`Person` has no `ORCIdentifier` in SPASE 2.2.9; it has one since 2.3.0"
    )
    assert finding.remedy.startswith("there it stands after `FaxNumber`;")


def judge_person(version: str) -> Judgement:
    record = f"""<Spase xmlns="http://www.spase-group.org/data/schema"><Version>{version}</Version>
      <Person><ResourceID>spase://T/Person/A</ResourceID><PersonName>A</PersonName>
      <OrganizationName>B</OrganizationName><ORCIdentifier>0</ORCIdentifier></Person></Spase>"""
    (part,) = parts(record.encode())
    return judge(part)


def test_only_what_was_moved_is_out_of_order() -> None:
    moved = "<InstrumentID>spase://Test/Instrument/Probe/MAG</InstrumentID>"
    finding = _only(_judge((moved, ""), ("<ResourceID>", moved + "<ResourceID>")))
    assert (finding.rule, finding.path) == ("schema.order", "Spase/NumericalData/InstrumentID")
    assert "stands before `AccessInformation`, and belongs after it" in finding.message


def test_white_space_round_a_value_has_a_certain_fix() -> None:
    finding = _only(_judge(("MagneticField<", " MagneticField<")))
    assert finding.replacement == "MagneticField"


def test_a_schema_location_of_another_namespace_is_a_warning_with_a_fix() -> None:
    wrong = "https://www.spase-group.org/data/schema https://example.org/spase.xsd"
    judgement = _judge(
        ("<Spase xmlns", f'<Spase xsi:schemaLocation="{wrong}" xmlns'),
    )
    assert judgement.verdict == VALID
    (finding,) = judgement.findings
    assert (finding.rule, finding.severity) == ("schema.location", WARNING)
    assert finding.replacement == wrong.replace("https://www.spase-group", "http://www.spase-group")


def test_hundreds_of_thousands_of_faults_stay_bounded() -> None:
    faults = "<Keyword> x</Keyword><Nothing/>" * 100_000
    judgement = _judge(("<Parameter>", faults + "<Parameter>"))
    assert judgement.verdict == INVALID
    assert len(judgement.findings) == 501
    assert "more than 500 findings" in judgement.findings[-1].message


def test_a_value_of_megabytes_is_not_told_whole() -> None:
    huge = "x" * 5_000_000
    changes = ((">MagneticField", ">" + huge), (">1.5", ">" + huge), (">2.6.0", ">" + huge))
    for judgement in (_judge(*changes[:2]), _judge(changes[2])):
        assert judgement.verdict == INVALID
        assert all(len(finding.message) < 1000 for finding in judgement.findings)


@pytest.mark.parametrize(
    ("version", "extension", "verdict"),
    [
        ("2.6.0", "<x xmlns='u:x' a='1'><y/>text</x><z/>", VALID),
        ("2.6.0", "<Spase/>", INVALID),
        ("2.2.3", "<x xmlns='u:x'/>", INVALID),
        ("2.2.3", "", VALID),
        ("2.0.2", "<x xmlns='u:x'/>", VALID),
        ("2.0.2", "<Keyword/>", INVALID),
        ("2.0.0", "<Keyword/>", VALID),
    ],
)
def test_what_an_extension_lets_in(version: str, extension: str, verdict: str) -> None:
    record = f"""<Spase xmlns="http://www.spase-group.org/data/schema"><Version>{version}</Version>
      <Person><ResourceID>spase://T/Person/A</ResourceID><PersonName>A</PersonName>
      <OrganizationName>B</OrganizationName><Extension>{extension}</Extension></Person></Spase>"""
    (part,) = parts(record.encode())
    assert judge(part).verdict == verdict


def test_lines_are_those_of_the_document_a_record_stood_in() -> None:
    inside = dataset(("MagneticField", "MagneticFeld")).decode().split("\n", 1)[1]
    oai = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n\n<GetRecord><record><header>'
        f"<identifier>x</identifier></header>\n<metadata>{inside}</metadata></record></GetRecord>"
        "</OAI-PMH>"
    )
    (part,) = parts(oai.encode())
    line = oai.split("MagneticFeld")[0].count("\n") + 1
    assert _only(judge(part)).line == line
