"""Rules about what a citation or a DOI needs (DataCite 4.5: creator, title, publisher, year)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import listed, said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Fine, Written, decoded
from schemas.parts import Part

CITED = ("NumericalData", "DisplayData", "Catalog", "Collection", "NumericalOutput",
         "DisplayOutput")  # fmt: skip
_CREATORS = frozenset((
    "PrincipalInvestigator", "CoPI", "CoInvestigator", "DataProducer", "TeamLeader", "Author",
    "CoLead", "InstrumentLead",
))  # fmt: skip


_NEEDED = (b"Authors", b"PublicationDate", b"PublishedBy")
_ROLES = frozenset(role.encode() for role in _CREATORS)


def _told_apart(authors: str) -> bool:
    return not ((authors.count(",") > 3 and ";" not in authors) or re.search(r"\bet al\b", authors))


_fine_authors: Fine[bytes] = Fine(lambda raw: _told_apart(decoded(raw)))


def is_uncited(texts: Written) -> bool:
    """Whether what a citation needs is not all there."""
    there = [name for name in _NEEDED if name in texts.texts]
    if there:
        given = texts.named(*there)
        return (
            len(there) < len(_NEEDED)
            or not all(map(bytes.strip, given))
            or not _fine_authors.all(texts.named(b"Authors"))
        )
    if b"<PublicationInfo>" in texts.content or b"DOI" in texts.texts:
        return True
    return _ROLES.isdisjoint(map(bytes.strip, texts.named(b"Role")))


def says_little(texts: Written) -> bool:
    """Whether the first description is shorter than the title, or the same."""
    descriptions = texts.texts.get(b"Description")
    name = texts.texts.get(b"ResourceName")
    if not descriptions or not name:
        return False
    # An entity is written with six letters at most.
    if len(descriptions[0]) > _MANY * len(name[0]) + _MANY * 100:
        return False
    title, told = decoded(name[0]), decoded(descriptions[0])
    return len(told) <= len(title)


_MANY = 6


@rule("citation.incomplete", ADVICE, "what a citation needs is missing", formats=["spase"],
      kinds=CITED, first=is_uncited)  # fmt: skip
def incomplete(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    publication = model.publication
    if publication is None:
        if model.doi.startswith("10.") or any(
            _CREATORS.intersection(contact.roles) for contact in model.contacts
        ):
            return
        message = f"`{model.kind}` names nobody as its author: neither PublicationInfo nor a "
        message += "Contact who is its principal investigator or data producer"
        yield said(document, "ResourceHeader", None, message,
                   "add PublicationInfo with Authors, PublicationDate and PublishedBy")  # fmt: skip
        return
    missing = [
        name
        for name, text in (
            ("Authors", publication.authors),
            ("PublicationDate", publication.date),
            ("PublishedBy", publication.publisher),
        )
        if not text
    ]
    if missing:
        message = f"`PublicationInfo` has no {listed(missing, 'and no')}"
        yield said(document, "PublicationInfo", None, message, "add what a citation needs")


@rule("citation.doi", WARNING, "a DOI without what must be known to cite it", formats=["spase"],
      kinds=CITED, first=is_uncited)  # fmt: skip
def doi(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    if model.doi.startswith("10.") and model.publication is None:
        message = f"the record has the DOI {short(model.doi)} and no PublicationInfo"
        remedy = "add PublicationInfo with the Authors, PublicationDate and PublishedBy of the DOI"
        yield said(document, "DOI", None, message, remedy)


@rule("citation.authors", ADVICE, "several authors that cannot be told apart", formats=["spase"],
      kinds=CITED, first=is_uncited)  # fmt: skip
def authors(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """Authors are separated by semicolons: commas stand inside names."""
    written = model.publication.authors if model.publication else ""
    if not _told_apart(written):
        what = "leaves authors out" if "et al" in written else "has no semicolon between its names"
        message = f"`Authors` is {short(written)!r}, which {what}"
        yield said(document, "Authors", written, message,
                   "write Family, Given; Family, Given; …")  # fmt: skip


@rule("text.short-description", ADVICE, "a description that says less than the title",
      first=says_little)  # fmt: skip
def short_description(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    if not model.description or not model.name or model.kind == "Person":
        return
    if len(model.description) < len(model.name) or model.description == model.name:
        name = "Description" if model.format == "spase" else "description"
        message = f"`{name}` says less than the title: {short(model.description)!r}"
        remedy = "say what was measured, by what, where and when, and what it is good for"
        yield said(document, name, model.description, message, remedy)
