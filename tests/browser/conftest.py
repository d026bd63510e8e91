"""Chromium, driven as a person drives it, on a running server with the example records."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.remote.webdriver import WebDriver

from tests.whole.corpus import EXAMPLES
from tests.whole.running import Installation
from tests.whole.serving import served

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")

_QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not BROWSER or not DRIVER:
        pytest.skip("needs a browser: chromium and chromedriver are not installed")
    installation = Installation(tmp_path_factory.mktemp("browser") / "data")
    ended = installation.run("ingest", str(EXAMPLES))
    assert ended.status == 0, ended.said
    with served(installation) as server:
        yield server.address


@pytest.fixture(scope="module")
def browser(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """With scripts, so that the page can be measured, and with the console's messages."""
    with driven(tmp_path_factory.mktemp("profile")) as driver:
        yield driver


@pytest.fixture(scope="module")
def plain(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    """With scripts switched off."""
    with driven(tmp_path_factory.mktemp("plain")) as driver:
        driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        driver.get("data:text/html,<title>off</title><script>document.title='on'</script>")
        assert driver.title == "off"
        yield driver


@contextmanager
def driven(profile: Path) -> Iterator[WebDriver]:
    options = Options()
    options.binary_location = str(BROWSER)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for argument in (*_QUIET, f"--user-data-dir={profile}", "--window-size=1280,1000"):
        options.add_argument(argument)
    driver = webdriver.Chrome(options=options, service=Service(executable_path=DRIVER))
    driver.set_page_load_timeout(60)
    try:
        yield driver
    finally:
        driver.quit()
