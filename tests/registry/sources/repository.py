"""A small OAI-PMH repository over HTTP on loopback (OAI-PMH 2.0), whose records a test changes."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from tests.harvesters.peers import Asked, Peer, Reply

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
SPASE = "http://www.spase-group.org/data/schema"


@dataclass(slots=True)
class Item:
    datestamp: str
    content: bytes | None
    """None: deleted."""


@dataclass
class Repository:
    """Answers Identify, ListMetadataFormats and ListRecords, so many records a page.

    `holds_at`: from this page on an answer is held back until `released` is set.
    """

    items: dict[str, Item] = field(default_factory=dict)
    page: int = 3
    now: str = "2024-06-01T00:00:00Z"
    holds_at: int | None = None
    held: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    lists: list[dict[str, str]] = field(default_factory=list)
    gone: bool = False
    deleted_record: str = "persistent"

    def peer(self) -> Peer:
        return Peer(self._answer)

    def _answer(self, asked: Asked) -> Reply:
        if self.gone:
            return Reply(b"There is nothing here.", 404)
        verb = asked.params.get("verb", "")
        body = {
            "Identify": self._identify,
            "ListMetadataFormats": self._formats,
            "ListRecords": lambda: self._list(asked.params),
        }[verb]()
        text = (
            f'<OAI-PMH xmlns="{NAMESPACE}"><responseDate>{self.now}</responseDate>'
            f'<request verb="{verb}">http://127.0.0.1/oai</request>{body}</OAI-PMH>'
        )
        return Reply(text.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})

    def _identify(self) -> str:
        return (
            "<Identify><repositoryName>R</repositoryName><baseURL>http://127.0.0.1/oai</baseURL>"
            "<protocolVersion>2.0</protocolVersion><adminEmail>a@example.org</adminEmail>"
            "<earliestDatestamp>2000-01-01T00:00:00Z</earliestDatestamp>"
            f"<deletedRecord>{self.deleted_record}</deletedRecord>"
            "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
        )

    def _formats(self) -> str:
        return (
            "<ListMetadataFormats><metadataFormat><metadataPrefix>spase</metadataPrefix>"
            f"<schema>{SPASE}/spase-2.7.0.xsd</schema>"
            f"<metadataNamespace>{SPASE}</metadataNamespace></metadataFormat></ListMetadataFormats>"
        )

    def _list(self, asked: dict[str, str]) -> str:
        self.lists.append(asked)
        start, begin = 0, asked.get("from", "")
        if "resumptionToken" in asked:
            number, begin = asked["resumptionToken"].split("|")
            start = int(number)
        if self.holds_at is not None and start // self.page >= self.holds_at:
            self.held.set()
            self.released.wait(60)
        wanted = [(name, one) for name, one in self.items.items() if one.datestamp >= begin]
        if not wanted:
            return '<error code="noRecordsMatch">none</error>'
        shown = wanted[start : start + self.page]
        records = "".join(_record(name, one) for name, one in shown)
        following = start + self.page
        token = f"{following}|{begin}" if following < len(wanted) else ""
        ended = f"<resumptionToken>{escape(token)}</resumptionToken>" if token or start else ""
        return f"<ListRecords>{records}{ended}</ListRecords>"


def _record(name: str, one: Item) -> str:
    status = "" if one.content is not None else ' status="deleted"'
    header = (
        f"<header{status}><identifier>oai:example.org:{name}</identifier>"
        f"<datestamp>{one.datestamp}</datestamp></header>"
    )
    if one.content is None:
        return f"<record>{header}</record>"
    body = one.content.decode().partition("?>")[2]
    return f"<record>{header}<metadata>{body}</metadata></record>"
