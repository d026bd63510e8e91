"""The test suite in hdpws's source distribution, re-pointed at a registry of real records.

`.ci/run` fetches that distribution and names the folder of its tests; it is no part of this
repository. Only addresses and identifiers in it are changed: the portal's endpoint to ours, and
records that are not held here to others of the same kind.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
import types
import unittest
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.commands.ingesting import run
from registry.settings import Settings
from tests.shared import needs_shared
from tests.web import hdp_site

SUITE = os.environ.get("PARHELION_TEST_HDPWS", "")

pytestmark = [
    needs_shared,
    pytest.mark.skipif(
        not SUITE, reason="PARHELION_TEST_HDPWS names no folder of the tests of hdpws"
    ),
]

HELD = (
    "NASA/Catalog/", "NASA/Collection/", "NASA/NumericalData/ACE/CRIS/",
    "NASA/NumericalData/LANL/", "NASA/NumericalData/Wind/MFI/",
    "SMWG/Document/", "SMWG/Instrument/ACE", "SMWG/Instrument/Wind", "SMWG/Observatory/ACE",
    "SMWG/Observatory/Wind", "SMWG/Observatory/THEMIS", "SMWG/Repository/", "SMWG/Service/",
)  # fmt: skip
"""The real records that the suite asks for, and some more of the same kinds."""

COLLECTION = "spase://NASA/Collection/THEMIS/Ground/ASK/PT3S"
RENAMED = {
    # Collections that are not held: one that is, what it was called before, one of its members.
    "spase://NASA/Collection/IRIS/IRIS_Hinode": COLLECTION,
    "spase://NASA/Collection/IRIS_HINODE": "spase://VSPO/NumericalData/THEMIS/Ground/ASK/PT3S",
    "spase://NASA/NumericalData/IRIS/IRIS/PT1S":
        "spase://NASA/NumericalData/THEMIS/Ground/Athabasca/ASI/full_PT3S",
    "IRIS AND EIS and Hinode": "THEMIS AND Keograms and substorm",
    "spase://CCMC/Service/InstantRun": "spase://SMWG/Service/CDPP/3DView",
    '"Instant-Run"': '"immediate 3D visualization"',
    # No real Software record is held.
    "spase://CCMC/Software/Kamodo": "spase://MADE/Software/Tracer",
    '"space weather models and data"': '"models of the magnetosphere"',
}  # fmt: skip
FIRST = {"result_ids[0] == 'spase://NASA/Catalog/ISTP/SWCAT'":
         "result_ids[0] == 'spase://NASA/Catalog/ISTP/ElectricFieldDirectionChanges'"}  # fmt: skip
"""Of the seven catalogues that are found, SWCAT comes first at the portal; here they are in the
order of their identifiers."""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("suite")
    hdp_site.unpacked(folder / "records", *HELD)
    (folder / "records/software.xml").write_bytes(hdp_site.SOFTWARE)
    settings = Settings(data=folder / "data")
    run(settings, (str(folder / "records"),))
    with hdp_site.served(settings) as (_, found):
        yield found


def repointed(source: str, endpoint: str) -> str:
    """A module of the suite that asks us, for records that we hold."""
    source = source.replace("http://localhost:8100/exist/restxq/", endpoint)
    head, start, catalogues = source.partition("def test_get_spase_catalog(")
    catalogues, end, tail = catalogues.partition("def test_get_spase_catalog_prior_id(")
    for theirs, ours in FIRST.items():
        catalogues = catalogues.replace(theirs, ours)
    source = head + start + catalogues + end + tail
    for theirs, ours in RENAMED.items():
        source = source.replace(theirs, ours)
    return source


@pytest.mark.parametrize(("name", "count"), [
    ("test_hdpws", 25), ("test_access_information", 2), ("test_access_url", 1),
    ("test_dateinterval", 1),
])  # fmt: skip
def test_the_suite_passes(
    endpoint: str, monkeypatch: pytest.MonkeyPatch, name: str, count: int
) -> None:
    # What its modules import to find the package beside them; it is installed here.
    context = types.ModuleType("context")
    context.__dict__["hdpws"] = importlib.import_module("hdpws")
    monkeypatch.setitem(sys.modules, "context", context)
    source = (Path(SUITE) / f"{name}.py").read_text("utf-8")
    module = types.ModuleType(f"suite_{name}")
    exec(compile(repointed(source, endpoint), f"{name}.py", "exec"), module.__dict__)
    told = io.StringIO()
    tests = unittest.defaultTestLoader.loadTestsFromModule(module)
    assert tests.countTestCases() >= count
    outcome = unittest.TextTestRunner(told).run(tests)
    assert outcome.wasSuccessful(), told.getvalue()
    assert not outcome.skipped
