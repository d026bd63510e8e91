"""What is wrong with an invalid SPASE record, in words.

The schema has spoken already; the tables say what it meant: all of what is missing, misplaced,
misspelt or of another version, where the engine stops at the first in each container.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from typing import Any

from registry.findings import ERROR, Finding
from registry.validation.spase_values import LONG, of_list, of_type, of_version, short
from schemas.compiled import element_at, element_path
from schemas.spase import successors
from schemas.spase.tables import (
    NAMESPACE,
    NEWEST,
    ROOT,
    Child,
    child_versions,
    children,
    containers_of,
    in_words,
    type_of,
)

MOST = 500
"""The most findings told of one record."""

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TOLD = 60
"""The characters of a stray text that a message tells."""


def findings(root: Any, version: str, errors: Sequence[Any], line: int) -> list[Finding]:
    """All findings about an invalid record, in the document's order.

    `errors` is the schema's error log: what the tables do not explain is told in the engine's
    words. `line` is the line of the document where the record begins.
    """
    walk = _Walk(version, line - 1)
    walk.container(root, ROOT, ROOT)
    found = sorted(walk.found, key=lambda finding: finding.line)
    for error in () if walk.full else errors[:MOST]:
        told = walk.unexplained(root, error)
        if told:
            found.append(told)
    if len(found) > MOST:
        message = f"there are more than {MOST} findings; the others come when these are mended"
        found = [*found[:MOST], Finding("schema.more", ERROR, message)]
    return found


def version_finding(root: Any, line: int, without_schema: Sequence[str]) -> Finding:
    """What is to be said of a Version that has no schema here (severity: the caller's)."""
    element = root.find(f"{{{NAMESPACE}}}Version")
    at = (root if element is None else element).sourceline or 1
    text = "" if element is None else short((element.text or "").strip())
    message, remedy = of_version(text)
    if text in without_schema:
        message = (
            f"SPASE {text} has no public schema yet; the record was judged by {NEWEST}, and what "
            "that finds is provisional"
        )
        remedy = ""
    return Finding("schema.version", ERROR, message, at + line - 1, path="Spase/Version",
                   remedy=remedy)  # fmt: skip


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


@dataclass(slots=True)
class _Walk:
    """One pass over a record beside the tables of one version."""

    version: str
    offset: int
    found: list[Finding] = field(default_factory=list)
    spoken: set[Any] = field(default_factory=set)
    """The elements something was said about: the engine need not repeat it."""

    def say(
        self, rule: str, element: Any, path: str, message: str, remedy: str = "",
        replacement: str | None = None,
    ) -> None:  # fmt: skip
        self.spoken.add(element)
        line = (element.sourceline or 0) + self.offset
        self.found.append(Finding(rule, ERROR, message, line, 0, path, remedy, replacement))

    @property
    def full(self) -> bool:
        return len(self.found) > MOST

    def container(self, element: Any, name: str, path: str) -> None:
        """A container: its attributes, its text, what stands in it."""
        self._attributes(element, path, ("lang",) if name == ROOT else ())
        stray = " ".join(" ".join(_own_texts(element)).split())
        if stray:
            told = stray if len(stray) <= _TOLD else stray[:_TOLD] + "…"
            message = f"`{name}` holds the text {told!r}, and only elements may stand in it"
            self.say("schema.text", element, path, message, "put it into the element it belongs to")
        allowed = children(name, self.version)
        inside = [child for child in element if isinstance(child.tag, str)]
        self._content(element, name, path, allowed, inside)
        names = {child.name: child for child in allowed}
        for child, where in _paths(inside, path):
            if self.full:
                return
            known = names.get(_local(child)) if child.tag[1:].startswith(NAMESPACE + "}") else None
            if known is None:
                self._unknown(child, name, where, allowed)
            else:
                self._known(child, known, where)

    def _known(self, element: Any, child: Child, path: str) -> None:
        kind = type_of(child.name, self.version)
        if kind == "@Extension":
            return
        if kind[0] == "@":
            self.container(element, kind[1:], path)
            return
        self._attributes(element, path, ())
        inside = next((one for one in element if isinstance(one.tag, str)), None)
        if inside is not None:
            tag = short(_local(inside))
            message = f"`{child.name}` holds the element `{tag}`, and only text may stand in it"
            remedy = f"take <{tag}> and </{tag}> out; a < that is meant is written &lt;"
            self.say("schema.text", element, path, message, remedy)
            return
        value = "".join(_own_texts(element))
        if kind[0] == "#":
            said = of_list(child.name, kind[1:], value, self.version)
        elif child.fixed and value and value != child.fixed:
            message = f"`{child.name}` is {short(value)!r}, and may only be {child.fixed}"
            said = message, f"write {child.fixed}", child.fixed
        else:
            said = of_type(child.name, kind, value)
            if said:
                self.say("schema.type", element, path, *said)
            return
        if said:
            self.say("schema.value", element, path, *said)

    def _attributes(self, element: Any, path: str, allowed: tuple[str, ...]) -> None:
        for name in element.attrib:
            if name not in allowed and not name.startswith(_XSI):
                message = (
                    f"`{_local(element)}` has an attribute `{name}`, which SPASE does not know"
                )
                self.say("schema.attribute", element, path, message, "remove the attribute")

    def _unknown(self, element: Any, container: str, path: str, allowed: Sequence[Child]) -> None:
        name = short(_local(element))
        if not element.tag[1:].startswith(NAMESPACE + "}"):
            self._foreign(element, container, path, allowed)
            return
        message = f"`{container}` has no `{name}` in SPASE {self.version}"
        versions = child_versions(container, name)
        meant = self._meant(container, name, allowed)
        remedy = f"did you mean `{meant}`?" if meant else ""
        if versions:
            message += f"; it has one {in_words(versions)}"
            remedy = self._of_another_version(container, name, meant)
        elif not meant:
            elsewhere = containers_of(name, self.version)
            if elsewhere:
                message += f"; it belongs in {_listed(elsewhere[:6])}"
                remedy = "move it there" if len(elsewhere) == 1 else "move it to where it belongs"
        self.say("schema.element", element, path, message, remedy)

    def _of_another_version(self, container: str, name: str, meant: str) -> str:
        """What to do with an element that the record's version has not, and another has."""
        if meant:
            return f"it is called `{meant}` in {self.version}"
        later = [one for one in children(container, NEWEST) if one.name == name]
        if not later:
            return f"`parhelion upgrade` says what became of it by {NEWEST}"
        before = _before(container, name)
        stands = f"there it stands after `{before}`; " if before else ""
        return f"{stands}use a version that knows it, or remove it"

    def _meant(self, container: str, name: str, allowed: Sequence[Child]) -> str:
        """The name that a wrong one stands for: the one it has now, or one that is like it."""
        names = [child.name for child in allowed]
        heir = successors.RENAMED.get((container, name), "")
        if heir in names:
            return heir
        near = difflib.get_close_matches(name, names, 1, 0.75)
        # Where another version has the very name, it is right, and the version is not.
        if near and (near[0].lower() == name.lower() or not child_versions(container, name)):
            return near[0]
        return ""

    def _foreign(self, element: Any, container: str, path: str, allowed: Sequence[Child]) -> None:
        name = short(_local(element))
        namespace = element.tag[1:].partition("}")[0] if element.tag[0] == "{" else ""
        where = f"in the namespace {short(namespace)}" if namespace else "in no namespace"
        message = f"`{name}` {where} may not stand in `{container}`"
        remedy = "only `Extension` takes elements of other namespaces"
        if any(child.name == name for child in allowed):
            remedy = f"SPASE's own `{name}` is in the namespace {NAMESPACE}"
            remedy += "" if namespace else ': remove xmlns="" from it or from what it stands in'
        self.say("schema.element", element, path, message, remedy)

    def _content(
        self, element: Any, name: str, path: str, allowed: Sequence[Child], inside: list[Any]
    ) -> None:
        """Order and number of what stands in a container."""
        groups = list(_groups(allowed))
        place = {child.name: number for number, group in enumerate(groups) for child in group}
        known = [
            (child, where, place[_local(child)])
            for child, where in _paths(inside, path)
            if _local(child) in place
        ]
        counts = Counter(number for _, _, number in known)
        seen: set[int] = set()
        for child, where, number in known:
            if number in seen and not groups[number][0].repeats:
                self._too_many(child, groups[number], name, where, counts[number])
            seen.add(number)
            if self.full:
                return
        self._order(element, [one for one in known if one[0] not in self.spoken])
        wrong = [_local(child) for child in inside if _local(child) not in place]
        meant = {self._meant(name, one[:LONG], allowed) for one in wrong[:MOST]}
        for number, group in enumerate(groups):
            if group[0].needed and number not in seen:
                # Said of the wrong name already.
                if meant.isdisjoint(child.name for child in group):
                    self._missing(element, name, group, groups[number + 1 :], path)
                self.spoken.add(element)

    def _order(self, container: Any, known: list[tuple[Any, str, int]]) -> None:
        """Say which elements would have to be moved, the fewest that put all in order."""
        kept = _longest_in_order([number for _, _, number in known])
        if len(kept) == len(known):
            return
        self.spoken.add(container)
        ordered = set(kept)
        for here, (child, where, number) in enumerate(known):
            if here in ordered or self.full:
                continue
            name = _local(child)
            before = next((k for k in kept if k < here and known[k][2] > number), None)
            after = next((k for k in reversed(kept) if k > here and known[k][2] < number), None)
            if before is not None:
                other = _local(known[before][0])
                said = f"`{name}` stands after `{other}`, and belongs before it"
                self.say("schema.order", child, where, said, f"move it before `{other}`")
            elif after is not None:
                other = _local(known[after][0])
                said = f"`{name}` stands before `{other}`, and belongs after it"
                self.say("schema.order", child, where, said, f"move it after `{other}`")

    def _too_many(
        self, child: Any, group: list[Child], container: str, path: str, count: int
    ) -> None:
        if len(group) == 1:
            message = f"`{container}` has {count} of `{group[0].name}`, and may have only one"
        else:
            names = _listed([one.name for one in group], "or")
            message = f"`{container}` has {count} of {names}, and may have only one of them"
        self.say("schema.occurrence", child, path, message, "keep one")

    def _missing(
        self, element: Any, name: str, group: list[Child], later: list[list[Child]], path: str
    ) -> None:
        following = [one.name for others in later for one in others]
        before = next((_local(c) for c in element if isinstance(c.tag, str)
                       and _local(c) in following), "")  # fmt: skip
        wanted = _listed([one.name for one in group][:20], "or")
        where = f"before `{before}`" if before else "at its end"
        message = f"`{name}` has no {wanted}, and needs one"
        self.say("schema.occurrence", element, path, message, f"add it {where}")

    def unexplained(self, root: Any, error: Any) -> Finding | None:
        """The engine's words for an error that nothing was said about yet."""
        element: Any = element_at(root, error.path or "")
        if element in self.spoken or element.getparent() in self.spoken:
            return None
        self.spoken.add(element)
        message = re.sub(r"\{[^}]*\}", "", error.message[:500])
        message = re.sub(r"^Element '([^']*)': ", r"`\1`: ", message)
        line = (element.sourceline or 0) + self.offset
        return Finding("schema.other", ERROR, message, line, path=element_path(element))


def _own_texts(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield child.tail or ""


def _paths(inside: list[Any], path: str) -> Iterator[tuple[Any, str]]:
    """Each child with its path; a position only where several have the name."""
    counts = Counter(_local(child) for child in inside)
    seen: Counter[str] = Counter()
    for child in inside:
        name = _local(child)
        seen[name] += 1
        yield child, f"{path}/{name}" + (f"[{seen[name]}]" if counts[name] > 1 else "")


def _groups(allowed: Sequence[Child]) -> Iterator[list[Child]]:
    """What may stand in a container, the branches of a choice together."""
    for choice, group in groupby(allowed, key=lambda child: child.choice):
        if choice:
            yield list(group)
        else:
            yield from ([child] for child in group)


def _longest_in_order(numbers: Sequence[int]) -> list[int]:
    """The places of a longest run of numbers that never falls."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = []
    for here, number in enumerate(numbers):
        length = bisect_right(tails, number)
        previous.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [number]
        ends[length : length + 1] = [here]
    found: list[int] = []
    here = ends[-1] if ends else -1
    while here >= 0:
        found.append(here)
        here = previous[here]
    return found[::-1]


@cache
def _before(container: str, name: str) -> str:
    """The element that stands before another in the newest version; '' if none does."""
    names = [child.name for child in children(container, NEWEST)]
    place = names.index(name)
    return names[place - 1] if place else ""


def _listed(names: list[str], last: str = "or") -> str:
    told = [f"`{name}`" for name in names]
    return f" {last} ".join([", ".join(told[:-1]), told[-1]]) if len(told) > 1 else told[0]
