"""VO services as code for pyvo: TAP, cone search, images and spectra by their standardIDs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from registry.model import Capability, Record

_SERVICES = {
    "ivo://ivoa.net/std/tap": "TAP",
    "ivo://ivoa.net/std/conesearch": "Cone search",
    "ivo://ivoa.net/std/sia": "SIA",
    "ivo://ivoa.net/std/ssa": "SSA",
}
_CLASSES = {"Cone search": "SCSService", "SIA": "SIAService", "SSA": "SSAService"}
# A name that ADQL takes as it stands (ADQL 2.1, section 2.1.2).
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*){0,2}")


def vo_snippets(record: Record) -> Iterator[tuple[str, str, str, str]]:
    """(kind, table, address, code) of the services that pyvo can ask, each once."""
    for capability in record.capabilities:
        standard = capability.standard.partition("#")[0].rstrip("/").lower()
        kind, address = _SERVICES.get(standard, ""), _address(capability)
        if capability.standard.lower().endswith("#aux"):
            kind = "TAP"
        if not kind or not address:
            continue
        if kind == "TAP":
            yield _tap(record, address)
        else:
            yield kind, "", address, _positional(kind, address)


def _address(capability: Capability) -> str:
    for interface in capability.interfaces:
        if interface.role in ("", "std"):
            for url, _ in interface.urls:
                if url.startswith(("http://", "https://")):
                    return url
    return ""


def _tap(record: Record, address: str) -> tuple[str, str, str, str]:
    tables = [one.name for one in record.tables if _NAME.fullmatch(one.name)]
    own = [one for one in tables if not one.lower().startswith("tap_schema.")]
    table = next(iter(own or tables), "")
    kind = "EPN-TAP" if table.lower().endswith(".epn_core") else "TAP"
    query = f"SELECT TOP 10 * FROM {table or 'tap_schema.tables'}"  # noqa: S608 - a text to be shown
    code = (
        f"import pyvo\n\nservice = pyvo.dal.TAPService({json.dumps(address)})\n"
        f"table = service.search({json.dumps(query)}).to_table()\n"
    )
    return kind, table, address, code


def _positional(kind: str, address: str) -> str:
    size = "radius" if kind == "Cone search" else "size" if kind == "SIA" else "diameter"
    return (
        f"import pyvo\n\nservice = pyvo.dal.{_CLASSES[kind]}({json.dumps(address)})\n"
        f"# Right ascension and declination, and {size}, in degrees.\n"
        f"table = service.search(pos=(83.63, 22.01), {size}=0.1).to_table()\n"
    )
