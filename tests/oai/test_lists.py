"""Lists and their resumption tokens (OAI-PMH 2.0, section 3.5), with a writer between the pages."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from lxml import etree

from registry.store import listing
from registry.store.listing import Selection
from schemas.oai_pmh.envelope import OAI, validate_envelope
from tests.oai.registries import (
    PUBLIC,
    SPOILT,
    Clock,
    dataset,
    documents_at,
    get,
    put,
    remove,
    served,
    service,
)

NS = {"o": OAI}


@dataclass
class Page:
    """What a page says: (identifier, datestamp, deleted) of its records, and its token."""

    records: list[tuple[str, str, bool]] = field(default_factory=list)
    error: str = ""
    token: str = ""
    attributes: dict[str, str] | None = None
    date: str = ""

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.records]


def page(app: Flask, **arguments: str) -> Page:
    root = etree.fromstring(get(app, **arguments))
    assert validate_envelope(root) == []
    found = Page(date=root.findtext("o:responseDate", "", NS))
    for header in root.iter(f"{{{OAI}}}header"):
        found.records.append(
            (
                header.findtext("o:identifier", "", NS),
                header.findtext("o:datestamp", "", NS),
                header.get("status") == "deleted",
            )
        )
    error = root.find("o:error", NS)
    if error is not None:
        found.error = str(error.get("code"))
    token = root.find(".//o:resumptionToken", NS)
    if token is not None:
        found.token = token.text or ""
        found.attributes = {str(name): str(value) for name, value in token.attrib.items()}
    return found


def following(app: Flask, token: str, verb: str = "ListRecords") -> Page:
    return page(app, verb=verb, resumptionToken=token)


def whole(app: Flask, verb: str = "ListRecords", prefix: str = "spase", **more: str) -> list[Page]:
    pages = [page(app, verb=verb, metadataPrefix=prefix, **more)]
    while pages[-1].token:
        pages.append(following(app, pages[-1].token, verb))
    return pages


def made(number: int) -> dict[str, bytes]:
    return documents_at(f"{one:04d}" for one in range(number))


def identifiers(*numbers: int) -> list[str]:
    return [f"spase://Made/{number:04d}" for number in numbers]


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
@pytest.mark.parametrize(("number", "size"), [(12, 4), (12, 5), (12, 12), (12, 13), (12, 1)])
def test_pages(tmp_path: Path, verb: str, number: int, size: int) -> None:
    """Every record once; cursor counts what came before; a list that fits has no token."""
    clock = Clock()
    with served(tmp_path, page_size=size, token_hours=2, clock=clock) as (store, app):
        put(store, made(number))
        pages = whole(app, verb)
    assert [name for one in pages for name in one.names] == identifiers(*range(number))
    assert len(pages) == -(-number // size)
    if len(pages) == 1:
        assert pages[0].attributes is None
        return
    for place, one in enumerate(pages):
        expected = {"completeListSize": str(number), "cursor": str(place * size)}
        if one is not pages[-1]:
            expected["expirationDate"] = "2020-09-13T14:26:40Z"
        assert one.attributes == expected
        assert bool(one.token) == (one is not pages[-1])


def test_a_token_can_be_asked_with_again(tmp_path: Path) -> None:
    """Section 3.5, idempotency; and the store may have been closed in between."""
    with served(tmp_path, page_size=2) as (store, app):
        put(store, made(6))
        first = page(app, verb="ListRecords", metadataPrefix="spase")
        once = following(app, first.token)
        again = following(app, first.token)
        assert once.names == again.names == identifiers(2, 3)
    with served(tmp_path, page_size=3) as (_, app):
        assert following(app, first.token).names == identifiers(2, 3, 4)


def test_a_token_carries_the_arguments(tmp_path: Path) -> None:
    clock = Clock()
    with served(tmp_path, page_size=2, clock=clock) as (store, app):
        put(store, {"early": dataset("early"), "p0": dataset("p0", kind="Person")})
        clock.now += 100
        put(store, made(5) | {f"p{n}": dataset(f"p{n}", kind="Person") for n in (1, 2, 3)})
        clock.now += 100
        put(store, {"late": dataset("late"), "p4": dataset("p4", kind="Person")})
        found = whole(
            app,
            set="spase:type.Person",
            from_="2020-09-13T12:27:00Z",
            until="2020-09-13T12:29:00Z",
        )
    assert [one.names for one in found] == [
        ["spase://Made/p1", "spase://Made/p2"],
        ["spase://Made/p3"],
    ]


def test_tokens_expire(tmp_path: Path) -> None:
    clock = Clock()
    with served(tmp_path, page_size=2, token_hours=1, clock=clock) as (store, app):
        put(store, made(6))
        token = page(app, verb="ListRecords", metadataPrefix="spase").token
        clock.now += 3600
        renewed = following(app, token)
        assert renewed.names == identifiers(2, 3)
        assert renewed.attributes is not None
        assert renewed.attributes["expirationDate"] == "2020-09-13T14:26:40Z"
        clock.now += 1
        assert following(app, token).error == "badResumptionToken"
        assert following(app, renewed.token).names == identifiers(4, 5)


def test_tokens_cannot_be_made_or_changed(tmp_path: Path) -> None:
    """Every character of a token counts (the last has bits that mean nothing in base64); a token
    of another list or another store is none."""
    with served(tmp_path / "a", page_size=2) as (store, app):
        put(store, made(6))
        token = page(app, verb="ListRecords", metadataPrefix="spase").token
        assert following(app, token).error == ""
        assert set(token) <= set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
        )
        for place in range(len(token) - 1):
            other = "A" if token[place] != "A" else "B"
            changed = token[:place] + other + token[place + 1 :]
            assert following(app, changed).error == "badResumptionToken", place
        for changed in (token[1:], token[:-2], token + "AA", token * 2, token.swapcase()):
            assert following(app, changed).error == "badResumptionToken"
        assert following(app, token, "ListIdentifiers").error == "badResumptionToken"
    with served(tmp_path / "b", page_size=2) as (store, app):
        put(store, made(6))
        assert following(app, token).error == "badResumptionToken"


def test_what_changes_meanwhile_comes_in_the_next_harvest(tmp_path: Path) -> None:
    """It drops out of the rest of the list, which ends; new records are not in it."""
    clock = Clock()
    with served(tmp_path, page_size=2, clock=clock) as (store, app):
        put(store, made(7))
        clock.now += 60
        first = page(app, verb="ListRecords", metadataPrefix="spase")
        clock.now += 60
        put(
            store,
            {
                "0000": dataset("0000", "Changed after it came"),
                "0003": dataset("0003", "Changed before it came"),
                "new": dataset("new"),
            },
        )
        remove(store, "0005")
        second = following(app, first.token)
        third = following(app, second.token)
        assert [first.names, second.names, third.names] == [
            identifiers(0, 1),
            identifiers(2, 4),
            identifiers(6),
        ]
        assert not third.token
        # Counted when the list began; the last page knows what it really was.
        assert [one.attributes["completeListSize"] for one in (first, second, third)] == [  # type: ignore[index]
            "7",
            "7",
            "5",
        ]
        more = whole(app, from_=first.date)
        later = {(name, deleted) for one in more for name, _, deleted in one.records}
        assert later == {
            ("spase://Made/0000", False),
            ("spase://Made/0003", False),
            ("spase://Made/new", False),
            ("spase://Made/0005", True),
        }


def test_a_page_is_never_empty(tmp_path: Path) -> None:
    """ListRecords holds at least one record by its schema, whatever was written meanwhile."""
    clock = Clock()
    with served(tmp_path, page_size=2, clock=clock) as (store, app):
        put(store, made(5))
        clock.now += 60
        first = page(app, verb="ListRecords", metadataPrefix="spase")
        clock.now += 60
        put(store, {"0000": dataset("0000", "Changed after it came")})
        put(store, {"new": dataset("new")})
        put(store, {f"000{n}": dataset(f"000{n}", "Changed before it came") for n in (2, 3, 4)})
        second = following(app, first.token)
        assert second.error == ""
        assert second.names == identifiers(2, 3)
        assert second.token == ""
        assert whole(app, from_=first.date)[0].names == ["spase://Made/0000", "spase://Made/new"]
        # With `until`, what has changed is outside: nothing is left.
        bounded = page(
            app, verb="ListRecords", metadataPrefix="spase", until="2020-09-13T12:28:40Z"
        )
        clock.now += 60
        put(store, {f"000{n}": dataset(f"000{n}", "Once more") for n in (0, 2, 3, 4)})
        put(store, {"new": dataset("new", "Once more")})
        assert following(app, bounded.token).error == "noRecordsMatch"


def test_tokens_where_all_records_changed_for_the_mapping(tmp_path: Path) -> None:
    with served(tmp_path, page_size=2) as (store, app):
        put(store, made(5))
        first = page(app, verb="ListIdentifiers", metadataPrefix="oai_dc")
        with store.writing() as writer:
            writer.map_anew("one")
            assert writer.map_anew("another")
        second = following(app, first.token, "ListIdentifiers")
        assert second.names == identifiers(2, 3)
        assert not second.token


def test_pages_of_large_records_end_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.oai.lists.PAGE_BYTES", 1000)
    with served(tmp_path, page_size=10) as (store, app):
        put(store, {str(n): dataset(str(n), "x" * 600) for n in range(3)})
        put(store, {"vast": dataset("vast", "x" * 5000)})
        assert [len(one.names) for one in whole(app)] == [1, 1, 1, 1]
        assert [len(one.names) for one in whole(app, "ListIdentifiers")] == [4]


@pytest.mark.parametrize("seed", range(12))
def test_a_harvester_among_writers_misses_nothing(tmp_path: Path, seed: int) -> None:
    """What a client holds after a harvest and the next one from its first responseDate is what
    the registry holds; nothing comes twice in one list, and what did not change comes once."""
    chance = random.Random(seed)
    clock = Clock()
    held: dict[str, bool] = {}
    with served(tmp_path, page_size=chance.choice((1, 3, 10)), clock=clock) as (store, app):
        put(store, made(40))
        since: dict[str, str] = {}
        for _ in range(4):
            clock.now += chance.choice((0, 0.4, 1, 100))
            touched: set[str] = set()
            answer = page(app, verb="ListRecords", metadataPrefix="spase", **since)
            date, seen = answer.date, list(answer.records)
            while answer.token:
                touched |= scribble(store, chance)
                clock.now += chance.choice((0, 0.3, 1))
                answer = following(app, answer.token)
                assert answer.error == ""
                seen += answer.records
            names = [name for name, _, _ in seen]
            assert len(names) == len(set(names))
            held |= {name: deleted for name, _, deleted in seen}
            if not since:
                assert set(identifiers(*range(40))) - touched <= set(names)
            since = {"from_": date}
        last = page(app, verb="ListRecords", metadataPrefix="spase", **since)
        while True:
            held |= {name: deleted for name, _, deleted in last.records}
            if not last.token:
                break
            last = following(app, last.token)
        with store.reading() as reader:
            kept = {
                record.key: record.deleted
                for batch in reader.all_records(deleted=True)
                for record in batch
            }
    assert held == kept


def scribble(store: object, chance: random.Random) -> set[str]:
    """Some changes, deletions and new records; gives the identifiers they are of."""
    numbers = [chance.randrange(60) for _ in range(chance.randrange(6))]
    for number in numbers:
        name = f"{number:04d}"
        if chance.random() < 0.3:
            remove(store, name)  # type: ignore[arg-type]
        else:
            put(store, {name: dataset(name, f"{chance.random()}")})  # type: ignore[arg-type]
    return set(identifiers(*numbers))


def test_an_open_write_holds_the_response_date_back(tmp_path: Path) -> None:
    """docs/decisions.md, section 3: what a snapshot lacks has no earlier datestamp."""
    clock = Clock()
    with served(tmp_path, clock=clock) as (store, app):
        put(store, made(1))
        clock.now += 10
        with store.writing():
            clock.now += 100
            assert page(app, verb="Identify").date == "2020-09-13T12:26:50Z"
        assert page(app, verb="Identify").date == "2020-09-13T12:28:30Z"


PLANS = [
    (Selection(), "record_change"),
    (Selection(format="spase"), "record_format_change"),
    (Selection(format="spase", kind="Person"), "record_kind_change"),
    (Selection(format="spase", authority="Made"), "record_authority_change"),
    (Selection(format="voresource", once_valid=True), "record_format_change"),
]


@pytest.mark.parametrize(("selection", "index"), PLANS)
def test_a_page_costs_what_it_holds(tmp_path: Path, selection: Selection, index: str) -> None:
    """Each page is one range of one index, in its order: SQLite says so itself."""
    with served(tmp_path) as (store, _):
        put(store, made(3))
        with store.reading() as reader:
            asked: list[str] = []
            raw = reader.connection.connection.driver_connection
            assert raw is not None
            raw.set_trace_callback(asked.append)
            listing.page(reader, [selection], 0, 1, 2)
            raw.set_trace_callback(None)
            assert len(asked) == 1
            rows = raw.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    plan = [row[3] for row in rows]
    assert plan[0].startswith(f"SEARCH record USING INDEX {index} (")
    assert "change_number>? AND change_number<?" in plan[0]
    assert not any("SCAN" in step or "TEMP B-TREE" in step for step in plan)


def test_vo_pages_with_a_never_valid_one_between(tmp_path: Path) -> None:
    with served(tmp_path, page_size=2) as (store, app):
        put(
            store,
            {f"{n}": service(f"{n}", extra=SPOILT if n in (1, 4, 5) else "") for n in range(7)},
        )
        found = whole(app, prefix="ivo_vor")
        assert [one.names for one in found] == [
            ["ivo://made.example/0", "ivo://made.example/2"],
            ["ivo://made.example/3", "ivo://made.example/6"],
        ]
        assert found[0].attributes is not None
        assert found[0].attributes["completeListSize"] == "4"
        assert found[1].token == ""


def test_addresses_come_from_the_public_url_only(tmp_path: Path) -> None:
    with served(tmp_path) as (_, app):
        root = etree.fromstring(get(app, verb="Identify"))
        assert root.findtext("o:request", namespaces=NS) == f"{PUBLIC}/oai"
