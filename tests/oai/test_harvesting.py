"""Whole harvests by two clients that know nothing of the server: Sickle, and our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from lxml import etree
from sickle import Sickle
from sickle.iterator import OAIResponseIterator

from registry import identifiers
from registry.ingest.ingest import Ingest
from registry.oai_harvest import Harvested
from registry.settings import HarvestSettings, Settings
from registry.sources.adding import add_source
from registry.sources.harvesting import harvest
from registry.sources.kinds import OAI_PMH
from registry.store.sources import source
from registry.store.store import Store
from schemas.canonical import canonical_digest
from schemas.documents import element
from schemas.oai_pmh.envelope import validate_envelope
from tests.harvesters.faulty_peer import FaultyPeer, Item, person
from tests.oai.registries import (
    SPOILT,
    START,
    Clock,
    dataset,
    documents_at,
    examples,
    get,
    listening,
    put,
    remove,
    served,
    service,
)
from tests.shared import needs_shared, shared

State = dict[str, bytes | None]
"""Identifier → digest of the canonical XML, None for a deleted record."""


def offered(store: Store, format_: str, *, valid: bool = False) -> State:
    """What the store holds of a format; with `valid` as `ivo_vor` has to offer it."""
    found: State = {}
    with store.reading() as reader:
        for batch in reader.all_records(deleted=True):
            for record in batch:
                if record.format != format_ or (valid and not record.was_valid):
                    continue
                gone = record.deleted or (valid and record.verdict != "valid")
                found[identifiers.iri(record.key)] = (
                    None if gone else canonical_digest(element(reader.body(record)))
                )
    return found


def by_sickle(url: str, prefix: str, **more: str) -> tuple[State, str]:
    """What Sickle brings, nothing twice, and the responseDate of the first page.

    Sickle follows the tokens; its own trees lack white space, so its pages are read as they came.
    """
    found: State = {}
    dates: list[str] = []
    for response in Sickle(url, iterator=OAIResponseIterator).ListRecords(
        metadataPrefix=prefix, **more
    ):
        root = etree.fromstring(response.http_response.content)
        dates.append(root.findtext("{*}responseDate"))
        for record in root.findall("{*}ListRecords/{*}record"):
            name = str(record.findtext("{*}header/{*}identifier"))
            assert name not in found, f"{name} came twice"
            payload = record.find("{*}metadata/*")
            deleted = record.find("{*}header").get("status") == "deleted"
            assert deleted == (payload is None)
            found[name] = None if payload is None else canonical_digest(alone(payload))
    return found, dates[0]


def alone(payload: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(payload, with_tail=False))


@dataclass
class Second:
    """A second registry that harvests the first."""

    store: Store
    settings: Settings

    def harvest(self, name: str, url: str = "", prefix: str = "") -> Harvested:
        if url:
            add_source(self.store, name, OAI_PMH, url, prefix=prefix)
        with self.store.reading() as reader:
            found = source(reader.connection, name)
        return harvest(self.store, self.settings, found)


@contextmanager
def second(folder: Path, clock: Clock | None = None) -> Iterator[Second]:
    settings = Settings(data=folder, harvest=HarvestSettings(allow_private=True))
    store = Store(folder, clock=clock) if clock else Store(folder)
    try:
        yield Second(store, settings)
    finally:
        store.close()


def held(store: Store, format_: str) -> State:
    """As `offered`, without records that only came as a deletion: there is nothing to keep."""
    return {name: digest for name, digest in offered(store, format_).items() if digest}


def current(state: State) -> State:
    return {name: digest for name, digest in state.items() if digest}


def fill(store: Store, number: int) -> None:
    """The examples and made records up to `number` of SPASE, some deleted, some VOResource."""
    put(store, examples())
    with store.reading() as reader:
        there = sum(n for format_, _, _, n in reader.counts() if format_ == "spase")
    assert there < number
    put(store, documents_at(f"m{one:04d}" for one in range(number - there)))
    put(store, {f"s{one}": service(f"s{one}", extra=SPOILT * (one % 5 == 0)) for one in range(40)})
    put(store, {"s1": service("s1", extra=SPOILT), "s2": service("s2", status="deleted")})
    remove(store, *(f"m{one:04d}" for one in range(0, number - there, 7)))


@pytest.fixture
def registry(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Store, Flask]]:
    clock = Clock(START)
    with served(tmp_path / "first", page_size=request.param, clock=clock) as (store, app):
        fill(store, 360)
        yield store, app


@pytest.mark.parametrize("registry", [60, 120, 200, 400], indirect=True)
def test_sickle_brings_exactly_what_is_inside(registry: tuple[Store, Flask]) -> None:
    """360 SPASE records: 60 and 120 divide them, 200 does not, 400 takes them at once."""
    store, app = registry
    with listening(app) as url:
        spase, _ = by_sickle(url, "spase")
        assert spase == offered(store, "spase")
        assert len(spase) == 360
        assert None in spase.values()
        vo, _ = by_sickle(url, "ivo_vor")
        assert vo == offered(store, "voresource", valid=True)
        assert [name for name, digest in vo.items() if digest is None] == [
            "ivo://made.example/s1",
            "ivo://made.example/s2",
        ]
        dublin_core, _ = by_sickle(url, "oai_dc")
        every = offered(store, "spase") | offered(store, "voresource")
        assert {n: d is None for n, d in dublin_core.items()} == {
            n: d is None for n, d in every.items()
        }
        records = list(Sickle(url).ListRecords(metadataPrefix="oai_dc"))
        assert {one.header.identifier: one.deleted for one in records} == {
            n: d is None for n, d in every.items()
        }
        heads = [one.identifier for one in Sickle(url).ListIdentifiers(metadataPrefix="oai_dc")]
        assert sorted(heads) == sorted(every)
        sets = {one.setSpec for one in Sickle(url).ListSets()}
        parts = {}
        for name in sets - {"spase", "voresource"}:
            if ":type." in name:
                parts |= by_sickle(url, "oai_dc", set=name)[0]
        assert set(parts) == set(every)


def test_sickle_brings_exactly_the_difference(tmp_path: Path) -> None:
    clock = Clock(START)
    with served(tmp_path, page_size=50, clock=clock) as (store, app), listening(app) as url:
        fill(store, 300)
        clock.now += 3600
        before, date = by_sickle(url, "spase")
        clock.now += 60
        put(store, {"m0001": dataset("m0001", "Changed"), "new": dataset("new")})
        remove(store, "m0002")
        difference, _ = by_sickle(url, "spase", **{"from": date})
        assert sorted(difference) == [
            "spase://Made/m0001",
            "spase://Made/m0002",
            "spase://Made/new",
        ]
        assert difference["spase://Made/m0002"] is None
        assert before | difference == offered(store, "spase")


@pytest.mark.parametrize("registry", [60, 77], indirect=True)
def test_our_own_harvester_brings_what_is_inside(
    registry: tuple[Store, Flask], tmp_path: Path
) -> None:
    store, app = registry
    clock = store.clock
    assert isinstance(clock, Clock)
    # Two days later, so that the overlap of incremental harvests brings nothing again.
    clock.now += 2 * 86_400
    with listening(app) as url, second(tmp_path / "second", clock) as other:
        result = other.harvest("spase", url)
        assert result.faults == []
        assert result.counts.new == len(current(offered(store, "spase")))
        other.harvest("vo", url, "ivo_vor")
        assert held(other.store, "spase") == current(offered(store, "spase"))
        assert held(other.store, "voresource") == current(offered(store, "voresource", valid=True))
        assert other.harvest("spase").counts.read == 0
        put(store, {"m0001": dataset("m0001", "Changed"), "new": dataset("new")})
        put(store, {"s1": service("s1", short="again"), "s3": service("s3", extra=SPOILT)})
        remove(store, "m0002")
        counts = other.harvest("spase").counts
        assert (counts.changed, counts.new, counts.deleted) == (1, 1, 1)
        counts = other.harvest("vo").counts
        assert (counts.changed, counts.new, counts.deleted) == (0, 1, 1)
        assert held(other.store, "spase") == current(offered(store, "spase"))
        assert held(other.store, "voresource") == current(offered(store, "voresource", valid=True))


@needs_shared
def test_the_cnes_archive_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """Real records of eight versions: both clients bring every one, with the same canonical XML."""
    with served(tmp_path / "first", page_size=200) as (store, app):
        settings = Settings(data=tmp_path / "first")
        Ingest(store, settings).run([str(shared("spase", "CNES.zip"))])
        wanted = offered(store, "spase")
        assert len(wanted) > 2500
        with listening(app) as url, second(tmp_path / "second") as other:
            assert by_sickle(url, "spase")[0] == wanted
            dublin_core, _ = by_sickle(url, "oai_dc")
            assert set(dublin_core) == set(wanted)
            result = other.harvest("cnes", url)
            assert result.faults == []
            assert result.counts.new == len(wanted)
            assert held(other.store, "spase") == wanted


@needs_shared
def test_the_vo_records_come_out_as_they_went_in(tmp_path: Path) -> None:
    with served(tmp_path / "first", page_size=10) as (store, app):
        files = shared("ivoa", "records")
        put(store, {path.name: path.read_bytes() for path in sorted(files.iterdir())})
        wanted = offered(store, "voresource", valid=True)
        assert len(current(wanted)) > 80
        with listening(app) as url, second(tmp_path / "second") as other:
            assert by_sickle(url, "ivo_vor")[0] == wanted
            assert other.harvest("vo", url, "ivo_vor").faults == []
            assert held(other.store, "voresource") == current(wanted)


def test_what_was_harvested_says_where_it_comes_from(tmp_path: Path) -> None:
    """Guidelines for provenance: who gave it out, under which identifier, when it was fetched."""
    clock = Clock(START)
    with served(tmp_path / "first", clock=clock) as (store, app), listening(app) as url:
        put(store, {"one": dataset("one")})
        later = Clock(START + 3 * 86_400)
        with served(tmp_path / "second", clock=later) as (other, passing_on):
            put(other, {"own": dataset("own")})
            settings = Settings(data=tmp_path, harvest=HarvestSettings(allow_private=True))
            Second(other, settings).harvest("first", url, "spase")
            root = etree.fromstring(get(passing_on, verb="ListRecords", metadataPrefix="spase"))
            simple = get(passing_on, verb="ListRecords", metadataPrefix="oai_dc")
    assert validate_envelope(root) == []
    found = {
        record.findtext("{*}header/{*}identifier"): record.find("{*}about/*")
        for record in root.iter("{http://www.openarchives.org/OAI/2.0/}record")
    }
    assert found["spase://Made/own"] is None
    provenance = found["spase://Made/one"]
    assert provenance is not None
    name = "{http://www.openarchives.org/OAI/2.0/provenance}"
    assert provenance.tag == f"{name}provenance"
    (description,) = provenance
    assert dict(description.attrib) == {"harvestDate": "2020-09-16T12:26:40Z", "altered": "false"}
    assert [(one.tag, one.text) for one in description] == [
        (f"{name}baseURL", url),
        (f"{name}identifier", "spase://Made/one"),
        (f"{name}datestamp", "2020-09-13T12:26:40Z"),
        (f"{name}metadataNamespace", "http://www.spase-group.org/data/schema"),
    ]
    # Dublin Core is made here, so that it is not the peer's.
    assert b"<about>" not in simple


HOP = (
    '<originDescription harvestDate="{}" altered="{}"><baseURL>{}</baseURL>'
    "<identifier>{}</identifier><datestamp>{}</datestamp><metadataNamespace>urn:x"
    "</metadataNamespace>{}</originDescription>"
)


def test_a_way_that_a_peer_tells_of_is_given_on(tmp_path: Path) -> None:
    """Guidelines for provenance: who passes a record on puts its own hop round those before."""
    first = HOP.format("2001-01-01", "false", "http://some.org", "oai:r:1", "2000-01-01", "")
    broken = HOP.format("yesterday", "false", "http://x.org", "oai:x:1", "2000-01-01", "")
    second_hop = HOP.format(
        "2002-02-02T14:10:02Z", "1", "http://the.org/a&amp;b", "oai:s:2", "2002-01-01", first
    )
    about = (
        "<about><rights>none</rights></about><about><provenance xmlns='{}'>{}</provenance></about>"
    )
    name = "http://www.openarchives.org/OAI/2.0/provenance"
    items = [
        Item("one", person("one"), about=about.format(name, second_hop)),
        Item("two", person("two"), about=about.format(name, broken)),
    ]
    settings = Settings(data=tmp_path, harvest=HarvestSettings(allow_private=True))
    with FaultyPeer(items).peer() as peer, served(tmp_path / "here") as (store, app):
        Second(store, settings).harvest("peer", peer.url, "spase")
        root = etree.fromstring(get(app, verb="ListRecords", metadataPrefix="spase"))
    assert validate_envelope(root) == []
    chains = []
    for one in root.iter("{http://www.openarchives.org/OAI/2.0/}record"):
        assert len(one.findall("{*}about")) == 1
        found, chain = one.find(f"{{*}}about/{{{name}}}provenance"), []
        while (found := found.find(f"{{{name}}}originDescription")) is not None:
            chain.append((found.get("altered"), found.findtext("{*}baseURL"), len(found)))
        chains.append(chain)
    outer = ("false", peer.url)
    assert chains == [
        [(*outer, 5), ("true", "http://the.org/a&b", 5), ("false", "http://some.org", 4)],
        [(*outer, 4)],
    ]
