"""Rules about a record's own identifier."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry import identifiers
from registry.findings import ADVICE, ERROR, WARNING, Finding
from registry.model import Record
from registry.validation.lookup import Lookup
from registry.validation.rules.places import about, listed, said, short
from registry.validation.rules.registry import rule
from registry.validation.rules.written import Written
from schemas.parts import Part

_PLAIN = re.compile(r"spase://[\w.~+-]+/[\w.~+/()=,'-]+")


def _element(model: Record) -> str:
    return "ResourceID" if model.format == "spase" else "identifier"


def is_odd(texts: Written) -> bool:
    """Whether the identifier is other than plain, and where its file says."""
    identifier = texts.first(b"ResourceID")
    if not _PLAIN.fullmatch(identifier):
        return True
    if texts.texts[b"ResourceID"][0] != identifier.encode():
        return True
    path = texts.part.path
    return bool(path) and not path.endswith(f"{identifier[7:]}.xml")


def own(record: Written | Record) -> str:
    return record.identifier if isinstance(record, Record) else record.first(b"ResourceID")


def is_not_alone(identifier: str, lookup: Lookup) -> bool:
    """Whether others have the same identifier, or one that looks so."""
    key = identifiers.key(identifier)
    return len(lookup.places(key)) > 1 or bool(lookup.alike(identifier))


@rule("identifier.form", ERROR, "the record's identifier is not formed as one", first=is_odd)
def form(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """What cannot be an identifier at all is refused when the document is taken apart."""
    written, name = model.identifier, _element(model)
    if not written or identifiers.fault(written):
        return
    if identifiers.scheme(written) != ("spase" if model.format == "spase" else "ivo"):
        message = f"`{name}` is {short(written)}, an identifier of another kind of registry"
        yield said(document, name, written, message)
    elif written != identifiers.key(written) and model.format == "spase":
        right = identifiers.key(written)
        message = f"`{name}` is {short(written)}; the scheme is written in lower case"
        yield said(document, name, written, message, f"write {right}", right)


@rule("identifier.space", WARNING, "white space in or round the record's identifier",
      first=is_odd)  # fmt: skip
def space(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    name = _element(model)
    if " " in model.identifier or "\t" in model.identifier:
        message = f"`{name}` has a space inside: {short(model.identifier)!r}"
        yield said(document, name, model.identifier, message, "write it without, or with a dot")
        return
    element = next(document.element.iter("{*}" + name), None)
    written = element.text or "" if element is not None else ""
    if written != model.identifier and written.strip() == model.identifier:
        message = f"`{name}` has white space round {short(model.identifier)}"
        yield about(document, element, message, "remove the white space", model.identifier)


@rule(
    "identifier.case",
    WARNING,
    "two identifiers differ in upper and lower case only",
    formats=["spase"],
    first=own,
    among=is_not_alone,
)
def case(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    others = lookup.alike(model.identifier)
    if others:
        message = (
            f"`ResourceID` is {short(model.identifier)}, and {listed(others[:3], 'and')} differs "
            "from it in upper and lower case only"
        )
        remedy = "keep one spelling; if they are two resources, give them names that differ more"
        yield said(document, "ResourceID", model.identifier, message, remedy)


@rule(
    "identifier.repeated",
    WARNING,
    "two documents of one call have the same identifier",
    first=own,
    among=is_not_alone,
)
def repeated(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    places = lookup.places(identifiers.key(model.identifier))
    if len(places) < 2:
        return
    others = [place for place in places if place != document.path] or [document.path]
    message = f"{short(model.identifier)} stands in {len(places)} documents; also in "
    message += ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
    yield said(document, _element(model), model.identifier, message,
               "keep one, or give the other an identifier of its own")  # fmt: skip


@rule(
    "identifier.path",
    ADVICE,
    "the file does not lie where its identifier says",
    formats=["spase"],
    first=is_odd,
)
def path(document: Part, model: Record, lookup: Lookup) -> Iterator[Finding]:
    """hpde.io lays a repository out as Authority/Path.xml."""
    wanted = model.identifier.partition("://")[2]
    inner = "/" + document.path.rpartition("!/")[2].removesuffix(".xml").lstrip("/")
    if not wanted or not document.path or inner.endswith("/" + wanted):
        return
    authority, _, rest = wanted.partition("/")
    kind = rest.partition("/")[0]
    # Only a file under Authority/Kind, of this record or of another one, is laid out so at all.
    at = max(inner.find(f"/{authority}/{model.kind}/"), inner.find(f"/{authority}/{kind}/"))
    if at < 0:
        return
    message = (
        f"`ResourceID` is {short(model.identifier)}, and the file is {short(inner[at + 1 :])}.xml"
    )
    yield said(document, "ResourceID", model.identifier, message,
               f"name the file {wanted}.xml, or correct the identifier")  # fmt: skip
