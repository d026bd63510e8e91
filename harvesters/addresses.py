"""Which addresses may be fetched from: nobody makes this machine call inside its own network.

The host's addresses are checked where the connection is made, and the connection goes to the
address that was checked: a redirect, or a name that answers differently the second time, gains
nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

Resolve = Callable[..., list[tuple[Any, ...]]]
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")


class RefusedAddress(Exception):
    """A host that may not be fetched from."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet at large.

    An IPv4 address that an IPv6 one carries (mapped, 6to4, Teredo, NAT64) is asked as well.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    inner: list[ipaddress.IPv4Address | None] = []
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        inner = [ip.sixtofour, *(ip.teredo or ())]
        if ip in _TRANSLATED:
            inner.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
    good = ip.is_global and not ip.is_multicast and not ip.is_reserved
    if isinstance(ip, ipaddress.IPv6Address) and ip in _TRANSLATED:
        good = True
    return good and all(is_public(str(one)) for one in inner if one is not None)


class Connector:
    """Makes the connections of one fetcher, to permitted addresses only, and can cut them all."""

    def __init__(self, allow_private: bool, resolve: Resolve) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._made: list[HTTPConnection] = []

    def addresses(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """What the name resolves to. Raises RefusedAddress, OSError, UnicodeError."""
        found = self._resolve(host.strip("[]"), port, type=socket.SOCK_STREAM)
        inside = [entry[4][0] for entry in found if not is_public(entry[4][0])]
        if inside and not self._allow_private:
            raise RefusedAddress(
                f"{host} has the address {inside[0]}, which is not on the public internet; "
                "fetching from inside addresses must be allowed in the settings"
            )
        return found

    def connect(self, connection: HTTPConnection) -> socket.socket:
        """A socket to one of the host's addresses, tried in their order."""
        try:
            found = self.addresses(connection.host, connection.port)
        except (OSError, UnicodeError) as error:
            reason = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
            raise NameResolutionError(connection.host, connection, reason) from error
        problem: OSError = OSError("the name has no address")
        limit = connection.timeout
        for family, kind, protocol, _, address in found:
            wire = socket.socket(family, kind, protocol)
            try:
                wire.settimeout(limit if isinstance(limit, int | float) else None)
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                wire.connect(address)
            except OSError as error:
                wire.close()
                problem = error
                continue
            self._made.append(connection)
            return wire
        if isinstance(problem, TimeoutError):
            raise ConnectTimeoutError(connection, "the connection took too long") from problem
        says = problem.strerror or str(problem)
        raise NewConnectionError(connection, says) from problem

    def cut(self) -> None:
        """End what the connections are waiting for, from another thread."""
        for connection in self._made:
            wire = connection.sock
            if wire is not None:
                try:
                    wire.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def pools(self) -> dict[str, type[HTTPConnectionPool]]:
        """Classes for a urllib3 PoolManager whose connections are made here."""
        connector = self

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return connector.connect(self)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return connector.connect(self)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        return {"http": PlainPool, "https": SecurePool}
