"""What else is meant by a term: its equals, and all that is narrower, across vocabularies.

The rule, which search and SPARQL share. Asking for a term finds

- the term, and whatever is exactly the same (skos:exactMatch; a deprecated term of IVOA's and the
  one to use instead),
- whatever is narrower than these (skos:broader and rdfs:subClassOf backwards, skos:narrowMatch,
  skos:broadMatch backwards), step by step,
- and at one step of the way, not at more, what is close to it (skos:closeMatch, either way): this
  relation is not transitive (SKOS Reference, section 10.6.4).

So `Earth.Magnetosphere` finds `Earth.Magnetosphere.Magnetotail`, `HEEQ` finds
`StonyhurstHeliographic`, and IVOA's `ICRS` finds `J2000`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from vocabularies import frames, namespaces, spase, terms


@cache
def found_by(iri: str) -> tuple[str, ...]:
    """The IRIs that a question about this one is about: itself first, the others sorted.

    An IRI that no vocabulary here has gives itself alone.
    """
    exact_or_narrower, close = _steps()
    far = _reached({iri}, exact_or_narrower)
    near = {other for one in far for other in close.get(one, ())}
    found = far | _reached(near, exact_or_narrower)
    return (iri, *sorted(found - {iri}))


@cache
def equivalents(iri: str) -> tuple[str, ...]:
    """The IRIs that mean exactly the same, sorted, without the one asked about."""
    return tuple(sorted(_reached({iri}, _same()) - {iri}))


@cache
def narrower(iri: str) -> tuple[str, ...]:
    """The IRIs below this one in its own vocabulary, at any depth, sorted."""
    return tuple(sorted(_reached({iri}, _below()) - {iri}))


@cache
def broader(iri: str) -> tuple[str, ...]:
    """The IRIs above this one in its own vocabulary, nearest first."""
    found: dict[str, None] = {}
    level = [iri]
    while level:
        level = [
            above
            for one in level
            for above in _relations().get("broader", {}).get(one, ())
            if above not in found and above != iri
        ]
        found.update(dict.fromkeys(level))
    return tuple(found)


def pairs() -> Iterator[tuple[str, str]]:
    """(asked, found) for every term that finds something besides itself: what a graph may hold."""
    for iri in terms.all_iris():
        for other in found_by(iri)[1:]:
            yield iri, other


@cache
def values(listed: str, word: str) -> tuple[str, ...]:
    """The values of a SPASE list, or names of frames, that records may have for what is asked.

    `listed` is a list's name (`Region`, `MeasurementType`, …) or `CoordinateSystemName`; `word` is
    a value of it, a term's IRI, or a term of IVOA's or another vocabulary by its short name
    (`waveband` `EUV`) as far as `named` knows it. The value asked for comes first; a word that
    nobody knows gives itself alone.
    """
    iri = named(listed, word)
    if iri is None:
        return (word,)
    known = _names_of(listed)
    found = [known[one] for one in found_by(iri) if one in known]
    every = [name for names in found for name in names]
    return tuple(dict.fromkeys([word, *every] if word in every else every)) or (word,)


def named(listed: str, word: str) -> str | None:
    """The IRI of a word: an IRI itself, a value of the list, or a name that only one term has."""
    if ":" in word:
        return word if word in terms.all_iris() else None
    if listed == "CoordinateSystemName":
        return frames.concept(word) or frames.ivoa_term(word) or frames.by_other_name(word)
    found = spase.concept(listed, word)
    if found:
        return found
    for namespace in _PARTNERS.get(listed, ()):
        if namespace + word in terms.all_iris():
            return namespace + word
    return None


_PARTNERS = {
    "SpectralRange": (namespaces.IVOA + "messenger#",),
    "ProcessingLevel": (namespaces.IVOA + "processing-level#",),
    "DisplayType": (namespaces.IVOA + "product-type#",),
    "Region": (namespaces.TARGET_CLASS,),
    "MeasurementType": (namespaces.UCD,),
}
"""Other vocabularies whose short names may stand for values of a list."""


@cache
def _names_of(listed: str) -> dict[str, tuple[str, ...]]:
    """IRI → the spellings that records use."""
    if listed != "CoordinateSystemName":
        return {iri: (value,) for value, iri in spase.iris(listed).items()}
    found: dict[str, tuple[str, ...]] = {}
    for name, iri in (*frames.by_name().items(), *frames.ivoa_terms().items()):
        found[iri] = (*found.get(iri, ()), name)
    return found


Steps = dict[str, set[str]]


@cache
def _relations() -> dict[str, Steps]:
    """Relation → subject → objects, of all vocabularies."""
    found: dict[str, Steps] = {}
    for subject, relation, other in terms.relations():
        found.setdefault(relation, {}).setdefault(subject, set()).add(other)
    return found


def _turned(steps: Steps) -> Steps:
    found: Steps = {}
    for subject, others in steps.items():
        for other in others:
            found.setdefault(other, set()).add(subject)
    return found


def _joined(*all_steps: Steps) -> Steps:
    found: Steps = {}
    for steps in all_steps:
        for subject, others in steps.items():
            found.setdefault(subject, set()).update(others)
    return found


@cache
def _same() -> Steps:
    exact = _joined(_relations().get("exactMatch", {}), _relations().get("useInstead", {}))
    return _joined(exact, _turned(exact))


@cache
def _below() -> Steps:
    return _turned(_relations().get("broader", {}))


@cache
def _steps() -> tuple[Steps, Steps]:
    """(steps that may be taken as often as one likes, the close ones)."""
    relations = _relations()
    free = _joined(
        _same(),
        _below(),
        relations.get("narrowMatch", {}),
        _turned(relations.get("broadMatch", {})),
    )
    close = relations.get("closeMatch", {})
    return free, _joined(close, _turned(close))


def _reached(start: set[str], steps: Steps) -> set[str]:
    found, level = set(start), set(start)
    while level:
        level = {other for one in level for other in steps.get(one, ())} - found
        found |= level
    return found
