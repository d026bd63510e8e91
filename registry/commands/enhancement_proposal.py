"""Proposals for new terms of IVOA's refframe vocabulary, in the form that IVOA asks for.

The form is that of Vocabularies in the VO 2.1, section 5.2.1: a text file whose items Vocabulary,
Author, Date, Term, Action, Label, Description, Relationships, Used-in and Rationale people read.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from vocabularies import namespaces, terms
from vocabularies.terms import Term

VOCABULARY = namespaces.IVOA + "refframe"
WIDTH = 72


@dataclass(slots=True, frozen=True)
class Asked:
    """A frame that is proposed, how many records use it, and addresses of some of them."""

    name: str
    records: int
    used_in: Sequence[str]


class NotProposed(Exception):
    """A frame that cannot be proposed; its text says why."""


def proposal(asked: Sequence[Asked], author: str, date: str) -> str:
    """The text of a proposal to add these frames. Raises NotProposed."""
    head = f"Vocabulary: {VOCABULARY}\nAuthor: {author}\nDate: {date}\n"
    frames = [(_frame(one), one) for one in asked]
    items = [_item(term, one) for term, one in frames]
    return "\n".join([head, *items, "Rationale:\n", _rationale(frames)])


def _frame(one: Asked) -> Term:
    term = terms.of_scheme("frames").get(one.name)
    if term is None or not term.names:
        raise NotProposed(f"{one.name} is no frame of the vocabulary of reference frames.")
    known = terms.of_scheme("ivoa/refframe")
    if one.name in known:
        raise NotProposed(f"IVOA's vocabulary has the term {one.name} already.")
    same = _matched(term, "exactMatch")
    if same:
        raise NotProposed(f"{one.name} is exactly IVOA's {same[0]}.")
    if not one.used_in:
        raise NotProposed(
            f"No record here uses {one.name}, and a proposal has to name one that does."
        )
    return term


def _matched(term: Term, wanted: str) -> list[str]:
    """The terms of IVOA's refframe to which a frame has this relation."""
    return [
        other.rpartition("#")[2]
        for relation, other in term.matches
        if relation == wanted and other.startswith(namespaces.IVOA_REFFRAME)
    ]


def _item(term: Term, one: Asked) -> str:
    above = _matched(term, "broadMatch")
    lines = [
        f"Term: {term.local}",
        "Action: Addition",
        f"Label: {term.label}",
        _wrapped(f"Description: {term.definition}"),
        *(f"Relationships: rdfs:subClassOf({name})" for name in above),
        *(f"Used-in: {address}" for address in one.used_in),
    ]
    return "\n".join(lines) + "\n"


def _rationale(frames: Sequence[tuple[Term, Asked]]) -> str:
    counted = ", ".join(f"{term.local} {one.records:,}" for term, one in frames)
    said = [
        "The frames proposed are in use for the data of heliophysics, and named in its metadata "
        "(SPASE, CoordinateSystemName). So many descriptions in the registry that this proposal "
        f"comes from use them: {counted}. Without terms for them, data in these frames cannot be "
        "labelled in the Virtual Observatory, or only as BODY or UNKNOWN, which keeps clients "
        "from combining them."
    ]
    for term, _ in frames:
        words = [f"{term.local}: {' '.join(term.match_notes)}"]
        cited = [terms.citations().get(source, source) for source in term.sources]
        if cited:
            words.append(f"Defined in: {'; '.join(cited)}.")
        said.append(" ".join(words))
    return "\n\n".join(map(_wrapped, said)) + "\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)
