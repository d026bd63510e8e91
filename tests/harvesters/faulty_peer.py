"""An OAI-PMH peer on loopback with one switch a fault: healthy but for what is switched on.

A fault is a function that gets the request, the healthy reply and how often this very page was
asked for, and gives the reply to send. The words at each are those of OAI-PMH 2.0.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.harvesters.peers import Asked, Peer, Reply
from tests.harvesters.test_fetching import NOW as OUR_CLOCK

OAI = "http://www.openarchives.org/OAI/2.0/"
SPASE = "http://www.spase-group.org/data/schema"
RI = "http://www.ivoa.net/xml/RegistryInterface/v1.0"
STAMP = "2024-05-01T00:00:00Z"
CLOCK = "2024-06-01T00:00:00Z"
LATER = "2024-06-05T00:00:00Z"
CHANGED = "2024-06-03T00:00:00Z"


@dataclass(slots=True)
class Item:
    """One record of the peer; without a payload it is deleted."""

    name: str
    payload: str | None
    stamp: str = STAMP
    identifier: str = ""
    about: str = ""

    def xml(self) -> str:
        status = "" if self.payload is not None else ' status="deleted"'
        identifier = (
            f"<identifier>{escape(self.identifier or f'oai:peer:{self.name}')}</identifier>"
        )
        header = f"<header{status}>{identifier}<datestamp>{self.stamp}</datestamp></header>"
        metadata = "" if self.payload is None else f"<metadata>{self.payload}</metadata>"
        return f"<record>{header}{metadata}{self.about}</record>"


def person(name: str, text: str = "Somebody") -> str:
    return (
        f'<Spase xmlns="{SPASE}"><Version>2.7.0</Version><Person>'
        f"<ResourceID>spase://PEER/Person/{name}</ResourceID><PersonName>{text}</PersonName>"
        "<OrganizationName>Nowhere</OrganizationName></Person></Spase>"
    )


def resource(name: str) -> str:
    return (
        f'<ri:Resource xmlns="" xmlns:ri="{RI}" xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="vr:Organisation" '
        'created="2020-01-01T00:00:00Z" updated="2020-01-01T00:00:00Z" status="active">'
        f"<title>Made</title><identifier>ivo://peer.example/{name}</identifier>"
        "<curation><publisher>Maker</publisher><contact><name>Maker</name></contact></curation>"
        "<content><subject>none</subject><description>Made.</description>"
        "<referenceURL>http://peer.example/</referenceURL></content></ri:Resource>"
    )


Fault = Callable[["FaultyPeer", Asked, Reply, int], Reply]


@dataclass
class FaultyPeer:
    """Answers Identify, ListMetadataFormats, ListSets and ListRecords over `items`.

    `fault` is what is switched on; `now` its clock. `requests` are the arguments asked with.
    """

    items: list[Item]
    fault: Fault | None = None
    page: int = 3
    now: str = CLOCK
    prefix: str = "spase"
    granularity: str = "YYYY-MM-DDThh:mm:ssZ"
    deleted_record: str = "persistent"
    requests: list[dict[str, str]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def peer(self) -> Peer:
        return Peer(self.answer)

    def answer(self, asked: Asked) -> Reply:
        params = asked.params
        self.requests.append(params)
        name = params.get("resumptionToken", params.get("verb", ""))
        self.asked[name] += 1
        reply = self.healthy(params)
        if self.fault is None:
            return reply
        return self.fault(self, asked, reply, self.asked[name])

    def healthy(self, params: dict[str, str]) -> Reply:
        verb = params.get("verb", "")
        if verb == "ListRecords":
            return self.reply(self._records(params))
        return self.reply(
            {
                "Identify": self._identify(),
                "ListMetadataFormats": (
                    "<ListMetadataFormats><metadataFormat>"
                    f"<metadataPrefix>{self.prefix}</metadataPrefix><schema>http://x/y.xsd</schema>"
                    f"<metadataNamespace>{SPASE if self.prefix == 'spase' else RI}"
                    "</metadataNamespace></metadataFormat></ListMetadataFormats>"
                ),
                "ListSets": error("noSetHierarchy"),
            }.get(verb, error("badVerb"))
        )

    def reply(self, inner: str) -> Reply:
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}">'
            f"<responseDate>{self.now}</responseDate><request>http://peer/oai</request>"
            f"{inner}</OAI-PMH>"
        )
        return Reply(text.encode(), headers={"Content-Type": "text/xml; charset=utf-8"})

    def _identify(self) -> str:
        return (
            "<Identify><repositoryName>Faulty</repositoryName><baseURL>http://peer/oai</baseURL>"
            "<protocolVersion>2.0</protocolVersion><adminEmail>a@example.org</adminEmail>"
            "<earliestDatestamp>2000-01-01T00:00:00Z</earliestDatestamp>"
            f"<deletedRecord>{self.deleted_record}</deletedRecord>"
            f"<granularity>{self.granularity}</granularity></Identify>"
        )

    def _records(self, params: dict[str, str]) -> str:
        start, begin = 0, params.get("from", "")
        if "resumptionToken" in params:
            number, _, begin = params["resumptionToken"].partition("|")
            if not number.isdigit():
                return error("badResumptionToken")
            start = int(number)
        wanted = [one for one in self.items if one.stamp >= begin]
        if not wanted:
            return error("noRecordsMatch")
        following = start + self.page
        token = f"{following}|{begin}" if following < len(wanted) else ""
        size = f' completeListSize="{len(wanted)}" cursor="{start}"'
        ended = f"<resumptionToken{size}>{token}</resumptionToken>" if token or start else ""
        shown = "".join(one.xml() for one in wanted[start:following])
        return f"<ListRecords>{shown}{ended}</ListRecords>"


def error(code: str, words: str = "") -> str:
    return f'<error code="{code}">{words}</error>'


# -- what may be wrong: with the second page, unless the words say otherwise --------------------


def second(fault: Fault, times: int = 10**9) -> Fault:
    """The fault on the second page, the first so many times."""

    def switched(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
        token = asked.params.get("resumptionToken", "")
        hit = token.startswith(f"{peer.page}|") and number <= times
        return fault(peer, asked, reply, number) if hit else reply

    return switched


def status(code: int, **headers: str) -> Fault:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda peer, asked, reply, number: Reply(b"busy", code, named)


def later_by_date(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    when = format_datetime(OUR_CLOCK + timedelta(seconds=30), usegmt=True)
    return Reply(b"busy", 503, {"Retry-After": when})


def silent(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    return replace(reply, body=b"", claims=10, silent=True)


def dripping(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    return replace(reply, claims=len(reply.body) + 10**6, drip=True)


def cut_off(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    return replace(reply, body=reply.body[:-60], claims=len(reply.body))


def truncated(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    return replace(reply, body=reply.body[: reply.body.rindex(b"<record>") + 80])


def changed(old: bytes, new: bytes) -> Fault:
    """Bytes of a page replaced by others."""

    def fault(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
        assert old in reply.body
        return replace(reply, body=reply.body.replace(old, new))

    return fault


def answering(inner: str, code: int = 200) -> Fault:
    return lambda peer, asked, reply, number: replace(peer.reply(inner), status=code)


def page_of_html(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    return Reply(b"<html><body><p>Maintenance</body></html>", headers={"Content-Type": "text/html"})


def of_type(kind: str) -> Fault:
    return lambda peer, asked, reply, number: replace(reply, headers={"Content-Type": kind})


def in_latin1(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    body = reply.body.decode().encode("latin-1")
    return Reply(body, headers={"Content-Type": "text/xml; charset=ISO-8859-1"})


def packed_wrongly(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    body = bytearray(gzip.compress(reply.body))
    body[60:80] = b"\xff" * 20
    return replace(reply, body=bytes(body), headers={**reply.headers, "Content-Encoding": "gzip"})


def packed(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    headers = {**reply.headers, "Content-Encoding": "gzip"}
    return replace(reply, body=gzip.compress(reply.body), headers=headers)


def elsewhere(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    """Redirected once, with a cookie that the other place wants to see."""
    if asked.path == "/moved":
        return reply if asked.headers.get("cookie") == "key=1" else Reply(b"no cookie", 403)
    query = "&".join(f"{name}={value}" for name, value in asked.params.items())
    return Reply(b"", 302, {"Location": f"/moved?{query}", "Set-Cookie": "key=1; Path=/"})


_TOKEN = re.compile(rb"(<resumptionToken[^>]*>)[^<]*(</resumptionToken>)")


def with_token(text: str) -> Fault:
    """The page with another token."""

    def fault(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
        token = text.encode()
        body = _TOKEN.sub(lambda found: found[1] + token + found[2], reply.body)
        assert body != reply.body
        return replace(reply, body=body)

    return fault


def of_size(number: int) -> Fault:
    """Every page announces another completeListSize."""
    new = b'completeListSize="%d"' % number

    def fault(peer: FaultyPeer, asked: Asked, reply: Reply, times: int) -> Reply:
        return replace(reply, body=re.sub(rb'completeListSize="\d+"', new, reply.body))

    return fault


def with_empty_last_page(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    """After the last records comes one more token, and then nothing."""
    if asked.params.get("resumptionToken") == "end|":
        return peer.reply("<ListRecords/>")
    body = reply.body.replace(b"></resumptionToken>", b">end|</resumptionToken>")
    return replace(reply, body=body)


def forgetting(*tokens: str) -> Fault:
    """A token is not known any more, the first time it is asked with."""

    def fault(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
        known = asked.params.get("resumptionToken") not in tokens or number > 1
        return reply if known else peer.reply(error("badResumptionToken", "expired"))

    return fault


def ignoring_from(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    if "from" not in asked.params:
        return reply
    return peer.healthy({"verb": "ListRecords", "metadataPrefix": peer.prefix})


def refusing_seconds(peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
    """The peer says seconds in Identify and takes only days."""
    if "T" in asked.params.get("from", ""):
        return peer.reply(error("badArgument", "from: bad granularity"))
    return reply
