"""What stands round the records of an OAI-PMH response (OAI-PMH 2.0, sections 3.2, 3.5, 4)."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml import etree
from lxml.etree import _Element

OAI = "http://www.openarchives.org/OAI/2.0/"
_O = f"{{{OAI}}}"


@dataclass(slots=True, frozen=True)
class Format:
    """A metadata format as ListMetadataFormats gives it."""

    prefix: str
    schema: str = ""
    namespace: str = ""


@dataclass(slots=True, frozen=True)
class Set:
    """A set as ListSets gives it: its setSpec and setName."""

    spec: str
    name: str = ""


@dataclass(slots=True)
class Identity:
    """What a repository says of itself in Identify.

    `descriptions` are the contents of its description containers, as elements: the registry's
    own VOResource record is there at an IVOA publishing registry.
    """

    name: str = ""
    base_url: str = ""
    protocol: str = ""
    admin_emails: list[str] = field(default_factory=list)
    earliest: str = ""
    deleted_record: str = ""
    granularity: str = ""
    compression: list[str] = field(default_factory=list)
    descriptions: list[_Element] = field(default_factory=list)
    response_date: str = ""


def is_answer(root: _Element) -> bool:
    """Whether a document is an OAI-PMH 2.0 response."""
    return root.tag == f"{_O}OAI-PMH"


def is_error(root: _Element) -> bool:
    """Whether a response says that the request has an error (section 3.6)."""
    return is_answer(root) and root.find(f"{_O}error") is not None


def is_listing(root: _Element) -> bool:
    """Whether a response is one that holds records (sections 4.3 and 4.5)."""
    return any(root.find(f"{_O}{verb}") is not None for verb in ("ListRecords", "GetRecord"))


def contents(root: _Element) -> list[str]:
    """The names of what a response holds beside responseDate and request."""
    names = [etree.QName(child).localname for child in root.iterchildren(etree.Element)]
    return [name for name in names if name not in ("responseDate", "request")]


def response_date(root: _Element) -> str:
    """The peer's clock, as it writes it; '' if it does not say."""
    return _text(root, "responseDate")


def resumption(root: _Element) -> tuple[str, int | None, int | None]:
    """The token ('' if there is none or it is empty), completeListSize and cursor."""
    found = next(root.iterfind(f"{_O}*/{_O}resumptionToken"), None)
    if found is None:
        return "", None, None
    return (found.text or "").strip(), _number(found, "completeListSize"), _number(found, "cursor")


def identity(root: _Element) -> Identity:
    """The content of an Identify response; what the peer leaves out is empty."""
    found = root.find(f"{_O}Identify")
    if found is None:
        return Identity(response_date=response_date(root))
    return Identity(
        name=_text(found, "repositoryName"),
        base_url=_text(found, "baseURL"),
        protocol=_text(found, "protocolVersion"),
        admin_emails=_texts(found, "adminEmail"),
        earliest=_text(found, "earliestDatestamp"),
        deleted_record=_text(found, "deletedRecord"),
        granularity=_text(found, "granularity"),
        compression=_texts(found, "compression"),
        descriptions=[
            child
            for description in found.iterfind(f"{_O}description")
            for child in description.iterchildren(etree.Element)
        ],
        response_date=response_date(root),
    )


def formats(root: _Element) -> list[Format]:
    """The formats of a ListMetadataFormats response."""
    return [
        Format(_text(one, "metadataPrefix"), _text(one, "schema"), _text(one, "metadataNamespace"))
        for one in root.iterfind(f"{_O}ListMetadataFormats/{_O}metadataFormat")
    ]


def sets(root: _Element) -> list[Set]:
    """The sets of a page of ListSets (section 4.6)."""
    found = root.iterfind(f"{_O}ListSets/{_O}set")
    return [Set(_text(one, "setSpec"), _text(one, "setName")) for one in found]


def _texts(parent: _Element, name: str) -> list[str]:
    found = [(child.text or "").strip() for child in parent.iterfind(f"{_O}{name}")]
    return [text for text in found if text]


def _text(parent: _Element, name: str) -> str:
    return next(iter(_texts(parent, name)), "")


def _number(element: _Element, name: str) -> int | None:
    text = element.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
