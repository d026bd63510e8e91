"""The list of well-known sources is complete and can be used as it stands."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from harvesters.archives import has_top_folder
from harvesters.well_known import ARCHIVE, OAI_PMH, WellKnown, well_known


@pytest.mark.parametrize("source", well_known().values(), ids=well_known())
def test_each_source_has_what_a_harvest_needs(source: WellKnown) -> None:
    parts = urlsplit(source.url)
    assert parts.scheme in ("http", "https")
    assert "." in (parts.hostname or "")
    assert len(source.description) > 10
    assert source.name == source.name.lower()
    if source.kind == OAI_PMH:
        assert source.prefix in ("ivo_vor", "spase")
    else:
        assert source.kind == ARCHIVE
        assert (source.prefix, source.set) == ("", "")
        assert has_top_folder(source.url)


def test_named_ones_are_there() -> None:
    wanted = {
        "hpde-nasa",
        "hpde-smwg",
        "hpde-cnes",
        "hpde-esa",
        "ivoa-rofr",
        "gavo",
        "cds",
        "esavo",
    }
    assert wanted <= set(well_known())


def test_no_address_stands_twice() -> None:
    addresses = [source.url for source in well_known().values()]
    assert len(addresses) == len(set(addresses))
