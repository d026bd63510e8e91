"""axe-core finds nothing serious on the pages, wide and on a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.browser.axe import faults
from tests.browser.journeys import follow
from tests.web import made

WIDTHS = {"wide": 1280, "telephone": 390}
PAGES = (
    "/",
    "/search?q=ACE",
    "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S",
    "/records/ivo/parhelion.example/tap",
    "/sparql",
    "/validate",
    "/validate?record=spase://PARHELION/NumericalData/ACE/MAG/PT16S",
    "/quality",
    "/quality/records?verdict=valid",
    "/quality/records?verdict=invalid",
    "/quality/rules/reference.unknown",
    "/quality/rules/unit.spelling",
    "/quality/references",
    "/quality/quarantine",
    "/vocabularies/",
    "/vocabularies/frames",
    "/vocabularies/frames/GSE",
    "/graph",
    "/sources",
    "/nothing/here",
)


CASES = [("telephone", path) for path in PAGES]
# What hangs on the width shows on the pages that have columns.
CASES += [("wide", path) for path in ("/search?q=ACE", "/quality", "/validate")]


@pytest.fixture
def sized(browser: WebDriver, request: pytest.FixtureRequest) -> Iterator[WebDriver]:
    width = WIDTHS[request.param]
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize(("sized", "path"), CASES, indirect=["sized"])
def test_a_page_has_no_serious_fault(sized: WebDriver, address: str, path: str) -> None:
    sized.get(address + path)
    assert faults(sized) == []


@pytest.mark.parametrize("sized", ["telephone"], indirect=True)
def test_what_a_validation_shows_has_none(sized: WebDriver, address: str, tmp_path: Path) -> None:
    broken = made.repository("Repository/Sent", after="<Nope>x</Nope>")
    for name, content in (
        ("one", broken.replace("GeneralContact", "Genral")),
        ("cut", broken[:300]),
    ):
        (tmp_path / f"{name}.xml").write_text(content, "utf-8")
    for given in ("one.xml", "cut.xml", "one.xml\ncut.xml"):
        sized.get(f"{address}/validate")
        files = "\n".join(str(tmp_path / name) for name in given.split("\n"))
        sized.find_element(By.ID, "file").send_keys(files)
        follow(sized, sized.find_element(By.CSS_SELECTOR, "#file ~ button"))
        assert faults(sized) == [], given
        for button in sized.find_elements(By.CSS_SELECTOR, "button[name=how]")[:1]:
            follow(sized, button)
            assert faults(sized) == [], given


def test_axe_finds_what_is_wrong(browser: WebDriver) -> None:
    browser.get("data:text/html,<html lang='en'><title>x</title><img src='x'><input>")
    assert {one.split(":")[0] for one in faults(browser)} == {
        "critical image-alt",
        "critical label",
    }
