"""SPASE records of any older version brought to the newest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from registry.findings import ADVICE, ERROR, Finding, Judgement, Refusal
from registry.mending.deciding import decisions
from registry.mending.fixing import refused
from registry.mending.mended import Mended
from registry.mending.restructuring import Restructuring
from registry.mending.source import Element, read
from registry.mending.verdict import judged, worst
from schemas.spase.tables import NAMESPACE, NEWEST, ROOT, VERSIONS

OFFICIAL = "http://www.spase-group.org/data/schema/spase-{}.xsd"
_LOCATION = "schemaLocation"
_OFFICIAL_HOST = re.compile(r"(https?://(?:www\.)?spase-group\.org/data/schema/)\S+\.xsd$")
_LOCAL = re.compile(r"file:\S+\.xsd$|[^:\s]+\.xsd$")


def upgraded(
    content: bytes, to: str = NEWEST, *, release_date: str = "", revision_note: str = ""
) -> Mended:
    """A document with its SPASE records in version `to`; pure, touches nothing else.

    Records already in it, newer ones and others than SPASE stay as they are. `release_date`
    (ISO 8601) replaces the ReleaseDate of the records that change; `revision_note` adds a
    RevisionEvent with that date. `left` says what a person has to decide before the result is
    valid, and what has no place any more (kept as a comment). Never raises for what the document
    holds. Raises ValueError for a `to` that is no SPASE version, and for a note without a date.
    """
    if to not in VERSIONS:
        raise ValueError(f"there is no SPASE version {to!r}; known are {', '.join(VERSIONS)}")
    if revision_note and not release_date:
        raise ValueError("a revision note needs the release date that it is made at")
    try:
        source = read(content)
        before = judged(content)
    except Refusal as refusal:
        return refused(content, refusal)
    mended = Mended(content, before=worst(before))
    changed: list[Element] = []
    for root in _records(source.root):
        work = _upgraded(root, to, mended)
        if work is None:
            continue
        _released(work, release_date, revision_note)
        mended.edits += work.edits
        mended.left += work.left
        changed.append(root)
    if not mended.edits:
        mended.after = mended.before
        return mended
    mended.content = source.written()
    after = judged(mended.content)
    mended.after = worst(after)
    mended.left += _left(after, changed, to)
    return mended


def _records(root: Element) -> Iterator[Element]:
    """The SPASE records of a document: its root, or what an OAI-PMH response holds."""
    if root.namespace == NAMESPACE and root.name == ROOT:
        yield root
        return
    for child in root.children:
        yield from _records(child)


def _upgraded(root: Element, to: str, mended: Mended) -> Restructuring | None:
    """The work on one record; None where there is nothing to do."""
    version = root.find("Version")
    said = "" if version is None else version.text.strip(" \t\r\n")
    if version is None or said not in VERSIONS:
        mended.left.append(_unknown(version or root, said, to))
        return None
    if VERSIONS.index(said) >= VERSIONS.index(to):
        if said != to:
            mended.left.append(_newer(version, said, to))
        return None
    work = Restructuring(root, to)
    work.say("upgrade.version", version, f"Version {said} → {to}", said, to)
    version.write(to)
    _located(work, root, said)
    work.run()
    return work


def _newer(version: Element, said: str, to: str) -> Finding:
    message = f"the record says {said}, which is newer than {to}: it stays as it is"
    return Finding("upgrade.newer", ADVICE, message, version.line, path="Spase/Version")


def _unknown(element: Element, said: str, to: str) -> Finding:
    if said in ("2.7.2",):
        return _newer(element, said, to)
    what = f"there is no SPASE version {said!r}" if said else "the record has no `Version`"
    message = f"{what}: from where to upgrade cannot be known"
    remedy = f"write the version that it was made for, of {VERSIONS[0]} to {to}"
    return Finding("upgrade.version", ERROR, message, element.line, path="Spase/Version",
                   remedy=remedy)  # fmt: skip


def _located(work: Restructuring, root: Element, said: str) -> None:
    """xsi:schemaLocation: the namespace is the document's, the address the version's schema."""
    location = root.attribute(_LOCATION)
    if location is None:
        return
    pairs = location.split()
    if len(pairs) % 2:
        return
    for place in range(0, len(pairs), 2):
        if re.sub("^https:", "http:", pairs[place]).rstrip("/") != NAMESPACE:
            continue
        pairs[place] = NAMESPACE
        official = _OFFICIAL_HOST.match(pairs[place + 1])
        if official:
            pairs[place + 1] = f"{official[1]}spase-{work.to}.xsd"
        elif _LOCAL.match(pairs[place + 1]):
            pairs[place + 1] = OFFICIAL.format(work.to)
        else:
            work.left.append(
                Finding(
                    "upgrade.location",
                    ADVICE,
                    f"xsi:schemaLocation names the schema {pairs[place + 1]}, which is not SPASE's "
                    "own: it stays",
                    root.line,
                    path="Spase",
                    remedy=f"if it was for SPASE {said}, write {OFFICIAL.format(work.to)}",
                )
            )
    new = " ".join(pairs)
    if new != " ".join(location.split()):
        work.say("upgrade.location", root, "xsi:schemaLocation moved along", location, new)
        root.write_attribute(_LOCATION, new)


def _released(work: Restructuring, date: str, note: str) -> None:
    """ReleaseDate and RevisionEvent, where they were asked for."""
    if not date:
        return
    for resource in work.root.children:
        header = resource.find("ResourceHeader") or resource
        release = header.find("ReleaseDate")
        if release is not None and release.raw is not None:
            said = "ReleaseDate as asked for"
            work.say("upgrade.release", release, said, release.text, date)
            release.write(date)
        if note and header is not resource:
            if work.to < "2.3.1":
                raise ValueError(f"SPASE {work.to} has no RevisionHistory")
            history = header.find("RevisionHistory")
            if history is None:
                history = work.new(header, "ResourceHeader", "RevisionHistory")
            event = work.new(history, "RevisionHistory", "RevisionEvent")
            work.new(event, "RevisionEvent", "ReleaseDate", date)
            work.new(event, "RevisionEvent", "Note", note)
            work.say("upgrade.revision", event, "RevisionEvent as asked for", "", note)


def _left(after: Sequence[Judgement], roots: Sequence[Element], to: str) -> list[Finding]:
    """What keeps the result from being valid, each with what there is to decide."""
    found: list[Finding] = []
    for judgement in after:
        errors = [finding for finding in judgement.findings if finding.severity == ERROR]
        found += decisions(errors, roots, to)
    return found
