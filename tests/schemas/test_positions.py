"""Lines and columns: each document has one wrong thing, whose place is looked up in its text."""

from __future__ import annotations

import codecs
from collections.abc import Callable

import pytest

from registry.findings import Finding, Refusal
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.positions import Positions, of_path, positioned
from tests.schemas.made import DATASET, dataset

WRONG = "<ObservedRegion>Nowhere</ObservedRegion>"
RIGHT = "<ObservedRegion>Earth.Magnetosphere</ObservedRegion>"
OAI = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{}</ListRecords></OAI-PMH>'
)
RECORD = "<record><header><identifier>{}</identifier></header><metadata>{}</metadata></record>"


def place(text: str, what: str) -> tuple[int, int]:
    """Line and column, from 1, of the only place of a text."""
    before, after = text.split(what)
    assert after
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def without_declaration(text: str) -> str:
    return text.partition("?>\n")[2]


def in_one_line(text: str) -> str:
    return "".join(line.strip() + " " for line in without_declaration(text).splitlines())


def bare(text: str) -> str:
    """The record without its namespaces: they are declared above it."""
    begin, end = text.index("<Spase ") + len("<Spase"), text.index(">\n  <Version")
    return without_declaration(text[:begin] + text[end:])


SHAPES: dict[str, Callable[[str], str]] = {
    "alone": str,
    "one line": in_one_line,
    "one line after letters of several bytes": lambda text: in_one_line(
        text.replace("Made for a test", "\U0001f30d éñ∂ Ω")
    ),
    "two of a name in a line": lambda text: text.replace(WRONG, RIGHT + WRONG),
    "tags over lines": lambda text: text.replace(
        "<ObservedRegion>Nowhere", "<ObservedRegion\n  >Nowhere"
    ),
    "a comment that looks like it": lambda text: text.replace(
        WRONG, "<!-- <ObservedRegion> -->" + WRONG
    ),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "in a response of one line": lambda text: OAI.format(
        RECORD.format("a", in_one_line(DATASET)) + RECORD.format("b", in_one_line(text))
    ),
    "in a response": lambda text: OAI.format(
        "\n" + RECORD.format("a", without_declaration(DATASET))
        + "\n  " + RECORD.format("b", "\n" + without_declaration(text))
    ),
    "in a response that declares its namespaces": lambda text: OAI.replace(
        "xmlns=", 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:o='
    ).replace("<", "<o:").replace("<o:/", "</o:").format(
        RECORD.replace("<", "<o:").replace("<o:/", "</o:").format(
            "b", bare(text).replace("<Spase>",
                            '<Spase xmlns="http://www.spase-group.org/data/schema">', 1)
        )
    ),
    "the second of two": lambda text: text.replace(
        "</Spase>", text[text.index("<NumericalData>"):]
        .replace("PT16S", "PT1S", 1)
    ).replace(WRONG, RIGHT, 1),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_finding_is_where_the_element_begins(shape: str, encoding: str) -> None:
    text = SHAPES[shape](DATASET.replace(RIGHT, WRONG))
    written = text.replace('encoding="UTF-8"', f'encoding="{encoding.removesuffix("-sig")}"')
    if encoding != "utf-8" and not written.startswith("<?xml"):
        written = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>' + written
    content = written.encode(encoding, "xmlcharrefreplace")
    written = content.decode(encoding)
    begin = "<ObservedRegion" + ("\r\n" if shape == "carriage returns" else "\n") + "  >Nowhere"
    what = begin if "over lines" in shape else WRONG
    found = [finding for part in parts(content) for finding in judge(part).findings]
    (finding,) = found
    assert finding.rule == "schema.value"
    assert (finding.line, finding.column) == place(written, what)


def test_the_head_of_the_second_of_two_is_the_documents_head() -> None:
    two = DATASET.replace("2.6.0", "2.6.99").replace(
        "</Spase>", DATASET[DATASET.index("<NumericalData>") :].replace("PT16S", "PT1S", 1)
    )
    found = [judge(part).findings for part in parts(two.encode())]
    assert len(found) == 2
    for findings in found:
        (version,) = [one for one in findings if one.rule == "schema.version"]
        assert (version.line, version.column) == place(two, "<Version>")


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("Spase", "<Spase "),
        ("Spase/NumericalData/Nothing", "<NumericalData>"),
        ("Spase/NumericalData/Parameter/Field/FrequencyRange/High", "<High>"),
        ("Spase/NumericalData/Parameter[1]/Field[1]/FrequencyRange[1]/Low[1]", "<Low>"),
        ("Spase/@schemaLocation", "xsi:schemaLocation"),
        ("Spase/@none", "<Spase "),
    ],
)
def test_paths_lead_to_elements_and_attributes(path: str, what: str) -> None:
    content = dataset(
        ('-instance">', '-instance"\n   lang=">xsi:" xsi:schemaLocation = "a b">'),
        ("<ResourceID", "<!-- > --><ResourceID"),
    )
    text = content.decode().replace('">xsi:"', '">____"')
    (part,) = parts(content)
    assert of_path(part, path, 0) == place(text, what)


def test_what_has_a_column_keeps_it() -> None:
    (part,) = parts(dataset())
    known = Finding("a", "error", "b", 3, 99, "Spase")
    assert positioned(part, [known, known]) == [known, known]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"\n <html/>", (2, 2)),
        (codecs.BOM_UTF8 + b"<!-- \xc3\xa9 --><html/>", (1, 11)),
        (b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n <Identify/></OAI-PMH>', (2, 2)),
    ],
)
def test_a_document_of_no_known_kind(content: bytes, place: tuple[int, int]) -> None:
    with pytest.raises(Refusal) as caught:
        parts(content)
    assert (caught.value.line, caught.value.column) == place


def test_a_refused_record_of_a_response() -> None:
    content = OAI.format("\n " + RECORD.format("a", "<html/>")).encode()
    (part,) = parts(content)
    assert part.refusal is not None
    assert (part.refusal.line, part.refusal.column) == place(content.decode(), "<html/>")


def test_an_identifier_that_cannot_be_is_told_at_its_place() -> None:
    content = OAI.format(
        RECORD.format("a", in_one_line(DATASET).replace("spase://Test/NumericalData", "no", 1))
    )
    (part,) = parts(content.encode())
    assert part.refusal is not None
    assert (part.refusal.line, part.refusal.column) == place(content, "<ResourceID>")


def test_positions_may_be_asked_for_in_any_order() -> None:
    text = "äö\nü\n\nx😀y".encode()
    at = Positions(text)
    ends = [text.index(letter.encode()) for letter in "yüäxö"]
    assert [at.of(end) for end in ends] == [(4, 3), (2, 1), (1, 1), (4, 1), (1, 2)]
