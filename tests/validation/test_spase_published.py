"""Our verdict beside that of the published schemas, on real records and on damaged ones."""

from __future__ import annotations

import random
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from registry.findings import ERROR, INVALID, NO_SCHEMA, VALID
from registry.validation.verdicts import judge
from schemas.documents import parts
from schemas.parts import Part
from schemas.spase.tables import NAMESPACE, VERSIONS
from tests.shared import needs_shared, shared
from tests.validation.mutations import mutated
from tests.validation.published import accepts

pytestmark = needs_shared

_VERSION = f"{{{NAMESPACE}}}Version"
ARCHIVES = ("NASA", "SMWG", "CNES")


def _records(name: str) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(shared("spase", f"{name}.zip")) as archive:
        for member in archive.namelist():
            yield member, archive.read(member)


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_record_has_the_published_verdict(name: str) -> None:
    differing, verdicts = [], Counter[str]()
    for member, content in _records(name):
        (part,) = parts(content)
        judgement = judge(part)
        verdicts[judgement.verdict] += 1
        if part.version in VERSIONS:
            expected = VALID if accepts(part.element, part.version) else INVALID
        else:
            expected = NO_SCHEMA if part.version == "2.7.2" else INVALID
        if judgement.verdict != expected:
            differing.append((member, judgement))
    assert not differing
    assert verdicts[VALID] > 2000


def _sample() -> list[Any]:
    """Two dozen records of each archive and up to six of each version, small enough to be many."""
    found: dict[str, list[Any]] = defaultdict(list)
    for name in ARCHIVES:
        for _, content in _records(name):
            if len(content) < 20_000:
                root = etree.fromstring(content)
                found[root.findtext(_VERSION, "")].append(root)
    chance = random.Random(7)
    return [
        root
        for version in VERSIONS
        for root in chance.sample(found[version], min(12, len(found[version])))
    ]


def _values(roots: list[Any]) -> dict[str, list[str]]:
    """For each element the values that it has anywhere, whatever the version."""
    found: dict[str, set[str]] = defaultdict(set)
    for root in roots:
        for element in root.iter(etree.Element):
            if not len(element) and element.text and len(element.text) < 60:
                found[etree.QName(element).localname].add(element.text)
    found["Version"].update(VERSIONS)
    found["ObservedRegion"].update(("Neptune.Triton", "Jupiter.Amalthea", "Earth.Magnetospere"))
    return {name: sorted(values) for name, values in found.items()}


def test_2000_damaged_records_have_the_published_verdict() -> None:
    roots = _sample()
    values = _values(roots)
    chance = random.Random(20260808)
    differing, verdicts, silent = [], Counter[str](), []
    for number in range(2000):
        root = mutated(chance.choice(roots), chance, values)
        version = (root.findtext(_VERSION) or "").strip()
        if version not in VERSIONS:
            continue
        judgement = judge(Part("spase", version, element=root))
        verdicts[judgement.verdict] += 1
        if judgement.verdict != (VALID if accepts(root, version) else INVALID):
            differing.append((number, version, judgement))
        told = any(finding.severity == ERROR for finding in judgement.findings)
        if told != (judgement.verdict == INVALID):
            silent.append((number, version, judgement))
    assert not differing
    assert not silent
    assert min(verdicts[VALID], verdicts[INVALID]) > 500
