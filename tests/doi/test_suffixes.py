"""Suffixes: of the form that DataCite itself suggests, and checkable."""

from __future__ import annotations

import re

import pytest

from registry.doi.suffixes import is_sound, random_suffix

# DOIs of NASA's heliophysics archive, whose suffixes DataCite made.
BY_DATACITE = ["x2jh-0q34", "e0dc-0h53", "tsfn-6v47", "45bb-8792", "mxbx-r466", "041p-cv36"]


@pytest.mark.parametrize("suffix", BY_DATACITE)
def test_suffixes_that_datacite_made_are_sound(suffix: str) -> None:
    assert is_sound(suffix)
    assert is_sound(suffix.upper())


@pytest.mark.parametrize("suffix", BY_DATACITE)
def test_one_wrong_symbol_or_two_exchanged_are_found(suffix: str) -> None:
    for place, symbol in enumerate(suffix):
        if symbol == "-":
            continue
        for other in "0123456789abcdefghjkmnpqrstvwxyz":
            if other != symbol:
                assert not is_sound(suffix[:place] + other + suffix[place + 1 :])
    for place in range(3):
        if suffix[place] != suffix[place + 1]:
            swapped = suffix[:place] + suffix[place + 1] + suffix[place] + suffix[place + 2 :]
            assert not is_sound(swapped)


@pytest.mark.parametrize("text", ["", "abc", "x2jh-0q3", "x2jh-0q3a", "ilou-0000", "x2jh-0q341"])
def test_other_texts_are_not_sound(text: str) -> None:
    assert not is_sound(text)


@pytest.mark.parametrize("number", [0, 1, 31, 32, 32**6 - 1])
def test_every_number_gives_a_sound_suffix(number: int) -> None:
    suffix = random_suffix(lambda below: number)
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{4}-[0-9a-hjkmnp-tv-z]{2}\d\d", suffix)
    assert is_sound(suffix)


def test_suffixes_differ() -> None:
    assert len({random_suffix() for _ in range(1000)}) == 1000
