"""Damaged records through both: never an exception, never a worse verdict, texts never lost."""

from __future__ import annotations

import random
import zipfile

from lxml import etree

from registry.mending.fixing import fixed
from registry.mending.upgrading import upgraded
from schemas.spase.tables import VERSIONS
from tests.mending.made import kinds, record
from tests.mending.test_upgrade_properties import missing
from tests.shared import needs_shared, shared
from tests.validation.mutations import mutated
from tests.validation.published import accepts

VALUES = {
    "Version": list(VERSIONS),
    "Role": ["generalcontact", "Principal Investigator", " GeneralContact"],
    "Format": ["netCdf", "CDF\n", "Txt"],
    "ObservedRegion": ["Earth.Magnetospere", "heliosphere.inner"],
}


def test_made_records() -> None:
    chance = random.Random(11)
    for version in VERSIONS[::5]:
        for kind in kinds(version):
            root = etree.fromstring(record(version, kind, chance))
            for _ in range(5):
                content = etree.tostring(mutated(root, chance, VALUES), encoding="UTF-8")
                mended = fixed(content)
                assert mended.before != "valid" or mended.after == "valid"
                newer = upgraded(content)
                assert missing(content, newer) == []
                assert upgraded(newer.content).content == newer.content


@needs_shared
def test_real_records_by_the_published_schemas() -> None:
    """Whatever was wrong before, the published schema of the record's version says the same."""
    chance = random.Random(12)
    for name in ("NASA.zip", "SMWG.zip", "CNES.zip"):
        with zipfile.ZipFile(shared("spase", name)) as archive:
            names = sorted(one for one in archive.namelist() if one.endswith(".xml"))
            for member in chance.sample(names, 40):
                root = etree.fromstring(archive.read(member))
                content = etree.tostring(mutated(root, chance, VALUES), encoding="UTF-8")
                _agree(content)


def _agree(content: bytes) -> None:
    mended = fixed(content)
    for document, verdict in ((content, mended.before), (mended.content, mended.after)):
        root = etree.fromstring(document)
        version = (root.findtext("{*}Version") or "").strip()
        if version in VERSIONS and verdict in ("valid", "invalid"):
            assert accepts(root, version) == (verdict == "valid"), document.decode()
    assert mended.before != "valid" or mended.after == "valid"
    newer = upgraded(content)
    assert missing(content, newer) == []
