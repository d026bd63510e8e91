"""What a record's page shows, put together from the store in one snapshot."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mappings import agents
from mappings.labels import orcid, ror
from mappings.models import model_of
from mappings.to_citation import to_citation
from mappings.to_csl import to_csl
from mappings.to_linkset import Link
from mappings.to_meta_tags import to_meta_tags
from mappings.to_schema_org import script_text
from mappings.to_snippets import KINDS, Way, holds_files, to_snippets
from registry import identifiers
from registry.findings import Finding
from registry.kept_records import neighbours
from registry.model import Access, AccessURL, Capability, Neighbours, Parameter, Record
from registry.store.kept import KeptPlace, KeptRecord, KeptRevision
from registry.store.reading import Reader
from registry.web import fair, previews
from registry.web.coverage_drawing import Drawing, coverage_drawing
from registry.web.derived import Beside, all_findings, cut_out
from registry.web.fair import Metric
from registry.web.presentation import duration, here, once, page_of, words
from registry.web.public_places import public_place
from registry.web.representations import page_links, schema_org
from registry.web.site import Site
from registry.web.source_tree import Node, Step, source_tree
from registry.web.terms import Term, term_of
from schemas.documents import element
from vocabularies import frames

REFERRING_SHOWN = 60
CHAINED = 12
"""So many instruments are drawn with what carries them."""
_WHAT = {
    "File": "Files",
    "Listing": "Files",
    "Template": "Files",
    "Search": "Search pages",
    "Overview": "Search pages",
}
_SERVICES = ("HAPI", "TAP", "EPNTAP", "WebService")
_GROUPED = ("Data services", "Files", "Search pages", "Other addresses")
_SEARCHED = {
    "Instrument": "instrument",
    "Observatory": "observatory",
    "Repository": "repository",
    "Person": "person",
}


@dataclass(slots=True, frozen=True)
class Reference:
    """Another record as this one names it; `page` is '' where it is not held here."""

    identifier: str
    name: str
    kind: str
    page: str
    orcid: str = ""
    organisation: str = ""


@dataclass(slots=True, frozen=True)
class Somebody:
    """A person or organisation on the page, with the parts they have in the resource."""

    name: str
    roles: list[str]
    page: str = ""
    orcid: str = ""
    ror: str = ""
    organisation: str = ""
    email: str = ""
    identifier: str = ""
    note: str = ""


@dataclass(slots=True, frozen=True)
class Offer:
    """An address of the data, the formats that come from there, and what it is for people."""

    url: AccessURL
    formats: list[str]

    @property
    def what(self) -> str:
        style = self.url.style
        if style:
            return _WHAT.get(style, "Data services" if style in _SERVICES else "Other addresses")
        return "Files" if holds_files(self.url) else "Other addresses"


@dataclass(slots=True)
class AccessGroup:
    """What one repository offers under the same terms."""

    repository: str
    terms: list[str]
    offers: list[Offer] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    acknowledgements: list[str] = field(default_factory=list)

    @property
    def kinds(self) -> list[tuple[str, list[Offer]]]:
        """The addresses by what they are, services first."""
        found = ((what, [one for one in self.offers if one.what == what]) for what in _GROUPED)
        return [(what, those) for what, those in found if those]


@dataclass(slots=True)
class RecordPage:
    """Everything that the template asks for."""

    kept: KeptRecord
    body: bytes
    """The source, as it came."""
    record: Record
    neighbours: Neighbours
    address: str
    json_ld: str
    links: list[Link]
    """The page's links by FAIR Signposting."""
    metas: list[tuple[str, str]]
    citation: dict[str, Any]
    """The record as CSL-JSON, which its citations are made from."""
    steps: list[tuple[Step, Node]]
    cut: bool
    line_numbers: bool
    findings: list[Finding]
    revisions: list[KeptRevision]
    places: list[KeptPlace]
    referring: list[tuple[str, KeptRecord]]
    referring_kinds: list[tuple[str, int, str]]
    """Kind, number, and the search that finds them, of the records that refer to this one."""
    referring_search: str
    drawing: Drawing | None
    ways: list[Way]
    metrics: list[Metric]
    asked: str = ""
    """What the parameters are searched for."""
    successors: list[Reference] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    """The HAPI servers that the page's script may ask for data to draw."""

    def refer(self, identifier: str) -> Reference:
        """A record that this one names."""
        key = identifiers.key(identifier)
        label = self.neighbours.get(key)
        if label is None:
            return Reference(identifier, "", "", "")
        name = label.name or identifier
        return Reference(
            identifier, name, label.kind, page_of(key), label.orcid, label.organisation
        )

    def refer_all(self, named: Iterable[str]) -> list[Reference]:
        """Records that this one names, each once."""
        return [self.refer(one) for one in once(named)]

    @property
    def doi(self) -> str:
        return self.kept.minted_doi or identifiers.doi(self.record.doi)

    @property
    def observatories(self) -> list[Reference]:
        """Those that the record names, and those that its instruments name."""
        through = (
            observatory
            for instrument in self.record.instruments
            if (label := self.neighbours.get(identifiers.key(instrument)))
            for observatory in label.observatories
        )
        keys = once(map(identifiers.key, [*self.record.observatories, *through]))
        return self.refer_all(keys)

    @property
    def access(self) -> list[AccessGroup]:
        """The ways to the data, by repository and terms, in the record's order."""
        groups: dict[tuple[str, ...], AccessGroup] = {}
        for one in self.record.access:
            terms = [f"{words(one.rights)} access"] if one.rights else []
            terms += [words(one.availability)] if one.availability else []
            group = groups.setdefault(
                (identifiers.key(one.repository), *terms), AccessGroup(one.repository, terms)
            )
            encoding = [one.encoding] if one.encoding not in ("", "None") else []
            formats = [words(each) for each in once([*one.formats, *encoding])]
            group.offers += [Offer(url, formats) for url in one.urls]
            if one.quantity:
                group.sizes.append(_size(one))
            if one.acknowledgement and one.acknowledgement not in group.acknowledgements:
                group.acknowledgements.append(one.acknowledgement)
        return list(groups.values())

    @property
    def bare_capabilities(self) -> list[Capability]:
        """Those that say no more than where they are: VOSI's, as a rule."""
        return [
            one
            for one in self.record.capabilities
            if not (one.type or one.description or one.details)
        ]

    @property
    def people(self) -> list[Somebody]:
        """Contacts, each once with all roles; who is named by roles without a record, too."""
        found: dict[str, Somebody] = {}
        for contact in self.record.contacts:
            other = self.refer(contact.person) if contact.person else None
            name = (other.name if other else "") or contact.name or contact.person
            roles = [words(role) for role in contact.roles]
            if contact.person and contact.person in found:
                found[contact.person].roles.extend(roles)
                continue
            found[contact.person or f"{name} {len(found)}"] = Somebody(
                name, roles, other.page if other else "", other.orcid if other else "", "",
                other.organisation if other else "", contact.email, contact.person, contact.note,
            )  # fmt: skip
        return list(found.values())

    @property
    def creators(self) -> list[agents.Named]:
        return agents.creators(self.record, self.neighbours)

    @property
    def publishers(self) -> list[agents.Named]:
        return [one] if (one := agents.publisher(self.record, self.neighbours)) else []

    @property
    def person_orcid(self) -> str:
        return orcid(self.record.agent.orcid) if self.record.agent else ""

    @property
    def person_rors(self) -> list[str]:
        return once(map(ror, self.record.agent.rors)) if self.record.agent else []

    @property
    def way_kinds(self) -> dict[str, str]:
        return KINDS

    def drawn(self, way: Way) -> bool:
        """Whether the page's script may draw the data of this way."""
        return previews.drawn(way) and previews.origin(way.address, self.address) in self.origins

    @property
    def citation_text(self) -> str:
        return to_citation(self.citation)

    @property
    def score(self) -> int:
        return fair.score(self.metrics)

    @property
    def parameters(self) -> list[Parameter]:
        """Those that hold every word that is searched for; all where nothing is."""
        words = self.asked.casefold().split()
        return [one for one in self.record.parameters if _holds(one, words)]

    @property
    def chain(self) -> list[tuple[Reference, list[tuple[Reference, list[Reference]]]]]:
        """How the data came about: instrument, the observatories that carry it, their groups."""
        found = []
        for instrument in once(map(identifiers.key, self.record.instruments))[:CHAINED]:
            label = self.neighbours.get(instrument)
            observatories = label.observatories if label else ()
            found.append((self.refer(instrument), [self._carrier(one) for one in observatories]))
        return found

    def _carrier(self, key: str) -> tuple[Reference, list[Reference]]:
        label = self.neighbours.get(key)
        groups = self.refer_all(label.groups) if label else []
        return self.refer(key), [one for one in groups if one.page]

    def frame(self, parameter: Parameter) -> tuple[Term, str] | None:
        """The definition of a parameter's frame, and its address."""
        return term_of("frames", frames.concept(parameter.frame))

    @property
    def referring_groups(self) -> list[tuple[str, str, list[KeptRecord]]]:
        """(kind, elements by which they refer, records) of those that are listed."""
        groups: dict[tuple[str, str], list[KeptRecord]] = {}
        for elements, one in self.referring:
            groups.setdefault((one.kind, elements), []).append(one)
        return [(*name, records) for name, records in groups.items()]

    @property
    def frames(self) -> list[tuple[str, Term | None, str]]:
        """Every frame that the record writes in: name, definition and its address."""
        record = self.record
        columns = (column for table in record.tables for column in table.columns)
        names = once(
            [
                *(one.frame for one in [*record.parameters, *columns]),
                *(place.frame for place in record.places),
            ]
        )
        found = [(name, term_of("frames", frames.concept(name))) for name in names]
        return [(name, term[0] if term else None, term[1] if term else "") for name, term in found]


def record_page(site: Site, reader: Reader, kept: KeptRecord, asked: str = "") -> RecordPage:
    """The page of a current record; `asked` is what its parameters are searched for."""
    body = reader.body(kept)
    root = element(body)
    record = model_of(kept.format, root)
    places = reader.places(kept)
    severities = site.settings.validation.severities
    named = {target: identifiers.key(target) for _, target in record.references}
    known = neighbours(reader, named.values())
    beside = Beside(reader, named.values(), known)
    findings = all_findings(reader, kept, body, root, record, places, severities, beside)
    if kept.minted_doi:
        record.doi = kept.minted_doi
    address = site.record_address(kept.key)
    counts = reader.count_referring(kept.key)
    steps, cut = source_tree(root, {text: key for text, key in named.items() if key in known})
    item = to_csl(record, known, page=address)
    described = schema_org(site, record, known, address)
    linked = page_links(record, known, address)
    ways = to_snippets(record)
    return RecordPage(
        kept=kept,
        body=body,
        record=record,
        neighbours=known,
        address=address,
        json_ld=script_text(described),
        links=linked,
        metas=to_meta_tags(record, known, item, address),
        citation=item,
        drawing=coverage_drawing(record.spans),
        ways=ways,
        metrics=fair.assessed(record, described, linked),
        asked=" ".join(asked.split())[:200],
        steps=steps,
        cut=cut,
        line_numbers=not cut_out(places),
        findings=findings,
        revisions=reader.revisions(kept.id),
        places=[public_place(place) for place in places],
        referring=_once_each(reader.referring(kept.key, 4 * REFERRING_SHOWN)),
        referring_kinds=[
            (kind, number, _search_of(kept, kind))
            for kind, number in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ],
        referring_search=_search_of(kept),
        successors=_successors(reader, kept),
        origins=previews.origins(ways, address),
    )


def _holds(parameter: Parameter, words: list[str]) -> bool:
    if not words:
        return True
    parts = (
        parameter.name, parameter.key, parameter.description, parameter.units, parameter.frame,
        parameter.quantity, parameter.kind, parameter.ucd, *parameter.qualifiers,
        *(one.name for one in parameter.elements),
    )  # fmt: skip
    text = "\n".join(parts).casefold()
    return all(word in text for word in words)


def _size(access: Access) -> str:
    every = f" every {duration(access.quantity_per)}" if access.quantity_per else ""
    return f"{access.quantity} {words(access.quantity_units)}{every}"


def _once_each(found: list[tuple[str, KeptRecord]]) -> list[tuple[str, KeptRecord]]:
    """Each record once, with the elements by which it refers."""
    elements: dict[int, list[str]] = {}
    records: dict[int, KeptRecord] = {}
    for name, record in found:
        elements.setdefault(record.id, []).append(name)
        records[record.id] = record
    each = [(", ".join(once(elements[number])), one) for number, one in records.items()]
    return each[:REFERRING_SHOWN]


def _search_of(kept: KeptRecord, kind: str = "") -> str:
    """The search for what refers to a record of this kind; '' if there is none."""
    parameter = _SEARCHED.get(kept.kind)
    return here("/search", **{parameter: kept.key, "kind": kind}) if parameter else ""


def _successors(reader: Reader, kept: KeptRecord) -> list[Reference]:
    """What supersedes a record that is kept and no longer active."""
    if kept.status == "active":
        return []
    return [
        Reference(one.identifier, one.name, one.kind, page_of(one.key))
        for one in reader.succeeding(kept.key)
    ]
