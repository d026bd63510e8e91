"""Which words of the vocabularies the records use, and which of them have no match elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from registry.kept_records import models
from registry.model import Record
from registry.store.reading import Reader
from vocabularies import closure, frames, namespaces, spase, terms, ucds, voresource
from vocabularies.units import EXACT, NONE, READ, reading

MATCHED, RELATED, NONE_SAID, UNMATCHED, UNKNOWN = "matched", "related", "none", "open", "unknown"
STATES = {
    UNKNOWN: "no term of their vocabulary",
    UNMATCHED: "without a match, and nothing said about it",
    NONE_SAID: "without a term in the other vocabulary, as is said openly",
    RELATED: "with a related term at most",
    MATCHED: "with a match",
}
EXAMPLES = 3


@dataclass(slots=True, frozen=True)
class Field:
    """What is looked at: its name, the vocabulary of its words, and the one that is bridged to."""

    name: str
    vocabulary: str
    partner: str
    partner_name: str


FIELDS = {
    one.name: one
    for one in (
        Field("frames", "frames", namespaces.IVOA_REFFRAME, "IVOA's refframe"),
        Field("regions", "spase/Region", namespaces.TARGET_CLASS, "EPN-TAP's target_class"),
        Field("measurement types", "spase/MeasurementType", namespaces.UCD, "UCD1+"),
        Field("spectral ranges", "spase/SpectralRange", f"{namespaces.IVOA}messenger#",
              "IVOA's messenger"),
        Field("processing levels", "spase/ProcessingLevel", f"{namespaces.IVOA}processing-level#",
              "IVOA's processing-level"),
        Field("units", "units", "", "VOUnits"),
        Field("UCD words", "ucd", "", "UCD1+"),
    )
}  # fmt: skip


@dataclass(slots=True)
class Use:
    """A word, how many records have it, where it stands, and some of the records."""

    word: str
    state: str
    records: int = 0
    note: str = ""
    examples: list[str] = field(default_factory=list)


def uses(reader: Reader, names: Iterable[str] = FIELDS) -> dict[str, list[Use]]:
    """Field → its words by how often they are used; reads every current record."""
    wanted = list(names)
    found: dict[str, dict[str, Use]] = {name: {} for name in wanted}
    for batch in reader.all_records():
        for kept, record in models(reader, batch):
            words = _words(record)
            for name in wanted:
                for word in words[name]:
                    use = found[name].get(word)
                    if use is None:
                        state, note = standing(name, word)
                        use = found[name][word] = Use(word, state, note=note)
                    use.records += 1
                    if len(use.examples) < EXAMPLES:
                        use.examples.append(kept.identifier)
    return {
        name: sorted(words.values(), key=lambda use: (-use.records, use.word))
        for name, words in found.items()
    }


def _words(record: Record) -> dict[str, set[str]]:
    columns = [*record.parameters, *(one for table in record.tables for one in table.columns)]
    found = {
        "frames": {one.frame for one in columns} | {place.frame for place in record.places},
        "regions": {*record.regions, *(one for place in record.places for one in place.regions)},
        "measurement types": set(record.measurement_types),
        "spectral ranges": set(record.spectral_ranges),
        "processing levels": {record.processing_level},
        "units": {one.units.strip() for one in columns},
        "UCD words": {word for one in columns for word in _ucd_words(one.ucd)},
    }
    return {name: {word for word in words if word} for name, words in found.items()}


def _ucd_words(ucd: str) -> Iterator[str]:
    for word in ucd.split(";"):
        yield word.strip()


def standing(name: str, word: str) -> tuple[str, str]:
    """(state, note) of a word of a field; the note says what it is matched to, or why not."""
    if name == "units":
        return _unit(word)
    if name == "UCD words":
        return _ucd(word)
    one = FIELDS[name]
    if word_of_partner(one, word):
        return MATCHED, f"a word of {one.partner_name} itself"
    iri = _concept(one, word)
    if iri is None:
        return UNKNOWN, ""
    return _term(one, iri)


def word_of_partner(one: Field, word: str) -> bool:
    """Whether a word is one of the other vocabulary: VOResource records have those."""
    if one.name == "spectral ranges":
        return voresource.waveband(word) is not None
    return one.name == "frames" and frames.ivoa_term(word) is not None


def _concept(one: Field, word: str) -> str | None:
    if one.vocabulary == "frames":
        return frames.concept(word)
    listed = one.vocabulary.removeprefix("spase/")
    found = spase.concept(listed, word)
    return found or (spase.concept("ModeledRegion", word) if listed == "Region" else None)


def _term(one: Field, iri: str) -> tuple[str, str]:
    """Of a term: its own match, or that of an equal or a broader one, which holds for it too."""
    known = terms.all_terms()
    lineage = [iri, *closure.equivalents(iri)]
    lineage += [above for each in lineage for above in closure.broader(each)]
    related, said = "", ""
    for each in dict.fromkeys(lineage):
        term = known[each]
        for relation, other in term.matches:
            if other.startswith(one.partner):
                if relation != "relatedMatch":
                    return MATCHED, f"{relation} {other.removeprefix(one.partner)}"
                related = related or f"{relation} {other.removeprefix(one.partner)}"
        if one.partner[:-1] in term.no_match_in:
            said = said or " ".join(term.match_notes)
    if related:
        return RELATED, related
    return (NONE_SAID, said) if said or _says_none(iri, one) else (UNMATCHED, "")


def _says_none(iri: str, one: Field) -> bool:
    return one.partner[:-1] in terms.all_terms()[iri].no_match_in


def _unit(word: str) -> tuple[str, str]:
    read = reading(word)
    if read.sort in (EXACT, READ):
        return MATCHED, read.unit
    if read.sort == NONE:
        return MATCHED, "no unit"
    return (UNMATCHED, read.about) if read.sort == "other" else (UNKNOWN, read.about)


def _ucd(word: str) -> tuple[str, str]:
    if word.lower() in ucds.words():
        return MATCHED, ""
    instead = ucds.successors().get(word.lower())
    return (UNMATCHED, f"deprecated; use {instead}") if instead else (UNKNOWN, "")
