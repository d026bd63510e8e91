"""SPARQL 1.1 as a row of terminals: enough to say what a query wants, and what it may not have.

The engine itself can refuse neither SERVICE nor updates, so this module decides what is
forwarded. It does not trust the engine to cut a text into the terminals of the grammar
(SPARQL 1.1 Query, section 19.8), because a parser without a lexer of its own may see keywords
where the grammar's longest match sees a name: `SERVICE:x {` and `trueSERVICE <x> {` both call
a service there, and `?a<?b)SERVICE#>` is an IRI to the grammar and a comparison, a keyword and a
comment to such a parser. Where two readings are possible and one of them has SERVICE, the query
is refused, and the message says how to write it unambiguously.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_DEPTH = 100
"""Brackets within brackets. Recursive parsers die of deep nesting, and take others with them."""

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
UPDATES = frozenset(
    ["INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH"]
)  # SPARQL 1.1 Query, rules [29] to [41]
_PROLOGUE = frozenset(("BASE", "PREFIX", "VERSION"))

# Characters above ASCII count as letters: too wide for names, and nothing can hide in them.
# Atomic groups and possessive repeats keep the time linear whatever the text is.
_NAME = r"[A-Za-z\x80-\U0010FFFF]"
_TERMINALS = re.compile(
    rf"""
      (?P<space>[\x20\t\r\n]++)
    | (?P<comment>\#[^\r\n]*+)
    | (?P<string>'''(?>(?:'{{1,2}}(?!'))?(?:[^'\\]|\\.))*+'''
               |\"\"\"(?>(?:"{{1,2}}(?!"))?(?:[^"\\]|\\.))*+\"\"\"
               |'(?!'')(?>[^'\\\r\n]|\\.)*+'
               |"(?!"")(?>[^"\\\r\n]|\\.)*+")
    | (?P<iri><(?>[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
    | (?P<blank>_:[\w\x80-\U0010FFFF.\-]*+)
    | (?P<variable>[?$][\w\x80-\U0010FFFF]++)
    | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)
    | (?P<name>(?:{_NAME}[\w.\-\x80-\U0010FFFF]*+)?:
               (?>[\w:.\-\x80-\U0010FFFF]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?\#@%])*+)
    | (?P<word>[A-Za-z_\x80-\U0010FFFF][\w\x80-\U0010FFFF]*+)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ABSOLUTE = re.compile(r"<[A-Za-z][A-Za-z0-9+.\-]*://")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_ESCAPE_OR_PAIR = re.compile(r"\\\\|" + _ESCAPE.pattern)


@dataclass(slots=True, frozen=True)
class Token:
    """One terminal: its kind (a group's name in the pattern above), its text, where it begins."""

    kind: str
    text: str
    start: int


def tokens(query: str) -> Iterator[Token]:
    """The terminals of `query` by longest match, without white space and comments.

    Ends at a quotation mark that nothing closes: such a text is no query to any parser.
    """
    for found in _TERMINALS.finditer(query):
        kind = found.lastgroup or "mark"
        if kind in ("space", "comment"):
            continue
        text = found.group()
        yield Token(kind, text, found.start())
        if kind == "mark" and text in "'\"":
            return


def form(query: str) -> str:
    """SELECT, ASK, CONSTRUCT or DESCRIBE; UPDATE; '' when the text is none of these."""
    past_base = False
    for token in tokens(_decoded(query)):
        if token.kind == "word":
            word = token.text.upper()
            if word in FORMS:
                return word
            if word in UPDATES:
                return "UPDATE"
            if word not in _PROLOGUE:
                return ""
            past_base = True
        elif not past_base or token.kind not in ("iri", "name", "string"):
            return ""
    return ""


def refusal(query: str) -> str:
    """Why `query` is not carried out here, in words for the user; '' when it may be."""
    if form(query) == "UPDATE":
        return (
            "This is a SPARQL update. The graph is made from the registry's records and is open "
            "for reading only: ask with SELECT, ASK, CONSTRUCT or DESCRIBE."
        )
    # A codepoint escape stands for its character before anything is parsed (section 19.2), but
    # implementations differ inside strings: each way of reading the text has to be harmless.
    for text in dict.fromkeys((query, _decoded(query), _decoded(query, pairs=True))):
        if "service" in text.lower():
            reason = _service(text)
            if reason:
                return reason
    return ""


def too_deep(query: str) -> int:
    """The position of the bracket that is one too many (`MAX_DEPTH`); -1 when there is none."""
    depth = 0
    for token in tokens(query):
        if token.kind == "mark":
            if token.text in "([{":
                depth += 1
                if depth > MAX_DEPTH:
                    return token.start
            elif token.text in ")]}":
                depth -= 1
    return -1


def place(query: str, position: int) -> tuple[int, int]:
    """Line and column, from 1, of a position in `query`."""
    before = query[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


def _decoded(query: str, *, pairs: bool = False) -> str:
    """`query` with its codepoint escapes replaced; with `pairs`, two backslashes protect."""

    def character(found: re.Match[str]) -> str:
        digits = found[1] or found[2]
        if not digits:
            return found.group()
        number = int(digits, 16)
        return chr(number) if number < 0x110000 else found.group()

    if "\\" not in query:
        return query
    return (_ESCAPE_OR_PAIR if pairs else _ESCAPE).sub(character, query)


_REFUSED = (
    "SERVICE is not carried out here: this endpoint asks no other address. Ask the other "
    "service yourself, and join the answers."
)


def _service(text: str) -> str:
    """Why a text in which the letters of SERVICE occur is refused; ''."""
    before = Token("mark", "", 0)
    row = list(tokens(text))
    for index, token in enumerate(row):
        after = row[index + 1] if index + 1 < len(row) else Token("mark", "", len(text))
        if token.kind == "word" and "service" in token.text.lower():
            return _REFUSED
        if token.kind == "name" and _calls(token, before, after):
            return (
                f"{token.text!r} before a brace can be read as a call of SERVICE, which is not "
                "carried out here. Give the prefix another name, or end the triple with a full "
                "stop."
            )
        if _ambiguous(token, after):
            line, column = place(text, token.start)
            return (
                f"{token.text[:60]!r} at line {line}, column {column} can be read in two ways, "
                "in one of which SERVICE follows, which is not carried out here. Put a space "
                "after '<' if it compares, write the IRI in full if it is one, close the string "
                "if it is a string."
            )
        before = token
    return ""


def _calls(token: Token, before: Token, after: Token) -> bool:
    """Whether a prefixed name may be the keyword and the address of the service in one."""
    prefix = token.text.partition(":")[0].lower()
    if "service" not in prefix or after.text != "{":
        return False
    return not (before.kind == "word" and before.text.upper() == "GRAPH")


def _ambiguous(token: Token, after: Token) -> bool:
    """Whether another parser may see this terminal end elsewhere than the grammar does.

    `<…>` can be two comparisons with a string or a comment between them, unless it begins like
    `scheme://`, which is no beginning of an expression; four quotation marks end a string after
    the first three or the last three.
    """
    if token.kind == "iri":
        return ("'" in token.text or "#" in token.text) and not _ABSOLUTE.match(token.text)
    if token.kind == "string":
        touching = after.start == token.start + len(token.text)
        return touching and after.text[:1] in ("'", '"')
    return token.kind == "mark" and token.text in "'\""
