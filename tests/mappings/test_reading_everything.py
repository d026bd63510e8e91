"""Nothing that is written is lost, and nothing that can be written stops the reading."""

from __future__ import annotations

import copy
import random
from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from lxml import etree

from mappings.from_spase import from_spase
from mappings.from_voresource import from_voresource
from mappings.labels import label
from mappings.to_dublin_core import dublin_core_element, to_dublin_core
from mappings.to_json import to_json
from mappings.to_schema_org import script_text, to_schema_org
from registry import identifiers
from registry.model import Label
from tests.mappings.real_records import spase_names, spase_root, voresource_roots
from tests.shared import needs_shared

# How a parameter is to be drawn or cut into bins, and bounds of single components, are not read;
# Completed and Ongoing, like Deprecated, are words of the record's own status.
UNREAD = {
    "Status",
    "RenderingHints",
    "Bin",
    "Set",
    "Checksum",
    "MirrorURL",
    "SourceType",
    "ResourceType",
    "CadenceMin",
    "CadenceMax",
}
UNREAD_IN_ELEMENTS = {"ValidMin", "ValidMax", "FillValue", "UnitsConversion"}


def texts(part: Any) -> set[str]:
    """Every text in a record, however deep."""
    if isinstance(part, str):
        return {part, *part.split("\n")}
    if isinstance(part, (list, tuple)):
        return set().union(*map(texts, part)) if part else set()
    if is_dataclass(part):
        return set().union(*(texts(getattr(part, one.name)) for one in fields(part)))
    return set()


def leaves(element: Any, within: str = "") -> list[tuple[str, str]]:
    found = []
    for child in element.iterchildren(etree.Element):
        name = etree.QName(child).localname
        if name in UNREAD and within != "TemporalDescription":
            continue
        if within == "Element" and name in UNREAD_IN_ELEMENTS:
            continue
        words = " ".join(child.itertext(etree.Element)).strip()
        if len(child):
            found += leaves(child, name)
        elif words:
            found.append((name, (child.text or "").strip()))
    return found


def lost(root: Any, record: Any) -> list[tuple[str, str]]:
    held = texts(record) - {""}
    return [
        (name, words)
        for name, words in leaves(root)
        if words not in held and identifiers.doi(words) not in held
    ]


@needs_shared
def test_every_text_of_spase_records_arrives():
    names = random.Random(5).sample(spase_names(), 400)
    missing = []
    for _, name in names:
        root = spase_root(name.removesuffix(".xml"))
        missing += [(name, *one) for one in lost(root, from_spase(root))]
    assert missing == []


@needs_shared
def test_every_text_of_voresource_records_arrives():
    missing = []
    for root in voresource_roots():
        if len(etree.tostring(root)) < 60_000:
            missing += lost(root, from_voresource(root))
    # Intervals become numbers and dates; icons have no place in the model.
    assert {name for name, _ in missing} <= {"temporal", "spectral", "logo"}


def mutated(root: Any, chance: random.Random, names: list[str]) -> Any:
    """The tree with a few elements dropped, doubled, moved, emptied, renamed or commented."""
    root = copy.deepcopy(root)
    for _ in range(chance.randint(1, 8)):
        nodes = [node for node in root.iter(etree.Element) if node is not root]
        if not nodes:
            break
        node, other = chance.choice(nodes), chance.choice(nodes)
        action = chance.randrange(7)
        if action == 0:
            node.getparent().remove(node)
        elif action == 1:
            node.addnext(copy.deepcopy(node))
        elif action == 2:
            other.append(copy.deepcopy(node))
        elif action == 3:
            node.text = chance.choice(["", " \n ", "x" * 6000, "-1e999 NaN", "\u2028é<&\U0001f52d"])
        elif action == 4:
            node.tag = chance.choice(names)
        elif action == 5:
            node.insert(
                0, chance.choice([etree.Comment("c"), etree.PI("p", "q"), etree.Entity("e")])
            )
        else:
            node.attrib.clear()
            node.tail = "loose text"
    return root


def every_output(record: Any) -> None:
    neighbours = {
        identifiers.key(target): Label(target, "Name", "Person", orcid="0000-0002-1825-0097")
        for _, target in record.references[::2]
    }
    label(record)
    etree.tostring(dublin_core_element(to_dublin_core(record, neighbours, page="https://x/")))
    script_text(to_schema_org(record, neighbours, "https://x/"))
    to_json(record, neighbours)


@needs_shared
@pytest.mark.parametrize("seed", range(4))
def test_mutated_spase_records_are_read_and_written(seed):
    chance = random.Random(seed)
    names = chance.sample(spase_names(), 60)
    roots = [spase_root(name.removesuffix(".xml")) for _, name in names]
    tags = [node.tag for root in roots for node in root.iter(etree.Element)]
    for root in roots:
        for _ in range(12):
            every_output(from_spase(mutated(root, chance, tags)))


@needs_shared
def test_mutated_voresource_records_are_read_and_written():
    chance = random.Random(11)
    roots = [root for root in voresource_roots() if len(etree.tostring(root)) < 30_000]
    tags = [node.tag for root in roots for node in root.iter(etree.Element)]
    for root in roots:
        for _ in range(6):
            every_output(from_voresource(mutated(root, chance, tags)))


def test_one_dialect_read_as_the_other_gives_an_empty_record():
    spase = etree.fromstring("<Spase><Person><PersonName>A</PersonName></Person></Spase>")
    assert from_voresource(spase).name == ""
    assert from_spase(etree.fromstring("<Resource><title>A</title></Resource>")).name == ""


def test_many_foreign_namespaces_do_not_fill_the_memory():
    from mappings.elements import Table

    table = Table({"a": "name"})
    for number in range(10_000):
        assert table[f"{{urn:{number}}}a"] == "name"
    assert len(table) < 5_000
