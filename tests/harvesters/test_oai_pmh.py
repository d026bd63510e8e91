"""Harvesting by OAI-PMH, from the library's own server, from scripted peers, with faults."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from lxml import etree
from oaipmh import common, metadata, server

from harvesters import oai_pmh
from harvesters.fetching import FetchFailed
from harvesters.oai_pmh import BadResumptionToken, Format, HarvestStopped, OAIPage
from tests.harvesters.peers import Asked, Peer, Reply
from tests.harvesters.test_fetching import World
from tests.shared import needs_shared, shared

SPASE = (
    '<Spase xmlns="http://www.spase-group.org/data/schema"><Version>2.4.0</Version>'
    "<Person><ResourceID>spase://T/Person/{0}</ResourceID>"
    "<ReleaseDate>2020-01-01T00:00:00Z</ReleaseDate><PersonName>{0}</PersonName></Person></Spase>"
)


def record(name: str, stamp: str = "2020-01-01T00:00:00Z", deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    body = "" if deleted else f"<metadata>{SPASE.format(name)}</metadata>"
    head = f"<identifier>oai:t:{name}</identifier><datestamp>{stamp}</datestamp>"
    return f"<record><header{status}>{head}</header>{body}</record>"


def answer(inner: str, date: str = "2021-05-05T05:05:05Z") -> bytes:
    return (
        '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{date}</responseDate><request>http://t/</request>{inner}</OAI-PMH>"
    ).encode()


def page(*names: str, token: str | None = None, size: str = "", **more: Any) -> bytes:
    attributes = f' completeListSize="{size}"' if size else ""
    rest = "" if token is None else f"<resumptionToken{attributes}>{token}</resumptionToken>"
    records = "".join(record(name) for name in names)
    return answer(f"<ListRecords>{records}{rest}</ListRecords>", **more)


def error(code: str, message: str = "") -> bytes:
    return answer(f'<error code="{code}">{message}</error>')


class Scripted(Peer):
    """Answers by resumption token; a list is given in its order, its last for ever."""

    def __init__(self, pages: dict[str, Any]) -> None:
        script = {token: list(p) if isinstance(p, list) else [p] for token, p in pages.items()}

        def reply(asked: Asked) -> Reply:
            waiting = script[asked.params.get("resumptionToken", "")]
            found = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            reply = found if isinstance(found, Reply) else Reply(found)
            reply.headers.setdefault("Content-Type", "text/xml")
            return reply

        super().__init__(reply)


def names(pages: list[OAIPage]) -> list[str]:
    return [part.header.identifier for one in pages for part in one.parts if part.header]


def taken(peer: Peer, world: World | None = None, **more: Any) -> list[OAIPage]:
    more.setdefault("prefix", "spase")
    fetcher = (world or World()).fetcher(limits={"tries": 3})
    return list(oai_pmh.harvest(peer.url + "/oai", fetcher=fetcher, **more))


def until_stopped(peer: Peer, **more: Any) -> tuple[list[OAIPage], HarvestStopped]:
    """The pages that came before the harvest stopped, and how it stopped."""
    fetcher = World().fetcher(limits={"tries": 3})
    harvest = oai_pmh.harvest(peer.url, "spase", fetcher=fetcher, **more)
    pages: list[OAIPage] = []
    try:
        while True:
            pages.append(next(harvest))
    except StopIteration:
        pytest.fail("the harvest ended without a word")
    except HarvestStopped as stopped:
        return pages, stopped


# A healthy peer


def test_pages_follow_their_tokens() -> None:
    script = {"": page("a", "b", token="t&amp;1", size="3"), "t&1": page("c", token="")}
    with Scripted(script) as peer:
        pages = taken(peer, set_="s:x")
    assert names(pages) == ["oai:t:a", "oai:t:b", "oai:t:c"]
    assert [one.token for one in pages] == ["t&1", ""]
    assert [one.asked_with for one in pages] == ["", "t&1"]
    assert pages[0].complete_list_size == 3
    assert pages[0].response_date == "2021-05-05T05:05:05Z"
    assert [one.faults for one in pages] == [[], []]
    assert [asked.params for asked in peer.asked] == [
        {"verb": "ListRecords", "metadataPrefix": "spase", "set": "s:x"},
        {"verb": "ListRecords", "resumptionToken": "t&1"},
    ]
    first = pages[0].parts[0]
    assert (first.identifier, first.format, first.kind) == ("spase://T/Person/a", "spase", "Person")
    assert first.content == SPASE.format("a").encode()


def test_a_page_is_asked_for_only_when_the_one_before_was_taken() -> None:
    with Scripted({"": page("a", token="1"), "1": page("b")}) as peer:
        pages = oai_pmh.harvest(peer.url, "spase", fetcher=World().fetcher())
        next(pages)
        assert len(peer.asked) == 1
        next(pages)
        assert len(peer.asked) == 2


def test_harvest_goes_on_from_a_token() -> None:
    with Scripted({"7": page("c")}) as peer:
        assert names(taken(peer, token="7")) == ["oai:t:c"]


def test_deleted_record_is_a_part_without_metadata() -> None:
    body = f"<ListRecords>{record('gone', deleted=True)}{record('here')}</ListRecords>"
    with Scripted({"": answer(body)}) as peer:
        gone, here = taken(peer)[0].parts
    assert (gone.deleted, gone.element, gone.refusal) == (True, None, None)
    assert gone.header is not None
    assert gone.header.identifier == "oai:t:gone"
    assert not here.deleted


def test_bad_record_stands_beside_the_good_ones() -> None:
    strange = record("x").replace("<Spase ", "<Other ").replace("</Spase>", "</Other>")
    body = f"<ListRecords>{record('a')}{strange}{record('b')}</ListRecords>"
    with Scripted({"": answer(body)}) as peer:
        (one,) = taken(peer)
    assert [part.refusal is None for part in one.parts] == [True, False, True]


@pytest.mark.parametrize(
    ("granularity", "written"),
    [("YYYY-MM-DDThh:mm:ssZ", "2020-02-03T04:05:06Z"), ("YYYY-MM-DD", "2020-02-03")],
)
def test_from_is_written_in_the_peers_granularity(granularity: str, written: str) -> None:
    with Scripted({"": page("a")}) as peer:
        taken(peer, from_="2020-02-03T04:05:06Z", until="2021-01-01", granularity=granularity)
    assert peer.asked[0].params["from"] == written
    assert peer.asked[0].params["until"] == "2021-01-01T00:00:00Z"[: len(written)]


def test_from_that_is_no_datestamp_is_refused_before_anything_is_asked() -> None:
    with Scripted({"": page("a")}) as peer, pytest.raises(ValueError, match="yesterday"):
        taken(peer, from_="yesterday")
    assert peer.asked == []


class Library:
    """250 records behind the oaipmh library's own server, which pages them by 60."""

    def identify(self) -> Any:
        return common.Identify(
            "Library", "http://t/", "2.0", ["a@b.c"], datetime(2001, 2, 3), "persistent",
            "YYYY-MM-DDThh:mm:ssZ", ["identity"],
        )  # fmt: skip

    def listMetadataFormats(self, identifier: str | None = None) -> Any:
        return [("spase", "http://t/x.xsd", "http://www.spase-group.org/data/schema")]

    def listRecords(
        self, metadataPrefix: str, cursor: int = 0, batch_size: int = 10, **_: Any
    ) -> Any:
        for number in range(cursor, min(cursor + batch_size, 250)):
            head = common.Header(
                None, f"oai:t:{number}", datetime(2020, 1, 1), [], number % 50 == 0
            )
            yield head, common.Metadata(None, {"number": str(number)}), None


def write_spase(element: Any, found: Any) -> None:
    element.append(etree.fromstring(SPASE.format(found["number"])))


def test_library_server_is_harvested_whole() -> None:
    registry = metadata.MetadataRegistry()
    registry.registerWriter("spase", write_spase)
    theirs = server.BatchingServer(Library(), registry, resumption_batch_size=60)
    with Peer(lambda asked: Reply(theirs.handleRequest(asked.params))) as peer:
        fetcher = World().fetcher()
        identity = oai_pmh.identify(peer.url, fetcher)
        (offered,) = oai_pmh.suitable(oai_pmh.formats(peer.url, fetcher))
        pages = list(oai_pmh.harvest(peer.url, offered.prefix, fetcher=fetcher))
    assert (identity.name, identity.deleted_record) == ("Library", "persistent")
    assert (identity.earliest, identity.granularity) == (
        "2001-02-03T00:00:00Z",
        "YYYY-MM-DDThh:mm:ssZ",
    )
    assert names(pages) == [f"oai:t:{number}" for number in range(250)]
    deleted = [part.header.identifier for one in pages for part in one.parts if part.deleted]  # type: ignore[union-attr]
    assert deleted == [f"oai:t:{number}" for number in range(0, 250, 50)]


# Faults


@pytest.mark.parametrize("status", [200, 400, 404, 500, 503])
def test_error_is_read_before_the_status(status: int) -> None:
    reply = Reply(error("noSetHierarchy", "no sets here"), status)
    with Scripted({"": reply}) as peer:
        pages, stopped = until_stopped(peer)
    assert (pages, stopped.reason) == ([], "noSetHierarchy")
    assert "no sets here" in stopped.message
    assert len(peer.asked) == 1


def test_status_without_an_oai_answer_is_said() -> None:
    with (
        Scripted({"": Reply(b"<html>Not found</html>", 404)}) as peer,
        pytest.raises(FetchFailed, match="the server answers 404"),
    ):
        taken(peer)


def test_nothing_matches() -> None:
    with Scripted({"": error("noRecordsMatch")}) as peer:
        (one,) = taken(peer)
    assert one.no_records_match
    assert (one.parts, one.token, one.response_date) == ([], "", "2021-05-05T05:05:05Z")


def test_token_that_is_no_longer_known() -> None:
    with Scripted({"": page("a", token="1"), "1": error("badResumptionToken", "gone")}) as peer:
        pages, stopped = until_stopped(peer)
    assert names(pages) == ["oai:t:a"]
    assert isinstance(stopped, BadResumptionToken)
    assert stopped.token == "1"


def test_unknown_error_code_is_said() -> None:
    with Scripted({"": error("tooTired", "later")}) as peer:
        _, stopped = until_stopped(peer)
    assert "tooTired" in stopped.message
    assert "later" in stopped.message


def test_token_that_leads_to_the_same_page_for_ever() -> None:
    with Scripted({"": page("a", token="1"), "1": page("b", token="1")}) as peer:
        pages, stopped = until_stopped(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b"]
    assert stopped.reason == "circle"
    assert len(peer.asked) == 3


def test_tokens_in_a_circle() -> None:
    script = {"": page("a", token="1"), "1": page("b", token="2"), "2": page("c", token="1")}
    with Scripted(script) as peer:
        pages, stopped = until_stopped(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b", "oai:t:c"]
    assert stopped.reason == "circle"
    assert "circle" in stopped.message


def test_peer_that_gives_its_first_page_with_ever_new_tokens() -> None:
    script = {"": page("a", token="0")} | {str(n): page("a", token=str(n + 1)) for n in range(99)}
    with Scripted(script) as peer:
        pages, stopped = until_stopped(peer)
    assert (set(names(pages)), stopped.reason) == ({"oai:t:a"}, "circle")
    assert len(peer.asked) < 10


def test_page_that_comes_twice_by_mistake() -> None:
    script = {"": page("a", token="1"), "1": [page("b", token="1"), page("b", token="2")]}
    with Scripted(script | {"2": page("c", token="", size="3")}) as peer:
        pages = taken(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b", "oai:t:b", "oai:t:c"]
    rules = [fault.rule for one in pages for fault in one.faults]
    assert rules == ["oai.token-again", "oai.circle"]


def test_empty_pages_that_lead_back_to_themselves() -> None:
    with Scripted({"": page(token="1"), "1": page(token="1")}) as peer:
        _, stopped = until_stopped(peer)
    assert stopped.reason == "circle"
    assert len(peer.asked) == 2


def test_one_token_for_all_pages_of_a_peer_that_keeps_the_place() -> None:
    script = {"": page("a", token="s"), "s": [page("b", token="s"), page("c", token="")]}
    with Scripted(script) as peer:
        pages = taken(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b", "oai:t:c"]
    assert [fault.rule for one in pages for fault in one.faults] == ["oai.token-again"]


def test_empty_page_with_a_token_is_not_the_end() -> None:
    script = {"": page("a", token="1"), "1": page(token="2"), "2": page("b")}
    with Scripted(script) as peer:
        assert names(taken(peer)) == ["oai:t:a", "oai:t:b"]


def test_page_that_is_cut_off_is_asked_for_again() -> None:
    whole = page("a", "b")
    world = World()
    with Scripted({"": [Reply(whole[:-30]), Reply(whole)]}) as peer:
        assert names(taken(peer, world)) == ["oai:t:a", "oai:t:b"]
    assert len(world.slept) == 1


@pytest.mark.parametrize(
    "damage",
    [
        page("b", "c", "d")[:-30],
        page("b", "c").replace(b"<responseDate>", b"<responseDate>\x0c"),
        page("b", "c").replace(b"</ListRecords>", b"</ListRecord>"),
    ],
    ids=["cut", "control", "tags"],
)
def test_page_that_stays_damaged_gives_its_records_and_stops_with_its_place(damage: bytes) -> None:
    with Scripted({"": page("a", token="tok"), "tok": Reply(damage)}) as peer:
        pages, stopped = until_stopped(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b", "oai:t:c"]
    assert [(one.ends, one.token) for one in pages] == [(True, "tok"), (False, "tok")]
    assert (stopped.reason, stopped.token) == ("not-well-formed", "tok")
    assert "'tok'" in stopped.message
    assert len(peer.asked) <= 1 + 6


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (b"\x0c", "U+000C"),
        (b"\xe9", "should be UTF-8"),
        (b"&nbsp;", "entity"),
        (b"</Spase>", "not well-formed"),
        (b"&", "not well-formed"),
    ],
    ids=["control", "encoding", "entity", "tags", "ampersand"],
)
def test_damaged_record_costs_itself_only(damage: bytes, words: str) -> None:
    whole = page("a", "b", "c", token="")
    bad = whole.replace(b"<PersonName>b", b"<PersonName>" + damage)
    with Scripted({"": Reply(bad)}) as peer:
        (one,) = taken(peer)
    assert names([one]) == ["oai:t:a", "oai:t:b", "oai:t:c"]
    assert [part.refusal is None for part in one.parts] == [True, False, True]
    refusal = one.parts[1].refusal
    assert refusal is not None
    assert words in refusal.message
    assert damage in one.parts[1].content
    assert one.parts[2].content == SPASE.format("c").encode()
    assert any("'oai:t:b'" in fault.message for fault in one.faults)
    assert len(peer.asked) == 3, "the same damage three times is no mistake of the network"


def test_damaged_record_under_passing_faults() -> None:
    """What else goes wrong in between changes nothing of it."""
    bad = page("a", "b", "c", token="").replace(b"<PersonName>b", b"<PersonName>\x0c")
    html = Reply(b"<html><p>Maintenance</html>")
    with Scripted({"": [Reply(bad), html, Reply(bad), Reply(b""), Reply(bad)]}) as peer:
        (one,) = taken(peer)
    assert [part.refusal is None for part in one.parts] == [True, False, True]
    assert len(peer.asked) == 5


def test_answer_with_nothing_in_it_stops_with_its_place() -> None:
    with Scripted({"": page("a", token="tok"), "tok": Reply(b"")}) as peer:
        pages, stopped = until_stopped(peer)
    assert names(pages) == ["oai:t:a"]
    assert (stopped.reason, stopped.token) == ("not-well-formed", "tok")
    assert "'tok'" in stopped.message
    assert len(peer.asked) == 1 + 4


def test_entities_of_a_document_type_are_refused() -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY x "y">]><OAI-PMH/>'
    with Scripted({"": bomb}) as peer:
        _, stopped = until_stopped(peer)
    assert "document type" in stopped.message


@pytest.mark.parametrize(
    "body", [b"<html><body>Maintenance</body></html>", answer("<Identify/>"), answer("")]
)
def test_answer_that_is_none(body: bytes) -> None:
    with Scripted({"": body}) as peer:
        _, stopped = until_stopped(peer)
    assert stopped.reason == "not-oai"


def test_wrong_content_type_does_not_matter() -> None:
    with Scripted({"": Reply(page("a"), headers={"Content-Type": "text/html"})}) as peer:
        assert names(taken(peer)) == ["oai:t:a"]


def test_wrong_list_size_is_a_fault_of_the_last_page() -> None:
    script = {"": page("a", token="1", size="9"), "1": page("b", token="")}
    with Scripted(script) as peer:
        pages = taken(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b"]
    assert {fault.rule for fault in pages[1].faults} == {"oai.complete-list-size"}
    assert pages[1].faults[-1].message == "the peer announced 9 records and sent 2"
    assert (pages[1].short, pages[1].listed) == (True, 2)
    # A list that ends too early is asked for its end once more.
    assert [asked.params.get("resumptionToken") for asked in peer.asked] == [None, "1", "1"]


def test_list_that_ended_too_early_by_mistake_goes_on() -> None:
    script = {"": [page("a", token="", size="2"), page("a", token="1", size="2")], "1": page("b")}
    with Scripted(script) as peer:
        pages = taken(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b"]
    assert not pages[-1].short


def test_more_than_was_announced_is_a_fault() -> None:
    with Scripted({"": page("a", "b", token="", size="1")}) as peer:
        (one,) = taken(peer)
    assert [fault.rule for fault in one.faults] == ["oai.complete-list-size"]
    assert len(peer.asked) == 1


def test_nothing_more_before_the_end_is_a_lost_token() -> None:
    script = {"": page("a", token="1", size="2"), "1": error("noRecordsMatch")}
    with Scripted(script) as peer:
        pages, stopped = until_stopped(peer)
    assert names(pages) == ["oai:t:a"]
    assert isinstance(stopped, BadResumptionToken)


def test_nothing_more_at_the_end_is_an_empty_last_page() -> None:
    script = {"": page("a", token="1", size="1"), "1": error("noRecordsMatch")}
    with Scripted(script) as peer:
        pages = taken(peer)
    assert (names(pages), pages[-1].token, pages[-1].ends) == (["oai:t:a"], "", True)
    assert not pages[-1].no_records_match
    assert "oai.empty-page" in [fault.rule for fault in pages[-1].faults]


def test_circle_after_everything_came_is_the_end() -> None:
    script = {"": page("a", token="1", size="2"), "1": page("b", token="2"), "2": page("a")}
    script["2"] = page("a", token="1")
    with Scripted(script) as peer:
        pages = taken(peer)
    assert names(pages[:2]) == ["oai:t:a", "oai:t:b"]
    assert "oai.circle" in [fault.rule for fault in pages[-1].faults]
    assert pages[-1].token == ""


@pytest.mark.parametrize("stamp", ["2020-13-01", "yesterday", "2020-01-01T00:00:00+01:00", ""])
def test_bad_datestamp_loses_no_record(stamp: str) -> None:
    body = f"<ListRecords>{record('a', stamp)}{record('b')}</ListRecords>"
    with Scripted({"": answer(body)}) as peer:
        pages = taken(peer)
    assert names(pages) == ["oai:t:a", "oai:t:b"]
    (fault,) = pages[0].faults
    assert fault.rule == "oai.datestamp"
    assert "oai:t:a" in fault.message


def test_datestamp_after_the_peers_own_clock_is_a_fault() -> None:
    body = f"<ListRecords>{record('a', '2021-05-05T05:05:06Z')}</ListRecords>"
    with Scripted({"": answer(body)}) as peer:
        (one,) = taken(peer)
    assert "later than the peer's own clock" in one.faults[0].message


def test_missing_response_date_is_a_fault() -> None:
    with Scripted({"": page("a", date="now")}) as peer:
        (one,) = taken(peer)
    assert [fault.rule for fault in one.faults] == ["oai.response-date"]


def test_busy_peer_is_waited_for() -> None:
    world = World()
    with Scripted({"": [Reply(b"", 503, {"Retry-After": "9"}), Reply(page("a"))]}) as peer:
        assert names(taken(peer, world)) == ["oai:t:a"]
    assert world.slept == [9.0]


# Formats


def test_formats_are_chosen_by_prefix_then_by_namespace() -> None:
    offered = [
        Format("oai_dc", "", "http://www.openarchives.org/OAI/2.0/oai_dc/"),
        Format("vor", "", "http://www.ivoa.net/xml/RegistryInterface/v1.0"),
        Format("spase-2.3", "", "http://www.spase-group.org/data/schema"),
        Format("ivo_vor", "", "something of its own"),
        Format("spase", "", ""),
    ]
    chosen = [one.prefix for one in oai_pmh.suitable(offered)]
    assert chosen == ["spase", "ivo_vor", "spase-2.3", "vor"]


@needs_shared
def test_real_identify_and_formats() -> None:
    folder = shared("ivoa", "oai-responses")
    replies = {
        "Identify": (folder / "lsst-sqre-repertoire-identify.xml").read_bytes(),
        "ListMetadataFormats": (
            folder / "lsst-sqre-repertoire-list_metadata_formats.xml"
        ).read_bytes(),
    }
    with Peer(lambda asked: Reply(replies[asked.params["verb"]])) as peer:
        identity = oai_pmh.identify(peer.url, World().fetcher())
        offered = oai_pmh.formats(peer.url, World().fetcher())
    root = etree.fromstring(replies["Identify"])
    assert identity.name == root.findtext(".//{*}repositoryName")
    assert identity.earliest == root.findtext(".//{*}earliestDatestamp")
    assert len(identity.descriptions) == len(root.findall(".//{*}description/*")) > 0
    assert [one.prefix for one in oai_pmh.suitable(offered)] == ["ivo_vor"]


@needs_shared
def test_all_real_responses_are_read_as_what_they_are() -> None:
    seen: dict[str, int] = {}
    for path in sorted(shared("ivoa", "oai-responses").iterdir()):
        body = path.read_bytes()
        with Peer(lambda asked, body=body: Reply(body)) as peer:  # type: ignore[misc]
            try:
                (one,) = taken(peer, prefix="ivo_vor")
                result = "none" if one.no_records_match else "records"
                root = etree.fromstring(body)
                assert len(one.parts) == len(
                    root.findall(".//{http://www.openarchives.org/OAI/2.0/}record")
                )
            except HarvestStopped as stopped:
                result = stopped.reason
                root = etree.fromstring(body)
                code = root.find("{*}error")
                assert code is None or result == code.get("code")
        seen[result] = seen.get(result, 0) + 1
    assert seen == {
        "records": 10,
        "none": 1,
        "badArgument": 6,
        "badVerb": 1,
        "cannotDisseminateFormat": 2,
        "idDoesNotExist": 2,
        # Five fragments without an envelope, one with a bare metadata element, and answers to
        # Identify (2), ListIdentifiers, ListMetadataFormats and ListSets.
        "not-oai": 11,
    }


# Long pages, sets, encodings


def test_long_page_comes_in_pieces_and_its_token_with_the_last() -> None:
    many = [str(number) for number in range(1200)]
    with Scripted({"": page(*many, token="t"), "t": page("end", token="")}) as peer:
        pages = taken(peer)
    assert [len(one.parts) for one in pages] == [500, 500, 200, 1]
    assert [(one.ends, one.token) for one in pages] == [
        (False, ""),
        (False, ""),
        (True, "t"),
        (True, ""),
    ]
    assert names(pages) == [f"oai:t:{name}" for name in (*many, "end")]
    assert [one.listed for one in pages] == [1200, 1200, 1200, 1201]


def test_record_larger_than_its_limit_costs_itself_only() -> None:
    large = page("a", "b", "c").replace(b"<PersonName>b", b"<PersonName>" + b"b" * 5000)
    with Scripted({"": large}) as peer:
        (one,) = taken(peer, largest=2000)
    assert [part.refusal and part.refusal.reason for part in one.parts] == [None, "too-large", None]
    assert names([one]) == ["oai:t:a", "oai:t:b", "oai:t:c"]


@pytest.mark.parametrize("codec", ["UTF-16", "ISO-8859-1", "UTF-8-sig", "windows-1252"])
def test_page_in_another_encoding_that_it_says(codec: str) -> None:
    text = page("a", "Zoë", "c", token="").decode()
    said = text.replace('version="1.0"', f'version="1.0" encoding="{codec.removesuffix("-sig")}"')
    with Scripted({"": said.encode(codec)}) as peer:
        (one,) = taken(peer)
    assert [part.identifier.rpartition("/")[2] for part in one.parts] == ["a", "Zoë", "c"]
    assert one.parts[1].content == SPASE.format("Zoë").encode()
    assert one.faults == []


def test_markup_that_only_looks_like_records() -> None:
    """Comments, CDATA sections and processing instructions are no tags."""
    strange = "<!-- <record> --><![CDATA[</record>]]><?php <record> ?>"
    body = page("a", "b", token="").replace(b"<PersonName>a", f"{strange}<PersonName>a".encode())
    body = body.replace(b"<ListRecords>", b"<!-- <record> --><ListRecords>")
    with Scripted({"": body}) as peer:
        (one,) = taken(peer)
    assert names([one]) == ["oai:t:a", "oai:t:b"]
    assert strange.encode() in one.parts[0].content
    assert one.faults == []


def test_envelope_with_prefixes() -> None:
    text = page("a", "b", token="").decode()
    for name in ("OAI-PMH", "responseDate", "request", "ListRecords", "record", "header",
                 "identifier", "datestamp", "metadata", "resumptionToken"):  # fmt: skip
        text = text.replace(f"<{name}", f"<o:{name}").replace(f"</{name}", f"</o:{name}")
    text = text.replace("xmlns=", "xmlns:o=", 1)
    with Scripted({"": text.encode()}) as peer:
        (one,) = taken(peer)
    assert names([one]) == ["oai:t:a", "oai:t:b"]
    assert [part.refusal for part in one.parts] == [None, None]


def test_sets_over_pages() -> None:
    def some(spec: str, token: str) -> bytes:
        named = f"<set><setSpec>{spec}</setSpec><setName>Name of {spec}</setName></set>"
        return answer(f"<ListSets>{named}<resumptionToken>{token}</resumptionToken></ListSets>")

    with Scripted({"": some("ivo_managed", "2"), "2": some("spase", "")}) as peer:
        found = oai_pmh.sets(peer.url, World().fetcher())
    assert [(one.spec, one.name) for one in found] == [
        ("ivo_managed", "Name of ivo_managed"),
        ("spase", "Name of spase"),
    ]
    with (
        Scripted({"": some("a", "2"), "2": some("b", "2")}) as peer,
        pytest.raises(HarvestStopped, match="does not end"),
    ):
        oai_pmh.sets(peer.url, World().fetcher())
    with Scripted({"": error("noSetHierarchy")}) as peer:
        assert oai_pmh.sets(peer.url, World().fetcher()) == []
