"""Our Turtle files read by their form, without an RDF library.

A library takes half a second to load and longer to read them; a worker process, a command and a
server's start have no time for that. The form: a prefix a line; a subject begins at the left
margin; each predicate with its objects has one line, which ends in `;` or `.`; strings have one
line and double quotes; there are no blank nodes. A test compares what is read here with a
parser's reading, triple by triple.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

_SUBJECT = re.compile(r"^[a-z]+:(\S+) a ", re.MULTILINE)
_PREFIX = re.compile(r"^@prefix ([\w-]*): <([^>]*)> \.$", re.MULTILINE)
_STATEMENT = re.compile(
    r"^(?P<subject><[^>]*>|[\w-]+:\S+)? +(?P<predicate>a|[\w-]+:\S+) (?P<objects>.*?) ?[;.]$",
    re.MULTILINE,
)
_OBJECT = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*")(?:(?P<language>@[\w-]+)|\^\^(?P<datatype>\S+))?'
    r"|(?P<iri><[^>]*>)|(?P<boolean>true|false)\b|(?P<name>[\w-]+:[^\s,]+)"
)
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_BOOLEAN = "<http://www.w3.org/2001/XMLSchema#boolean>"

Triple = tuple[str, str, str]
"""Subject, predicate, object, each written as in N-Triples."""


@cache
def text(file: str) -> str:
    """The text of a Turtle file of this package."""
    return files("vocabularies").joinpath(file).read_text("utf-8")


def subjects(file: str) -> list[tuple[str, str]]:
    """(local name, its lines) of every subject with a prefixed name, in the file's order."""
    pieces = _SUBJECT.split(text(file))[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


@cache
def triples(file: str) -> tuple[Triple, ...]:
    """Every triple of a file, in its order."""
    return tuple(_triples(text(file)))


def _triples(written: str) -> Iterator[Triple]:
    prefixes = dict(_PREFIX.findall(written))
    subject = ""
    for found in _STATEMENT.finditer(written):
        subject = _iri(found["subject"], prefixes) if found["subject"] else subject
        predicate = _TYPE if found["predicate"] == "a" else _iri(found["predicate"], prefixes)
        for one in _OBJECT.finditer(found["objects"]):
            yield subject, predicate, _term(one, prefixes)


def _iri(written: str, prefixes: dict[str, str]) -> str:
    if written.startswith("<"):
        return written
    prefix, _, local = written.partition(":")
    return f"<{prefixes[prefix]}{local}>"


def _term(found: re.Match[str], prefixes: dict[str, str]) -> str:
    if found["string"]:
        if found["datatype"]:
            return f"{found['string']}^^{_iri(found['datatype'], prefixes)}"
        return f"{found['string']}{found['language'] or ''}"
    if found["boolean"]:
        return f'"{found["boolean"]}"^^{_BOOLEAN}'
    return _iri(found["iri"] or found["name"], prefixes)
