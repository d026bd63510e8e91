"""The code that pages show for loading data calls what the clients' packages have."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path

import pytest

from mappings.from_voresource import from_voresource
from mappings.to_snippets import to_snippets
from tests.mappings.client_calls import Sources
from tests.mappings.real_records import spase, spase_names, voresource_roots
from tests.shared import needs_shared

FOLDER = os.environ.get("PARHELION_TEST_CLIENTS", "")
CLIENTS = {"hapiclient", "cdasws", "pyvo", "speasy", "sscws", "pyspedas", "sunpy"}

needs_clients = pytest.mark.skipif(
    not FOLDER,
    reason="needs the clients' sources: pip install --no-deps --target FOLDER "
    "hapiclient cdasws pyvo speasy sscws pyspedas sunpy, and PARHELION_TEST_CLIENTS=FOLDER",
)


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources(Path(FOLDER))


@needs_shared
@needs_clients
def test_snippets_of_real_records_call_what_there_is(sources: Sources) -> None:
    names = [str(name).removesuffix(".xml") for _, name in spase_names() if "Data/" in name]
    random.Random(20).shuffle(names)
    # Those with positions and those of the VSO are few.
    rare = [name for name in names if "/Ephemeris/" in name or "/STEREO" in name][:40]
    records = [spase(name) for name in [*names[:60], *rare]]
    records += [from_voresource(root) for root in voresource_roots()[:60]]
    asked: Counter[str] = Counter()
    for record in records:
        for way in to_snippets(record):
            for one in way.snippets:
                if one.language == "Python":
                    compile(one.code, one.client, "exec")
                    assert sources.faults(one.code) == [], (record.identifier, one.code)
                    asked[one.client] += 1
    assert asked.keys() >= CLIENTS, asked
    assert sum(asked.values()) > 100


@needs_clients
@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("from hapiclient import happy", "there is no module hapiclient.happy"),
        ("import nowhere", "there is no module nowhere"),
        ("import pyspedas\npyspedas.hapi(time=[])", "hapi takes no argument time"),
        ("import pyspedas\npyspedas.hapy()", "there is no module pyspedas.hapy"),
        ("from cdasws import CdasWs\nc = CdasWs()\nc.get_dat('A')", "CdasWs has no get_dat"),
        (
            "from cdasws import CdasWs\nc = CdasWs()\nc.get_data('A')",
            "get_data needs variables, time0",
        ),
        (
            "from sunpy.net import attrs as a\na.cdaweb.Set('A')",
            "there is no module sunpy.net.cdaweb.attrs.Set",
        ),
        (
            "from sunpy.net import Fido\nFido.look()",
            "UnifiedDownloaderFactory has no look",
        ),
        (
            "import pyvo\ns = pyvo.dal.TAPService('x')\ns.seek('y')",
            "TAPService has no seek",
        ),
    ],
)
def test_what_is_not_there_is_told(sources: Sources, code: str, fault: str) -> None:
    (told,) = sources.faults(code)
    assert told.endswith(fault)
