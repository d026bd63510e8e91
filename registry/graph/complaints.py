"""What is wrong with a query, in words and with its place, from what oxigraph says of it.

Oxigraph names the farthest position that its parser looked at, and what it looked for there. A
keyword is compared with as many characters as it has, so that position lies behind the fault by
the keyword's length, on a later line even: `expected OPTIONAL` means that something else than a
pattern begins eight characters before. What a look at the terminals can tell is told first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.graph import lexer
from registry.graph.errors import BadSPARQL
from registry.graph.lexer import Token

_PLACE = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_CLASSES = re.compile(r"\[[^\[\]]*\]")
_KEYWORD = re.compile(r"(?:is)?[A-Z][A-Z0-9_]+")
# What the engine says of a query whose grammar is right: a sentence among the names of terminals.
_SENTENCE = re.compile(r"[A-Z][A-Za-z]*(?: [A-Za-z]+)+")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_SHOWN = 40


def complaint(words: str, query: str) -> BadSPARQL | None:
    """The error to raise for these words about this query; None when they are not oxigraph's."""
    found = _PLACE.match(words)
    position = _position(query, int(found[1]), int(found[2])) if found else -1
    if found is None or position < 0:
        return None
    own = _bracket_fault(query) or _prefix_fault(query)
    if own:
        start, said = own
        return _error(query, start, said)
    sentence = _SENTENCE.search(_CLASSES.sub("", _QUOTED.sub("", found[3])))
    if sentence:
        line, column = lexer.place(query, min(position, len(query.rstrip())))
        return BadSPARQL(
            f"{sentence[0]} (in what ends at line {line}, column {column}).", line, column
        )
    return _unreadable(query, _begun(position, found[3]))


def _position(query: str, line: int, column: int) -> int:
    """The offset of a line and column, from 1; -1 when the query has no such place."""
    lines = query.split("\n")
    if not 0 < line <= len(lines) or not 0 < column <= len(lines[line - 1]) + 1:
        return -1
    return sum(len(one) + 1 for one in lines[: line - 1]) + column - 1


def _begun(position: int, expected: str) -> int:
    """Where the attempt that came farthest began.

    Signs are compared where they stand, keywords are read first; `[_]` (any character) only
    says that the text ended while a keyword was being read.
    """
    without = _QUOTED.sub("", expected)
    exact = without != expected or any(one != "[_]" for one in _CLASSES.findall(without))
    keywords = [
        len(word)
        for word in re.split(r",\s*", _CLASSES.sub("", without))
        if _KEYWORD.fullmatch(word)
    ]
    return position if exact or not keywords else max(0, position - min(keywords))


def _unreadable(query: str, begun: int) -> BadSPARQL:
    """The complaint about the terminal at which reading stopped."""
    for token in lexer.tokens(query):
        end = token.start + len(token.text)
        if end > begun or (end == begun and token.kind in ("word", "name")):
            told = " ".join(query[token.start : token.start + _SHOWN].split())
            return _error(
                query, token.start, f"From here on, or soon after, this is no SPARQL 1.1: {told!r}"
            )
    return _error(query, len(query.rstrip()), "This is no SPARQL 1.1; the fault is near the end")


def _error(query: str, start: int, said: str) -> BadSPARQL:
    line, column = lexer.place(query, start)
    return BadSPARQL(f"{said} (line {line}, column {column}).", line, column)


def _bracket_fault(query: str) -> tuple[int, str] | None:
    """The first quotation mark or bracket that nothing closes, or that closes nothing."""
    still_open: list[Token] = []
    for token in lexer.tokens(query):
        if token.kind != "mark":
            continue
        if token.text in "'\"":
            return token.start, f"The string that begins with {token.text} is not closed"
        if token.text in "([{":
            still_open.append(token)
        elif token.text in _PAIRS:
            if not still_open:
                return token.start, f"{token.text!r} closes nothing"
            if still_open.pop().text != _PAIRS[token.text]:
                return token.start, f"{token.text!r} stands where another bracket is to be closed"
    if still_open:
        return still_open[-1].start, f"{still_open[-1].text!r} is not closed"
    return None


def _prefix_fault(query: str) -> tuple[int, str] | None:
    """The first prefix that is used and not declared."""
    declared: set[str] = set()
    for token, declares in _names(query):
        prefix = token.text.partition(":")[0]
        if declares:
            declared.add(prefix)
        elif prefix not in declared:
            return token.start, (
                f"The prefix '{prefix}:' is not declared: begin with 'PREFIX {prefix}: <…>'"
            )
    return None


def _names(query: str) -> Iterator[tuple[Token, bool]]:
    """The prefixed names, and whether they stand behind PREFIX."""
    before = ""
    for token in lexer.tokens(query):
        if token.kind == "name":
            yield token, before == "PREFIX"
        before = token.text.upper() if token.kind == "word" else ""
