"""`parhelion doi mint` from a real store to the double of DataCite, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from app import parhelion
from registry.doi.trial import Fault, TrialDataCite
from registry.engines import opened
from registry.settings import read_settings
from registry.store import dois
from registry.store.store import Store
from registry.web.application import application
from schemas.oai_pmh.envelope import validate_envelope

EXAMPLES = Path(__file__).parents[2] / "examples" / "spase"
RECORD = "spase://PARHELION/NumericalData/Wind/SWE/PT92S"
PAGE = "https://registry.example.org/records/spase/PARHELION/NumericalData/Wind/SWE/PT92S"


@pytest.fixture
def trial() -> Iterator[TrialDataCite]:
    with TrialDataCite() as trial:
        yield trial


@pytest.fixture
def folder(tmp_path: Path, trial: TrialDataCite, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "parhelion.toml").write_text(
        f"""
        public_url = "https://registry.example.org"
        [doi]
        prefix = "10.5072"
        api = "{trial.address}"
        username = "TRIAL.PARHELION"
        authorities = ["PARHELION"]
        [ingest]
        workers = 1
        """
    )
    monkeypatch.setenv("PARHELION_DOI__PASSWORD", "trial")
    assert call(tmp_path, "ingest", "--no-follow", str(EXAMPLES)).exit_code == 0
    return tmp_path


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(parhelion, ["--data", str(folder), *arguments])


def test_a_record_gets_one_doi_that_leads_to_its_page(folder: Path, trial: TrialDataCite) -> None:
    first = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)
    assert first["new"] is True
    assert trial.entries[first["doi"]].state == "findable"
    assert trial.entries[first["doi"]].attributes["url"] == PAGE
    again = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)
    assert again == {**first, "new": False}
    assert len(trial.entries) == 1


def test_a_minted_doi_moves_the_records_change_and_is_found_by_it(
    folder: Path, trial: TrialDataCite
) -> None:
    store = Store(read_settings(folder).data)
    with store.reading() as reader:
        before = reader.last_change()
    doi = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)["doi"]
    with store.reading() as reader:
        changed, _ = reader.changed(before)
        assert {kept.key: kept.minted_doi for kept in changed if kept.minted_doi} == {RECORD: doi}
        # Those who name it quote its DOI.
        referring = {kept.key for _, kept in reader.referring(RECORD)}
        assert {kept.key for kept in changed} == referring | {RECORD}
        assert [kept.key for kept in reader.by_doi(doi)] == [RECORD]


def test_a_minted_doi_brings_its_record_into_oai_datacite(
    folder: Path, trial: TrialDataCite
) -> None:
    """DataCite's wrapper for OAI-PMH (oai-1.1) round kernel-4 metadata that say what the trial was
    told; before there is a DOI the record has not the format."""
    asked = {"metadataPrefix": "oai_datacite"}
    with opened(read_settings(folder), wants_lock=False) as engines:
        client = application(engines).test_client()

        def answer(verb: str, **more: str) -> etree._Element:
            given = {"verb": verb, **asked, **more}
            root = etree.fromstring(client.get("/oai", query_string=given).data)
            assert validate_envelope(root) == []
            return root

        none = answer("ListRecords").find("{*}error")
        assert none is not None
        assert none.get("code") == "noRecordsMatch"
        lacking = answer("GetRecord", identifier=RECORD).find("{*}error")
        assert lacking is not None
        assert lacking.get("code") == "cannotDisseminateFormat"
        doi = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)["doi"]
        (listed,) = answer("ListRecords").iterfind("{*}ListRecords/{*}record")
        got = answer("GetRecord", identifier=RECORD).find("{*}GetRecord/{*}record")
    assert got is not None
    told = trial.entries[doi].attributes
    oai, kernel = (
        "{http://schema.datacite.org/oai/oai-1.1/}",
        "{http://datacite.org/schema/kernel-4}",
    )
    for record in (listed, got):
        assert record.findtext("{*}header/{*}identifier") == RECORD
        wrapper = record.find(f"{{*}}metadata/{oai}oai_datacite")
        assert wrapper is not None
        assert [etree.QName(one).localname for one in wrapper] == [
            "schemaVersion", "datacentreSymbol", "payload",
        ]  # fmt: skip
        assert wrapper.findtext(f"{oai}datacentreSymbol") == "TRIAL.PARHELION"
        resource = wrapper.find(f"{oai}payload/{kernel}resource")
        assert resource is not None
        identifier = resource.find(f"{kernel}identifier")
        assert identifier is not None
        assert (identifier.get("identifierType"), identifier.text) == ("DOI", doi)
        titles = [one.text for one in resource.iterfind(f"{kernel}titles/{kernel}title")]
        assert titles == [one["title"] for one in told["titles"]]
        assert resource.findtext(f"{kernel}publicationYear") == str(told["publicationYear"])


def test_a_lost_answer_is_settled_by_asking(folder: Path, trial: TrialDataCite) -> None:
    trial.faults.append(Fault("drop-after", "PUT"))
    first = call(folder, "doi", "mint", "--json", RECORD)
    second = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)
    assert len(trial.entries) == 1
    assert trial.entries[second["doi"]].state == "findable"
    assert "Traceback" not in first.output


def test_attempts_are_kept(folder: Path, trial: TrialDataCite) -> None:
    doi = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)["doi"]
    store = Store(read_settings(folder).data)
    with store.reading() as reader:
        said = [(what, answer) for _, what, answer in dois.attempts(reader.connection, doi)]
    assert said == [("draft", "draft: draft"), ("publish", "publish: findable")]


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        ("spase://PARHELION/NumericalData/None", "is not in this registry"),
        ("spase://PARHELION/NumericalData/ACE/MAG/PT16S", "has a DOI already: 10.48322/"),
        ("ivo://parhelion.example/authority", "is not in this registry"),
    ],
)
def test_what_cannot_be_minted_is_said(folder: Path, identifier: str, said: str) -> None:
    result = call(folder, "doi", "mint", identifier)
    assert result.exit_code == 1
    assert said in result.output


def test_minting_is_off_until_everything_is_set(tmp_path: Path) -> None:
    result = call(tmp_path, "doi", "mint", RECORD)
    assert result.exit_code == 2
    for lacking in ("doi.prefix", "doi.username", "doi.authorities", "public_url is not set"):
        assert lacking in result.output


def _swe() -> str:
    return (EXAMPLES / "PARHELION/NumericalData/Wind/SWE/PT92S.xml").read_text("utf-8")


def _take(folder: Path, text: str) -> None:
    place = folder / "one"
    place.mkdir(exist_ok=True)
    (place / "one.xml").write_text(text, "utf-8")
    assert call(folder, "ingest", "--no-follow", str(place)).exit_code == 0


def test_a_record_that_comes_back_with_another_doi_is_a_finding(
    folder: Path, trial: TrialDataCite
) -> None:
    doi = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)["doi"]

    def told(carried: str) -> str:
        text = _swe().replace("<ReleaseDate>", f"<DOI>https://doi.org/{carried}</DOI>\n"
                                    "      <ReleaseDate>", 1)  # fmt: skip
        text = text.replace(">2026-11-20T12:00:00Z</ReleaseDate>",
                            ">2026-11-21T12:00:00Z</ReleaseDate>", 1)  # fmt: skip
        place = folder / "source"
        target = place / "PARHELION/NumericalData/Wind/SWE/PT92S.xml"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
        assert call(folder, "ingest", "--no-follow", str(place)).exit_code == 0
        with opened(read_settings(folder), wants_lock=False) as engines:
            page = application(engines).test_client().get(PAGE.partition("org")[2])
            return page.get_data(as_text=True)

    words = f"carries the DOI 10.5072/other, and {doi} was minted for it here"
    assert words in told("10.5072/other")
    assert "was minted for it here" not in told(doi.upper())


def test_a_record_that_came_back_has_its_hidden_doi_told(
    folder: Path, trial: TrialDataCite
) -> None:
    text = _swe().replace("/Wind/SWE/PT92S<", "/Wind/SWE/Back<")
    back = RECORD.replace("PT92S", "Back")
    _take(folder, text)
    assert call(folder, "doi", "mint", back).exit_code == 0
    _take(folder, _swe().replace("/Wind/SWE/PT92S<", "/Wind/SWE/Instead<"))
    assert call(folder, "doi", "hide", back, "--reason", "a mistake").exit_code == 0
    assert "is hidden still" not in call(folder, "status").output
    _take(folder, text)
    waits = call(folder, "status").output
    assert "is there again; its DOI is hidden still" in waits
    assert call(folder, "doi", "mint", back).exit_code == 0
    assert "is hidden still" not in call(folder, "status").output


def test_import_takes_what_a_search_finds_and_has_a_doi_of_ours(
    folder: Path, trial: TrialDataCite
) -> None:
    doi = json.loads(call(folder, "doi", "mint", "--json", RECORD).stdout)["doi"]
    other = folder / "other"
    other.mkdir()
    (other / "parhelion.toml").write_bytes((folder / "parhelion.toml").read_bytes())
    records = other / "records"
    records.mkdir()
    carried = f"<DOI>https://doi.org/{doi}</DOI>\n      <ReleaseDate>"
    (records / "swe.xml").write_text(_swe().replace("<ReleaseDate>", carried, 1), "utf-8")
    source = EXAMPLES / "PARHELION/NumericalData/ACE/MAG/PT16S.xml"
    (records / "ace.xml").write_bytes(source.read_bytes())
    assert call(other, "ingest", str(records)).exit_code == 0
    told = call(other, "doi", "import", "--json", "--select", "kind:NumericalData")
    (adopted,) = [json.loads(line) for line in told.stdout.splitlines()]
    assert adopted == {"identifier": RECORD, "doi": doi, "state": "findable"}
    assert len(trial.entries) == 1
    again = call(other, "doi", "import", "--select", "kind:NumericalData")
    assert (again.exit_code, again.stdout) == (0, "")
    assert call(other, "doi", "import").exit_code == 2
    assert call(other, "doi", "import", RECORD, "--select", "x", "--doi", doi).exit_code == 2
