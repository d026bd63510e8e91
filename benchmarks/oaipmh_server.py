"""The server of the `oaipmh` package over records in memory: what ours is measured against."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from lxml import etree
from oaipmh import common, metadata, server

BASE = "https://registry.example.org"


class InMemory:
    """The records of a harvest as the package's server takes them, nothing left to make."""

    def __init__(self, pages: Iterable[bytes], prefix: str, size: int) -> None:
        """`pages` are the answers to ListRecords in the format `prefix`."""
        self._records = [
            _as_taken(one, prefix)
            for content in pages
            for one in etree.fromstring(content).iterfind("{*}ListRecords/{*}record")
        ]
        writers = metadata.MetadataRegistry()
        writers.registerWriter("oai_dc", server.oai_dc_writer)
        for other in ("spase", "ivo_vor"):
            writers.registerWriter(other, lambda at, found: at.append(copy.deepcopy(found)))
        self.server = server.BatchingServer(
            self, metadata_registry=writers, resumption_batch_size=size
        )

    def identify(self) -> Any:
        return common.Identify(
            "x", f"{BASE}/oai", "2.0", ["a@example.org"], datetime(2000, 1, 1), "persistent",
            "YYYY-MM-DDThh:mm:ssZ", ["identity"],
        )  # fmt: skip

    def listRecords(self, cursor: int = 0, batch_size: int = 10, **_: Any) -> list[Any]:
        return self._records[cursor : cursor + batch_size]

    def listIdentifiers(self, cursor: int = 0, batch_size: int = 10, **_: Any) -> list[Any]:
        return [one[0] for one in self._records[cursor : cursor + batch_size]]


def _as_taken(record: Any, prefix: str) -> tuple[Any, Any, None]:
    head = record.find("{*}header")
    stamp = datetime.strptime(head.findtext("{*}datestamp"), "%Y-%m-%dT%H:%M:%SZ")
    sets = [one.text for one in head.iterfind("{*}setSpec")]
    header = common.Header(
        None, head.findtext("{*}identifier"), stamp, sets, head.get("status") == "deleted"
    )
    payload = record.find("{*}metadata/*")
    if payload is None or prefix != "oai_dc":
        alone = None if payload is None else etree.fromstring(etree.tostring(payload))
        return header, alone, None
    said: dict[str, list[str]] = {}
    for one in payload:
        said.setdefault(etree.QName(one).localname, []).append(one.text or "")
    return header, common.Metadata(None, said), None
