"""Every fault of a peer, one at a time: the end is that of a healthy peer, or exactly the bad
records are missing, and the source's log names what was wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harvesters.fetching import Fetcher
from registry.deletion_guard import HarvestFailed
from registry.settings import HarvestSettings, Settings
from registry.sources import harvesting
from registry.sources.kinds import OAI_PMH
from registry.store import harvests as kept_harvests
from registry.store import sources as kept_sources
from registry.store.store import Store
from tests.harvesters import faulty_peer as faults
from tests.harvesters.faulty_peer import (
    CHANGED,
    LATER,
    Fault,
    FaultyPeer,
    Item,
    answering,
    changed,
    error,
    person,
    resource,
    second,
    status,
)
from tests.harvesters.test_fetching import World

NAMES = "abcdefgh"
"""Eight records on three pages; the second holds d, e and f."""


def items(payload: Callable[[str], str] = person) -> list[Item]:
    return [Item(name, payload(name)) for name in NAMES]


@dataclass
class Run:
    """A store, and the harvests of one peer into it."""

    store: Store
    settings: Settings
    world: World
    limits: dict[str, Any]
    monkeypatch: pytest.MonkeyPatch
    log: list[str] = field(default_factory=list)

    def harvest(self, url: str, **options: Any) -> str:
        """Harvests once; gives why it failed, or ''. The log's lines come into `log`."""
        self.monkeypatch.setattr(harvesting, "fetcher", self._fetcher)
        with self.store.writing() as writer:
            known = {one.name: one for one in kept_sources.sources(writer.connection)}
            source = known.get("peer") or kept_sources.add_source(
                writer.connection, "peer", OAI_PMH, url, now=1
            )
            kept_sources.update_source(writer.connection, source.id, url=url)
        failed = ""
        try:
            harvesting.harvest(self.store, self.settings, source, **options)
        except HarvestFailed as stopped:
            failed = str(stopped)
        with self.store.reading() as reader:
            (newest,) = kept_harvests.harvests(reader.connection, source.id, limit=1)
            lines = kept_harvests.log_lines(reader.connection, [newest.id])[newest.id]
        self.log = [line.message for line in lines]
        assert newest.message in failed
        return failed

    def _fetcher(self, _: Settings, source: str) -> Fetcher:
        return self.world.fetcher(limits=self.limits)

    @property
    def state(self) -> dict[str, Any]:
        with self.store.reading() as reader:
            return kept_sources.source(reader.connection, "peer").state

    def held(self) -> dict[str, bytes | None]:
        """Every record with its bytes, None where it is deleted."""
        with self.store.reading() as reader:
            return {
                one.key.rpartition("/")[2]: None if one.deleted else reader.body(one)
                for batch in reader.all_records(deleted=True)
                for one in batch
            }

    def quarantined(self) -> list[str]:
        with self.store.reading() as reader:
            return [one.path for one in reader.quarantined()]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    store = Store(tmp_path)
    settings = Settings(data=tmp_path, harvest=HarvestSettings(deletion_guard=0.5))
    limits = {"tries": 4, "first_byte": 0.3, "total": 5.0, "size": 100_000}
    yield Run(store, settings, World(), limits, monkeypatch)
    store.close()


def healthy(found: list[Item]) -> dict[str, bytes | None]:
    return {one.name: one.payload.encode() if one.payload else None for one in found}


STAMPED = b"peer:e</identifier><datestamp>2024-05-01T00:00:00Z</datestamp></header>"

# Those that leave no trace but in the log.
PASSING: dict[str, tuple[Fault | None, str]] = {
    "none": (None, ""),
    "503 with seconds": (second(status(503, Retry_After="7"), 2), "asks to wait 7 s"),
    "503 with a date": (second(faults.later_by_date, 1), "asks to wait 30 s"),
    "429": (second(status(429, Retry_After="5"), 1), "answers 429 and asks to wait 5 s"),
    "500": (second(status(500), 3), "answers 500"),
    "502": (second(status(502), 1), "answers 502"),
    "silence": (second(faults.silent, 1), "fell silent"),
    "connection cut": (second(faults.cut_off, 1), "cut off"),
    "damaged packing": (second(faults.packed_wrongly, 1), "packing is damaged"),
    "truncated once": (second(faults.truncated, 1), "not well-formed"),
    "not well-formed once": (second(changed(b"</header>", b"</heder>"), 2), "not well-formed"),
    "empty answer": (second(lambda *_: faults.Reply(b""), 1), "empty"),
    "page of HTML": (second(faults.page_of_html, 1), "Content-Type 'text/html'"),
    "wrong type": (second(faults.of_type("text/plain")), "Content-Type 'text/plain'"),
    "no type": (second(lambda p, a, r, n: faults.Reply(r.body)), "no Content-Type"),
    "other encoding": (second(faults.in_latin1), ""),
    "white space first": (second(changed(b"<?xml", b"\n <?xml")), "white space"),
    "same token once": (second(faults.with_token("3|"), 1), "the token '3|' came before"),
    "lost token": (faults.forgetting("3|"), "badResumptionToken: expired"),
    "lost token twice": (faults.forgetting("3|", "6|"), "begun again"),
    "lost token as badArgument": (
        second(answering(error("badArgument", "no such token")), 1),
        "no such token",
    ),
    "lost token as noRecordsMatch": (
        second(answering(error("noRecordsMatch")), 1),
        "answered with noRecordsMatch",
    ),
    "lost token, status 400": (
        second(answering(error("badResumptionToken"), 400), 1),
        "with status 400",
    ),
    "lost token, status 404": (
        second(answering(error("badResumptionToken"), 404), 1),
        "with status 404",
    ),
    "empty token once": (second(faults.with_token(""), 1), "asked again"),
    "empty last page": (faults.with_empty_last_page, "the last page, of the token 'end|', is"),
    "more announced": (faults.of_size(9), "announced 9 records and sent 8"),
    "fewer announced": (faults.of_size(7), "announced 7 records and sent 8"),
    "future": (
        second(changed(STAMPED, STAMPED.replace(b"2024", b"2044"))),
        "'oai:peer:e' has the datestamp 2044-05-01T00:00:00Z, later than the peer's own clock",
    ),
    "days": (
        second(changed(b"T00:00:00Z</datestamp>", b"</datestamp>")),
        "'oai:peer:e' has the datestamp 2024-05-01, where YYYY-MM-DDThh:mm:ssZ was promised",
    ),
    "no datestamp": (
        second(changed(b"<datestamp>2024-05-01T00:00:00Z</datestamp>", b"<datestamp/>")),
        "'oai:peer:e' has the datestamp ''",
    ),
    "no date": (
        second(changed(b"<responseDate>2024-06-01T00:00:00Z", b"<responseDate>today")),
        "responseDate 'today'",
    ),
    "about": (
        second(changed(b"</metadata>", b"</metadata><about><x xmlns='urn:x'>y</x></about>")),
        "",
    ),
    "packed": (faults.packed, ""),
    "moved, with a cookie": (faults.elsewhere, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", PASSING)
def test_ends_as_with_a_healthy_peer(run: Run, name: str) -> None:
    fault, words = PASSING[name]
    peer = FaultyPeer(items(), fault)
    peer.items[4].payload = person("e", "Zoë" if name == "other encoding" else "Somebody")
    with peer.peer() as server:
        failed = run.harvest(server.url)
        assert failed == ""
        assert run.held() == healthy(peer.items)
        assert run.quarantined() == []
        if words:
            assert any(words in line for line in run.log), run.log
        elif name != "other encoding":
            assert run.log == []
        # And the next one asks for what is new only, from a day before the peer's own date.
        peer.fault = None
        peer.requests.clear()
        peer.now = LATER
        peer.items[1] = Item("b", person("b", "Else"), CHANGED)
        peer.items[2] = Item("c", None, CHANGED)
        assert run.harvest(server.url) == ""
    assert [one.get("from") for one in peer.requests] == ["2024-05-31T00:00:00Z"]
    assert run.held() == healthy(peer.items)
    assert run.state["point"] == LATER


# Those that cost the record they are in.
NAMED = b"<ResourceID>spase://PEER/Person/e</ResourceID>"
COSTING: dict[str, Fault] = {
    "control character": changed(NAMED, NAMED + b"\x0c"),
    "wrong encoding": changed(NAMED + b"<PersonName>", NAMED + b"<PersonName>\xe9"),
    "ampersand": changed(b"Person/e<", b"Person/e&<"),
    "unknown entity": changed(b"Person/e<", b"Person/e&eacute;<"),
    "wrong end tag": changed(NAMED, NAMED.replace(b"</ResourceID>", b"</ResourceId>")),
    "undeclared prefix": changed(NAMED, NAMED + b"<a:b/>"),
    "no identifier": changed(b"spase://PEER/Person/e", b""),
    "other kind": changed(STAMPED + b"<metadata>", STAMPED + b"<metadata><x/>"),
    "no metadata": changed(person("e").encode(), b""),
}


@pytest.mark.parametrize("name", COSTING)
def test_exactly_the_bad_record_is_missing(run: Run, name: str) -> None:
    peer = FaultyPeer(items(), second(COSTING[name]))
    with peer.peer() as server:
        assert run.harvest(server.url) == ""
        expected = healthy(peer.items)
        del expected["e"]
        assert run.held() == expected
        assert run.quarantined() == ["oai:peer:e"]
        assert any("'oai:peer:e' cannot be taken" in line for line in run.log), run.log
        # Mended by the peer, it comes, and leaves the quarantine.
        peer.fault, peer.now = None, LATER
        peer.items[4].stamp = CHANGED
        assert run.harvest(server.url) == ""
    assert run.held() == healthy(peer.items)
    assert run.quarantined() == []


# Those at which a harvest has to stop, with what came before, and where it goes on.
STOPPING: dict[str, tuple[Fault, str, str]] = {
    "truncated": (faults.truncated, "abcde", "resumption token '3|'"),
    "tags between records": (changed(b"</ListRecords>", b"</List>"), "abcdef", "'3|'"),
    "503 for ever": (status(503, Retry_After="2"), "abc", "'3|'"),
    "500 for ever": (status(500), "abc", "'3|'"),
    "a long wait": (status(503, Retry_After="86400"), "abc", "come back in 86,400 s"),
    "silence for ever": (faults.silent, "abc", "fell silent"),
    "too slow": (faults.dripping, "abc", "longer than"),
    "too large": (changed(b"</OAI-PMH>", b" " * 200_000), "abc", "harvest.max_bytes"),
    "document type": (changed(b"<OAI-PMH", b"<!DOCTYPE x []><OAI-PMH"), "abc", "document type"),
    "HTML for ever": (faults.page_of_html, "abc", "'3|'"),
    "circle": (faults.with_token("3|"), "abcdef", "circle"),
    "no records": (answering("<Identify/>"), "abc", "holds Identify, and no records"),
    "not found": (status(404), "abc", "404"),
}


@pytest.mark.parametrize("name", STOPPING)
def test_stops_with_its_place_and_goes_on(run: Run, name: str) -> None:
    fault, came, words = STOPPING[name]
    run.limits["total"] = 0.5 if name == "too slow" else 5.0
    run.limits["tries"] = 2
    peer = FaultyPeer(items(), second(fault))
    with peer.peer() as server:
        failed = run.harvest(server.url)
        assert words in failed, failed
        assert "".join(sorted(run.held())) == came
        assert "point" not in run.state
        # Our clock and the failed harvest move nothing; the next harvest brings the rest.
        peer.fault, peer.now = None, LATER
        peer.requests.clear()
        assert run.harvest(server.url) == ""
    assert run.held() == healthy(peer.items)
    first = peer.requests[0].get("resumptionToken")
    assert first == (None if name == "circle" else "3|")
    began = LATER if name == "circle" else faults.CLOCK
    assert run.state["point"] == began


def test_peer_that_is_down(run: Run) -> None:
    peer = FaultyPeer(items())
    with peer.peer() as server:
        url = server.url
        assert run.harvest(url) == ""
    failed = run.harvest(url)
    assert "no connection could be made" in failed
    assert run.held() == healthy(peer.items)
    assert run.state["point"] == faults.CLOCK
    assert len(run.world.slept) == 3, "each try waits longer than the one before"
    assert run.world.slept == sorted(run.world.slept)


def test_place_at_which_three_harvests_stop_is_given_up(run: Run) -> None:
    peer = FaultyPeer(items(), second(faults.page_of_html))
    asked = []
    with peer.peer() as server:
        for _ in range(4):
            peer.requests.clear()
            assert run.harvest(server.url) != ""
            lists = [one for one in peer.requests if one["verb"] == "ListRecords"]
            asked.append(lists[0].get("resumptionToken"))
    assert asked == [None, "3|", "3|", None]


def test_peer_that_always_loses_its_place(run: Run) -> None:
    peer = FaultyPeer(items(), second(answering(error("badResumptionToken"))))
    with peer.peer() as server:
        assert "lost its place in the list 4 times" in run.harvest(server.url)
    assert "".join(sorted(run.held())) == "abc"
    assert not run.state.get("token")


# Incremental harvests


def test_records_outside_the_range_are_named_and_kept(run: Run) -> None:
    peer = FaultyPeer(items())
    with peer.peer() as server:
        run.harvest(server.url)
        peer.fault, peer.now = faults.ignoring_from, LATER
        assert run.harvest(server.url) == ""
    assert run.held() == healthy(peer.items)
    assert any("'oai:peer:a'" in line and "outside the range" in line for line in run.log)
    assert run.state["point"] == LATER


def test_granularity_other_than_promised(run: Run) -> None:
    peer = FaultyPeer(items())
    with peer.peer() as server:
        run.harvest(server.url)
        peer.fault, peer.now = faults.refusing_seconds, LATER
        peer.items[0] = Item("a", person("a", "Else"), CHANGED)
        peer.requests.clear()
        assert run.harvest(server.url) == ""
    assert [one.get("from") for one in peer.requests] == ["2024-05-31T00:00:00Z", "2024-05-31"]
    assert run.held() == healthy(peer.items)
    assert any("refuses the range" in line for line in run.log)


def test_days_are_asked_for_where_days_are_kept(run: Run) -> None:
    peer = FaultyPeer(items(), granularity="YYYY-MM-DD")
    for one in peer.items:
        one.stamp = "2024-05-01"
    with peer.peer() as server:
        assert (run.harvest(server.url), run.log) == ("", [])
        peer.requests.clear()
        assert (run.harvest(server.url), run.log) == ("", [])
    assert peer.requests[0]["from"] == "2024-05-31"


def test_nothing_new_moves_the_point(run: Run) -> None:
    peer = FaultyPeer(items())
    with peer.peer() as server:
        run.harvest(server.url)
        peer.now = LATER
        assert (run.harvest(server.url), run.log) == ("", [])
    assert run.state["point"] == LATER
    assert run.held() == healthy(peer.items)


def test_nothing_at_all_goes_through_the_guard(run: Run) -> None:
    peer = FaultyPeer(items())
    with peer.peer() as server:
        run.harvest(server.url)
        whole, peer.items = peer.items, []
        failed = run.harvest(server.url, full=True)
        assert "8 of 8 records" in failed
        assert run.held() == healthy(whole)
        assert run.harvest(server.url, full=True, accept_deletions=True) == ""
    assert set(run.held().values()) == {None}


# Identifiers


def test_identifiers_that_differ_are_a_fault_in_ivo_vor_only(run: Run) -> None:
    found = items(resource)
    for one in found:
        one.identifier = f"ivo://Peer.Example/{one.name}"
    found[4].identifier = "oai:peer:e"
    peer = FaultyPeer(found, prefix="ivo_vor")
    with peer.peer() as server:
        assert run.harvest(server.url) == ""
    assert run.held().keys() == set(NAMES)
    (line,) = run.log
    assert "'oai:peer:e' has another identifier in its metadata: 'ivo://peer.example/e'" in line


def test_record_twice_in_a_page_is_what_it_is_last(run: Run) -> None:
    twice = [Item("a", None), Item("a", person("a")), Item("b", person("b")), Item("b", None)]
    peer = FaultyPeer([*twice, *items()[2:]], page=10)
    with peer.peer() as server:
        assert run.harvest(server.url) == ""
    expected = healthy(items())
    del expected["b"]
    assert run.held() == expected


def test_records_without_a_name_are_kept_apart(run: Run) -> None:
    """Two bad records without an identifier in their headers are two in the quarantine."""
    peer = FaultyPeer(items())
    peer.items[3].payload, peer.items[4].payload = "<x/>", "<y/>"
    peer.fault = second(
        lambda p, a, r, n: faults.replace(
            r,
            body=r.body.replace(b"oai:peer:d", b"").replace(b"oai:peer:e", b""),
        )
    )
    with peer.peer() as server:
        assert run.harvest(server.url) == ""
    assert "".join(sorted(run.held())) == "abcfgh"
    assert len(run.quarantined()) == 2


def test_many_faults_of_a_kind_are_counted(run: Run) -> None:
    many = [Item(f"n{n}", person(f"n{n}"), "never") for n in range(40)]
    peer = FaultyPeer(many, page=10)
    with peer.peer() as server:
        assert run.harvest(server.url) == ""
    assert len(run.log) == 26
    assert run.log[-1] == "oai.datestamp: 15 more faults of this kind"
