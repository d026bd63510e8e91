"""`parhelion vocabulary report` and `propose`, on real records and made ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app import parhelion
from registry.commands import vocabulary_use
from registry.commands.vocabulary_use import MATCHED, RELATED, UNKNOWN, UNMATCHED
from tests.shared import needs_shared, shared

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vocabulary")
    done = run(folder, "ingest", "--no-follow", str(EXAMPLES))
    assert done.exit_code == 0, done.output
    return folder


def run(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(parhelion, ["--data", str(data), *arguments])


def test_the_report_counts_records_as_their_xml_does(data: Path) -> None:
    done = run(data, "vocabulary", "report", "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    for name, element in (
        ("frames", "CoordinateSystemName"), ("measurement types", "MeasurementType"),
        ("regions", "ObservedRegion"), ("processing levels", "ProcessingLevel"),
    ):  # fmt: skip
        told = {use["word"]: use["records"] for use in found[name]}
        for word, number in told.items():
            pattern = re.compile(rf"<{element}>\s*{re.escape(word)}\s*</{element}>")
            texts = [path.read_text("utf-8") for path in EXAMPLES.rglob("*.xml")]
            in_xml = sum(bool(pattern.search(text)) for text in texts)
            if name == "regions":
                assert number >= in_xml
            else:
                assert number == in_xml, (name, word)
    assert {use["word"]: use["state"] for use in found["frames"]}["GSE"] == "none"


def test_the_report_in_words(data: Path) -> None:
    done = run(data, "vocabulary", "report", "--field", "frames")
    assert done.exit_code == 0
    assert re.match(
        r"Frames and IVOA's refframe: \d+ words in use, \d+ with a match\n", done.output
    )
    assert "No term of IVOA stands for this" in done.output
    assert "Regions" not in done.output
    every = run(data, "vocabulary", "report", "--field", "regions", "--all")
    assert "broadMatch planet" in every.output


@pytest.mark.parametrize(
    ("field", "word", "state"),
    [
        ("frames", "GEI", MATCHED),
        ("frames", "ICRS", MATCHED),
        ("frames", "GSE", "none"),
        ("frames", "XYZ", UNKNOWN),
        ("regions", "Earth.Magnetosphere.Magnetotail", MATCHED),
        ("regions", "Nowhere", UNKNOWN),
        ("measurement types", "MagneticField", MATCHED),
        ("measurement types", "ThermalPlasma", RELATED),
        ("measurement types", "ActivityIndex", "none"),
        ("spectral ranges", "EUV", MATCHED),
        ("spectral ranges", "Halpha", MATCHED),
        ("units", "cm^-3", MATCHED),
        ("units", "Re", UNMATCHED),
        ("units", "ticks", UNKNOWN),
        ("UCD words", "phys.magField", MATCHED),
        ("UCD words", "phys.distance", UNMATCHED),
        ("UCD words", "phys.nonsense", UNKNOWN),
    ],
)
def test_where_a_word_stands(field: str, word: str, state: str) -> None:
    assert vocabulary_use.standing(field, word)[0] == state


def test_a_proposal_has_every_item_that_ivoa_asks_for(data: Path) -> None:
    """Vocabularies in the VO 2.1, section 5.2.1: all but Relationships are mandatory."""
    author = "A. Person <a@example.org>"
    done = run(data, "vocabulary", "propose", "GSE", "--author", author, "--date", "2026-01-31")
    assert done.exit_code == 0, done.output
    head, item, rationale = re.split(r"\n\n(?=Term:)|(?<=\n)\n(?=Rationale:)", done.output)
    assert head.splitlines() == [
        "Vocabulary: http://www.ivoa.net/rdf/refframe", f"Author: {author}", "Date: 2026-01-31",
    ]  # fmt: skip
    keys = [
        line.partition(":")[0] for line in item.splitlines() if re.match(r"[A-Z][a-z-]+: ", line)
    ]
    assert keys[:4] == ["Term", "Action", "Label", "Description"]
    assert "Action: Addition" in item
    assert re.search(r"^Used-in: spase://\S+$", item, re.MULTILINE)
    assert "Hapgood" in rationale
    assert all(len(line) <= 72 for line in rationale.splitlines())


def test_a_frame_below_a_term_says_so(data: Path) -> None:
    done = run(data, "vocabulary", "propose", "GEO", "--author", "x", "--date", "2026-01-31")
    assert "Relationships: rdfs:subClassOf(BODY)" in done.output


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("Nothing",), "Nothing is no frame"),
        (("TIIS",), "No record here uses TIIS"),
        (("HeliocentricFrame",), "is no frame"),
    ],
)
def test_what_cannot_be_proposed_is_said(data: Path, names: tuple[str, ...], said: str) -> None:
    done = run(data, "vocabulary", "propose", *names, "--author", "x")
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output


def test_without_a_frame_the_ones_without_a_term_are_proposed(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "VEP.txt"
    done = run(data, "vocabulary", "propose", "--author", "x", "--output", str(file))
    assert done.exit_code == 0, done.output
    assert "Term: GSE" in file.read_text("utf-8")
    assert "Term: GEI" not in file.read_text("utf-8")


@needs_shared
def test_every_frame_of_real_records_is_matched_or_openly_not() -> None:
    import zipfile

    with zipfile.ZipFile(shared("spase", "SMWG.zip")) as records:
        names = {
            name.decode()
            for file in records.namelist()
            for name in re.findall(
                rb"<CoordinateSystemName>\s*([^<]*?)\s*</", records.read(file)
            )
        }  # fmt: skip
    assert names
    assert not [name for name in names if vocabulary_use.standing("frames", name)[0] == UNKNOWN]
