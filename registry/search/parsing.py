"""What people type into the search box, as a query tree.

    ACE magnetic field      all of these words
    "solar wind"            these words one after the other
    -electron               without this
    plasma*                 words that begin so
    region:Heliosphere      a field has this value, or (name, description …) these words
    171 Å   0.3-10 keV      these words, or data of that wavelength, energy or frequency
    Sonnenwind              what means the same counts too (`vocabularies.search_words`)
    spase://…  10.48322/…   the record itself

Every text is a query: what has no meaning here is taken as words, or passed over.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from mappings import to_search
from registry import identifiers
from registry.search import concepts, fields, pages, quantities, words
from registry.search.query import (
    And,
    Either,
    Everything,
    Filter,
    Meets,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Scored,
    Text,
)

LONGEST = 2000
"""So many characters of a query are read."""
_BY_NUMBER = 4.0
"""What a hit counts whose range in numbers meets what was typed."""
_BY_KIND = 10.0
"""What a hit counts for being of a kind that is looked for: as a word that a few records have."""
_SOUGHT = (
    *("NumericalData", "DisplayData", "Catalog", "Collection"),
    *("DataResource", "CatalogResource", "CatalogService", "DataCollection"),
)
_NAMED = ("Observatory", "Repository", "Registry", "Service")
_BY_ALL = 30.0
"""What it counts to have all words of a question."""
_OF_A_QUESTION = 0.6
"""So much of a question's words is most."""
_ASKING = frozenset(
    (
        *("how", "what", "when", "where", "which", "who", "whose", "why"),
        *("ou", "qui", "quel", "quelle", "quelles", "quels"),
        *("welche", "welcher", "welches", "wer", "wie", "wo"),
    )
)
MOST = 40
"""So many pieces of a query are read: words, phrases, restrictions."""

_ALIASES = {
    "acronym": "aliases",
    "author": "people",
    "id": "key",
    "identifier": "key",
    "keyword": "keywords",
    "parameter": "parameters",
    "title": "name",
    "type": "kind",
}
_IN_SMALL_LETTERS = frozenset(("format", "status", "verdict", "has_hapi"))
_PIECE = re.compile(
    r"(?P<minus>-?)(?:(?P<field>[A-Za-z_]+):(?=[^\s/]))?"
    r'(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<run>[^\s"]+))'
)
_APART = re.compile(r"[^\w.*:+-]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RECORD = re.compile(r"(?:spase|ivo)://[^\s/]\S*", re.IGNORECASE)
_PAGE = re.compile(r"https?://\S+?/records/(spase|ivo)/(\S+?)(?:\.(?:xml|ttl|rdf|jsonld|json))?")
_HPDE = re.compile(r"https?://(?:www\.)?hpde\.io/(\S+?)(?:\.(?:html|xml|json))?/?")
_DOI = re.compile(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE)
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")


class _Piece(NamedTuple):
    without: bool
    field: str
    text: str
    quoted: bool


def parsed(text: str) -> Node:
    """The query tree of what was typed. Raises nothing; an empty text is everything."""
    pieces = _pieces(text)
    wanted: list[Node] = []
    at = 0
    while at < len(pieces):
        node, used = _several(pieces, at)
        if node is None:
            node, used = _node(pieces[at]), 1
        if node is not None:
            wanted.append(Not(node) if pieces[at].without else node)
        at += used
    if not wanted:
        return Everything()
    whole = wanted[0] if len(wanted) == 1 else And(tuple(wanted))
    called = concepts.nickname(_plain(pieces)) if all(map(_is_plain, pieces)) else None
    return whole if called is None else Either((whole, called))


def meant(text: str) -> Node:
    """The query tree of `parsed`, with the likelier meaning first.

    That is what is called so as a whole, and what people look for: data, and what a single word
    names. A question is answered by what has most of its words.
    """
    node = parsed(text)
    if not pages.scores(node):
        return node
    likelier: list[Node] = [Scored(Filter("kind", _SOUGHT), _BY_KIND)]
    if isinstance(node, And):
        if len(node.nodes) > 2 and _is_question(text):
            likelier.append(Scored(node, _BY_ALL))
            node = And(node.nodes, math.ceil(len(node.nodes) * _OF_A_QUESTION))
    elif not isinstance(node, Either):
        likelier.append(Scored(Filter("kind", _NAMED), _BY_KIND))
    name = to_search.one_name(text[:LONGEST])
    if name:
        likelier.append(Filter("called", (name,)))
    return And((node, *(Or((one, Everything())) for one in likelier)))


def _is_question(text: str) -> bool:
    read = text[:LONGEST]
    return read.rstrip().endswith("?") or not _ASKING.isdisjoint(words.tokens(read))


def identifier_in(text: str) -> str:
    """The identifier, DOI or ORCID that the whole text is, in the form of `also`; '' if none.

    An identifier may also come as the address of a page of ours, or at hpde.io.
    """
    text = text.strip().strip("<>")[:LONGEST]
    if _RECORD.fullmatch(text):
        return identifiers.key(text)
    page = _PAGE.fullmatch(text)
    if page:
        return identifiers.from_page_path(page[1], page[2])
    hpde = _HPDE.fullmatch(text)
    if hpde:
        return identifiers.key(f"spase://{hpde[1]}")
    if _DOI.fullmatch(text):
        return identifiers.doi(text)
    orcid = _ORCID.fullmatch(text)
    return orcid[1] if orcid else ""


def _pieces(text: str) -> list[_Piece]:
    pieces: list[_Piece] = []
    sound = text[:LONGEST].encode("utf-8", "ignore").decode()
    for found in _PIECE.finditer(sound):
        without, field = bool(found["minus"]), (found["field"] or "").lower()
        field = _ALIASES.get(field, field)
        run = found["run"]
        known = field in fields.FIELDS and fields.FIELDS[field].kind in (
            fields.TEXT,
            fields.KEYWORD,
        )
        whole = found.group().removeprefix("-")
        if not field or known:
            value = found["phrase"] if run is None else run
            piece = _Piece(without, field, value, run is None)
        else:
            # No field of ours: DOI:10…, B:GSE, http:… are taken as they stand.
            piece = _Piece(without, "", whole.replace('"', " "), run is None)
        pieces.append(piece)
    pieces = [one for piece in pieces for one in _split(piece)][:MOST]
    meant = [one for at, one in enumerate(pieces) if _meant(pieces, at)]
    return meant or pieces


def _meant(pieces: list[_Piece], at: int) -> bool:
    """Whether a piece says what is looked for, and is not of the sentence round it."""
    piece = pieces[at]
    if piece.quoted or piece.field:
        return True
    word = words.folded(piece.text)
    if word == "a":
        # An article has something behind it; the A of THEMIS A has a name before it.
        return at > 0 and (piece.text == "A" or at == len(pieces) - 1)
    if word == "i":
        return at == 0 or words.folded(pieces[at - 1].text) not in ("can", "could", "do", "should")
    return word not in words.STOP and word not in words.QUESTION


def _split(piece: _Piece) -> list[_Piece]:
    """A run at the signs that only separate: `magnetic,electric` is two words."""
    if piece.quoted or piece.field or identifier_in(piece.text):
        return [piece]
    runs = [run for run in _APART.split(piece.text) if words.tokens(run)]
    return [piece._replace(text=run) for run in runs]


def _node(piece: _Piece) -> Node | None:
    field = fields.FIELDS.get(piece.field)
    if field is not None and field.kind == fields.KEYWORD:
        return _keyword(field.name, piece.text)
    named = identifier_in(piece.text) if not piece.field else ""
    if named:
        return _record(named)
    found = words.tokens(piece.text)
    if not found:
        return None
    if piece.quoted:
        return Phrase(" ".join(found), piece.field)
    if piece.text.endswith("*"):
        *before, last = found
        ends = Prefix(last, piece.field)
        return And((Text(" ".join(before), piece.field), ends)) if before else ends
    return _word(piece.text, found, piece.field)


def _keyword(field: str, value: str) -> Node:
    if field == "key":
        return _record(identifier_in(value) or value)
    if field == "doi":
        return Filter("also", (identifiers.doi(value) or value,))
    if field in _IN_SMALL_LETTERS:
        value = value.lower()
    return Filter(field, (value,))


def _record(named: str) -> Node:
    """The record itself first, then those that name it as theirs of old, then what lies below."""
    also = Filter("also", (named,))
    if "://" not in named:
        return also
    below = Phrase(" ".join(words.tokens(named)), "path")
    return Or((Filter("key", (named,)), also, below))


def _word(written: str, found: list[str], field: str) -> Node:
    ways = [" ".join(found), *words.variants(written)]
    nodes = tuple(Phrase(way, field) if " " in way else Text(way, field) for way in ways)
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _several(pieces: list[_Piece], at: int) -> tuple[Node | None, int]:
    """Pieces that mean something together, and how many they are; (None, 0) if they do not."""
    for find in (_quantity, _spectral, _concept):
        node, used = find(pieces, at)
        if node is not None:
            return node, used
    return None, 0


def _is_plain(piece: _Piece) -> bool:
    return not (piece.quoted or piece.field or piece.without or piece.text.endswith("*"))


def _plain(pieces: list[_Piece]) -> list[str]:
    return [word for piece in pieces for word in words.tokens(piece.text)]


def _together(pieces: list[_Piece]) -> bool:
    """Whether pieces can be read as one: nothing but the first has a sign before it."""
    first, *others = pieces
    return not (first.quoted or first.field or first.text.endswith("*")) and all(
        map(_is_plain, others)
    )


def _concept(pieces: list[_Piece], at: int) -> tuple[Node | None, int]:
    """The most pieces from here that are one concept, and what else it is called.

    What is to be left out is left out by the word that was typed, and by no other.
    """
    if pieces[at].without:
        return None, 0
    for used in range(min(concepts.longest(), len(pieces) - at), 0, -1):
        run = pieces[at : at + used]
        if not _together(run):
            continue
        others = concepts.meaning(_plain(run))
        if others:
            typed = tuple(_word(one.text, words.tokens(one.text), "") for one in run)
            return concepts.widened(typed[0] if used == 1 else And(typed), others), used
    return None, 0


def _spectral(pieces: list[_Piece], at: int) -> tuple[Node | None, int]:
    """A wavelength, energy or frequency with its unit: as it is written, or in numbers."""
    for used in (1, 2, 4):
        run = pieces[at : at + used]
        if len(run) < used or not _together(run) or not run[0].text[:1].isdigit():
            continue
        text = " ".join(one.text for one in run)
        waves, particles = quantities.light(text), quantities.energy(text)
        if waves is None:
            continue
        ways: list[Node] = [Text(" ".join(_plain(run)))]
        ways.append(Scored(Meets("spectrum", *waves), _BY_NUMBER))
        if particles is not None:
            ways.append(Scored(Meets("particle_energy", *particles), _BY_NUMBER))
        return Or(tuple(ways)), used
    return None, 0


def _quantity(pieces: list[_Piece], at: int) -> tuple[Node | None, int]:
    """A number and a unit that stand next to each other, in their other spellings too."""
    pair = pieces[at : at + 2]
    if len(pair) < 2 or any(one.quoted for one in pair) or pair[1].field or pair[1].without:
        return None, 0
    number, unit = pair[0].text, pair[1].text
    ways = words.quantity(number, unit) if _NUMBER.fullmatch(number) else []
    if not ways:
        return None, 0
    field = pair[0].field
    apart = Text(f"{number} {unit}", field)
    together = tuple(Text(way, field) for way in ways if " " not in way)
    return Or((apart, *together)), 2
