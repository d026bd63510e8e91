"""Answers to SPARQL queries as people read them: tables, with terms that lead to their pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import unquote

from lxml import etree

from registry import identifiers
from registry.graph import protocol
from registry.graph.sparql import Answer
from registry.web.presentation import outward, page_of
from registry.web.sparql_examples import all_prefixes
from registry.web.terms import page_of_term
from vocabularies import namespaces, terms

ROWS = 1000
"""Rows of an answer that a page shows."""
TEXT = 2000
"""Characters of one term that a page shows."""
GRAPH = 200_000
"""Bytes of an answer to CONSTRUCT or DESCRIBE that a page shows."""

_RESULTS = "{http://www.w3.org/2005/sparql-results#}"
_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = frozenset(
    _XSD + name for name in ("integer", "decimal", "double", "float", "int", "long")
)
_PLAIN = frozenset(_XSD + name for name in ("string", "dateTime", "date", "duration", "boolean"))


@dataclass(slots=True)
class Term:
    """A term of RDF as a page shows it: text, an address to follow, and what else is to say."""

    text: str
    address: str = ""
    outside: bool = False
    note: str = ""
    """The whole IRI where the text is short, the language, or the datatype."""
    number: bool = False
    code: bool = False


@dataclass(slots=True)
class Shown:
    """What a page shows of an answer: a table, a yes or no, or a graph's text; `fault` else."""

    variables: list[str] = field(default_factory=list)
    rows: list[list[Term | None]] = field(default_factory=list)
    more: bool = False
    """Whether the answer goes on behind what is shown."""
    yes: bool | None = None
    graph: str = ""
    fault: str = ""


def in_order(found: Shown, by: str) -> None:
    """Sorts the rows of a table by a variable, downwards where `-` stands before its name.

    Numbers go by value, everything else by its text without regard to case; what is empty comes
    last. A name that is no variable changes nothing.
    """
    name = by.removeprefix("-")
    if name not in found.variables:
        return
    column = found.variables.index(name)
    full = [row for row in found.rows if row[column] is not None]
    empty = [row for row in found.rows if row[column] is None]
    full.sort(key=lambda row: _rank(row[column]), reverse=by.startswith("-"))
    found.rows = full + empty


def _rank(term: Term | None) -> tuple[int, float, str]:
    text = term.text if term else ""
    if term and term.number:
        try:
            return 0, float(text), ""
        except ValueError:
            pass  # an integer that is none, which RDF allows: it goes by its text
    return 1, 0.0, text.casefold()


def shown(answer: Answer) -> Shown:
    """An answer in SPARQL Results XML or Turtle, as far as a page shows it; closes its file."""
    with answer.file as file:
        if answer.media_type != protocol.RESULTS_XML:
            text = file.read(GRAPH).decode("utf-8", "ignore")
            return Shown(graph=text, more=answer.size > GRAPH)
        try:
            return _results(file)
        except etree.XMLSyntaxError:
            return Shown(
                fault="The answer has characters that a page cannot show: take it as JSON."
            )


def _results(file: IO[bytes]) -> Shown:
    """The beginning of a SELECT's rows, or an ASK's answer (SPARQL Results XML, section 2)."""
    found = Shown()
    events = etree.iterparse(file, events=("end",), no_network=True, resolve_entities=False)
    for _, element in events:
        if element.tag == f"{_RESULTS}variable":
            found.variables.append(element.get("name", ""))
        elif element.tag == f"{_RESULTS}boolean":
            found.yes = (element.text or "").strip() == "true"
        elif element.tag == f"{_RESULTS}result":
            if len(found.rows) == ROWS:
                found.more = True
                break
            given = dict(_bindings(element))
            found.rows.append([given.get(name) for name in found.variables])
            element.clear()
            # The rows that were read would stay as empty elements.
            while element.getprevious() is not None:
                del element.getparent()[0]
    return found


def _bindings(result: etree._Element) -> Iterator[tuple[str, Term]]:
    for binding in result.iterchildren(f"{_RESULTS}binding"):
        for value in binding:
            yield binding.get("name", ""), _term(value)


def _term(value: etree._Element) -> Term:
    text = value.text or ""
    kind = etree.QName(value).localname
    if kind == "uri":
        return iri(text)
    if kind != "literal":
        return Term(
            f"_:{text}" if kind == "bnode" else _cut("".join(map(str, value.itertext()))), code=True
        )
    datatype = value.get("datatype", "")
    language = value.get("{http://www.w3.org/XML/1998/namespace}lang", "")
    if datatype == f"{_XSD}anyURI" and outward(text):
        return Term(_cut(text), outward(text), outside=True)
    return Term(
        _cut(text),
        note=language or ("" if datatype in _PLAIN or datatype in _NUMBERS else short(datatype)),
        number=datatype in _NUMBERS,
    )


def iri(text: str) -> Term:
    """An IRI as a page shows it: a record leads to its page, a term of ours to its definition."""
    if identifiers.scheme(text) in ("spase", "ivo"):
        # The IRI of a record may be percent-encoded where its identifier is not (RFC 3987).
        record = text.partition("#")[0]
        return Term(_cut(text), page_of(unquote(record)), code=True)
    held = terms.all_terms().get(text)
    if held is not None:
        return Term(short(text), page_of_term(held), note=text)
    name = short(text)
    if name != text:
        return Term(name, note=text)
    return Term(_cut(text), outward(text), outside=True)


def short(text: str) -> str:
    """An IRI by one of the prefixes of the examples; the IRI itself if none fits."""
    prefixes = all_prefixes()
    for prefix, space in prefixes.items():
        if text.startswith(space) and len(text) > len(space):
            return f"{prefix}:{text.removeprefix(space)}"
    if text.startswith(namespaces.SPASE):
        name, sign, word = text.removeprefix(namespaces.SPASE).partition("#")
        if sign and word:
            return f"spase-{name}:{word}"
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= TEXT else f"{text[:TEXT]} …"
