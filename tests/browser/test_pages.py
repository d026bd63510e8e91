"""Pages as Chromium shows them: styled, without complaints, and no wider than a telephone."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from registry.web.sparql_examples import examples

TELEPHONE = 390  # CSS pixels: what most telephones have, or more
QUERY = {one.name: one.query for one in examples()}
PAGES = {
    "/": "The data of heliophysics",
    "/search?q=ACE": "Search",
    "/search?q=nosuchwordatall": "Search",
    "/records/spase/PARHELION/NumericalData/ACE/MAG/PT16S": "ACE MAG Level 2",
    "/records/spase/PARHELION/Observatory/ACE": "ACE",
    "/records/ivo/parhelion.example/tap": "Parhelion example TAP service",
    "/records/spase/PARHELION/No/Such/Record": "",
    "/vocabularies/frames": "Reference frames of heliophysics",
    "/sparql": "Ask the graph",
    f"/sparql?{urlencode({'query': QUERY['hapi']})}": "Ask the graph",
    f"/sparql?{urlencode({'query': QUERY['observatories']})}": "Ask the graph",
    f"/sparql?{urlencode({'query': 'SELECT * {'})}": "Ask the graph",
}


@pytest.fixture
def telephone(browser: WebDriver) -> Iterator[WebDriver]:
    metrics = {"width": TELEPHONE, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    yield browser
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_shown_without_complaints(browser: WebDriver, address: str, path: str) -> None:
    browser.get_log("browser")  # what came before is forgotten
    browser.get(address + path)
    heading = browser.find_element(By.TAG_NAME, "h1")
    assert PAGES[path] in (heading.get_property("textContent") or "")
    complaints = [one["message"] for one in browser.get_log("browser")]
    if (
        browser.execute_script(
            "return performance.getEntriesByType('navigation')[0].responseStatus"
        )
        >= 400
    ):
        complaints = [one for one in complaints if "the server responded with" not in one]
    assert complaints == []
    # The style has come through the Content-Security-Policy.
    top = browser.find_element(By.CSS_SELECTOR, "header.top")
    assert top.value_of_css_property("background-color") == "rgba(16, 37, 60, 1)"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_telephone(telephone: WebDriver, address: str, path: str) -> None:
    telephone.get(address + path)
    width = telephone.execute_script("return document.documentElement.clientWidth")
    assert width == TELEPHONE
    assert telephone.execute_script("return document.documentElement.scrollWidth") <= width
    wide = telephone.execute_script(
        """
        return [...document.querySelectorAll('main *')].filter(one =>
            one.getBoundingClientRect().right > arguments[0] + 1
            && !one.closest('.scroll, pre, textarea, .unseen, .editor')).map(one => one.outerHTML);
        """,
        width,
    )
    assert wide == []
