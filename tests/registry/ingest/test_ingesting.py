"""What an ingest makes of documents that are taken: revisions, twins, circles, odd encodings."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from registry.ingest.ingest import Ingest
from registry.settings import IngestSettings, Settings
from registry.store.store import Store
from tests.whole.corpus import dataset, spase, write_tar, write_zip

A = "spase://MADE/Person/A"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "data")
    yield store
    store.close()


Take = Callable[..., dict[str, int]]


@pytest.fixture
def take(store: Store, tmp_path: Path) -> Take:
    """Takes paths in with one process, and gives the counts that are not 0."""

    def taking(*paths: Path | str, stdin: bytes | None = None, limit: int = 0) -> dict[str, int]:
        ingest = IngestSettings(workers=1, document_bytes=limit or 50_000_000)
        settings = Settings(data=tmp_path / "data", ingest=ingest)
        pipe = io.BytesIO(stdin) if stdin is not None else None
        counts = Ingest(store, settings).run([str(path) for path in paths], pipe)
        return {name: number for name, number in asdict(counts).items() if number}

    return taking


def written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def current(store: Store, key: str = A) -> bytes:
    with store.reading() as reader:
        record = reader.record(key)
        assert record is not None
        assert not record.deleted
        return reader.body(record)


def refusals(store: Store) -> dict[str, str]:
    with store.reading() as reader:
        return {Path(one.path).name: one.message for one in reader.quarantined()}


def test_bytes_are_kept_as_they_came(store: Store, take: Take, tmp_path: Path) -> None:
    content = spase(A).replace(b"\n", b"\r\n") + b"<!-- an end -->\r\n\r\n"
    assert take(written(tmp_path / "a.xml", content)) == {"read": 1, "new": 1, "valid": 1}
    assert current(store) == content


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "windows-1252", "UTF-16", "UTF-8"])
def test_said_encodings(store: Store, take: Take, tmp_path: Path, encoding: str) -> None:
    text = spase(A, name="José Østergård").decode().replace("UTF-8", encoding)
    take(written(tmp_path / "a.xml", text.encode(encoding)))
    with store.reading() as reader:
        record = reader.record(A)
        assert record is not None
        assert record.name == "José Østergård"


def test_same_bytes_again_change_nothing(store: Store, take: Take, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xml", spase(A))
    take(path)
    with store.reading() as reader:
        before = reader.last_change()
    assert take(path) == {"read": 1, "unchanged": 1, "valid": 1}
    with store.reading() as reader:
        assert reader.last_change() == before


def test_new_revision_keeps_the_old(store: Store, take: Take, tmp_path: Path) -> None:
    first, second = spase(A, name="One"), spase(A, name="Two")
    take(written(tmp_path / "a.xml", first))
    assert take(written(tmp_path / "a.xml", second)) == {"read": 1, "changed": 1, "valid": 1}
    with store.reading() as reader:
        record = reader.record(A)
        assert record is not None
        kept = [one.id for one in reader.revisions(record.id)]
        bodies = reader.bodies(kept)
    assert [bodies[number] for number in kept] == [second, first]


def test_spoilt_file_keeps_what_was_there(store: Store, take: Take, tmp_path: Path) -> None:
    path = written(tmp_path / "a.xml", spase(A))
    take(path)
    assert take(written(path, b"<Spase")) == {"read": 1, "quarantined": 1}
    assert current(store) == spase(A)
    assert set(refusals(store)) == {"a.xml"}
    assert take(written(path, spase(A))) == {"read": 1, "unchanged": 1, "valid": 1}
    assert refusals(store) == {}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_one_identifier_in_several_files(
    store: Store, take: Take, tmp_path: Path, order: tuple[int, ...]
) -> None:
    """The later date is current, whatever comes first; then what is valid, then the path."""
    one = "spase://MADE/Data/One"
    files = [
        written(tmp_path / "a.xml", dataset(one, "Older")),
        written(tmp_path / "b.xml", dataset(one, "Newer", released="2024-01-01T00:00:00Z")),
        written(tmp_path / "c.xml", dataset(one, "Newer too", released="2024-01-01T00:00:00Z")),
    ]
    for number in order:
        take(files[number])
    assert current(store, one) == files[1].read_bytes()
    with store.reading() as reader:
        record = reader.record(one)
        assert record is not None
        places = {Path(p.path).name: p.current for p in reader.places(record)}
        assert reader.duplicates() == [(one, 3)]
    assert places == {"a.xml": False, "b.xml": True, "c.xml": False}


def test_one_identifier_twice_in_one_document(store: Store, take: Take, tmp_path: Path) -> None:
    start, body, end = spase(A).partition(b"<Person>")[0], spase(A), b"</Spase>"
    person = body[len(start) : body.index(end)]
    other = person.replace(b"Somebody", b"Else")
    path = written(tmp_path / "a.xml", start + person + other + end)
    assert take(path)["read"] == 2
    with store.reading() as reader:
        assert reader.duplicates() == [(A, 2)]
    assert take(path) == {"read": 2, "unchanged": 2, "valid": 2}


def test_one_name_twice_in_an_archive(store: Store, take: Take, tmp_path: Path) -> None:
    """The last one is the file, as it is after unpacking."""
    members = [("a.xml", spase(A, name="First")), ("a.xml", spase(A, name="Last"))]
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = write_zip(tmp_path / "a.zip", members)
    assert take(path) == {"read": 1, "new": 1, "valid": 1}
    assert b"Last" in current(store)


def test_dataset_that_refers_to_itself_and_in_a_circle(
    store: Store, take: Take, tmp_path: Path
) -> None:
    names = {"a": "b", "b": "c", "c": "a", "self": "self"}
    for name, other in names.items():
        body = dataset(f"spase://MADE/Data/{name}", name, f"spase://MADE/Data/{other}")
        written(tmp_path / "in" / f"{name}.xml", body)
    assert take(tmp_path / "in") == {"read": 4, "new": 4, "valid": 4}
    with store.reading() as reader:
        for name, other in names.items():
            record = reader.record(f"spase://MADE/Data/{name}")
            assert record is not None
            named = reader.references([record.id])[record.id]
            assert ("InstrumentID", f"spase://MADE/Data/{other}") in named
    changed = dataset("spase://MADE/Data/a", "renamed", "spase://MADE/Data/b")
    assert take(written(tmp_path / "in" / "a.xml", changed))["changed"] == 1


def test_identifier_with_a_space_is_taken(store: Store, take: Take, tmp_path: Path) -> None:
    one = "spase://MADE/Person/With Space"
    take(written(tmp_path / "a.xml", spase(one)))
    assert current(store, one) == spase(one)
    assert refusals(store) == {}


def test_unknown_version_is_kept_and_said(store: Store, take: Take, tmp_path: Path) -> None:
    counts = take(written(tmp_path / "a.xml", spase(A, version="9.9.9")))
    assert counts.get("valid", 0) == 0
    with store.reading() as reader:
        record = reader.record(A)
        assert record is not None
        assert any("9.9.9" in finding.message for finding in reader.findings(record.revision_id))


def test_standard_input_deletes_nothing(store: Store, take: Take) -> None:
    other = "spase://MADE/Person/B"
    assert take("-", stdin=spase(A)) == {"read": 1, "new": 1, "valid": 1}
    assert take("-", stdin=spase(other)) == {"read": 1, "new": 1, "valid": 1}
    assert take("-", stdin=spase(A)) == {"read": 1, "unchanged": 1, "valid": 1}
    assert take("-", stdin=spase(A, name="Two")) == {"read": 1, "changed": 1, "valid": 1}
    assert take("-", stdin=b"") == {"read": 1, "quarantined": 1}
    assert current(store, other) == spase(other)
    take("-", stdin=spase(other))
    assert refusals(store) == {}


def test_no_standard_input(store: Store, take: Take) -> None:
    assert take("-") == {"read": 1, "quarantined": 1}
    assert refusals(store) == {"-": "there is no standard input to read"}


# -- archives that are passed over ----------------------------------------------------------------


@pytest.mark.parametrize("pack", [write_zip, write_tar])
def test_archive_taken_before_is_counted(
    store: Store, take: Take, tmp_path: Path, pack: Callable[..., Path]
) -> None:
    members = {"a.xml": spase(A), "b.xml": b"<cut", "c.xml": spase("spase://MADE/Person/C")}
    pack(tmp_path / "one.zip", members)
    first = take(tmp_path / "one.zip")
    assert first == {"read": 3, "new": 2, "valid": 2, "quarantined": 1}
    again = {"read": 3, "unchanged": 2, "valid": 2, "quarantined": 1}
    assert take(tmp_path / "one.zip") == again
    pack(tmp_path / "one.zip", members | {"a.xml": spase(A, name="Two")})
    assert take(tmp_path / "one.zip") == {
        "read": 3, "unchanged": 1, "changed": 1, "valid": 2, "quarantined": 1,
    }  # fmt: skip


def test_broken_archive_is_named_each_time(store: Store, take: Take, tmp_path: Path) -> None:
    path = written(tmp_path / "broken.zip", b"PK\x03\x04 and no more")
    beside = written(tmp_path / "a.xml", spase(A))
    assert take(path, beside) == {"read": 2, "new": 1, "valid": 1, "quarantined": 1}
    assert take(path, beside) == {"read": 2, "unchanged": 1, "valid": 1, "quarantined": 1}


@pytest.mark.parametrize("walked", [False, True])
def test_archive_that_was_mended_leaves_the_quarantine(
    store: Store, take: Take, tmp_path: Path, walked: bool
) -> None:
    path = tmp_path / "in" / "one.zip"
    path.parent.mkdir()
    whole = write_zip(path, {"a.xml": spase(A)}).read_bytes()
    what = path.parent if walked else path
    assert take(what) == {"read": 1, "new": 1, "valid": 1}
    written(path, whole[:50])
    assert take(what) == {"read": 1, "quarantined": 1}
    assert list(refusals(store)) == ["one.zip"]
    written(path, whole)
    assert take(what) == {"read": 1, "unchanged": 1, "valid": 1}
    assert refusals(store) == {}


def test_higher_limit_takes_what_was_too_large(store: Store, take: Take, tmp_path: Path) -> None:
    path = write_zip(tmp_path / "one.zip", {"a.xml": spase(A, name="N" * 2000)})
    assert take(path, limit=1000) == {"read": 1, "quarantined": 1}
    assert take(path) == {"read": 1, "new": 1, "valid": 1}
    assert refusals(store) == {}


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs /proc")
def test_archive_that_cannot_be_read(store: Store, take: Take, tmp_path: Path) -> None:
    """Reading it fails (the memory at address 0); the rest goes on."""
    (tmp_path / "mem.zip").symlink_to("/proc/self/mem")
    beside = written(tmp_path / "a.xml", spase(A))
    counts = take(tmp_path / "mem.zip", beside)
    assert counts == {"read": 2, "new": 1, "valid": 1, "quarantined": 1}


def test_names_that_are_no_utf_8(store: Store, take: Take, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    archive = os.fsdecode(folder + b"/\xe9.zip")
    write_zip(Path(archive), {"a.xml": spase(A)})
    loose = os.fsdecode(folder + b"/\xe9.xml")
    Path(loose).write_bytes(spase("spase://MADE/Person/B"))
    assert take(archive, loose) == {"read": 2, "new": 2, "valid": 2}
    assert take(archive, loose) == {"read": 2, "unchanged": 2, "valid": 2}


# -- documents of several records -----------------------------------------------------------------

OAI = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2024-01-01T00:00:00Z</responseDate>
<request verb="ListRecords" metadataPrefix="spase">https://oai.example.org/oai</request>
<ListRecords>%s</ListRecords></OAI-PMH>
"""


def response(*records: tuple[str, bytes | None]) -> bytes:
    """An OAI-PMH response; a record without content is a deleted one."""
    parts = []
    for name, content in records:
        header = (
            f"<identifier>oai:example.org:{name}</identifier>"
            "<datestamp>2024-01-01T00:00:00Z</datestamp>"
        )
        if content is None:
            parts.append(f'<record><header status="deleted">{header}</header></record>')
        else:
            body = content.decode().partition("?>")[2]
            parts.append(f"<record><header>{header}</header><metadata>{body}</metadata></record>")
    return (OAI % "".join(parts)).encode()


def test_saved_oai_response(store: Store, take: Take, tmp_path: Path) -> None:
    b = "spase://MADE/Person/B"
    path = written(tmp_path / "page.xml", response(("a", spase(A)), ("b", spase(b))))
    assert take(path) == {"read": 2, "new": 2, "valid": 2}
    written(path, response(("a", spase(A)), ("b", None)))
    assert take(path) == {"read": 1, "unchanged": 1, "valid": 1, "deleted": 1}
    with store.reading() as reader:
        assert reader.keys(0, 10) == [A]
    assert take(path) == {"read": 1, "unchanged": 1, "valid": 1}


def test_fault_of_ours_in_one_document_stops_no_other(
    store: Store, take: Take, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from registry.ingest import reading

    judge = reading.judge

    def failing(part: object) -> object:
        if "Fails" in part.identifier:  # type: ignore[attr-defined]
            raise KeyError("a fault")
        return judge(part)  # type: ignore[arg-type]

    fails = written(tmp_path / "f.xml", spase("spase://MADE/Person/Fails"))
    good = written(tmp_path / "g.xml", spase(A))
    with monkeypatch.context() as patch:
        patch.setattr(reading, "judge", failing)
        counts = take(fails, good)
    assert counts == {"read": 2, "new": 1, "valid": 1, "quarantined": 1}
    assert refusals(store)["f.xml"] == "this version of Parhelion fails on it (KeyError: 'a fault')"
    assert take(fails, good) == {"read": 2, "new": 1, "unchanged": 1, "valid": 2}
    assert refusals(store) == {}
