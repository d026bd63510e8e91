"""What holds for every record: made ones of all versions, and real ones."""

from __future__ import annotations

import random
import zipfile
from collections import Counter
from collections.abc import Iterator

import pytest
from lxml import etree

from registry.mending.mended import Mended
from registry.mending.upgrading import upgraded
from schemas.spase import tables
from schemas.spase.tables import NEWEST, VERSIONS
from schemas.spase.xsd import validator
from tests.mending.made import kinds, record
from tests.shared import needs_shared, shared
from tests.validation.published import accepts

TRIES = 4


def made(version: str) -> Iterator[bytes]:
    chance = random.Random(f"mending {version}")
    for kind in kinds(version):
        for _ in range(TRIES):
            yield record(version, kind, chance)


def texts(content: bytes) -> Counter[str]:
    """The texts of all leaves, white space round them taken off."""
    root = etree.fromstring(content)
    return Counter(
        (element.text or "").strip()
        for element in root.iter(etree.Element)
        if not len(element) and (element.text or "").strip()
    )


def missing(content: bytes, mended: Mended) -> list[str]:
    """Texts of the source that are neither in the result nor in the report."""
    said = "\n".join(
        [f"{edit.before} {edit.message}" for edit in mended.edits]
        + [finding.message for finding in mended.left]
    )
    gone = texts(content) - texts(mended.content)
    return [text for text in gone if text.replace("&", "&amp;") not in said and text not in said]


@pytest.mark.parametrize("version", VERSIONS)
def test_made_records_are_valid_before(version: str) -> None:
    for content in made(version):
        schema = validator(version)
        assert schema.validate(etree.fromstring(content)), (content.decode(), schema.error_log)


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_lost_and_a_second_upgrade_changes_nothing(version: str) -> None:
    for content in made(version):
        mended = upgraded(content)
        assert missing(content, mended) == [], content.decode()
        again = upgraded(mended.content)
        assert again.content == mended.content
        assert again.edits == []


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_not_valid_is_said_to_be_decided(version: str) -> None:
    for content in made(version):
        mended = upgraded(content)
        valid = validator(NEWEST).validate(etree.fromstring(mended.content))
        assert (mended.after == "valid") == valid
        if not valid:
            assert any(finding.severity == "error" for finding in mended.left)
        if version != NEWEST:
            assert etree.fromstring(mended.content)[0].text == NEWEST


@needs_shared
@pytest.mark.parametrize("version", VERSIONS)
def test_the_published_schemas_agree_on_made_records(version: str) -> None:
    for content in made(version):
        assert accepts(etree.fromstring(content), version), content.decode()
        mended = upgraded(content)
        assert accepts(etree.fromstring(mended.content), NEWEST) == (mended.after == "valid")


@pytest.mark.parametrize("to", ["1.3.4", "2.0.1", "2.2.7", "2.4.1", "2.6.0", "2.7.0"])
def test_any_later_version_can_be_the_aim(to: str) -> None:
    earlier = VERSIONS[: VERSIONS.index(to)]
    for version in earlier[::4]:
        for content in made(version):
            mended = upgraded(content, to)
            valid = validator(to).validate(etree.fromstring(mended.content))
            assert (mended.after == "valid") == valid
            assert missing(content, mended) == []


def test_everything_that_went_is_spoken_of() -> None:
    """Each element and value that any version has and the newest has not has its entry."""
    from schemas.spase import successors as s

    for container, name in _gone_elements():
        new = s.CONTAINERS.get(container, container)
        if not tables.children(new, NEWEST):
            continue
        if any(child.name == name for child in tables.children(new, NEWEST)):
            continue
        keys = s.RENAMED.keys() | s.RESTRUCTURED | s.WITHOUT_PLACE
        assert (new, name) in keys, (container, name)
    for enumeration, value in _gone_values():
        assert (enumeration, value) in s.VALUES.keys() | s.TO_DECIDE.keys() or (
            enumeration == "ParticleQuantity" and value in s.TO_MIXED
        ), (enumeration, value)


def _gone_elements() -> Iterator[tuple[str, str]]:
    known = {(c, child.name) for v in VERSIONS for c in tables._containers()
             for child in tables.children(c, v)}  # fmt: skip
    for container, name in sorted(known):
        if not any(child.name == name for child in tables.children(container, NEWEST)):
            yield container, name


_SUCCEEDED = {
    "FieldQualifier": "Qualifier", "ParticleQualifier": "Qualifier",
    "PhotonQualifier": "Qualifier", "PhotonQuantity": "WaveQuantity",
    "StructureType": "Qualifier", "Support": "SupportQuantity",
}  # fmt: skip


def _gone_values() -> Iterator[tuple[str, str]]:
    for version in VERSIONS:
        for enumeration in tables._members():
            new = _SUCCEEDED.get(enumeration, enumeration)
            if new == "Component" or not tables.members(new, NEWEST):
                continue
            for value in tables.members(enumeration, version):
                if value not in tables.members(new, NEWEST):
                    yield new, value


@needs_shared
def test_real_records() -> None:
    """A seeded sample of each archive: bytes outside the edits, verdicts, texts, twice is once."""
    chance = random.Random(271)
    for name in ("NASA.zip", "SMWG.zip", "CNES.zip"):
        with zipfile.ZipFile(shared("spase", name)) as archive:
            names = sorted(one for one in archive.namelist() if one.endswith(".xml"))
            for member in chance.sample(names, 120):
                content = archive.read(member)
                mended = upgraded(content)
                root = etree.fromstring(mended.content)
                if mended.after in ("valid", "invalid"):
                    assert accepts(root, NEWEST) == (mended.after == "valid"), member
                assert missing(content, mended) == [], member
                assert upgraded(mended.content).edits == []
                if not mended.edits:
                    assert mended.content == content
