"""Rules that IVOA's standards state in prose, beyond their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mappings.elements import local_name, text
from registry import dates, identifiers
from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import about, found, said, short
from registry.validation.rules.registry import rule
from schemas.parts import Part
from vocabularies.ivoa_terms import INSTEAD, TERMS

_VO = ["voresource"]
_AUTHORITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{2,}")
# What VOResource's schema lets pass: the rest it tells itself.
_BY_SCHEMA = re.compile(r"\w[\w\-.!~*'()+=]{2,}")
_STANDARDS = (
    "ivo://ivoa.net/std/TAP", "ivo://ivoa.net/std/ConeSearch", "ivo://ivoa.net/std/SIA",
    "ivo://ivoa.net/std/SSA", "ivo://ivoa.net/std/SLAP", "ivo://ivoa.net/std/Registry",
    "ivo://ivoa.net/std/VOSI#capabilities", "ivo://ivoa.net/std/VOSI#availability",
    "ivo://ivoa.net/std/VOSI#tables", "ivo://ivoa.net/std/DALI#examples",
    "ivo://ivoa.net/std/DataLink#links-1.0", "ivo://ivoa.net/std/SODA#sync-1.0",
    "ivo://ivoa.net/std/TAP#aux", "ivo://ivoa.net/std/SIA#query-2.0",
)  # fmt: skip
_ELSEWHERE = {
    "ivo://ivoa.net/std/conesearch": _STANDARDS[1],
    "ivo://ivoa.net/std/simpleimageaccess": _STANDARDS[2],
    "ivo://ivoa.net/std/simplespectralaccess": _STANDARDS[3],
}


@rule("ivoa.authority", ERROR, "an authority that no ivoid can have", formats=_VO)
def authority(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """IVOA Identifiers 2.0, section 2.3.1: three signs at least, the first a letter or a digit."""
    written = identifiers.authority(model.identifier)
    if _BY_SCHEMA.fullmatch(written) and not _AUTHORITY.fullmatch(written):
        message = f"`identifier` has the authority {short(written)!r}, which no ivoid can have"
        remedy = "an authority has three or more letters, digits and - _ . ~, the first a letter "
        remedy += "or a digit"
        yield said(document, "identifier", model.identifier, message, remedy)


@rule("ivoa.query", ERROR, "a record's identifier with a query or a fragment", formats=_VO)
def query(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """IVOA Identifiers 2.0, section 2.2: they are no part of what names a record."""
    found_ = re.search(r"[?#]", model.identifier)
    if found_:
        right = model.identifier[: found_.start()]
        message = f"`identifier` is {short(model.identifier)}; a record's has no {found_.group()!r}"
        yield said(document, "identifier", model.identifier, message, f"write {right}")


@rule("ivoa.created-after-updated", WARNING, "a record changed before it was made", formats=_VO)
def created_after_updated(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    created, updated = dates.moment(model.created), dates.moment(model.released)
    if created and updated and created > updated:
        message = f"the record was created at {model.created}, after its last update "
        message += f"({model.released})"
        yield about(document, document.element, message, "correct one of the two attributes",
                    attribute="created")  # fmt: skip


@rule("ivoa.interface-url", WARNING, "an interface without an address", formats=_VO)
def interface_url(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """VOResource 1.2, section 3.2.2: accessURL is where the service answers."""
    for element in document.element.iter("{*}interface"):
        urls = [one for one in element if local_name(one.tag) == "accessURL"]
        if not any(text(one) for one in urls):
            what = "an empty accessURL" if urls else "no accessURL"
            message = f"`interface` has {what}: nobody can reach the service"
            yield about(document, urls[0] if urls else element, message,
                        "write the address that clients call")  # fmt: skip


@cache
def _known_standards() -> dict[str, str]:
    return {**{one.lower(): one for one in _STANDARDS}, **_ELSEWHERE}


@rule("ivoa.standard-id", WARNING, "a standardID that clients do not find", formats=_VO)
def standard_id(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """Clients look for the standard's own spelling (IVOA Identifiers 2.0, section 4.2)."""
    for capability in model.capabilities:
        written = capability.standard
        if not written or written in _STANDARDS:
            continue
        right = _known_standards().get(written.lower().rstrip("/"), "")
        if right and right != written:
            message = f"`standardID` is {short(written)}; the standard's own is {right}"
            yield said(document, "capability", written, message, f"write {right}", right,
                       attribute="standardID")  # fmt: skip
        elif not written.lower().startswith("ivo://"):
            message = f"`standardID` is {short(written)!r}, which is no ivoid"
            yield said(document, "capability", written, message,
                       "write the standard's, like ivo://ivoa.net/std/TAP",
                       attribute="standardID")  # fmt: skip


def _terms(document: Part) -> Iterator[tuple[str, str, str, str]]:
    """(vocabulary, element, attribute, term) of all that must be a term of IVOA's lists."""
    root = document.element
    for name, vocabulary in (
        ("relationshipType", "relationship_type"),
        ("contentLevel", "content_level"),
        ("type", "content_type"),
        ("waveband", "messenger"),
    ):
        for element in root.iter("{*}" + name):
            above = local_name(element.getparent().tag) if element.getparent() is not None else ""
            if name != "type" or above == "content":
                yield vocabulary, name, "", text(element)
    for element in root.iter("{*}date"):
        role = element.get("role", "").strip()
        if role:
            yield "date_role", "date", "role", role


@rule("ivoa.term", WARNING, "a word that IVOA's vocabulary does not have", formats=_VO)
def term(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for vocabulary, name, attribute, word in dict.fromkeys(_terms(document)):
        known = TERMS[vocabulary]
        if not word or word in known or word in INSTEAD.get(vocabulary, {}):
            continue
        same = {_loose(one): one for one in known}.get(_loose(word), "")
        what = f"the attribute `{attribute}` of `{name}`" if attribute else f"`{name}`"
        message = f"{what} is {short(word)!r}, which is no term of IVOA's {vocabulary} vocabulary"
        remedy = f"write {same}" if same else f"one of {', '.join(sorted(known)[:20])}"
        yield said(document, name, word, message, remedy, same or None, attribute=attribute)


def _loose(word: str) -> str:
    return re.sub(r"[\W_]", "", word).lower()


@rule("ivoa.deprecated-term", WARNING, "a word that another has replaced in IVOA's vocabulary",
      formats=_VO)  # fmt: skip
def deprecated_term(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for vocabulary, name, attribute, word in dict.fromkeys(_terms(document)):
        after = INSTEAD.get(vocabulary, {}).get(word)
        if after is None:
            continue
        what = f"the attribute `{attribute}` of `{name}`" if attribute else f"`{name}`"
        message = f"{what} is {word}, a deprecated term"
        remedy = f"write {after}" if after else "write a term that says how the two are related"
        yield said(document, name, word, message, remedy, after or None, attribute=attribute)


@rule("ivoa.subject", ADVICE, "subjects that stand in one element", formats=_VO)
def subject(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """VOResource 1.2, section 3.1.3: one keyword an element."""
    for word in model.keywords:
        if word.count(",") > 1 or ";" in word:
            message = f"`subject` is {short(word)!r}: several keywords in one element"
            yield about(document, found(document, "subject", word), message,
                        "write one subject element for each")  # fmt: skip
