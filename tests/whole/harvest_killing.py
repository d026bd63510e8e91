"""Killing a harvest from a faulty peer at moments chosen by chance, and what must be left of it."""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.store import sources as kept_sources
from registry.store.store import Store
from schemas.cutting import characters
from schemas.parsing import parse
from tests.harvesters import faulty_peer as faults
from tests.harvesters.faulty_peer import Fault, FaultyPeer, Item
from tests.harvesters.peers import Asked, Reply
from tests.whole.corpus import Files
from tests.whole.killing import last_change
from tests.whole.one_harvest import FAILED
from tests.whole.running import ROOT
from tests.whole.states import held_in_store

_DECLARATION = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>)?\s*")

PASSING: list[Fault] = [
    faults.status(503, Retry_After="5"),
    faults.status(503),
    faults.status(429, Retry_After="1"),
    faults.status(500),
    faults.cut_off,
    faults.truncated,
    faults.page_of_html,
    faults.packed_wrongly,
    faults.packed,
    faults.of_type("text/plain"),
    lambda peer, asked, reply, number: Reply(b""),
]
"""What the next request gets over."""


@dataclass
class Chance:
    """Faults by chance: one request in seven, and now and then a token that is forgotten."""

    chance: random.Random
    lost: int = 0
    faulty: int = 0
    _seen: set[str] = field(default_factory=set)

    def __call__(self, peer: FaultyPeer, asked: Asked, reply: Reply, number: int) -> Reply:
        listing = asked.params.get("verb") == "ListRecords"
        token = asked.params.get("resumptionToken", "")
        if token and token not in self._seen and self.chance.random() < 0.001:
            self._seen.add(token)
            self.lost += 1
            return peer.reply(faults.error("badResumptionToken"))
        if listing and self.chance.random() < 0.15:
            fault = self.chance.choice(PASSING)
            if fault is faults.truncated and b"<record>" not in reply.body:
                return reply
            self.faulty += 1
            return fault(peer, asked, reply, number)
        return reply


def items(files: Files) -> tuple[list[Item], set[str]]:
    """The records as a peer's, every three-hundredth damaged; the identifiers of the good ones."""
    found, good = [], set()
    for number, content in enumerate(files.values()):
        tree = parse(content)
        body = _DECLARATION.sub(b"", characters(content, tree), count=1)
        named = tree.getroot().findtext("*/{*}ResourceID")
        assert named is not None, body[:500]
        if number % 300 == 299:
            body = body.replace(b"</", b"\x0c</", 1)
        else:
            good.add(named.strip())
        found.append(Item(str(number), body.decode()))
    return found, good


def started(data: Path, url: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.whole.one_harvest", str(data), url],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("PARHELION_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed(data: Path, url: str, changes: int, seconds: float) -> bool:
    """Harvests, and is killed so long after the store has so many changes; False if it ended."""
    process = started(data, url)
    try:
        while last_change(data) < changes:
            if _ended(process, 0.01):
                return False
        return not _ended(process, seconds)
    finally:
        process.kill()
        process.communicate()


def _ended(process: subprocess.Popen[str], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def ended(data: Path, url: str) -> str:
    """Harvests to the end, again where the peer's faults ended one; gives what it printed."""
    for _ in range(20):
        process = started(data, url)
        out, err = process.communicate(timeout=3600)
        assert err == "", err
        if process.returncode == 0:
            return out
        assert process.returncode == FAILED
    raise AssertionError(f"no harvest came to its end: {out}")


def held(data: Path) -> dict[str, Any]:
    """All that the store holds, how many revisions, and the state of the source."""
    store = Store(data)
    try:
        with store.reading() as reader:
            found = held_in_store(reader)
            found["revisions"] = reader.count_revisions()
            state = kept_sources.source(reader.connection, "peer").state
            found["state"] = {name: state.get(name) for name in ("point", "token", "full")}
    finally:
        store.close()
    return found


def disturbed(
    data: Path, url: str, chance: random.Random, kills: int, changes: int
) -> tuple[dict[str, Any], int]:
    """What the store holds after so many kills all over the harvest and one run to the end, and
    how many of them hit."""
    hits = 0
    moments: Sequence[int] = sorted(chance.randint(0, changes) for _ in range(kills))
    for moment in moments:
        hits += killed(data, url, moment, chance.uniform(0, 0.3))
    ended(data, url)
    return held(data), hits
