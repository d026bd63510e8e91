"""`make verdicts`: our verdict beside that of the published schemas.

    python -m benchmarks.verdicts [--damaged 20000] [--damaged-vo 5000] [--across 500] [--seed N]

Compared are, for SPASE, every record of ../shared/spase/*.zip under its own version, a sample of
them under every version, and records with one thing damaged by a seeded generator; for VOResource
every file of ../shared/ivoa, and damaged ones. The oracle is lxml with the published schemas, and
xmlschema where lxml is known to stray from the XSD recommendation. Each disagreement is printed.
Exit status: 0 without a disagreement, 1 with one, 2 where the published schemas are missing.
"""

from __future__ import annotations

import argparse
import copy
import os
import random
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from registry.findings import ERROR, INVALID, NO_SCHEMA, VALID
from registry.processes import in_order, pool
from registry.validation.spase import WITHOUT_SCHEMA
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.oai_pmh.envelope import OAI, OAI_DC, validate_envelope
from schemas.parts import Part
from schemas.spase.tables import NAMESPACE, VERSIONS
from schemas.voresource.sets import CURRENT, compiled
from tests.shared import SHARED, shared
from tests.validation.mutations import mutated
from tests.validation.published import accepts

SEED = 20260808
SHARE = 500
"""Records, or damaged records, a task."""

_VERSION = f"{{{NAMESPACE}}}Version"
_CARRYING = [f"{{{OAI}}}{name}" for name in ("metadata", "about", "description", "setDescription")]
_SMALL = 20_000
_HINT = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"

OWN, ACROSS, DAMAGED = "SPASE, own version", "SPASE, every version", "SPASE, damaged"
VO_OWN, VO_DAMAGED = "VOResource, as published", "VOResource, damaged"
VO_BESIDE = "VOSI, OAI-PMH envelopes"


@dataclass(slots=True, frozen=True)
class Work:
    """A share of one comparison: `count` records from `first` on, of the archive `place`."""

    what: str
    place: str
    first: int
    count: int
    seed: int


@dataclass(slots=True)
class Outcome:
    """What came of a share: verdicts counted, and each disagreement in words."""

    what: str
    verdicts: Counter[str] = field(default_factory=Counter)
    differing: list[str] = field(default_factory=list)

    @property
    def compared(self) -> int:
        return self.verdicts.total()


# -- SPASE ------------------------------------------------------------------------------------


def archives() -> list[Path]:
    return sorted(shared("spase").glob("*.zip"))


@cache
def _archive(path: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(path)


@cache
def _members(path: str) -> list[str]:
    return [name for name in _archive(path).namelist() if name.endswith(".xml")]


def expected(root: Any, version: str) -> str:
    """The published schema's verdict; a version in use without a public one has none."""
    if version in VERSIONS:
        return VALID if accepts(root, version) else INVALID
    return NO_SCHEMA if version in WITHOUT_SCHEMA else INVALID


def compare_spase(outcome: Outcome, name: str, part: Part) -> None:
    """Judges one record twice."""
    ours = judge(part)
    theirs = expected(part.element, part.version)
    outcome.verdicts[theirs] += 1
    said = [finding for finding in ours.findings if finding.severity == ERROR]
    if ours.verdict != theirs:
        words = said[0].message if said else "nothing"
        outcome.differing.append(
            f"{name} ({part.version}): ours {ours.verdict}, published {theirs}; we say: {words}"
        )
    elif bool(said) != (theirs == INVALID):
        outcome.differing.append(f"{name} ({part.version}): {theirs}, with {len(said)} errors told")


def own_versions(work: Work, outcome: Outcome) -> None:
    for name in _members(work.place)[work.first : work.first + work.count]:
        for part in parts(_archive(work.place).read(name)):
            if part.element is not None:
                compare_spase(outcome, name, part)


def across_versions(work: Work, outcome: Outcome) -> None:
    """The members that the seed chooses, each with the Version of all versions in turn."""
    for name in _chosen(work.seed, work.count + work.first)[work.first :]:
        path, _, member = name.partition("!")
        root = etree.fromstring(_archive(path).read(member))
        stated = root.find(_VERSION)
        if stated is None:
            continue
        for version in VERSIONS:
            stated.text = version
            compare_spase(outcome, name, Part("spase", version, element=root))


def _chosen(seed: int, count: int) -> list[str]:
    every = [f"{path}!{name}" for path in map(str, archives()) for name in _members(path)]
    return random.Random(seed).sample(every, min(count, len(every)))


@cache
def _sources(seed: int) -> tuple[list[Any], dict[str, list[str]]]:
    """Small records, a dozen of each version, and the values that elements have anywhere."""
    found: dict[str, list[Any]] = {version: [] for version in VERSIONS}
    for name in _chosen(seed + 1, 6_000):
        path, _, member = name.partition("!")
        content = _archive(path).read(member)
        if len(content) < _SMALL:
            root = etree.fromstring(content)
            version = root.findtext(_VERSION, "").strip()
            if len(found.get(version, [None] * 12)) < 12:
                found[version].append(root)
    roots = [root for some in found.values() for root in some]
    values: dict[str, set[str]] = {"Version": set(VERSIONS)}
    for root in roots:
        for element in root.iter(etree.Element):
            if not len(element) and element.text and len(element.text) < 60:
                values.setdefault(etree.QName(element).localname, set()).add(element.text)
    values.setdefault("ObservedRegion", set()).update(
        ("Neptune.Triton", "Jupiter.Amalthea", "Earth.Magnetospere")
    )
    return roots, {name: sorted(some) for name, some in values.items()}


def damaged(work: Work, outcome: Outcome) -> None:
    roots, values = _sources(SEED)
    chance = random.Random(work.seed)
    while outcome.compared < work.count:
        root = mutated(chance.choice(roots), chance, values)
        version = (root.findtext(_VERSION) or "").strip()
        if version in VERSIONS:
            name = f"seed {work.seed}, number {outcome.compared}"
            compare_spase(outcome, name, Part("spase", version, element=root))


# -- VOResource -------------------------------------------------------------------------------


@cache
def _vo_published(name: str) -> Any:
    return etree.XMLSchema(etree.parse(str(shared("ivoa", "xsd", f"driver-{name}.xsd"))))


@cache
def _vo_elsewhere(name: str) -> Any:
    import xmlschema

    driver = etree.parse(str(shared("ivoa", "xsd", f"driver-{name}.xsd"))).getroot()
    files = [shared("ivoa", "xsd", str(e.get("schemaLocation"))) for e in driver.iterchildren("*")]
    texts = [file.read_text("utf-8") for file in files]
    # STC derives some types as the recommendation forbids; lxml lets it pass.
    return xmlschema.XMLSchema10(texts, validation="lax", allow="none")


def vo_expected(root: Any, trap: bool) -> str:
    """Valid by the newest released schemas, or by the drafts alone (then with the note `draft`)."""
    for element in root.iter("*"):
        element.attrib.pop(_HINT, None)
    return VALID if any(_vo_accepts(root, name, trap) for name in ("current", "draft")) else INVALID


def _vo_accepts(root: Any, name: str, trap: bool) -> bool:
    if trap:
        # Where a type is missing in all schemas xmlschema gives up, and lxml is right.
        with suppress(KeyError, TypeError, ValueError):
            return bool(_vo_elsewhere(name).is_valid(copy.deepcopy(root)))
    return bool(_vo_published(name).validate(root))


def compare_vo(outcome: Outcome, name: str, root: Any, trap: bool = False) -> None:
    from registry.validation.voresource import judge_element

    theirs = vo_expected(root, trap)
    ours = judge_element(root)
    outcome.verdicts[theirs] += 1
    if ours.verdict != theirs:
        said = ours.findings[0].message if ours.findings else "nothing"
        outcome.differing.append(f"{name}: ours {ours.verdict}, published {theirs}; we say: {said}")


def vo_own(work: Work, outcome: Outcome) -> None:
    for path in sorted(shared("ivoa", "records").glob("*.xml")):
        compare_vo(outcome, path.name, etree.parse(str(path)).getroot())


def vo_beside(work: Work, outcome: Outcome) -> None:
    """VOSI documents, and OAI-PMH envelopes with an empty payload in the place of each payload."""
    for folder, errors_of in (
        ("vosi", compiled(CURRENT).errors),
        ("oai-responses", validate_envelope),
    ):
        for path in sorted(shared("ivoa", folder).glob("*.xml")):
            root = etree.parse(str(path)).getroot()
            for element in list(root.iter("*")):
                element.attrib.pop(_HINT, None)
                if folder == "oai-responses" and element.tag in _CARRYING:
                    for payload in element.iterchildren("*"):
                        if etree.QName(payload).namespace != OAI:
                            element.replace(payload, etree.Element(f"{{{OAI_DC}}}dc"))
            theirs = VALID if _vo_published("current").validate(root) else INVALID
            ours = INVALID if errors_of(root) else VALID
            outcome.verdicts[theirs] += 1
            if ours != theirs:
                outcome.differing.append(f"{path.name}: ours {ours}, published {theirs}")


def vo_damaged(work: Work, outcome: Outcome) -> None:
    from tests.schemas.test_voresource_sets import mutants

    for number, (name, root, trap) in enumerate(mutants(work.first + work.count)):
        if number >= work.first:
            compare_vo(outcome, name, root, trap)


DO = {
    OWN: own_versions,
    ACROSS: across_versions,
    DAMAGED: damaged,
    VO_OWN: vo_own,
    VO_BESIDE: vo_beside,
    VO_DAMAGED: vo_damaged,
}


def do(work: Work) -> Outcome:
    outcome = Outcome(work.what)
    DO[work.what](work, outcome)
    return outcome


def works(options: argparse.Namespace) -> Iterator[Work]:
    """All shares, the same for the same options."""
    for path in map(str, archives()):
        for first in range(0, len(_members(path)), SHARE):
            yield Work(OWN, path, first, SHARE, options.seed)
    for first in range(0, options.across, 20):
        yield Work(ACROSS, "", first, min(20, options.across - first), options.seed)
    for first in range(0, options.damaged, SHARE):
        count = min(SHARE, options.damaged - first)
        yield Work(DAMAGED, "", first, count, options.seed + first)
    yield Work(VO_OWN, "", 0, 0, options.seed)
    yield Work(VO_BESIDE, "", 0, 0, options.seed)
    for first in range(0, options.damaged_vo, SHARE):
        yield Work(VO_DAMAGED, "", first, min(SHARE, options.damaged_vo - first), options.seed)


def _begin() -> None:
    pass


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--damaged", type=int, default=20_000)
    parser.add_argument("--damaged-vo", type=int, default=5_000)
    parser.add_argument("--across", type=int, default=500)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if SHARED is None:
        print("The published schemas are missing: set PARHELION_SHARED.", file=sys.stderr)
        return 2
    totals = {what: Outcome(what) for what in DO}
    every = list(works(options))
    workers = pool(options.processes, _begin)
    try:
        for outcome in _shown(in_order(workers, do, every, len(every)), len(every)):
            totals[outcome.what].verdicts += outcome.verdicts
            totals[outcome.what].differing += outcome.differing
    finally:
        workers.shutdown(wait=True, cancel_futures=True)
    return report(totals)


def _shown(outcomes: Iterator[Outcome], number: int) -> Iterator[Outcome]:
    """The same, with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if not console.is_terminal:
        yield from outcomes
        return
    yield from track(outcomes, "verdicts", total=number, console=console)


def report(totals: dict[str, Outcome]) -> int:
    """Prints the figures and every disagreement; gives the exit status."""
    for total in totals.values():
        for line in total.differing:
            print(f"{total.what}: {line}")
    print(f"{'':<26}{'compared':>10}{'agree':>10}{'%':>9}   published verdicts")
    for what, total in totals.items():
        agree = total.compared - len(total.differing)
        share = 100 * agree / total.compared if total.compared else 0.0
        told = ", ".join(f"{number:,} {name}" for name, number in sorted(total.verdicts.items()))
        print(f"{what:<26}{total.compared:>10,}{agree:>10,}{share:>9.3f}   {told}")
    return int(any(total.differing for total in totals.values()))


if __name__ == "__main__":
    sys.exit(main())
