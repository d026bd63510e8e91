"""Three harvesters that know nothing of the server: Sickle, oaipmh-scythe, and our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import oaipmh_scythe
import oaipmh_scythe.exceptions
import oaipmh_scythe.iterator
import sickle
import sickle.oaiexceptions
from lxml import etree
from sickle.iterator import OAIResponseIterator

from harvesters import oai_pmh
from harvesters.fetching import Fetcher
from registry import identifiers
from schemas.canonical import canonical_digest

State = dict[str, bytes | None]
"""Identifier → digest of the canonical XML, None for a deleted record."""
Harvest = Callable[[str, str, str, str], tuple[State, str]]
"""(base address, format, from, set) → what came, and the responseDate of the first page."""


def by_sickle(url: str, prefix: str, from_: str = "", set_: str = "") -> tuple[State, str]:
    """Sickle follows the tokens; its own trees lack white space, so its pages are read anew."""
    arguments = {"metadataPrefix": prefix}
    arguments |= {name: value for name, value in (("from", from_), ("set", set_)) if value}
    client = sickle.Sickle(url, iterator=OAIResponseIterator)
    try:
        return _gathered(one.http_response.content for one in client.ListRecords(**arguments))
    except sickle.oaiexceptions.NoRecordsMatch:
        return {}, from_


def by_scythe(url: str, prefix: str, from_: str = "", set_: str = "") -> tuple[State, str]:
    iterator = oaipmh_scythe.iterator.OAIResponseIterator
    with oaipmh_scythe.Scythe(url, iterator=iterator) as client:
        try:
            return _gathered(
                one.http_response.content
                for one in client.list_records(
                    metadata_prefix=prefix, from_=from_ or None, set_=set_ or None
                )
            )
        except oaipmh_scythe.exceptions.NoRecordsMatch:
            return {}, from_


def by_ours(url: str, prefix: str, from_: str = "", set_: str = "") -> tuple[State, str]:
    found: State = {}
    date = ""
    with Fetcher(allow_private=True) as fetcher:
        for page in oai_pmh.harvest(url, prefix, fetcher=fetcher, from_=from_, set_=set_):
            assert page.faults == []
            date = date or page.response_date
            for part in page.parts:
                assert part.header is not None
                name = part.header.identifier
                assert name not in found, f"{name} came twice"
                gone = part.header.deleted
                found[name] = None if gone else canonical_digest(part.element)
    return found, date or from_


CLIENTS: dict[str, Harvest] = {
    "Sickle": by_sickle,
    "oaipmh-scythe": by_scythe,
    "ours": by_ours,
}


def _gathered(pages: Iterator[bytes]) -> tuple[State, str]:
    found: State = {}
    dates: list[str] = []
    for content in pages:
        root = etree.fromstring(content)
        dates.append(root.findtext("{*}responseDate") or "")
        for record in root.findall("{*}ListRecords/{*}record"):
            name = str(record.findtext("{*}header/{*}identifier"))
            assert name not in found, f"{name} came twice"
            payload = record.find("{*}metadata/*")
            header = record.find("{*}header")
            assert header is not None
            assert (header.get("status") == "deleted") == (payload is None)
            found[name] = None if payload is None else canonical_digest(_alone(payload))
    return found, dates[0]


def _alone(payload: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(payload, with_tail=False))


def offered(url_key: str) -> str:
    """The OAI identifier at `/oai` of a record with this key."""
    return identifiers.iri(url_key)
