"""Fetching against a real server on loopback; waiting and names are put in, nothing sleeps."""

from __future__ import annotations

import gzip
import io
import socket
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest

from harvesters.addresses import is_public
from harvesters.fetching import Fetcher, FetchFailed, FetchLimits, Surroundings, seconds_asked
from tests.harvesters.peers import Peer, Reply

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


class World:
    """A clock that moves only when somebody sleeps, and chance that is always a half."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def fetcher(self, contact: str = "", **more: Any) -> Fetcher:
        resolve = more.pop("resolve", socket.getaddrinfo)
        around = Surroundings(lambda: self.time, lambda: NOW, self.sleep, lambda: 0.5, resolve)
        more.setdefault("allow_private", True)
        limits = FetchLimits(**more.pop("limits", {}))
        return Fetcher("Parhelion/1", contact, limits=limits, surroundings=around, **more)


@pytest.fixture
def world() -> World:
    return World()


def replies(*these: Reply) -> Any:
    waiting = list(these)
    return lambda asked: waiting.pop(0)


def test_page_with_parameters_and_a_polite_name(world: World) -> None:
    with Peer(replies(Reply(b"hello", headers={"X-A": "b"}))) as peer:
        response = world.fetcher("mailto:me@example.org").get(peer.url + "/oai", {"a b": "ü&"})
    assert (response.status, response.content, response.headers["x-a"]) == (200, b"hello", "b")
    (asked,) = peer.asked
    assert asked.params == {"a b": "ü&"}
    assert asked.headers["user-agent"] == "Parhelion/1 (+mailto:me@example.org)"
    assert asked.headers["from"] == "me@example.org"
    assert asked.headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(("packing", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_packed_answers_are_unpacked(world: World, packing: str, pack: Any) -> None:
    body = b"<a/>" * 50_000
    with Peer(replies(Reply(pack(body), headers={"Content-Encoding": packing}))) as peer:
        assert world.fetcher().get(peer.url).content == body


def test_chunked_answer(world: World) -> None:
    with Peer(replies(Reply(chunks=[b"one", b"two" * 40_000]))) as peer:
        assert world.fetcher().get(peer.url).content == b"one" + b"two" * 40_000


def test_address_inside_is_refused_unless_allowed(world: World) -> None:
    with (
        Peer(replies()) as peer,
        pytest.raises(FetchFailed, match=r"127\.0\.0\.1.*not on the public internet") as failed,
    ):
        world.fetcher(allow_private=False).get(peer.url)
    assert failed.value.reason == "address"
    assert peer.asked == []
    assert world.slept == []


def test_redirect_inside_is_refused(world: World) -> None:
    """The first host looks public to the guard; the redirect leads to a name that does not."""
    with Peer(replies(Reply(status=302, headers={"Location": "http://inner.test/"}))) as peer:
        port = int(peer.url.rpartition(":")[2])

        def resolve(host: str, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
            address = "127.0.0.1" if host == "outer.test" else "10.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        fetcher = world.fetcher(resolve=resolve, allow_private=False)
        guarded = fetcher._connector.addresses

        def outer_is_public(host: str, port: int) -> list[tuple[Any, ...]]:
            return resolve(host) if host == "outer.test" else guarded(host, port)

        fetcher._connector.addresses = outer_is_public  # type: ignore[method-assign]
        with pytest.raises(FetchFailed, match=r"inner\.test has the address 10\.0\.0\.1"):
            fetcher.get("http://outer.test/")
    assert len(peer.asked) == 1


def test_name_that_resolves_anew_is_connected_to_where_it_was_checked(world: World) -> None:
    """A second look-up, as DNS rebinding needs one, never happens."""
    looked_up: list[str] = []
    with Peer(replies(Reply(b"here"))) as peer:
        port = int(peer.url.rpartition(":")[2])

        def resolve(host: str, *_: Any, **__: Any) -> list[tuple[Any, ...]]:
            looked_up.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        assert world.fetcher(resolve=resolve).get("http://any.test/").content == b"here"
    assert looked_up == ["any.test"]
    assert peer.asked[0].headers["host"] == "any.test"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),  # link-local: where clouds keep their credentials
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("2002:7f00:1::", False),  # 6to4 of 127.0.0.1
        ("64:ff9b::7f00:1", False),  # NAT64 of 127.0.0.1
        ("64:ff9b::808:808", True),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://example.org/x", "gopher://x/", "http://", "x", "http://[1"]
)
def test_only_http_addresses(world: World, url: str) -> None:
    with pytest.raises(FetchFailed, match="not an http or https address"):
        world.fetcher().get(url)


def test_redirect_to_another_scheme_is_refused(world: World) -> None:
    with (
        Peer(replies(Reply(status=301, headers={"Location": "file:///etc/passwd"}))) as peer,
        pytest.raises(FetchFailed, match="not an http or https address"),
    ):
        world.fetcher().get(peer.url)


def test_redirects_are_followed_and_cookies_kept(world: World) -> None:
    with Peer(
        replies(
            Reply(b"x" * 10, 302, {"Location": "/there?x=1", "Set-Cookie": "session=7"}),
            Reply(b"there"),
            Reply(b"again"),
        )
    ) as peer:
        fetcher = world.fetcher()
        response = fetcher.get(peer.url + "/here", {"verb": "Identify"})
        fetcher.get(peer.url + "/again")
    assert (response.content, response.url) == (b"there", peer.url + "/there?x=1")
    assert [asked.path for asked in peer.asked] == ["/here", "/there", "/again"]
    assert peer.asked[1].params == {"x": "1"}
    assert [asked.headers.get("cookie") for asked in peer.asked] == [None, "session=7", "session=7"]


def test_circle_of_redirects_ends(world: World) -> None:
    with (
        Peer(lambda asked: Reply(status=302, headers={"Location": asked.path})) as peer,
        pytest.raises(FetchFailed, match="more than 3 redirects"),
    ):
        world.fetcher(limits={"redirects": 3}).get(peer.url + "/")
    assert len(peer.asked) == 4


def test_wait_of_seconds_and_of_a_date(world: World) -> None:
    with Peer(
        replies(
            Reply(status=503, headers={"Retry-After": "7"}),
            Reply(status=429, headers={"Retry-After": "Sun, 01 Mar 2026 12:01:30 GMT"}),
            Reply(b"at last"),
        )
    ) as peer:
        assert world.fetcher().get(peer.url).content == b"at last"
    assert world.slept == [7.0, 90.0]


def test_waits_grow_and_end_in_words(world: World) -> None:
    with (
        Peer(lambda asked: Reply(status=500)) as peer,
        pytest.raises(FetchFailed, match="answers 500 after 4 tries") as failed,
    ):
        world.fetcher(limits={"tries": 4}).get(peer.url)
    assert failed.value.status == 500
    assert len(peer.asked) == 4
    assert world.slept == sorted(world.slept)
    assert world.slept[2] > world.slept[0] > 0


def test_wait_that_is_too_long_is_not_waited_for(world: World) -> None:
    with (
        Peer(replies(Reply(status=503, headers={"Retry-After": "86400"}))) as peer,
        pytest.raises(FetchFailed, match="come back in 86,400 s") as failed,
    ):
        world.fetcher().get(peer.url)
    assert failed.value.retry_after == 86400
    assert world.slept == []


def test_other_statuses_are_handed_back(world: World) -> None:
    with Peer(replies(Reply(b"no", 404))) as peer:
        response = world.fetcher().get(peer.url)
    assert (response.status, response.content) == (404, b"no")


def test_passing_fault_that_is_an_answer_all_the_same(world: World) -> None:
    with Peer(replies(Reply(b"<error/>", 503))) as peer:
        response = world.fetcher().get(peer.url, settled=lambda r: b"<error" in r.content)
    assert response.status == 503
    assert world.slept == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Reply(b"half", claims=100), "cut off"),
        (Reply(b"plain", headers={"Content-Encoding": "gzip"}), "packing is damaged"),
    ],
)
def test_damaged_answer_is_asked_for_again(world: World, fault: Reply, words: str) -> None:
    with Peer(replies(fault, Reply(b"whole"))) as peer:
        assert world.fetcher().get(peer.url).content == b"whole"
    with Peer(lambda asked: fault) as peer, pytest.raises(FetchFailed, match=words) as failed:
        world.fetcher(limits={"tries": 2}).get(peer.url)
    assert failed.value.reason == "content"


def test_answer_above_the_limit_is_refused_once(world: World) -> None:
    for body, headers in (
        (b"x" * 100_001, {}),
        (gzip.compress(b"x" * 5_000_000), {"Content-Encoding": "gzip"}),
    ):
        with (
            Peer(replies(Reply(body, headers=headers))) as peer,
            pytest.raises(FetchFailed, match=r"larger than 100,000 bytes") as failed,
        ):
            world.fetcher(limits={"size": 100_000}).get(peer.url)
        assert failed.value.reason == "too-large"


def test_server_that_falls_silent(world: World) -> None:
    with (
        Peer(lambda asked: Reply(b"some", claims=100, silent=True)) as peer,
        pytest.raises(FetchFailed, match="fell silent") as failed,
    ):
        world.fetcher(limits={"first_byte": 0.05, "tries": 1}).get(peer.url)
    assert failed.value.reason == "time"


def test_server_that_drips_is_cut_off_at_the_total(world: World) -> None:
    with (
        Peer(lambda asked: Reply(b"", claims=10**9, drip=True)) as peer,
        pytest.raises(FetchFailed, match=r"took longer than 0\.2 s") as failed,
    ):
        world.fetcher(limits={"total": 0.2, "tries": 1}).get(peer.url)
    assert failed.value.reason == "time"


def test_peer_that_is_down_and_name_that_is_unknown(world: World) -> None:
    with Peer(replies()) as peer:
        url = peer.url
    with pytest.raises(FetchFailed, match="no connection could be made") as failed:
        world.fetcher(limits={"tries": 3}).get(url)
    assert failed.value.reason == "connection"
    assert len(world.slept) == 2

    def unknown(*_: Any, **__: Any) -> list[tuple[Any, ...]]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(FetchFailed, match="name is not known"):
        world.fetcher(resolve=unknown, limits={"tries": 1}).get("http://nowhere.test/")


def test_requests_keep_their_interval(world: World) -> None:
    with Peer(lambda asked: Reply(b"x")) as peer:
        fetcher = world.fetcher(limits={"interval": 3})
        for _ in range(3):
            fetcher.get(peer.url)
    assert world.slept == [3.0, 3.0]


def test_body_goes_into_a_file_and_starts_anew_with_each_try(world: World) -> None:
    file = io.BytesIO()
    with Peer(replies(Reply(b"half", claims=100), Reply(b"oops", 503), Reply(b"whole"))) as peer:
        response = world.fetcher().get(peer.url, into=file)
    assert (file.getvalue(), response.content) == (b"whole", b"")


def test_password_is_not_repeated(world: World) -> None:
    with pytest.raises(FetchFailed) as failed:
        world.fetcher(allow_private=False).get("http://me:secret@127.0.0.1:9/x")
    assert "secret" not in str(failed.value)
    assert "127.0.0.1:9/x" in str(failed.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Sun, 01 Mar 2026 12:00:10 GMT", 10.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert seconds_asked(header, NOW) == seconds
