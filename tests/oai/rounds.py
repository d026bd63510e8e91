"""Writers at work while harvesters page through: made at random, the same for the same seed.

The rule (docs/decisions.md, section 3): a record that stays as it is during a harvest comes in it
exactly once; one that changes comes in it or in the next one, from the first responseDate on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

from registry import identifiers
from registry.store.store import Store
from schemas.canonical import canonical_digest
from schemas.documents import element
from tests.oai.clients import Harvest, State
from tests.oai.registries import Clock, dataset, listening, put, remove, served

NAMES = 60


@dataclass
class Writer:
    """Adds, changes, deletes and brings back records, a few in one write."""

    store: Store
    chance: random.Random
    clock: Clock | None = None
    prefix: str = "m"
    writes: int = 0

    def write(self) -> None:
        """One write; the clock goes on by less than a second on average, or by many."""
        self.writes += 1
        chance = self.chance
        names = chance.sample([f"{self.prefix}{n}" for n in range(NAMES)], chance.randint(1, 8))
        gone = [name for name in names if chance.random() < 0.3]
        made = {
            name: dataset(f"{self.prefix}/{name}", f"Title {chance.randint(0, 9)}")
            for name in names
            if name not in gone
        }
        if made:
            put(self.store, made)
        if gone:
            remove(self.store, *gone)
        if self.clock is not None:
            self.clock.now += chance.choice((0, 0, 0, 0.2, 0.4, 1, 1.7, 3, 100))


@dataclass
class Disturbed:
    """The application, with something done before it answers."""

    app: Any
    before: Callable[[], None] | None = None

    def __call__(self, environ: Any, start: Any) -> Any:
        if self.before is not None:
            self.before()
        return self.app(environ, start)


@contextmanager
def disturbed(
    folder: Path, page_size: int, clock: Any = None
) -> Iterator[tuple[Store, str, Disturbed]]:
    with served(folder, page_size=page_size, clock=clock) as (store, app):
        between = Disturbed(app.wsgi_app)
        assert isinstance(app, Flask)
        app.wsgi_app = between  # type: ignore[method-assign]
        with listening(app) as url:
            yield store, url, between


def truth(store: Store) -> tuple[State, dict[str, int]]:
    """What the store holds, as a harvester of `spase` has to have it; and the change numbers."""
    state: State = {}
    numbers: dict[str, int] = {}
    with store.reading() as reader:
        for batch in reader.all_records(deleted=True):
            bodies = reader.bodies([one.revision_id for one in batch if not one.deleted])
            for one in batch:
                name = identifiers.iri(one.key)
                numbers[name] = one.change_number
                content = None if one.deleted else bodies[one.revision_id]
                state[name] = canonical_digest(element(content)) if content else None
    return state, numbers


@dataclass
class Follower:
    """A harvester's copy: it asks from its last first responseDate on."""

    harvest: Harvest
    url: str
    copy: State = field(default_factory=dict)
    point: str = ""

    def follow(self, store: Store) -> None:
        _, numbers = truth(store)
        full = not self.point
        came, date = self.harvest(self.url, "spase", self.point, "")
        after, numbers_after = truth(store)
        for name, digest in came.items():
            # Whatever came is something that the record was, before, after or between.
            assert name in after
            if numbers.get(name) == numbers_after[name]:
                assert digest == after[name], name
        if full:
            same = {name for name, number in numbers.items() if numbers_after[name] == number}
            assert same <= came.keys(), sorted(same - came.keys())
            self.copy = {}
        self.copy |= came
        self.point = date or self.point


def rounds(folder: Path, harvest: Harvest, seed: int, number: int, *, page_size: int = 7) -> Writer:
    """So many harvests with writes before each page; every tenth has to end at the truth.

    Raises AssertionError with the seed and the round.
    """
    chance, clock = random.Random(seed), Clock()
    with disturbed(folder, page_size, clock) as (store, url, between):
        writer = Writer(store, chance, clock)
        for _ in range(12):
            writer.write()
        follower = Follower(harvest, url)

        def disturb() -> None:
            for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 5))):
                writer.write()

        for one in range(number):
            if one % 25 == 0:
                follower.point = ""
            between.before = disturb
            follower.follow(store)
            if one % 5 == 4:
                between.before = None
                follower.follow(store)
                wanted, _ = truth(store)
                wrong = {n for n in wanted if follower.copy.get(n, b"") != wanted[n]}
                assert not wrong, f"seed {seed}, round {one}: {sorted(wrong)}"
                assert follower.copy.keys() == wanted.keys()
    return writer
