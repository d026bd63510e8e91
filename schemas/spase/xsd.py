"""The XSD of a SPASE version, made from the tables, and its compiled validator.

It says of every document what the published schema of that version says. Types keep the
published names, so that xsi:type in a document means the same.
"""

from __future__ import annotations

import threading
from functools import cache
from itertools import groupby

from lxml import etree

from schemas.spase.tables import (
    EXTENSIONS,
    NAMESPACE,
    ROOT,
    Child,
    children,
    members,
    type_of,
)

_OCCURS = {
    "1": "",
    "?": ' minOccurs="0"',
    "*": ' minOccurs="0" maxOccurs="unbounded"',
    "+": ' maxOccurs="unbounded"',
}
_LANG = '<xsd:attribute name="lang" type="xsd:string"/>'
_ANY = {
    "any": f'<xsd:any minOccurs="0" maxOccurs="unbounded" processContents="lax"/>|{_LANG}',
    "other": '<xsd:any namespace="##other" minOccurs="0" maxOccurs="unbounded"'
    ' processContents="lax"/>|',
    "strict": '<xsd:any minOccurs="0"/>|',
}
# libxml2 takes `146.85E` for a double and `PT.5S` for a duration; the patterns hold it to XSD 1.1
# part 2, sections 3.3.5 and 3.3.6.
_DOUBLE = r"[+\-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+\-]?[0-9]+)?|[+\-]?INF|NaN"
_HELD_TO = {"xsd:double": "typeDouble", "xsd:duration": "typeDuration"}
_SIMPLE = {
    "typeID": '<xsd:restriction base="xsd:string"><xsd:pattern value="[^:]+://[^/]+/.+"/>'
    "</xsd:restriction>",
    "typeSequence": '<xsd:list itemType="xsd:integer"/>',
    "typeDuration": r'<xsd:restriction base="xsd:duration">'
    r'<xsd:pattern value="[^.]*([0-9]\.[0-9]+S)?"/></xsd:restriction>',
    "typeDouble": f'<xsd:restriction base="xsd:double"><xsd:pattern value="{_DOUBLE}"/>'
    "</xsd:restriction>",
}


def _type_name(name: str, version: str) -> str:
    kind = type_of(name, version)
    kind = _HELD_TO.get(kind, kind)
    return kind if kind.startswith("xsd:") else "s:" + kind.lstrip("@#")


def _element(child: Child, version: str, occurs: str) -> str:
    fixed = f' fixed="{child.fixed}"' if child.fixed else ""
    name = _type_name(child.name, version)
    return f'<xsd:element name="{child.name}" type="{name}"{fixed}{occurs}/>'


def _container(name: str, version: str) -> str:
    content = []
    for choice, group in groupby(children(name, version), key=lambda child: child.choice):
        branches = list(group)
        if choice:
            inside = "".join(_element(child, version, "") for child in branches)
            content.append(f"<xsd:choice{_OCCURS[branches[0].occurs]}>{inside}</xsd:choice>")
        else:
            content += [_element(child, version, _OCCURS[child.occurs]) for child in branches]
    attributes = _LANG if name == ROOT else ""
    return (
        f'<xsd:complexType name="{name}"><xsd:sequence>{"".join(content)}</xsd:sequence>'
        f"{attributes}</xsd:complexType>"
    )


def _enumeration(name: str, version: str) -> str:
    values = "".join(f'<xsd:enumeration value="{value}"/>' for value in members(name, version))
    return (
        f'<xsd:simpleType name="{name}"><xsd:restriction base="xsd:string">{values}'
        "</xsd:restriction></xsd:simpleType>"
    )


def _extension(version: str) -> str:
    wildcard, _, attribute = _ANY[EXTENSIONS[version].rule].partition("|")
    return (
        f'<xsd:complexType name="Extension"><xsd:sequence>{wildcard}</xsd:sequence>'
        f"{attribute}</xsd:complexType>"
    )


def _reached(version: str) -> list[str]:
    """The types a document of this version can come to, containers first met first."""
    reached = ["@" + ROOT]
    for kind in reached:
        for child in children(kind[1:], version) if kind[0] == "@" else ():
            found = type_of(child.name, version)
            if found not in reached:
                reached.append(found)
    return reached


@cache
def text(version: str) -> str:
    """The XSD of one of `tables.VERSIONS`, as text."""
    parts = []
    for kind in _reached(version):
        if kind == "@Extension":
            parts.append(_extension(version))
        elif kind[0] == "@":
            parts.append(_container(kind[1:], version))
        elif kind[0] == "#":
            parts.append(_enumeration(kind[1:], version))
    parts += [
        f'<xsd:simpleType name="{name}">{body}</xsd:simpleType>' for name, body in _SIMPLE.items()
    ]
    declared = "".join(
        f'<xsd:element name="{name}" type="xsd:string"/>' for name in EXTENSIONS[version].declared
    )
    return (
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:s="{NAMESPACE}" targetNamespace="{NAMESPACE}" elementFormDefault="qualified">'
        f'<xsd:element name="{ROOT}" type="s:{ROOT}"/>{declared}{"".join(parts)}</xsd:schema>'
    )


# A validator keeps the errors of its last document: each thread has its own.
_compiled = threading.local()


def validator(version: str) -> etree.XMLSchema:
    """The compiled schema of one of `tables.VERSIONS`; made once a thread (about 7 ms)."""
    held: dict[str, etree.XMLSchema] = _compiled.__dict__
    if version not in held:
        held[version] = etree.XMLSchema(etree.fromstring(text(version)))
    return held[version]
