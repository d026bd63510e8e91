"""A small sample of `make doi-faults`: lives of DOIs, each with one seeded fault."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from registry.doi.trial import Fault, TrialDataCite
from tests.doi.lives import Disturbance, World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with TrialDataCite() as trial:
        yield World(tmp_path_factory.mktemp("lives"), trial)


CHOSEN = [Disturbance.chosen(random.Random(seed)) for seed in range(5)]
SURE = [
    Disturbance(request=2, fault=Fault("drop-after")),
    Disturbance(request=3, fault=Fault("status-after", status=500)),
    Disturbance(request=1, fault=Fault("status-before", status=401)),
    Disturbance(request=4, fault=Fault("status-before", status=429, retry_after="2")),
    Disturbance(request=5, fault=Fault("wrong-state")),
    Disturbance(step=18),
    Disturbance(step=40),
]


@pytest.mark.parametrize("number", range(len(CHOSEN) + len(SURE)))
def test_each_doi_exactly_once_and_both_sides_agree(world: World, number: int) -> None:
    world.live(number, [*CHOSEN, *SURE][number])
    assert len(world.trial.entries) == number + 1
