"""HTTP for everything that is fetched: guarded, bounded in time and size, polite, patient.

Only http and https, only public addresses unless allowed, redirects one by one through the same
guard, cookies for as long as the fetcher lives (one fetcher a harvest). Waits for what a server
asks (Retry-After, RFC 9110 section 10.2.3), and longer each time where it asks for nothing.
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from harvesters.addresses import Connector, RefusedAddress, Resolve

_PASSING = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_BLOCK = 65536
_ERROR_BYTES = 10_000_000


class FetchFailed(Exception):
    """A fetch that came to nothing, in words.

    `reason` is one word for counting: address, connection, time, too-large, status, redirects,
    content. `status` is the last HTTP status (0: none came); `retry_after` how many seconds the
    server asked to wait, where that is why.
    """

    def __init__(
        self, reason: str, message: str, *, status: int = 0, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.status = status
        self.retry_after = retry_after


@dataclass(slots=True)
class Response:
    """An answer: the address it came from after redirects, status, headers in lower case, body.

    `content` is empty where the body was written into a file.
    """

    url: str
    status: int
    headers: dict[str, str]
    content: bytes = b""


@dataclass(slots=True, frozen=True)
class FetchLimits:
    """Times in seconds, sizes in bytes (of the body, unpacked).

    `connect`, `first_byte` (and every silence after it) and `total` bound one request; `interval`
    lies between the starts of two; `tries` is how often one is made; `longest_wait` the longest
    Retry-After that is waited for.
    """

    connect: float = 15
    first_byte: float = 120
    total: float = 900
    size: int = 200_000_000
    redirects: int = 10
    interval: float = 0
    tries: int = 6
    longest_wait: float = 900


@dataclass(slots=True)
class Surroundings:
    """What a fetcher takes from the world: clocks, sleep, chance, names. Tests put in their own.

    `sleep` may end early or raise, so that whoever runs the harvest can stop it; without one a
    fetcher sleeps until it is closed, from another thread too.
    """

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    sleep: Callable[[float], object] | None = None
    chance: Callable[[], float] = random.random
    resolve: Resolve = socket.getaddrinfo


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        # Redirects are followed by the fetcher; requests would read their bodies without a limit.
        return None


class _Adapter(HTTPAdapter):
    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        super().__init__()

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        super().init_poolmanager(*args, **more)  # type: ignore[no-untyped-call]
        self.poolmanager.pool_classes_by_scheme = self._connector.pools()


class Fetcher:
    """Fetches for one harvest. Not for several threads at once.

    `contact` (an address or a page) stands in the User-Agent, so that a peer can complain.
    `verify` is as requests has it: True, or the path of a CA bundle.
    """

    def __init__(
        self,
        user_agent: str = "Parhelion",
        contact: str = "",
        *,
        limits: FetchLimits | None = None,
        allow_private: bool = False,
        verify: bool | str = True,
        surroundings: Surroundings | None = None,
    ) -> None:
        self.limits = limits or FetchLimits()
        self._around = surroundings or Surroundings()
        self._connector = Connector(allow_private, self._around.resolve)
        self._session = _Session()
        # The environment's proxies and .netrc are not for strangers' addresses.
        self._session.trust_env = False
        self._session.verify = verify
        self._session.headers.clear()
        self._session.headers["User-Agent"] = (
            f"{user_agent} (+{contact})" if contact else user_agent
        )
        self._session.headers["Accept-Encoding"] = "gzip, deflate"
        if "@" in contact:
            self._session.headers["From"] = contact.removeprefix("mailto:")
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(self._connector))
        self._last_start: float | None = None
        self._put_up_with: list[str] = []
        self._closed = threading.Event()

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; what another thread waits for here ends."""
        self._closed.set()
        self._connector.cut()
        self._session.close()

    def put_up_with(self) -> list[str]:
        """The faults since the last call that another try, or patience, got over, in words."""
        found, self._put_up_with = self._put_up_with, []
        return found

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        into: IO[bytes] | None = None,
        settled: Callable[[Response], bool] | None = None,
    ) -> Response:
        """GET, with the patience that the status asks for.

        `into` takes the body instead of `Response.content`. A response with a passing fault (429,
        500, 502, 503, 504) is asked for again unless `settled` says that it is an answer all the
        same; every other status is handed back. Raises FetchFailed.
        """
        start = into.tell() if into else 0
        for attempt in range(1, self.limits.tries + 1):
            last = attempt == self.limits.tries
            if into:
                into.seek(start)
                into.truncate()
            try:
                response = self._once(url, params, headers or {}, into)
            except FetchFailed as failure:
                if last or failure.reason not in ("connection", "time", "content"):
                    raise
                self._put_up_with.append(f"{failure.message}; asked again")
                self.pause(attempt)
                continue
            if response.status not in _PASSING or (settled and settled(response)):
                return response
            self._wait_as_asked(response, attempt, last)
        raise AssertionError("the last try returns or raises")

    def pause(self, attempt: int) -> None:
        """Wait as before another try of something that a good answer did not settle."""
        self._sleep(self._growing(attempt))

    # One try

    def _once(
        self,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        into: IO[bytes] | None,
    ) -> Response:
        self._keep_interval()
        deadline = threading.Event()

        def over() -> None:
            deadline.set()
            self._connector.cut()

        timer = threading.Timer(self.limits.total, over)
        timer.daemon = True
        timer.start()
        try:
            return self._following(url, params, headers, into)
        except (RefusedAddress, requests.RequestException, HTTPError, OSError) as error:
            if deadline.is_set():
                message = f"{_shown(url)}: the answer took longer than {self.limits.total:g} s"
                raise FetchFailed("time", message) from error
            raise _in_words(url, error) from error
        finally:
            timer.cancel()

    def _following(
        self,
        url: str,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
        into: IO[bytes] | None,
    ) -> Response:
        for _ in range(self.limits.redirects + 1):
            _check_scheme(url)
            request = requests.Request("GET", url, params=dict(params or {}), headers=dict(headers))
            with self._session.send(
                self._session.prepare_request(request),
                stream=True,
                timeout=(self.limits.connect, self.limits.first_byte),
                verify=self._session.verify,
            ) as answer:
                target = answer.headers.get("Location")
                if answer.status_code not in _REDIRECTS or not target:
                    return self._taken(answer, into)
                url, params = urljoin(answer.url, target), None
        raise FetchFailed(
            "redirects", f"{_shown(url)}: more than {self.limits.redirects} redirects"
        )

    def _taken(self, answer: requests.Response, into: IO[bytes] | None) -> Response:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        response = Response(answer.url, answer.status_code, headers)
        # A page that says what went wrong does not belong into the file, nor has it to be large.
        target = into if answer.status_code == 200 else None
        limit = min(self.limits.size, _ERROR_BYTES) if into and not target else self.limits.size
        blocks: list[bytes] = []
        size = 0
        raw: urllib3.BaseHTTPResponse = answer.raw
        while block := raw.read1(_BLOCK, decode_content=True):
            size += len(block)
            if size > limit:
                message = f"{_shown(answer.url)}: the answer is larger than {limit:,} bytes"
                raise FetchFailed("too-large", message, status=answer.status_code)
            if target:
                target.write(block)
            else:
                blocks.append(block)
        response.content = b"".join(blocks)
        return response

    # Waiting

    def _keep_interval(self) -> None:
        now = self._around.clock()
        if self._last_start is not None:
            left = self._last_start + self.limits.interval - now
            if left > 0:
                self._sleep(left)
        self._last_start = self._around.clock()

    def _growing(self, attempt: int) -> float:
        return float(min(2**attempt, 120) * (0.5 + self._around.chance()))

    def _wait_as_asked(self, response: Response, attempt: int, last: bool) -> None:
        asked = seconds_asked(response.headers.get("retry-after", ""), self._around.now())
        says = f"{_shown(response.url)}: the server answers {response.status}"
        if asked is not None and asked > self.limits.longest_wait:
            raise FetchFailed(
                "status",
                f"{says} and asks to come back in {asked:,.0f} s",
                status=response.status,
                retry_after=asked,
            )
        if last:
            message = f"{says} after {attempt} tries"
            raise FetchFailed("status", message, status=response.status, retry_after=asked)
        told = f"{says} and asks to wait {asked:,.0f} s" if asked is not None else says
        self._put_up_with.append(f"{told}; asked again")
        self._sleep(self._growing(attempt) if asked is None else asked)

    def _sleep(self, seconds: float) -> None:
        if self._around.sleep is not None:
            self._around.sleep(seconds)
        else:
            self._closed.wait(seconds)
        if self._closed.is_set():
            raise FetchFailed("connection", "the harvest was ended")


def seconds_asked(retry_after: str, now: datetime) -> float | None:
    """How long a Retry-After header (seconds or a date) asks to wait; None if it is neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


def _shown(url: str) -> str:
    """An address for messages: without a password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _check_scheme(url: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise FetchFailed("address", f"{url[:200]!r} is not an http or https address")


def _in_words(url: str, error: Exception) -> FetchFailed:
    """What happened on the wire, without the names of libraries."""
    causes = _causes(error)
    for cause in causes:
        if isinstance(cause, FetchFailed):
            return cause
        if isinstance(cause, RefusedAddress):
            return FetchFailed("address", f"{_shown(url)}: {cause}")
    shown = _shown(url)
    kinds: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str, str], ...] = (
        (requests.exceptions.SSLError, "address", "the server's certificate is not good"),
        (urllib3.exceptions.NameResolutionError, "connection", "the host's name is not known"),
        (urllib3.exceptions.NewConnectionError, "connection", "no connection could be made"),
        (urllib3.exceptions.ConnectTimeoutError, "time", "the connection took too long"),
        ((urllib3.exceptions.TimeoutError, TimeoutError), "time", "the server fell silent"),
        (urllib3.exceptions.DecodeError, "content", "the answer's packing is damaged"),
        (urllib3.exceptions.IncompleteRead, "content", "the answer was cut off"),
        (requests.exceptions.InvalidURL, "address", "the address cannot be read"),
        (UnicodeError, "address", "the address cannot be read"),
    )
    for kind, reason, says in kinds:
        for cause in causes:
            if isinstance(cause, kind):
                return FetchFailed(reason, f"{shown}: {says}{_detail(cause)}")
    return FetchFailed("connection", f"{shown}: the connection broke{_detail(causes[-1])}")


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop(0)
        if any(one is other for other in found):
            continue
        found.append(one)
        inner = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        waiting.extend(other for other in inner if isinstance(other, BaseException))
    return found


def _detail(cause: BaseException) -> str:
    if isinstance(cause, OSError) and cause.strerror:
        return f" ({cause.strerror})"
    return ""
