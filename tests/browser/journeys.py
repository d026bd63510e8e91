"""Steps that journeys through the portal are made of."""

from __future__ import annotations

from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions as expected
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 30


def follow(driver: WebDriver, element: WebElement) -> None:
    """Clicks, and waits for the page that it leads to."""
    before = driver.find_element(By.TAG_NAME, "html")
    element.click()
    # In the middle of the change Chromium may answer with an error of its own.
    wait = WebDriverWait(driver, SECONDS, ignored_exceptions=[WebDriverException])
    wait.until(expected.staleness_of(before))


def one(driver: WebDriver, selector: str) -> WebElement:
    return driver.find_element(By.CSS_SELECTOR, selector)
