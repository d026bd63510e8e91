"""Where in a record a finding is: the model has no lines, the element has.

A rule says which element it means by name and text; here it is found, with its line and path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mappings.elements import local_name, text
from registry.findings import Finding
from schemas.parts import Part

_NAMESPACE = re.compile(r"\{[^}]*\}")
_LONGEST = 120


def said(
    part: Part,
    name: str,
    value: str | None,
    message: str,
    remedy: str = "",
    replacement: str | None = None,
    *,
    within: str = "",
    attribute: str = "",
) -> Finding:
    """A finding at the first element `name` whose text is `value` (None: whatever its text).

    `within` asks for a parent or ancestor of that name, `attribute` makes it that attribute's
    value which is compared and meant. Where there is no such element the finding is at the
    record's root. The rule's id and severity are put in by whoever runs the rule.
    `replacement` is the whole new text of the element, or value of the attribute.
    """
    element = found(part, name, value, within, attribute)
    return about(part, element, message, remedy, replacement, attribute=attribute)


def about(
    part: Part,
    element: Any,
    message: str,
    remedy: str = "",
    replacement: str | None = None,
    *,
    attribute: str = "",
) -> Finding:
    """A finding at an element; None is the record's root."""
    if element is None:
        element, attribute = part.element, ""
    path = path_of(element) + (f"/@{attribute}" if attribute else "")
    line = (element.sourceline or 1) + part.line - 1
    return Finding("", "", message, line, 0, path, remedy, replacement)


def found(
    part: Part, name: str, value: str | None, within: str = "", attribute: str = ""
) -> Any | None:
    """The first element of that name and text; None if there is none."""
    for element in part.element.iter(tag(part, name)):
        if value is not None:
            # What is written as it is meant is told apart without more.
            if not attribute and element.text == value and not len(element):
                pass
            elif (element.get(attribute, "").strip() if attribute else text(element)) != value:
                continue
        if not within or any(local_name(above.tag) == within for above in element.iterancestors()):
            return element
    return None


def tag(part: Part, name: str) -> str:
    """The tag by which a record's elements of a name are looked for: all of a SPASE document is in
    one namespace, which is found at half the cost; of another, the name alone must do."""
    root = part.element.tag
    return (root[: root.find("}") + 1] if part.format == "spase" else "{*}") + name


def path_of(element: Any) -> str:
    """The element's path from the root, local names, positions where a name is not alone."""
    tree = element.getroottree()
    root = tree.getroot()
    steps = tree.getelementpath(element)
    if "{" in steps:
        steps = steps.replace(root.tag[: root.tag.find("}") + 1], "")
        steps = _NAMESPACE.sub("", steps) if "{" in steps else steps
    return local_name(root.tag) + ("" if steps == "." else "/" + steps)


def short(value: str) -> str:
    """A value for a message: on one line, and not longer than is needed to know it."""
    value = " ".join(value.split())
    return value if len(value) <= _LONGEST else value[:_LONGEST] + "…"


def listed(values: Sequence[str], last: str = "or") -> str:
    """`a`, `b` or `c`, for messages."""
    quoted = [f"`{value}`" for value in values]
    return f" {last} ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


def others(bad: Sequence[object], one: str, several: str) -> str:
    """How many more there are than the first, told after `one` or `several`; '' if none."""
    more = len(bad) - 1
    return "" if more < 1 else f"{one} another" if more == 1 else f"{several} {more} others"
