"""The page that docs/rules has on each rule, for `/quality/rules/…`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_INSTALLED = Path(__file__).with_name("rules")
_CHECKED_OUT = Path(__file__).parents[2] / "docs" / "rules"
_NAME = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+")
_BLOCK = re.compile(
    r"^```\w*\n(?P<code>.*?)^```$"
    r"|^#+ (?P<head>[^\n]*)$"
    r"|(?P<text>(?:^(?!```|#)[^\n]+\n?)+)",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(slots=True, frozen=True)
class Block:
    """A piece of a page: `head`, `text` or `code`."""

    kind: str
    text: str


@cache
def rule_page(rule: str) -> tuple[Block, ...]:
    """The page of a rule, without its title; () where there is none."""
    if not _NAME.fullmatch(rule):
        return ()
    folder = _INSTALLED if _INSTALLED.is_dir() else _CHECKED_OUT
    try:
        written = (folder / f"{rule}.md").read_text("utf-8")
    except OSError:
        return ()
    return tuple(_blocks(written))[1:]


def _blocks(written: str) -> list[Block]:
    found = []
    for one in _BLOCK.finditer(written):
        kind = one.lastgroup or "text"
        text = one[kind].rstrip("\n")
        if kind != "code":
            text = _LINK.sub(r"\1", " ".join(text.split()))
        if text.strip():
            found.append(Block(kind, text))
    return found
