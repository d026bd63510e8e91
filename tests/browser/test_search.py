"""The search as a person uses it: with scripts, without them, and on a telephone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.axe import faults
from tests.browser.journeys import SECONDS, follow, one
from tests.browser.test_journeys import total

TELEPHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


@pytest.fixture
def telephone(plain: WebDriver) -> Iterator[WebDriver]:
    plain.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", TELEPHONE)
    yield plain
    plain.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def journey(driver: WebDriver, address: str) -> None:
    """Search, restrict, remove, a span of time, the next page, a record, its observatory, back,
    export."""
    driver.get(f"{address}/search")
    everything = total(driver)
    one(driver, "#q").send_keys("field", Keys.ENTER)
    WebDriverWait(driver, SECONDS).until(expected.url_contains("q=field"))
    found = total(driver)
    assert 0 < found < everything

    choice = driver.find_element(By.CSS_SELECTOR, "[data-facet=kind] .choice")
    told = int(choice.find_element(By.CSS_SELECTOR, ".choice-count").text)
    follow(driver, choice.find_element(By.CSS_SELECTOR, ".choice-name"))
    assert total(driver) == told
    follow(driver, one(driver, ".chip"))
    assert total(driver) == found

    Select(one(driver, "#span")).select_by_value("covers")
    one(driver, "#from").send_keys("2003-10-28")
    one(driver, "#to").send_keys("2003-11-05")
    follow(driver, one(driver, ".search-form button"))
    assert "covers=2003-10-28%2F2003-11-05" in driver.current_url
    assert "Covers all of: 2003-10-28/2003-11-05" in one(driver, ".chip").text
    assert 0 < total(driver) < found

    driver.get(f"{address}/search?sort=name&limit=5")
    first = [each.text for each in driver.find_elements(By.CSS_SELECTOR, ".hit-id")]
    follow(driver, one(driver, "a[rel=next]"))
    second = [each.text for each in driver.find_elements(By.CSS_SELECTOR, ".hit-id")]
    assert len(first) == len(second) == 5
    assert not set(first) & set(second)

    driver.get(f"{address}/search?q=ACE+magnetic+16+second&kind=NumericalData")
    follow(driver, one(driver, ".hit h3 a"))
    title = one(driver, "h1").text
    follow(driver, driver.find_element(By.XPATH, "//dt[.='Observatory']/following-sibling::dd/a"))
    assert driver.current_url.endswith("/records/spase/PARHELION/Observatory/ACE")
    driver.back()
    assert one(driver, "h1").text == title
    driver.back()
    export = driver.find_element(By.LINK_TEXT, "CSV").get_attribute("href")
    with urlopen(str(export), timeout=SECONDS) as answer:
        assert len(answer.read().decode().splitlines()) == total(driver) + 1


def test_without_scripts(plain: WebDriver, address: str) -> None:
    journey(plain, address)


def test_on_a_telephone(telephone: WebDriver, address: str) -> None:
    journey(telephone, address)


def test_with_scripts_and_suggestions(browser: WebDriver, address: str) -> None:
    browser.get(f"{address}/search")
    field = one(browser, "#q")
    field.send_keys("magneto")
    waiting = WebDriverWait(browser, SECONDS)
    waiting.until(expected.visibility_of_element_located((By.CSS_SELECTOR, "#suggestions li")))
    assert field.get_attribute("aria-expanded") == "true"
    assert faults(browser) == []
    field.send_keys(Keys.ARROW_DOWN)
    marked = one(browser, "#suggestions li[aria-selected=true]")
    assert field.get_attribute("aria-activedescendant") == marked.get_attribute("id")
    text = str(marked.get_attribute("data-text"))
    before = one(browser, "html")
    field.send_keys(Keys.ENTER)
    waiting.until(expected.staleness_of(before))
    assert one(browser, "#q").get_attribute("value") == text
    said = [entry["message"] for entry in browser.get_log("browser")  # type: ignore[no-untyped-call]
            if entry["level"] == "SEVERE"]  # fmt: skip
    assert said == []


def test_the_pictures_are_shown(browser: WebDriver, address: str) -> None:
    browser.get(f"{address}/search?q=field")
    one(browser, ".pictures > summary").click()
    picture = one(browser, ".pictures img")
    WebDriverWait(browser, SECONDS).until(
        lambda _: int(str(picture.get_attribute("naturalWidth") or 0)) > 0
    )
    assert faults(browser) == []
    follow(browser, picture)
    assert re.search(r"/search/timeline\.svg\?q=field$", browser.current_url)


@pytest.mark.parametrize("path", [
    "/search?q=field&kind=NumericalData&region=-Sun&from=1998",
    "/search?q=interplanetery", "/search?region=Heliospere", "/search/values/region",
    "/search/similar?record=spase://PARHELION/NumericalData/ACE/MAG/PT16S",
])  # fmt: skip
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(browser: WebDriver, address: str, path: str, width: int) -> None:
    metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.get(address + path)
    browser.execute_script(
        "document.querySelectorAll('details').forEach(one => { one.open = true; })"
    )
    assert faults(browser) == []
    wide = browser.execute_script("return document.documentElement.scrollWidth")
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert wide <= width
