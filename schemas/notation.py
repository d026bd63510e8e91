"""Tables of facts about an XML vocabulary, and the XML Schema document made from one.

A table is text, one fact a line; a line belongs to the nearest line above it that stands one
space further left. After a tab stand the versions in which the line holds, as intervals of the
table's `versions` line (`1.1..`, `..1.0`, `1.1..1.2`, several separated by spaces; none: all).

    namespace URI            versions OLDEST … NEWEST
    elements qualified       local elements are in the namespace (else they are in none)
    attributes qualified     the same for attributes
    type NAME [abstract] [mixed] [extends T | restricts T | holds T | narrows T]
    value NAME of T          facets below; `value NAME union A B …`; `value NAME list T`
    element NAME: T          a global element; `attribute NAME: T` a global attribute
    group NAME               a group of elements; `attributes NAME` one of attributes

`holds` is simple content with attributes, `narrows` the restriction of such a type. Below a type
its children stand in their order: `name: T` once, `name?:` at most once, `name*:`, `name+:`,
`name{2,4}:`; `<p:name>?` is a global element; `choice`, `sequence` and `group p:NAME` take the
same marks; `any* NAMESPACE lax`. `@name: T` is a required attribute, `@name?:` an optional and
`@name!:` a forbidden one; `@any NAMESPACE lax`. After the type: `nillable`, `abstract`,
`substitutes p:NAME`, `= default`, `== fixed` (in quotes where a space is at an end). A type
without a name stands below what it is the type of. Facets are `| value` for one value of an
enumeration, else the facet's name and value. `unique NAME at PATH by FIELD ; FIELD`, and `key`
and `keyref NAME refers KEY`, stand below an element. A name without a prefix is of the table's
own namespace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from lxml import etree

XSD = "http://www.w3.org/2001/XMLSchema"

_OCCURRENCE = {"": ("1", "1"), "?": ("0", "1"), "*": ("0", "unbounded"), "+": ("1", "unbounded")}
_USE = {"": "required", "?": "optional", "!": "prohibited"}
_CONTENT = {
    "extends": ("complexContent", "extension"),
    "restricts": ("complexContent", "restriction"),
    "holds": ("simpleContent", "extension"),
    "narrows": ("simpleContent", "restriction"),
}
_PARTICLE = re.compile(
    r"(?P<at>@?)(?:<(?P<ref>[^>]+)>|(?P<name>[\w.-]+))(?P<mark>[?*+!]|\{\d+,\d*\})?"
    r"(?P<rest>(?::.*|[ ]==?.*)?)$"
)
_REST = re.compile(
    r":?(?: (?P<type>(?!(?:nillable|abstract|(?:un)?qualified|substitutes)\b|=)\S+))?"
    r"(?P<flags>(?: (?:nillable|abstract|qualified|unqualified))*)"
    r"(?: substitutes (?P<head>\S+))?(?: (?P<how>==?)(?: (?P<text>.*))?)?$"
)
_MODEL = re.compile(r"(?P<kind>choice|sequence|group)(?P<name> \S+?)?(?P<mark>[?*+]|\{\d+,\d*\})?$")
_ANY = re.compile(r"(?P<at>@?)any(?P<mark>[?*+]|\{\d+,\d*\})? (?P<space>.+) (?P<how>\w+)$")
_CONSTRAINT = re.compile(
    r"(?P<kind>unique|keyref|key) (?P<name>\S+)(?: refers (?P<refers>\S+))?"
    r" at (?P<at>.+) by (?P<by>.+)$"
)


@dataclass(slots=True)
class Line:
    """One fact, and what stands below it."""

    text: str
    number: int
    below: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Table:
    """A table at one of its versions."""

    namespace: str
    version: str
    qualified: tuple[bool, bool]
    """Whether local elements, and local attributes, are in the namespace."""
    lines: list[Line]


def read_table(text: str, version: str) -> Table:
    """The lines of a table that hold in `version`. Raises ValueError naming the line at fault."""
    namespace, versions, qualified = "", [version], [False, False]
    top = Line("", 0)
    open_lines = [top]
    for number, raw in enumerate(text.splitlines(), 1):
        fact, _, intervals = raw.partition("\t")
        if not fact.strip() or fact.startswith("#"):
            continue
        word, _, rest = fact.partition(" ")
        if word == "namespace":
            namespace = rest
        elif word == "versions":
            versions = rest.split()
            if version not in versions:
                raise ValueError(f"the table has no version {version}, only {rest}")
        elif rest == "qualified":
            qualified[word == "attributes"] = True
        elif not intervals or _holds(version, versions, intervals):
            depth = len(fact) - len(fact.lstrip(" "))
            if depth >= len(open_lines):
                raise ValueError(f"line {number}: stands too far right: {fact.strip()}")
            line = Line(fact.strip(), number)
            open_lines[depth].below.append(line)
            open_lines[depth + 1 :] = [line]
    return Table(namespace, version, (qualified[0], qualified[1]), top.below)


def _holds(version: str, versions: list[str], intervals: str) -> bool:
    place = versions.index(version)
    for interval in intervals.split():
        first, _, last = interval.partition("..")
        start = versions.index(first) if first else 0
        stop = versions.index(last) if last else len(versions) - 1
        if start <= place <= stop:
            return True
    return False


def schema_document(table: Table, prefix: str, namespaces: Mapping[str, str]) -> etree._Element:
    """The XSD document that says what the table says.

    `prefix` is the table's own, `namespaces` maps the other prefixes that it may use.
    """
    return _Writer(table, prefix, namespaces).document()


class _Writer:
    def __init__(self, table: Table, prefix: str, namespaces: Mapping[str, str]) -> None:
        self._table = table
        self._prefix = prefix
        self._namespaces = {**namespaces, prefix: table.namespace}
        self._used: set[str] = set()

    def document(self) -> etree._Element:
        # xml is bound by definition and may not be declared (Namespaces in XML, section 3).
        declared = {p: uri for p, uri in self._namespaces.items() if p != "xml"}
        root = etree.Element(f"{{{XSD}}}schema", nsmap={**declared, "xs": XSD})
        root.set("targetNamespace", self._table.namespace)
        for name, qualified in zip(("element", "attribute"), self._table.qualified, strict=True):
            root.set(f"{name}FormDefault", "qualified" if qualified else "unqualified")
        for line in self._table.lines:
            self._definition(root, line)
        for used in sorted(self._used - {self._prefix, "xs"}, reverse=True):
            root.insert(0, _new("import", namespace=self._namespaces[used]))
        return root

    def _name(self, written: str) -> str:
        prefix, _, local = written.rpartition(":")
        prefix = prefix or self._prefix
        if prefix != "xs" and prefix not in self._namespaces:
            raise ValueError(f"the prefix of {written} is not known")
        self._used.add(prefix)
        return f"{prefix}:{local}"

    def _definition(self, parent: etree._Element, line: Line) -> None:
        word, _, rest = line.text.partition(" ")
        if word == "type":
            self._complex_type(parent, line)
        elif word == "value":
            self._simple_type(parent, line)
        elif word in ("element", "attribute"):
            self._particle(parent, Line(rest, line.number, line.below), word)
        elif word == "group":
            model = self._content_model(line.below)
            if model.attrib:  # In the definition of a group the model stands exactly once.
                model = _round(model)
            _add(parent, "group", name=rest).append(model)
        elif word == "attributes":
            self._attributes(_add(parent, "attributeGroup", name=rest), line.below)
        else:
            raise ValueError(f"line {line.number}: not a definition: {line.text}")

    def _complex_type(self, parent: etree._Element, line: Line) -> None:
        words = line.text.split()[1:]
        base = ""
        if len(words) > 1 and words[-2] in _CONTENT:
            base, how = words.pop(), words.pop()
        flags = {w for w in words if w in ("abstract", "mixed")}
        names = [w for w in words if w not in flags]
        made = _add(parent, "complexType", **({"name": names[0]} if names else {}))
        for flag in flags:
            made.set(flag, "true")
        if base:
            content, derivation = _CONTENT[how]
            made = _add(_add(made, content), derivation, base=self._name(base))
        below = line.below
        if base and content == "simpleContent":
            self._facets(made, [x for x in below if not _is_attribute(x)])
        elif any(not _is_attribute(x) for x in below):
            made.append(self._content_model([x for x in below if not _is_attribute(x)]))
        self._attributes(made, [x for x in below if _is_attribute(x)])

    def _content_model(self, lines: list[Line]) -> etree._Element:
        sequence = _new("sequence")
        for line in lines:
            self._child(sequence, line)
        # A choice that stands alone is the model itself: a sequence round it says nothing.
        if len(sequence) == 1 and etree.QName(sequence[0]).localname in ("choice", "sequence"):
            return sequence[0]
        return sequence

    def _child(self, parent: etree._Element, line: Line) -> None:
        if model := _MODEL.match(line.text):
            made = _add(parent, model["kind"], **_occurrence(model["mark"]))
            if model["name"]:
                made.set("ref", self._name(model["name"].strip()))
            for below in line.below:
                self._child(made, below)
        elif found := _ANY.match(line.text):
            wanted = {"namespace": found["space"], "processContents": found["how"]}
            _add(parent, "any", **wanted, **_occurrence(found["mark"]))
        else:
            self._particle(parent, line, "element")

    def _attributes(self, parent: etree._Element, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.text.startswith("attributes "):
                _add(parent, "attributeGroup", ref=self._name(line.text.split()[1]))
            elif found := _ANY.match(line.text):
                wanted = {"namespace": found["space"], "processContents": found["how"]}
                _add(parent, "anyAttribute", **wanted)
            else:
                self._particle(parent, line, "attribute")

    def _particle(self, parent: etree._Element, line: Line, kind: str) -> None:
        found = _PARTICLE.match(line.text)
        rest = _REST.match(found["rest"]) if found else None
        if found is None or rest is None:
            raise ValueError(f"line {line.number}: not understood: {line.text}")
        made = _add(parent, kind)
        if found["ref"]:
            made.set("ref", self._name(found["ref"]))
        else:
            made.set("name", found["name"])
        if etree.QName(parent).localname != "schema":
            if kind == "attribute":
                made.set("use", _USE[found["mark"] or ""])
            else:
                for name, count in _occurrence(found["mark"]).items():
                    made.set(name, count)
        if rest["type"]:
            made.set("type", self._name(rest["type"]))
        for flag in rest["flags"].split():
            made.set(*(("form", flag) if flag.endswith("qualified") else (flag, "true")))
        if rest["head"]:
            made.set("substitutionGroup", self._name(rest["head"]))
        if rest["how"]:
            made.set("default" if rest["how"] == "=" else "fixed", _value(rest["text"] or ""))
        for below in line.below:
            self._inside(made, below)

    def _inside(self, made: etree._Element, line: Line) -> None:
        """What stands below an element or attribute: its type, or what must be unique in it."""
        constraint = _CONSTRAINT.match(line.text)
        if line.text.startswith("type"):
            self._complex_type(made, line)
        elif line.text.startswith("value"):
            self._simple_type(made, line)
        elif constraint:
            rule = _add(made, constraint["kind"], name=constraint["name"])
            if constraint["refers"]:
                rule.set("refer", self._name(constraint["refers"]))
            _add(rule, "selector", xpath=constraint["at"])
            for path in constraint["by"].split(" ; "):
                _add(rule, "field", xpath=path)
        else:
            raise ValueError(f"line {line.number}: cannot stand here: {line.text}")

    def _simple_type(self, parent: etree._Element, line: Line) -> None:
        words = line.text.split()[1:]
        name = {} if words[0] in ("of", "union", "list") else {"name": words.pop(0)}
        made = _add(parent, "simpleType", **name)
        how, types = words[0], [self._name(w) for w in words[1:]]
        if how == "union":
            _add(made, "union", memberTypes=" ".join(types))
        elif how == "list":
            _add(made, "list", itemType=types[0])
        else:
            self._facets(_add(made, "restriction", base=types[0]), line.below)

    def _facets(self, parent: etree._Element, lines: Iterable[Line]) -> None:
        for line in lines:
            word, _, value = line.text.partition(" ")
            _add(parent, "enumeration" if word == "|" else word, value=value)


def _is_attribute(line: Line) -> bool:
    return line.text.startswith(("@", "attributes "))


def _occurrence(mark: str | None) -> dict[str, str]:
    if mark and mark.startswith("{"):
        least, _, most = mark[1:-1].partition(",")
        most = most or "unbounded"
    else:
        least, most = _OCCURRENCE[mark or ""]
    wanted = {"minOccurs": least, "maxOccurs": most}
    return {name: count for name, count in wanted.items() if count != "1"}


def _value(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _round(model: etree._Element) -> etree._Element:
    sequence = _new("sequence")
    sequence.append(model)
    return sequence


def _new(tag: str, /, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{XSD}}}{tag}", attributes)


def _add(parent: etree._Element, tag: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{XSD}}}{tag}", attributes)
