"""Reports in the forms that other programs read, held against schemas of these forms."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lxml import etree

from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.validation.grouping import Groups
from registry.validation.reports import html, junit, sarif
from registry.validation.reports.report import Report
from registry.validation.reports.text import as_group, as_text, counted, shown

HERE = Path(__file__).parent
PUBLISHED = os.environ.get("PARHELION_TEST_REPORT_SCHEMAS", "")


def published(name: str) -> Path:
    """The schema of a form as others publish it; here is a small one of the elements in use."""
    if not PUBLISHED:
        pytest.skip(
            "needs the forms' own schemas: .ci/report-schemas FOLDER, and "
            "PARHELION_TEST_REPORT_SCHEMAS=FOLDER"
        )
    return Path(PUBLISHED) / name


HOSTILE = "<script>alert(1)</script> & \"quotes\" 'too' \x1b[31m \x00 \u202e \ud800 ]]> é"


def finding(
    rule: str = "schema.value", severity: str = ERROR, message: str = "is wrong", **more: Any
) -> Finding:
    return Finding(
        rule, severity, message, **({"line": 7, "path": "Spase/Person/PersonName"} | more)
    )


REPORTS = [
    Report("/a/good.xml", "spase://A/Person/Good", "spase", "2.7.1", "valid", []),
    Report(
        "/a/b c/ü#?.xml", "spase://A/Person/Bad", "spase", "2.7.1", "invalid",
        [
            finding(message=HOSTILE, column=3, remedy="mend it"),
            finding("schema.location", WARNING, line=0, path=""),
            finding("text.short", ADVICE),
        ],
    ),
    Report("/a/z.zip!/x.xml", "spase://A/New", "spase", "2.7.2", "no-schema",
           [finding("schema.version", ADVICE)]),
    Report("-", "", "", "", "unrecognised", [finding("document.unreadable", path="", line=0)]),
]  # fmt: skip


def groups() -> Groups:
    found = Groups()
    for report in REPORTS:
        found.add(report.file, report.id, report.findings)
    return found


def sarif_log() -> dict[str, Any]:
    out = io.StringIO()
    log = sarif.SarifLog(out)
    for report in REPORTS:
        log.add(sarif.results(report))
    log.finish(groups().sorted(), successful=False)
    read: dict[str, Any] = json.loads(out.getvalue())
    return read


def test_sarif_is_what_the_standard_says() -> None:
    log = sarif_log()
    schema = json.loads((HERE / "sarif.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(log)
    (run,) = log["runs"]
    assert [result["ruleId"] for result in run["results"]] == [
        "schema.value", "schema.location", "text.short", "schema.version", "document.unreadable",
    ]  # fmt: skip
    # SARIF 2.1.0, 3.27.10: a note is less than a warning.
    levels = [result["level"] for result in run["results"]]
    assert levels == ["error", "warning", "note", "note", "error"]
    named = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert named == {result["ruleId"] for result in run["results"]}
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_sarif_is_what_oasis_says() -> None:
    schema = json.loads(published("sarif.json").read_text("utf-8"))
    assert schema["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
    judge = jsonschema.Draft7Validator(schema)
    log = sarif_log()
    judge.validate(log)
    out = io.StringIO()
    sarif.SarifLog(out).finish([], successful=True)
    judge.validate(json.loads(out.getvalue()))
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not judge.is_valid(log)


def test_junit_is_what_jenkins_says() -> None:
    schema = etree.XMLSchema(etree.parse(str(published("junit.xsd"))))
    for fail_on in (ERROR, WARNING, ADVICE):
        schema.assertValid(suites(fail_on))
    out = io.StringIO()
    junit.JunitSuites(out).finish()
    schema.assertValid(etree.fromstring(out.getvalue().encode()))
    wrong = suites()
    wrong.find("testsuite").set("files", "1")
    assert not schema.validate(wrong)


def test_sarif_of_nothing_is_sound() -> None:
    out = io.StringIO()
    sarif.SarifLog(out).finish([], successful=True)
    schema = json.loads((HERE / "sarif.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(json.loads(out.getvalue()))


def test_sarif_names_files_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inside = str(Path.cwd() / "NASA" / "a b.xml")
    (result,) = sarif.results(Report(inside, "", "", "", "invalid", [finding()]))
    location = json.loads(result)["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "NASA/a%20b.xml", "uriBaseId": "%SRCROOT%"}
    (result,) = sarif.results(REPORTS[1])[:1]
    location = json.loads(result)["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location == {"uri": "file:///a/b%20c/%C3%BC%23%3F.xml"}


def suites(fail_on: str = ERROR) -> Any:
    out = io.StringIO()
    written = junit.JunitSuites(out)
    for report in REPORTS:
        written.add([junit.case(report, fail_on)])
    written.finish()
    root = etree.fromstring(out.getvalue().encode())
    etree.XMLSchema(etree.parse(str(HERE / "junit.xsd"))).assertValid(root)
    return root


def test_junit_counts_what_it_holds() -> None:
    root = suites()
    suite = root.find("testsuite")
    assert dict(suite.attrib) == dict(root.attrib) | {"skipped": "1"}
    assert suite.attrib == {
        "name": "parhelion validate", "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
    }  # fmt: skip
    inside = [[child.tag for child in case] for case in suite]
    assert inside == [[], ["failure", "system-out"], ["skipped", "system-out"], ["error"]]
    failure = suite[1].find("failure")
    assert failure.get("type") == "schema.value"
    assert "<script>alert(1)</script> &" in failure.get("message")
    assert "\x1b" not in failure.text


@pytest.mark.parametrize(("fail_on", "failures"), [(ERROR, 1), (WARNING, 1), (ADVICE, 2)])
def test_junit_fails_by_the_severity_asked_for(fail_on: str, failures: int) -> None:
    assert suites(fail_on).get("failures") == str(failures)


class _Page(HTMLParser):
    """Which elements a page has, and what addresses it names."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "action")]


def page() -> str:
    out = io.StringIO()
    written = html.HtmlPage(out)
    for report in REPORTS:
        written.add(html.rows(report))
    written.finish(groups().sorted(), "4 records.", "2 errors.")
    return out.getvalue()


def test_the_page_names_nothing_outside_and_runs_only_its_own_script() -> None:
    text = page()
    read = _Page()
    read.feed(text)
    assert read.links == []
    assert (read.tags.count("script"), read.tags.count("style")) == (1, 1)
    for tag in ("script", "style"):
        found = re.search(f"<{tag}>(.*)</{tag}>", text, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text


def test_the_page_has_what_a_screen_reader_needs() -> None:
    text = page()
    assert '<html lang="en">' in text
    assert text.count("<caption>") == text.count("<table") == 2
    assert text.count('<th scope="col"') == text.count("<th ") == 13
    assert '<label for="filter">' in text
    # Two tables: six columns of causes, seven of findings; each row has all of them.
    rows = re.findall(r"<tr>(<td.*?)</tr>", text, re.DOTALL)
    assert sorted(row.count("<td") for row in rows) == [6] * 5 + [7] * 5


def test_a_long_list_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MOST_ROWS", 2)
    text = page()
    assert "The first 2 of 5 findings." in text
    assert len(re.findall(r'class="number">(?:7(?::3)?)?<', text)) == 2


def test_text_shows_what_a_terminal_would_obey() -> None:
    text = as_text(REPORTS[1])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\u202e]", text)
    assert "\\x1b[31m" in text
    assert shown("é – plain") == "é – plain"
    assert "\x1b[31;1merror\x1b[0m" in as_text(REPORTS[1], colour=True)


def test_a_cause_is_told_with_its_count_and_first_places() -> None:
    found = Groups()
    for number in range(5):
        wrong = finding("reference.unknown", path=f"Spase/NumericalData/RepositoryID[{number + 1}]")
        found.add(f"/r/{number}.xml", str(number), [wrong, wrong])
    (group,) = found.sorted()
    first, *others = as_group(group).splitlines()
    assert first == "error: RepositoryID leads nowhere: 10 in 5 records [reference.unknown]"
    assert others == [
        "    /r/0.xml:7: is wrong", "    /r/0.xml:7: is wrong", "    /r/1.xml:7: is wrong",
        "    and 7 more",
    ]  # fmt: skip


def test_counts_in_words() -> None:
    from collections import Counter

    assert counted(Counter(error=1, warning=2, advice=1000), 0) == (
        "1 error, 2 warnings, 1,000 pieces of advice."
    )
    assert counted(Counter(), 3) == "3 known from the baseline not told."
    assert counted(Counter(), 0) == ""
