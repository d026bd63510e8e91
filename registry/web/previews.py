"""Which HAPI servers a page's script may ask: those that the record names, and that are public.

A record is written by anybody: it must not lead a reader's browser to machines of the reader's own
network. Only https reaches a server, because a browser takes nothing less from an https page; a
registry that is tried on a laptop may ask servers of that laptop.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from mappings.to_snippets import Way

_HOST = re.compile(r"(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_HERE = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp")


def origins(ways: Iterable[Way], base: str) -> list[str]:
    """The origins of the HAPI servers whose data can be drawn, each once; `base` is this site's."""
    found = (origin(one.address, base) for one in ways if drawn(one))
    return [one for one in dict.fromkeys(found) if one]


def drawn(way: Way) -> bool:
    """Whether a way leads to data that can be drawn: a dataset, and a time that it has data of."""
    return way.kind == "HAPI" and bool(way.dataset and way.span)


def origin(address: str, base: str) -> str:
    """The origin of a server as a Content-Security-Policy names it; '' if it is not to be asked."""
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    if parts.username is not None or parts.password is not None:
        return ""
    public = parts.scheme == "https" and bool(_HOST.fullmatch(host)) and not _inside(host)
    if not public and not (_on_this_machine(base) and _is_loopback(host)):
        return ""
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def _inside(host: str) -> bool:
    return host.rpartition(".")[2] in _HERE


def _on_this_machine(base: str) -> bool:
    parts = urlsplit(base)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return host == "localhost"
