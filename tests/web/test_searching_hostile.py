"""Whatever is sent to the search: an answer in words, nothing unescaped, never a 5xx."""

from __future__ import annotations

import random
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
from lxml import etree

from registry.search.requests import PARAMETERS
from tests.whole.corpus import EXAMPLES
from tests.whole.running import Installation
from tests.whole.serving import Served, served

SEED = 20031028
MARK = "<script>alert(7)</script>"
PIECES = (
    MARK, '"', '""', "'", "(", ")) AND ((", "[1 TO 2]", "*:*", "*", "?", "~", "a~9", "^", "\\", "/",
    "/.*/", "(a+)+$", "' OR 1=1 --", "; DROP TABLE record", "${7*7}", "{{7*7}}", "%s%n",
    "../../etc",
    "\x00", "\x07", "\x1b[31m", "\u202e", "\u0645\u062c\u0627\u0644", "\ufeff", "\ufffe", "\ud800",
    "日本語", "́" * 50, "kind:", "key:spase://", ":", "-", "--", "&&", "||", "!", "x" * 300,
    "1e999", "-1", "2003-13-45", "0000", "99999-01-01", "../..", "PT1S/", "P-1M", "171 Å", "keV",
    "10^9", "1000000000", "spase://", "ivo://x/?q#f", "10.1/", "yes", "relevance", "NumericalData",
    "<!--", "]]>", "&amp;", "\r\nSet-Cookie: a=b", "onload=x",
)  # fmt: skip
PATHS = ("/search", "/search/values/kind", "/search/values/instrument", "/search/feed",
         "/search/timeline.svg", "/search/map.svg", "/search/export/csv", "/search/export/votable",
         "/search/similar", "/api/v1/search")  # fmt: skip
POLICY = "default-src 'none'"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    installation = Installation(tmp_path_factory.mktemp("hostile") / "data")
    few = tmp_path_factory.mktemp("few")
    for one in sorted(Path(EXAMPLES).rglob("*.xml"))[:40]:
        (few / f"{len(list(few.iterdir()))}.xml").write_bytes(one.read_bytes())
    ended = installation.run("ingest", str(few))
    assert ended.status == 0, ended.said
    with served(installation) as found:
        yield found


def asked(server: Served, target: str) -> tuple[int, str, dict[str, str]]:
    connection = HTTPConnection(urlsplit(server.address).netloc, timeout=60)
    try:
        connection.request("GET", target)
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
        return answer.status, body, {name.lower(): value for name, value in answer.getheaders()}
    finally:
        connection.close()


def targets(number: int) -> Iterator[str]:
    chance = random.Random(SEED)
    names = (*PARAMETERS, "span", "find", "record", "cadence_from", "nonsense", MARK)
    for _ in range(number):
        given = [
            (chance.choice(names), "".join(chance.choices(PIECES, k=chance.randint(1, 4))))
            for _ in range(chance.randint(1, 4))
        ]
        if chance.random() < 0.6:
            given.append(("q", chance.choice(PIECES)))
        sent = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in given])
        yield f"{chance.choice(PATHS)}?{sent}"


def sound(target: str, status: int, body: str, headers: dict[str, str]) -> None:
    assert status in (200, 302, 304, 400, 404), (status, target, body[:500])
    assert headers["content-security-policy"].startswith(POLICY)
    assert "unsafe" not in headers["content-security-policy"]
    assert "set-cookie" not in headers
    assert "Traceback" not in body
    kind = headers["content-type"].partition(";")[0]
    if kind in ("text/html", "application/xhtml+xml", "image/svg+xml", "application/atom+xml"):
        assert MARK not in body, target
        if status == 302:
            return
        # The pages are well-formed XML: what breaks out of its place would break this.
        root = etree.fromstring(body.encode())
        scripts = root.findall(".//{http://www.w3.org/1999/xhtml}script")
        assert all("/static/search.js" in (one.get("src") or "") for one in scripts)
        for one in root.iter(etree.Element):
            assert not any(name.startswith("on") or name == "style" for name in one.attrib)


def test_every_piece_is_a_legal_text_and_a_legal_value(server: Served) -> None:
    for piece in PIECES:
        sent = piece.encode("utf-8", "surrogatepass")
        for given in ({"q": sent}, {"q": b"ACE", "region": sent, "units": b"x" + sent}):
            target = f"/search?{urlencode(given)}"
            status, body, headers = asked(server, target)
            assert status in (200, 302), (target, body[:300])
            sound(target, status, body, headers)
        target = f"/search/values/kind?{urlencode({'find': sent})}"
        sound(target, *asked(server, target))


def test_nothing_that_is_sent_breaks_it(server: Served) -> None:
    for target in targets(150):
        sound(target, *asked(server, target))


@pytest.mark.parametrize("text", [
    '"' * 2000, "(" * 3000, "a " * 3000, "-" * 5000, "x" * 7000, "*" * 3000, "日" * 800,
    "/".join("ab" * 1500),
])  # fmt: skip
def test_long_texts_are_answered(server: Served, text: str) -> None:
    status, body, headers = asked(server, f"/search?q={quote(text)}")
    sound("long", status, body, headers)


def test_a_hundred_kilobytes_are_refused_in_words(server: Served) -> None:
    for path in ("/search", "/api/v1/search", "/search/export/csv"):
        status, body, _ = asked(server, f"{path}?q={'a' * 100_000}")
        assert status in (200, 414, 431), body[:200]
        assert "Traceback" not in body


@pytest.mark.parametrize(("query", "said"), [
    ("from=2003-02-31", "no date"), ("to=10000000000", "no date"), ("after=1000000000", "after"),
    ("page=1000000000", "page"), ("limit=1000000000", "limit"), ("covers=2003", "two ends"),
    ("cadence_range=x/y", "length of time"), ("spectrum=171+parsec", "cannot be read"),
    ("intsrument=x", "instrument"),
])  # fmt: skip
def test_what_cannot_be_is_refused_in_words(server: Served, query: str, said: str) -> None:
    status, body, _ = asked(server, f"/search?{query}")
    assert status == 400
    assert said in body
