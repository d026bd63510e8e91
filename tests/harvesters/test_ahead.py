"""One item made ahead, never two; what making one raises comes in its turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from harvesters.ahead import ahead


class Made:
    """Numbers from 1 on, and how many of them were begun; `after` raises."""

    def __init__(self, after: int = 10**9) -> None:
        self.begun = 0
        self.changed = threading.Condition()
        self._after = after

    def items(self) -> Iterator[int]:
        while True:
            with self.changed:
                self.begun += 1
                self.changed.notify_all()
            if self.begun > self._after:
                raise ValueError(f"after {self._after}")
            yield self.begun

    def reaches(self, number: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.begun >= number, timeout=20)


def test_the_next_is_made_while_this_one_is_worked_on() -> None:
    made = Made()
    items = ahead(made.items())
    assert next(items) == 1
    assert made.reaches(2), "nothing was made ahead"
    assert next(items) == 2
    assert made.reaches(3)
    assert made.begun == 3, "two were made ahead"
    items.close()  # type: ignore[attr-defined]
    assert made.begun == 3


def test_order_and_end() -> None:
    assert list(ahead(iter(range(1, 50)))) == list(range(1, 50))
    assert list(ahead(iter([]))) == []


def test_what_making_one_raises_comes_in_its_turn() -> None:
    items = ahead(Made(after=2).items())
    assert [next(items), next(items)] == [1, 2]
    with pytest.raises(ValueError, match="after 2"):
        next(items)
