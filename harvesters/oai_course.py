"""How a list of an OAI-PMH peer goes on: whether it leads anywhere, and whether it kept its word.

The digests that are kept take some hundred bytes a page.
"""

from __future__ import annotations

import hashlib
from enum import Enum

_EMPTY_PAGES = 1000
_AGAIN = 3


class Way(Enum):
    """Where a page leads: on, to the end, or round in a circle."""

    ON = "on"
    ENDED = "ended"
    CIRCLE = "circle"


class Course:
    """Looks at each page of a list in turn.

    `token` is where it begins ('' at the beginning), `listed` how many records came before that
    (None: not known).
    """

    def __init__(self, token: str, listed: int | None) -> None:
        self._pages: dict[bytes, str] = {}
        self._tokens = {_digest(token)} if token else set()
        self._listed = listed if token else 0
        self._announced: int | None = None
        self._empty = 0
        self._again = 0

    @property
    def listed(self) -> int | None:
        """How many records the list has brought so far, from its beginning."""
        return self._listed

    def page(
        self, asked_with: str, token: str, mark: bytes, records: int, announced: int | None
    ) -> tuple[Way, list[tuple[str, str]]]:
        """Where the page leads, and (rule, words) of what is wrong with its course."""
        said: list[tuple[str, str]] = []
        self._empty = 0 if records else self._empty + 1
        if announced is not None:
            self._announced = announced
        if self._empty > _EMPTY_PAGES:
            said.append(("oai.circle", f"{self._empty} empty pages came one after the other"))
            return Way.CIRCLE, said
        if records and mark in self._pages:
            first = self._pages[mark]
            before = f"with the token {_shown(first)}" if first else "at the beginning"
            message = (
                f"the list goes in a circle: the token {_shown(asked_with)} brought the page "
                f"that came {before}"
            )
            said.append(("oai.circle", message))
            if token and _digest(token) not in self._tokens and self._again < _AGAIN:
                # The same page by mistake: its new token may lead on.
                self._again += 1
                self._tokens.add(_digest(token))
                return Way.ON, said
            # What was announced is there: the peer only does not know how to end.
            return Way.ENDED if self._complete() else Way.CIRCLE, said
        self._again = 0
        if records:
            self._pages[mark] = asked_with[:200]
        if self._listed is not None:
            self._listed += records
        if token and _digest(token) in self._tokens:
            if not records:
                said.append(("oai.circle", f"the token {_shown(token)} leads back to itself"))
                return Way.ENDED if self._complete() else Way.CIRCLE, said
            # A peer may keep the place itself and give one token for all pages: then the pages
            # differ, and the check of pages above ends the list if they do not.
            said.append(("oai.token-again", f"the token {_shown(token)} came before"))
        self._tokens.add(_digest(token))
        if token:
            return Way.ON, said
        said += self._at_its_end(asked_with, records)
        return Way.ENDED, said

    def ends_short(self, token: str, records: int, announced: int | None) -> bool:
        """Whether a page with so many records would end the list before its announced end."""
        whole = self._announced if announced is None else announced
        return (
            not token
            and None not in (whole, self._listed)
            and ((whole or 0) > (self._listed or 0) + records)
        )

    @property
    def short(self) -> bool:
        """Whether fewer records came than were announced."""
        return None not in (self._announced, self._listed) and (
            (self._announced or 0) > (self._listed or 0)
        )

    def _complete(self) -> bool:
        return self._announced is not None and self._announced == self._listed

    def _at_its_end(self, asked_with: str, records: int) -> list[tuple[str, str]]:
        said = []
        if not records and asked_with:
            message = f"the last page, of the token {_shown(asked_with)}, is empty"
            said.append(("oai.empty-page", message))
        if None not in (self._announced, self._listed) and self._announced != self._listed:
            message = f"the peer announced {self._announced:,} records and sent {self._listed:,}"
            said.append(("oai.complete-list-size", message))
        return said


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _shown(token: str) -> str:
    return repr(token[:200])
