"""What a document is, seen from its root element, and the records it holds.

SPASE of any version, VOResource 1.x (alone or in `ri:VOResources`) and OAI-PMH 2.0 responses that
carry either. Names and endings of files say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from lxml import etree

from registry import identifiers
from registry.findings import Refusal
from schemas import cutting
from schemas.compiled import element_path
from schemas.oai_pmh.provenance import provenance
from schemas.parsing import parse
from schemas.parts import Header, Part
from schemas.positions import Positions, of_element, of_path

SPASE = "http://www.spase-group.org/data/schema"
REGISTRY_INTERFACE = "http://www.ivoa.net/xml/RegistryInterface/v1.0"
OAI = "http://www.openarchives.org/OAI/2.0/"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

_SPASE_ROOT = f"{{{SPASE}}}Spase"
_VERSION = f"{{{SPASE}}}Version"
_RESOURCE_ID = f"{{{SPASE}}}ResourceID"
# What stands beside the resources in a Spase element, and is none.
_BESIDE = frozenset(f"{{{SPASE}}}{name}" for name in ("Status", "MetadataRightsList", "Extension"))
_VORESOURCES = f"{{{REGISTRY_INTERFACE}}}VOResources"
_OBSOLETE = re.compile(r"http://www\.ivoa\.net/xml/(VOResource|RegistryInterface)/v(0\.\d+)")
_TAKEN = (
    "taken are SPASE (Spase in the namespace http://www.spase-group.org/data/schema), VOResource "
    "1.x (ri:Resource, ri:VOResources) and OAI-PMH responses with these"
)


def element(content: bytes) -> Any:
    """The root of a stored single record. Raises `Refusal` as `parsing.parse` does."""
    return parse(content).getroot()


def parts(content: bytes, *, layout: bool = True) -> list[Part]:
    """The records of a document, in its order; `layout` as for `parsing.parse`.

    Raises `Refusal` when the whole document cannot be taken: what `parsing.parse` refuses, and
    unrecognised or obsolete roots. A record that cannot be taken is a `Part` with `refusal`.
    """
    found = _parts(content, layout)
    for part in found:
        refusal = part.refusal
        if refusal is not None and part.element is not None:
            refusal.line, refusal.column = of_path(part, refusal.path, refusal.line)
    return found


def _parts(content: bytes, layout: bool) -> list[Part]:
    tree = parse(content, layout=layout)
    root = tree.getroot()
    tag = root.tag
    if tag == _SPASE_ROOT:
        resources = _resources(root)
        if len(resources) > 1:
            return _Source(content, tree).spase(resources)
        return [_spase(root, resources, content)]
    if tag == f"{{{OAI}}}OAI-PMH":
        return _Source(content, tree).response()
    if tag == _VORESOURCES:
        return _Source(content, tree).records(_elements(root), 1)
    if _is_voresource(root):
        return [_voresource(root, content)]
    raise _placed(_unrecognised(root), root, content)


def _placed(refusal: Refusal, element: Any, content: bytes) -> Refusal:
    """A refusal of a whole document, with the place of the element that it is about."""
    line, column = of_element(content, element)
    refusal.line, refusal.column = line or refusal.line, column
    return refusal


def _elements(parent: Any) -> list[Any]:
    return [child for child in parent if isinstance(child.tag, str)]


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag[0] == "{" else ""


def _resources(root: Any) -> list[tuple[int, Any]]:
    """The resources of a Spase element, each with its place among the children."""
    return [
        (place, child)
        for place, child in enumerate(_elements(root))
        if child.tag != _VERSION and child.tag not in _BESIDE
    ]


def _spase(root: Any, resources: list[tuple[int, Any]], content: bytes) -> Part:
    """The part for a Spase element with at most one resource (SPASE 2.7, Spase)."""
    version = root.findtext(_VERSION) or ""
    part = Part("spase", version.strip(), element=root, content=content)
    if not resources:
        part.refusal = Refusal(
            "no-identifier", "the Spase element holds no resource", line=root.sourceline or 0,
            path="Spase",
        )  # fmt: skip
        return part
    resource = resources[0][1]
    part.kind = _local(resource.tag)
    _identify(part, list(resource.iterchildren(_RESOURCE_ID)), resource, "ResourceID")
    return part


def _is_voresource(root: Any) -> bool:
    """`ri:Resource`, and what publishers write instead of it with the same content."""
    namespace = _namespace(root.tag)
    if _local(root.tag) not in ("Resource", "resource"):
        return False
    if namespace:
        return namespace == REGISTRY_INTERFACE
    return XSI_TYPE in root.attrib or root.find("identifier") is not None


def _voresource(root: Any, content: bytes) -> Part:
    """The part for one record (Registry Interfaces 1.1, section 3; VOResource 1.1, section 3)."""
    kind = root.get(XSI_TYPE, "").strip().rpartition(":")[2] or "Resource"
    part = Part("voresource", root.get("version", "").strip(), kind, element=root, content=content)
    part.deleted = root.get("status") == "deleted"
    _identify(part, list(root.iterchildren("identifier")), root, "identifier")
    return part


def _identify(part: Part, named: list[Any], resource: Any, name: str) -> None:
    """Give a part the one identifier its record states, or the refusal."""
    if len(named) == 1:
        text = "".join(named[0].xpath("text()")) if len(named[0]) else named[0].text or ""
        part.identifier = text.strip()
        wrong = identifiers.fault(part.identifier)
        if wrong:
            reason = "identifier" if part.identifier else "no-identifier"
            message = f"the record's {name}, {part.identifier[:200]!r}, cannot be one: {wrong}"
            part.refusal = _refusal(reason, message, named[0])
    elif named:
        told = ", ".join((found.text or "").strip()[:200] for found in named[:3])
        message = f"the record has {len(named)} of {name}, where one is needed: {told}"
        part.refusal = _refusal("identifier", message, named[1])
    else:
        message = f"the {part.kind} record has no {name}"
        remedy = f"add {name}: without it the record cannot be kept or found again"
        part.refusal = _refusal("no-identifier", message, resource, remedy)


def _refusal(reason: str, message: str, element: Any, remedy: str = "") -> Refusal:
    return Refusal(
        reason, message, line=element.sourceline or 0, path=element_path(element), remedy=remedy
    )


def _unrecognised(element: Any) -> Refusal:
    """Why nothing here reads a document with this root."""
    namespace, local = _namespace(element.tag), _local(element.tag)
    line = element.sourceline or 0
    old = _OBSOLETE.match(namespace)
    if old:
        return Refusal(
            "obsolete",
            f"{old[1]} {old[2]} is obsolete: VOResource 1.0 replaced it in 2008, and registries "
            "of today do not read it",
            line=line,
            remedy="ask the publisher for the record in VOResource 1.x",
        )
    where = f"in the namespace {namespace}" if namespace else "in no namespace"
    hint, remedy = "", _TAKEN
    if local.lower() == "spase":
        hint = f"; SPASE's root is Spase in the namespace {SPASE}"
        remedy = f'begin with <Spase xmlns="{SPASE}">'
    elif local in ("Resource", "resource", "VOResources"):
        hint = f"; VOResource's root is in the namespace {REGISTRY_INTERFACE}"
        root = "VOResources" if local == "VOResources" else "Resource"
        remedy = f'begin with <ri:{root} xmlns:ri="{REGISTRY_INTERFACE}" …>'
    return Refusal(
        "unrecognised", f"the root element {local} {where} is of no known kind{hint}",
        line=line, remedy=remedy,
    )  # fmt: skip


class _Source:
    """A document of several records, and what is cut from it."""

    def __init__(self, content: bytes, tree: Any) -> None:
        self._root = tree.getroot()
        self._text = cutting.characters(content, tree)
        self._positions = Positions(self._text)
        self._tree = tree
        self._content = content

    def _spans(self, paths: list[cutting.Path]) -> dict[cutting.Path, cutting.Span]:
        try:
            return cutting.spans(self._text, paths)
        except expat.ExpatError:
            # XML that one parser takes and the other does not (an encoding's name, XML 1.1).
            self._text = etree.tostring(parse(self._content), encoding="UTF-8")
            self._positions = Positions(self._text)
            return cutting.spans(self._text, paths)

    def spase(self, resources: list[tuple[int, Any]]) -> list[Part]:
        """Each resource in a Spase element of its own, with all that stands before the first."""
        spans = self._spans([(place,) for place, _ in resources])
        begun = self._spans([()])[()][0]
        start, after = cutting.start_tag(self._text, begun, self._root)
        first = spans[(resources[0][0],)][0]
        head = start + self._text[after:first]
        name = re.match(rb"<([^\s/>]+)", start)
        assert name is not None
        end = b"\n</" + name[1] + b">"
        top = self._positions.of(begun)
        found = []
        for place, _ in resources:
            span = spans[(place,)]
            body = head + self._text[span[0] : span[1]] + end
            # The resource's own lines count as in the document; those of the head cannot.
            line, column = self._positions.of(span[0])
            pieces = ((0, *top), (len(head), line, column))
            found.append(self._part(body, line - head.count(b"\n"), pieces, _one_spase))
        return found

    def records(self, children: list[Any], depth: int) -> list[Part]:
        """The records that are the root's children (`ri:VOResources`)."""
        paths: list[cutting.Path] = [(place,) for place in range(len(children))]
        spans = self._spans(paths) if paths else {}
        return [self._cut(child, spans[path]) for path, child in zip(paths, children, strict=True)]

    def response(self) -> list[Part]:
        """The records of an OAI-PMH response (OAI-PMH 2.0, section 3.2)."""
        answer = _answer(self._root, self._content)
        place = _elements(self._root).index(answer)
        wanted = list(_payloads(answer, place))
        spans = self._spans([path for _, _, path in wanted if path])
        found = []
        for header, payload, path in wanted:
            if payload is None:
                part = _bare(header)
            else:
                part = self._cut(payload, spans[path])
                part.deleted = part.deleted or header.deleted
            part.header = header
            found.append(part)
        return found

    def _cut(self, child: Any, span: cutting.Span) -> Part:
        """One record standing in the document."""
        line, column = self._positions.of(span[0])
        if child.tag == _SPASE_ROOT:
            make: Callable[[Any, bytes], Part] = _one_spase
        elif _is_voresource(child):
            make = _voresource
        else:
            refusal = _unrecognised(child)
            refusal.line, refusal.column = line, column
            return Part(refusal=refusal, whole=False, line=line)
        body = cutting.standing(self._text, span, child)
        # Declarations were put in after the name, all in one line.
        name = cutting.name_end(body)
        added = len(body) - (span[1] - span[0])
        pieces = ((0, line, column), (name + added, line, column + len(body[:name].decode())))
        return self._part(body, line, pieces, make)

    def _part(
        self,
        body: bytes,
        line: int,
        pieces: tuple[tuple[int, int, int], ...],
        make: Callable[[Any, bytes], Part],
    ) -> Part:
        part = make(element(body), body)
        part.whole, part.line, part.pieces = False, line, pieces
        if part.refusal is not None:
            part.refusal.line += line - 1
        return part


def _one_spase(root: Any, content: bytes) -> Part:
    resources = _resources(root)
    part = _spase(root, resources, content)
    if len(resources) > 1:
        part.refusal = Refusal(
            "identifier", "the record holds several resources, where one is needed",
            line=resources[1][1].sourceline or 0, path=element_path(resources[1][1]),
        )  # fmt: skip
    return part


def _answer(root: Any, content: bytes) -> Any:
    """The verb's element with records in it; what else a response may be is refused in words."""
    for child in _elements(root):
        name = _local(child.tag)
        if child.tag in (f"{{{OAI}}}ListRecords", f"{{{OAI}}}GetRecord"):
            return child
        if name == "error":
            code, text = child.get("code", "unknown"), (child.text or "").strip()
            message = f"an OAI-PMH response with the error {code}: {text}".rstrip(": ")
            raise _placed(Refusal("unrecognised", message), child, content)
        if name not in ("responseDate", "request"):
            message = f"an OAI-PMH response with {name} holds no records"
            remedy = "give the response of ListRecords or GetRecord"
            raise _placed(Refusal("unrecognised", message, remedy=remedy), child, content)
    raise _placed(Refusal("unrecognised", "the OAI-PMH response is empty"), root, content)


def _payloads(answer: Any, place: int) -> Iterator[tuple[Header, Any, cutting.Path]]:
    """Each record's header, and its metadata with the path to it, where there are any."""
    for number, record in enumerate(_elements(answer)):
        if record.tag != f"{{{OAI}}}record":
            continue
        header, payload = Header(""), None
        path: cutting.Path = ()
        for inside, child in enumerate(_elements(record)):
            if child.tag == f"{{{OAI}}}header":
                header = _header(child)
            elif child.tag == f"{{{OAI}}}metadata":
                payload = next(iter(_elements(child)), None)
                path = (place, number, inside, 0) if payload is not None else ()
        header.provenance = provenance(record)
        yield header, payload, path


def _header(found: Any) -> Header:
    def texts(name: str) -> list[str]:
        return [(child.text or "").strip() for child in found.iterchildren(f"{{{OAI}}}{name}")]

    return Header(
        "".join(texts("identifier")[:1]),
        "".join(texts("datestamp")[:1]),
        tuple(texts("setSpec")),
        found.get("status") == "deleted",
    )


def _bare(header: Header) -> Part:
    """A record without metadata: a deletion, else a fault of the peer's."""
    part = Part(deleted=header.deleted, whole=False)
    if not identifiers.fault(header.identifier):
        part.identifier = header.identifier
    if not header.deleted:
        part.refusal = Refusal(
            "unrecognised", f"the OAI-PMH record {header.identifier} has no metadata"
        )
    return part
