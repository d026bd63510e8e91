"""A first look at a record's bytes finds nothing else than the model does, nor do two rounds."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator

import pytest

from harvesters.documents import Document, Task
from registry.findings import VALID, Finding
from registry.model import Record
from registry.validation.entries import Entry, entries, entry_from
from registry.validation.examining import Examined, complete
from registry.validation.lookup import Batch, Lookup
from registry.validation.reports.report import by_schema
from registry.validation.rules import asking
from registry.validation.rules.asking import alone, findings
from registry.validation.rules.reading import record_of
from registry.validation.rules.references import names
from registry.validation.rules.registry import Rule
from registry.validation.rules.written import decoded, written
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.parts import Part
from tests.shared import SHARED, needs_shared
from tests.validation.rules.made import DATASET, part_of, record


def real_documents(number: int) -> Iterator[Document]:
    assert SHARED is not None
    chosen = random.Random(4)
    for path in sorted((SHARED / "spase").glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if name.endswith(".xml")]
            for name in sorted(chosen.sample(members, number)):
                yield Document(f"{path.name}!/{name}", archive.read(name))


def _told(found: list[Finding]) -> list[tuple[str, int, str]]:
    return sorted((one.rule, one.line, one.message) for one in found)


@needs_shared
def test_what_the_bytes_leave_in_no_doubt_the_model_finds_right_too() -> None:
    asked = 0
    for document in real_documents(150):
        for part in parts(document.content):
            part.path = document.path
            texts = written(part)
            if judge(part).verdict != VALID or texts is None:
                continue
            model = record_of(part)
            asked += 1
            first, questions = alone(part, lambda: model, True, (), ())  # noqa: B023
            without, _ = alone(part, lambda: model, False, (), ())  # noqa: B023
            assert _told(first) == _told(without), document.path
            assert set((names(texts) or ("", ()))[1]) == set(model.references)
            assert [entry_from(texts)] == list(entries(document.content, document.path))
            assert all(asked is not None for _, _, asked in questions)
    assert asked > 400


@needs_shared
def test_two_rounds_find_what_one_finds() -> None:
    documents = list(real_documents(150))
    known: list[Examined] = []
    found: list[Entry] = []
    for document in documents:
        for number, (report, part) in enumerate(by_schema(document)):
            known.append(Examined(report, number))
            entry = known[-1].examine(part, (), ()) if part is not None else None
            found += [entry] if entry else []
    batch = Batch(found)
    complete(Task(ready=tuple(documents)), known, batch, (), ())
    in_two = {one.report.file: one.report.findings for one in known}
    rules = set()
    for document in documents:
        for report, part in by_schema(document):
            assert part is not None
            expected = report.findings + findings(part, record_of(part), batch)
            assert _told(in_two[document.path]) == _told(expected), document.path
            rules |= {one.rule for one in expected}
    assert {"reference.unknown", "unit.spelling"} <= rules


def _asks(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    if lookup.known("spase://Made/Person/A"):
        yield Finding("", "", "A is known", 1, path="Spase")


def _asks_not(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    yield Finding("", "", "always", 1, path="Spase")


@pytest.fixture
def third_partys_rules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    rules = (
        Rule("made.asks", "warning", "asks", _asks),
        Rule("made.not", "advice", "asks not", _asks_not),
        Rule("made.fails", "advice", "fails", _asks_not, first=lambda texts: 1 / 0),
    )
    monkeypatch.setattr(asking, "rules", lambda: rules)
    asking.groups.cache_clear()
    yield
    asking.groups.cache_clear()


@pytest.mark.usefixtures("third_partys_rules")
def test_a_rule_that_asks_its_lookup_unannounced_is_asked_again() -> None:
    part = part_of(record(DATASET))
    found, questions = alone(part, lambda: record_of(part), True, (), ())
    failed = "the rule made.fails failed on this record: ZeroDivisionError: division by zero"
    assert [one.message for one in found] == ["always", failed]
    batch = Batch([Entry("spase://Made/Person/A", "spase://Made/Person/A", "Person")])
    doubts = asking.doubtful(("spase", part.kind), questions, batch, (), ())
    told = asking.among_others(part, lambda: record_of(part), doubts, batch, (), ())
    assert [(one.rule, one.message) for one in told] == [("made.asks", "A is known")]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b" a &amp; b ", "a & b"),
        (b"&quot;&apos;&lt;&gt;", "\"'<>"),
        (b"&#65;&#x42;&#xe9;", "AB\u00e9"),
        (b"&#38;amp; &#38;", "&amp; &"),
        ("né".encode(), "né"),
    ],
)
def test_texts_are_read_as_xml_reads_them(raw: bytes, text: str) -> None:
    """XML 1.0, sections 4.1 and 4.4: references to characters and to the five entities."""
    assert decoded(raw) == text


@pytest.mark.parametrize(
    "spoiled",
    [
        b"<!-- <ResourceName>x</ResourceName> -->",
        b"<ResourceName><![CDATA[x]]></ResourceName>",
        b"<ResourceName><?now?>x</ResourceName>",
        b'<ResourceName lang="en">x</ResourceName>',
        b"<ResourceName/>",
    ],
)
def test_bytes_that_do_not_show_their_texts_plainly_are_left_to_the_model(spoiled: bytes) -> None:
    content = b"<Spase><Version>2.7.1</Version>%s</Spase>"
    plain = Part(format="spase", content=content % b"<ResourceName>x</ResourceName>")
    texts = written(plain)
    assert texts is not None
    assert texts.texts == {b"Version": [b"2.7.1"], b"ResourceName": [b"x"]}
    assert written(Part(format="spase", content=content % spoiled)) is None
