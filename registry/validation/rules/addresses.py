"""Rules about addresses (URLs)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from registry.findings import ADVICE, WARNING, Finding
from registry.model import Record
from registry.validation import certain
from registry.validation.lookup import Lookup
from registry.validation.rules.places import said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Fine, Written, decoded
from schemas.parts import Part

_LABEL = r"[A-Za-z0-9](?:[\w-]*[A-Za-z0-9])?"
_HOST = rf"(?:\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})+)\.?(?::\d+)?"
_USER = r"(?:[\w.~!$&'()*+,;=%-]+(?::[^\s@/]*)?@)?"
_URL = re.compile(rf"(?:https?|ftps?|sftp)://{_USER}{_HOST}(?:[/?#]\S*)?", re.IGNORECASE)
_LONGEST = 8000
"""Octets of an address that every server should take (RFC 9110, section 4.1)."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FOREIGN = re.compile(r"(?!https?:|ftps?:)[A-Za-z][\w+.-]*://[^/\s]", re.IGNORECASE)
_OTHER_SCHEMES = ("mailto:", "doi:", "ivo:", "spase:", "urn:", "vos:")


def addresses(model: Record) -> Iterator[tuple[str, str]]:
    """(element, address) of all that is an address in the record."""
    spase = model.format == "spase"
    for link in model.links:
        yield "URL", link.url
    for access in model.access:
        for url in access.urls:
            yield "URL" if spase else "accessURL", url.url
    if model.publication and model.publication.landing_page:
        yield "LandingPageURL", model.publication.landing_page
    if model.reference_url:
        yield "referenceURL", model.reference_url
    for capability in model.capabilities:
        for interface in capability.interfaces:
            for address, _ in interface.urls:
                yield "accessURL", address


def _is_url(address: str) -> bool:
    return len(address) <= _LONGEST and _URL.fullmatch(address) is not None


@lru_cache(maxsize=65536)
def _sound(address: str) -> bool:
    """Whether nothing is to be said about an address."""
    return _is_url(address) and not (address[:5] == "http:" and certain.https(address))


def _is_sound(raw: bytes) -> bool:
    address = decoded(raw)
    return not address or _sound(address)


_fine: Fine[bytes] = Fine(_is_sound)


def in_doubt(texts: Written) -> bool:
    return not _fine.all(texts.named(b"URL", b"LandingPageURL", b"AccessURL", b"SourceURL"))


def doubtful(document: Part, model: Record, lookup: Lookup) -> bool:
    return any(address and not _sound(address) for _, address in addresses(model))


@rule("url.form", WARNING, "an address that is none", first=in_doubt, when=doubtful)
def form(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for name, address in dict.fromkeys(addresses(model)):
        if not address or _is_url(address) or address.lower().startswith(_OTHER_SCHEMES):
            continue
        # A VO interface may be of a kind of its own, with its own scheme.
        if model.format == "voresource" and _FOREIGN.match(address):
            continue
        fault, remedy = _fault(address)
        yield said(document, name, address, f"`{name}` is {short(address)!r}: {fault}", remedy)


def _fault(address: str) -> tuple[str, str]:
    if len(address) > _LONGEST:
        return f"it has {len(address)} characters", f"servers need not take more than {_LONGEST}"
    if re.search(r"\s", address):
        if re.match(r"(https?|ftps?)://", address):
            return "there is white space in it", "write %20 for a space, or one address an element"
        return "that is no address", "write one like https://example.org/path"
    if not _SCHEME.match(address):
        guess = f"https://{address}"
        if "." in address.partition("/")[0] and _URL.fullmatch(guess):
            return "it does not say how to get there", f"write {guess}"
        return "that is no address", "write one like https://example.org/path"
    if re.match(r"(https?|ftps?):/*", address, re.IGNORECASE):
        host = re.match(r"\w+://([A-Za-z0-9-]+)(?:[:/?#]|$)", address)
        if host:
            return f"the host {host[1]} is known only where it stands", "write its full name"
        return "no host stands after the ://", "write one like https://example.org/path"
    return f"{address.partition(':')[0]}: is no way to get data on the web", "write its web address"


@rule(
    "url.https",
    ADVICE,
    "http where the host is known to answer https",
    first=in_doubt,
    when=doubtful,
)
def secure(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    for name, address in dict.fromkeys(addresses(model)):
        right = certain.https(address) if address[:5].lower() == "http:" else ""
        if right:
            message = f"`{name}` is {short(address)}, and the host answers https as well"
            yield said(document, name, address, message, f"write {short(right)}", right)
