"""The editor of `/sparql`, with scripts: what is written in it is asked, and nothing is fetched."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

from registry.web.sparql import has_editor

pytestmark = pytest.mark.skipif(
    not has_editor(), reason="needs the editor of /sparql: make editor fetches it"
)
SECONDS = 30


def test_what_is_written_is_asked(browser: WebDriver, address: str) -> None:
    browser.get_log("browser")  # what was said before
    browser.get(f"{address}/sparql")
    wait = WebDriverWait(browser, SECONDS)
    wait.until(expected.presence_of_element_located((By.CSS_SELECTOR, ".editor .CodeMirror")))
    assert not browser.find_element(By.ID, "query").is_displayed()
    keyword = browser.find_element(By.CSS_SELECTOR, ".editor .cm-keyword")
    assert keyword.text.upper() in ("PREFIX", "SELECT")
    query = "ASK { ?s a <http://www.w3.org/ns/dcat#Dataset> }"
    browser.execute_script(
        "document.querySelector('.CodeMirror').CodeMirror.setValue(arguments[0])", query
    )
    inside = browser.find_element(By.CSS_SELECTOR, ".CodeMirror textarea")
    before = browser.find_element(By.TAG_NAME, "html")
    inside.send_keys(Keys.CONTROL, Keys.ENTER)
    wait.until(expected.staleness_of(before))
    assert browser.find_element(By.CSS_SELECTOR, ".answer-yes").text == "Yes"
    # Neither the policy nor the network was hurt.
    assert [one for one in browser.get_log("browser") if one["level"] == "SEVERE"] == []


def test_the_keyboard_gets_out_of_the_editor(browser: WebDriver, address: str) -> None:
    browser.get(f"{address}/sparql")
    wait = WebDriverWait(browser, SECONDS)
    wait.until(expected.presence_of_element_located((By.CSS_SELECTOR, ".editor .CodeMirror")))
    browser.find_element(By.CSS_SELECTOR, ".CodeMirror textarea").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("id") == "format"
