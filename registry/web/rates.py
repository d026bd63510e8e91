"""How often one client may ask the interfaces for programs: a bucket of requests for each."""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from flask import Request, Response, request

from registry.web.faults import fault
from registry.web.site import site

LIMITED = ("/api/", "/WS/")
_CLIENTS = 20_000


class Rates:
    """Buckets that fill at an even rate; a client that has emptied its own waits.

    Each process counts for itself. The clients seen longest ago are forgotten first.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_minute / 60
        self._most = float(per_minute)
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str) -> int:
        """Takes one request of a client's; 0, or in how many seconds the next may come."""
        now = self._clock()
        with self._lock:
            left, then = self._left.pop(client, (self._most, now))
            left = min(self._most, left + (now - then) * self._per_second)
            allowed = left >= 1
            self._left[client] = (left - allowed, now)
            if len(self._left) > _CLIENTS:
                self._left.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) / self._per_second))


def client(asked: Request, proxies: int) -> str:
    """Who asks, by address; of IPv6 the network, which one household has to itself.

    `proxies` stand in front, each of which adds the address it was asked from at the right of
    X-Forwarded-For; what stands further left anybody can write.
    """
    address = asked.remote_addr or ""
    if proxies:
        named = [
            one.strip() for one in ",".join(asked.headers.getlist("X-Forwarded-For")).split(",")
        ]
        if len(named) >= proxies:
            address = named[-proxies].strip()
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return asked.remote_addr or ""
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.ip_network(f"{known}/64", strict=False))
    return str(known)


def refused(rates: Rates) -> Response | None:
    """429 for a client that asks too often (RFC 6585, section 4); None for the others."""
    if not f"{request.path}/".startswith(LIMITED) or request.method == "OPTIONS":
        return None
    seconds = rates.wait(client(request, site().settings.api.proxies))
    if not seconds:
        return None
    answer = fault(429, f"You ask more often than is answered here: again in {seconds} s.")
    answer.headers["Retry-After"] = str(seconds)
    return answer
