"""DataCite's REST API, by the `datacite` package with another request step.

The package's own errors carry neither status nor headers, take 409, 422 and 429 for one, and
call a PUT answered with 201 a failure. Here each answer is kept whole, has limits of time and
size, and each failure is said in words, with whether DataCite may have acted all the same.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests
import urllib3
from datacite import DataCiteRESTClient
from requests.auth import HTTPBasicAuth

Object = dict[str, Any]

_MOST_BYTES = 5_000_000
_LONGEST_WORDS = 300


class DataCiteFault(Exception):
    """DataCite did not do what was asked; the message says why.

    `unsettled`: DataCite may have done it all the same, so that only a GET of the DOI can tell.
    `retry_after`: the seconds that DataCite asks to wait, None if it names none. `parts`: the
    attributes that it names as wrong.
    """

    unsettled = False

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        retry_after: float | None = None,
        parts: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        self.parts = parts


class Unauthorised(DataCiteFault):
    """401: the account or its password is wrong."""


class Forbidden(DataCiteFault):
    """403: the account may not do this; as a rule, the prefix is another repository's."""


class NotFound(DataCiteFault):
    """404: there is no such DOI, or it is a draft of others."""


class NotAllowed(DataCiteFault):
    """405: not in this state (only drafts can be deleted)."""


class Conflict(DataCiteFault):
    """409: somebody else changes the same DOI now."""


class Invalid(DataCiteFault):
    """400 and 422: the metadata or the address are not accepted; the message says which part."""


class TooMany(DataCiteFault):
    """429: too many requests; `retry_after` says how long to wait."""


class Unwell(DataCiteFault):
    """5xx: DataCite has a fault of its own."""

    unsettled = True


class NoAnswer(DataCiteFault):
    """No answer, or not all of one, in the time there was."""

    unsettled = True


class Garbage(DataCiteFault):
    """An answer that is not what DataCite documents."""

    unsettled = True


_FAULTS: dict[int, type[DataCiteFault]] = {
    400: Invalid, 401: Unauthorised, 403: Forbidden, 404: NotFound, 405: NotAllowed,
    409: Conflict, 422: Invalid, 429: TooMany,
}  # fmt: skip


@dataclass(slots=True, frozen=True)
class Held:
    """A DOI as DataCite holds it: `state` is draft, registered or findable; `owner` the account
    that it belongs to, in lower case, where the answer says so.
    """

    doi: str
    state: str
    url: str
    attributes: Object
    owner: str = ""


@dataclass(slots=True, frozen=True)
class Limits:
    """Seconds to connect, to wait for the next bytes, and for the whole answer."""

    connect: float = 10.0
    read: float = 30.0
    total: float = 60.0


class DataCite:
    """One account at DataCite. Safe to be used by several threads."""

    def __init__(
        self,
        api: str,
        username: str,
        password: str,
        prefix: str,
        *,
        limits: Limits | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """`before` is called before every request: it waits for its turn, or raises.

        Raises ValueError where the password would go over the network unencrypted.
        """
        parts = urlsplit(api)
        if parts.scheme != "https" and not (parts.scheme == "http" and _loopback(parts.hostname)):
            raise ValueError(f"DataCite's address {api} is not https: the password would be seen.")
        self.api = api.rstrip("/") + "/"
        self.prefix = prefix
        self._username = username
        self._client = _Client(self.api, username, password, prefix, limits or Limits(), before)

    def get(self, doi: str) -> Held | None:
        """The DOI as it is now; None if there is none that this account can see."""
        try:
            data = self._client.data(_path(doi))
        except NotFound:
            return None
        held = _held(doi, data["attributes"])
        return replace(held, owner=_owner(data))

    def listed(self) -> Iterator[Held]:
        """Every DOI of the account, by DataCite's search index: it may be behind, and what it
        says of one DOI has to be asked for by `get`.
        """
        query: dict[str, str] = {
            "client-id": self._username.lower(), "prefix": self.prefix, "page[cursor]": "1",
            "page[size]": "200", "publisher": "true", "affiliation": "true",
        }  # fmt: skip
        while query:
            page = self._client.page(query)
            for one in page["data"]:
                attributes = one["attributes"]
                yield _held(str(attributes["doi"]).lower(), attributes)
            following = urlsplit(str((page.get("links") or {}).get("next") or ""))
            # Only the query is taken over: the address stays the one that was set.
            query = dict(parse_qsl(following.query)) if page["data"] else {}

    def put_draft(self, doi: str, metadata: Object, url: str) -> Held:
        """Creates the DOI as a draft, or updates it; may be repeated at will."""
        return self._put(doi, metadata | {"doi": doi, "url": url})

    def publish(self, doi: str, url: str, metadata: Object | None = None) -> Held:
        """Makes the DOI findable, with the address that it leads to; may be repeated at will."""
        return self._put(doi, (metadata or {}) | {"doi": doi, "url": url, "event": "publish"})

    def register(self, doi: str, url: str) -> Held:
        """Makes a draft resolve without being found in searches."""
        return self._put(doi, {"doi": doi, "url": url, "event": "register"})

    def hide(self, doi: str, metadata: Object | None = None) -> Held:
        """Takes a findable DOI out of searches; it goes on resolving."""
        return self._put(doi, (metadata or {}) | {"doi": doi, "event": "hide"})

    def delete(self, doi: str) -> None:
        """Removes a draft. Raises NotAllowed for what is more than a draft."""
        self._own(doi)
        self._client.delete_doi(_path(doi))

    def _put(self, doi: str, attributes: Object) -> Held:
        self._own(doi)
        data = {"id": doi, "type": "dois", "attributes": attributes}
        return _held(doi, self._client.put_doi(_path(doi), data))

    def _own(self, doi: str) -> None:
        if doi.partition("/")[0] != self.prefix:
            raise ValueError(f"{doi} is not under the prefix {self.prefix}.")


class _Client(DataCiteRESTClient):  # type: ignore[misc]
    """The package's client with our request step."""

    def __init__(
        self,
        api: str,
        username: str,
        password: str,
        prefix: str,
        limits: Limits,
        before: Callable[[], None],
    ) -> None:
        super().__init__(username, password, prefix, url=api)
        self._limits = limits
        self._before = before

    def data(self, path: str) -> Object:
        """`data` of one DOI's answer."""
        found: Object = self._create_request().get(f"dois/{path}").json()["data"]
        return found

    def page(self, query: dict[str, str]) -> Object:
        """A page of the list of DOIs."""
        found: Object = self._create_request().get("dois", params=query).json()
        return found

    def _create_request(self) -> _Request:
        return _Request(self.api_url, self.username, self.password, self._limits, self._before)


@dataclass(slots=True)
class _Answer:
    """What the package looks at, after everything that can be wrong has been looked at."""

    status_code: int
    text: str
    headers: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.text)


class _Request:
    """One request: whole answer kept, no redirects, limits of time and size, faults typed."""

    def __init__(
        self,
        base: str,
        username: str,
        password: str,
        limits: Limits,
        before: Callable[[], None],
    ) -> None:
        self._base = base
        self._username = username
        self._password = password
        self._limits = limits
        self._before = before

    def get(self, path: str, params: Any = None, headers: Any = None) -> _Answer:
        return self._asked("GET", path, params=params, headers=headers)

    def put(self, path: str, body: str = "", params: Any = None, headers: Any = None) -> _Answer:
        answer = self._asked("PUT", path, body=body, params=params, headers=headers)
        # The package takes only 200 for a success; a PUT that created answers 201.
        answer.status_code = 200
        return answer

    def delete(self, path: str, params: Any = None, headers: Any = None) -> _Answer:
        return self._asked("DELETE", path, params=params, headers=headers)

    def _asked(self, method: str, path: str, *, body: str = "", **more: Any) -> _Answer:
        what = f"{method} {path.removeprefix('dois/')}"
        self._before()
        if path != "dois":
            # Else publisher and affiliations come as bare names.
            more["params"] = {"publisher": "true", "affiliation": "true"}
        until = time.monotonic() + self._limits.total
        try:
            with requests.request(
                method,
                self._base + path,
                data=body.encode() if body else None,
                auth=HTTPBasicAuth(self._username.encode(), self._password.encode()),
                timeout=(self._limits.connect, min(self._limits.read, self._limits.total)),
                allow_redirects=False,
                stream=True,
                **more,
            ) as response:
                content = _content(response, until, what)
        except (requests.Timeout, TimeoutError, urllib3.exceptions.TimeoutError) as error:
            raise NoAnswer(f"DataCite did not answer in time ({what}).") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            reason = _cause(error)
            raise NoAnswer(f"DataCite cannot be reached ({what}): {reason}.") from error
        return self._checked(_Answer(response.status_code, content, dict(response.headers)), what)

    def _checked(self, answer: _Answer, what: str) -> _Answer:
        if 200 <= answer.status_code < 300:
            read = _page if what == "GET dois" else _data
            if answer.status_code != 204 and read(answer.text) is None:
                raise Garbage(
                    f"DataCite's answer to {what} cannot be read: {_start(answer.text)}",
                    status=answer.status_code,
                )
            return answer
        kind = _FAULTS.get(answer.status_code, Unwell if answer.status_code >= 500 else Garbage)
        wait = retry_after(answer.headers)
        message = _words(answer.status_code, self._username, what, _said(answer.text), wait)
        parts = _parts(answer.text)
        raise kind(message, status=answer.status_code, retry_after=wait, parts=parts)


def retry_after(
    headers: dict[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> float | None:
    """The seconds that a Retry-After header asks to wait (RFC 9110, section 10.2.3).

    A date in it is counted from the answer's own Date, as a clock here may be wrong.
    """
    given = {name.lower(): value.strip() for name, value in headers.items()}
    text = given.get("retry-after", "")
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        then = parsedate_to_datetime(text)
    except ValueError:
        return None
    try:
        sent = parsedate_to_datetime(given.get("date", ""))
    except ValueError:
        sent = now()
    then, sent = (one.replace(tzinfo=one.tzinfo or UTC) for one in (then, sent))
    return max(0.0, (then - sent).total_seconds())


def _content(response: requests.Response, until: float, what: str) -> str:
    raw: urllib3.BaseHTTPResponse = response.raw
    content = b""
    # Each read gives what is there, so that a trickle cannot outlive the limit.
    while block := raw.read1(65536, decode_content=True):
        content += block
        if len(content) > _MOST_BYTES:
            raise Garbage(f"DataCite's answer to {what} is too long.", status=response.status_code)
        if time.monotonic() > until:
            raise TimeoutError
    return content.decode("utf-8", "replace")


def _loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _path(doi: str) -> str:
    return quote(doi, safe="/")


def _data(text: str) -> Object | None:
    """`data` of a JSON:API body, if it has attributes with a state."""
    try:
        data = json.loads(text)["data"]
        return data if isinstance(data["attributes"]["state"], str) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _page(text: str) -> Object | None:
    """A page of DOIs, if every one has attributes with a DOI and a state."""
    try:
        page: Object = json.loads(text)
        told = [(one["attributes"]["doi"], one["attributes"]["state"]) for one in page["data"]]
        return page if all(isinstance(part, str) for one in told for part in one) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _held(doi: str, attributes: Object) -> Held:
    named = str(attributes.get("doi") or "")
    if named.lower() != doi.lower():
        raise Garbage(f"DataCite was asked for {doi} and answered about {named or 'no DOI'}.")
    return Held(doi, str(attributes["state"]), str(attributes.get("url") or ""), attributes)


def _owner(data: Object) -> str:
    try:
        return str(data["relationships"]["client"]["data"]["id"]).lower()
    except (KeyError, TypeError):
        return ""


def _said(text: str) -> str:
    """The errors of a JSON:API body in one line, else how the body begins."""
    try:
        errors = json.loads(text)["errors"]
        told = [
            ": ".join(str(one[part]) for part in ("source", "title") if one.get(part))
            for one in errors
        ]
        return "; ".join(filter(None, told))[:_LONGEST_WORDS]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _start(text)


def _parts(text: str) -> tuple[str, ...]:
    """The attributes that the errors of a JSON:API body name."""
    try:
        errors = json.loads(text)["errors"]
        named = [str(one["source"]) for one in errors if one.get("source")]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(one.rpartition("/")[2] for one in named)


def _start(text: str) -> str:
    return " ".join(text.split())[:80] or "nothing"


def _cause(error: BaseException) -> str:
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(error)[:_LONGEST_WORDS] or type(error).__name__


def _words(status: int, username: str, what: str, said: str, wait: float | None) -> str:
    words = {
        400: f"DataCite cannot read the request {what}: {said}.",
        401: f"DataCite does not accept the account {username} or its password "
        "(settings doi.username and doi.password).",
        403: f"The account {username} may not do {what}: the prefix or the DOI is not its own.",
        404: f"DataCite has no such DOI, or does not show it to {username} ({what}).",
        405: f"DataCite does not do {what} in the state that the DOI has.",
        409: f"Somebody else changes the DOI at the same time ({what}): {said}.",
        422: f"DataCite does not accept {what}: {said}.",
        429: f"DataCite has had too many requests ({what})"
        + (f" and asks to wait {wait:.0f} s." if wait is not None else "."),
    }
    if status >= 500:
        return f"DataCite has a fault of its own (status {status}, {what}): {said}."
    return words.get(status, f"DataCite answered {what} with the status {status}: {said}.")
