"""The cluster: how it is reached, what its troubles are called, and waiting until they are over.

Reading never waits: what cannot be answered now is said at once (SearchUnavailable). Writing waits
for a cluster that is busy, full, red or gone, as long as it was told to, and repeats what it sent:
documents carry the change number as their version, so that a repetition does no harm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from elasticsearch import (
    ApiError,
    ConnectionTimeout,
    Elasticsearch,
    NotFoundError,
    SerializationError,
    TransportError,
)

from registry.search.query import SearchUnavailable

_T = TypeVar("_T")
_log = logging.getLogger(__name__)
# What it says of every request, and of a cluster that is away twice a second, is said here once.
logging.getLogger("elastic_transport").setLevel(logging.ERROR)

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 5.0
_PASSING = (408, 429, 500, 502, 503, 504)
"""Status codes that another trial may not meet: busy, or a part that is not there now."""
_BYTES = 5_000_000
"""So much is sent at once, roughly."""
_DOCUMENTS = 500


@dataclass(slots=True, frozen=True)
class Address:
    """How a cluster is reached. `seconds` for one answer; `wait_seconds` until writing gives up."""

    urls: tuple[str, ...]
    username: str = ""
    password: str = ""
    api_key: str = ""
    ca: Path | None = None
    seconds: float = 10.0
    wait_seconds: float = 60.0


class Item(NamedTuple):
    """One step of a bulk request; `source` is None for a deletion."""

    key: str
    id: str
    version: int
    source: dict[str, Any] | None
    size: int


class Cluster:
    """A client, and the words for what goes wrong. Thread-safe."""

    def __init__(self, address: Address) -> None:
        given: dict[str, Any] = {}
        if address.api_key:
            given["api_key"] = address.api_key
        elif address.username:
            given["basic_auth"] = (address.username, address.password)
        if address.ca is not None:
            given["ca_certs"] = str(address.ca)
        self._address = address
        self._client = Elasticsearch(
            list(address.urls),
            request_timeout=address.seconds,
            max_retries=max(len(address.urls) - 1, 0),
            **given,
        )
        self._named = ", ".join(address.urls)

    def close(self) -> None:
        self._client.close()

    def read(self, ask: Callable[[Elasticsearch], _T]) -> _T | None:
        """What the cluster answers; None where there is no such index or document.

        Raises SearchUnavailable.
        """
        try:
            return ask(self._client)
        except NotFoundError as error:
            if _type(error) in ("no_shard_available_action_exception",):
                raise self._unavailable(error) from error
            return None
        except (ApiError, TransportError) as error:
            raise self._unavailable(error) from error

    def write(self, do: Callable[[Elasticsearch], _T]) -> _T:
        """What the cluster answers to a step that may be repeated, waited for.

        Raises SearchUnavailable when it has not succeeded in time, or never will.
        """
        return self._patiently(lambda: do(self._client.options(request_timeout=self._slow())))

    def _slow(self) -> float:
        """Writing (a refresh, a new index) may take longer than a search ever should."""
        return max(self._address.seconds, min(self._address.wait_seconds, 60.0))

    def _patiently(self, do: Callable[[], _T]) -> _T:
        ends = time.monotonic() + self._address.wait_seconds
        pause, said = _FIRST_PAUSE, ""
        while True:
            try:
                return do()
            except (ApiError, TransportError) as error:
                trouble = self._unavailable(error)
                if not _passes(error) or time.monotonic() + pause > ends:
                    raise trouble from error
                if str(trouble) != said:
                    said = str(trouble)
                    _log.warning("search: waiting, because %s", said)
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    # -- bulk ----------------------------------------------------------------------------------

    def bulk(self, index: str, items: Sequence[Item]) -> list[tuple[str, str]]:
        """Sends documents and deletions; gives (key, reason) of those that are refused for good.

        What the cluster is too busy for is sent again, in smaller pieces and after a pause; a
        version that it already has, or a newer one, is as good as sent. Raises SearchUnavailable.
        """
        refused: list[tuple[str, str]] = []
        waiting = list(items)
        ends = time.monotonic() + self._address.wait_seconds
        most, pause = _DOCUMENTS, _FIRST_PAUSE
        while waiting:
            batch = _cut(waiting, most)
            again, trouble = self._send(index, batch, refused)
            waiting[: len(batch)] = again
            if not again:
                most, pause = min(most * 2, _DOCUMENTS), _FIRST_PAUSE
                ends = time.monotonic() + self._address.wait_seconds
                continue
            if time.monotonic() + pause > ends:
                raise SearchUnavailable(trouble)
            _log.warning("search: %d documents wait, because %s", len(again), trouble)
            time.sleep(pause)
            most, pause = max(most // 2, 1), min(pause * 2, _LONGEST_PAUSE)
        return refused

    def _send(
        self, index: str, batch: list[Item], refused: list[tuple[str, str]]
    ) -> tuple[list[Item], str]:
        """Sends one request; gives what has to be sent again, and why."""
        client = self._client.options(request_timeout=self._slow(), max_retries=0)
        try:
            # It is here that is waited: where a part of the index is missing it shall say so.
            answer = client.bulk(operations=_operations(batch), index=index, timeout="1s")
        except (ApiError, TransportError) as error:
            if isinstance(error, ApiError) and error.status_code == 413:
                if len(batch) == 1:
                    refused.append((batch[0].key, "the engine does not take a document this large"))
                    return [], ""
                return batch, f"{self._named} does not take a request this large"
            if not _passes(error):
                raise self._unavailable(error) from error
            return batch, str(self._unavailable(error))
        again: list[Item] = []
        trouble = ""
        for item, told in zip(batch, answer["items"], strict=True):
            (result,) = told.values()
            status, fault = result["status"], result.get("error")
            if fault is None or status == 409:
                continue
            reason = _reason(fault)
            if status in _PASSING or fault.get("type") == "cluster_block_exception":
                again.append(item)
                trouble = self._in_words(status, str(fault.get("type")), reason)
            else:
                refused.append((item.key, f"the engine does not take it: {reason}"))
        return again, trouble

    # -- words ---------------------------------------------------------------------------------

    def health(self, index: str) -> str:
        """How the cluster is, in words; '' when nothing is wrong with it (green)."""
        try:
            told = self._client.cluster.health(index=index, timeout="1s").body
        except (ApiError, TransportError) as error:
            return str(self._unavailable(error))
        status = told.get("status")
        if status == "red":
            return f"the cluster at {self._named} is red: a part of the index is on no node"
        if status == "yellow":
            return f"the cluster at {self._named} is yellow: a copy of the index is missing"
        return ""

    def _unavailable(self, error: ApiError | TransportError) -> SearchUnavailable:
        if isinstance(error, ApiError):
            return SearchUnavailable(self._in_words(error.status_code, _type(error), _cause(error)))
        return SearchUnavailable(self._silence(error))

    def _silence(self, error: TransportError) -> str:
        if isinstance(error, ConnectionTimeout):
            return (
                f"Elasticsearch at {self._named} is slow: no answer within"
                f" {self._address.seconds:g} seconds (search.seconds)"
            )
        if isinstance(error, SerializationError):
            return f"what answers at {self._named} is no Elasticsearch: {error.message}"
        return f"Elasticsearch at {self._named} cannot be reached: {_short(str(error.message))}"

    def _in_words(self, status: int, kind: str, reason: str) -> str:
        at = f"Elasticsearch at {self._named}"
        if status == 401:
            return f"{at} does not accept the credentials (search.api_key, or search.username)"
        if kind == "cluster_block_exception":
            if "read-only-allow-delete" in reason or "read_only_allow_delete" in reason:
                return f"{at} is full: its disks are above the limit, and nothing can be written"
            return f"{at} is blocked: {reason}"
        if status == 403:
            return f"{at} does not permit this: {reason}"
        if kind in ("es_rejected_execution_exception", "circuit_breaking_exception"):
            return f"{at} is too busy: {reason}"
        if kind in _MISSING_PARTS:
            return f"{at} is red: a part of the index is on no node now"
        return f"{at} answers {status}: {reason}"


_MISSING_PARTS = (
    "no_shard_available_action_exception",
    "unavailable_shards_exception",
    "search_phase_execution_exception",
    "master_not_discovered_exception",
    "primary_missing_action_exception",
)


def _passes(error: ApiError | TransportError) -> bool:
    if isinstance(error, ApiError):
        return error.status_code in _PASSING or _type(error) == "cluster_block_exception"
    return not isinstance(error, SerializationError)


def _cut(items: list[Item], most: int) -> list[Item]:
    """The first items, as many as go into one request."""
    size = 0
    for number, item in enumerate(items[:most]):
        size += item.size
        if size > _BYTES and number:
            return items[:number]
    return items[:most]


def _operations(batch: Sequence[Item]) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for item in batch:
        told = {"_id": item.id, "version": item.version, "version_type": "external_gte"}
        if item.source is None:
            lines.append({"delete": told})
        else:
            lines += ({"index": told}, item.source)
    return lines


def _type(error: Exception) -> str:
    body = getattr(error, "body", None)
    told = body.get("error") if isinstance(body, dict) else None
    if not isinstance(told, dict):
        return ""
    causes = told.get("root_cause") or [told]
    first = causes[0].get("type") if isinstance(causes[0], dict) else None
    return str(first or told.get("type") or "")


def _cause(error: ApiError) -> str:
    told = error.body.get("error") if isinstance(error.body, dict) else None
    return _reason(told) if isinstance(told, dict) else _short(str(error.message))


def _reason(told: dict[str, Any]) -> str:
    reasons: list[str] = []
    inner: Any = told
    while isinstance(inner, dict) and len(reasons) < 3:
        reasons.append(str(inner.get("reason") or inner.get("type") or ""))
        inner = inner.get("caused_by") or next(iter(inner.get("root_cause") or []), None)
    return _short("; ".join(dict.fromkeys(filter(None, reasons))))


def _short(text: str, longest: int = 300) -> str:
    return text if len(text) <= longest else f"{text[:longest]} …"
