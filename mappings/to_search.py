"""What a search engine is told of a record: plain values by field name.

`registry.search.fields` says what each field is to an engine; here stands how a record fills it.
Text fields hold a string or a list of strings, keyword fields a list of strings, numbers floats.
A field that a record does not fill is absent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache

from mappings import search_ranges
from registry import dates, identifiers
from registry.model import Label, Neighbours, Parameter, Record, Span
from vocabularies import closure, frames, units

VERSION = "5"
"""Raised when what is said here changes, so that indexes made before are built anew."""

OPEN = 1e12
"""The stop of a coverage that is still running, in seconds; an unknown start is -OPEN."""

UNITS = (
    (1.0, "S", ("s", "sec", "second", "seconds")),
    (60.0, "M", ("min", "minute", "minutes")),
    (3600.0, "H", ("h", "hr", "hour", "hours")),
    (86400.0, "D", ("d", "day", "days")),
)
"""Length in seconds, designator in an ISO 8601 duration, and the words for it."""

_REFERENCE_FIELDS = {
    "InstrumentID": "instrument",
    "ModeledInstrumentID": "instrument",
    "instrument": "instrument",
    "InstrumentGroupID": "",
    "ObservatoryID": "observatory",
    "facility": "observatory",
    "ObservatoryGroupID": "",
    "RepositoryID": "repository",
    "PersonID": "person",
    "contact": "person",
    "creator": "person",
    "contributor": "person",
}
"""The field an element of a reference fills; '' where only the name is worth finding."""

_NAMED_BY_IDENTIFIER = ("Observatory", "Instrument", "Repository")
"""Kinds whose identifiers end with what people call them: RBSP/A, WDC/Vostok."""
_LONGEST_NAME = 120

_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[._]+")
_PART = re.compile(r"[A-Za-z]+|\d+")
_DAY = 86400.0


def to_search(
    record: Record,
    neighbours: Neighbours,
    *,
    verdict: str = "",
    source: str = "",
    digest: str = "",
) -> dict[str, object]:
    """The search fields of a record; `neighbours` are the labels of what it refers to.

    They hold the observatories that its instruments name, too. `source` is the name of the source
    that the record belongs to, `digest` what `check` compares with the store.
    """
    fields = with_neighbours(own_fields(record), record.references, neighbours)
    if verdict:
        fields["verdict"] = [verdict]
    if source:
        fields["source"] = [source]
    if digest:
        fields["digest"] = digest
    return fields


def own_fields(record: Record) -> dict[str, object]:
    """The fields that need nothing but the record itself."""
    key = identifiers.key(record.identifier)
    fields: dict[str, object] = {
        "key": key,
        "identifier": record.identifier,
        "format": [record.format],
        "kind": [record.kind],
        "status": [record.status],
        "authority": [identifiers.authority(key)],
        "name": record.name,
        "path": _path(key),
    }
    aliases = record.alternative_names
    if record.acronym:
        aliases = [record.acronym, *aliases]
    more: dict[str, object] = {
        "aliases": aliases,
        "called": _called(record, key),
        "acronym": record.acronym,
        "description": record.description,
        "keywords": _keywords(record),
        "people": _people(record),
        "related": [*record.instrument_names, *record.facility_names],
        "parameters": _parameters(record),
        "measurement": _once(record.measurement_types),
        "region": _with_ancestors(record.regions),
        "region_names": _once(record.regions),
        "spectral_range": search_ranges.spectral_names(record),
        "phenomenon": _once(record.phenomenon_types),
        "processing_level": [record.processing_level] if record.processing_level else None,
        "observatory_group": _once(list(map(identifiers.key, record.observatory_groups))),
        "has_doi": ["yes" if record.doi else "no"],
        "doi": [record.doi] if record.doi else None,
        "also": _other_identifiers(record),
    }
    fields.update({name: value for name, value in more.items() if value})
    _add_access(fields, record)
    _add_ranges(fields, record)
    _add_parameter_values(fields, record)
    if record.spans:
        _add_coverage(fields, record.spans)
    if record.released:
        released = dates.moment(record.released)
        if released is not None:
            fields["released"] = released.timestamp()
    return fields


def with_neighbours(
    fields: dict[str, object], references: Iterable[tuple[str, str]], neighbours: Neighbours
) -> dict[str, object]:
    """The fields of `own_fields`, joined with what the record's references lead to.

    An instrument, observatory, repository or person stands in its keyword field by key, known or
    not; of the known ones the names are added. A dataset's observatories are those that its
    instruments name.
    """
    found: dict[str, dict[str, None]] = {}
    names: dict[str, None] = {}
    people: dict[str, None] = {}
    for element, target in references:
        field = _REFERENCE_FIELDS.get(element)
        if field is None:
            continue
        key = identifiers.key(target)
        label = neighbours.get(key)
        if field:
            found.setdefault(field, {})[key] = None
        if label is None:
            continue
        if field == "person":
            people[label.name] = None
            continue
        names.update(_names(label))
        _add_above(found, names, label, neighbours)
    of_its_own = dict.fromkeys(_texts(fields.get("observatory_group")))
    found.setdefault("observatory_group", {}).update(of_its_own)
    for field, keys in found.items():
        if keys:
            fields[field] = list(keys)
        if field not in ("person", "observatory_group"):
            fields[f"{field}_names"] = [_display(key, neighbours.get(key)) for key in keys]
    if names:
        fields["related"] = [*_texts(fields.get("related")), *filter(None, names)]
    if people:
        fields["people"] = [*_texts(fields.get("people")), *filter(None, people)]
    return fields


def _add_above(
    found: dict[str, dict[str, None]],
    names: dict[str, None],
    label: Label,
    neighbours: Neighbours,
) -> None:
    """The observatories that an instrument is on, and the groups that an observatory is of."""
    groups = dict.fromkeys(label.groups)
    for observatory in label.observatories:
        found.setdefault("observatory", {})[observatory] = None
        if observatory in neighbours:
            names.update(_names(neighbours[observatory]))
            groups.update(dict.fromkeys(neighbours[observatory].groups))
    found.setdefault("observatory_group", {}).update(groups)


@lru_cache(maxsize=16384)
def cadence_words(text: str) -> str:
    """An ISO 8601 duration in the words people use for it: PT16S gives `PT16S 16s 16 s …`.

    Every unit in which it is a whole number, or a short decimal one, is named: PT60S is a minute
    too.
    """
    length = dates.seconds(text)
    if not length or length < 0:
        return text
    words = [text]
    for size, letter, names in UNITS:
        number = f"{length / size:g}"
        if len(number) > 5 or (length < size and size > 1) or "e" in number:
            continue
        iso = f"P{number}D" if letter == "D" else f"PT{number}{letter}"
        words.append(iso)
        words.append(f"{number}{names[0]}")
        words.extend(f"{number} {name}" for name in names)
    return " ".join(dict.fromkeys(words))


@lru_cache(maxsize=65536)
def with_spaces(text: str) -> str:
    """A term or identifier as written, and with its words apart where they are run together.

    `Heliosphere.NearEarth` gives `Heliosphere.NearEarth Heliosphere Near Earth`.
    """
    apart = _SEAM.sub(" ", text)
    return text if apart == text else f"{text} {apart}"


def _path(key: str) -> str:
    # Folders come back again and again, so that their words are at hand.
    folder, _, name = key.rpartition("/")
    return f"{with_spaces(folder)} {with_spaces(name)}"


@lru_cache(maxsize=8192)
def _names(label: Label) -> dict[str, None]:
    names = dict.fromkeys((label.name, label.acronym, *label.alternative_names))
    return names | dict.fromkeys(one for name in names for one in together(name))


def together(name: str) -> list[str]:
    """A short name without its hyphens and spaces: THEMIS-A is written THEMISA, MMS 1 MMS1."""
    parts = _PART.findall(name)
    short = 2 <= len(parts) <= 3 and len(name) <= 16 and any(len(part) < 3 for part in parts)
    return ["".join(parts)] if short else []


def one_name(text: str) -> str:
    """A whole name as it is compared: THEMIS-A, themis a and THEMISA are one."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text)
        text = "".join(one for one in apart if not unicodedata.combining(one))
    return "".join(one for one in text.casefold() if one.isalnum())


def _called(record: Record, key: str) -> list[str]:
    """All that a record is called, each as one name."""
    names = [record.name, record.acronym, *record.alternative_names]
    if record.kind in _NAMED_BY_IDENTIFIER:
        *_, above, last = key.split("/")
        names += [last, f"{above} {last}"] if len(last) > 2 else [f"{above} {last}"]
    return _once([one_name(name) for name in names if len(name) <= _LONGEST_NAME])


def _display(key: str, label: Label | None) -> str:
    if label is None or not (label.name or label.acronym):
        return key.rpartition("/")[2]
    return label.name or label.acronym


def _once(values: list[str]) -> list[str]:
    return (
        list(dict.fromkeys(filter(None, values))) if len(values) > 1 else [v for v in values if v]
    )


@lru_cache(maxsize=1024)
def _ancestors(value: str) -> tuple[str, ...]:
    steps = value.split(".")
    return tuple(".".join(steps[: end + 1]) for end in range(len(steps)))


def _with_ancestors(values: Iterable[str]) -> list[str]:
    """Values and what stands above them: Earth.Magnetosphere.Polar is in Earth.Magnetosphere."""
    return list(dict.fromkeys(one for value in values if value for one in _ancestors(value)))


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(one) for one in value] if isinstance(value, list) else []


def _keywords(record: Record) -> list[str]:
    terms = [
        *record.measurement_types,
        *record.regions,
        *record.phenomenon_types,
        *record.instrument_types,
        *record.spectral_ranges,
        *record.content_types,
    ]
    for place in record.places:
        terms.extend(place.regions)
    return [*record.keywords, *map(with_spaces, dict.fromkeys(terms)), *record.investigations]


def _people(record: Record) -> list[str]:
    people = [party.name for party in record.creators]
    people.extend(party.name for party in record.contributors)
    people.extend(contact.name for contact in record.contacts if contact.name)
    if record.publication is not None:
        people.append(record.publication.authors)
    if record.publisher is not None:
        people.append(record.publisher.name)
    if record.agent is not None:
        people.append(record.agent.organisation)
    return _once(people)


def _parameters(record: Record) -> list[str]:
    names: dict[str, None] = {}
    terms: dict[str, None] = {}
    cadences = {record.cadence, record.cadence_min, record.cadence_max}
    _add_parameters(names, terms, cadences, record.parameters)
    for table in record.tables:
        names[table.name] = names[table.title] = None
        _add_parameters(names, terms, cadences, table.columns)
    cadences.discard("")
    if not (names or cadences):
        return []
    return [" ".join([*names, *map(with_spaces, terms)]), *map(cadence_words, sorted(cadences))]


def _add_parameters(
    names: dict[str, None],
    terms: dict[str, None],
    cadences: set[str],
    parameters: list[Parameter],
) -> None:
    for parameter in parameters:
        names[parameter.name] = None
        terms[parameter.quantity] = None
        if parameter.particles:
            terms.update(dict.fromkeys(parameter.particles))
        if parameter.cadence:
            cadences.add(parameter.cadence)


def _other_identifiers(record: Record) -> list[str]:
    """What else leads to this record: DOIs in their bare form, earlier identifiers, an ORCID."""
    others = [identifiers.key(one) for one in record.prior_identifiers]
    if record.doi:
        others.append(record.doi.lower())
    others.extend(
        identifiers.doi(one) or identifiers.key(one) for one in record.alternate_identifiers
    )
    if record.agent is not None and record.agent.orcid:
        others.append(record.agent.orcid.rpartition("/")[2])
    return _once(others)


def _add_access(fields: dict[str, object], record: Record) -> None:
    rights: dict[str, None] = {}
    products: dict[str, None] = {}
    hapi = False
    for access in record.access:
        rights[access.rights] = None
        for url in access.urls:
            products.update(dict.fromkeys(url.product_keys))
            if url.style == "HAPI":
                hapi = True
    rights.pop("", None)
    if rights:
        fields["access"] = list(rights)
    if products:
        # What a data centre calls the dataset: AC_H0_MFI.
        fields["aliases"] = [*_texts(fields.get("aliases")), *products]
    forms = _with_ancestors(form for access in record.access for form in access.formats)
    if forms:
        fields["data_format"] = forms
    if record.access:
        fields["has_hapi"] = ["yes" if hapi else "no"]
        fields["has_preview"] = ["yes" if search_ranges.has_preview(record) else "no"]


def _add_ranges(fields: dict[str, object], record: Record) -> None:
    cadences = search_ranges.cadences(record)
    if cadences:
        fields["cadence"] = search_ranges.steps(cadences)
    ranges = {
        "cadence_seconds": cadences,
        "spectrum": search_ranges.spectrum(record),
        "particle_energy": search_ranges.particle_energies(record),
    }
    fields.update({name: [list(pair) for pair in pairs] for name, pairs in ranges.items() if pairs})


def _add_parameter_values(fields: dict[str, object], record: Record) -> None:
    found: dict[str, dict[str, None]] = {"quantity": {}, "units": {}, "frame": {}}
    for parameter in search_ranges.parameters(record):
        found["quantity"][parameter.quantity] = None
        found["units"][_unit(parameter.units)] = None
        found["frame"].update(dict.fromkeys(_frames(parameter.frame)))
    for name, values in found.items():
        values.pop("", None)
        if values:
            fields[name] = list(values)


@lru_cache(maxsize=8192)
def _unit(text: str) -> str:
    """A unit in one spelling: `cm^-3`, `1/cc` and `#/cm3` are one; what is no unit is left out."""
    return units.reading(text).unit if text else ""


@lru_cache(maxsize=1024)
def _frames(text: str) -> tuple[str, ...]:
    """The frames that a parameter in this one is found by: it, its equals, what is wider.

    It stands first, by the name of its concept, whatever system's name the record has for it.
    """
    iri = frames.concept(text) or frames.by_other_name(text) if text else None
    if iri is None:
        return (text,) if text else ()
    own = iri.rpartition("#")[2]
    return tuple(dict.fromkeys((own, *_finding().get(iri, ()))))


@cache
def _finding() -> dict[str, list[str]]:
    """Names of frames, SPASE's and IVOA's, that find a frame (`vocabularies.closure`)."""
    found: dict[str, list[str]] = {}
    for names in (frames.by_name(), frames.ivoa_terms()):
        for name, iri in names.items():
            for other in closure.found_by(iri):
                found.setdefault(other, []).append(name)
    return found


def _add_coverage(fields: dict[str, object], spans: list[Span]) -> None:
    """The time the record covers, in seconds since 1970, UTC.

    Several spans are given by their envelope, gaps included. An end that is not named, or not to
    be read, is open; a stop given as a date alone means the end of that day. A relative stop
    stays as it is written (`relative_stop`) and is resolved when asked; one in the future
    counts as open.
    """
    starts: list[float] = []
    stops: list[float] = []
    relative: dict[str, None] = {}
    for span in spans:
        start, stop = _seconds(span.start), _stop(span.stop)
        if start is None and stop is None and not span.relative_stop:
            continue
        starts.append(-OPEN if start is None else start)
        if stop is None and _lies_back(span.relative_stop):
            relative[span.relative_stop] = None
        else:
            stops.append(OPEN if stop is None else stop)
    if starts:
        fields["start"] = min(starts)
    if stops:
        fields["stop"] = max(stops)
    if relative:
        fields["relative_stop"] = list(relative)


def _lies_back(relative: str) -> bool:
    parts = dates.duration(relative) if relative else None
    return parts is not None and parts[0] <= 0 and parts[1] <= 0


def _seconds(text: str) -> float | None:
    moment = dates.moment(text) if text else None
    return None if moment is None else moment.timestamp()


def _stop(text: str) -> float | None:
    seconds = _seconds(text)
    return seconds + _DAY if seconds is not None and len(text) == 10 else seconds
