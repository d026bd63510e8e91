"""Answers that are given again to the same query, for as long as the graph does not change."""

from __future__ import annotations

import io
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from registry.graph.sparql import Answer

Key = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""The query, the media type, the default graphs and the named ones."""

_OF_ALL = 8
"""One answer may take this part of the memory at most."""
_BESIDE = 500
"""What an entry takes beside its texts, in bytes."""
# Functions whose value is another one each time (SPARQL 1.1 Query, section 17.4). What may be
# none of them in the end, in a string for instance, is asked anew all the same; so is a text with
# codepoint escapes, which could hide one.
_CHANGING = re.compile(r"(?:RAND|NOW|UUID|BNODE)\s*[(#]|\\u", re.IGNORECASE)


def key(
    text: str, media_type: str, default_graphs: Sequence[str], named_graphs: Sequence[str]
) -> Key | None:
    """What an answer is kept under; None for a query that has another answer each time."""
    if _CHANGING.search(text):
        return None
    return text, media_type, tuple(default_graphs), tuple(named_graphs)


class KeptAnswers:
    """Answers in memory, those that were given last; thread-safe.

    `size` in bytes bounds them, the texts of the queries included; 0 keeps none.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._taken = 0
        self._version = 0
        self._changes = 0

    def get(self, key: Key) -> Answer | None:
        """The answer to a query that was asked before, if the graph is still the same."""
        with self._lock:
            body = self._kept.get(key)
            if body is None:
                return None
            self._kept.move_to_end(key)
        return Answer(key[1], io.BytesIO(body), len(body))

    def version(self) -> int:
        """A number for the graph as it is now, to be noted before a query is asked."""
        return self._version

    def keep(self, key: Key, answer: Answer, version: int) -> Answer:
        """Keep the answer to a query that was asked at `version`; gives it back, still whole.

        Nothing is kept of what was asked before a change or during one.
        """
        room = _room(key, answer.size)
        if room * _OF_ALL > self._size:
            return answer
        with answer.file:
            body = answer.file.read()
        with self._lock:
            if version == self._version and not self._changes and key not in self._kept:
                self._kept[key] = body
                self._taken += room
                while self._taken > self._size:
                    old, gone = self._kept.popitem(last=False)
                    self._taken -= _room(old, len(gone))
        return Answer(answer.media_type, io.BytesIO(body), len(body))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """While the graph is written: everything is dropped before and after, whatever comes."""
        self._drop(1)
        try:
            yield
        finally:
            self._drop(-1)

    def _drop(self, step: int) -> None:
        with self._lock:
            self._changes += step
            self._version += 1
            self._kept.clear()
            self._taken = 0


def _room(key: Key, size: int) -> int:
    text, _, default, named = key
    return size + len(text) + sum(map(len, default + named)) + _BESIDE
