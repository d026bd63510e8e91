"""The texts of a record that can be replaced because it is certain what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry.dates import duration, moment
from registry.findings import Finding
from registry.mending.records import Place
from registry.mending.source import Element
from registry.validation import certain
from schemas.parts import Part
from schemas.spase.tables import EXTENSIONS, NAMESPACE, members, type_of

_SPACE = " \t\r\n"
_ADDRESSES = frozenset((
    "URL", "MirrorURL", "ImageURL", "LandingPageURL", "ModelURL", "PropertyTableURL",
    "InputTableURL",
    # VOResource 1.1: accessURL, referenceURL, logo, mirrorURL; never an identifier or standardID
    "accessURL", "referenceURL", "logo", "mirrorURL",
))  # fmt: skip
_NAMED = frozenset(("DOI", "Email", "ORCIdentifier", "RORIdentifier", "ProductKey"))
"""Texts that name something, so that white space round them is none of theirs."""


@dataclass(slots=True, frozen=True)
class Replacement:
    """A new text for an element, or for one of its attributes."""

    rule: str
    element: Element
    attribute: str
    value: str
    message: str

    @property
    def old(self) -> str:
        return self.element.attribute(self.attribute) or "" if self.attribute else self.element.text

    def apply(self) -> None:
        if self.attribute:
            self.element.write_attribute(self.attribute, self.value)
        else:
            self.element.write(self.value)


def replacements(part: Part, place: Place, findings: Iterable[Finding]) -> list[Replacement]:
    """What is to be replaced in a record: by its findings, and by what is certain besides.

    Each text once; where both know one, the finding's counts. A finding with a `replacement`
    means the text of the element at its path, or the attribute that ends it (`…/@updated`); with
    `schema.location` it means xsi:schemaLocation.
    """
    found: dict[tuple[int, str], Replacement] = {}
    besides = list(_besides(part, place))
    said = {id(one.element) for one in besides}
    for one in (*_by_findings(part, place, findings), *besides):
        if one.rule in ("schema.value", "schema.type") and id(one.element) in said:
            continue  # what is certain besides says which text becomes which
        if one.value != one.old and (one.attribute or one.element.raw is not None):
            found.setdefault((id(one.element), one.attribute), one)
    return list(found.values())


def _by_findings(part: Part, place: Place, findings: Iterable[Finding]) -> Iterator[Replacement]:
    for finding in findings:
        element = place.at(finding.path)
        if element is None:
            continue
        attribute = finding.path.partition("/@")[2]
        if finding.rule == "schema.location":
            attribute = "schemaLocation"
        if attribute and element.attribute(attribute) is None:
            continue
        value = finding.replacement
        old = (element.attribute(attribute) if attribute else element.text) or ""
        if value is not None and finding.rule == "schema.value" and not _alike(old, value):
            # A fixed value is the only valid one; what stands there may yet belong elsewhere.
            continue
        if value is None and part.format == "voresource" and finding.rule == "schema.value":
            value = certain.date_time(old) or None
        if value is not None:
            yield Replacement(finding.rule, element, attribute, value, finding.message)


def _alike(old: str, new: str) -> bool:
    return old.strip(_SPACE).lower() == new.lower() or certain.list_value(old, (new,)) == new


def _besides(part: Part, place: Place) -> Iterator[Replacement]:
    spase = part.format == "spase"
    known = part.version if spase and part.version in EXTENSIONS else ""
    for element in place.every():
        if element.children or element.raw is None:
            continue
        if spase and element.namespace != NAMESPACE:
            continue
        text = element.text
        rule, value = _address(element.name, text)
        # XSD takes white space off a URI itself (part 2, section 4.3.6): there it is no fault.
        if rule == "fix.white-space" and not (known and _keeps_space(element.name, known)):
            continue
        if not value and known:
            rule, value = _typed(element.name, text, known)
        if value and value != text:
            message = f"`{element.name}`: {text.strip()[:200]!r} → {value[:200]!r}"
            yield Replacement(rule, element, "", value, message)


def _address(name: str, text: str) -> tuple[str, str]:
    """White space round addresses and names of things; http where https is known."""
    plain = text.strip(_SPACE)
    if name in _ADDRESSES:
        secure = certain.https(plain)
        return ("fix.https", secure) if secure else ("fix.white-space", plain)
    return ("fix.white-space", plain) if name in _NAMED else ("", "")


def _keeps_space(name: str, version: str) -> bool:
    return type_of(name, version) in ("xsd:string", "typeID")


def _typed(name: str, text: str, version: str) -> tuple[str, str]:
    """Texts of SPASE elements by their type in the record's version."""
    kind = type_of(name, version)
    plain = text.strip(_SPACE)
    if kind == "typeID" or name.endswith("ID"):
        return "fix.white-space", plain
    if kind[:1] == "#" and name != "Version":
        known = members(kind[1:], version)
        if plain in known:
            return "fix.white-space", plain
        return "fix.value", certain.list_value(plain, known)
    if kind == "xsd:dateTime" and moment(plain) is None:
        return "fix.date", certain.date_time(plain)
    if kind == "xsd:duration" and duration(plain) is None:
        return "fix.duration", certain.duration(plain)
    return "", ""
