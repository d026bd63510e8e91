"""Everything that is wrong with the order and number of elements in a VOResource record.

The engine stops at the first such fault in each element, and looks no further below that element.
So a copy is repaired fault by fault (what is missing is put in empty, what may not stand there is
taken out, what stands in the wrong place is moved), until it stops no more; each repair says what
was wrong, and what else then comes to light is told too.
"""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import islice
from typing import Any

from lxml import etree

from registry.findings import ERROR, Finding
from schemas.compiled import CompiledSchema, element_path
from schemas.errors import SchemaError
from schemas.positions import at_path
from schemas.voresource.sets import table_texts

CONTENT = "SCHEMAV_ELEMENT_CONTENT"
_ROUNDS = 40
"""How many faults of order and number are told of one record."""
_LARGEST = 20_000
"""Elements of a record that is not repaired: a copy and forty judgements would cost too much."""
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (?P<names>.*) \)")
_NAMESPACE = re.compile(r"\{[^}]*\}")
_ELEMENT = re.compile(r"^ +([\w.-]+)([?*+]|\{\d+,\d*\})?:", re.MULTILINE)


def all_errors(
    schema: CompiledSchema, root: Any, errors: Sequence[SchemaError]
) -> tuple[list[Finding], list[SchemaError]]:
    """What is wrong with content, in words, and all other errors, also those that were behind it.

    `errors` is what the schema says of the document with this root.
    """
    if not any(error.code == CONTENT for error in errors) or _is_large(root):
        return [], list(errors)
    return _Repair(schema, root).run(errors)


def _is_large(root: Any) -> bool:
    return sum(1 for _ in islice(root.iter(), _LARGEST)) == _LARGEST


@dataclass(slots=True)
class _Repair:
    schema: CompiledSchema
    root: Any
    copied: Any = None
    originals: dict[Any, Any] = field(default_factory=dict)
    """Element of the copy → the record's own; what a repair put in is not here."""
    stuck: set[Any] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    others: list[SchemaError] = field(default_factory=list)

    def run(self, errors: Sequence[SchemaError]) -> tuple[list[Finding], list[SchemaError]]:
        self.copied = copy.deepcopy(self.root)
        self.originals = dict(zip(self.copied.iter(), self.root.iter(), strict=True))
        # Repairs move elements: what is asked of paths is asked before the first of a round.
        for _ in range(_ROUNDS):
            met = [(at_path(self.copied, error.path), error) for error in errors]
            self._tell([one for one in met if one[1].code != CONTENT])
            broken = [one for one in met if one[1].code == CONTENT and self._ours(one[0])]
            if not broken:
                break
            for element, error in broken:
                self._mend(element, error)
            errors = self.schema.errors(self.copied)
        return self.findings, self.others

    def _ours(self, element: Any) -> bool:
        return element in self.originals and element not in self.stuck

    def _tell(self, met: Sequence[tuple[Any, SchemaError]]) -> None:
        for element, error in met:
            original = self.originals.get(element)
            if original is None:
                continue
            attribute = error.path.partition("/@")[2]
            path = element_path(original) + (f"/@{attribute}" if attribute else "")
            moved = replace(error, path=path, line=original.sourceline or 0)
            if moved not in self.others:
                self.others.append(moved)

    def _mend(self, element: Any, error: SchemaError) -> None:
        found = _EXPECTED.search(error.message)
        names = _NAMESPACE.sub("", found["names"]).split(", ") if found else []
        if "Missing child" in error.message:
            self._missing(element, None, names)
            return
        parent, name = element.getparent(), etree.QName(element).localname
        if parent is None:  # it, or what it stood in, was taken out in this round
            self.stuck.add(element)
            return
        after = [etree.QName(one).localname for one in element.itersiblings("*")]
        before = [etree.QName(one).localname for one in element.itersiblings("*", preceding=True)]
        lacking = [one for one in needed(tuple(names)) if one not in (*before, *after)]
        later = [one for one in names if one in after]
        if etree.QName(element).namespace and name in names:
            self._qualified(element, name)
        elif name not in known():
            self._unknown(element, name, names)
        elif later and name not in before:
            self._misplaced(element, name, later)
        elif lacking and name not in before:
            self._missing(parent, element, lacking)
        else:
            self._superfluous(element, name, names, name in before)

    def _say(self, rule: str, element: Any, message: str, remedy: str = "") -> None:
        original = self.originals[element]
        line = original.sourceline or 0
        self.findings.append(Finding(rule, ERROR, message, line, 0, element_path(original), remedy))

    def _missing(self, parent: Any, before: Any, names: list[str]) -> None:
        """Something has to stand before an element (None: at the end)."""
        names = list(needed(tuple(names))) or names
        if parent not in self.originals or not names:
            self.stuck.add(parent if before is None else before)
            return
        inside = etree.QName(parent).localname
        remedy = "add it at the end"
        if before is not None:
            remedy = f"add it before `{etree.QName(before).localname}`"
        self._say("schema.occurrence", parent, f"`{inside}` has no {listed(names)}, and needs one",
                  remedy)  # fmt: skip
        put = etree.SubElement(parent, names[0]) if before is None else etree.Element(names[0])
        if before is not None:
            before.addprevious(put)

    def _qualified(self, element: Any, name: str) -> None:
        message = f"`{name}` stands in the namespace {etree.QName(element).namespace}; it belongs "
        self._say("schema.element", element, message + "to none",
                  'write it without a prefix, or with xmlns=""')  # fmt: skip
        element.tag = name

    def _unknown(self, element: Any, name: str, names: list[str]) -> None:
        inside = etree.QName(element.getparent()).localname
        near = difflib.get_close_matches(name[:200], [*names, *known()], 1, 0.75)
        remedy = f"did you mean `{near[0]}`?" if near else ""
        message = f"`{inside}` has no `{name[:200]}`"
        if not near and names:
            message += f"; here may stand {listed(names)}"
        self._say("schema.element", element, message, remedy or "remove it")
        if near and near[0] in names:
            element.tag = near[0]
        else:
            self._drop(element)

    def _misplaced(self, element: Any, name: str, later: list[str]) -> None:
        # Some stand in a namespace where they belong to none, and are met by their names too.
        last = list(element.itersiblings("{*}" + later[-1]))[-1]
        message = f"`{name}` stands before `{later[-1]}`, and belongs after it"
        self._say("schema.order", element, message, f"move it after `{later[-1]}`")
        last.addnext(element)

    def _superfluous(self, element: Any, name: str, names: list[str], again: bool) -> None:
        inside = etree.QName(element.getparent()).localname
        wanted = f": here may stand {listed(names)}" if names else ": nothing more may stand there"
        if again:
            message = f"`{name}` may not stand again here{wanted}"
            self._say("schema.occurrence", element, message, "keep one, or move it to the others")
        else:
            message = f"`{name}` may not stand here in `{inside}`{wanted}"
            self._say("schema.element", element, message, "move it to where it belongs")
        self._drop(element)

    def _drop(self, element: Any) -> None:
        self.stuck.add(element)
        element.getparent().remove(element)


@cache
def _types() -> tuple[dict[str, set[str]], ...]:
    """For each type of the tables: the elements in it, with their marks of occurrence."""
    found = []
    for text in table_texts():
        for block in re.split(r"^(?=\S)", text, flags=re.MULTILINE):
            marks: dict[str, set[str]] = {}
            for name, mark in _ELEMENT.findall(block):
                marks.setdefault(name, set()).add(mark)
            found.append(marks)
    return tuple(found)


@cache
def known() -> frozenset[str]:
    """The names of all elements that stand in some other."""
    return frozenset(name for marks in _types() for name in marks)


@cache
def needed(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some elements, expected in one place, that must stand there."""
    types = [marks for marks in _types() if marks.keys() >= set(names)] or _types()
    return tuple(
        name for name in names if any(marks.get(name, set()) & {"", "+"} for marks in types)
    )


def listed(names: Sequence[str]) -> str:
    """`a`, `b` or `c`."""
    told = [f"`{name}`" for name in dict.fromkeys(names)]
    return f"{', '.join(told[:-1])} or {told[-1]}" if len(told) > 1 else told[0]
