"""DOIs as a curator meets them: from signing in to a tombstone, wide and on a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver

from tests.browser.axe import faults
from tests.browser.conftest import BROWSER, DRIVER
from tests.browser.journeys import follow, one
from tests.web import made
from tests.whole.corpus import EXAMPLES
from tests.whole.running import Installation, wait_until
from tests.whole.serving import Served

SWE = "spase/PARHELION/NumericalData/Wind/SWE/PT92S.xml"
PATH = "/records/spase/PARHELION/NumericalData/Wind/SWE/PT92S"
LACKING = "/records/spase/PARHELION/Person/SPDF"
WIDTHS = (1280, 390)


@contextmanager
def trial(installation: Installation) -> Iterator[Served]:
    """A server with the stand-in for DataCite; ended with the block."""
    process = installation.start("serve", "--port", "0", "--trial-doi")
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        found = re.search(r"Parhelion answers at (http://127\.0\.0\.1:\d+)", lines[1])
        assert found, lines
        server = Served(installation, process, found[1])
        wait_until(lambda: server.get("/healthz")[0] == 200, process)
        yield server
    finally:
        process.terminate()
        process.communicate()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path, str]]:
    """The server, the folder whose records it took in, and a curator's token."""
    if not BROWSER or not DRIVER:
        pytest.skip("needs a browser: chromium and chromedriver are not installed")
    folder = tmp_path_factory.mktemp("doi")
    records = folder / "records"
    for name in (SWE, "spase/PARHELION/Person/SPDF.xml"):
        (records / name).parent.mkdir(parents=True, exist_ok=True)
        (records / name).write_bytes((EXAMPLES / name).read_bytes())
    installation = Installation(folder / "data", {"PARHELION_DOI__AUTHORITIES": '["PARHELION"]'})
    assert installation.run("ingest", str(records)).status == 0
    added = installation.run("access", "add", "Anna", "--role", "curator")
    token = re.search(r"^\s*(\S{30,})\s*$", added.out, re.MULTILINE)
    assert token, added.said
    with trial(installation) as server:
        yield server, records, token[1]


def looked_at(driver: WebDriver, name: str, seen: list[str]) -> None:
    """The page has no serious fault at any width, and is no wider than the window."""
    for width in WIDTHS:
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        assert faults(driver) == [], (name, width)
        shown = driver.execute_script("return document.documentElement.scrollWidth")
        assert shown <= width, (name, width)
        seen.append(f"{name}-{width}")
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def press(driver: WebDriver, words: str) -> None:
    follow(driver, driver.find_element(By.XPATH, f"//button[.='{words}']"))


def test_a_doi_from_its_mint_to_its_tombstone(
    browser: WebDriver, registry: tuple[Served, Path, str]
) -> None:
    server, records, token = registry
    seen: list[str] = []
    browser.get(f"{server.address}/sign-in")
    looked_at(browser, "sign-in", seen)
    one(browser, "input[name=token]").send_keys(token)
    press(browser, "Sign in")
    looked_at(browser, "signed-in", seen)

    browser.get(server.address + LACKING)
    assert "identified by an ORCID" in one(browser, "#doi").text
    looked_at(browser, "no-doi", seen)

    browser.get(server.address + PATH)
    looked_at(browser, "before", seen)
    if force := browser.find_elements(By.ID, "doi-force"):
        force[0].click()
    if year := browser.find_elements(By.ID, "doi-year"):
        year[0].send_keys("2020")
    press(browser, "Mint a DOI")
    assert browser.find_elements(By.CSS_SELECTOR, "#doi code"), one(browser, "main").text
    minted = one(browser, "#doi code").text
    assert minted.startswith("10.5072/")
    assert one(browser, "#doi .badge").text == "findable"
    looked_at(browser, "minted", seen)

    one(browser, "#doi-why").send_keys("It was minted to be looked at.")
    press(browser, "Hide it from searches")
    assert one(browser, "#doi .badge").text == "registered"
    browser.get(f"{server.address}/curate")
    looked_at(browser, "curate", seen)

    source = records / SWE
    text = source.read_text("utf-8")
    source.write_text(text.replace("<Description>", "<Description>Anew: ", 1), "utf-8")
    assert server.installation.run("ingest", str(records)).status == 0
    browser.get(server.address + PATH)
    newest = browser.find_elements(By.CSS_SELECTOR, "a[href*='?revision=']")[0]
    follow(browser, newest)
    assert browser.find_elements(By.CSS_SELECTOR, ".diff li")
    looked_at(browser, "revision", seen)

    source.write_text(made.repository("Repository/Instead"), "utf-8")
    assert server.installation.run("ingest", str(records)).status == 0
    browser.get(server.address + PATH)
    assert minted in one(browser, "main").text
    looked_at(browser, "deleted", seen)
    one(browser, "#doi-reason").send_keys("Its calibration was wrong.")
    press(browser, "Make a tombstone, hide the DOI")
    assert "Its calibration was wrong." in one(browser, "main").text
    looked_at(browser, "tombstone", seen)
    assert len(seen) == len(WIDTHS) * 9
