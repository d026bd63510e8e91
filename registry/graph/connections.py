"""Connections to SPARQL services that stay open from one call to the next."""

from __future__ import annotations

import http.client
import selectors
import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import SplitResult

KEPT = 8
"""Connections that stay open at most: as many as are asked at once, and some more."""
IDLE_SECONDS = 20.0
"""How long one may lie unused: the engine ends its side after 60 s."""


@dataclass(slots=True, frozen=True)
class _Idle:
    service: tuple[str, str]
    connection: http.client.HTTPConnection
    since: float


class Connections:
    """Open connections, each taken for one call and given back after it. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []

    def take(self, address: SplitResult, timeout: float | None) -> http.client.HTTPConnection:
        """A connection to the service of that address, open or new; its waits end at `timeout`."""
        service = (address.scheme, address.netloc)
        while (one := self._last(service)) is not None:
            sock: socket.socket = one.connection.sock
            if time.monotonic() - one.since < IDLE_SECONDS and not _ended(sock):
                sock.settimeout(timeout)
                return one.connection
            one.connection.close()
        secure = address.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        return kind(address.hostname or "", address.port, timeout=timeout)

    def _last(self, service: tuple[str, str]) -> _Idle | None:
        """The one that was given back last, taken out."""
        with self._lock:
            for index in reversed(range(len(self._idle))):
                if self._idle[index].service == service:
                    return self._idle.pop(index)
        return None

    def give_back(self, address: SplitResult, connection: http.client.HTTPConnection) -> None:
        """Keep a connection whose answer was read to its end, in the place of the oldest one."""
        if connection.sock is None:  # the service has said that it ends it
            return
        with self._lock:
            service = (address.scheme, address.netloc)
            self._idle.append(_Idle(service, connection, time.monotonic()))
            over = self._idle.pop(0) if len(self._idle) > KEPT else None
        if over is not None:
            over.connection.close()

    def close(self) -> None:
        """End those that nobody uses."""
        with self._lock:
            idle, self._idle = self._idle, []
        for one in idle:
            one.connection.close()


def _ended(sock: socket.socket) -> bool:
    """Whether the other side has ended it: between answers there is nothing else to read."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))
