"""The triples of one record while they are being made."""

from __future__ import annotations

from mappings import rdf_terms
from mappings.rdf_names import TYPE, name
from vocabularies import spase


class Triples:
    """Lines of N-Triples about one subject, all in one list with those of its parts.

    The object of `add` is a term already written; `text` and its like leave out what is empty.
    """

    __slots__ = ("lines", "subject")

    def __init__(self, subject: str, lines: list[str]) -> None:
        self.subject = subject
        self.lines = lines

    def add(self, predicate: str, term: str) -> None:
        self.lines.append(f"{self.subject} {predicate} {term} .")

    def a(self, curie: str) -> None:
        self.add(TYPE, name(curie))

    def text(self, predicate: str, text: str) -> None:
        if text:
            self.add(predicate, rdf_terms.literal(text))

    def moment(self, predicate: str, text: str) -> None:
        if text:
            self.add(predicate, rdf_terms.moment(text))

    def duration(self, predicate: str, text: str) -> None:
        if text:
            self.add(predicate, rdf_terms.duration(text))

    def decimal(self, predicate: str, text: str) -> None:
        if text:
            self.add(predicate, rdf_terms.decimal(text))

    def resource(self, predicate: str, address: str) -> None:
        if address:
            self.add(predicate, rdf_terms.resource(address))

    def record(self, predicate: str, identifier: str) -> None:
        if identifier:
            self.add(predicate, rdf_terms.record(identifier))

    def word(self, predicate: str, listed: str, value: str) -> None:
        """A word of a SPASE list: its concept, or the word itself where the list lacks it."""
        if value:
            self.add(predicate, word(listed, value))

    def part(self, predicate: str, fragment: str) -> Triples:
        """A part of the record, named after it and reached by this one triple."""
        subject = f"{self.subject[:-1]}#{fragment}>"
        self.lines.append(f"{self.subject} {predicate} {subject} .")
        return Triples(subject, self.lines)


_words: dict[tuple[str, str], str] = {}


def word(listed: str, value: str) -> str:
    """The term for a value of a SPASE list: its concept, or a literal where no version has it."""
    term = _words.get((listed, value))
    if term is None:
        found = spase.concept(listed, value)
        if found is None:
            return rdf_terms.literal(value)
        term = _words[listed, value] = f"<{found}>"
    return term
