"""Change over time: what is reckoned back is what stood there on each day."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from registry.engines import Engines
from registry.store import quality
from registry.store.store import Store
from registry.web.application import application
from registry.web.quality_days import HEIGHT, bars, days
from tests.registry.store.taken_documents import at, taken
from tests.web.pages_read import find, page, text

VERDICTS = ("valid", "invalid", "no-schema")
FIRST = 20_000
"""Days since 1970: 2024-10-04."""
DAYS = 14
Standing = dict[int, Counter[str]]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Standing]]:
    """A store with two weeks behind it, and how many records had each verdict on each evening."""
    chosen = random.Random(4)
    now = [0.0]
    store = Store(tmp_path_factory.mktemp("days") / "data", clock=lambda: now[0])
    there: dict[int, str] = {}
    told: Standing = {}
    newest = 0
    copied: set[int] = set()
    for day in range(FIRST, FIRST + DAYS):
        if day % 5 == 3:
            continue  # a quiet day
        now[0] = day * quality.A_DAY + 40_000.0
        with store.writing() as writer:
            fresh = range(newest, newest + chosen.randrange(1, 9))
            newest = fresh.stop
            changing = chosen.sample(sorted(there), min(3, len(there)))
            for number in (*fresh, *changing):
                verdict = chosen.choice(VERDICTS)
                there[number] = verdict
                record = taken(f"spase://A/{number}", f"{number} on {day}", verdict=verdict)
                writer.take(1, [at(f"/{number}", record)])
            for number in chosen.sample(sorted(set(there) - {*changing, *copied}), 1):
                del there[number]
                writer.remove(1, [f"/{number}"])
            # An older copy elsewhere changes nothing.
            copy = chosen.choice(sorted(there))
            copied.add(copy)
            older = taken(f"spase://A/{copy}", f"copy of {copy}, {day}", verdict="invalid",
                          released="1999-01-01T00:00:00Z")  # fmt: skip
            writer.take(1, [at(f"/zz{day}", older)])
        told[day] = Counter(there.values())
    yield store, told
    store.close()


def test_the_evenings_are_as_they_were(course: tuple[Store, Standing]) -> None:
    store, told = course
    with store.reading() as reader:
        now: Counter[str] = Counter()
        for one in quality.standings(reader):
            now[one.verdict] += one.records
        found = days(now, quality.moves(reader), quality.changes(reader, 30),
                     dict(quality.received(reader, 30)))  # fmt: skip
    assert {one.day: +Counter(one.verdicts) for one in found} == told
    assert [one.day for one in found] == sorted(told, reverse=True)


def test_the_chart_has_a_bar_a_day(course: tuple[Store, Standing]) -> None:
    store, told = course
    with store.reading() as reader:
        found = days(told[max(told)], quality.moves(reader), quality.changes(reader, 30), {})
    chart = bars(found)
    assert [one.day for one in chart] == sorted(told)
    assert [one.numbers for one in chart] == [
        (told[day]["invalid"], told[day]["no-schema"]) for day in sorted(told)
    ]
    assert max(one.invalid + one.no_schema for one in chart) == pytest.approx(HEIGHT, abs=0.2)
    assert bars([]) == []


def test_the_page_shows_the_days(course: tuple[Store, Standing], engines: Engines) -> None:
    store, told = course
    client = application(replace(engines, store=store)).test_client()
    root = page(client.get("/quality"))
    rows = find(root, "//h:section[h:h2/@id='changes']//h:tbody/h:tr")
    assert len(rows) == len(told)
    first = [text(cell) for cell in rows[-1]]
    assert first[0] == "2024-10-04"
    assert first[4:] == [str(told[FIRST][verdict]) for verdict in VERDICTS]
    assert len(find(root, "//h:figure//*[local-name()='g']")) == len(told)
    # The day leads to the records that changed on it.
    listed = page(client.get(find(rows[0], "h:th/h:a/@href")[0]))
    assert int(text(listed, "//h:main/h:h2[last()]").split()[0]) >= 1
