"""What people do in the portal, with scripts switched off."""

from __future__ import annotations

import re

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser.journeys import SECONDS, follow, one


def total(driver: WebDriver) -> int:
    found = re.match(r"([\d,]+) records?", one(driver, "#results").text)
    assert found
    return int(found[1].replace(",", ""))


def test_search_restrict_release_read_and_go_to_the_observatory(
    plain: WebDriver, address: str
) -> None:
    plain.get(address)
    field = one(plain, "main input[name=q]")
    field.send_keys("magnetic field", Keys.ENTER)
    WebDriverWait(plain, SECONDS).until(expected.url_contains("/search?q=magnetic+field"))
    every = total(plain)

    choice = one(plain, ".facets .choice")
    told = int(choice.find_element(By.CSS_SELECTOR, ".choice-count").text.replace(",", ""))
    name = choice.find_element(By.CSS_SELECTOR, ".choice-name")
    chosen = name.text
    assert 0 < told < every
    follow(plain, name)
    assert total(plain) == told
    assert chosen in one(plain, ".chip").text

    follow(plain, one(plain, ".chip"))
    assert total(plain) == every
    assert not plain.find_elements(By.CSS_SELECTOR, ".chip")

    plain.get(f"{address}/search?q=ACE+MAG+Level+2+magnetic+field+16+second")
    follow(plain, one(plain, ".hit h3 a"))
    title = one(plain, "h1").text
    assert title.startswith("ACE MAG Level 2, magnetic field, 16 s averages")
    follow(plain, plain.find_element(By.XPATH, "//dt[.='Observatory']/following-sibling::dd/a"))
    assert plain.current_url.endswith("/records/spase/PARHELION/Observatory/ACE")
    plain.back()
    assert one(plain, "h1").text == title


def test_the_small_search_on_every_page(plain: WebDriver, address: str) -> None:
    plain.get(f"{address}/records/spase/PARHELION/Observatory/ACE")
    one(plain, "#quick-q").send_keys("Wind", Keys.ENTER)
    WebDriverWait(plain, SECONDS).until(expected.url_contains("/search?q=Wind"))
    assert total(plain) > 0


def test_ask_the_graph(plain: WebDriver, address: str) -> None:
    plain.get(f"{address}/sparql")
    follow(plain, plain.find_element(By.PARTIAL_LINK_TEXT, "Which reference frames are in use"))
    names = [row.text for row in plain.find_elements(By.CSS_SELECTOR, ".grid tbody td:first-child")]
    assert "frames:GSE" in names
    follow(plain, plain.find_element(By.LINK_TEXT, "frames:GSE"))
    assert plain.current_url.endswith("/vocabularies/frames/GSE")
    plain.back()

    ace = "spase://PARHELION/Observatory/ACE"
    area = one(plain, "#query")
    area.clear()
    area.send_keys(f"SELECT ?instrument WHERE {{ ?instrument ?hosted <{ace}> }}")
    follow(plain, plain.find_element(By.XPATH, "//button[text()='Ask by POST']"))
    follow(plain, plain.find_element(By.PARTIAL_LINK_TEXT, "PARHELION/Instrument/ACE/MAG"))
    assert one(plain, "h1").text.startswith("ACE Magnetometer")


def test_a_query_that_is_wrong_stays_in_the_form(plain: WebDriver, address: str) -> None:
    plain.get(f"{address}/sparql")
    area = one(plain, "#query")
    area.clear()
    area.send_keys("SELECT * {", Keys.ENTER, "?s ?p no:where }")
    follow(plain, plain.find_element(By.XPATH, "//button[text()='Ask']"))
    assert "The prefix 'no:' is not declared" in one(plain, "[role=alert]").text
    assert "no:where" in (one(plain, "#query").get_attribute("value") or "")
