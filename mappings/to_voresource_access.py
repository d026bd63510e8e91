"""How data are reached, as capabilities (VOResource 1.2, section 3.2; DocRegExt 1.0, section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from mappings.to_voresource_xml import element, text_element
from registry.model import Access, AccessURL, Record

_SAFE = "!#$%&'()*+,-./:;=?@_~"
_UNFIT = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9!#$%&'()*+,\-./:;=?@_~]")
_FORM = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(//[^/?#]+([/?][^#]*)?|[^/#][^#]*)(#[^#]*)?")
_PORT = re.compile(r"//[^/?]*:[^/?@]*[^0-9/?@]")
_TAP = "ivo://ivoa.net/std/TAP"
_STANDARDS = {"TAP": _TAP, "EPNTAP": _TAP}
_SERVICES = frozenset(("HAPI", "TAP", "EPNTAP", "WebService"))
_LANGUAGES = {"english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it",
              "japanese": "ja", "russian": "ru", "portuguese": "pt", "chinese": "zh"}  # fmt: skip


def uri(text: str) -> str:
    """An address or identifier as RFC 3986 has it, percent-encoded where it must; '' for none."""
    found = _UNFIT.sub(lambda one: quote(one.group(), safe=_SAFE.replace("%", "")), text.strip())
    return found if _FORM.fullmatch(found) and not _PORT.search(found) else ""


def capabilities(record: Record) -> Iterator[str]:
    """One capability for each address of the data."""
    seen: set[str] = set()
    for access in record.access:
        for one in access.urls:
            address = uri(one.url)
            if address and address not in seen:
                seen.add(address)
                yield _capability(access, one, address)


def _capability(access: Access, one: AccessURL, address: str) -> str:
    standard = _STANDARDS.get(one.style, "")
    service = one.style in _SERVICES
    attributes = {"xsi:type": "vs:ParamHTTP" if service else "vr:WebBrowser"}
    if standard:
        attributes["role"] = "std"
    use = "base" if service else "full"
    interface = element("interface", [text_element("accessURL", address, {"use": use})], attributes)
    parts = [text_element("description", _described(access, one)), interface]
    return element("capability", parts, {"standardID": standard} if standard else {})


def _described(access: Access, one: AccessURL) -> str:
    """What the address leads to, in the record's words."""
    sentences = [one.name, one.description]
    if one.style:
        sentences.append(f"Style: {one.style}")
    if one.product_keys:
        sentences.append("Product keys: " + ", ".join(one.product_keys))
    if access.formats:
        sentences.append("Formats: " + ", ".join(access.formats))
    return ". ".join(text.strip().rstrip(".") for text in sentences if text.strip())


def editions(record: Record) -> Iterator[str]:
    """The editions of a document, each in one language; English where none is said."""
    for access in record.access:
        for one in access.urls:
            address = uri(one.url)
            if not address:
                continue
            language = one.language or record.language
            browser = element(
                "interface",
                [text_element("accessURL", address, {"use": "full"})],
                {"xsi:type": "vr:WebBrowser", "role": "rendered"},
            )
            parts = [browser, text_element("languageCode", _code(language))]
            yield element("capability", parts, {"xsi:type": "doc:Edition"})


def _code(language: str) -> str:
    """The code of ISO 639-1 for a language that is named."""
    word = language.strip().lower()
    return word if re.fullmatch("[a-z]{2}", word) else _LANGUAGES.get(word, "en")
