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
