"""`parhelion export` of records: sources as tar, NDJSON, an OAI static repository."""

from __future__ import annotations

import gzip
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from app import parhelion
from registry import identifiers
from registry.store.store import Store
from registry.validation.voresource import judge_element
from schemas.canonical import canonical_digest
from schemas.documents import element
from schemas.oai_pmh.envelope import OAI, validate_envelope, validate_payload
from tests.oai.registries import dataset, examples, put, remove, service

SR = "http://www.openarchives.org/OAI/2.0/static-repository"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The examples, an invalid SPASE record, VOResource records, one of them deleted."""
    store = Store(tmp_path / "data")
    put(store, examples())
    put(store, {"a": dataset("A", "A &amp; B"), "b": dataset("B"), "s": service("s")})
    put(store, {"t": service("t")})
    remove(store, "b", "t")
    store.close()
    return tmp_path / "data"


def held(folder: Path) -> dict[str, bytes]:
    """Identifier → source of every current record."""
    store = Store(folder)
    with store.reading() as reader:
        found = {
            one.identifier: reader.body(one) for batch in reader.all_records() for one in batch
        }
    store.close()
    return found


def export(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(parhelion, ["--data", str(folder), "export", *arguments])


def exported(folder: Path, *arguments: str) -> dict[str, object]:
    result = export(folder, "--json", *arguments)
    assert result.exit_code == 0, result.output
    said: dict[str, object] = json.loads(result.stderr)
    return said


def test_sources_come_out_as_they_came_in(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "sources.tar.gz"
    said = exported(folder, "--format", "tar", "--output", str(file))
    wanted = {
        identifiers.page_path(name)[1:] + ".xml": content for name, content in held(folder).items()
    }
    with tarfile.open(file, "r:gz") as archive:
        found = {
            one.name: archive.extractfile(one).read()  # type: ignore[union-attr]
            for one in archive.getmembers()
        }
    assert found == wanted
    assert said["records"] == len(wanted)
    again = tmp_path / "again.tar.gz"
    exported(folder, "--format", "tar", "--output", str(again))
    assert again.read_bytes() == file.read_bytes()


def test_ndjson_goes_on_where_it_ended(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "records.ndjson"
    said = exported(folder, "--format", "ndjson", "--output", str(file))
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {one["identifier"] for one in lines} == held(folder).keys()
    assert all(one["record"]["identifier"] == one["identifier"] for one in lines)
    assert [one["change"] for one in lines] == sorted(one["change"] for one in lines)
    store = Store(folder)
    put(store, {"c": dataset("C")})
    remove(store, "a")
    store.close()
    rest = tmp_path / "rest.ndjson.gz"
    exported(folder, "--format", "ndjson", "--since", str(said["change"]), "--output", str(rest))
    later = [json.loads(line) for line in gzip.decompress(rest.read_bytes()).splitlines()]
    assert {one["identifier"]: one.get("deleted", False) for one in later} == {
        "spase://Made/C": False,
        "spase://Made/A": True,
    }


def test_a_static_repository(folder: Path, tmp_path: Path) -> None:
    """The specification's section 3.2, and what its restricted schema leaves of OAI-PMH."""
    file, base = tmp_path / "repository.xml", "https://gateway.example.org/oai/my.example.org/r.xml"
    exported(folder, "--format", "oai-static", "--base-url", base, "--output", str(file))
    content = file.read_bytes()
    assert content.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    root = etree.fromstring(content)
    assert root.tag == f"{{{SR}}}Repository"
    identify, formats, *lists = root
    assert [etree.QName(one).localname for one in root] == [
        "Identify",
        "ListMetadataFormats",
        *["ListRecords"] * 3,
    ]
    said = {etree.QName(one).localname: one.text for one in identify}
    assert {one.tag.startswith(f"{{{OAI}}}") for one in identify} == {True}
    assert said["baseURL"] == base
    assert (said["deletedRecord"], said["granularity"]) == ("no", "YYYY-MM-DD")
    assert "compression" not in said
    prefixes = [one.text for one in formats.iter(f"{{{OAI}}}metadataPrefix")]
    assert (
        prefixes == [one.get("metadataPrefix") for one in lists] == ["oai_dc", "spase", "ivo_vor"]
    )
    # Every part of it is a legal answer of OAI-PMH 2.0.
    for part in (identify, formats, *lists):
        assert validate_envelope(as_response(part)) == []
    for header in root.iter(f"{{{OAI}}}header"):
        assert dict(header.attrib) == {}
        assert [etree.QName(one).localname for one in header] == ["identifier", "datestamp"]
        assert len(header[1].text or "") == len("YYYY-MM-DD")
    sources = {identifiers.iri(name): content for name, content in held(folder).items()}
    assert {one for one in names(lists[0])} == sources.keys()
    for one in lists[1:]:
        for record in one:
            (payload,) = record[1]
            alone = etree.fromstring(etree.tostring(payload, with_tail=False))
            assert canonical_digest(alone) == canonical_digest(element(sources[names([record])[0]]))
            if one.get("metadataPrefix") == "ivo_vor":
                assert judge_element(alone).verdict == "valid"
    for payload in lists[0].iterfind("{*}record/{*}metadata/*"):
        assert validate_payload(payload) == []


def names(part: object) -> list[str]:
    return [
        one.text or ""
        for child in part  # type: ignore[attr-defined]
        for one in child.iter(f"{{{OAI}}}identifier")
    ]


def as_response(part: etree._Element) -> etree._Element:
    """The same part in an OAI-PMH answer."""
    verb = etree.QName(part).localname
    root = etree.fromstring(
        f'<OAI-PMH xmlns="{OAI}"><responseDate>2020-01-01T00:00:00Z</responseDate>'
        f'<request verb="{verb}">https://example.org/oai</request><{verb}/></OAI-PMH>'
    )
    root[2].extend(list(etree.fromstring(etree.tostring(part))))
    return root


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "tar", "--since", "1"], "--since"),
        (["--format", "ndjson", "--since", "99999"], "last change"),
        (["--format", "ndjson", "--publish"], "--publish"),
        (["--format", "tar", "--base-url", "https://example.org"], "--base-url"),
    ],
)
def test_what_does_not_go_together_is_said(folder: Path, arguments: list[str], said: str) -> None:
    result = export(folder, *arguments)
    assert result.exit_code == 2
    assert said in result.stderr


def test_an_empty_registry_is_no_static_repository(tmp_path: Path) -> None:
    file = tmp_path / "r.xml"
    result = export(tmp_path / "data", "--format", "oai-static", "--output", str(file))
    assert result.exit_code != 0
    assert "no records" in result.stderr
    assert not file.exists()
    assert list(tmp_path.glob("*.part")) == []
