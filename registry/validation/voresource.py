"""The verdict on a VOResource record, and what is wrong with it, in words.

The newest released schemas decide. What only the working drafts accept is valid with the note
`draft`; what only older or obsolete schemas accept is invalid, and a finding says which do. The
root is `ri:Resource` or `ri:VOResources` (Registry Interfaces 1.1, section 3).
"""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from lxml import etree

from registry.findings import ADVICE, ERROR, INVALID, UNRECOGNISED, VALID, Finding, Judgement
from registry.validation.voresource_content import all_errors
from registry.validation.voresource_words import (
    names_no_type,
    put_in_words,
    without_follow_ups,
)
from schemas.compiled import XSI, element_path
from schemas.errors import SchemaError
from schemas.notation import XSD
from schemas.parts import Part
from schemas.voresource.sets import (
    CURRENT,
    DRAFT,
    LEGACY,
    OLD,
    RI,
    VR,
    Vocabulary,
    by_prefix,
    compiled,
    type_names,
    vocabularies,
)

XSI_TYPE = f"{{{XSI}}}type"

_ROOTS = (f"{{{RI}}}Resource", f"{{{RI}}}VOResources")
_BEFORE_1 = re.compile(r"http://www\.ivoa\.net/xml/\w+/v0\.\d+$")


def judge_voresource(part: Part) -> Judgement:
    """The verdict and findings on a part that holds a VOResource record.

    Lines are those of the document that the part was cut from. xsi:schemaLocation is not
    followed. A part without an element (a deletion, a refusal) is `unrecognised`.
    """
    if part.element is None:
        return Judgement(UNRECOGNISED, [])
    judgement = judge_element(part.element)
    if part.line != 1:
        judgement.findings = [_moved(f, part.line - 1) for f in judgement.findings]
    return judgement


def judge_element(root: Any) -> Judgement:
    """The same for the root of a VOResource document; lines are the element's own."""
    if root.tag not in _ROOTS:
        return Judgement(INVALID, [_about_root(root)])
    errors = compiled(CURRENT).errors(root)
    if not errors:
        return Judgement(VALID, [])
    content, errors = all_errors(compiled(CURRENT), root, without_follow_ups(errors))
    found = _about_types(root, errors) + content + put_in_words(errors)
    found.sort(key=lambda finding: finding.line)
    if not compiled(DRAFT).errors(root):
        return Judgement(VALID, [_only_drafts(root, found)], "draft")
    return Judgement(INVALID, _only_older(root) + found)


def _about_root(root: Any) -> Finding:
    name = etree.QName(root)
    where = f"in the namespace {name.namespace}" if name.namespace else "in no namespace"
    message = f"the root element is {name.localname} {where}; Registry Interfaces asks for "
    message += "ri:Resource (or ri:VOResources round several)"
    remedy = f"name it ri:Resource, with xmlns:ri={RI}"
    if _BEFORE_1.match(name.namespace or ""):
        message += "; the namespace is older than VOResource 1.0, and its records are not taken"
        remedy = "describe the resource anew in VOResource 1.x"
    else:
        renamed = copy.deepcopy(root)
        renamed.tag = f"{{{RI}}}Resource"
        outcome = judge_element(renamed)
        message += f"; renamed to ri:Resource it is {outcome.verdict}"
        worst = [f for f in outcome.findings if f.severity == ERROR]
        if outcome.verdict == INVALID and worst:
            message += f": line {worst[0].line}: {worst[0].message}"
    return Finding("schema.root", ERROR, message, _line(root), 0, name.localname, remedy)


def _about_types(root: Any, errors: Sequence[SchemaError]) -> list[Finding]:
    """Why xsi:type values lead to no type; also below elements that the engine passed over."""
    untyped = {error.path.removesuffix("/@type") for error in errors if names_no_type(error)}
    found = []
    for element in root.iter("*"):
        written = element.get(XSI_TYPE, "").strip()
        if not written:
            continue
        message, remedy = _type_fault(element, written)
        path = element_path(element)
        if not message and path in untyped:
            namespace = element.nsmap.get(written.rpartition(":")[0] or None) or ""
            message = f"{namespace} has no such type"
            near = get_close_matches(written.rpartition(":")[2], type_names(namespace), 1)
            remedy = f"did you mean {written.rpartition(':')[0]}:{near[0]}?" if near else ""
        if message:
            said = f'xsi:type="{written}": {message}'
            found.append(Finding("schema.type", ERROR, said, _line(element), 0, path, remedy))
    return found


def _type_fault(element: Any, written: str) -> tuple[str, str]:
    prefix = written.rpartition(":")[0]
    namespace = element.nsmap.get(prefix or None)
    if prefix and namespace is None:
        usual = by_prefix(prefix)
        known = usual.namespace if usual and not usual.obsolete else "…"
        remedy = f'declare it on the root: xmlns:{prefix}="{known}"'
        return f"no xmlns:{prefix} declares the prefix", remedy
    held = vocabularies().get(namespace or "")
    if namespace == XSD:
        return "", ""
    if held is None:
        return (
            f"the namespace {namespace} is none of VOResource's or its extensions'"
            if namespace
            else "a type without a prefix is in no namespace here, and there is none such",
            "use a type of VOResource or of a registered extension",
        )
    if held.obsolete:
        return f"the namespace {held.namespace} is obsolete", _succession(held)
    return "", ""


def _succession(held: Vocabulary) -> str:
    successor = by_prefix(held.successor) if held.successor else None
    if successor is None:
        return f"no later standard took the place of {held.name}"
    return f"use {successor.name} ({successor.namespace})"


def _only_drafts(root: Any, found: list[Finding]) -> Finding:
    names = _differing(root, CURRENT, DRAFT)
    first = next((f for f in found if f.severity == ERROR), None)
    message = f"valid only with working drafts ({', '.join(names) or 'of the extensions'})"
    if first is None:
        return Finding("schema.draft", ADVICE, message)
    message += f"; the released schemas say: {first.message}"
    return Finding("schema.draft", ADVICE, message, first.line, 0, first.path)


def _only_older(root: Any) -> list[Finding]:
    """The finding that names the older set that accepts the record, if one does."""
    line, path = _line(root), etree.QName(root).localname
    if not compiled(LEGACY).errors(root):
        obsolete = [v for v in _used(root) if v.obsolete]
        message = "valid only with obsolete schemas: " + ", ".join(v.namespace for v in obsolete)
        remedy = "; ".join(dict.fromkeys(_succession(v) for v in obsolete))
        return [Finding("schema.obsolete", ERROR, message, line, 0, path, remedy)]
    if not compiled(OLD).errors(root):
        names = ", ".join(_differing(root, CURRENT, OLD))
        message = f"valid only with older versions: {names}"
        remedy = "mend what the findings below name; the newest released version decides"
        return [Finding("schema.older", ERROR, message, line, 0, path, remedy)]
    return []


def _used(root: Any) -> list[Vocabulary]:
    """The namespaces whose types the record uses, VOResource always."""
    names = {VR}
    for element in root.iter("*"):
        names.add(etree.QName(element).namespace or "")
        written = element.get(XSI_TYPE)
        if written:
            names.add(element.nsmap.get(written.strip().rpartition(":")[0] or None) or "")
    return [v for v in vocabularies().values() if v.namespace in names]


def _differing(root: Any, one: str, other: str) -> list[str]:
    return [
        f"{v.name} {v.versions[other]}"
        for v in _used(root)
        if other in v.versions and v.versions[other] != v.versions.get(one)
    ]


def _moved(finding: Finding, lines: int) -> Finding:
    return replace(finding, line=max(finding.line + lines, 1)) if finding.line else finding


def _line(element: Any) -> int:
    return element.sourceline or 0
