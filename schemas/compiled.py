"""XSD documents compiled together, and what they say of a document.

lxml gives the verdict. It errs in two ways: it refuses some dates that have white space round
them, which XSD 1.0 part 2, section 4.3.6, collapses first, and it takes `146.85E` for a double
(section 3.2.5). There xmlschema decides, which is loaded only then. Neither ever follows an
xsi:schemaLocation or opens a file or address.
"""

from __future__ import annotations

import copy
import re
import threading
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from lxml import etree

from schemas.errors import SchemaError
from schemas.notation import XSD, read_table, schema_document

XSI = "http://www.w3.org/2001/XMLSchema-instance"

_STEP = re.compile(r"(?P<name>[^\[]+)(?:\[(?P<place>\d+)\])?$")
_SUBJECT = re.compile(
    r"Element '(?:\{[^}]*\})?(?P<element>[^']+)'(?:, attribute '(?P<attribute>[^']+)')?"
)
_HALF_DOUBLE = re.compile(r"(?<!\S)[+-]?(?:\d+\.?\d*|\.\d+)[eE][+-]?(?!\S)")
_DATE = re.compile(r"\s*-?(?:\d{4}|P\d|PT\d)")


class CompiledSchema:
    """A schema in several namespaces, from one XSD document for each (namespace → document).

    A namespace must stand after those that it uses. Raises lxml's XMLSchemaParseError, when it
    is first asked, if the documents make no schema.
    """

    def __init__(self, documents: Mapping[str, etree._Element]) -> None:
        self._documents = {uri: etree.tostring(root) for uri, root in documents.items()}
        # A validator keeps the errors of its last document: each thread has its own.
        self._own = threading.local()

    def errors(self, root: etree._Element) -> list[SchemaError]:
        """What is wrong in the document with this root; nothing if it is valid."""
        validator: Any = self._validator()
        valid = validator.validate(root)
        found = [] if valid else [from_lxml(root, entry) for entry in validator.error_log]
        doubtful = [error for error in found if _is_spaced_date(error)]
        if not doubtful and not (valid and _has_half_double(root)):
            return found
        second = self._second_opinion(root)
        if second is None:
            return found
        sure = [error for error in found if error not in doubtful]
        return (sure or second) if second else []

    def _validator(self) -> etree.XMLSchema:
        if not hasattr(self._own, "validator"):
            parser = etree.XMLParser(no_network=True, resolve_entities=False)
            parser.resolvers.add(_Documents(self._documents))
            driver = etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD})
            for uri in self._documents:
                etree.SubElement(driver, f"{{{XSD}}}import", namespace=uri, schemaLocation=uri)
            # The resolver works for documents that its own parser has read, and for no other.
            self._own.validator = etree.XMLSchema(etree.fromstring(etree.tostring(driver), parser))
        made: etree.XMLSchema = self._own.validator
        return made

    @cached_property
    def _other_engine(self) -> Any:
        import xmlschema  # loaded only where lxml is in doubt

        sources = [document.decode() for document in self._documents.values()]
        # STC derives some types in a way that the recommendation forbids; lxml lets it pass.
        return xmlschema.XMLSchema10(sources, validation="lax", allow="none")

    def _second_opinion(self, root: etree._Element) -> list[SchemaError] | None:
        """What xmlschema says; None where it cannot judge (a type that no schema has)."""
        plain = copy.deepcopy(root)
        for element in plain.iter("*"):
            for hint in ("schemaLocation", "noNamespaceSchemaLocation"):
                element.attrib.pop(f"{{{XSI}}}{hint}", "")
        engine = self._other_engine
        try:
            return [from_xmlschema(error) for error in engine.iter_errors(plain)]
        except (KeyError, TypeError, ValueError):
            return None


class _Documents(etree.Resolver):
    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._documents = documents

    def resolve(self, system_url: str, public_id: str, context: Any) -> Any:  # type: ignore[override]
        # What is not held is empty: nothing is ever fetched.
        held = self._documents.get(system_url, b"<none/>")
        return self.resolve_string(held, context, base_url=system_url)


def from_tables(rows: Mapping[str, tuple[str, Path, str]]) -> CompiledSchema:
    """The schema made from tables: prefix → (namespace, table's file, version), leaves first."""
    namespaces = {prefix: uri for prefix, (uri, _, _) in rows.items()}
    documents = {}
    for prefix, (uri, file, version) in rows.items():
        table = read_table(file.read_text("utf-8"), version)
        documents[uri] = schema_document(table, prefix, namespaces)
    return CompiledSchema(documents)


def element_path(element: etree._Element) -> str:
    """An element's path with local names, and positions where the name stands more than once."""
    steps = []
    here: etree._Element | None = element
    while here is not None:
        name, above = etree.QName(here).localname, here.getparent()
        alike = [] if above is None else [x for x in above.iterchildren("*") if _local(x) == name]
        steps.append(f"{name}[{alike.index(here) + 1}]" if len(alike) > 1 else name)
        here = above
    return "/".join(reversed(steps))


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname


def from_lxml(root: etree._Element, entry: Any) -> SchemaError:
    """An entry of lxml's error log, about the document with this root."""
    element = element_at(root, entry.path or "")
    subject = _SUBJECT.match(entry.message)
    name, value, path = subject["element"] if subject else _local(element), "", ""
    if subject and subject["attribute"]:
        value = element.get(subject["attribute"], "")
    elif len(element) == 0:
        value = element.text or ""
    path = element_path(element)
    if subject and subject["attribute"]:
        path += "/@" + subject["attribute"].rpartition("}")[2]
    return SchemaError(entry.line, entry.column, path, entry.message, entry.type_name, name, value)


def element_at(root: etree._Element, path: str) -> etree._Element:
    """The element at a path as libxml2 writes it: `/ri:Resource/*[5]/interface[2]`."""
    here = root
    for step in path.split("/")[2:]:
        found = _STEP.match(step)
        if not found or step.startswith("@"):
            break
        name, place = found["name"], int(found["place"] or 1)
        alike = [x for x in here.iterchildren("*") if name == "*" or _written(x) == name]
        if len(alike) < place:
            break
        here = alike[place - 1]
    return here


def _written(element: etree._Element) -> str:
    local = _local(element)
    return f"{element.prefix}:{local}" if element.prefix else local


def from_xmlschema(error: Any) -> SchemaError:
    """An error of xmlschema's."""
    element = error.elem
    value = error.obj if isinstance(error.obj, str) else ""
    return SchemaError(
        getattr(error, "sourceline", None) or 0,
        0,
        element_path(element) if element is not None else "",
        str(error.reason or error.message),
        type(error).__name__,
        _local(element) if element is not None else "",
        value,
    )


def _is_spaced_date(error: SchemaError) -> bool:
    return error.value != error.value.strip() and bool(_DATE.match(error.value))


def _has_half_double(root: Any) -> bool:
    """Whether a text or attribute has a number with an empty exponent: `146.85E`."""
    for element in root.iter("*"):
        for text in (element.text, *element.attrib.values()):
            if text and _HALF_DOUBLE.search(text):
                return True
    return False
