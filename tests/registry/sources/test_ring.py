"""Registries that harvest each other, and finding them: real instances on loopback."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from lxml import etree

from harvesters.documents import Document
from harvesters.publishing_registries import publishing_registry
from registry.engines import opened
from registry.ingest.reading import taken_document
from registry.settings import HarvestSettings, OaiSettings, Settings
from registry.sources.adding import add_source
from registry.sources.harvesting import harvest
from registry.store import harvests as kept_harvests
from registry.store import ownership
from registry.store import sources as kept
from registry.store.sources import LOCAL_SOURCE
from registry.store.store import Store
from registry.web.application import application
from registry.web.derived import in_several_places
from schemas.canonical import canonical_digest
from schemas.documents import element
from tests.harvesters.peers import Asked, Peer, Reply
from tests.oai.registries import listening, service
from tests.shared import needs_shared, shared
from tests.whole.running import Installation

# -- three registries in a ring -------------------------------------------------------------------


class Instance:
    """A registry: its store, and its OAI-PMH server on loopback."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.settings = Settings(
            data=folder,
            public_url=f"https://{folder.name}.example.org",
            harvest=HarvestSettings(allow_private=True, deletion_guard=0.5),
            oai=OaiSettings(page_size=7),
        )
        engines = stack.enter_context(opened(self.settings, wants_lock=False))
        self.store: Store = engines.store
        self.url = stack.enter_context(listening(application(engines)))

    def put(self, documents: dict[str, bytes]) -> None:
        taken = [
            taken_document(Document(path, content), hashlib.sha256(content).digest())
            for path, content in documents.items()
        ]
        with self.store.writing() as writer:
            writer.take(LOCAL_SOURCE, taken)

    def remove(self, *paths: str) -> None:
        with self.store.writing() as writer:
            writer.remove(LOCAL_SOURCE, paths)

    def follow(self, other: Instance) -> None:
        name = other.settings.data.name
        for prefix in ("spase", "ivo_vor"):
            add_source(self.store, f"{name}-{prefix}", "oai-pmh", other.url, prefix=prefix)

    def harvest(self) -> int:
        """Harvests every source; gives how many records were new, other or deleted."""
        moved = 0
        with self.store.reading() as reader:
            sources = kept.sources(reader.connection)[1:]
        for source in sources:
            counts = harvest(self.store, self.settings, source).counts
            moved += counts.new + counts.changed + counts.deleted
        return moved

    def state(self) -> dict[str, bytes]:
        """Identifier → canonical XML (its digest) of every current record."""
        with self.store.reading() as reader:
            return {
                one.key: canonical_digest(element(reader.body(one)))
                for batch in reader.all_records()
                for one in batch
            }


def settled(ring: list[Instance], rounds: int = 4) -> None:
    """Harvests round after round until nothing moves; fails when something goes on moving."""
    for _ in range(rounds):
        if sum([one.harvest() for one in ring]) == 0:
            return
    raise AssertionError(f"records still go round after {rounds} rounds")


def real_records() -> list[dict[str, bytes]]:
    """For each of three registries real records of its own, SPASE and valid VOResource ones."""
    archives = sorted(shared("spase").rglob("*.zip"), key=lambda path: path.stat().st_size)
    with zipfile.ZipFile(archives[0]) as archive:
        names = [name for name in sorted(archive.namelist()) if name.endswith(".xml")][:36]
        spase = {name: archive.read(name) for name in names}
    verdicts = shared("ivoa", "VERDICTS.tsv").read_text("utf-8").splitlines()
    valid, known = {}, set()
    for line in verdicts:
        cells = line.split("\t")
        file, verdict, identifier = cells[0], cells[1], cells[7]
        if verdict == "valid" and file.startswith("records/") and identifier.lower() not in known:
            content = shared("ivoa", file).read_bytes()
            if b'status="deleted"' not in content:
                known.add(identifier.lower())
                valid[file] = content
    every = sorted(spase.items()) + sorted(valid.items())[:24]
    return [dict(every[number::3]) for number in range(3)]


@pytest.fixture
def ring(tmp_path: Path) -> Iterator[list[Instance]]:
    with ExitStack() as stack:
        yield [Instance(tmp_path / name, stack) for name in ("a", "b", "c")]


@needs_shared
@pytest.mark.parametrize("both_ways", [False, True], ids=["one way", "both ways"])
def test_three_in_a_ring_become_and_stay_equal(ring: list[Instance], both_ways: bool) -> None:
    own = real_records()
    for instance, documents in zip(ring, own, strict=True):
        instance.put(documents)
    started = [instance.state() for instance in ring]
    whole = {key: digest for state in started for key, digest in state.items()}
    assert len(whole) > 50
    for number, instance in enumerate(ring):
        instance.follow(ring[number - 1])
        if both_ways:
            instance.follow(ring[(number + 1) % 3])
    settled(ring)
    assert [one.state() for one in ring] == [whole] * 3

    # One registry deletes and changes records of its own; the copies elsewhere come back to it.
    gone, changed = next(iter(own[0])), list(own[1])[-1]
    gone_key = _key_at(ring[0], gone)
    ring[0].remove(gone)
    ring[1].put({changed: _renamed(own[1][changed])})
    changed_key = _key_at(ring[1], changed)
    del whole[gone_key]
    whole[changed_key] = ring[1].state()[changed_key]
    assert whole[changed_key] != started[1][changed_key]
    settled(ring)
    assert [one.state() for one in ring] == [whole] * 3
    for one in ring:
        with one.store.reading() as reader:
            record = reader.record(gone_key)
            assert record is not None
            assert record.deleted
    assert sum([one.harvest() for one in ring]) == 0, "and stay equal"

    # What was deleted comes back from where it came, and from nowhere else.
    ring[0].put({gone: own[0][gone]})
    settled(ring)
    assert all(gone_key in one.state() for one in ring)


def _key_at(instance: Instance, path: str) -> str:
    """The key of the record that lies at a place of the registry's own."""
    with instance.store.reading() as reader:
        for batch in reader.all_records():
            for one in batch:
                if any((at.source, at.path) == ("local", path) for at in reader.places(one)):
                    return one.key
    raise AssertionError(path)


def _renamed(content: bytes) -> bytes:
    for name in (b"title", b"ResourceName"):
        if b"</" + name + b">" in content:
            return content.replace(b"</" + name + b">", b", renamed</" + name + b">", 1)
    raise AssertionError(content[:500])


# -- whom a record belongs to ---------------------------------------------------------------------


def brought(store: Store, source_id: int, name: str, text: str) -> None:

    content = service(name, short=text)
    document = taken_document(
        Document(f"ivo://{name}", content), hashlib.sha256(text.encode()).digest()
    )
    with store.writing() as writer:
        writer.take(source_id, [document])


def shown(store: Store) -> str:
    with store.reading() as reader:
        record = reader.record("ivo://made.example/x")
        assert record is not None
        if record.deleted:
            return "deleted"
        found = etree.fromstring(reader.body(record)).findtext("shortName")
        return str(found)


def test_whom_a_record_belongs_to(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    first = add_source(store, "first", "oai-pmh", "http://a.example.org/").id
    second = add_source(store, "second", "oai-pmh", "http://b.example.org/").id
    brought(store, second, "x", "of second")
    brought(store, first, "x", "of first")
    assert shown(store) == "of second", "the first that brought it, not the first that was added"
    with store.writing() as writer:
        writer.remove(second, ["ivo://x"])
    assert shown(store) == "deleted", "a copy that another passes on brings nothing back"
    brought(store, second, "x", "of second again")
    assert shown(store) == "of second again"
    # A registry that manages the authority comes.
    managing = add_source(
        store, "managing", "oai-pmh", "http://c.example.org/", managed=["Made.Example"]
    ).id
    brought(store, managing, "x", "of the managing one")
    assert shown(store) == "of the managing one"
    # Another one claims it too, and does not get it.
    with store.writing() as writer:
        held = ownership.set_managed(writer.connection, first, ["made.example"])
    assert held == {"made.example": "managing"}
    brought(store, first, "x", "claimed")
    assert shown(store) == "of the managing one"
    # What is configured goes before everything.
    with store.writing() as writer:
        kept.update_source(writer.connection, first, precedence=50)
    brought(store, first, "x", "configured")
    assert shown(store) == "configured"
    store.close()


def test_what_two_say_differently_is_a_conflict(tmp_path: Path) -> None:
    """Named in the log of the source whose copy stands back, and on the record's page; a copy that
    says the same is none."""
    with ExitStack() as stack:
        ours, theirs = (Instance(tmp_path / name, stack) for name in ("ours", "theirs"))
        ours.put({"x": service("x", short="ours"), "y": service("y"), "z": service("z")})
        theirs.put({"x": service("x", short="theirs"), "y": service("y"), "w": service("w")})
        source = add_source(ours.store, "theirs", "oai-pmh", theirs.url, prefix="ivo_vor")
        for _ in range(2):
            harvest(ours.store, ours.settings, source)
        with ours.store.reading() as reader:
            newest = kept_harvests.harvests(reader.connection, source.id)[0]
            lines = kept_harvests.log_lines(reader.connection, [newest.id])[newest.id]
            record = reader.record("ivo://made.example/x")
            same = reader.record("ivo://made.example/y")
            assert record is not None
            assert same is not None
            (finding,) = in_several_places(reader.places(record))
            (other,) = in_several_places(reader.places(same))
    said = [one.message for one in lines if one.message.startswith("conflict")]
    assert said == [
        "conflict: ivo://made.example/x is another content here than at local, to which it belongs"
    ]
    assert "(theirs, another content)" in finding.message
    assert "(theirs)" in other.message


def test_our_own_are_never_taken_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "data")
    peer = add_source(store, "peer", "oai-pmh", "http://a.example.org/", managed=["made.example"])
    brought(store, LOCAL_SOURCE, "x", "ours")
    brought(store, peer.id, "x", "theirs")
    assert shown(store) == "ours"
    with store.writing() as writer:
        writer.remove(LOCAL_SOURCE, ["ivo://x"])
    assert shown(store) == "deleted"
    brought(store, peer.id, "x", "theirs again")
    assert shown(store) == "deleted"
    store.close()


# -- discovery ------------------------------------------------------------------------------------

OAI = "http://www.openarchives.org/OAI/2.0/"


def answer_with(records: list[bytes], asked: Asked) -> Reply:
    """A registry of registries that lists these vg:Registry records."""
    assert asked.params["verb"] == "ListRecords"
    assert asked.params["set"] == "ivo_publishers"
    assert asked.params["metadataPrefix"] == "ivo_vor"
    listed = "".join(
        f"<record><header><identifier>ivo://x/{number}</identifier>"
        f"<datestamp>2024-01-01T00:00:00Z</datestamp><setSpec>ivo_publishers</setSpec></header>"
        f"<metadata>{content.decode().partition('?>')[2]}</metadata></record>"
        for number, content in enumerate(records)
    )
    text = (
        f'<OAI-PMH xmlns="{OAI}"><responseDate>2024-06-01T00:00:00Z</responseDate>'
        f'<request verb="ListRecords">http://127.0.0.1/</request>'
        f"<ListRecords>{listed}</ListRecords></OAI-PMH>"
    )
    return Reply(text.encode(), headers={"Content-Type": "text/xml"})


@needs_shared
def test_publishing_registries_are_found_and_offered(tmp_path: Path) -> None:
    """From the real vg:Registry records; what each says is read off the files themselves."""
    names = (
        "org.gavo.dc____system____services__registry--c4a6e5.xml",
        "vopdc__registry--711a53.xml",
        "esavo__registry--5f84df.xml",
        "ivoa.net__IVOA--f22d13.xml",  # an organisation, and no registry
    )
    records = [shared("ivoa", "records", name).read_bytes() for name in names]
    installation = Installation(tmp_path / "data", {"PARHELION_HARVEST__ALLOW_PRIVATE": "true"})
    with Peer(lambda asked: answer_with(records, asked)) as rofr:
        found = installation.run("source", "discover", f"{rofr.url}/oai", "--json")
        assert found.status == 0, found.said
        offered = {one["identifier"]: one for one in map(json.loads, found.out.splitlines())}
        assert "ivo://org.gavo.dc/__system__/services/registry" in offered
        gavo = offered["ivo://org.gavo.dc/__system__/services/registry"]
        assert gavo["address"] == "http://dc.zah.uni-heidelberg.de/oai.xml"
        assert "org.gavo.dc" in gavo["managed"]
        assert not any("IVOA" in one for one in offered)
        added = installation.run(
            "source", "discover", f"{rofr.url}/oai", "--add", gavo["identifier"], "--every", "1d"
        )
        assert added.status == 0, added.said
        assert "added as org.gavo.dc" in added.out
        again = installation.run("source", "discover", f"{rofr.url}/oai", "--add-all")
        assert again.status == 0, again.said
        assert "is the source org.gavo.dc" in again.out
    listed = installation.run("source", "list", "--json").out.splitlines()
    sources = {one["name"]: one for one in map(json.loads, listed)}
    assert sources["org.gavo.dc"]["set_spec"] == "ivo_managed"
    assert sources["org.gavo.dc"]["prefix"] == "ivo_vor"
    assert sources["org.gavo.dc"]["every"] == 86400
    assert "org.gavo.dc" in sources["org.gavo.dc"]["managed"]
    assert len(sources) == 1 + len(offered)


@needs_shared
def test_every_real_record_of_a_registry_is_read() -> None:
    """All files whose root is a vg:Registry, and none of the others, whatever their prefixes."""
    found = {}
    for path in sorted(shared("ivoa", "records").glob("*.xml")):
        root = etree.parse(path).getroot()
        record = publishing_registry(root)
        if record is not None:
            found[path.name] = record
    types = {}
    for line in shared("ivoa", "VERDICTS.tsv").read_text("utf-8").splitlines()[1:]:
        cells = line.split("\t")
        if cells[0].startswith("records/"):
            types[cells[0].removeprefix("records/")] = cells[6]
    assert set(found) == {n for n, kind in types.items() if kind == "{VORegistry/v1.0}Registry"}
    assert sum(1 for one in found.values() if one.address) >= 10
