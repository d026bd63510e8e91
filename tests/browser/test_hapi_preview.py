"""Data of a HAPI server drawn in a record's page: time chosen, units and gaps, and what refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.browser.axe import faults
from tests.browser.conftest import BROWSER, DRIVER
from tests.browser.hapi_server import HapiServer, hapi_server
from tests.whole.corpus import EXAMPLES
from tests.whole.running import Installation
from tests.whole.serving import served

WIND = EXAMPLES / "spase/PARHELION/NumericalData/Wind/MFI/PT3S.xml"
PATH = "/records/spase/PARHELION/NumericalData/Wind/MFI/"
CDAWEB = "https://cdaweb.gsfc.nasa.gov/hapi"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry with three records of one dataset, each at another HAPI server."""
    if not BROWSER or not DRIVER:
        pytest.skip("needs a browser: chromium and chromedriver are not installed")
    folder = tmp_path_factory.mktemp("hapi")
    with hapi_server() as server:
        for place in ("v2", "v3", "closed"):
            text = WIND.read_text("utf-8").replace("MFI/PT3S<", f"MFI/{place}<")
            text = text.replace(CDAWEB, f"{server}/{place}/hapi")
            (folder / f"{place}.xml").write_text(text, "utf-8")
        installation = Installation(folder / "data")
        ended = installation.run("ingest", str(folder))
        assert ended.status == 0, ended.said
        with served(installation) as running:
            yield running.address


def drawn(browser: WebDriver, address: str, start: str = "", stop: str = "") -> str:
    """Asks for the drawing, and gives what is said of it."""
    browser.get(address)
    for name, value in (("start", start), ("stop", stop)):
        if value:
            field = browser.find_element(By.ID, f"hapi-0-{name}")
            field.clear()
            field.send_keys(value)
    browser.find_element(By.CSS_SELECTOR, ".hapi button").click()
    return said(browser)


def said(browser: WebDriver) -> str:
    wait = WebDriverWait(browser, 30)
    return str(wait.until(lambda _: _told(browser)))


def _told(browser: WebDriver) -> str:
    text = browser.find_element(By.CSS_SELECTOR, ".hapi-said").text
    return "" if text.startswith("Asking") else text


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_day_is_drawn_with_its_gaps(browser: WebDriver, site: str, version: str) -> None:
    browser.get_log("browser")
    told = drawn(browser, site + PATH + version, "2003-10-28", "2003-10-29T00:00Z")
    # 22 of 24 hours; the fill values of the records 7, 207 … 1407, less the one in the gap.
    assert told.startswith("1,320 records from 2003-10-28T00:00:00Z to 2003-10-29T00:00:00Z")
    assert "21 of 3,960 values are missing" in told
    picture = browser.find_element(By.CSS_SELECTOR, "svg.hapi-plot")
    label = picture.get_attribute("aria-label") or ""
    assert label.startswith("BGSE in nT, 2003-10-28T00:00:00Z to 2003-10-29T00:00:00Z, from -")
    # Each line is cut by the gap and by the seven values that are missing.
    lines = browser.find_elements(By.CSS_SELECTOR, ".hapi-plot .line-0")
    assert len(lines) == 1 + 9
    texts = [one.text for one in browser.find_elements(By.CSS_SELECTOR, ".hapi-plot text")]
    assert {"BGSE in nT", "Bx", "By", "Bz", "12:00", "10", "-10"} <= set(texts)
    # A server of HAPI 3 refuses the first question, which is put in the words of HAPI 2.
    complaints = [one["message"] for one in browser.get_log("browser")]
    assert [one for one in complaints if "status of 400" not in one] == []
    assert len(complaints) == (version == "v3")
    assert faults(browser) == []


def test_another_parameter_is_drawn_when_it_is_chosen(browser: WebDriver, site: str) -> None:
    drawn(browser, f"{site}{PATH}v3", "2003-10-28", "2003-10-28T01:00Z")
    chosen = Select(browser.find_element(By.ID, "hapi-0-parameter"))
    assert [one.text for one in chosen.options] == ["N", "BGSE (nT)"]
    HapiServer.asked.clear()
    chosen.select_by_value("N")
    WebDriverWait(browser, 30).until(
        lambda _: browser.find_elements(By.CSS_SELECTOR, ".hapi-plot[aria-label^='N,']")
    )
    ((_, query),) = HapiServer.asked
    assert query == {
        "dataset": "WI_H0_MFI", "parameters": "N", "format": "csv",
        "start": "2003-10-28T00:00:00Z", "stop": "2003-10-28T01:00:00Z",
    }  # fmt: skip


def test_a_long_time_is_cut_to_what_can_be_drawn(browser: WebDriver, site: str) -> None:
    told = drawn(browser, f"{site}{PATH}v3", "2003-01-01", "2004-01-01")
    # 20,000 minutes.
    assert "to 2003-01-14T21:20:00Z" in told
    assert "the time was cut to what can be drawn" in told


@pytest.mark.parametrize(
    ("start", "stop", "words"),
    [
        ("yesterday", "2004-01-01", "Write times as 2003-10-28T06:00:00Z."),
        ("1980-01-01", "1981-01-01", "The server has data from 1994-11-12T16:00:00Z"),
        ("2003-10-28T10:30Z", "2003-10-28T11:00Z", "There are no data from"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    browser: WebDriver, site: str, start: str, stop: str, words: str
) -> None:
    assert words in drawn(browser, f"{site}{PATH}v3", start, stop)
    assert not browser.find_elements(By.CSS_SELECTOR, ".hapi-plot")


def test_a_server_that_lets_no_page_in_leaves_the_links(browser: WebDriver, site: str) -> None:
    told = drawn(browser, f"{site}{PATH}closed")
    assert "Your browser does not reach the server" in told
    links = browser.find_elements(By.CSS_SELECTOR, ".way-to .forms a")
    assert "As CSV" in [one.text for one in links]


def test_without_a_script_there_is_nothing_to_press(plain: WebDriver, site: str) -> None:
    plain.get(f"{site}{PATH}v3")
    assert not plain.find_elements(By.CSS_SELECTOR, ".hapi *")
