"""Leases, schedules, and what `serve` harvests by itself."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.oai_harvest import Harvested
from registry.settings import HarvestSettings, Settings
from registry.sources import schedule
from registry.sources.adding import add_source
from registry.sources.harvesting import HarvestInterrupted, Stop, harvest
from registry.sources.leases import LEASE_SECONDS, AlreadyHarvested, leased
from registry.sources.running import HarvestsThread
from registry.store import harvests as kept_harvests
from registry.store import sources as kept
from registry.store.store import Store
from tests.harvesters.peers import Peer
from tests.registry.sources.repository import Item, Repository
from tests.whole.corpus import spase
from tests.whole.running import Installation, wait_until

START = 1_700_000_000.0


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Store(tmp_path / "data", clock=clock)
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", harvest=HarvestSettings(allow_private=True))


@pytest.fixture
def repository() -> Iterator[Repository]:
    items = {str(n): Item("2024-05-01T00:00:00Z", made(n)) for n in range(10)}
    repository = Repository(items)
    yield repository
    repository.released.set()


def made(number: int) -> bytes:
    return spase(f"spase://MADE/Person/{number}")


@pytest.fixture
def peer(repository: Repository) -> Iterator[Peer]:
    with repository.peer() as peer:
        yield peer


# -- times ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "seconds"), [("30m", 1800), ("6h", 21600), ("1d", 86400), ("2W", 1209600)]
)
def test_periods(period: str, seconds: int) -> None:
    assert schedule.seconds(period) == seconds
    assert schedule.written(seconds) == period.lower()


@pytest.mark.parametrize("period", ["", "6", "h", "-6h", "0m", "6s", "99999w", "6 h 3 m"])
def test_what_is_no_period(period: str) -> None:
    with pytest.raises(ValueError, match="is no time between harvests"):
        schedule.seconds(period)


def test_failures_wait_longer_each_time_and_never_longer_than_the_schedule() -> None:
    waits = [schedule.after_failure(0, 21600, n, chance=lambda: 0.0) for n in range(1, 9)]
    assert waits == [600, 1200, 2400, 4800, 9600, 19200, 21600, 21600]
    assert schedule.after_failure(0, 21600, 1, asked=30000) == 30000
    assert schedule.after_success(0, 1000, chance=lambda: 1.0) == 1100
    assert schedule.after_success(0, 0) is None


# -- leases ---------------------------------------------------------------------------------------


def test_one_harvest_of_a_source_at_a_time(store: Store, clock: Clock) -> None:
    source = add_source(store, "peer", "oai-pmh", "http://example.org/oai")
    with leased(store, source.id, Harvested("peer")) as lease:
        with pytest.raises(AlreadyHarvested, match="peer is being harvested now, by the process"):
            leased(store, source.id, Harvested("peer")).__enter__()
        lease.end(kept_harvests.DONE, "", lambda writer: None)
    with leased(store, source.id, Harvested("peer")) as lease:
        lease.end(kept_harvests.DONE, "", lambda writer: None)


@pytest.mark.parametrize("holder", ["elsewhere.example.org:4711:x", "here"])
def test_a_lease_expires_when_its_holder_dies(store: Store, clock: Clock, holder: str) -> None:
    """On another machine when its time is up; on this one as soon as the process is gone."""
    source = add_source(store, "peer", "oai-pmh", "http://example.org/oai")
    if holder == "here":
        import socket
        import subprocess
        import sys

        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        holder = f"{socket.gethostname()}:{gone.pid}:x"
        waits = 0.0
    else:
        waits = LEASE_SECONDS
    now = clock.now
    with store.writing() as writer:
        until = now + LEASE_SECONDS
        assert kept_harvests.take_lease(writer.connection, source.id, holder, now, until)
    taken = Harvested("peer")
    if waits:
        clock.now += waits - 1
        with pytest.raises(AlreadyHarvested):
            leased(store, source.id, taken).__enter__()
        clock.now += 1
    with leased(store, source.id, taken) as lease:
        lease.end(kept_harvests.DONE, "", lambda writer: None)


def test_who_lost_the_lease_writes_nothing_more(
    store: Store, settings: Settings, peer: Peer, repository: Repository, clock: Clock
) -> None:
    """A machine that slept for an hour must not write over what another one did meanwhile."""
    source = add_source(store, "peer", "oai-pmh", f"{peer.url}/oai")

    def taken_over(*_: object) -> None:
        with store.writing() as writer:
            kept.update_source(writer.connection, source.id, lease="other:1:x")

    from registry.deletion_guard import HarvestFailed

    with pytest.raises(HarvestFailed, match="another process has taken this harvest over"):
        harvest(store, settings, source, progress=taken_over)
    with store.reading() as reader:
        assert sum(count for *_, count in reader.counts()) == 3
        assert kept.source(reader.connection, "peer").last_finished is None


# -- the schedule ---------------------------------------------------------------------------------


def waited(thread: HarvestsThread) -> None:
    for running, _ in list(thread._running.values()):
        running.join(60)


def test_what_is_due_is_harvested_one_after_another_per_host(
    store: Store, settings: Settings, peer: Peer, repository: Repository, clock: Clock
) -> None:
    add_source(store, "a", "oai-pmh", f"{peer.url}/oai", every=3600)
    add_source(store, "b", "oai-pmh", f"{peer.url}/oai?b", every=3600)
    add_source(store, "c", "oai-pmh", f"{peer.url}/oai")
    folder = settings.data / "records"
    folder.mkdir(parents=True)
    (folder / "x.xml").write_bytes(spase("spase://MADE/Person/x"))
    add_source(store, "d", "folder", str(folder), every=3600)
    harvests = HarvestsThread(store, settings)
    assert harvests.start_due() == ["a", "d"], "one a host, and two hosts"
    waited(harvests)
    assert harvests.start_due() == ["b"]
    waited(harvests)
    assert harvests.start_due() == []
    with store.reading() as reader:
        found = {one.name: one for one in kept.sources(reader.connection)}
    assert found["c"].last_started is None
    for name in "abd":
        assert found[name].last_finished == START
        assert found[name].last_error == ""
        assert START + 3600 <= (found[name].next_due or 0) <= START + 3960
    clock.now += 3599
    assert harvests.start_due() == []
    clock.now += 400
    started = harvests.start_due()
    assert len(started) == 2, "all three are due, and two of them stand on one host"
    assert "d" in started
    waited(harvests)


def test_a_peer_that_is_down_is_tried_later_each_time(
    store: Store, settings: Settings, peer: Peer, repository: Repository, clock: Clock
) -> None:
    add_source(store, "peer", "oai-pmh", f"{peer.url}/oai", every=86400)
    repository.gone = True
    harvests = HarvestsThread(store, settings)
    waits = []
    for _ in range(3):
        assert harvests.start_due() == ["peer"]
        waited(harvests)
        with store.reading() as reader:
            source = kept.source(reader.connection, "peer")
        assert "404" in source.last_error
        waits.append((source.next_due or 0) - clock.now)
        clock.now = float(source.next_due or 0)
    assert source.failures == 3
    assert [600 <= waits[0] <= 660, 1200 <= waits[1] <= 1320, 2400 <= waits[2] <= 2640] == [
        True
    ] * 3
    repository.gone = False
    harvests.start_due()
    waited(harvests)
    with store.reading() as reader:
        source = kept.source(reader.connection, "peer")
        runs = kept_harvests.harvests(reader.connection, source.id)
    assert (source.failures, source.last_error) == (0, "")
    assert [one.outcome for one in runs] == ["done", "failed", "failed", "failed"]
    assert runs[0].counts["new"] == 10


def test_asked_to_end_it_ends_and_goes_on_next_time(
    store: Store, settings: Settings, peer: Peer, repository: Repository
) -> None:
    """While it waits for a page that does not come."""
    repository.holds_at = 2
    source = add_source(store, "peer", "oai-pmh", f"{peer.url}/oai", every=3600)
    stop = Stop()
    ended: list[BaseException] = []

    def run() -> None:
        try:
            harvest(store, settings, source, stop=stop)
        except BaseException as error:  # noqa: BLE001 it is what the test looks at
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    assert repository.held.wait(60)
    stop.ask()
    thread.join(30)
    assert not thread.is_alive()
    assert [type(one) for one in ended] == [HarvestInterrupted]
    repository.released.set()
    repository.holds_at = None
    with store.reading() as reader:
        source = kept.source(reader.connection, "peer")
        assert kept_harvests.harvests(reader.connection, source.id)[0].outcome == "stopped"
        assert kept_harvests.leased(reader.connection, store.clock()) == {}
        held = sum(count for *_, count in reader.counts())
    assert (source.last_error, source.next_due) == ("", START), "it is no failure, and due at once"
    assert source.state["token"]
    assert harvest(store, settings, source).counts.new == 10 - held


def test_serve_harvests_what_is_due_and_ends_cleanly(
    tmp_path: Path, repository: Repository, peer: Peer
) -> None:
    installation = Installation(tmp_path / "data", {"PARHELION_HARVEST__ALLOW_PRIVATE": "true"})
    added = installation.run("source", "add", "peer", f"{peer.url}/oai", "--every", "6h", "--json")
    assert (added.status, added.json["every"]) == (0, 21600), added.said
    repository.holds_at = 2
    server = installation.start("serve", "--port", "0")
    assert repository.held.wait(60)

    def listed() -> dict[str, object]:
        said = installation.run("source", "list", "--json").out.splitlines()
        return next(one for one in map(json.loads, said) if one["name"] == "peer")

    assert listed()["running"] is True
    twice = installation.run("harvest", "peer")
    assert (twice.status, "is being harvested now" in twice.err) == (1, True)
    server.send_signal(signal.SIGTERM)
    assert server.wait(60) == 0
    repository.released.set()
    assert installation.left_over() == []
    after = listed()
    assert (after["running"], after["last_error"]) == (False, "")
    repository.holds_at = None
    server = installation.start("serve", "--port", "0")
    try:
        wait_until(lambda: listed()["last_finished"], server)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
    assert listed()["held"] == 10
    told = installation.run("source", "list").out
    assert "every 6h, next 20" in told
    log = installation.run("source", "log", "peer").out
    assert "stopped" in log
    assert "done" in log
