"""The SPASE tables: what they say of versions, and the schemas made from them."""

from __future__ import annotations

import pytest

from schemas.spase.tables import (
    NEWEST,
    VERSIONS,
    child_versions,
    children,
    in_words,
    member_versions,
    members,
    type_of,
)
from schemas.spase.xsd import text, validator
from tests.shared import needs_shared, shared


@needs_shared
def test_the_versions_are_the_published_ones() -> None:
    files = shared("spase", "xsd").glob("spase-*.xsd")
    assert set(VERSIONS) == {file.stem.removeprefix("spase-") for file in files}
    assert len(VERSIONS) == 36


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_has_a_schema(version: str) -> None:
    assert validator(version) is not None
    assert len(text(version)) < 120_000


# From the published schemas, read by eye.
@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (child_versions("Spase", "MetadataRightsList"), "since 2.7.1"),
        (child_versions("AccessInformation", "rightsList"), "in 2.7.0 only"),
        (child_versions("Spase", "Version"), "in every version"),
        (child_versions("TimeSpan", "EndDate"), "until 1.2.2"),
        (member_versions("Region", "Neptune.Triton"), "in 2.2.6, and since 2.2.8"),
        (member_versions("Region", "Comet.1PHalley"), "since 2.6.0"),
        (member_versions("Region", "Atlantis"), ""),
    ],
)
def test_since_when_and_until_when(bits: int, words: str) -> None:
    assert in_words(bits) == words


def test_types_and_values_by_version() -> None:
    assert type_of("ResourceID", "2.5.0") == "xsd:string"
    assert type_of("ResourceID", "2.6.0") == "typeID"
    assert type_of("ObservedRegion", NEWEST) == "#Region"
    assert type_of("NoSuchThing", NEWEST) == ""
    assert members("Version", "2.3.1") == ("2.3.1",)
    assert "PartiallyRestricted" not in members("AccessRights", "2.2.8")
    assert "PartiallyRestricted" in members("AccessRights", "2.2.9")


def test_adjacent_choices_stay_apart() -> None:
    """A 2.7.1 Granule needs StartDate and StopDate, though each is a branch of a choice."""
    choices = [child.choice for child in children("Granule", "2.7.1") if child.choice]
    assert len(choices) == 4
    names = ("PlaneNormalVector", "PlanePoint", "RegionBegin", "RegionEnd")
    found = {c.name: c.choice for c in children("SpatialDescription", "2.7.1") if c.name in names}
    assert found["PlaneNormalVector"] == found["PlanePoint"]
    assert found["RegionBegin"] == found["RegionEnd"]
    assert found["PlanePoint"] != found["RegionBegin"]
