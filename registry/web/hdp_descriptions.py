"""The `Description` of HDP's web services, written as Lucene's classic query parser takes it.

AND, OR, NOT (&&, ||, !), + and -, parentheses, "phrases", begin*, misspelt~; what stands side by
side without an operator is joined by OR. As in Lucene, AND and + make a clause one that must be
met, and where there are such clauses the others need not be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from registry.search import words
from registry.search.query import And, BadQuery, Fuzzy, Node, Not, Or, Phrase, Prefix, Text

_FIELD = "description"
_DEEPEST, _MOST = 20, 100
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<phrase>"(?:[^"\\]|\\.)*")(?P<slop>~\d*)?
      | (?P<open>\() | (?P<close>\))
      | (?P<and>AND(?=[\s()]|$)|&&) | (?P<or>OR(?=[\s()]|$)|\|\|) | (?P<not>NOT(?=[\s()]|$)|!)
      | (?P<sign>[+-])
      | (?P<word>(?:[^\s"()+!~^:*?\[\]{}/\\&|-]|\\.|[&|](?![&|]))
                (?:[^\s"()~^:\[\]{}/\\&|]|\\.|[&|](?![&|]))*)(?P<fuzzy>~[\d.]*)?
    )(?:\^\d+(?:\.\d+)?)?""",
    re.VERBOSE,
)
_ESCAPED = re.compile(r"\\(.)")


@dataclass(slots=True)
class _Clauses:
    """One level of a query: clauses that must, may and must not be met."""

    must: list[Node] = field(default_factory=list)
    may: list[Node] = field(default_factory=list)
    never: list[Node] = field(default_factory=list)
    last: tuple[list[Node], Node] | None = None
    conjunction: str = ""
    sign: str = ""
    begun: bool = False

    def add(self, node: Node | None) -> None:
        """Takes a clause in; None for words that say nothing (`the`)."""
        if node is not None:
            if self.conjunction == "and" and self.last is not None and self.last[0] is self.may:
                self.may.remove(self.last[1])
                self.must.append(self.last[1])
            kept = self.may
            if self.sign == "-":
                kept = self.never
            elif self.sign == "+" or self.conjunction == "and":
                kept = self.must
            kept.append(node)
            self.last = (kept, node)
        self.begun = True
        self.conjunction = self.sign = ""

    def join(self, found: re.Match[str]) -> None:
        """Takes in an operator or a sign, for the clause that follows."""
        if self.sign or ((found["and"] or found["or"]) and (self.waiting or not self.begun)):
            raise _bad(f"{found.group().strip()} where none can stand")
        if found["and"] or found["or"]:
            self.conjunction = "and" if found["and"] else "or"
        else:
            self.sign = found["sign"] or "-"

    @property
    def waiting(self) -> bool:
        """Whether a clause must follow."""
        return bool(self.conjunction or self.sign)

    def node(self) -> Node | None:
        """The level as one node; None where it says nothing."""
        met = self.must or ([_one_or(Or, self.may)] if self.may else [])
        if not met:
            # As in Lucene: what only says what is not wanted finds nothing.
            return Or(()) if self.never else None
        return _one_or(And, [*met, *(Not(one) for one in self.never)])


def described(text: str) -> Node:
    """What a Description asks for. Raises BadQuery, which says where it cannot be read."""
    levels, place, taken = [_Clauses()], 0, 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            raise _bad(f"at {text[place:].strip()[:20]!r}")
        place = found.end()
        if found["open"]:
            levels.append(_Clauses())
        elif found["close"]:
            if len(levels) == 1 or levels[-1].waiting:
                raise _bad("a closing parenthesis where none can stand")
            node = levels.pop().node()
            levels[-1].add(node)
        elif found["phrase"] or found["word"]:
            levels[-1].add(_clause(found))
            taken += 1
        else:
            levels[-1].join(found)
        if taken > _MOST or len(levels) > _DEEPEST:
            raise _bad(f"more than {_MOST} words, or {_DEEPEST} parentheses inside each other")
    if len(levels) > 1 or levels[0].waiting:
        raise _bad("it ends where something must follow")
    return levels[0].node() or Or(())


def _clause(found: re.Match[str]) -> Node | None:
    if found["phrase"]:
        if found["slop"]:
            raise _bad("words near each other (~ after a phrase) are not searched for here")
        said = words.tokens(_plain(found["phrase"][1:-1]))
        return Phrase(" ".join(said), _FIELD) if said else None
    written = found["word"]
    begun = written.endswith("*") and not written.endswith("\\*")
    if re.search(r"(?<!\\)[*?]", written.removesuffix("*") if begun else written):
        raise _bad("* can stand at the end of a word only, and ? nowhere")
    said = words.tokens(_plain(written.removesuffix("*") if begun else written))
    if not said:
        return None
    if found["fuzzy"]:
        return _one_or(And, [Fuzzy(one, _distance(found["fuzzy"]), _FIELD) for one in said])
    if begun:
        return _one_or(And, [*(Text(one, _FIELD) for one in said[:-1]), Prefix(said[-1], _FIELD)])
    if len(said) > 1:
        return Phrase(" ".join(said), _FIELD)
    return None if said[0] in words.STOP else Text(said[0], _FIELD)


def _one_or(joined: type[And | Or], nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else joined(tuple(nodes))


def _distance(mark: str) -> int:
    """`~` and `~2` are two letters, `~1` is one; a share, as old versions had it, is two."""
    return 1 if mark[1:] in ("1", "1.0") else 2


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _bad(why: str) -> BadQuery:
    return BadQuery(f"Invalid Description syntax: {why}")
